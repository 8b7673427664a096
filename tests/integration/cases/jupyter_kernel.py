import json

from harness import case, same


@case("jupyter_kernel: an environment becomes a kernel of its user, once", layer="python", weight=60)
def kernel(box):
    box.user("alice")
    box.sh("python3 -m venv /home/alice/env && /home/alice/env/bin/pip install -q ipykernel && chown -R alice: /home/alice/env")
    box.converge("""
        - name: kernel
          jupyter_kernel: {venv: /home/alice/env, name: Lab, display_name: "The lab's Python"}
          become: true
          become_user: alice
    """, changes=["kernel"])
    spec = json.loads(box.read("/home/alice/.local/share/jupyter/kernels/lab/kernel.json"))
    same((spec["argv"][0], spec["display_name"]), ("/home/alice/env/bin/python", "The lab's Python"), "the kernel")
    same(box.sh("stat -c %U /home/alice/.local/share/jupyter/kernels/lab/kernel.json").strip(), "alice", "owner")
    box.converge("""
        - name: another name in the menu
          jupyter_kernel: {venv: /home/alice/env, name: lab, display_name: Two}
          become: true
          become_user: alice
    """, changes=["another name in the menu"])
    box.converge("""
        - name: gone
          jupyter_kernel: {name: lab, state: absent}
          become: true
          become_user: alice
    """, changes=["gone"])
    assert box.run("test -e /home/alice/.local/share/jupyter/kernels/lab").code != 0

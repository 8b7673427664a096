import os
import subprocess
import tempfile

from harness import case, hosts, layers, machine, same


@case("front door: a fresh machine, a clone, ./dev run, and a PyTorch that works", weight=600, kind="stage")
def fresh_clone(stage):
    """What the README promises, from nothing. Builds with this machine's compiler cache where there is one."""
    if stage.is_bundle:
        raise machine.Unusable("it tries a build of its own, and no bundle")
    with tempfile.TemporaryDirectory(prefix="agent-clone-") as clone:
        # The working tree as it is, changes included, without anything that git ignores.
        listed = subprocess.run(["git", "-c", f"safe.directory={stage.source}", "-C", stage.source, "ls-files", "-z", "--cached", "--others",
                                 "--exclude-standard"], stdout=subprocess.PIPE, check=True).stdout
        subprocess.run(["tar", "-C", stage.source, "--null", "--ignore-failed-read", "-T", "-", "-cf", f"{clone}/tree.tar"],
                       input=listed, check=True, stderr=subprocess.DEVNULL)
        cache = os.environ.get("CCACHE_DIR") or os.path.expanduser("~/.cache/ccache")
        binds = [(clone, "/mnt/clone")] + ([(cache, "/mnt/ccache")] if os.path.isdir(cache) else [])
        with hosts.LightHost(layers.bookworm(), "fresh", binds) as host:
            host.must("rm -rf /var/lib/apt/lists/* && mkdir /root/agent && tar -C /root/agent -xf /mnt/clone/tree.tar")
            environment = {"CCACHE_DIR": "/mnt/ccache", "CCACHE_READONLY": "1", "CCACHE_TEMPDIR": "/tmp"} if os.path.isdir(cache) else {}
            first = host.run("cd /root/agent && ./dev run", env=environment, timeout=2400)
            assert first.code == 0 and "failed=0" in first.out, f"./dev run: {first.code}\n{first.all[-6000:]}"
            host.must(["/root/ml/env/bin/python", "-c", "import torch"])
            second = host.run("cd /root/agent && ./dev run", env=environment, timeout=600)
            assert second.code == 0 and "changed=0" in second.out, f"./dev run again: {second.code}\n{second.all[-6000:]}"
            checked = host.run("cd /root/agent && ./dev run --check", env=environment, timeout=600)
            same(checked.code, 0, f"./dev run --check: {checked.all[-3000:]}")

import contextlib
import json
import subprocess
import tempfile

from harness import Outcome, case, hosts, machine, same

PLAYBOOK = "/opt/agent/share/agent/playbooks/container-workstation.yml"


@contextlib.contextmanager
def tree_of(layer):
    """A layer of the test bed as one folder of this machine."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["mount", "-t", "overlay", "overlay", "-o", f"ro,lowerdir={layer.lower}", folder], check=True)
        try:
            yield folder
        finally:
            subprocess.run(["umount", "-l", folder], check=True)


@case("playbook container-workstation: a JupyterLab image is built, started on a real engine, and answers", weight=200, kind="stage")
def container_workstation(stage):
    with tree_of(stage.layer("python")) as tree, \
            hosts.SystemdHost(stage.layer("systemd"), "agent-sd5", 35, [(str(stage.agent), "/opt/agent"), (tree, "/srv/base")],
                              privileged=True) as host:
        # No firewall and no bridge, for the kernel of a test bed; images in memory, since its root is an overlay already.
        host.must("mkdir -p /var/lib/docker && mount -t tmpfs docker /var/lib/docker")
        settings = {"lab_token": "open-sesame", "docker_source": "distribution", "docker_daemon": {"iptables": False, "bridge": "none"},
                    "lab_network": "host", "lab_port": 8899, "base_image": "base:1", "lab_packages": ["jupyterlab"], "torch_version": "",
                    "lab_uid": 1234, "pip_conf": machine.pip_settings()}
        host.write("/srv/settings.json", json.dumps(settings))

        def agent(command, *more):
            return Outcome(f"agent {command}", host.run(f"/opt/agent/bin/agent {command} {PLAYBOOK} -e @/srv/settings.json --format jsonl "
                                                        + " ".join(more), timeout=1800))

        ready = agent("run", "-t", "docker")
        same(ready.code, 0, f"exit code of\n{ready}")
        # No registry can be reached: the base image is one of this test bed's own roots.
        host.must("tar -C /srv/base --exclude=./proc --exclude=./sys -c . | docker import - base:1")

        before = agent("check")
        same((before.code, before.named("failed")), (3, []), f"exit code and failures of\n{before}")
        run = agent("run")
        same(run.code, 0, f"exit code of\n{run}")
        assert "JupyterLab" in run.named("changed"), run
        assert "skipping driver and container toolkit" in run.task("No GPU part")["result"]["msg"], "it says why the GPU part is skipped"
        again = agent("run")
        same((again.code, again.named("changed")), (0, []), f"what the second run changed\n{again}")

        ask = "docker exec {} python -c 'import urllib.request as u; print(u.urlopen(\"http://127.0.0.1:8899/{}\").read().decode())'"
        name = host.must("docker ps --format '{{.Names}}'").strip()
        assert json.loads(host.must(ask.format(name, "api")))["version"], "the server answers on its port"
        assert host.run(ask.format(name, "api/contents")).code != 0, "without the token it shows nothing"
        host.must(ask.format(name, "api/contents?token=open-sesame"))
        # What is written in the container is there outside, and belongs to its user; the data can only be read.
        host.must(f"docker exec {name} touch /workspace/notebook.ipynb")
        same(host.must("stat -c %u /srv/lab/workspace/notebook.ipynb").strip(), "1234", "owner of a new file")
        assert host.run(f"docker exec {name} touch /datasets/x").code != 0, "the datasets are read-only inside"
        same(host.must("stat -c %a /srv/lab/.env").strip(), "600", "mode of the file with the token")

        changed = agent("run", "-e", "lab_token=another-token")
        same(changed.named("changed"), ["JupyterLab"], f"what another token changes\n{changed}")

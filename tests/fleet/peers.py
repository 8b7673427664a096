"""What others do with 30 tasks that have nothing to do, on the hosts of a controller: ansible-playbook with pipelining, and pyinfra.
Each opens its connections anew, and keeps them for all of its tasks, as it does by default.
"""
import pathlib
import subprocess
import sys
import tempfile

import bed

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from environments import python_with  # noqa: E402

WANTED = pathlib.Path(__file__).resolve().parent / "peers.txt"

# The tasks of bench.py. `command` with `creates` has no counterpart: here it is a shell that looks by itself.
DEPLOY = """
import io
from pyinfra.operations import apt, files, python, server

for n, package in enumerate({packages}):
    files.directory(path=f"/srv/d{{n}}")
    files.put(src=io.StringIO("x\\n"), dest=f"/srv/x{{n}}", mode="644")
    files.line(path=f"/srv/x{{n}}", line="x")
    server.shell(commands=[f"test -e /srv/x{{n}} || /bin/false"])
    python.call(function=lambda: None)
    apt.packages(packages=[package])
"""


def fetch():
    """Whatever has to be fetched, while there is a network."""
    python_with(), python_with(WANTED)


class Ansible:
    """ansible-playbook; a play of its own language is what it is given."""

    name, bar = "ansible-playbook with pipelining", 40

    def __init__(self, controller, playbook, inventory, forks):
        self.controller, self.folder = controller, python_with().parent
        self.command = [self.folder / "ansible-playbook", "-i", inventory, "--forks", str(forks), playbook]

    def run(self, on_all=True):
        limit = [] if on_all else ["--limit", next(iter(self.controller.hosts))]
        # A folder of its own for the sockets: no connection is one of an earlier run.
        with tempfile.TemporaryDirectory(prefix="cp-") as sockets:
            environment = dict(self.controller.environment(), PATH=f"{self.folder}:{bed.hosts.PATH}", ANSIBLE_PIPELINING="True",
                               ANSIBLE_HOME=str(self.controller.folder / "ansible"), ANSIBLE_SSH_CONTROL_PATH_DIR=sockets,
                               ANSIBLE_PYTHON_INTERPRETER="/usr/bin/python3")
            try:
                expect(self.command + limit, environment, "changed=0", len(self.controller.hosts) if on_all else 1)
            finally:
                for socket in pathlib.Path(sockets).iterdir():
                    subprocess.run(["ssh", "-O", "exit", "-o", f"ControlPath={socket}", "-"], stderr=subprocess.DEVNULL)


class Pyinfra:
    """pyinfra, with a deploy of the same tasks."""

    name, bar = "pyinfra", 15

    def __init__(self, controller, packages, forks):
        self.controller = controller
        machines = [(host.address, {"ssh_user": "root", "ssh_key": str(controller.folder / "key"), "ssh_look_for_keys": False,
                                    "ssh_known_hosts_file": str(controller.known), "ssh_strict_host_key_checking": "yes"})
                    for host in controller.hosts.values()]
        inventory = controller.write("inventory.py", f"fleet = {machines!r}\n")
        deploy = controller.write("deploy.py", DEPLOY.format(packages=packages))
        self.command = [python_with(WANTED).parent / "pyinfra", "-y", "--parallel", str(forks), inventory, deploy]

    def run(self, on_all=True):
        limit = [] if on_all else ["--limit", next(iter(self.controller.hosts.values())).address]
        expect(self.command + limit, self.controller.environment(), "Connected", len(self.controller.hosts) if on_all else 1)


def expect(command, environment, text, times):
    """Runs a command that has to succeed on all hosts."""
    done = subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True)
    if done.returncode or done.stdout.count(text) != times:
        sys.exit(f"bench: {' '.join(map(str, command))} ended with {done.returncode}\n{done.stdout[-4000:]}")

"""Logins with a password: asked for by ssh, answered by us, and seen by nobody else."""
import glob
import threading

from bed import case, same, says
from cases.parcels import ends

CANARY = "canary-7f31c9"

PLAY = """
    - hosts: fleet
      gather_facts: false
      tasks:
        - name: who
          command: id -un
          changed_when: false
"""


class Sampler:
    """Looks into every process's arguments and environment while something runs."""

    def __init__(self):
        self.found, self.looks, self.is_over = set(), 0, threading.Event()
        self.thread = threading.Thread(target=self.look)

    def look(self):
        while not self.is_over.is_set():
            for file in glob.glob("/proc/[0-9]*/cmdline") + glob.glob("/proc/[0-9]*/environ"):
                try:
                    with open(file, "rb") as opened:
                        if CANARY.encode() in opened.read():
                            self.found.add(file.rsplit("/", 1)[1])
                except OSError:
                    pass
            self.looks += 1

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.is_over.set()
        self.thread.join()


def fleet(controller):
    web, = controller.up("web")
    web.must("chpasswd", stdin=f"alice:{CANARY}\n")
    web.must("rm /home/alice/.ssh/authorized_keys")
    (controller.folder / "ssh_config").write_text(f"UserKnownHostsFile {controller.known}\nIdentityFile none\n")
    return web, controller.write("who.yml", PLAY)


@case("a password of the inventory, or of a file, logs in, and stands in no argument and no environment")
def password(controller):
    web, play = fleet(controller)
    (controller.folder / "password").write_text(CANARY + "\n")
    with Sampler() as sampler:
        of_inventory = controller.run("run", play, "-i", controller.inventory("alice", ansible_password=CANARY), "-vvvv")
        of_file = controller.run("run", play, "-i", controller.inventory("alice"), "--connection-password-file",
                                 controller.folder / "password", "-vvvv")
    for run in (of_inventory, of_file):
        ends(run, 0)
        same(run.one("web", "who")["result"]["stdout"], "alice", "who logged in")
        assert CANARY not in run.text, "the password is shown"
    assert sampler.looks > 3, "nobody looked"
    same(sampler.found, set(), "where the password was seen")


@case("a wrong password is an unreachable host, and said so")
def wrong(controller):
    web, play = fleet(controller)
    run = controller.run("run", play, "-i", controller.inventory("alice", ansible_password="not-it"))
    ends(run, 4)
    says(run, "does not let 'alice' in with this password", "the password is wrong")
    none = controller.run("run", play, "-i", controller.inventory("alice"))
    ends(none, 4)
    says(none, "has to work without a password")

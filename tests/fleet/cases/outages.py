"""The link is down in the middle of a real package installation; a person stops a fleet."""
import shutil
import signal
import subprocess
import time

import machine
from bed import case, same, says
from cases import survival

APT = """
    - hosts: fleet
      gather_facts: false
      tasks:
        - name: package
          apt: {deb: /srv/toy.deb}
          notify: told
        - name: after
          shell: echo after >>/srv/log
      handlers:
        - name: told
          shell: echo told >>/srv/log
"""
# Set up once, and slowly.
POSTINST = """#!/bin/sh
echo begun >>/srv/log
while [ ! -e /srv/go ]; do sleep 0.1; done
"""


def toy_package(controller):
    folder = controller.folder / "toy"
    (folder / "DEBIAN").mkdir(parents=True)
    (folder / "DEBIAN/control").write_text("Package: toy\nVersion: 1\nArchitecture: all\nMaintainer: nobody <n@example.org>\n"
                                           "Description: toy\n")
    script = folder / "DEBIAN/postinst"
    script.write_text(POSTINST)
    script.chmod(0o755)
    package = controller.folder / "toy.deb"
    subprocess.run(["dpkg-deb", "--root-owner-group", "--build", folder, package], check=True, stdout=subprocess.DEVNULL)
    return package


def cut(host, is_cut):
    for way in ("-d", "-s"):
        subprocess.run(["iptables", "-I" if is_cut else "-D", "INPUT", way, host.address, "-j", "DROP"], check=True)


@case("outages: the link is down for 5 s, for 30 s and for good while apt works; each is done once, and told once")
def in_apt(controller):
    if not shutil.which("iptables") or not shutil.which("dpkg-deb"):
        raise machine.Unusable("there is no iptables to cut a line with, or no dpkg-deb")
    short, long, ever = controller.up("short", "long", "ever")
    controller.keeps_history = True
    package = toy_package(controller)
    for host in (short, long, ever):
        shutil.copy(package, host.path("/srv/toy.deb"))
    command, process = controller.start("run", controller.write("apt.yml", APT), "-i", controller.inventory(), "--reconnect", "40")
    for host in (short, long, ever):
        controller.wait_for_task(lambda host=host: host.path("/srv/log").exists(), f"the package on {host.name}")
    began = time.monotonic()
    for host in (short, long, ever):
        cut(host, True)
    ever.stop_sshd()  # it is not there any more when the line is back
    time.sleep(5)
    cut(short, False)
    for host in (short, long, ever):
        host.must("touch /srv/go")
    time.sleep(max(0, began + 30 - time.monotonic()))
    cut(long, False)
    cut(ever, False)
    run = controller.finish(command, process)
    same(run.code, 4, f"exit code of\n{run}")
    for name in ("short", "long"):
        for task in ("package", "after", "told"):
            same(run.one(name, task)["status"], "changed", f"'{task}' on {name}")
    same(run.one("ever", "package")["status"], "unreachable", "the status on the one that stays away")
    says(run, "the link to 'long' broke", "'long' is back")
    ever.start_sshd()
    resumed = controller.run("resume", survival.run_of(controller))
    same(resumed.code, 0, f"exit code of\n{resumed}")
    for host in (short, long, ever):
        same(host.read("/srv/log"), "begun\nafter\ntold\n", f"what was done on {host.name}")
        same(host.must("dpkg-query -W -f '${Status}' toy"), "install ok installed", f"the package on {host.name}")


@case("outages: Ctrl-C stops all hosts at the end of the task at hand, a second one the controller at once")
def stopped(controller):
    (one, two), command, process = survival.begin(controller, "one", "two")
    two.must("touch /srv/go")
    controller.wait_for(lambda: "told" in survival.log_of(two), "the end of two")
    process.send_signal(signal.SIGINT)
    time.sleep(2)  # so that it is known there before the task ends
    one.must("touch /srv/go")
    run = controller.finish(command, process)
    same(run.code, 130, f"exit code of\n{run}")
    controller.wait_for(lambda: not one.processes(), "the end of the agent on one")
    same(survival.log_of(one), ["first", "a", "b", "slow"], "what was done on one")

    one.must("rm /srv/go")
    one.must("echo again >>/srv/log")
    name = survival.run_of(controller)
    resumed = controller.run("resume", name)
    same(resumed.code, 0, f"exit code of\n{resumed}")
    same(survival.log_of(one), ["first", "a", "b", "slow", "again", "more", "told", "second hello out"], "what was done on one")
    same(survival.log_of(two), survival.LOG, "what was done on two")


@case("outages: a second Ctrl-C ends the controller at once; the host finishes its task, and can be resumed")
def stopped_at_once(controller):
    (one,), command, process = survival.begin(controller, "one")
    for _ in range(2):
        process.send_signal(signal.SIGINT)
        time.sleep(2)
    run = controller.finish(command, process)
    same(run.code, 130, f"exit code of\n{run}")
    one.must("touch /srv/go")
    controller.wait_for(lambda: not one.processes(), "the end of the agent on one")
    same(survival.log_of(one), ["first", "a", "b", "slow"], "what was done on one")
    resumed = controller.run("resume", survival.run_of(controller))
    same(resumed.code, 0, f"exit code of\n{resumed}")
    same(survival.log_of(one), survival.LOG, "what was done on one")

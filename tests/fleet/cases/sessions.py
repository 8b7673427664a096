"""A real logind that ends what a login leaves behind (KillUserProcesses): a run outlives its link all the same, where root or a
manager of the user's own can have it.
"""
import shutil

import layers
import machine
from bed import PATIENCE, case, same, says

SLOW = """
    - hosts: fleet
      gather_facts: false
      tasks:
        - {name: first, become: {first}, command: "true", changed_when: false}
        - name: slow
          become: {become}
          shell: "echo x >>/srv/started; while [ ! -e /srv/go ]; do sleep 0.1; done"
        - name: after
          become: {become}
          shell: echo x >>/srv/after
"""
QUICK = """
    - hosts: fleet
      gather_facts: false
      tasks:
        - {name: once, shell: id -un}
        - {name: again, shell: id -un}
"""
THREAT = "ends a user's processes with the login"

# A user's own systemd is not ended with the last login: what runs in a container here does not see it end for minutes, and
# nobody is let in meanwhile. Of sessions it says nothing.
RULES = "[Login]\nKillUserProcesses=yes\nUserStopDelaySec=infinity\n"


def up(controller):
    if not shutil.which("podman"):
        raise machine.Unusable("there is no podman")
    host = controller.up_systemd("fleetlogin", 41, layers.sessions())
    host.must("useradd --create-home --shell /bin/bash alice && mkdir -p -m 700 /home/alice/.ssh && chown alice: /home/alice/.ssh && "
              "chmod 777 /srv && echo '127.0.0.1 fleetlogin' >>/etc/hosts")
    host.write("/home/alice/.ssh/authorized_keys", controller.public_key, mode=0o600, owner="alice")
    host.write("/etc/sudoers.d/alice", "alice ALL=(ALL:ALL) NOPASSWD: ALL\n", mode=0o440)
    host.write("/etc/systemd/logind.conf.d/50-kill.conf", RULES)
    host.must("systemctl restart systemd-logind")
    return host


def scopes(host):
    """Where the agents are, as systemd names it."""
    return host.must("for p in $(pgrep -x agent); do grep -h -e '^[0-9]*:name=systemd:' -e '^0::' /proc/$p/cgroup | "
                     "sed -n '1s,.*/,,p'; done").split()


def cut(host):
    """Ends every session of the server, as when the machine's network were cut, and waits until nothing is left in them."""
    host.must("systemctl stop ssh; pkill -x sshd; while cat /proc/[0-9]*/cgroup 2>/dev/null | grep -q '/session-[^/]*[.]scope'; "
              "do sleep 0.1; done", timeout=PATIENCE)


def outlives(controller, host, become, first=None, told=0):
    """A run whose link is cut in its second task, and what came of it."""
    host.must("rm -f /srv/*")
    playbook = controller.write("slow.yml", SLOW.replace("{become}", become).replace("{first}", first or become))
    command, process = controller.start("run", playbook, "-i", controller.inventory("alice"))
    controller.wait_for_task(lambda: host.run("test -e /srv/started").code == 0, "the task")
    where = scopes(host)
    cut(host)
    host.must("touch /srv/go; systemctl start ssh")
    run = controller.finish(command, process)
    same(run.code, 0, f"exit code of\n{run}")
    for task in ("slow", "after"):
        same(run.one(host.name, task)["status"], "changed", f"'{task}'")
    for file in ("started", "after"):
        same(host.must(f"cat /srv/{file}"), "x\n", f"how often /srv/{file} was written")
    says(run, f"the link to '{host.name}' broke", f"'{host.name}' is back")
    same(run.text.count(THREAT), told, f"how often it says that the run would end with its link\n{run.text}\n")
    assert where and all(one.startswith("agent-") for one in where), f"the agent was in {where}"


@case("sessions: where logind ends a user's processes with the login, a run outlives its link by root's or by a lingering user's systemd")
def outlived(controller):
    host = up(controller)
    quick = controller.write("quick.yml", QUICK)
    run = controller.run("run", quick, "-i", controller.inventory("alice"))
    same(run.code, 0, f"exit code of\n{run}")
    same(run.text.count(THREAT), 1, f"how often a person is told, where nobody became root\n{run.text}\n")
    says(run, "loginctl enable-linger alice", "agent resume")
    assert THREAT not in controller.run("check", quick, "-i", controller.inventory("alice"), "--wall", "none").text, "a check says it"
    assert THREAT not in controller.run("run", quick, "-i", controller.inventory("root")).text, "it is said to root"
    outlives(controller, host, become="true")
    outlives(controller, host, first="false", become="true", told=1)
    host.must("loginctl enable-linger alice")
    outlives(controller, host, become="false")

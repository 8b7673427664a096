"""A real systemd that is really rebooted in a play. (What it runs in is a container, and a container that reboots stops: the test
starts it again, as a hypervisor would.)
"""
import shutil
import subprocess

import machine
from bed import case, same, says

PLAYS = """
    - hosts: fleet
      gather_facts: false
      tasks:
        - name: first
          shell: "echo first >>/srv/log; echo out"
          register: first
        - name: known
          set_fact: {known: "{{ first.stdout }}"}
    - hosts: fleet
      gather_facts: false
      tasks:
        - name: before
          shell: echo before >>/srv/log
          notify: told
        - name: here
          shell: "echo here >>{place}/here; cat {place}/here"
          delegate_to: localhost
          register: here
        - name: once
          shell: echo once >>/srv/log
          run_once: true
        - name: boot
          reboot: {post_reboot_delay: 1, test_command: systemctl is-active ssh, msg: a test}
          register: boot
        - name: after
          shell: "echo after {{ known }} {{ boot.rebooted }} {{ here.stdout }} >>/srv/log"
      handlers:
        - name: told
          shell: echo told >>/srv/log
"""


def is_running(host):
    done = subprocess.run(["podman", "inspect", "-f", "{{.State.Running}}", host.name], capture_output=True, text=True)
    return done.stdout.strip() == "true"


@case("reboots: a host that is rebooted in a play comes back, and the play goes on behind it")
def rebooted(controller):
    if not shutil.which("podman"):
        raise machine.Unusable("there is no podman")
    host = controller.up_systemd("fleetboot", 31)
    playbook, inventory = controller.write("site.yml", PLAYS.replace("{place}", str(controller.folder))), controller.inventory()
    # No container may build a wall.
    check = controller.run("check", playbook, "-i", inventory, "--wall", "none")
    same(check.one(host.name, "boot")["status"], "would_change", f"what a check says of it\n{check}")
    command, process = controller.start("run", playbook, "-i", inventory)
    controller.wait_for(lambda: not is_running(host), "the end of the machine")
    host.start_again()
    run = controller.finish(command, process)
    same(run.code, 0, f"exit code of\n{run}")
    for task in ("first", "known", "before", "here", "once", "boot", "after", "told"):
        same(run.one(host.name, task)["status"], "ok" if task == "known" else "changed", f"'{task}'")
    same(host.must("cat /srv/log").split("\n")[:-1], ["first", "before", "once", "after out True here", "told"], "what was done")
    same((controller.folder / "here").read_text(), "here\n", "what was done here")
    says(run, f"'{host.name}' reboots; it is waited for", f"'{host.name}' is up again")
    same({name: count for name, count in run.recap[host.name].items() if count}, {"ok": 8, "changed": 7}, "its counts")


@case("reboots: the machine that the run is led from is not rebooted, and a check says so as well")
def here(controller):
    playbook = controller.write("site.yml", """
        - hosts: localhost
          gather_facts: false
          tasks:
            - name: boot
              reboot: {reboot_command: "true"}
    """)
    for command in ("check", "run"):
        run = controller.run(command, playbook)
        same(run.code, 2, f"exit code of\n{run}")
        says(run, "this is the machine that the run is led from", "over SSH")

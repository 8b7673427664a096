import socket

from bed import case, same, says

PING = """
    - hosts: fleet
      gather_facts: false
      tasks:
        - name: ping
          ping:
        - name: mark
          copy: {content: x, dest: /srv/mark}
"""


@case("reaching: a host key that is not known is refused, and accepted only when asked for")
def unknown_key(controller):
    host, = controller.up("one", known=False)
    playbook, inventory = controller.write("ping.yml", PING), controller.inventory()
    refused = controller.run("run", playbook, "-i", inventory)
    same(refused.code, 4, f"exit code of\n{refused}")
    same(refused.recap["one"].get("unreachable"), 1, "unreachable in the recap")
    says(refused, "its host key is not known", "--accept-new-host-keys")
    same(controller.known.read_text(), "", "known_hosts")

    accepted = controller.run("run", playbook, "-i", inventory, "--accept-new-host-keys")
    same(accepted.code, 0, f"exit code of\n{accepted}")
    assert any("host key of 'one' was not known" in text for text in accepted.warnings), f"it is told\n{accepted}"

    host.must("rm /etc/ssh/ssh_host_* && ssh-keygen -q -t ed25519 -N '' -f /etc/ssh/ssh_host_ed25519_key")
    host.stop_sshd()
    host.start_sshd()
    changed = controller.run("run", playbook, "-i", inventory, "--accept-new-host-keys")
    same(changed.code, 4, f"exit code of\n{changed}")
    says(changed, "its host key is not the one that is known", "ssh-keygen -R")


@case("reaching: hosts that are down or hang hold up nobody, and are told apart from failures")
def down(controller):
    controller.up("one", "two", "three")
    controller.hosts["two"].stop_sshd()
    # It takes connections and never says a word.
    silent = socket.create_server(("127.0.7.99", 22))
    more = [f"silent ansible_host=127.0.7.99 ansible_ssh_common_args='-F {controller.folder}/ssh_config'"]
    playbook, inventory = controller.write("ping.yml", PING), controller.inventory(more=more)
    run = controller.run("run", playbook, "-i", inventory, "-T", "3")
    silent.close()
    same(run.code, 4, f"exit code of\n{run}")
    for name in ("one", "three"):
        same(run.named("changed", host=name), ["mark"], f"what changed on {name}\n{run}")
    for name in ("two", "silent"):
        same(run.recap[name].get("unreachable"), 1, f"unreachable of {name}")
    says(run, "nothing listens there", "it does not answer")


@case("reaching: a host that does not answer is tried again while others are worked on, with one fork")
def tried_again(controller):
    late, other = controller.up("late", "other")
    late.stop_sshd()
    playbook, inventory = controller.write("ping.yml", PING), controller.inventory()
    command, process = controller.start("run", playbook, "-i", inventory, "--forks", "1", "--connect-retries", "20", "-v")
    controller.wait_for(lambda: other.run("test -e /srv/mark").code == 0, "the other host to be done")
    late.start_sshd()
    run = controller.finish(command, process)
    same(run.code, 0, f"exit code of\n{run}")
    same(run.named("changed", host="late"), ["mark"], f"what changed on the host that came late\n{run}")
    says(run, "cannot reach 'late' (127.0.7.11): nothing listens there; it is tried again in")


@case("reaching: a host that says no is not tried again")
def not_tried_again(controller):
    controller.up("one", known=False)
    playbook, inventory = controller.write("ping.yml", PING), controller.inventory(ansible_ssh_retries=20)
    run = controller.run("run", playbook, "-i", inventory, "-v")
    same(run.code, 4, f"exit code of\n{run}")
    says(run, "its host key is not known")
    assert "tried" not in run.text, f"it was tried again\n{run}"


@case("reaching: a bastion that takes ten logins at once is not given more, however many hosts are behind it")
def bastion(controller):
    names = [f"host{number}" for number in range(16)]
    gate, *_ = controller.up("bastion", *names)
    gate.stop_sshd()
    gate.start_sshd(max_startups="10:100:10")
    controller.hosts.pop("bastion")
    playbook = controller.write("ping.yml", PING)
    inventory = controller.inventory(ansible_ssh_common_args=f"'-F {controller.folder}/ssh_config -J root@{gate.address}'")
    try:
        run = controller.run("run", playbook, "-i", inventory)
        same(run.code, 0, f"exit code of\n{run}")
        log = (gate.folder / "sshd.log").read_text()
        assert "MaxStartups" not in log, f"the bastion turned somebody away\n{log[-2000:]}"
    finally:
        gate.down()


@case("reaching: logins that print are no trouble")
def noise(controller):
    host, = controller.up("one")
    host.must("printf '#!/bin/sh\\n' >/root/.bashrc")
    host.write("/root/.bashrc", "head -c 1000000 /dev/zero | tr '\\\\0' x\nprintf 'agent-0123 ready\\nno end of line'\n"
               "echo on the other stream >&2\n")
    playbook, inventory = controller.write("ping.yml", PING), controller.inventory()
    for _ in range(2):  # with the bundle to be sent, and without
        run = controller.run("run", playbook, "-i", inventory)
        same(run.code, 0, f"exit code of\n{run}")
    host.write("/root/.bashrc", "yes\n")
    endless = controller.run("run", playbook, "-i", inventory)
    same(endless.code, 4, f"exit code of\n{endless}")
    says(endless, "its login prints without end")


@case("reaching: a home where nothing may be run is not used, and is named")
def noexec(controller):
    host, = controller.up("one")
    host.must("mount -t tmpfs -o noexec,uid=$(id -u alice),mode=700 none /home/alice && mkdir -p /home/alice/.ssh && "
              "chown alice: /home/alice/.ssh")
    host.write("/home/alice/.ssh/authorized_keys", controller.public_key, mode=0o600, owner="alice")
    playbook, inventory = controller.write("ping.yml", PING), controller.inventory(user="alice")
    run = controller.run("run", playbook, "-i", inventory)
    same(run.code, 4, f"exit code of\n{run}")
    says(run, "no folder there can hold a program and run it", "/home/alice/.cache/agent", "noexec")


@case("reaching: a folder without room for the agent is passed over, and where none has room nothing is left")
def full(controller):
    host, = controller.up("one")
    playbook, inventory = controller.write("ping.yml", PING), controller.inventory()
    host.must("for d in /var/cache/agent /var/lib/agent; do mkdir -p $d && mount -t tmpfs -o size=2m none $d; done")
    run = controller.run("run", playbook, "-i", inventory)
    same(run.code, 4, f"exit code of\n{run}")
    says(run, "no folder there can hold", "/var/cache/agent", "/var/lib/agent", "have no room for")
    same(host.must("find /var/cache/agent /var/lib/agent -mindepth 1"), "", "what is left")
    host.must("umount /var/lib/agent")
    run = controller.run("run", playbook, "-i", inventory)
    same(run.code, 0, f"exit code of\n{run}")
    assert host.must("ls /var/lib/agent").strip(), "the folder that has room was not taken"
    same(host.must("ls /var/cache/agent"), "", "what is in the folder without room")


@case("reaching: names that could be read as options or by a shell are refused")
def hostile_names(controller):
    mark = controller.folder / "executed"
    playbook = controller.write("ping.yml", PING)
    for variables in (f"ansible_host=-oProxyCommand=touch${{IFS}}{mark}", f"ansible_host='$(touch {mark})'",
                      f"ansible_host=127.0.7.99 ansible_user='-oProxyCommand=touch {mark}'",
                      "ansible_host=127.0.7.99 ansible_port='22 -oProxyCommand=x'"):
        inventory = controller.inventory(more=[f"evil {variables}"])
        run = controller.run("run", playbook, "-i", inventory)
        assert run.code in (1, 4), f"exit code {run.code} of\n{run}"
        assert "is not" in run.text, f"it says what is wrong\n{run}"
        assert not mark.exists(), f"something was run\n{run}"

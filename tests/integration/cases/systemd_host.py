import subprocess

from harness import IN_A_CONTAINER, Outcome, case, hosts, same


@case("systemd host: the agent runs on a machine with an init and an address of its own", weight=30, kind="stage")
def systemd(stage):
    with hosts.SystemdHost(stage.layer("systemd"), "agent-sd1", 31, [(str(stage.agent), "/opt/agent")]) as host:
        same(host.must("systemctl is-system-running").strip(), "running", "the state of systemd")
        host.write("/srv/play.yml", "- hosts: all\n  tasks:\n    - name: who\n      debug: {msg: \"{{ ansible_facts['service_mgr'] }}\"}\n"
                   "    - name: package\n      apt: {name: hello, update_cache: true}\n")
        run = Outcome("agent run /srv/play.yml", host.run("/opt/agent/bin/agent run /srv/play.yml --format jsonl"))
        same(run.code, 0, f"exit code of\n{run}")
        same(run.task("who")["result"]["msg"], "systemd", "the service manager")
        same(host.must("hello").strip(), "Hello, world!", "the package")
        again = Outcome("agent run /srv/play.yml", host.run("/opt/agent/bin/agent run /srv/play.yml --format jsonl"))
        same(again.named("changed"), [], "what the second run changed")

        # A check asks systemd only what stands in the list of its broker.
        host.write("/srv/asks.yml", "- hosts: all\n  gather_facts: false\n  tasks:\n"
                   "    - {name: asks, command: systemctl is-active ssh.service, changed_when: false}\n"
                   "    - {name: restarts, command: systemctl restart ssh.service, changed_when: false}\n"
                   "    - {name: asks in a pipe, shell: systemctl is-active ssh.service | wc -l, changed_when: false}\n")
        main = host.must("systemctl show -p MainPID --value ssh.service")
        check = Outcome("agent check /srv/asks.yml", host.run(f"/opt/agent/bin/agent check {IN_A_CONTAINER} /srv/asks.yml --format jsonl"))
        same(check.task("asks")["result"]["stdout"], "active", f"the state of sshd\n{check}")
        same(check.named("unknown"), ["restarts", "asks in a pipe"], f"what systemd would have been asked past the list\n{check}")
        same(host.must("systemctl show -p MainPID --value ssh.service"), main, "sshd's process")

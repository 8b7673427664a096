import subprocess

from harness import Outcome, case, hosts, same


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

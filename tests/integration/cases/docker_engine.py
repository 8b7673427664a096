import json

import matrix
from harness import Outcome, case, hosts, same

# An image of nothing but a program that waits: no registry can be reached from the test bed.
IMAGE = """mkdir -p /srv/img/lib/x86_64-linux-gnu /srv/img/lib64 && cp /bin/sleep /srv/img/ &&
cp /lib/x86_64-linux-gnu/libc.so.6 /srv/img/lib/x86_64-linux-gnu/ && cp /lib64/ld-linux-x86-64.so.2 /srv/img/lib64/ &&
tar -C /srv/img -c . | docker import - toy:1"""
COMPOSE = """version: "3.7"
services:
  web: {image: "toy:1", command: ["/sleep", "1000"], network_mode: none, environment: {TOKEN: "${TOKEN}"}}
"""


@case("docker_engine, docker_compose: a real engine is set up, and a project comes up, changes and goes", weight=120, kind="stage",
      cells=[matrix.cell("docker_engine", "debian", "12"), matrix.alike("docker_compose", "debian", "12")])
def engine(stage):
    with hosts.SystemdHost(stage.layer("systemd"), "agent-sd4", 34, [(str(stage.agent), "/opt/agent")], privileged=True) as host:
        def agent(command, task):
            host.write("/srv/play.yml", "- hosts: all\n  gather_facts: false\n  tasks:\n    - " + json.dumps({"name": "it", **task}) + "\n")
            return Outcome(f"agent {command}", host.run(f"/opt/agent/bin/agent {command} /srv/play.yml --format jsonl"))

        def settles(task, known=True):
            before = agent("check", task)
            same(before.code, 3, f"exit code of\n{before}")
            run = agent("run", task)
            same((run.code, run.named("changed")), (0, ["it"]), f"what the first run did\n{run}")
            again = agent("run", task)
            same(again.named("changed"), [], f"what the second run changed\n{again}")
            last = agent("check", task)
            # Only Compose 2 tells without a change whether what runs is what is wanted; Debian 13 has it.
            tells = known or host.run("docker-compose version --short").out.strip().lstrip("v").startswith("2")
            same(last.code, 0 if tells else 3, f"exit code of\n{last}")

        host.must("useradd alice")
        # No firewall and no bridge, for the kernel of a test bed; files copied, for a root that is an overlay already.
        daemon = {"iptables": False, "bridge": "none", "storage-driver": "vfs"}
        wanted = {"source": "distribution", "daemon": daemon, "users": ["alice"]}
        settles({"docker_engine": wanted})
        assert json.loads(host.must("docker version --format '{{json .Server}}'"))["Version"], "the engine answers"
        assert "docker" in host.must("id -nG alice").split(), "alice may use it"
        first = host.must("systemctl show -P MainPID docker")
        settles({"docker_engine": {**wanted, "daemon": {**daemon, "log-level": "warn"}}})
        assert host.must("systemctl show -P MainPID docker") != first, "the engine was restarted"
        host.must(IMAGE)

        project = {"project": "/srv/lab", "content": COMPOSE, "env": {"TOKEN": "one"}}
        settles({"docker_compose": project}, known=False)
        shown = lambda: json.loads(host.must("docker inspect $(docker ps -q)"))  # noqa: E731
        assert "TOKEN=one" in shown()[0]["Config"]["Env"], shown()
        same(host.must("stat -c %a /srv/lab/.env").strip(), "600", "mode of the .env file")
        settles({"docker_compose": {**project, "env": {"TOKEN": "two"}}}, known=False)
        assert "TOKEN=two" in shown()[0]["Config"]["Env"], shown()
        settles({"docker_compose": {"project": "/srv/lab", "state": "stopped"}})
        same(host.must("docker ps -q").strip(), "", "what runs")
        settles({"docker_compose": {"project": "/srv/lab"}}, known=False)
        settles({"docker_compose": {"project": "/srv/lab", "state": "absent"}})
        same(host.must("docker ps -aq").strip(), "", "what is there")
        settles({"docker_engine": {"source": "distribution", "state": "absent"}})

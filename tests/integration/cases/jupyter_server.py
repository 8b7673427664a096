import json

import matrix
from harness import IN_A_CONTAINER, Outcome, case, hosts, same


@case("jupyter_server: a real JupyterLab as a service of a user, with a password, and away again", weight=60, kind="stage",
      cells=[matrix.alike("jupyter_server", "debian", "12")])
def service(stage):
    with hosts.SystemdHost(stage.layer("jupyter"), "agent-sd3", 33, [(str(stage.agent), "/opt/agent")]) as host:
        def agent(command, arguments, user="root"):
            host.write("/srv/play.yml", "- hosts: all\n  gather_facts: false\n  tasks:\n    - name: server\n"
                       f"      jupyter_server: {arguments}\n")
            return Outcome(f"agent {command}", host.run(f"/opt/agent/bin/agent {command} {IN_A_CONTAINER if command == 'check' else ''} /srv/play.yml "
                                                          "--format jsonl", user=user))

        def settles(arguments):
            before = agent("check", arguments)
            same(before.code, 3, f"exit code of\n{before}")
            run = agent("run", arguments)
            same((run.code, run.named("changed")), (0, ["server"]), f"what the first run did\n{run}")
            same(agent("run", arguments).named("changed"), [], "what the second run changed")
            last = agent("check", arguments)
            same(last.code, 0, f"exit code of\n{last}")

        ask = "/home/alice/env/bin/python -c 'import urllib.request as u; print(u.urlopen(\"http://127.0.0.1:8899/%s\").read().decode())'"
        system = "{venv: /home/alice/env, user: alice, scope: system, port: 8899, token: opensesame}"
        settles(system)
        assert "version" in json.loads(host.must(ask % "api")), "the server answers"
        same(host.must("ps -o user= -p $(systemctl show -P MainPID jupyterlab)" if host.run("which ps").code == 0 else
                       "stat -c %U /proc/$(systemctl show -P MainPID jupyterlab)").strip(), "alice", "whose server it is")
        assert host.run(ask % "api/contents").code != 0, "without the token it shows nothing"
        host.must(ask % "api/contents?token=opensesame")
        settles(system.replace("opensesame", "another-one"))
        host.must(ask % "api/contents?token=another-one")
        settles("{venv: /home/alice/env, user: alice, scope: system, state: absent}")
        settles("{venv: /home/alice/env, user: alice, port: 8899, password: open sesame}")
        kept = host.must("cat /home/alice/.jupyter/jupyterlab_config.json")
        assert "sesame" not in kept and "sha512:" in kept, kept
        hashed = json.loads(kept)["PasswordIdentityProvider"]["hashed_password"]
        same(host.must("/home/alice/env/bin/python -c 'from jupyter_server.auth import passwd_check; "
                       f"print(passwd_check(\"{hashed}\", \"open sesame\"))'").strip(), "True", "what Jupyter says of the hash")
        assert "version" in json.loads(host.must(ask % "api")), "the server answers"
        settles("{venv: /home/alice/env, user: alice, state: absent}")

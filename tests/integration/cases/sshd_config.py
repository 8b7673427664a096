from harness import IN_A_CONTAINER, Outcome, case, hosts, same


@case("sshd_config: a file of its own that the real sshd accepted, and out again", layer="sshd", weight=15)
def drop_in(box):
    box.sh("mkdir -p /run/sshd")
    play = """
        - name: settings
          sshd_config:
            settings: {PasswordAuthentication: false, MaxSessions: 7, AllowUsers: [root, alice], Port: [22, 2222]}
    """
    box.converge(play, changes=["settings"])
    effective = box.sh("sshd -T").splitlines()
    for line in ("passwordauthentication no", "maxsessions 7", "port 22", "port 2222", "allowusers root"):
        assert line in effective, f"'{line}' is not what sshd says:\n" + "\n".join(effective)
    box.converge("""
        - name: for the laboratory
          sshd_config: {name: 20-lab, match: Address 10.0.0.0/8, settings: {PasswordAuthentication: true}}
    """, changes=["for the laboratory"])
    box.fails("""
        - name: what sshd refuses
          sshd_config: {name: 30-bad, settings: {MaxSessions: many}}
    """, says="MaxSessions", clean=False)
    assert box.run("test -e /etc/ssh/sshd_config.d/30-bad.conf").code != 0, "what sshd refuses is not left there"
    box.sh("sshd -t")
    box.write("/etc/ssh/sshd_config.d/00-other.conf", "MaxSessions 3\n")
    box.fails(play, says=["/etc/ssh/sshd_config.d/00-other.conf:1", "MaxSessions"])
    box.sh("rm /etc/ssh/sshd_config.d/00-other.conf")
    box.converge("""
        - name: gone
          sshd_config: {settings: {MaxSessions: 7}, state: absent}
    """, changes=["gone"])
    same(box.sh("ls /etc/ssh/sshd_config.d").split(), ["20-lab.conf"], "the files that are left")


@case("sshd_config: without drop-in files the configuration itself is changed", layer="sshd", weight=10)
def in_place(box):
    box.sh("mkdir -p /run/sshd && sed -i '/^Include/d' /etc/ssh/sshd_config")
    before = box.read("/etc/ssh/sshd_config")
    box.converge("""
        - name: settings
          sshd_config: {settings: {X11Forwarding: false, PermitRootLogin: "no"}}
        - name: a block
          sshd_config: {match: User nobody, settings: {PasswordAuthentication: false}}
    """, changes=["settings", "a block"])
    effective = box.sh("sshd -T").splitlines()
    assert "x11forwarding no" in effective and "permitrootlogin no" in effective, effective
    assert "passwordauthentication no" in box.sh("sshd -T -C user=nobody,host=x,addr=127.0.0.1").splitlines()
    assert len(box.read("/etc/ssh/sshd_config").splitlines()) >= len(before.splitlines()), "its other lines are there"


@case("sshd_config: a running server reads the change", weight=30, kind="stage")
def running(stage):
    with hosts.SystemdHost(stage.layer("systemd"), "agent-sd2", 32, [(str(stage.agent), "/opt/agent")]) as host:
        host.write("/srv/play.yml", "- hosts: all\n  gather_facts: false\n  tasks:\n    - name: port\n"
                   "      sshd_config: {settings: {Port: [22, 2222]}}\n")
        run = Outcome("agent run", host.run("/opt/agent/bin/agent run /srv/play.yml --format jsonl"))
        same(run.code, 0, f"exit code of\n{run}")
        host.must("for i in 1 2 3 4 5 6 7 8 9 10; do grep -q ':08AE ' /proc/net/tcp && exit 0; sleep 0.3; done; exit 1")
        again = Outcome("agent check", host.run(f"/opt/agent/bin/agent check {IN_A_CONTAINER} /srv/play.yml --format jsonl"))
        same(again.code, 0, f"exit code of\n{again}")

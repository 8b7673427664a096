import re
import socket

from harness import Outcome, case, same

TREE = "/srv/agent"
AGENT = "/opt/agent/bin/agent"


@case("check mode: an answer that is not known is neither yes nor no, and one that is only read is real")
def three_answers(box):
    path = box.play("""
        - name: may write
          command: /bin/false
          register: r
          ignore_errors: true
        - name: after what may write
          debug: {msg: taken}
          when: r.rc == 0
        - name: only reads
          command: /bin/false
          register: read
          changed_when: false
          ignore_errors: true
        - name: after what only reads
          debug: {msg: taken}
          when: read.rc == 0
        - name: the other branch
          debug: {msg: taken}
          when: read.rc == 1
    """)
    check = box.agent("check", path)
    same(check.code, 3, f"exit code\n{check}")
    same(check.named("unknown"), ["may write", "after what may write"], "unknown")
    same(check.named("skipped"), ["after what only reads"], "skipped")
    assert "the other branch" in check.named("ok"), f"the branch that the real run takes\n{check}"
    same(check.kind("recap")[-1]["wall"], "full", "the wall that stood")


@case("check mode: a write that the wall refuses to a command is named, and its answer is unknown", weight=5)
def held_to_it(box):
    box.user("frank")
    box.write("/home/frank/notes", "mine\n", owner="frank")
    for user, file in (("root", "/etc/hostname"), ("frank", "/home/frank/notes")):
        path = box.play(f"""
            - name: writes
              shell: echo written > {file}; touch {file}.new; true
              changed_when: false
              register: r
            - name: after what writes
              debug: {{msg: taken}}
              when: r.rc == 0
            - name: changes a mode
              command: chmod 600 {file}
              changed_when: false
              failed_when: false
            - name: renames
              script: {{cmd: rename.sh {file}}}
              changed_when: false
            - name: a script that only reads
              script: look.sh
              changed_when: false
              register: looked
            - assert: {{that: looked.stdout == "seen"}}
            - name: only reads
              shell: cat {file}; echo x > /dev/null; echo y > $(mktemp); echo z > /dev/stderr; rm -f {file}.gone; id nosuchuser; true
              changed_when: false
        """)
        box.write("/srv/plays/rename.sh", "#!/bin/sh\nmv $1 $1.old\n", mode=0o755)
        box.write("/srv/plays/look.sh", "#!/bin/sh\ntest -s /etc/hostname && echo seen\n", mode=0o755)
        before = box.host.fingerprint()
        check = box.agent("check", path, user=user)
        same(box.host.fingerprint(), before, f"the machine after a check of {user}")
        same(check.named("unknown"), ["writes", "after what writes", "changes a mode", "renames"], f"as {user}\n{check}")
        same(check.named("ok"), ["a script that only reads", "assert", "only reads"], f"as {user}\n{check}")
        for task, call in (("writes", f"'{file}', openat '{file}.new'"), ("changes a mode", "chmod"), ("renames", "rename")):
            reason = " ".join(check.task(task)["reasons"])
            assert call in reason and file in reason, f"{task}, as {user}: {reason}"


HOSTILE = {"write": "openat '/srv/plays/victim'", "chmod": "chmod '/srv/plays/victim'", "chown": "chown '/srv/plays/victim'",
           "attribute": "setxattr '/srv/plays/victim'", "daemon": "connect '/srv/plays/daemon'", "map": "mmap '/srv/plays/victim'",
           "ring": "io_uring_setup", "network": "connect '127.0.0.1:6379'", "keep a descriptor": "openat '/srv/plays/victim'", "leave a writer": ("left a process of its own running", "openat '/srv/plays/victim'")}


@case("check mode: a module that writes in its check is stopped and named, and the machine stays as it is", weight=8)
def hostile(box):
    box.user("gina")
    box.sh(f"""mkdir -p {TREE}/bin {TREE}/lib/agent/modules {TREE}/share/agent
        cp /opt/agent/bin/agent {TREE}/bin/
        cp -r /opt/agent/lib/agent/lib {TREE}/lib/agent/
        cp /opt/agent/lib/agent/modules/debug.so /opt/test-modules/misbehave.so {TREE}/lib/agent/modules/
        {TREE}/bin/agent worker --index {TREE}/lib/agent/modules {TREE}/share/agent/modules.cbor""")
    box.write("/srv/plays/victim", "as it was\n", owner="gina")
    daemon = socket.socket(socket.AF_UNIX)
    daemon.bind(str(box.host.path("/srv/plays/daemon")))
    daemon.listen()
    box.sh("chmod 777 /srv/plays/daemon")
    # Each says "nothing is to be changed", whatever came of its attempt.
    path = box.play("- {name: opens it for later, misbehave: {how: keep a descriptor}}\n" + "".join(
        f"- {{name: {how}, misbehave: {{how: {how}}}, ignore_errors: true}}\n" for how in HOSTILE))
    for user in ("root", "gina"):
        before = box.host.fingerprint()
        done = box.run([f"{TREE}/bin/agent", "check", path, "--format", "jsonl"], user=user, timeout=60)
        check = Outcome(f"as {user}", done)
        box.log.append(str(check))
        same(box.host.fingerprint(), before, f"the machine after a check of {user}")
        same(check.named("ignored"), list(HOSTILE), f"each is stopped\n{check}")
        for how, says in HOSTILE.items():
            message = check.task(how)["error"]["message"]
            # Whoever leaves a process behind is named for that, or for what it has tried by then.
            ways = says if isinstance(says, tuple) else (says,)
            assert "the module 'misbehave'" in message and any(way in message for way in ways), f"{how}, as {user}: {message}"
    daemon.setblocking(False)
    try:
        daemon.accept()
        raise AssertionError("the daemon was reached")
    except BlockingIOError:
        pass


@case("check mode: the wall blocks every known way, for root and for a user")
def wall(box):
    box.user("dora")
    told = (box.stage.source / "docs" / "check-mode.md").read_text().split("## Every way that is tried", 1)[1]
    rows = [tuple(cell.strip() for cell in line.strip("|").split("|")) for line in told.splitlines() if line.startswith("| ")][1:]
    for user, tier in (("root", "full"), ("dora", "landlock")):
        done = box.run([AGENT, "check", "--wall-selftest"], user=user)
        box.log.append(done.all)
        same(done.code, 0, f"as {user}\n{done.all}")
        assert f"the wall '{tier}'" in done.all and "NOT BLOCKED" not in done.all, done.all
        tried = re.findall(r"^(blocked|NOT BLOCKED)  +(.*?)  +\S", done.out, re.M)
        same([(name, "blocked") for name, *_ in rows], [(name, blocked) for blocked, name in tried], f"docs/check-mode.md, as {user}")
    left = box.sh("ls /dev/shm /mnt /media").split()
    same([name for name in left if "agent" in name], [], "what is left")


@case("check mode: a user's check says behind which wall it stood")
def users_wall(box):
    box.user("eva")
    path = box.play("- command: id -un\n  changed_when: false\n  register: me\n- assert: {that: me.stdout == 'eva'}\n")
    check = box.agent("check", path, user="eva", format=None)
    same(check.code, 0, str(check))
    assert "landlock" in check.text, str(check)


@case("check mode: what only reads sees the files that were predicted, and nothing of that is left")
def laid_over(box):
    box.user("hana")
    path = box.play("""
        - {name: a folder, file: {path: /srv/app/conf, state: directory, mode: '0750'}}
        - {name: a file, copy: {content: "port=80\\n", dest: /srv/app/conf/main, mode: '0640'}}
        - {name: a line, lineinfile: {path: /etc/hosts, line: 10.0.0.9 store}}
        - {name: gone, file: {path: /etc/motd, state: absent}}
        - name: looks
          shell: cat /srv/app/conf/main; stat -c %a /srv/app/conf/main; grep -c store /etc/hosts; test -e /etc/motd || echo gone
          changed_when: false
          register: seen
        - {name: holds, assert: {that: "seen.stdout_lines == ['port=80', '640', '1', 'gone'] and not (seen.assumed | default(false))"}}
        - {name: made of it, copy: {content: "{{ seen.stdout_lines[0] }}", dest: /srv/app/conf/port}}
        - {name: looks again, command: cat /srv/app/conf/port, changed_when: false, register: again}
        - {name: holds too, assert: {that: "again.stdout == 'port=80'"}}
    """)
    box.sh("echo hello >/etc/motd")
    for more in ((), ("--strict",)):
        before = box.host.fingerprint()
        check = box.agent("check", path, *more)
        same(box.host.fingerprint(), before, "the machine")
        same((check.code, check.named("unknown", "failed")), (3, []), f"nothing is left open\n{check}")
        assert "it saw what was predicted" in " ".join(check.task("looks")["notes"]), str(check)
    later = box.play("""
        - {name: a package, apt: {name: hello}}
        - {name: looks, command: ls /srv, changed_when: false, register: seen}
        - {name: says so, assert: {that: seen.assumed}}
        - {name: hers, file: {path: ~/x, state: directory}, become: true, become_user: hana}
        - {name: looks as her, command: ls, changed_when: false, become: true, become_user: hana, register: hers}
        - {name: says so too, assert: {that: hers.assumed}}
    """, name="later")
    check = box.agent("check", later)
    same(check.named("failed", "unknown"), [], f"assumed, and said so\n{check}")
    box.converge(path)


@case("check mode: the network is seen as it is, nobody on it is reached, and what is missing for that is said", weight=5)
def network(box):
    before = box.sh("cat /proc/net/dev | wc -l; cat /proc/sys/net/ipv4/ip_forward; cat /proc/net/route")
    server = socket.socket()
    server.bind(("127.0.0.1", 0))
    server.listen()
    port = server.getsockname()[1]
    box.write("/srv/plays/knock.sh", f"#!/bin/bash\nexec 3<>/dev/tcp/127.0.0.1/{port}\ntrue\n", mode=0o755)
    path = box.play("""
        - {name: facts, setup: {gather_subset: [network, env]}}
        - {name: looks, shell: "cat /proc/net/dev | wc -l; cat /proc/sys/net/ipv4/ip_forward; cat /proc/net/route", changed_when: false, register: seen}
        - {name: knocks, script: knock.sh, changed_when: false}
        - {name: may knock, script: knock.sh, changed_when: false, vars: {agent_network: true}}
        - {name: facts of it, debug: {msg: "{{ ansible_default_ipv4 }} {{ ansible_env.TMPDIR | default('none') }}"}}
    """)
    run = box.agent("run", path)
    check = box.agent("check", path)
    same(check.task("looks")["result"]["stdout"], before.rstrip("\n"), f"what is seen of the network\n{check}")
    same(check.task("facts of it")["result"]["msg"], run.task("facts of it")["result"]["msg"], "facts in a check and in a run")
    same(check.named("unknown"), ["knocks"], f"who asked the network without a word of it\n{check}")
    assert f"connect '127.0.0.1:{port}'" in str(check.task("knocks")["reasons"]), str(check)
    assert "agent_network: true" in str(check.task("knocks")["notes"]), str(check)


# A systemctl that does more than it is asked for: what a broker runs has no way to.
CURIOUS = """#!/bin/sh
echo "$*"
touch /srv/plays/by-the-broker 2>/dev/null || echo cannot write
kill -0 1 2>/dev/null || echo cannot signal
env | cut -d= -f1 | grep -v -e PWD -e SHLVL -e ^_$ | sort | tr '\\n' ' '
echo
"""


@case("check mode: a read that only a daemon or a right of root's can answer goes through a broker, by a fixed list", weight=5)
def broker(box):
    box.user("ivan")
    box.write("/usr/bin/systemctl", CURIOUS, mode=0o755)
    path = box.play("""
        - {name: reads, command: systemctl is-active sshd, changed_when: false, register: r, environment: {LD_PRELOAD: /srv/none.so}}
        - {name: reads by a shell, shell: /usr/bin/systemctl show -p MainPID sshd, changed_when: false}
        - {name: changes, command: systemctl restart sshd, changed_when: false}
        - {name: a package, apt: {name: hello}}
        - {name: reads before a prediction, command: systemctl is-active sshd, changed_when: false, register: later}
        - {name: says so, assert: {that: later.assumed}}
    """)
    before = box.host.fingerprint()
    check = box.agent("check", path)
    same(check.task("reads")["result"]["stdout_lines"], ["is-active sshd", "cannot write", "cannot signal", "LC_ALL PATH SYSTEMD_PAGER "],
         f"what the broker ran\n{check}")
    same(check.task("reads by a shell")["result"]["stdout_lines"][0], "show -p MainPID sshd", str(check))
    same(check.named("unknown", "failed"), ["changes"], f"what is on no list stays behind the wall, and is refused there\n{check}")
    same(box.host.fingerprint(), before, "the machine")
    mine = box.play("- {name: reads, command: systemctl is-active sshd, changed_when: false, register: r}\n", "mine")
    done = box.agent("check", mine, user="ivan")
    same(done.task("reads")["result"]["stdout_lines"][:3], ["is-active sshd", "cannot write", "cannot signal"], f"as a user\n{done}")

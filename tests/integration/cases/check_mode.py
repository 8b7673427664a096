import time

from harness import case, same

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


@case("check mode: a command that says it only reads is held to it", weight=5)
def held_to_it(box):
    path = box.play("""
        - name: says it reads
          shell: echo written > /srv/written; touch /srv/touched
          changed_when: false
          ignore_errors: true
          register: r
        - debug: {var: r.rc}
    """)
    before = box.host.fingerprint()
    check = box.agent("check", path, format=None)
    same(box.host.fingerprint(), before, "the machine")
    assert "Read-only file system" in check.text, f"the kernel's answer is shown\n{check}"


@case("check mode: a module that writes in its check is stopped, and the machine stays as it is", weight=5)
def hostile(box):
    box.sh(f"""mkdir -p {TREE}/bin {TREE}/lib/agent/modules {TREE}/share/agent
        cp /opt/agent/bin/agent {TREE}/bin/
        cp /opt/agent/lib/agent/modules/debug.so /opt/test-modules/misbehave.so {TREE}/lib/agent/modules/
        {TREE}/bin/agent worker --index {TREE}/lib/agent/modules {TREE}/share/agent/modules.cbor""")
    for how, says in (("write", "Read-only file system"), ("chmod", "Read-only file system"), ("leave a writer", "")):
        path = box.play(f"- misbehave: {{how: {how}}}\n  ignore_errors: true\n- debug: {{msg: next}}\n")
        before = box.host.fingerprint()
        done = box.run([f"{TREE}/bin/agent", "check", path], timeout=60)
        box.log.append(done.all)
        if how == "leave a writer":
            time.sleep(0.5)
        same(box.host.fingerprint(), before, f"the machine after '{how}'")
        assert says in done.all and "next" in done.all, done.all


@case("check mode: the wall blocks every known way, for root and for a user")
def wall(box):
    box.user("dora")
    for user, tier in (("root", "full"), ("dora", "landlock")):
        done = box.run([AGENT, "check", "--wall-selftest"], user=user)
        box.log.append(done.all)
        same(done.code, 0, f"as {user}\n{done.all}")
        assert f"the wall '{tier}'" in done.all and "NOT BLOCKED" not in done.all, done.all
    left = box.sh("ls /dev/shm /mnt /media").split()
    same([name for name in left if "agent" in name], [], "what is left")


@case("check mode: a user's check says behind which wall it stood")
def users_wall(box):
    box.user("eva")
    path = box.play("- command: id -un\n  changed_when: false\n  register: me\n- assert: {that: me.stdout == 'eva'}\n")
    check = box.agent("check", path, user="eva", format=None)
    same(check.code, 0, str(check))
    assert "landlock" in check.text, str(check)

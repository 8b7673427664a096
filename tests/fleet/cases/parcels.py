"""Plays in a file that carries its agent: written here, started on machines that nobody is connected to."""
import json
import os
import shutil
import subprocess

from bed import Outcome, case, same, says
from cases import journeys


def ends(outcome, code):
    same(outcome.code, code, f"the exit code of\n{outcome}")
    return outcome


def key_pair(controller, name):
    private, public = controller.folder / f"{name}.key", controller.folder / f"{name}.pub"
    subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", private], check=True)
    subprocess.run(["openssl", "pkey", "-in", private, "-pubout", "-out", public], check=True)
    return private, public


def emit(controller, playbook, *more, name="play.bundle"):
    """Writes the file, and returns its path."""
    file = controller.folder / name
    done = controller.run("run", playbook, "-i", controller.inventory(), "--emit", file, *more)
    ends(done, 0)
    return file


def carry(file, host, to="/root/play.bundle", owner=None):
    """As any launcher would."""
    shutil.copy(file, host.path(to))
    if owner:
        host.must(["chown", f"{owner}:", to])
    return to


def start(host, *words, user="root"):
    """Starts it there, and returns what came of it as an Outcome."""
    done = host.run(list(map(str, words)), user=user)
    return Outcome(" ".join(map(str, words)), subprocess.CompletedProcess(words, done.code, done.out, done.err))


def small(controller):
    controller.write("files/motd", "hello\n")
    return controller.write("small.yml", """
        - hosts: fleet
          gather_facts: false
          tasks:
            - name: motd
              copy: {src: motd, dest: /srv/motd}
            - name: own
              copy: {content: "{{ mine }} of {{ inventory_hostname }}", dest: /srv/own}
    """)


@case("a play travels in one file: sh starts it where there is no agent, the second time nothing changes")
def carried(controller):
    web, = controller.up("web")
    playbook = journeys.files(controller)
    file = emit(controller, playbook)
    same(oct(os.stat(file).st_mode & 0o777), "0o700", "the mode of a file with variables in it")
    assert file.read_bytes()[:10] == b"#!/bin/sh\n"
    there = carry(file, web)
    first = start(web, "sh", there, "--format", "jsonl", "--output", "/root/run.jsonl", "--format", "jsonl")
    ends(first, 0)
    same(web.read("/srv/made"), "hello to web HELLO TO\n", "the template")
    same(web.read("/srv/tree/below/b"), "b\n", "the tree")
    same(web.read("/srv/looked"), "plain", "the lookup")
    same(web.read("/srv/system"), "Debian", "the fact")
    told = [json.loads(line)["event"] for line in web.read("/root/run.jsonl").splitlines()]
    same([told[0], told[-1]], ["run_started", "recap"], "the first and the last event in the file")
    second = start(web, "sh", there, "--format", "jsonl")
    ends(second, 0)
    changed_again = {task for task in second.named("changed") if task != "registered"}
    same(changed_again, set(), "what the second run changes")
    direct = start(web, web.must("ls -d /var/cache/agent/*/bin/agent").strip(), "exec", there, "--check", "--format", "jsonl")
    assert direct.code in (0, 3), str(direct)


@case("a check of a play in a file leaves nothing, not even the agent")
def carried_check(controller):
    web, = controller.up("web")
    controller.inventory(mine="m")
    file = emit_small(controller)
    there = carry(file, web)
    before = web.fingerprint()
    done = start(web, "sh", there, "--check", "--format", "jsonl")
    ends(done, 3)
    same(done.named("would_change"), ["motd", "own"], "what would change")
    same(web.fingerprint(), before, "the host's files")
    same(web.leftovers(), [], "what is left in memory")


def emit_small(controller, *more, name="play.bundle"):
    playbook = small(controller)
    file = controller.folder / name
    done = controller.run("run", playbook, "-i", controller.inventory(mine="secret-of-all"), "--emit", file, *more)
    ends(done, 0)
    return file


@case("one file serves several hosts by their names, or a file for each holds nothing of the others")
def several(controller):
    web, db = controller.up("web", "db")
    small(controller)
    controller.write("host_vars/web.yml", "mine: of-web-alone\n")
    controller.write("host_vars/db.yml", "mine: of-db-alone\n")
    inventory = controller.inventory()
    whole = controller.folder / "all.bundle"
    ends(controller.run("run", controller.folder / "plays/small.yml", "-i", inventory, "--emit", whole), 0)
    for host in (web, db):
        carry(whole, host)
        done = start(host, "sh", "/root/play.bundle")
        ends(done, 0)
        same(host.read("/srv/own"), f"of-{host.name}-alone of {host.name}", "the variable")
    other = start(web, "sh", "/root/play.bundle", "--host", "mail")
    ends(other, 1)
    says(other, "the play is not for 'mail'")
    done = controller.run("run", controller.folder / "plays/small.yml", "-i", inventory, "--emit",
                          controller.folder / "{host}.bundle")
    ends(done, 0)
    for mine, others in (("web", "db"), ("db", "web")):
        held = (controller.folder / f"{mine}.bundle").read_bytes()
        assert f"of-{mine}-alone".encode() in held and f"of-{others}-alone".encode() not in held
    carry(controller.folder / "web.bundle", db, "/root/foreign.bundle")
    foreign = start(db, "sh", "/root/foreign.bundle")
    ends(foreign, 1)
    says(foreign, "the play is not for this machine ('db')")


@case("a file is refused that is cut short, changed, not signed, or signed by another; nothing is started")
def refused(controller):
    web, = controller.up("web")
    private, public = key_pair(controller, "ours")
    _, foreign = key_pair(controller, "theirs")
    file = emit_small(controller, "--sign", private)
    unsigned = emit_small(controller, name="unsigned.bundle")
    carry(file, web), carry(unsigned, web, "/root/unsigned.bundle")
    carry(public, web, "/root/ours.pub"), carry(foreign, web, "/root/theirs.pub")
    bytes_ = file.read_bytes()

    def wrong(name, content, sentence, *words, shell=True):
        web.path(f"/root/{name}").write_bytes(content)
        done = start(web, *(["sh"] if shell else [agent, "exec"]), f"/root/{name}", *words)
        ends(done, 1)
        says(done, sentence, "nothing was started")
        assert not web.path("/srv/motd").exists()

    wrong("cut", bytes_[: len(bytes_) // 2], "it is not whole, or was changed")
    middle = bytearray(bytes_)
    middle[5000] ^= 1
    wrong("changed", bytes(middle), "it is not whole, or was changed")
    wrong("kind", bytes_.replace(b" m=x86_64 ", b" m=m68k   ", 1), "it is for m68k")
    # With an agent that is there already.
    start(web, "sh", "/root/play.bundle", "--check", "--host", "nobody")
    ends(start(web, "sh", "/root/play.bundle", "--public-key", "/root/ours.pub"), 0)
    web.must("rm /srv/motd /srv/own")
    agent = web.must("ls -d /var/cache/agent/*/bin/agent").strip()
    wrong("short", bytes_[:-200], "is not whole", shell=False)
    late = bytearray(bytes_)
    late[-700] ^= 1
    wrong("late", bytes(late), "was changed", "--public-key", "/root/ours.pub", shell=False)
    wrong("theirs", bytes_, "signed with another key", "--public-key", "/root/theirs.pub", shell=False)
    wrong("unsigned", unsigned.read_bytes(), "is not signed", "--public-key", "/root/ours.pub", shell=False)
    wrong("other", b"- hosts: all\n", "is no play that 'agent run --emit' wrote", shell=False)


@case("what cannot travel in a file is refused before it is written: all of it, each with its place")
def cannot_travel(controller):
    controller.up("web")
    playbook = controller.write("tied.yml", """
        - hosts: fleet
          gather_facts: false
          vars_prompt:
            - name: colour
          tasks:
            - name: elsewhere
              command: id
              delegate_to: localhost
            - name: others
              debug: {msg: "{{ hostvars.web.x }}"}
            - name: made
              copy: {src: "/etc/{{ colour }}", dest: /srv/x}
            - name: now
              debug: {msg: "{{ lookup('pipe', 'date') }}"}
            - name: sealed
              debug:
                msg: !vault |
                  $ANSIBLE_VAULT;1.1;AES256
                  3133
    """)
    done = controller.run("run", playbook, "-i", controller.inventory(), "--emit", controller.folder / "x.bundle")
    ends(done, 1)
    for line, words in ((4, "the question for 'colour'"), (8, "'delegate_to'"), (10, "'hostvars'"),
                        (12, "a file whose name is not written out"), (14, "the lookup 'pipe'"),
                        (18, "an encrypted value")):
        found = [text for text in done.err.splitlines() if f"tied.yml:{line}:" in text and words in text]
        assert found, f"no line about {words} at line {line} in\n{done.err}"
    assert not (controller.folder / "x.bundle").exists()


@case("a user without rights starts a play in a file, with a home of its own and its own lock")
def as_user(controller):
    web, = controller.up("web")
    controller.write("user.yml", """
        - hosts: fleet
          gather_facts: false
          tasks:
            - name: mine
              copy: {content: x, dest: "{{ home }}/mine"}
            - name: roots
              copy: {content: y, dest: /srv/roots}
              become: true
    """)
    file = controller.folder / "user.bundle"
    ends(controller.run("run", controller.folder / "plays/user.yml", "-i", controller.inventory(home="/home/alice"),
                        "--emit", file), 0)
    there = carry(file, web, "/home/alice/play.bundle", owner="alice")
    done = start(web, "sh", there, "--format", "jsonl", user="alice")
    ends(done, 0)
    same(web.must("stat -c %U /home/alice/mine /srv/roots").split(), ["alice", "root"], "the owners")
    assert web.path("/home/alice/.cache/agent/lock").exists()

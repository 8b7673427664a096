"""Links that break, and machines that are not what they should be."""
import shutil
import struct
import subprocess

import machine
from bed import case, same, says

SLOW = """
    - hosts: fleet
      gather_facts: false
      tasks:
        - name: slow
          shell: "echo x >>/srv/started; while [ ! -e /srv/go ]; do sleep 0.1; done"
          notify: told
        - name: after
          shell: echo x >>/srv/after
      handlers:
        - name: told
          shell: echo x >>/srv/told
"""


LOCAL = """
    - hosts: localhost
      gather_facts: false
      tasks:
        - name: quick
          ping:
"""
WITHIN = """
    - hosts: fleet
      gather_facts: false
      tasks:
        - name: within
          shell: /var/cache/agent/*/bin/agent run /srv/quick.yml --wait 0
"""


@case("links: a host whose link breaks in a task goes on, and is picked up; each result arrives once")
def picked_up(controller):
    one, two = controller.up("one", "two")
    two.must("touch /srv/go")
    command, process = controller.start("run", controller.write("slow.yml", SLOW), "-i", controller.inventory())
    controller.wait_for_task(lambda: one.path("/srv/started").exists(), "the task on one")
    one.stop_sshd()
    one.must("touch /srv/go")
    controller.wait_for(lambda: one.path("/srv/told").exists(), "the handler on one, though nobody sees it")
    one.start_sshd()
    run = controller.finish(command, process)
    same(run.code, 0, f"exit code of\n{run}")
    for host in ("one", "two"):
        for task in ("slow", "after", "told"):
            same(run.one(host, task)["status"], "changed", f"'{task}' on {host}")
    for file in ("started", "after", "told"):
        same(one.read(f"/srv/{file}"), "x\n", f"how often /srv/{file} was written")
    says(run, "the link to 'one' broke", "'one' is back")
    controller.wait_for(lambda: not one.processes(), "the end of the agent on one")


@case("links: a line that falls silent is noticed, and taken up again when it is back")
def silent(controller):
    if not shutil.which("iptables"):
        raise machine.Unusable("there is no iptables to cut a line with")
    one, = controller.up("one")
    command, process = controller.start("run", controller.write("slow.yml", SLOW), "-i", controller.inventory())
    controller.wait_for_task(lambda: one.path("/srv/started").exists(), "the task on one")
    # Nothing is refused and nothing closed: packets are lost, in the middle of the task.
    rules = [["INPUT", "-d", one.address, "-j", "DROP"], ["INPUT", "-s", one.address, "-j", "DROP"]]
    for rule in rules:
        subprocess.run(["iptables", "-I", *rule], check=True)
    for line in process.stdout:
        if "the link to 'one' broke" in line:
            break
    one.must("touch /srv/go")
    controller.wait_for(lambda: one.path("/srv/told").exists(), "the end of the play, though nobody sees it")
    for rule in rules:
        subprocess.run(["iptables", "-D", *rule], check=True)
    run = controller.finish(command, process)
    same(run.code, 0, f"exit code of\n{run}")
    for task in ("slow", "after", "told"):
        same(run.one("one", task)["status"], "changed", f"'{task}'")
    same(one.read("/srv/after"), "x\n", "how often it was done")


@case("links: a host whose link breaks for good is unreachable, and goes on to the end of its play by itself")
def for_good(controller):
    one, two = controller.up("one", "two")
    two.must("touch /srv/go")
    command, process = controller.start("run", controller.write("slow.yml", SLOW), "-i", controller.inventory(),
                                        "--reconnect", "2")
    controller.wait_for_task(lambda: one.path("/srv/started").exists(), "the task on one")
    one.stop_sshd()
    run = controller.finish(command, process)
    same(run.code, 4, f"exit code of\n{run}")
    same(run.one("one", "slow")["status"], "unreachable", "the status on one")
    says(run, "'one' is lost")
    same(run.one("two", "told")["status"], "changed", "the status on two")
    one.must("touch /srv/go")
    controller.wait_for(lambda: not one.processes(), "the end of the agent on one")
    for file in ("started", "after", "told"):
        same(one.read(f"/srv/{file}"), "x\n", f"how often /srv/{file} was written")


NEEDY = """
    - hosts: fleet
      gather_facts: false
      tasks:
        - name: slow
          shell: "echo x >>/srv/started; while [ ! -e /srv/go ]; do sleep 0.1; done"
        - block:
            - name: big
              copy: {src: big, dest: /srv/big}
          rescue:
            - name: rescued
              file: {path: /srv/rescued, state: touch}
          always:
            - name: always
              file: {path: /srv/always, state: touch}
"""


@case("links: a host that needs something of a controller that was killed ends there, and rescues nothing")
def controller_killed(controller):
    one, = controller.up("one")
    # Too big to go along: it is asked for.
    controller.write("files/big", "x" * (300 << 10) + "\n")
    command, process = controller.start("run", controller.write("needy.yml", NEEDY), "-i", controller.inventory(),
                                        "--reconnect", "1")
    controller.wait_for_task(lambda: one.path("/srv/started").exists(), "the task on one")
    process.kill()
    process.communicate()
    # Long after it has given its controller up.
    one.must("sleep 5; touch /srv/go")
    controller.wait_for(lambda: not one.processes(), "the end of the agent on one")
    same(one.must("ls /srv").split(), ["go", "started"], "what one did without its controller")


@case("links: an agent that is killed is a lost host, and the next run brings it where it should be")
def agent_killed(controller):
    one, = controller.up("one")
    playbook, inventory = controller.write("slow.yml", SLOW), controller.inventory()
    command, process = controller.start("run", playbook, "-i", inventory)
    controller.wait_for_task(lambda: one.path("/srv/started").exists(), "the task on one")
    one.must("kill -9 " + " ".join(path.split("/")[2] for path in one.processes()))
    run = controller.finish(command, process)
    same(run.code, 4, f"exit code of\n{run}")
    same(run.one("one", "slow")["status"], "unreachable", "the status")
    one.must("touch /srv/go")
    again = controller.run("run", playbook, "-i", inventory)
    same(again.code, 0, f"exit code of\n{again}")
    same(one.read("/srv/after"), "x\n", "what the second run did")


@case("links: two controllers on one host: the second waits, and says for whom")
def two_controllers(controller):
    one, = controller.up("one")
    playbook, inventory = controller.write("slow.yml", SLOW), controller.inventory()
    first = controller.start("run", playbook, "-i", inventory)
    controller.wait_for_task(lambda: one.path("/srv/started").exists(), "the task of the first")
    refused = controller.run("run", playbook, "-i", inventory, "--wait", "0")
    same(refused.code, 75, f"exit code of\n{refused}")
    says(refused, "'one' is taken: run 2")
    # A check waits for nobody.
    check = controller.run("check", playbook, "-i", inventory)
    same(check.code, 3, f"exit code of\n{check}")
    second = controller.start("run", playbook, "-i", inventory)
    one.must("touch /srv/go")
    for command, process in (first, second):
        run = controller.finish(command, process)
        same(run.code, 0, f"exit code of\n{run}")
    same(one.read("/srv/after"), "x\nx\n", "what both did, one after the other")


@case("links: a run on the machine itself and one that comes over SSH: the second waits, and says for whom")
def on_the_machine_itself(controller):
    one, = controller.up("one")
    inventory = controller.inventory()
    slow = controller.write("slow.yml", SLOW)
    here = SLOW.replace("hosts: fleet", "hosts: localhost")
    one.write("/srv/here.yml", here)
    one.write("/srv/quick.yml", LOCAL)
    agent = "/var/cache/agent/*/bin/agent"
    # The agent comes to the machine.
    ended = controller.run("run", controller.write("ping.yml", LOCAL.replace("hosts: localhost", "hosts: fleet")), "-i", inventory)
    same(ended.code, 0, f"exit code of\n{ended}")
    command, process = controller.start("run", slow, "-i", inventory)
    controller.wait_for_task(lambda: one.path("/srv/started").exists(), "the task that came over SSH")
    refused = one.run(f"{agent} run /srv/quick.yml --wait 0")
    same(refused.code, 75, f"exit code of the run on the machine itself\n{refused.all}")
    assert "this machine is taken: run 2" in refused.all, refused.all
    # What is done on a controller for other machines waits for nobody, and neither does a check.
    one.write("/srv/hosts.ini", "elsewhere\n")
    leads = one.run(f"{agent} run /srv/quick.yml -i /srv/hosts.ini --wait 0")
    same(leads.code, 0, f"exit code of a run that has other machines, too\n{leads.all}")
    check = one.run(f"{agent} check /srv/quick.yml --wall none")
    same(check.code, 0, f"exit code of the check on the machine itself\n{check.all}")
    one.must("touch /srv/go")
    same(controller.finish(command, process).code, 0, "exit code of the run over SSH")
    one.must(f"rm /srv/go /srv/started; setsid {agent} run /srv/here.yml </dev/null >/srv/out 2>&1 &")
    controller.wait_for(lambda: one.path("/srv/started").exists(), "the task of the run on the machine itself")
    refused = controller.run("run", slow, "-i", inventory, "--wait", "0")
    same(refused.code, 75, f"exit code of\n{refused}")
    says(refused, "'one' is taken: run 2")
    one.must("touch /srv/go")
    # What a task starts belongs to the run of that task.
    controller.wait_for(lambda: not one.processes(), "the end of the run on the machine itself")
    within = controller.run("run", controller.write("within.yml", WITHIN), "-i", inventory)
    same(within.code, 0, f"exit code of\n{within}")


# ---- a machine that lies --------------------------------------------------------------------------------------------


def cbor(value):
    """As much of CBOR as frames are made of."""
    def head(major, number):
        if number < 24:
            return bytes([major << 5 | number])
        return bytes([major << 5 | 26]) + struct.pack(">I", number)
    if value is None:
        return b"\xf6"
    if isinstance(value, bool):
        return b"\xf5" if value else b"\xf4"
    if isinstance(value, int):
        return head(0, value)
    if isinstance(value, str):
        return head(3, len(value.encode())) + value.encode()
    if isinstance(value, list):
        return head(4, len(value)) + b"".join(map(cbor, value))
    return head(5, len(value)) + b"".join(cbor(key) + cbor(item) for key, item in value.items())


def frames(messages, first=1):
    bodies = [cbor({"s": number, "m": message}) for number, message in enumerate(messages, first)]
    return b"".join(struct.pack(">I", len(body)) + body for body in bodies)


def play_agent(host, messages, after="", later=()):
    """Has the host's agent say these frames, once it was asked something, and others a second later; what it hears is in
    /srv/heard.
    """
    agents = [path for path in host.must("ls /var/cache/agent/*/bin/agent").split()]
    host.path("/srv/frames").write_bytes(frames(messages))
    host.path("/srv/later").write_bytes(frames(later, len(messages) + 1))
    for agent in agents:
        host.must(f"rm {agent}")
        host.write(agent, f"#!/bin/sh\n{after}\nhead -c 4 >/dev/null; cat /srv/frames; (sleep {1 if later else 0}; cat /srv/later) & exec cat >/srv/heard\n", mode=0o755)


def told(word, **fields):
    return {"tell": word, "with": fields}


def result(**fields):
    return told("said", v=1, event="task_result", status="changed", play="x", module="command", result={}, **fields)


HELLO = told("hello", protocol=3)
END = {"answer": 1, "with": {"failed": False, "unreachable": False, "has_counts": True, "counts": {"ok": 1}}}
LIAR = """
    - hosts: fleet
      gather_facts: false
      tasks:
        - name: mark
          copy: {src: mark, dest: /srv/mark}
"""


@case("links: a machine that lies speaks for itself alone, and learns nothing that is not its own")
def liar(controller):
    one, two = controller.up("one", "two")
    controller.write("files/mark", "x\n")
    controller.write("secret.txt", "hunter2\n")
    playbook, inventory = controller.write("liar.yml", LIAR), controller.inventory()
    same(controller.run("run", playbook, "-i", inventory).code, 0, "the first run")
    secret = str(controller.folder / "plays" / "secret.txt")

    def ask(number, what, /, **fields):
        return {"ask": number, "what": what, "with": fields}
    play_agent(one, [
        HELLO, told("arrived", place=[1, 0], banner={"v": 1, "event": "task_started", "play": "x", "task": "forged"}),
        result(host="two", task="as another", path="/etc/shadow", line=1, column=1),
        result(host="one", task="\x1b]0;owned\x07\x1b[2J"), result(host="one", task="elsewhere", delegate="two"),
        told("said", v=1, event="recap", hosts={"two": {"failed": 9}}),
        told("said", v=1, event="run_started", playbooks=["x"]),
        ask(1, "file", what="content", path=secret), ask(2, "file", what="content", path="/etc/shadow"),
        ask(3, "file", what="kind", path="/etc/shadow"), ask(4, "file", what="content", path="files/../secret.txt"),
        ask(5, "lookup", name="pipe", terms=["id"], options={}, path=[]), ask(6, "password", user="root"),
        ask(7, "anything"), END])
    run = controller.run("run", playbook, "-i", inventory)
    same(run.code, 0, f"exit code of\n{run}")
    same([event["host"] for event in run.results(task="as another")], ["one"], "for whom it spoke")
    assert "delegate" not in run.one("one", "elsewhere"), "it said that it was done on another machine"
    same(run.results(host="two", task="mark")[0]["status"], "ok", "what two said")
    same(run.recap["two"].get("failed", 0), 0, "failures of two")
    same(len([event for event in run.events if event["event"] in ("recap", "run_started")]), 2, "beginnings and ends")
    assert "path" not in run.one("one", "as another"), f"it named a place of the controller's\n{run}"
    heard = one.path("/srv/heard").read_bytes()
    assert b"hunter2" not in heard and b"root:" not in heard and b"uid=" not in heard, f"it heard {heard[-2000:]}"
    # On a terminal nothing of it is an escape sequence.
    command, process = controller.start("run", playbook, "-i", inventory, "--format", "text")
    shown = controller.finish(command, process)
    assert "\x1b]" not in shown.out and "\x1b[2J" not in shown.out, f"escape sequences are shown: {shown.out!r}"


@case("links: a machine that floods or babbles is lost, and holds up nobody")
def babbler(controller):
    one, two = controller.up("one", "two")
    controller.write("files/mark", "x\n")
    playbook, inventory = controller.write("liar.yml", LIAR), controller.inventory()
    same(controller.run("run", playbook, "-i", inventory).code, 0, "the first run")
    for messages, after in (([], "yes"), ([], "cat /dev/zero"), ([HELLO, {"answer": 1, "with": "well"}, told(5)], ""),
                            ([told("hello", protocol=99)], ""), ([HELLO, told("arrived", place="nowhere")], "")):
        play_agent(one, messages, after)
        run = controller.run("run", playbook, "-i", inventory, "--reconnect", "0")
        same(run.code, 4, f"exit code after {messages or after}\n{run}")
        same(run.recap["one"].get("unreachable"), 1, "unreachable of one")
        same(run.one("two", "mark")["status"], "ok", "what two said")

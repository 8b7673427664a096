"""Runs that are broken off: journals, and who goes on with them."""
import pathlib
import random

from bed import case, same, says

# What was done is counted by the lines of /srv/log. What stands in `slow` waits until the test lets it go.
PLAY = """
    - hosts: fleet
      gather_facts: false
      vars: {word: hello}
      tasks:
        - name: first
          shell: "echo first >>/srv/log; echo {{ word }} out"
          register: first
          notify: told
        - name: each
          shell: "echo {{ item }} >>/srv/log"
          loop: [a, b]
        - name: fact
          set_fact: {known: "{{ first.stdout }}"}
        - name: slow
          shell: "echo slow >>/srv/log; while [ ! -e /srv/go ]; do sleep 0.1; done"
        - name: include
          include_tasks: more.yml
        - name: last
          copy: {content: "{{ known }}", dest: /srv/known}
      handlers:
        - name: told
          shell: echo told >>/srv/log
    - hosts: fleet
      gather_facts: false
      tasks:
        - name: second play
          shell: "echo second {{ known }} >>/srv/log"
"""
MORE = """
    - name: more
      shell: echo more >>/srv/log
"""
LOG = ["first", "a", "b", "slow", "more", "told", "second hello out"]


def begin(controller, *names, more=()):
    hosts = controller.up(*names)
    controller.keeps_history = True
    controller.write("more.yml", MORE)
    command, process = controller.start("run", controller.write("play.yml", PLAY), "-i", controller.inventory(), *more)
    for host in hosts:
        controller.wait_for_task(lambda host=host: "slow" in log_of(host), f"the slow task on {host.name}")
    return hosts, command, process


def log_of(host):
    return host.read("/srv/log").split("\n")[:-1] if host.path("/srv/log").exists() else []


def run_of(controller):
    """The name of the run that is kept."""
    kept = sorted(path.name for path in (controller.folder / "state/agent/runs").iterdir())
    same(len(kept), 1, f"runs that are kept: {kept}")
    return kept[0]


# The agent itself, and not its workers.
KILL = """for p in /proc/[0-9]*; do read -r c <$p/comm 2>/dev/null && [ "$c" = agent ] &&
    tr '\\0' ' ' <$p/cmdline | grep -q 'bin/agent exec' && kill -9 ${p#/proc/}; done; true"""


def kill_agent(host):
    host.must(KILL)


def children_of(pid):
    """Processes that this one has started, with all of its threads."""
    return [int(child) for task in pathlib.Path(f"/proc/{pid}/task").iterdir() for child in (task / "children").read_text().split()]


def is_alive(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def history(controller):
    """The only run of the history, as its report has it."""
    command, process = controller.start("report", "last", "--format", "jsonl")
    return controller.finish(command, process)


@case("survival: an agent that was killed is gone on with at the first task that is not done")
def resumed(controller):
    (one, two), command, process = begin(controller, "one", "two")
    two.must("touch /srv/go")
    kill_agent(one)
    run = controller.finish(command, process)
    same(run.code, 4, f"exit code of\n{run}")
    same(run.one("one", "slow")["status"], "unreachable", "the status on one")
    one.must("touch /srv/go")
    name = run_of(controller)
    says(run, f"'agent resume {name}' goes on with this run")
    journal = one.path(f"/var/cache/agent/runs/{name}").read_bytes()
    assert b"hello" not in journal and b"first" not in journal, "the journal can be read"
    same(one.must(f"stat -c %a /var/cache/agent/runs /var/cache/agent/runs/{name}").split(), ["700", "600"], "its modes")

    resumed = controller.run("resume", name)
    same(resumed.code, 0, f"exit code of\n{resumed}")
    assert "agent resume" not in resumed.text, f"there is nothing left to go on with\n{resumed.text[-2000:]}"
    # The one that was broken is done again, and nothing else.
    same(log_of(one), ["first", "a", "b", "slow", "slow", "more", "told", "second hello out"], "what was done on one")
    same(log_of(two), LOG, "what was done on two")
    same(one.read("/srv/known"), "hello out", "what a task registered before the end")
    # Told once, over both: what was known is not told again.
    same(resumed.results(task="first") + resumed.results(task="each"), [], "what was told before")
    same(resumed.one("one", "slow")["status"], "changed", "the broken one")
    same(resumed.results(host="two"), [], "what is told of two")
    same(sorted(resumed.recap), ["one", "two"], "hosts of the recap")
    same(resumed.recap["one"], resumed.recap["two"], "their counts")
    whole = history(controller)
    for host in ("one", "two"):
        for task in ("first", "slow", "more", "last", "told", "second play"):
            same(whole.one(host, task)["status"], "changed", f"'{task}' on {host} in the history")
    again = controller.run("resume", name)
    same(again.code, 1, f"exit code of\n{again}")


@case("survival: what is gone on with has to be the same playbook, and be led by nobody")
def refused(controller):
    (one,), command, process = begin(controller, "one")
    name = run_of(controller)
    led = controller.run("resume", name)
    same(led.code, 1, f"exit code of\n{led}")
    says(led, "still being led")
    kill_agent(one)
    controller.finish(command, process)
    controller.write("play.yml", PLAY.replace("echo told", "echo other"))
    other = controller.run("resume", name)
    same(other.code, 1, f"exit code of\n{other}")
    says(other, "the playbook is another", "agent run")
    same(log_of(one), ["first", "a", "b", "slow"], "what was done")


@case("survival: the controller is killed; the play goes on to its end, and attach collects it")
def collected(controller):
    (one,), command, process = begin(controller, "one", more=["--reconnect", "1"])
    children = children_of(process.pid)
    assert children, "there is no ssh"
    process.kill()
    process.communicate()
    controller.wait_for(lambda: not any(map(is_alive, children)), "the end of its ssh")
    one.must("touch /srv/go")
    controller.wait_for(lambda: not one.processes(), "the end of the agent on one")
    same(log_of(one), LOG[:-1], "what was done without a controller: the play at hand")
    attached = controller.run("attach", run_of(controller))
    same(log_of(one), LOG[:-1], "attach does nothing")
    same(attached.code, 4, f"exit code of\n{attached}")
    for task in ("first", "slow", "more", "last", "told"):
        same(attached.one("one", task)["status"], "changed", f"'{task}'")
    says(attached, "the run ended there before this was done", "agent resume")
    resumed = controller.run("resume", run_of(controller))
    same(resumed.code, 0, f"exit code of\n{resumed}")
    same([result["task"] for result in resumed.results()], ["second play"], "what was left")
    same(log_of(one), LOG, "what was done")


@case("survival: the controller is killed; another one attaches while it runs, and leads it to its end")
def attached(controller):
    (one,), command, process = begin(controller, "one")
    process.kill()
    process.communicate()
    command, process = controller.start("attach", run_of(controller))
    for line in process.stdout:
        if "it is taken over when the task at hand is done" in line:
            break
    one.must("touch /srv/go")
    run = controller.finish(command, process)
    same(run.code, 0, f"exit code of\n{run}")
    same(log_of(one), LOG, "what was done")
    same(sorted({result["task"] for result in run.results("one")}),
         ["each", "fact", "first", "last", "more", "second play", "slow", "told"], "what the second controller was told")


@case("survival: the controller is killed; the next run on the host takes what was done into the history")
def next_run_collects(controller):
    (one,), command, process = begin(controller, "one", more=["--reconnect", "1"])
    process.kill()
    process.communicate()
    one.must("touch /srv/go")
    controller.wait_for(lambda: not one.processes(), "the end of the agent on one")
    name = run_of(controller)
    next_one = controller.run("run", controller.write("next.yml", """
        - hosts: fleet
          gather_facts: false
          tasks:
            - name: of the next
              ping:
    """), "-i", controller.inventory())
    same(next_one.code, 0, f"exit code of\n{next_one}")
    says(next_one, f"'one' kept the journal of run {name}, whose controller died: it is in the history now")
    command, process = controller.start("report", name, "--format", "jsonl")
    whole = controller.finish(command, process)
    for task in ("first", "each", "slow", "more", "last", "told"):
        found = [result for result in whole.results("one", task) if "item" not in result]
        same([result["status"] for result in found], ["changed"], f"'{task}' in the history\n{whole}")
    again = controller.run("run", controller.folder / "plays/next.yml", "-i", controller.inventory())
    assert "whose controller died" not in again.text, f"it is collected twice\n{again}"
    resumed = controller.run("resume", name)
    same(resumed.code, 0, f"exit code of\n{resumed}")
    same([result["task"] for result in resumed.results()], ["second play"], "what was left")
    same(log_of(one), LOG, "what was done")


MANY = """
    - hosts: fleet
      gather_facts: false
      tasks:
        - name: line
          shell: "echo {{ item }} >>/srv/log"
          loop: "{{ range(12) | list }}"
          notify: told
        - name: file
          copy: {content: "{{ item }}", dest: "/srv/file{{ item }}"}
          loop: "{{ range(4) | list }}"
      handlers:
        - name: told
          shell: echo told >>/srv/log
"""


@case("survival: an agent killed at 50 random points; resumed, each host is as after an unbroken run")
def killed_anywhere(controller):
    one, = controller.up("one")
    controller.keeps_history = True
    playbook, inventory = controller.write("many.yml", MANY), controller.inventory()
    whole = [str(number) for number in range(12)] + ["told"]
    same(controller.run("run", playbook, "-i", inventory).code, 0, "the unbroken run")
    same(log_of(one), whole, "what an unbroken run does")
    chance = random.Random(5)
    broken = 0
    for kill in range(50):
        one.must("rm -f /srv/*")
        command, process = controller.start("run", playbook, "-i", inventory, "--reconnect", "0")
        # At a place of the log, or of the files behind it, and a moment that nobody chose.
        lines, files = (chance.randrange(1, 14), 0) if chance.random() < 0.7 else (13, chance.randrange(1, 5))
        one.must(f"""
            end=$(( $(date +%s) + 60 )); l=0; f=0
            while [ $l -lt {lines} ] && [ $f -lt {max(files, 1) if files else 5} ] && [ $(date +%s) -lt $end ]; do
              l=$(wc -l </srv/log 2>/dev/null || echo 0); f=$(ls /srv | grep -c file)
            done
            {KILL}
        """)
        run = controller.finish(command, process)
        if run.code == 0:  # it was faster
            same(log_of(one), whole, f"what the run did, kill {kill}")
            continue
        same(run.code, 4, f"exit code of\n{run}")
        broken += 1
        resumed = controller.run("resume", run_of(controller))
        same(resumed.code, 0, f"exit code after kill {kill} of\n{run}\n{resumed}")
        log = log_of(one)
        twice = [line for line in whole if log.count(line) > 1]
        same([line for at, line in enumerate(log) if line not in log[:at]], whole, f"what was done, kill {kill}, of {log}")
        assert len(twice) <= 1 and len(log) <= len(whole) + 1, f"kill {kill}: more than the broken one was done twice: {log}"
        same([one.read(f"/srv/file{number}") for number in range(4)], [str(number) for number in range(4)], "the files")
        told = [result.get("item") for result in [*run.results(task="line"), *resumed.results(task="line")]
                if "item" in result and result["status"] == "changed"]
        same(sorted(told, key=int), whole[:-1], f"what both told, kill {kill}\n{run}\n{resumed}")
    assert broken >= 25, f"only {broken} of 50 kills came in time"

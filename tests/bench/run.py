#!/usr/bin/env python3
"""Measures the agent against its bars and prints a table. Ratios are of one run on one machine, so that they hold anywhere.

    ./dev bench            everything
    ./dev bench startup    only what has this in its name
    ./dev bench fleet ssh  of the fleet only these parts (tests/fleet/bench.py)
"""
import argparse
import dataclasses
import functools
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.dont_write_bytecode = True
sys.path.insert(0, str(HERE.parent))
from environments import python_with  # noqa: E402

INSTALLED = ["apt", "bash", "coreutils", "dpkg", "tar"]


@dataclasses.dataclass
class Figure:
    name: str
    measured: str
    bar: str
    reached: bool


def play(tasks):
    """A playbook on this machine without facts."""
    return "- hosts: all\n  connection: local\n  gather_facts: false\n  tasks:\n" + "".join(f"    - {task}\n" for task in tasks)


def thirty(folder, env_module):
    """Five each of apt, an environment variable in .bashrc, file, copy, command and debug; nothing of it to do any more."""
    bashrc = folder / "bashrc"
    bashrc.write_text("".join(f"export BENCH_{n}=value\n" for n in range(5)))
    tasks = []
    for n, package in enumerate(INSTALLED):
        directory, file = folder / f"directory{n}", folder / f"file{n}"
        directory.mkdir(exist_ok=True)
        directory.chmod(0o755)
        file.write_text(f"content {n}\n")
        file.chmod(0o644)
        tasks += [f"apt: {{name: {package}}}",
                  env_module(bashrc, f"BENCH_{n}"),
                  f"file: {{path: {directory}, state: directory, mode: '0755'}}",
                  f"copy: {{content: \"content {n}\\n\", dest: {file}, mode: '0644'}}",
                  f"command: {{cmd: /bin/false, creates: {file}}}",
                  f"debug: {{msg: 'task {n}'}}"]
    return play(tasks)


def seconds(command, runs, environment=None):
    """The wall times of `runs` runs that must succeed."""
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        done = subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True)
        times.append(time.perf_counter() - start)
        if done.returncode:
            sys.exit(f"bench: {' '.join(map(str, command))} exited with {done.returncode}\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
        if "changed=" in done.stdout and "changed=0" not in done.stdout:
            sys.exit(f"bench: a task that should have had nothing to do changed something\n{done.stdout[-2000:]}")
    return times


def against_ansible(agent, folder):
    """30 no-op tasks, the agent and ansible-playbook."""
    ours, theirs = folder / "agent.yml", folder / "ansible.yml"
    ours.write_text(thirty(folder, lambda file, name: f"bashrc_env: {{name: {name}, value: value, file: {file}}}"))
    theirs.write_text(thirty(folder, lambda file, name: f"lineinfile: {{path: {file}, regexp: '^export {name}=', line: 'export {name}=value'}}"))
    ansible = pathlib.Path(python_with()).parent / "ansible-playbook"
    environment = dict({k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}, ANSIBLE_PYTHON_INTERPRETER="/usr/bin/python3", ANSIBLE_LOCALHOST_WARNING="False",
                       ANSIBLE_HOME=str(folder / "ansible"), PATH=f"{ansible.parent}:{os.environ['PATH']}")
    seconds([ansible, "-i", "localhost,", theirs], 1, environment)  # compiles its own Python once
    slow = min(seconds([ansible, "-i", "localhost,", theirs], 2, environment))
    seconds([agent, "run", ours], 3)
    fast = statistics.median(seconds([agent, "run", ours], 21))
    return Figure("30 no-op tasks, of ansible-playbook's time", f"1/{slow / fast:.0f}  ({fast * 1000:.1f} ms of {slow:.2f} s)", "1/200",
                  fast * 200 <= slow)


def thousand_files(agent, folder):
    """1,000 no-op file tasks."""
    directory = folder / "thousand"
    directory.mkdir(exist_ok=True)
    directory.chmod(0o755)
    for n in range(1000):
        (directory / f"f{n}").touch()
        (directory / f"f{n}").chmod(0o644)
    path = folder / "thousand.yml"
    path.write_text(play(f"file: {{path: {directory}/f{n}, state: file, mode: '0644'}}" for n in range(1000)))
    each = statistics.median(seconds([agent, "run", path], 7))
    return Figure("1,000 no-op file tasks, each", f"{each:.3f} ms", "0.300 ms", each <= 0.3)


def thousand_tasks(number):
    """A playbook of that many tasks of five kinds, as people write them."""
    kinds = ['copy: {content: "{{ root }} %d", dest: "{{ root }}/f%d", mode: "0644"}',
             'command: echo {{ item }} %d\n      loop: "{{ names }}"\n      register: r%d\n      changed_when: false',
             'file: {path: "{{ root }}/d%d", state: directory, mode: "0755"}\n      when: names | length > %d',
             'lineinfile:\n        path: /etc/x%d\n        regexp: "^a="\n        line: "a={{ root }} %d"\n      notify: restart',
             'debug:\n        msg: "{%% if names %%}{{ names | join(\',\') }} %d{%% endif %%}"\n      tags: [t%d]']
    text = "- hosts: all\n  gather_facts: false\n  vars: {root: /srv, names: [a, b]}\n  tasks:\n"
    for n in range(number):
        text += f"    - name: task {n}\n      " + kinds[n % len(kinds)] % (n, n) + "\n"
    return text + "  handlers:\n    - name: restart\n      command: 'true'\n"


def lint(agent, folder):
    """agent lint on 1,000 tasks."""
    path = folder / "lint.yml"
    path.write_text(thousand_tasks(1000))
    each = statistics.median(seconds([agent, "lint", path], 11)) * 1000
    return Figure("agent lint, 1,000 tasks", f"{each:.0f} ms", "100 ms", each <= 100)


def inventory(agent, folder):
    """10,000 hosts in 100 groups."""
    path = folder / "hosts"
    path.write_text("".join(
        f"[g{g:03}]\n" + "".join(f"h{g:03}{n:03} ansible_host=10.0.{g}.{n} n={n}\n" for n in range(100))
        + f"[g{g:03}:vars]\ncommon={g}\n" for g in range(100)))
    took = statistics.median(seconds([agent, "inventory", "-i", path, "--list"], 7))
    return Figure("inventory of 10,000 hosts in 100 groups", f"{took:.2f} s", "0.50 s", took <= 0.5)


HOSTILE = {
    "lists": lambda size: "- a\n" * (size // 4),
    "mappings": lambda size: "".join(f"k{n}: v\n" for n in range(size // 12)),
    "tags": lambda size: "- !!str a\n" * (size // 10),
    "tasks": lambda size: "- name: t\n  debug:\n    msg: '{{ x }}'\n" * (size // 40),
    "aliases": lambda size: "a: &a 1\nb:\n" + "- *a\n" * (size // 5),
    "brackets": lambda size: "[" + "1,\n" * (size // 3) + "1]",
    "a quote": lambda size: 'a: "' + "x\n" * (size // 2),
    "a block": lambda size: "a: |\n" + "  x\n" * (size // 4),
    "colons": lambda size: ":" * size,
    "blank lines": lambda size: "\n" * size,
}


def hostile(agent, folder):
    """YAML of almost 16 MiB that is made to cost much."""
    worst, most = (0.0, ""), 0
    for name, make in HOSTILE.items():
        path = folder / "hostile.yml"
        path.write_text(make(15_900_000))
        process = subprocess.Popen([agent, "lint", path], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        worst = max(worst, (usage.ru_utime + usage.ru_stime, name))
        most = max(most, usage.ru_maxrss // 1024)
        if os.waitstatus_to_exitcode(status) != 1:
            sys.exit(f"bench: {name} was not refused")
    return Figure("hostile YAML near 16 MiB, the worst", f"{worst[0]:.2f} s of the processor ({worst[1]}), {most} MiB", "1.00 s, 256 MiB",
                  worst[0] <= 1 and most <= 256)


def startup(agent, folder):
    """agent --version."""
    times = []
    for _ in range(101):
        start = time.perf_counter()
        child = os.posix_spawn(agent, [agent, "--version"], {"PATH": os.environ["PATH"]},
                               file_actions=[(os.POSIX_SPAWN_OPEN, 1, "/dev/null", os.O_WRONLY, 0)])
        os.waitpid(child, 0)
        times.append((time.perf_counter() - start) * 1000)
    middle = statistics.median(times)
    return Figure("agent --version", f"{middle:.1f} ms", "10.0 ms", middle <= 10)


def wall(agent, folder):
    """What the wall of check mode costs a worker, and a check over a run."""
    done = subprocess.run([agent, "check", "--wall-selftest"], capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"bench: the wall does not hold\n{done.stdout}{done.stderr}")
    built = float(done.stdout.split("it is built in ")[1].split(" ms")[0])
    path = folder / "wall.yml"
    path.write_text(thirty(folder, lambda file, name: f"bashrc_env: {{name: {name}, value: value, file: {file}}}"))
    # In turns, so that a busy machine is busy for both.
    pairs = [(seconds([agent, "run", path], 1)[0], seconds([agent, "check", path], 1)[0]) for _ in range(21)]
    run, check = (statistics.median(times) * 1000 for times in zip(*pairs))
    return [Figure("the wall of a check, each worker", f"{built:.2f} ms", "2.00 ms", built <= 2),
            # Built twice: by a process that finds out which wall can be had, and by the worker.
            Figure("a check of 30 no-op tasks, over a run of them", f"{check - run:+.1f} ms of {run:.1f} ms", "+4.0 ms", check - run <= 4)]


def resolve_command(agent, folder):
    """agent resolve, the program and its tables included."""
    command = [agent, "resolve", "torch==2.4.*", "--gpu", "RTX 3070", "--driver", "550.54", "--distro", "ubuntu22.04"]
    middle = statistics.median(seconds(command, 41)) * 1000
    return Figure("agent resolve: the whole command, tables read from disk", f"{middle:.1f} ms", "50.0 ms", middle <= 50)


def memory(agent, folder):
    """The peak of the agent and its workers together."""
    thousand_files(agent, folder)
    path = folder / "memory.yml"
    text = thirty(folder, lambda file, name: f"bashrc_env: {{name: {name}, value: value, file: {file}}}")
    more = (folder / "thousand.yml").read_text().split("tasks:\n", 1)[1]
    path.write_text(text + more + "    - command: sleep 0.5\n      changed_when: false\n")
    process = subprocess.Popen([agent, "run", path], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    peaks, proportional = {}, [0]

    def watch():
        while process.poll() is None:
            tree = family(process.pid)
            for pid in tree:
                peaks[pid] = max(peaks.get(pid, 0), field(pid, "status", "VmHWM:"))
            proportional[0] = max(proportional[0], sum(field(pid, "smaps_rollup", "Pss:") for pid in tree))
            time.sleep(0.005)

    watcher = threading.Thread(target=watch)
    watcher.start()
    process.wait()
    watcher.join()
    # The sum of each one's peak counts shared pages more than once and needs no luck with sampling: an upper bound.
    total = sum(peaks.values()) / 1024
    return Figure("peak memory, agent and workers, 1,031 tasks", f"{total:.0f} MiB resident, {proportional[0] / 1024:.0f} MiB proportional",
                  "64 MiB", 0 < total <= 64)


def family(root):
    """The processes of the agent below `root`, the programs that tasks start left out."""
    parents, names = {}, {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                stat = pathlib.Path(f"/proc/{entry}/stat").read_text()
            except OSError:
                continue
            names[int(entry)] = stat[stat.index("(") + 1:stat.rindex(")")]
            parents[int(entry)] = int(stat[stat.rindex(")") + 2:].split()[1])
    found = [root]
    for pid in found:
        found += [child for child, parent in parents.items() if parent == pid]
    return [pid for pid in found if names.get(pid) == "agent" or pid == root]


def field(pid, file, name):
    try:
        for line in pathlib.Path(f"/proc/{pid}/{file}").read_text().splitlines():
            if line.startswith(name):
                return int(line.split()[1])
    except OSError:
        pass
    return 0


def fleet(agent, folder, parts=()):
    """30 no-op tasks on 20 hosts over SSH, and the first contact."""
    if os.geteuid() != 0:
        print("bench: the fleet needs root, to make its hosts; left out", file=sys.stderr)
        return []
    done = subprocess.run([sys.executable, HERE.parent / "fleet" / "bench.py", "--agent", agent, *parts], stdout=subprocess.PIPE, text=True)
    if done.returncode:
        sys.exit(f"bench: the fleet's measure ended with {done.returncode}")
    return figures_in(done.stdout)


def figures_in(text):
    """The lines of `name | measured | bar | yes or no`; others are shown."""
    figures = []
    for line in text.splitlines():
        words = [word.strip() for word in line.split("|")]
        if len(words) == 4:
            figures.append(Figure(*words[:3], words[3] == "yes"))
        else:
            print(line)
    return figures


def programs(folder):
    """Benchmarks of the build: each prints lines of `name | measured | bar | yes or no`."""
    return sorted(path for path in folder.glob("**/*_bench") if os.access(path, os.X_OK) and path.is_file()) if folder.is_dir() else []


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=pathlib.Path, required=True)
    parser.add_argument("what", nargs="?", default="")
    parser.add_argument("parts", nargs="*", metavar="part", help="of the fleet")
    options = parser.parse_args()
    agent = str(options.build.resolve() / "bin" / "agent")
    measures = {"startup": startup, "files": thousand_files, "memory": memory, "lint": lint, "inventory": inventory,
                "hostile": hostile, "tasks": against_ansible, "resolve": resolve_command,
                "wall": wall, "fleet": functools.partial(fleet, parts=options.parts)}
    figures = []
    with tempfile.TemporaryDirectory(prefix="agent-bench-") as folder:
        os.environ["XDG_STATE_HOME"] = folder  # what the history costs is measured, in a history of the benchmark's own
        for name, measure in measures.items():
            if options.what in name:
                print(f"==> {getattr(measure, 'func', measure).__doc__.strip().rstrip('.')}", file=sys.stderr, flush=True)
                measured = measure(agent, pathlib.Path(folder))
                figures += measured if isinstance(measured, list) else [measured]
    for program in programs(options.build):
        if options.what in program.name and not options.parts:
            print(f"==> {program.name}", file=sys.stderr, flush=True)
            done = subprocess.run([program], stdout=subprocess.PIPE, text=True)
            figures += figures_in(done.stdout)
    if not figures:
        sys.exit(f"bench: nothing is called '{options.what}'; there are: {', '.join(measures)}")
    rows = [("what", "measured", "bar", "")] + [(f.name, f.measured, f.bar, "reached" if f.reached else "MISSED") for f in figures]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    for number, row in enumerate(rows):
        print("  ".join(word.ljust(width) for word, width in zip(row, [*widths, 0])).rstrip())
        if number == 0:
            print("  ".join("-" * width for width in [*widths, 7]))
    return 0 if all(f.reached for f in figures) else 1


if __name__ == "__main__":
    sys.exit(main())

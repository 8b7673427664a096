#!/usr/bin/env python3
"""Runs every case of cases/*.txt under agent and under ansible-playbook and compares what happened.

A case file holds many cases. Each begins with `### NAME`, then its playbook; `@@ PATH` begins another file beside it,
`@@ args` holds more arguments, one a line. Both engines run it in a folder of its own, with the hosts h1 and h2 on this
machine and `-e dir=FOLDER/out`. Compared are: the status of every task and item on every host in order, what lies in
`out` afterwards (names, content, modes), the recap, and the class of the exit code. What differs on purpose is a line in
differences.txt: `NAME: reason`; a case listed there must differ.
"""
import argparse
import concurrent.futures
import hashlib
import inspect
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import threading

HERE = pathlib.Path(__file__).resolve().parent
INVENTORY = "h1 ansible_connection=local\nh2 ansible_connection=local\n[pair]\nh1\nh2\n[first]\nh1\n"


class Case:
    def __init__(self, name):
        self.name, self.files, self.args = name, {}, []


def read_cases():
    for path in sorted((HERE / "cases").glob("*.txt")):
        case, target = None, None
        for line in path.read_text(encoding="utf-8").splitlines(keepends=True):
            if line.startswith("### "):
                if case:
                    yield case
                case, target = Case(f"{path.stem}: {line[4:].strip()}"), "site.yml"
                case.files[target] = ""
            elif line.startswith("@@ ") and case:
                target = line[3:].strip()
                case.files[target] = ""
            elif case:
                case.files[target] += line
        if case:
            yield case


def lay_out(case, folder):
    for name, text in case.files.items():
        if name == "args":
            case.args = text.split("\n")[:-1]
            continue
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        if text.startswith("#!"):
            path.chmod(0o755)
    if "hosts.ini" not in case.files:
        (folder / "hosts.ini").write_text(INVENTORY, encoding="utf-8")
    (folder / "out").mkdir()


def environment(folder, **more):
    keep = {key: value for key, value in os.environ.items() if key in ("PATH", "HOME", "LANG", "USER", "LOGNAME")}
    return dict(keep, LC_ALL="C.UTF-8", TMPDIR=str(folder), AGENT_HISTORY="no", **more)


def execute(command, folder, env):
    done = subprocess.run(command, cwd=folder, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, errors="replace", timeout=120)
    return done.returncode, done.stdout, done.stderr


def tree(folder):
    found = {}
    for path in sorted((folder / "out").rglob("*")):
        name = str(path.relative_to(folder / "out"))
        if path.is_symlink():
            found[name] = ("link", os.readlink(path))
        elif path.is_dir():
            found[name] = ("directory", oct(path.stat().st_mode & 0o7777))
        else:
            text = path.read_text(encoding="utf-8", errors="replace").replace(str(folder), "DIR")
            found[name] = (text, oct(path.stat().st_mode & 0o7777))
    return found


def split(records, folder):
    """Tasks and items by host in order, and the recap."""
    hosts, recap = {}, {}
    for record in records:
        if "recap" in record:
            recap[record["recap"]] = {key: record.get(key, 0) for key in
                                      ("ok", "changed", "unreachable", "failures", "skipped", "rescued", "ignored")}
            continue
        row = [record["task"].replace(str(folder), "DIR"), record["status"]]
        if "item" in record:
            row.append(str(record["item"]).replace(str(folder), "DIR"))
        hosts.setdefault(record["host"], []).append(row)
    return hosts, recap


def run_ansible(case, folder, ansible):
    record = folder / "record"
    env = environment(folder, AGENT_RECORD=str(record), ANSIBLE_CALLBACK_PLUGINS=str(HERE / "callback"),
                      ANSIBLE_CALLBACKS_ENABLED="record", ANSIBLE_NOCOLOR="1", ANSIBLE_LOCALHOST_WARNING="0",
                      ANSIBLE_LOCAL_TEMP=str(folder / ".tmp"), ANSIBLE_REMOTE_TEMP=str(folder / ".remote"),
                      ANSIBLE_PYTHON_INTERPRETER=sys.executable, ANSIBLE_DEPRECATION_WARNINGS="0",
                      ANSIBLE_RETRY_FILES_ENABLED="0", ANSIBLE_PIPELINING="1")
    code, text, mistakes = execute([ansible, "site.yml", "-i", "hosts.ini", "-e", f"dir={folder}/out", *case.args], folder, env)
    records = [json.loads(line) for line in record.read_text().splitlines()] if record.exists() else []
    return code, text, mistakes, records


def run_agent(case, folder, agent):
    env = environment(folder, NO_COLOR="1")
    command = [agent, "run", "site.yml", "-i", "hosts.ini", "-e", f"dir={folder}/out", *case.args,
               "--format", "jsonl", "--output", str(folder / "record"), "--format", "text"]
    code, text, mistakes = execute(command, folder, env)
    records = []
    path = folder / "record"
    for line in path.read_text().splitlines() if path.exists() else []:
        event = json.loads(line)
        if event["event"] == "task_result":
            status = {"rescued": "failed"}.get(event["status"], event["status"])
            record = {"host": event["host"], "task": event["task"], "status": status}
            if "item" in event:
                record["item"] = event["item"]
            records.append(record)
        elif event["event"] == "recap":
            for host, counts in event.get("hosts", {}).items():
                counts = dict(counts)
                counts["failures"] = counts.pop("failed", 0)
                records.append(dict(counts, recap=host))
    return code, text, mistakes, records


def exit_class(code):
    return {0: "fine", 2: "failed"}.get(code, "refused")


def outcome(case, run, program):
    """What happened when `run` gave the case to `program`."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="differential-"))
    try:
        lay_out(case, folder)
        code, text, mistakes, records = run(case, folder, program)
        hosts, recap = split(records, folder)
        listing = text if any(arg.startswith("--list-") for arg in case.args) else ""
        return {"exit": exit_class(code), "tasks": hosts, "recap": recap, "files": tree(folder), "listing": listing,
                "text": text + mistakes}
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def remembered(case, program, memory):
    """The reference's outcome; taken from the folder `memory` where this very case was run under it before."""
    if not memory:
        return outcome(case, run_ansible, program)
    parts = [inspect.getsource(run_ansible), INVENTORY, (HERE / "callback" / "record.py").read_text(), program]
    key = hashlib.sha256(json.dumps([parts, sorted(case.files.items())]).encode()).hexdigest()
    path = pathlib.Path(memory) / f"{key}.json"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        found = json.dumps(outcome(case, run_ansible, program))
        written = path.with_suffix(f".{os.getpid()}-{threading.get_ident()}")
        written.write_text(found, encoding="utf-8")
        written.rename(path)
    return json.loads(path.read_text(encoding="utf-8"))


def compare(case, agent, ansible, memory=None):
    """The differences as text; empty when there is none."""
    theirs = remembered(case, ansible, memory)
    ours = json.loads(json.dumps(outcome(case, run_agent, agent)))
    lines = []
    if theirs["exit"] == ours["exit"] == "refused":
        return ""
    for part in ("exit", "tasks", "recap", "files", "listing"):
        if theirs[part] != ours[part]:
            lines += difference(part, theirs[part], ours[part])
    if lines:
        lines += ["  --- ansible-playbook said:", theirs["text"][-2500:], "  --- agent said:", ours["text"][-2500:]]
    return "\n".join(lines)


def difference(part, theirs, ours):
    if not isinstance(theirs, dict):
        return [f"  {part}: ansible {theirs!r}, agent {ours!r}"]
    return [f"  {part} {key}:\n    ansible {theirs.get(key)!r}\n    agent   {ours.get(key)!r}"
            for key in sorted(set(theirs) | set(ours)) if theirs.get(key) != ours.get(key)]


def memory():
    """Where the reference's outcomes are kept, by case and by the environment that ran it: it takes most of the time."""
    cache = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache")
    return cache / "agent-tests" / "playbooks"


def deliberate():
    path = HERE / "differences.txt"
    rows = [line for line in path.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    return dict(row.split(" -- ", 1) for row in rows)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--agent", required=True)
    parser.add_argument("--build")
    parser.add_argument("--ansible", default=str(pathlib.Path(sys.executable).parent / "ansible-playbook"))
    parser.add_argument("--filter", default="")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 2)
    parser.add_argument("--remember", metavar="FOLDER", default=str(memory()),
                        help="keep what ansible-playbook did there, and run it no more for a case that is the same; '' runs it always")
    parser.add_argument("--quiet", action="store_true", help="name what differs, without the outputs")
    options, _ = parser.parse_known_args()
    cases = [case for case in read_cases() if options.filter in case.name or options.filter in "differential playbooks"]
    on_purpose = deliberate()
    passed = failed = 0
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        agent = str(pathlib.Path(options.agent).resolve())
        for case, text in zip(cases, pool.map(lambda case: compare(case, agent, options.ansible, options.remember), cases)):
            expected = case.name in on_purpose
            if bool(text) == expected:
                passed += 1
                continue
            failed += 1
            print(f"DIFFERS {case.name}" if text else f"DOES NOT DIFFER, though listed: {case.name}")
            if not options.quiet:
                print(text, flush=True)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
"""Runs the program itself, as people call it: exit codes, what goes to which stream, listings, reports, interrupts."""
import argparse
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree

from schema import mistakes

FINE, WRONG_INPUT, FAILED, DRIFT, UNREACHABLE, INTERRUPTED = 0, 1, 2, 3, 4, 130
HEAD = "- hosts: all\n  gather_facts: false\n  tasks:\n"


class Shell:
    """A folder of files, and the agent in it."""

    def __init__(self, agent):
        self.agent = agent
        self.folder = tempfile.TemporaryDirectory(prefix="command-line-")
        self.path = pathlib.Path(self.folder.name)

    def write(self, name, text):
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def environment(self, more):
        keep = {key: value for key, value in os.environ.items() if key in ("PATH", "HOME", "LANG", "USER")}
        # The history of whoever runs the tests is not the tests' to write.
        return dict(keep, LC_ALL="C.UTF-8", **{"AGENT_HISTORY": "no", **more})

    def __call__(self, *arguments, **more):
        self.last = subprocess.run([self.agent, *arguments], cwd=self.path, env=self.environment(more), text=True,
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120)
        return self.last.returncode

    def start(self, *arguments):
        return subprocess.Popen([self.agent, *arguments], cwd=self.path, env=self.environment({}), text=True,
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    @property
    def out(self):
        return self.last.stdout

    @property
    def err(self):
        return self.last.stderr


def equal(found, expected):
    assert found == expected, f"found {found!r}, expected {expected!r}"


def holds(text, part):
    assert part in text, f"{part!r} is not in {text!r}"


def exit_codes_of_run(sh):
    sh.write("ok.yml", HEAD + "    - command: 'true'\n")
    sh.write("fail.yml", HEAD + "    - command: 'false'\n")
    sh.write("away.yml", HEAD + "    - command: 'true'\n")
    sh.write("hosts", "far ansible_connection=nowhere\n")
    equal(sh("run", "ok.yml"), FINE)
    equal(sh("run", "fail.yml"), FAILED)
    equal(sh("run", "away.yml", "-i", "hosts"), UNREACHABLE)
    equal(sh("run", "missing.yml"), WRONG_INPUT)
    equal(sh("run"), WRONG_INPUT)
    equal(sh("run", "ok.yml", "--no-such-flag"), WRONG_INPUT)
    equal(sh("run", "ok.yml", "-l", "nobody"), WRONG_INPUT)


def check_says_drift_and_changes_nothing(sh):
    sh.write("site.yml", HEAD + "    - copy: {content: x, dest: '{{ dir }}/file'}\n")
    arguments = ("site.yml", "-e", f"dir={sh.path}")
    equal(sh("check", *arguments), DRIFT)
    assert not (sh.path / "file").exists()
    equal(sh("run", *arguments), FINE)
    equal((sh.path / "file").read_text(), "x")
    equal(sh("check", *arguments), FINE)


def all_mistakes_are_said_before_anything_runs(sh):
    sh.write("site.yml", HEAD + "    - copy: {contnet: x, dest: '{{ dir }}/file'}\n    - file: {path: /x, stat: directory}\n"
                                "    - debug: {msg: '{{ 1 + }}'}\n")
    equal(sh("run", "site.yml", "-e", f"dir={sh.path}"), WRONG_INPUT)
    holds(sh.err, "site.yml:4:14")
    holds(sh.err, "did you mean 'content'?")
    holds(sh.err, "site.yml:5:24")
    holds(sh.err, "site.yml:6:")
    equal(sh.out, "")


def version_and_help(sh):
    equal(sh("--version"), FINE)
    holds(sh.out, "agent ")
    equal(sh("--help"), FINE)
    holds(sh.out, "run")
    equal(sh("run", "--help"), FINE)
    equal(sh(), WRONG_INPUT)
    holds(sh.out, "Subcommands:")


def a_misspelt_command_is_named_with_the_nearest(sh):
    equal(sh("rnu", "site.yml"), WRONG_INPUT)
    equal(sh.err, "error: there is no command 'rnu'\n  hint: did you mean 'run'?\n")


def listings(sh):
    sh.write("site.yml", "- hosts: all\n  name: P\n  tags: p\n  tasks:\n    - {name: one, command: 'true', tags: [x]}\n"
                         "    - {command: 'true', tags: [y]}\n")
    sh.write("hosts", "h1 ansible_connection=local\nh2 ansible_connection=local\n")
    equal(sh("run", "site.yml", "--list-tasks"), FINE)
    equal(sh.out, f"\nplaybook: site.yml\n\n  play #1 (all): P\tTAGS: [p]\n    tasks:\n      one\tTAGS: [p, x]\n"
                  "      command\tTAGS: [p, y]\n")
    equal(sh("run", "site.yml", "--list-tags"), FINE)
    holds(sh.out, "      TASK TAGS: [p, x, y]\n")
    equal(sh("run", "site.yml", "--list-hosts", "-i", "hosts"), FINE)
    holds(sh.out, "    pattern: ['all']\n    hosts (2):\n      h1\n      h2\n")
    equal(sh("run", "site.yml", "--syntax-check"), FINE)


def reports_go_where_they_are_sent(sh):
    sh.write("site.yml", HEAD + "    - {name: t, command: 'true'}\n")
    equal(sh("run", "site.yml", "--format", "jsonl", "--output", "events", "--format", "json", "--output", "whole.json"), FINE)
    holds(sh.out, "PLAY RECAP")
    events = [json.loads(line) for line in (sh.path / "events").read_text().splitlines()]
    equal([event["event"] for event in events],
          ["run_started", "play_started", "task_started", "task_result", "recap"])
    equal(json.loads((sh.path / "whole.json").read_text())["stats"]["localhost"]["changed"], 1)
    equal(sh("run", "site.yml", "--format", "jsonl"), FINE)
    for line in sh.out.splitlines():
        json.loads(line)
    equal(sh("run", "site.yml", "--format", "juint"), WRONG_INPUT)


def a_report_is_told_by_the_name_of_its_file(sh):
    sh.write("site.yml", HEAD + "    - {name: t, copy: {content: x, dest: '{{ dir }}/file'}}\n")
    files = ("a.json", "a.jsonl", "a.xml", "a.html", "a.prom", "a.txt")
    equal(sh("check", "site.yml", "-e", f"dir={sh.path}", *(word for name in files for word in ("--output", name))), DRIFT)
    texts = {name: (sh.path / name).read_text() for name in files}
    equal(json.loads(texts["a.json"])["agent"]["verdict"], "drift")
    equal(json.loads(texts["a.jsonl"].splitlines()[-1])["event"], "recap")
    (case,) = xml.etree.ElementTree.fromstring(texts["a.xml"]).iter("testcase")
    equal((case.get("name"), case.get("line"), case[0].tag, case[0].get("type")), ("t", "4", "failure", "drift"))
    holds(texts["a.html"], "<h1>Not compliant</h1>")
    holds(texts["a.prom"], 'agent_run_success{playbook="site.yml",mode="check"} 0\n')
    holds(texts["a.txt"], "would change: [localhost]")
    equal(sorted(path.name for path in sh.path.iterdir()), sorted([*files, "site.yml"]))


def a_report_that_cannot_be_written_is_said_before_the_first_task(sh):
    sh.write("site.yml", HEAD + "    - copy: {content: x, dest: '{{ dir }}/file'}\n")
    for output in ("missing/audit.html", "."):
        equal(sh("run", "site.yml", "-e", f"dir={sh.path}", "--format", "html", "--output", output), WRONG_INPUT)
        holds(sh.err, "the report cannot be written")
    assert not (sh.path / "file").exists()


def a_report_that_is_lost_is_no_success(sh):
    sh.write("site.yml", HEAD + "    - {file: {path: '{{ dir }}/reports', state: absent}}\n")
    (sh.path / "reports").mkdir()
    equal(sh("run", "site.yml", "-e", f"dir={sh.path}", "--output", "reports/audit.json"), FAILED)
    holds(sh.err, "the report cannot be written to 'reports/audit.json'")
    holds(sh.out, "PLAY RECAP")


def events_follow_their_schema(sh):
    sh.write("site.yml", HEAD + """    - {name: a, copy: {content: x, dest: '{{ dir }}/file'}, notify: h}
    - {name: b, command: 'false', ignore_errors: true, register: r}
    - {name: c, debug: {msg: '{{ item }}'}, loop: [1, 2], when: item > 1}
    - {name: d, command: 'true', when: r.rc == 0}
    - {name: e, include_tasks: more.yml}
    - {name: f, command: 'false', until: false, retries: 1, delay: 0, ignore_errors: true, no_log: true}
    - {name: g, copy: {content: y, dest: /no/such/folder/x}}
  handlers:
    - {name: h, debug: {msg: handled}}
- hosts: nobody
  tasks: []
""")
    sh.write("more.yml", "- ping:\n")
    schema = json.loads((pathlib.Path(__file__).parents[2] / "docs/events.schema.json").read_text())
    kinds = set()
    for command in ("check", "run"):
        sh(command, "site.yml", "-e", f"dir={sh.path}", "--format", "jsonl")
        for line in sh.out.splitlines():
            event = json.loads(line)
            kinds.add(event["event"])
            equal(mistakes(event, schema), [])
    equal(kinds & {"progress", "prompt", "notice"}, set())
    equal(kinds, {"run_started", "play_started", "task_started", "task_result", "retrying", "included", "recap"})


def a_run_is_held_to_what_was_approved(sh):
    sh.write("site.yml", HEAD + "    - {name: a, copy: {content: '{{ text }}', dest: '{{ dir }}/a'}}\n"
                                "    - {name: b, copy: {content: b, dest: '{{ dir }}/b'}, loop: [1]}\n")
    given = ("site.yml", "-e", f"dir={sh.path}", "-e")
    equal(sh("check", *given, "text=x", "--output", "audit.json"), DRIFT)
    equal(sh("run", *given, "text=y", "--expect", "audit.json"), FAILED)
    holds(sh.out, "this was not approved")
    assert "TASK [b]" not in sh.out and not (sh.path / "a").exists() and not (sh.path / "b").exists()
    equal(sh("run", *given, "text=x", "--expect", "audit.json"), FINE)
    equal(((sh.path / "a").read_text(), (sh.path / "b").read_text()), ("x", "b"))
    equal(sh("run", *given, "text=x", "--expect", "audit.json"), FINE)  # what is done already need not be done
    (sh.path / "b").write_text("other")
    equal(sh("run", *given, "text=x", "--expect", "audit.json"), FAILED)
    equal((sh.path / "b").read_text(), "other")
    sh.write("site.yml", HEAD + "    - {name: a, ping: {}}\n")
    equal(sh("run", *given, "text=x", "--expect", "audit.json"), WRONG_INPUT)
    holds(sh.err, "the playbook is another one")


def what_is_no_check_is_not_expected(sh):
    sh.write("site.yml", HEAD + "    - ping:\n")
    sh("run", "site.yml", "--output", "run.json")
    sh.write("list.json", "[]")
    for report, says in (("run.json", "needs that of a check"), ("list.json", "no report that --expect can read"), ("none.json", "cannot be read")):
        equal(sh("run", "site.yml", "--expect", report), WRONG_INPUT)
        holds(sh.err, says)
    equal(sh("check", "site.yml", "--expect", "run.json"), WRONG_INPUT)


def a_signed_report_is_verified(sh):
    sh.write("site.yml", HEAD + "    - ping:\n")
    make = ["openssl", "genpkey", "-algorithm", "ed25519", "-out", "key"]
    subprocess.run(make, cwd=sh.path, check=True)
    subprocess.run(["openssl", "pkey", "-in", "key", "-pubout", "-out", "pub"], cwd=sh.path, check=True)
    equal(sh("check", "site.yml", "--output", "audit.json", "--output", "audit.html", "--sign", "key"), FINE)
    for report in ("audit.json", "audit.html"):
        equal(sh("report", "verify", report, "--key", "pub"), FINE)
        # As anybody can, without the agent.
        subprocess.run(["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", "pub", "-rawin", "-in", report, "-sigfile", report + ".sig"],
                       cwd=sh.path, check=True, stdout=subprocess.DEVNULL)
    equal(sh("run", "site.yml", "--expect", "audit.json", "--expect-key", "pub"), FINE)
    whole = (sh.path / "audit.json").read_text()
    (sh.path / "audit.json").write_text(whole.replace("compliant", "Compliant"))
    equal(sh("report", "verify", "audit.json", "--key", "pub"), WRONG_INPUT)
    holds(sh.err, "the signature of 'audit.json' is not right")
    equal(sh("run", "site.yml", "--expect", "audit.json", "--expect-key", "pub"), WRONG_INPUT)
    equal(sh("check", "site.yml", "--sign", "key"), WRONG_INPUT)
    equal(sh("check", "site.yml", "--sign", "pub", "--output", "x.json"), WRONG_INPUT)
    holds(sh.err, "holds no private Ed25519 key")


def the_history_tells_what_drifted(sh):
    state = {"XDG_STATE_HOME": str(sh.path / "state"), "AGENT_HISTORY": "yes"}
    sh.write("site.yml", HEAD + "    - {name: a, copy: {content: x, dest: '{{ dir }}/a'}}\n")
    given = ("site.yml", "-e", f"dir={sh.path}")
    equal(sh("history", **state), FINE)
    holds(sh.out, "no run is in the history yet")
    equal(sh("run", *given, **state), FINE)
    equal(sh("check", *given, **state), FINE)
    equal(sh("history", "diff", **state), FINE)
    holds(sh.out, "nothing drifted")
    (sh.path / "a").write_text("by hand")
    equal(sh("check", *given, **state), DRIFT)
    equal(sh("history", "diff", **state), DRIFT)
    holds(sh.out, "drifted since:\n  localhost: would change: a (site.yml:4:")
    equal(sh("history", **state), FINE)
    rows = [line.split() for line in sh.out.splitlines()]
    equal([(row[0], row[5], row[-2]) for row in rows[1:]], [("3", "check", "drift"), ("2", "check", "compliant"), ("1", "run", "converged")])
    equal(sh("history", "show", "3", **state), FINE)
    holds(sh.out, "run 3: check of site.yml")
    equal(sh("report", "3", "--format", "json", **state), FINE)
    equal(json.loads(sh.out)["agent"]["verdict"], "drift")
    equal(sh("report", "last", "--diff", **state), FINE)
    holds(sh.out, "-by hand")
    equal(sh("report", "7", **state), WRONG_INPUT)
    holds(sh.err, "the history has no run '7'")


def the_history_keeps_no_secret_and_can_be_left_out(sh):
    state = {"XDG_STATE_HOME": str(sh.path / "state")}
    sh.write("site.yml", HEAD + "    - {name: a, command: echo canary-123, no_log: true}\n"
                                "    - {name: b, command: echo canary-456, changed_when: false}\n")
    keeps = dict(state, AGENT_HISTORY="")
    equal(sh("check", "site.yml", **keeps), DRIFT)  # of this machine: nothing is left on it
    assert not (sh.path / "state").exists()
    equal(sh("run", "site.yml", "--no-history", **keeps), FINE)
    assert not (sh.path / "state").exists()
    equal(sh("run", "site.yml", **keeps), FINE)
    kept = b"".join(path.read_bytes() for path in (sh.path / "state/agent").iterdir())
    assert b"site.yml" in kept
    assert b"canary-456" in kept  # the command is the change that people see ...
    assert b"canary-123" not in kept
    equal(sh("check", "site.yml", "--history", **keeps), DRIFT)
    equal(sh("history", **keeps), FINE)
    equal(len(sh.out.splitlines()), 3)


def what_is_not_there_yet_is_said(sh):
    sh.write("site.yml", HEAD + "    - command: 'true'\n")
    equal(sh("run", "site.yml", "-J"), WRONG_INPUT)
    holds(sh.err, "not there yet")


def colours_only_where_they_are_wanted(sh):
    sh.write("site.yml", HEAD + "    - command: 'true'\n")
    sh("run", "site.yml")
    assert "\x1b" not in sh.out
    sh("run", "site.yml", ANSIBLE_FORCE_COLOR="1")
    holds(sh.out, "\x1b[0;33mchanged: [localhost]")
    sh("run", "site.yml", ANSIBLE_FORCE_COLOR="1", NO_COLOR="1")
    assert "\x1b" not in sh.out


def verbosity_shows_results(sh):
    sh.write("site.yml", HEAD + "    - ping:\n")
    sh("run", "site.yml", "-v")
    holds(sh.out, 'ok: [localhost] => {"changed": false, "ping": "pong"}')


def an_interrupt_finishes_the_task_and_reports(sh):
    sh.write("site.yml", HEAD + "    - {name: long, command: sleep 3}\n    - {name: after, command: 'true'}\n")
    process = sh.start("run", "site.yml")
    for line in process.stdout:
        if "long" in line:
            break
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=60)
    equal(process.returncode, INTERRUPTED)
    holds(out, "changed: [localhost]")
    holds(out, "PLAY RECAP")
    assert "TASK [after]" not in out


def doc_modules_and_lint(sh):
    equal(sh("doc", "copy"), FINE)
    holds(sh.out, "arguments")
    equal(sh("doc", "ansible.builtin.include_tasks"), FINE)
    equal(sh("doc", "cpoy"), WRONG_INPUT)
    holds(sh.err, "did you mean 'copy'?")
    equal(sh("doc", "-l"), FINE)
    equal(sh("modules"), FINE)
    sh.write("site.yml", HEAD + "    - copyy: {content: x, dest: /x}\n")
    equal(sh("lint", "site.yml"), WRONG_INPUT)
    holds(sh.out, "site.yml:4:7: error")
    equal(sh("lint", "site.yml", "--format", "sarif"), WRONG_INPUT)
    json.loads(sh.out)
    equal(sh("run", "site.yml"), FAILED)
    holds(sh.err, "warning")


def vars_explains(sh):
    sh.write("hosts", "h1 ansible_connection=local colour=red\n[all:vars]\ncolour=blue\n")
    equal(sh("vars", "-i", "hosts", "h1", "colour", "--explain"), FINE)
    holds(sh.out, 'colour = "red"')
    holds(sh.out, '"blue"')
    equal(sh("vars", "-i", "hosts", "h1", "no_such", "--explain"), WRONG_INPUT)


def inventory_shows(sh):
    sh.write("hosts", "[web]\nh1 a=1\n")
    equal(sh("inventory", "-i", "hosts", "--list"), FINE)
    equal(json.loads(sh.out)["_meta"]["hostvars"]["h1"]["a"], 1)
    equal(sh("inventory", "-i", "hosts", "--graph"), FINE)
    holds(sh.out, "@web")


def facts_are_printed(sh):
    equal(sh("facts", "kernel"), FINE)
    equal(list(json.loads(sh.out)), ["kernel"])


def completion_is_shell(sh):
    equal(sh("completion", "bash"), FINE)
    subprocess.run(["bash", "-n"], input=sh.out, text=True, check=True)


def facts_of_a_pretended_gpu(sh):
    sh.write("gpu.json", json.dumps({"gpu": {"count": 1, "names": ["GeForce RTX 3070"], "capabilities": ["8.6"], "devices": [
        {"pci": "0000:01:00.0", "id": "10de:2484", "name": "GeForce RTX 3070", "capability": "8.6"}]}}))
    equal(sh("facts", "--filter", "gpu", AGENT_FACTS=str(sh.path / "gpu.json")), FINE)
    facts = json.loads(sh.out)
    equal(list(facts), ["gpu"])
    equal(facts["gpu"]["names"], ["GeForce RTX 3070"])
    equal(sh("resolve", "torch==2.4.*", "--here", "--distro", "ubuntu22.04", "--python", "3.10", "--format", "json",
             AGENT_FACTS=str(sh.path / "gpu.json")), FINE)
    equal(json.loads(sh.out)["gpu"], "GeForce RTX 3070")


def a_stack_is_resolved(sh):
    equal(sh("resolve", "torch==2.4.*", "--gpu", "RTX 3070", "--driver", "550.54", "--distro", "ubuntu22.04"), FINE)
    holds(sh.out, "torch 2.4.1+cu121")
    holds(sh.out, "pip install --index-url https://download.pytorch.org/whl/cu121 torch==2.4.1+cu121")
    equal(sh.err, "")
    equal(sh("resolve", "torch==2.4.*", "--gpu", "RTX 3070", "--distro", "ubuntu22.04", "--explain"), FINE)
    holds(sh.out, "[pytorch.yml:")
    equal(sh("resolve", "torch==2.4.*", "--gpu", "RTX 3070", "--format", "json"), FINE)
    stack = json.loads(sh.out)
    equal(stack["torch"], "2.4.1")
    assert all(fact["sources"] for fact in stack["facts"])


def a_stack_that_cannot_be_is_explained(sh):
    equal(sh("resolve", "torch==2.4.*", "--gpu", "RTX 5090"), WRONG_INPUT)
    equal(sh.out, "")
    for part in ("GeForce RTX 5090 has compute capability 12.0", "ways out", "gpus.yml:"):
        holds(sh.err, part)
    equal(sh("resolve", "torch==2.4.*", "--gpu", "RTX 5090", "--format", "json"), WRONG_INPUT)
    assert json.loads(sh.out)["ways_out"]


def unknown_names_are_told_by_resolve(sh):
    equal(sh("resolve", "troch"), WRONG_INPUT)
    holds(sh.err, "did you mean 'torch'?")
    equal(sh("resolve", "torch", "--gpu", "RTX 3071"), WRONG_INPUT)
    holds(sh.err, "GeForce RTX 3070")
    equal(sh("resolve", "torch", "--distro", "ubuntu25.10"), WRONG_INPUT)
    holds(sh.err, "known of ubuntu are")


def a_broken_table_is_told_with_its_line(sh):
    sh.write("site/gpus.yml", "schema: 1\nsources: {us: we}\ngpus:\n  - {name: A, cc: 8.6, arch: Ampere, pci: [], source: [us]}\n")
    equal(sh("resolve", "torch", AGENT_COMPAT=str(sh.path / "site")), WRONG_INPUT)
    holds(sh.err, "gpus.yml:4:19: error: 'cc' of a GPU 'A' is 8.6: expected text in quotes")


def lint_finds_versions_that_cannot_fit(sh):
    sh.write("site.yml", "- hosts: all\n  tasks:\n    - venv: {path: /opt/ml, python: python3.13}\n"
                         "    - pip: {name: [\"torch==2.4.1\"], virtualenv: /opt/ml}\n")
    equal(sh("lint", "site.yml"), WRONG_INPUT)
    for part in ("site.yml:4:21: error", "Python 3.13", "torch 2.4.1 has wheels for Python 3.8 to 3.12", "hint: use Python 3.12"):
        holds(sh.out, part)
    sh.write("site.yml", "- hosts: all\n  tasks:\n    - venv: {path: /opt/ml, python: python3.12}\n"
                         "    - pip: {name: [\"torch==2.4.1\"], virtualenv: /opt/ml, index_url: https://download.pytorch.org/whl/cu124}\n")
    equal(sh("lint", "site.yml"), FINE)


def lint_finds_versions_on_the_machine_that_cannot_fit(sh):
    """What each task would be refused for at run, or worse: what would be installed and not work."""
    for task, place, says in [
        ("ml_stack: {framework: torch==2.4.*, gpu: RTX 5090}", "site.yml:3:29", ["capability 12.0", "hint: instead of torch==2.4.*: torch 2."]),
        ("ml_stack: {gpu: RTX 3071}", "site.yml:3:7", ["no table has a GPU 'RTX 3071'"]),
        ("cudnn: {version: 8.0.5.39, cuda: '12.4'}", "site.yml:3:24", ["there is no cuDNN 8.0.5.39 for CUDA 12.4", "CUDA 12.4 is served by cuDNN 9."]),
        ("nvidia_driver: {branch: 470}\n    - cuda: {version: '12.4'}", "site.yml:4:24", ["driver 470", "hint: use driver 525.60.13 or newer"]),
        ("nvidia_driver: {branch: 470}\n    - cuda: {version: 12.4}", "site.yml:4:23", ["driver 470"]),
    ]:
        sh.write("site.yml", f"- hosts: all\n  tasks:\n    - {task}\n")
        equal((task, sh("lint", "site.yml")), (task, WRONG_INPUT))
        for part in [f"{place}: error", *says]:
            holds(sh.out, part)
    for task in ("cuda: {version: '12.7'}",):  # the tables may be older than the playbook
        sh.write("site.yml", f"- hosts: all\n  tasks:\n    - {task}\n")
        equal(sh("lint", "site.yml"), FINE)
        holds(sh.out, "warning: no table has a CUDA '12.7'")
    for task in ("ml_stack: {framework: torch==2.4.*, gpu: '{{ card }}'}", "ml_stack: {framework: '{{ what }}', gpu: RTX 5090}",
                 "cudnn: {version: '8.9', cuda: '12.4'}", "cudnn: {version: '9', cuda: '13'}", "cuda: {version: '{{ v }}'}",
                 "nvidia_driver: {branch: 470}\n    - cuda: {version: '12.4', state: absent}"):
        sh.write("site.yml", f"- hosts: all\n  vars: {{card: x, what: y, v: z}}\n  tasks:\n    - {task}\n")
        equal((task, sh("lint", "site.yml"), sh.out), (task, FINE, ""))


def every_playbook_that_is_shipped_is_without_a_mistake(sh):
    playbooks = sorted((pathlib.Path(__file__).resolve().parents[2] / "playbooks").glob("*.yml"))
    assert len(playbooks) >= 6, playbooks
    for playbook in playbooks:
        equal((sh("lint", str(playbook)), sh.out + sh.err), (FINE, ""))
        holds(playbook.read_text(), f"agent run playbooks/{playbook.name}")


def start_at_task_and_tags(sh):
    sh.write("site.yml", HEAD + "    - {name: one, ping: {}}\n    - {name: two, ping: {}, tags: [x]}\n")
    sh("run", "site.yml", "--start-at-task", "two")
    assert "TASK [one]" not in sh.out
    holds(sh.out, "TASK [two]")
    sh("run", "site.yml", "--skip-tags", "x")
    assert "TASK [two]" not in sh.out


def secrets_stay_hidden(sh):
    sh.write("site.yml", HEAD + "    - {name: t, command: echo canary-123, no_log: true}\n")
    sh("run", "site.yml", "-vvv", "--diff", "--format", "jsonl", "--output", "events")
    for text in (sh.out, sh.err, (sh.path / "events").read_text()):
        assert "canary-123" not in text, text


def sarif_has_the_published_structure(sh):
    """SARIF 2.1.0, what it requires of a log, a tool, a result and a place."""
    sh.write("site.yml", "- hosts: all\n  becom: true\n  tasks:\n    - debug: {msg: '{{ x }}'}\n    - coppy: {}\n")
    equal(sh("lint", "--format", "sarif", "site.yml"), WRONG_INPUT)
    log = json.loads(sh.out)
    assert set(log) <= {"$schema", "version", "runs", "properties"}, log.keys()
    equal(log["version"], "2.1.0")
    (run,) = log["runs"]
    driver = run["tool"]["driver"]
    assert driver["name"] == "agent" and isinstance(driver["version"], str)
    rules = [rule["id"] for rule in driver["rules"]]
    equal(len(rules), len(set(rules)))
    equal({result["ruleId"] for result in run["results"]}, set(rules))
    for result in run["results"]:
        assert result["level"] in ("none", "note", "warning", "error"), result
        assert result["message"]["text"], result
        for location in result["locations"]:
            place = location["physicalLocation"]
            equal(place["artifactLocation"]["uri"], "site.yml")
            region = place["region"]
            assert 1 <= region["startLine"] and 1 <= region["startColumn"] < region["endColumn"], region
    equal([(r["ruleId"], r["level"]) for r in run["results"]],
          [("unknown-keyword", "error"), ("undefined-variable", "warning"), ("unknown-module", "error")])


def json_problems_are_a_list(sh):
    sh.write("site.yml", "- hosts: all\n  becom: true\n")
    equal(sh("lint", "--format", "json", "site.yml"), WRONG_INPUT)
    (problem,) = json.loads(sh.out)
    equal((problem["rule"], problem["severity"], problem["path"], problem["line"], problem["column"], problem["width"]),
          ("unknown-keyword", "error", "site.yml", 2, 3, 5))
    equal(problem["hints"], ["did you mean 'become'?"])


def explain_says_where_a_value_comes_from(sh):
    sh.write("inv/hosts", "[web]\na x=host\n[web:vars]\nx=group\ny={{ x }}!\n")
    sh.write("inv/group_vars/all.yml", "x: all\n")
    equal(sh("vars", "a", "x", "--explain", "-i", "inv/hosts", "-e", "x=extra"), FINE)
    lines = sh.out.splitlines()
    equal(lines[0], 'x = "extra"')
    equal([line.split(" (")[0].split(":")[0].split() for line in lines[1:]][0][:2], ["from", "extra"])
    equal(len(lines), 5)
    for part in ("over", "host 'a'", "group 'web'", "group_vars/all"):
        holds(sh.out, part)
    equal(sh("vars", "a", "y", "-i", "inv/hosts"), FINE)
    equal(sh.out.strip(), '"host!"')


CASES = [value for value in list(globals().values()) if callable(value) and getattr(value, "__code__", None)
         and value.__code__.co_varnames[:1] == ("sh",)]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--agent", required=True)
    parser.add_argument("--build")
    parser.add_argument("--filter", default="")
    options, _ = parser.parse_known_args()
    passed = failed = 0
    for case in CASES:
        name = "command line: " + case.__name__.replace("_", " ")
        if options.filter not in name:
            continue
        try:
            case(Shell(str(pathlib.Path(options.agent).resolve())))
            passed += 1
        except Exception as error:  # any of them is a failed case, and the next one is still run
            failed += 1
            print(f"FAILED {name}: {error}", flush=True)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

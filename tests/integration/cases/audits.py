import json

from harness import case, same

AUDIT = ("--format", "html", "--output", "/srv/audit.html", "--format", "json", "--output", "/srv/audit.json")
SITE = """
    - {name: packages, apt: {name: [hello, tree], update_cache: true}}
    - {name: a folder, file: {path: /srv/site/conf, state: directory, mode: '0750'}}
    - {name: a file in it, copy: {content: "port=80\\n", dest: /srv/site/conf/main, mode: '0640'}}
    - {name: a line in the shell's start, lineinfile: {path: /root/.bashrc, line: export SITE=1}}
    - {name: a password, copy: {content: "password={{ word }}\\n", dest: /srv/site/conf/secret, mode: '0600'}, no_log: true}
    - {name: links, file: {src: /srv/site/conf/main, dest: '/srv/site/{{ item }}', state: link}, loop: [a, b]}
    - name: look
      command: cat /srv/site/conf/main
      changed_when: false
      register: main
    - {name: after the look, copy: {content: '{{ main.stdout }} seen', dest: /srv/site/seen}}
"""


def audited(box, path, *arguments):
    check = box.agent("check", path, *arguments, *AUDIT)
    return check, json.loads(box.read("/srv/audit.json"))


@case("audit: what was approved is what happens, and later drift is named", weight=20)
def approved(box):
    path = box.play(SITE, "site")
    word = ("-e", "word=hunter2")
    check, report = audited(box, path, *word)
    same(check.code, 3, f"exit code\n{check}")
    same(report["agent"]["verdict"], "drift", "verdict")
    same(report["agent"]["wall"], "full", "wall")
    assert "<h1>Not compliant</h1>" in box.read("/srv/audit.html"), "the page opens on the answer"
    for file in ("/srv/audit.json", "/srv/audit.html"):
        assert "hunter2" not in box.read(file), f"the password is in {file}"
    run = box.agent("run", path, *word, "--expect", "/srv/audit.json")
    same(run.code, 0, f"the approved run\n{run}")
    changed = sorted(check.named("would_change"))
    same(sorted(task for task in run.named("changed") if task in changed), changed, f"what was foreseen was changed\n{check}\n{run}")
    check, report = audited(box, path, *word)
    same((check.code, report["agent"]["verdict"]), (0, "compliant"), f"afterwards\n{check}")
    box.sh("sed -i /SITE/d /root/.bashrc && apt-get -y remove tree >/dev/null 2>&1")
    check, _ = audited(box, path, *word)
    same(check.code, 3, f"after two changes by hand\n{check}")
    same(check.named("would_change", "unknown"), ["packages", "a line in the shell's start"], f"exactly these drifted\n{check}")
    subjects = [change["subject"] for change in check.task("packages")["changes"]]
    assert len(subjects) == 1 and "tree" in subjects[0], subjects


@case("audit: a run stops before the first task that would do something else", weight=8)
def stopped(box):
    path = box.play(SITE.replace("apt: {name: [hello, tree], update_cache: true}", "ping: {}"), "site")
    word = ("-e", "word=hunter2")
    audited(box, path, *word)
    box.write("/root/.bashrc", "# rewritten by somebody\n")
    run = box.agent("run", path, *word, "--expect", "/srv/audit.json")
    same(run.code, 2, f"exit code\n{run}")
    same(run.named("failed"), ["a line in the shell's start"], f"the task that was another one\n{run}")
    assert "this was not approved" in run.text, run.text
    same(box.read("/root/.bashrc"), "# rewritten by somebody\n", "the file is as it was")
    same(box.run("ls /srv/site/conf/secret").code, 2, "what comes later was not begun")


@case("audit: the history is the controller's, and a check of this machine is in it only when asked", weight=8)
def history(box):
    box.user("dora")
    path = box.play("- command: echo canary\n  no_log: true\n- copy: {content: x, dest: /tmp/of-dora}\n")
    keeps = {"AGENT_HISTORY": ""}
    before = box.host.fingerprint()
    box.agent("check", path, env=keeps)
    box.agent("check", path, user="dora", env=keeps)
    same(box.host.fingerprint(), before, "after checks the machine")
    box.agent("run", path, user="dora", env=keeps)
    same(box.sh("stat -c '%a %U' /home/dora/.local/state/agent /home/dora/.local/state/agent/history.db").split(),
         ["700", "dora", "600", "dora"], "the history of a user")
    box.agent("run", path, env=keeps)
    box.agent("check", path, "--history", env=keeps)
    shown = box.run(["/opt/agent/bin/agent", "history"]).out
    same([line.split()[0] for line in shown.splitlines()], ["RUN", "2", "1"], f"root's history\n{shown}")
    assert "canary" not in box.sh("cat /var/lib/agent/history.db*"), "a secret is in the history"

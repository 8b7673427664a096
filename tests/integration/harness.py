"""What integration cases are written with: the agent on a fresh host, and the law that every playbook keeps."""
import dataclasses
import json
import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "testbed"))
import hosts  # noqa: E402
import layers  # noqa: E402
import machine  # noqa: E402
from expect import dedent, same  # noqa: E402

AGENT = "/opt/agent/bin/agent"
PLAYS = "/srv/plays"
# For a check on a SystemdHost: root in a container may not make the mounts of the full wall.
IN_A_CONTAINER = "--wall=landlock"
CHANGES = {"changed", "would_change", "unknown"}


@dataclasses.dataclass
class Case:
    """One test. `weight` is roughly its seconds: the longest begin first. `cells` are its places in the matrix of modules and systems."""
    title: str
    run: object
    layer: str
    weight: int
    kind: str
    cells: list
    below: tuple  # (the only release that it can be tried on, why), or nothing


CASES = []


def case(title, layer="debian", weight=5, kind="light", cells=(), below=()):
    """Registers a function of one argument, a Box (kind "light"), or of nothing but the Stage (kind "stage").

    `below`: ("bookworm", why) for one that needs that release below its host, whatever `--below` says.
    Each of `cells` is (module, system), and (module, system, note) where what is held is not the usual round; see matrix.py.
    """
    def register(function):
        CASES.append(Case(title, function, layer, weight, kind, list(cells), tuple(below)))
        return function
    return register


@dataclasses.dataclass
class Stage:
    """What all cases of a run share."""
    agent: pathlib.Path    # an installed tree: bin/, lib/, share/
    modules: pathlib.Path  # test modules, each NAME.so
    source: pathlib.Path   # the checkout
    packages: list         # runtime libraries of the agent, by the distribution's names; none where it brings them along
    is_bundle: bool = False

    def layer(self, name):
        """A layer of the test bed on which the agent can run."""
        return layers.with_packages(getattr(layers, name)(), self.packages)


class Outcome:
    """One run of the agent: exit code, events, and what was printed."""

    def __init__(self, command, result):
        self.command, self.code, self.out, self.err = command, result.code, result.out, result.err
        self.events = []
        for line in result.out.splitlines():
            if line.startswith("{"):
                self.events.append(json.loads(line))

    def kind(self, name):
        return [event for event in self.events if event["event"] == name]

    @property
    def results(self):
        """The task results, items of loops left out."""
        return [event for event in self.kind("task_result") if "item" not in event]

    def task(self, name):
        """The result of the task of that name; it has to be there, once."""
        found = [event for event in self.results if event["task"] == name]
        assert len(found) == 1, f"expected one result of task '{name}', found {len(found)} in\n{self}"
        return found[0]

    def named(self, *statuses):
        return [event["task"] for event in self.results if event["status"] in statuses]

    @property
    def recap(self):
        found = self.kind("recap")
        assert found, f"no recap in\n{self}"
        return list(found[-1]["hosts"].values())[0]

    @property
    def text(self):
        """Everything a person could read in it."""
        return self.out + self.err

    def __str__(self):
        lines = [f"$ {self.command}    -> {self.code}"]
        for event in self.results:
            line = f"  {event['status']:<12} {event['task']}"
            error = event.get("error") or {}
            if error:
                line += f"\n      {error.get('message', error)}" + "".join(f"\n      hint: {hint}" for hint in error.get("hints", []))
            for reason in event.get("reasons", []):
                line += f"\n      because {reason}"
            if event["status"] in CHANGES:
                line += "".join(f"\n      {change.get('subject')}: {str(change.get('before'))[:60]!r} -> {str(change.get('after'))[:60]!r}"
                                for change in event.get("changes", [])[:8])
            if event["status"] == "failed":
                result = {key: value for key, value in event.get("result", {}).items() if value not in ("", [], None)}
                line += f"\n      {json.dumps(result)[:1500]}"
            lines.append(line)
        lines += [f"  warning: {event['text']}" for event in self.kind("warning")]
        rest = [line for line in self.out.splitlines() if not line.startswith("{")] + self.err.splitlines()
        return "\n".join(lines + ["  | " + line for line in rest[-60:]])


class Box:
    """A fresh host with the agent on it."""

    def __init__(self, stage, host):
        self.stage, self.host = stage, host
        self.log = []
        self.verdicts = {}  # module -> (status, text), of a case with rounds of several modules

    # The host's own abilities, under their own names.
    def sh(self, command, **options):
        return self.host.must(command, **options)

    def run(self, command, **options):
        return self.host.run(command, **options)

    def read(self, path):
        return self.host.read(path)

    def write(self, path, text, **options):
        self.host.write(path, text, **options)

    def user(self, name, sudo=None):
        """Makes a user; `sudo` is "nopasswd", "password" (the password is the name), or nothing."""
        self.sh(f"useradd --create-home --shell /bin/bash {name} && cp -n /etc/skel/.bashrc /home/{name}/ && "
                f"chown {name}: /home/{name}/.bashrc && echo '{name}:{name}' | chpasswd")
        if sudo:
            rule = "NOPASSWD: ALL" if sudo == "nopasswd" else "ALL"
            self.write(f"/etc/sudoers.d/{name}", f"{name} ALL=(ALL:ALL) {rule}\n", mode=0o440)

    def rounds(self, by_module):
        """One round after the other, a failure of one keeping none from its turn; fails with all that failed."""
        for module, go in by_module.items():
            try:
                go(self)
                self.verdicts[module] = "passed", ""
            except Exception as error:  # what a module did to the next is no reason to hide what the next does
                self.verdicts[module] = "failed", str(error) if isinstance(error, AssertionError) else repr(error)
        failed = [f"{module}: {text}" for module, (status, text) in self.verdicts.items() if status == "failed"]
        assert not failed, "\n\n".join(failed)

    def play(self, text, name="play"):
        """Puts a playbook on the host; a list of tasks is one play on this machine, without facts."""
        text = dedent(text)
        if not re.search(r"^\s*-?\s*hosts:", text, re.M):
            text = "- hosts: all\n  gather_facts: false\n  tasks:\n" + "".join(f"    {line}\n" if line else "\n" for line in text.splitlines())
        path = f"{PLAYS}/{name}.yml"
        self.write(path, text)
        return path

    def agent(self, *arguments, user="root", format="jsonl", prefix=(), env=(), stdin=None, timeout=900):
        """Runs `agent ...` on the host as a person at its shell would."""
        words = [AGENT, *map(str, arguments)]
        if format and arguments[0] in ("run", "check"):
            words += ["--format", format]
        done = self.host.run(words, user=user, prefix=prefix, env=env, stdin=stdin, timeout=timeout)
        outcome = Outcome(" ".join(["agent", *map(str, arguments)]), done)
        self.log.append(str(outcome))
        return outcome

    def converge(self, playbook, *arguments, changes=None, user="root", nothing=False, timeout=900, held=True):
        """The law. On a fresh host, check changes nothing, predicts (exit 3), and what it predicts is what run then changes:
        the run is held to the check's report, change by change. A second run changes nothing, and a last check says so
        (exit 0). Returns the outcome of the first run.

        `changes`: the names of the tasks that have to change something. `nothing`: there is nothing to change. Not `held`:
        what the check can say of a change is less than what the run will know.
        """
        path = playbook if playbook.startswith("/") else self.play(playbook)
        options = {"user": user, "timeout": timeout}
        before = self.host.fingerprint()
        report = f"/dev/shm/foreseen-by-{user}.json"  # no part of what is looked at
        check = self.agent("check", path, *arguments, "--format", "json", "--output", report, **options)
        touched(before, self.host.fingerprint())
        assert check.code == (0 if nothing else 3), f"check exited with {check.code}\n{check}"

        run = self.agent("run", path, *arguments, *(["--expect", report] if held else []), **options)
        assert run.code == 0, f"run exited with {run.code}\n{run}"
        assert run.recap.get("failed", 0) == 0, f"a task failed\n{run}"
        changed = run.named("changed")
        if nothing:
            assert not changed, f"there was nothing to change\n{run}"
        elif changes is not None:
            assert sorted(changed) == sorted(changes), f"changed {changed}, expected {list(changes)}\n{run}"
        predicted, unsure = check.named("would_change"), check.named("unknown")
        missed = [task for task in changed if task not in predicted + unsure]
        assert not missed, f"check did not foresee that {missed} would change\n{check}\n{run}"
        vain = [task for task in predicted if task not in changed]
        assert not vain, f"check said that {vain} would change, run did not change them\n{check}\n{run}"

        again = self.agent("run", path, *arguments, **options)
        assert again.code == 0 and not again.named("changed"), f"the second run changed {again.named('changed')}\n{again}"
        settled = self.host.fingerprint()
        last = self.agent("check", path, *arguments, **options)
        touched(settled, self.host.fingerprint())
        assert last.code == 0, f"the last check exited with {last.code}\n{last}"
        return run

    def fails(self, playbook, *arguments, code=2, says=(), command="run", clean=True, **options):
        """The agent refuses or fails with `code`, says each text of `says`, and (`clean`) leaves the host as it was."""
        path = playbook if playbook.startswith("/") else self.play(playbook)
        before = self.host.fingerprint()
        outcome = self.agent(command, path, *arguments, **options)
        assert outcome.code == code, f"expected exit code {code}, got {outcome.code}\n{outcome}"
        shown = " ".join(outcome.text.split())
        for text in [says] if isinstance(says, str) else says:
            assert text in shown, f"expected to read '{text}' in\n{outcome}\n{outcome.text[-3000:]}"
        if clean:
            touched(before, self.host.fingerprint())
        return outcome


def touched(before, after):
    """Fails when anything on the host is not as it was."""
    # SQLite's own two files beside rpm's database change whenever root reads it; they hold no content.
    different = sorted(path for path in before.keys() | after.keys() if before.get(path) != after.get(path)
                       and not path.endswith(("/rpmdb.sqlite-shm", "/rpmdb.sqlite-wal")))
    # A directory counts when something in it is not accounted for already.
    assert not different, "it changed the machine: " + ", ".join(
        f"{path} ({'new' if path not in before else 'gone' if path not in after else 'touched'})" for path in different[:20])


def runtime_packages(programs):
    """The distribution's packages that hold the shared libraries of these programs."""
    libraries = set()
    for program in programs:
        out = subprocess.run(["ldd", program], stdout=subprocess.PIPE, text=True, check=True).stdout
        libraries |= {str(pathlib.Path(path)) for path in re.findall(r"=> (/\S+)", out)}
    names = set()
    for library in libraries:
        for path in (library, str(pathlib.Path(library).resolve()), library.removeprefix("/usr"), "/usr" + library):
            done = subprocess.run(["dpkg-query", "-S", path], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
            if done.returncode == 0:
                names.add(done.stdout.split(":")[0])
                break
        else:
            raise machine.Unusable(f"no package owns {library}, which the agent needs")
    return sorted(names - {"libc6", "libgcc-s1"})

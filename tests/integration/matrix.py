"""Which module of the GPU stack was seen to work on which system: a table from the results of a run.

A cell is one round on a host of that system: check (changes nothing, foresees), run, run again (0 changes), check (0), and
the same for the removal, where the module has one.
"""
import pathlib

SYSTEMS = ["Ubuntu 20.04", "Ubuntu 22.04", "Ubuntu 24.04", "Debian 12", "Debian 13", "Fedora 40", "Fedora 42"]
MODULES = pathlib.Path(__file__).resolve().parents[2] / "modules"
# Modules that go their round on one system and stand for all, because nothing in them asks which distribution it is.
ALIKE = {"docker_compose", "jupyter_server", "torch_verify", "tensorflow_verify", "jax_verify"}


def cell(module, id, version, note=None):
    """The cell of a release as the cases name it: ("ubuntu", "22.04")."""
    system = f"{id.capitalize()} {version}"
    assert system in SYSTEMS, f"the matrix has no {system}"
    return (module, system, note) if note else (module, system)


def alike(module, id, version):
    """The one cell of a module that is the same everywhere; false from the day on which code of it asks for a distribution."""
    assert module in ALIKE, f"{module} is not among those that are alike"
    asking = [file.name for file in (MODULES / module).glob("*.cpp")
              if file.stem in ("debian", "ubuntu", "fedora") or "system().id" in file.read_text()]
    assert not asking, f"{module} has code of its own for a distribution in {asking}: it has to be tried there"
    return cell(module, id, version)


def table(results):
    """Markdown for the cases that have cells, given as (case, status, text, verdicts); empty where none has."""
    cells, notes = {}, []
    for case, status, text, verdicts in results:
        for module, system, *note in case.cells:
            of_module, why = verdicts.get(module, (status, text))
            reason = note[0] if note and of_module == "passed" else why.strip().split("\n")[0]
            mark = {"passed": "ok", "failed": "FAILED", "skipped": "skipped"}[of_module]
            cells.setdefault(module, {}).setdefault(system, []).append(mark + (f" ({_number(reason, notes)})" if reason else ""))
    if not cells:
        return ""
    lines = ["| | " + " | ".join(SYSTEMS) + " |", "|---" * (len(SYSTEMS) + 1) + "|"]
    for module, row in sorted(cells.items()):
        missing = "not run"
        if module in ALIKE:
            missing = f"as {' and '.join(row)} ({_number('not run: no code of it asks which distribution it is on', notes)})"
        lines.append(f"| `{module}` | " + " | ".join(" ".join(dict.fromkeys(row.get(system, [missing]))) for system in SYSTEMS) + " |")
    return "\n".join(lines + [""] + [f"({number}) {note}  " for number, note in enumerate(notes, 1)]) + "\n"


def by_release(results):
    """Markdown for runs of the whole suite, given as {release: [(title, status, text)]}: a row for each module, or what else a
    title begins with, and how many of its cases passed on each release; below it what failed or was skipped, and why."""
    rows, notes = {}, []
    for release, of_release in results.items():
        for title, status, text in of_release:
            row = rows.setdefault(title.split(":")[0], {}).setdefault(release, {"passed": 0, "failed": [], "skipped": []})
            if status == "passed":
                row["passed"] += 1
            else:
                why = text.strip().split("\n")[0]
                row[status].append(f"({_number(why if status == 'skipped' else f'{title}: {why}', notes)})")
    lines = ["| | " + " | ".join(results) + " |", "|---" * (len(results) + 1) + "|"]
    for name, row in sorted(rows.items()):
        lines.append(f"| {name} | " + " | ".join(_counted(row.get(release)) for release in results) + " |")
    counts = [{status: sum(one[1] == status for one in of_release) for status in ("passed", "failed", "skipped")} for of_release in results.values()]
    lines.append("| **all** | " + " | ".join(f"{one['passed']} passed, {one['failed']} failed, {one['skipped']} skipped" for one in counts) + " |")
    return "\n".join(lines + [""] + [f"({number}) {note}  " for number, note in enumerate(notes, 1)]) + "\n"


def _counted(row):
    if not row:
        return "not run"
    parts = [f"{row['passed']} ok"] if row["passed"] else []
    for status, word in (("failed", "FAILED"), ("skipped", "skipped")):
        if row[status]:
            parts.append(f"{len(row[status])} {word} {''.join(dict.fromkeys(row[status]))}")
    return ", ".join(parts)


def _number(note, notes):
    if note not in notes:
        notes.append(note)
    return notes.index(note) + 1

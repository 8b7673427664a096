"""Which GPU module was seen to work on which system: a table from the results of a run.

A cell is one round on a fresh host of that system: check (changes nothing, foresees), run, run again (0 changes), check (0), and
the same for the removal, where the module has one.
"""
SYSTEMS = ["Ubuntu 20.04", "Ubuntu 22.04", "Ubuntu 24.04", "Debian 12", "Debian 13", "Fedora 40", "Fedora 42"]


def cell(module, id, version, note=None):
    """The cell of a release as the cases name it: ("ubuntu", "22.04")."""
    system = f"{id.capitalize()} {version}"
    assert system in SYSTEMS, f"the matrix has no {system}"
    return (module, system, note) if note else (module, system)


def table(results):
    """Markdown for the cases that have a cell, given as (case, status, text); empty where none has."""
    cells, notes = {}, []
    for case, status, text in results:
        if not case.cell:
            continue
        module, system, note = (*case.cell, None)[:3]
        mark = {"passed": "ok", "failed": "FAILED", "skipped": "skipped"}[status]
        reason = note if status == "passed" else text.strip().splitlines()[0] if text.strip() else None
        if reason:
            notes.append(f"{module} on {system}: {reason}")
            mark += f" ({len(notes)})"
        cells.setdefault(module, {}).setdefault(system, []).append(mark)
    if not cells:
        return ""
    lines = ["| | " + " | ".join(SYSTEMS) + " |", "|---" * (len(SYSTEMS) + 1) + "|"]
    for module, row in sorted(cells.items()):
        lines.append(f"| `{module}` | " + " | ".join(" ".join(dict.fromkeys(row.get(system, ["not run"]))) for system in SYSTEMS) + " |")
    return "\n".join(lines + [""] + [f"({number}) {note}  " for number, note in enumerate(notes, 1)]) + "\n"

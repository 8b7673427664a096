"""The commands that pages show, with what they print: `    $ agent resolve ...` in a page is run, and has to say what stands
below it. Only commands whose answer is the same on every machine can be held so: those that read tables or playbooks.

A YAML block whose first line is `# NAME.yml` is a file that the page's commands may read.
"""
import pathlib
import re
import subprocess
import tempfile

ALIKE_EVERYWHERE = ("resolve", "lint")
INDENT = "    "


def files(page):
    """The files of a page: name -> text."""
    blocks = re.findall(r"^```yaml\n(# (\w[\w.-]*\.yml)\n.*?)^```$", page, re.M | re.S)
    return {name: text for text, name in blocks}


def examples(page):
    """(command, output, first line, line behind it) of each command in a page, lines counted from zero."""
    lines = page.splitlines()
    for number, line in enumerate(lines):
        command = line.removeprefix(f"{INDENT}$ ")
        if command == line or not command.startswith(tuple(f"agent {word} " for word in ALIKE_EVERYWHERE)):
            continue
        end = number + 1
        while end < len(lines) and not lines[end].startswith(f"{INDENT}$ ") and (lines[end].startswith(INDENT) or not lines[end].strip()):
            end += 1
        while not lines[end - 1].strip():  # what is empty at the end belongs to the page
            end -= 1
        yield command, [text.removeprefix(INDENT) for text in lines[number + 1:end]], number + 1, end


def said(agent, command, folder):
    """What a command prints, as a terminal would show it."""
    done = subprocess.run(["bash", "-c", command.replace("agent", f"'{agent}'", 1)], cwd=folder, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"})
    return done.stdout.rstrip("\n").split("\n")


def compared(agent, path, update=False):
    """Yields (command, None or what is wrong) for each example of a page; `update` writes what is said now."""
    page = path.read_text(encoding="utf-8")
    lines = page.splitlines()
    with tempfile.TemporaryDirectory() as folder:
        for name, text in files(page).items():
            (pathlib.Path(folder) / name).write_text(text)
        for command, shown, begin, end in reversed(list(examples(page))):
            now = said(agent, command, folder)
            if update:
                lines[begin:end] = [(INDENT + line).rstrip() for line in now]
            same = [line.rstrip() for line in now] == [line.rstrip() for line in shown]
            yield command, None if same else "\n".join(["now it says:", *now])
    if update:
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")

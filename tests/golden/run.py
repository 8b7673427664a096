#!/usr/bin/env python3
"""The whole text of every mistake that people can make, held in errors/*.txt.

Each case begins with `### NAME`; `$ COMMAND` is what is run (`agent lint site.yml` without one); `@@ PATH` begins a file,
which `@@ PATH x` makes executable; `>> N` gives the exit code, and behind it stands what both streams say. In files, `\\xNN`
and `\\t` stand for bytes that would not survive an editor.

    tests/golden/run.py --agent build/bin/agent             compares
    tests/golden/run.py --agent build/bin/agent --update    writes what is said now: read the difference before you commit it
"""
import argparse
import os
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent


class Case:
    def __init__(self, name):
        self.name, self.command, self.files, self.code, self.text = name, None, [], None, ""


def read_cases(path):
    case, target = None, None
    for line in path.read_text(encoding="utf-8").splitlines(keepends=True):
        if line.startswith("### "):
            case, target = Case(line[4:].strip()), None
            yield case
        elif case is None:
            continue
        elif line.startswith("$ "):
            case.command = line[2:].strip()
        elif line.startswith("@@ "):
            target = [*line[3:].split(), ""][:2] + [""]
            case.files.append(target)
        elif line.startswith(">> "):
            case.code, target = int(line[3:]), None
        elif case.code is not None:
            case.text += line
        elif target:
            target[2] += line


def written(case):
    lines = [f"### {case.name}\n"] + ([f"$ {case.command}\n"] if case.command else [])
    for name, mark, content in case.files:
        lines += [f"@@ {name}{' ' + mark if mark else ''}\n", content]
    return "".join(lines) + f">> {case.code}\n" + case.text


def content_bytes(text):
    raw = text.encode("utf-8")
    raw = re.sub(rb"\\x([0-9A-F]{2})", lambda found: bytes([int(found[1], 16)]), raw)
    return raw.replace(b"\\t", b"\t")


def run(case, agent):
    with tempfile.TemporaryDirectory(prefix="golden-") as folder:
        for name, mark, content in case.files:
            path = pathlib.Path(folder) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content_bytes(content))
            path.chmod(0o755 if mark == "x" else 0o644)
        command = [word.replace("DIR/", folder + "/") for word in shlex.split(case.command or "agent lint site.yml")]
        environment = {"PATH": os.environ["PATH"], "HOME": folder, "LC_ALL": "C.UTF-8", "NO_COLOR": "1", "AGENT_HISTORY": "no"}
        done = subprocess.run([agent, *command[1:]], cwd=folder, env=environment, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60)
        text = done.stdout.decode("utf-8", "backslashreplace").replace(folder, "DIR")
        return done.returncode, text + ("" if not text or text.endswith("\n") else "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--agent", required=True)
    parser.add_argument("--build")
    parser.add_argument("--filter", default="")
    parser.add_argument("--update", action="store_true")
    options, _ = parser.parse_known_args()
    agent = str(pathlib.Path(options.agent).resolve())
    passed = failed = 0
    for path in sorted((HERE / "errors").glob("*.txt")):
        cases = list(read_cases(path))
        head = re.split(r"^### ", path.read_text(encoding="utf-8"), maxsplit=1, flags=re.M)[0]
        for case in cases:
            name = f"golden {path.stem}: {case.name}"
            if options.filter not in name:
                continue
            code, text = run(case, agent)
            if options.update:
                case.code, case.text = code, text
            if (code, text) == (case.code, case.text):
                passed += 1
                continue
            failed += 1
            print(f"FAILED {name}: exit code {code}, expected {case.code}; it says\n{text}--- and not\n{case.text}", flush=True)
        if options.update:
            path.write_text(head + "".join(written(case) for case in cases), encoding="utf-8")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

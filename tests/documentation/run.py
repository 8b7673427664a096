#!/usr/bin/env python3
"""Every module has a page, and the page is what its Spec says: modules/NAME/README.md equals `agent doc NAME --markdown`.
And what a page of docs/ shows of a command is what the command prints (examples.py)."""
import argparse
import pathlib
import subprocess
import sys

import examples

ROOT = pathlib.Path(__file__).resolve().parents[2]


def pages_of_modules(agent):
    """(title, None or what is wrong) of each module."""
    for module in sorted(path.name for path in (ROOT / "modules").iterdir() if (path / f"{path.name}.cpp").exists()):
        done = subprocess.run([agent, "doc", module, "--markdown"], stdout=subprocess.PIPE, text=True)
        page = ROOT / "modules" / module / "README.md"
        same = done.returncode == 0 and page.exists() and page.read_text(encoding="utf-8") == done.stdout
        yield module, None if same else "its README.md is not what its Spec says; './dev docs' writes it anew"


def examples_of_pages(agent, update):
    for page in sorted((ROOT / "docs").glob("*.md")):
        for command, wrong in examples.compared(agent, page, update):
            yield f"{page.name}: {command}", wrong and f"{wrong}\n(tests/documentation/run.py --update writes it into the page)"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--agent", required=True, type=lambda text: pathlib.Path(text).resolve())
    parser.add_argument("--filter", default="")
    parser.add_argument("--update", action="store_true", help="write what commands say now into the pages")
    options, _ = parser.parse_known_args()
    passed = failed = 0
    for title, wrong in [*pages_of_modules(options.agent), *examples_of_pages(options.agent, options.update)]:
        if options.filter and options.filter not in f"documentation: {title}":
            continue
        passed, failed = passed + (not wrong), failed + bool(wrong)
        if wrong:
            print(f"FAILED documentation: {title}: {wrong}")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

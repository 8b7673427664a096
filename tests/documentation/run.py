#!/usr/bin/env python3
"""Every module has a page, and the page is what its Spec says: modules/NAME/README.md equals `agent doc NAME --markdown`."""
import argparse
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--agent", required=True)
    parser.add_argument("--filter", default="")
    options, _ = parser.parse_known_args()
    modules = sorted(path.name for path in (ROOT / "modules").iterdir() if (path / f"{path.name}.cpp").exists())
    passed = failed = 0
    for module in modules:
        if options.filter and options.filter not in f"documentation: {module}":
            continue
        done = subprocess.run([options.agent, "doc", module, "--markdown"], stdout=subprocess.PIPE, text=True)
        page = ROOT / "modules" / module / "README.md"
        if done.returncode == 0 and page.exists() and page.read_text(encoding="utf-8") == done.stdout:
            passed += 1
            continue
        failed += 1
        print(f"FAILED documentation: {module}: its README.md is not what its Spec says; './dev docs' writes it anew")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

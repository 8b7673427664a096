#!/usr/bin/env python3
"""Runs the test suites and counts them: the unit tests of a build, then every run.py below tests/.

A suite is a program: `tests/NAME/run.py --agent BUILD/bin/agent --build BUILD [--filter TEXT] [--jobs N]`. Its last line
is `N passed, N failed` with, perhaps, `, N skipped`. Standard library only, so that it runs on a bare machine.
"""
import argparse
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time
import xml.etree.ElementTree

import environments

HERE = pathlib.Path(__file__).resolve().parent
REAL_HOSTS = {"integration", "fleet"}
SUMMARY = re.compile(r"^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$")


class Tally:
    """Passed, failed, skipped; and the names of what failed."""

    def __init__(self, passed=0, failed=0, skipped=0):
        self.passed, self.failed, self.skipped = passed, failed, skipped

    def add(self, other):
        self.passed += other.passed
        self.failed += other.failed
        self.skipped += other.skipped

    def __str__(self):
        skipped = f", {self.skipped} skipped" if self.skipped else ""
        return f"{self.passed} passed, {self.failed} failed{skipped}"


def unit(options, text):
    """The GoogleTest programs of the build, counted test by test."""
    results = options.build / "test-results"
    shutil.rmtree(results, ignore_errors=True)
    results.mkdir(parents=True)
    command = ["ctest", "--output-on-failure", "-j", str(options.jobs)] + (["-R", text] if text else [])
    environment = dict(os.environ, GTEST_OUTPUT=f"xml:{results}/",
                       # A module that crashes must do so by its signal, as without the sanitizer.
                       ASAN_OPTIONS="detect_leaks=1:strict_string_checks=1:handle_segv=0:handle_abort=0",
                       UBSAN_OPTIONS="print_stacktrace=1")
    done = subprocess.run(command, cwd=options.build, env=environment, stdout=subprocess.PIPE, text=True)
    tally = count_gtest(results)
    failed_programs = re.findall(r"^\s*\d+ - (\S+) \((?:Failed|Timeout|.*)\)$", done.stdout, re.M)
    if done.returncode or options.verbose:
        print(done.stdout)
    if failed_programs and tally.failed == 0:
        tally.failed += len(failed_programs)  # crashed before it could say which test
    if done.returncode and not tally.failed:
        tally.failed += 1
    return tally


def count_gtest(folder):
    tally = Tally()
    for report in sorted(folder.glob("*.xml")):
        for suite in xml.etree.ElementTree.parse(report).getroot().iter("testsuite"):
            number = {key: int(suite.get(key, 0)) for key in ("tests", "failures", "errors", "disabled", "skipped")}
            failed, skipped = number["failures"] + number["errors"], number["disabled"] + number["skipped"]
            tally.add(Tally(number["tests"] - failed - skipped, failed, skipped))
    return tally


def script(name, options, text):
    """One tests/NAME/run.py; those that make real hosts need root and nothing but the standard library."""
    agent = options.release / "bin" / "agent"
    command = [str(HERE / name / "run.py"), "--agent", str(agent), "--build", str(options.build),
               "--jobs", str(options.jobs)] + (["--filter", text] if text else [])
    if name not in REAL_HOSTS:
        command = [str(environments.python_with())] + command
    elif os.geteuid() == 0:
        command = [sys.executable] + command
    elif shutil.which("sudo") and subprocess.run(["sudo", "-n", "true"], stderr=subprocess.DEVNULL).returncode == 0:
        kept = [f"{key}={value}" for key, value in os.environ.items() if key.startswith("PIP_") or key.endswith("_proxy")]
        command = ["sudo", "-n", "env", *kept, sys.executable] + command
    else:
        print(f"skipped: tests/{name} makes real hosts and needs root; run ./dev test as root, or allow sudo")
        return Tally(skipped=1)
    last = ""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    for line in process.stdout:
        if SUMMARY.match(line.strip()):
            last = line.strip()
        else:
            print(line, end="", flush=True)
    status = process.wait()
    if not last:
        print(f"tests/{name}/run.py ended with {status} and counted nothing")
        return Tally(failed=1)
    tally = Tally(*(int(number or 0) for number in SUMMARY.match(last).groups()))
    if status and not tally.failed:
        tally.failed = 1
    return tally


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=pathlib.Path, required=True, help="the build with the unit tests")
    parser.add_argument("--release", type=pathlib.Path, required=True, help="the build that people run")
    parser.add_argument("--jobs", type=int, default=int(os.environ.get("JOBS") or os.cpu_count() or 2))
    parser.add_argument("--verbose", action="store_true")
    parser.add_argument("filter", nargs="?", default="", help="the name of a suite, or part of the name of a test")
    options = parser.parse_args()
    options.build, options.release = options.build.resolve(), options.release.resolve()

    suites = {"unit": unit}
    # Integration comes last: it takes longest.
    for file in sorted(HERE.glob("*/**/run.py"), key=lambda path: (path.parent.name == "integration", path)):
        name = file.parent.relative_to(HERE).as_posix()
        if name != "bench":
            suites[name] = lambda options, text, name=name: script(name, options, text)
    whole = [name for name in suites if options.filter in (name, name.split("/")[0])]
    total, lines = Tally(), []
    for name, run in suites.items():
        if whole and name not in whole:
            continue
        print(f"==> {name}", flush=True)
        start = time.monotonic()
        tally = run(options, "" if whole else options.filter)
        total.add(tally)
        lines.append(f"    {name:<22} {time.monotonic() - start:6.0f} s   {tally}")
    print("\n".join(["", *lines, ""]))
    if total.passed + total.failed + total.skipped == 0:
        print(f"no test has '{options.filter}' in its name; the suites are: {', '.join(suites)}")
        return 1
    print(total)
    return 1 if total.failed else 0


if __name__ == "__main__":
    sys.exit(main())

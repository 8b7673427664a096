#!/usr/bin/env python3
"""The fleet: one controller and real hosts behind real sshds. One line for each case, then the count."""
import argparse
import importlib
import os
import pathlib
import subprocess
import sys
import tempfile
import time
import traceback

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
sys.dont_write_bytecode = True
import bed  # noqa: E402
from bed import layers  # noqa: E402
import machine  # noqa: E402

INSIDE = "--inside"


def perform(function, options, layer, cache, log):
    """Runs one case with a controller of its own; returns ("passed" | "failed" | "skipped", text)."""
    with tempfile.TemporaryDirectory(prefix="agent-fleet-") as folder:
        controller = bed.Controller(options.agent, layer, pathlib.Path(folder), cache)
        try:
            function(controller)
            status, text = "passed", ""
        except machine.Unusable as reason:
            status, text = "skipped", str(reason)
        except AssertionError as error:
            status, text = "failed", str(error) or traceback.format_exc()
        except Exception:  # a mistake of the case or of the bed: as good as a failure, with the place
            status, text = "failed", traceback.format_exc()
        finally:
            controller.down()
        log.write_text("\n\n".join([*controller.log, f"{status}: {text}"]) + "\n")
    return status, text


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--agent", type=pathlib.Path, required=True, help="bin/agent of the build that is tested")
    parser.add_argument("--build", type=pathlib.Path, required=True, help="where logs are kept")
    parser.add_argument("--filter", default="", help="only cases whose title or file holds this, or one of these: a,b")
    parser.add_argument("--jobs", type=int, default=1, help="not used: the cases share one network")
    parser.add_argument("--list", action="store_true")
    parser.add_argument(INSIDE, action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    for file in sorted((HERE / "cases").glob("*.py")):
        importlib.import_module(f"cases.{file.stem}")
    words = options.filter.lower().split(",")
    cases = [(title, function) for title, function in bed.CASES
             if any(word in f"{title} {function.__module__}".lower() for word in words)]
    if options.list:
        print("\n".join(title for title, *_ in cases))
        return 0
    if not cases or os.geteuid() != 0:
        print("" if cases == [] else "these tests make real hosts and need root")
        print(f"0 passed, 0 failed, {len(cases)} skipped")
        return 0
    if not options.inside:
        # What has to be fetched is fetched outside; then a network where all addresses are ours.
        try:
            layers.sshd(), layers.systemd(), layers.sessions(), layers.launchers()
        except machine.Unusable as reason:
            print(f"skipped: {reason}\n0 passed, 0 failed, {len(cases)} skipped")
            return 0
        return subprocess.run(["unshare", "--net", "--mount", sys.executable, *sys.argv, INSIDE]).returncode
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    # Slurm resolves no name, not even an address, where there is none but the loopback's own.
    subprocess.run(["ip", "address", "add", "10.77.7.1/32", "dev", "lo"], check=True)

    logs = options.build / "fleet-logs"
    logs.mkdir(exist_ok=True, parents=True)
    counts = {"passed": 0, "failed": 0, "skipped": 0}
    layer = layers.sshd()
    with tempfile.TemporaryDirectory(prefix="agent-fleet-cache-") as cache:
        for title, function in cases:
            start = time.monotonic()
            name = "".join(letter if letter.isalnum() else "-" for letter in title)
            status, text = perform(function, options, layer, pathlib.Path(cache), logs / f"{name}.log")
            counts[status] += 1
            mark = {"passed": "ok  ", "failed": "FAIL", "skipped": "skip"}[status]
            print(f"{mark} {time.monotonic() - start:6.1f} s  {title}", flush=True)
            if text:
                print("".join(f"       {line}\n" for line in text.splitlines()[-80:]), end="", flush=True)
    print(f"{counts['passed']} passed, {counts['failed']} failed, {counts['skipped']} skipped")
    return 1 if counts["failed"] else 0


if __name__ == "__main__":
    sys.exit(main())

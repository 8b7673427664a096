#!/usr/bin/env python3
"""Every module and the workstation playbook on real, fresh Debian hosts. One line for each case, then the count."""
import argparse
import concurrent.futures
import importlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import traceback

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
sys.dont_write_bytecode = True
import harness  # noqa: E402
import matrix  # noqa: E402
from harness import Box, hosts, layers, machine  # noqa: E402

OUTPUT = threading.Lock()


def prepare(options, folder):
    """Installs the built tree as a person would, and finds out which libraries a host needs for it: none, where it is a bundle."""
    agent, modules, source = folder / "agent", folder / "modules", HERE.parents[1]
    modules.mkdir()
    for library in sorted((options.build / "test-modules").glob("*.so")):
        shutil.copy2(library, modules)
    if options.bundle:
        shutil.copytree(options.agent.parent.parent, agent)
        for name in ("playbooks", "inventory"):  # a bundle takes no files of the controller's along
            shutil.copytree(source / name, agent / "share" / "agent" / name)
        return harness.Stage(agent, modules, source, [], is_bundle=True)
    subprocess.run(["cmake", "--install", options.agent.parent.parent, "--prefix", agent], check=True, stdout=subprocess.DEVNULL)
    programs = [agent / "bin" / "agent", *sorted((agent / "lib" / "agent" / "modules").glob("*.so")), *modules.glob("*.so")]
    return harness.Stage(agent, modules, source, harness.runtime_packages(programs))


def perform(stage, case, logs):
    """Runs one case on a host of its own; returns ("passed" | "failed" | "skipped", text), and what it says of single modules."""
    box = None
    try:
        if case.below and case.below[0] != layers.BELOW:
            raise machine.Unusable(case.below[1])
        if case.kind == "stage":
            case.run(stage)
        else:
            binds = [(stage.agent, "/opt/agent"), (stage.modules, "/opt/test-modules")]
            with hosts.LightHost(stage.layer(case.layer), "box", binds) as host:
                box = Box(stage, host)
                host.must(f"mkdir -p {harness.PLAYS}")
                case.run(box)
        status, text = "passed", ""
    except machine.Unusable as reason:
        status, text = "skipped", str(reason)
    except AssertionError as error:
        status, text = "failed", str(error)
    except Exception:  # a mistake of the case or of the bed: as good as a failure, with the place
        status, text = "failed", traceback.format_exc()
    if box:
        name = "".join(letter if letter.isalnum() else "-" for letter in case.title)
        (logs / f"{name}.log").write_text("\n\n".join([*box.log, f"{status}: {text}"]) + "\n")
    return status, text, box.verdicts if box else {}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--agent", type=pathlib.Path, required=True, help="bin/agent of the build that is tested")
    parser.add_argument("--build", type=pathlib.Path, required=True, help="the build with the test modules")
    parser.add_argument("--bundle", action="store_true", help="--agent is that of an unpacked bundle, which needs nothing of its host")
    parser.add_argument("--below", default=layers.BELOW, choices=sorted(layers.RELEASES), help="the Debian that hosts are made of")
    parser.add_argument("--filter", default="", help="only cases whose title holds this")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--list", action="store_true")
    options = parser.parse_args()
    for file in sorted((HERE / "cases").glob("*.py")):
        importlib.import_module(f"cases.{file.stem}")
    cases = [case for case in harness.CASES if options.filter.lower() in case.title.lower()]
    layers.BELOW = options.below
    cases.sort(key=lambda case: -case.weight)
    if options.list:
        print("\n".join(case.title for case in cases))
        return 0
    if not cases:
        print("0 passed, 0 failed")
        return 0
    if os.geteuid() != 0:
        print("these tests make real hosts and need root")
        print(f"0 passed, 0 failed, {len(cases)} skipped")
        return 0

    logs = options.build / ("integration-logs" + (f"-{options.below}" if options.bundle else ""))
    logs.mkdir(exist_ok=True, parents=True)
    counts, results = {"passed": 0, "failed": 0, "skipped": 0}, []
    with tempfile.TemporaryDirectory(prefix="agent-integration-") as folder:
        os.chmod(folder, 0o755)
        try:
            stage = prepare(options, pathlib.Path(folder))
        except machine.Unusable as reason:
            print(f"skipped: {reason}")
            print(f"0 passed, 0 failed, {len(cases)} skipped")
            return 0
        # Threads would share fork-unsafe state with nobody: each case only starts programs.
        with concurrent.futures.ThreadPoolExecutor(max_workers=max(1, options.jobs)) as pool:
            def one(case):
                start = time.monotonic()
                status, text, verdicts = perform(stage, case, logs)
                with OUTPUT:
                    counts[status] += 1
                    results.append((case, status, text, verdicts))
                    mark = {"passed": "ok  ", "failed": "FAIL", "skipped": "skip"}[status]
                    print(f"{mark} {time.monotonic() - start:6.1f} s  {case.title}", flush=True)
                    if text:
                        print("".join(f"       {line}\n" for line in text.splitlines()[-80:]), end="", flush=True)
            list(pool.map(one, cases))
    if table := matrix.table(results):
        (logs / "matrix.md").write_text(table)
    (logs / "results.json").write_text(json.dumps([[case.title, status, text] for case, status, text, _ in results]))
    print(f"{counts['passed']} passed, {counts['failed']} failed, {counts['skipped']} skipped")
    return 1 if counts["failed"] else 0


if __name__ == "__main__":
    sys.exit(main())

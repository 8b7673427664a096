#!/usr/bin/env python3
"""Compares the template engine with ansible-core's, over random templates and random data.

`run.py --build BUILD` takes 100,000 cases from a fixed seed; `--count` and `--seed` choose others, `--show` prints more
of those that differ. What differs on purpose is listed in differences.py.
"""
import argparse
import collections
import gc
import json
import math
import multiprocessing
import os
import pathlib
import subprocess
import sys
import warnings

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
import contract
import generate
from differences import reason

BATCH = 500


def same(ours, theirs):
    if isinstance(theirs, float) or isinstance(ours, float):
        if isinstance(ours, bool) or isinstance(theirs, bool) or not isinstance(ours, (int, float)):
            return theirs is not None and ours is None and not math.isfinite(theirs)  # JSON has no such numbers
        return type(ours) is type(theirs) and (ours == theirs or math.isclose(ours, theirs, rel_tol=1e-14))
    if type(ours) is not type(theirs):
        return False
    if isinstance(theirs, list):
        return len(ours) == len(theirs) and all(map(same, ours, theirs))
    if isinstance(theirs, dict):
        return list(ours) == list(theirs) and all(same(ours[key], theirs[key]) for key in theirs)
    return ours == theirs


def agree(ours, theirs):
    if "error" in theirs:
        return "error" in ours
    return "value" in ours and same(ours["value"], theirs["value"])


def answers(driver, cases):
    """What our engine makes of the cases, all in one process; a crash is the answer of the case that it came with."""
    if not cases:
        return []
    lines, known = [], None
    for case in cases:  # one that brings no data has those of the one before
        lines.append(json.dumps(case if case["data"] is not known else {key: case[key] for key in case if key != "data"}))
        known = case["data"]
    text = "\n".join(lines)
    done = subprocess.run([driver], input=text, stdout=subprocess.PIPE, text=True, encoding="utf-8", errors="surrogateescape",
                          env=dict(os.environ, TZ="UTC"))
    lines = [json.loads(line) for line in done.stdout.split("\n") if line]
    if len(lines) < len(cases):
        lines.append({"crash": f"the engine ended with {done.returncode}"})
        lines += answers(driver, cases[len(lines):])
    return lines


def expected(engine, case):
    try:
        return {"value": engine.evaluate(case)}
    except Exception as error:  # whatever it is, it is an error
        return {"error": f"{type(error).__name__}: {error}"}


class Comparison:
    """One process's part: its own reference engine, and batches of cases through both."""

    def __init__(self, options):
        self.options, self.engine = options, None

    def __call__(self, number):
        if self.engine is None:
            warnings.simplefilter("ignore")
            import reference
            gc.freeze()  # garbage is little, and what stays is much
            gc.set_threshold(20_000)
            self.engine = reference.Reference()
        count = min(BATCH, self.options.count - number * BATCH)
        cases = [case for case in generate.cases(f"{self.options.seed}/{number}", count) if self.options.filter in case["template"]]
        passed, allowed, failures, names = 0, collections.Counter(), [], collections.Counter()
        for case, ours in zip(cases, answers(self.options.driver, cases)):
            names.update(contract.names_in(case["template"]))
            theirs = expected(self.engine, case)
            name = None if agree(ours, theirs) else reason(case, ours, theirs)
            if name is not None:
                allowed[name] += 1
            elif not agree(ours, theirs):
                failures.append((case["id"], case["template"], theirs, ours))
                continue
            passed += 1
        return passed, allowed, failures, names


def start(options):
    global comparison
    comparison = Comparison(options)


def compare(number):
    return comparison(number)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=pathlib.Path, required=True)
    parser.add_argument("--agent", help="not needed")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 2)
    parser.add_argument("--filter", default="", help="only cases whose template holds this text")
    parser.add_argument("--seed", default="2024")
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--show", type=int, default=10)
    options = parser.parse_args()
    options.driver = options.build / "test-bin" / "template_driver"
    if options.filter and options.filter not in (HERE / "generate.py").read_text():
        print("0 passed, 0 failed")  # no case can hold it
        return 0
    passed, failures, allowed, names = 0, [], collections.Counter(), collections.Counter()
    with multiprocessing.Pool(options.jobs, start, (options,)) as pool:
        for part in pool.imap_unordered(compare, range(math.ceil(options.count / BATCH))):
            passed += part[0]
            allowed += part[1]
            failures += part[2]
            names += part[3]
    for case, template, theirs, ours in sorted(failures)[:options.show]:
        print(f"--- {case}\n    {json.dumps(template, ensure_ascii=False)}\n    expected {theirs}\n    found    {ours}")
    for name, count in sorted(allowed.items()):
        print(f"differs on purpose: {name}, {count} times")
    unseen = [] if options.filter or options.count < 10_000 else contract.unseen(names)
    for name in unseen:
        print(f"no case uses {name}")
    print(f"{passed} passed, {len(failures) + len(unseen)} failed")
    return 1 if failures or unseen else 0


if __name__ == "__main__":
    sys.exit(main())

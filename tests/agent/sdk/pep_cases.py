#!/usr/bin/env python3
"""Writes pep_cases.tsv: what PyPI's `packaging` says of random versions, specifiers, requirements and markers.

    python3 -m venv /tmp/v && /tmp/v/bin/pip install packaging==26.2
    /tmp/v/bin/python tests/agent/sdk/pep_cases.py > tests/agent/sdk/pep_cases.tsv

The seed is fixed, so that the file changes only with this script or with `packaging`.
"""

import random

from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.specifiers import Specifier
from packaging.utils import canonicalize_name
from packaging.version import Version

rng = random.Random(440)
pick = rng.choice


def maybe(chance, make):
    return make() if rng.random() < chance else ""


def number():
    return str(pick([0, 0, 1, 1, 2, 3, 7, 10, 11, 2024, 20240131]))


def release(parts=None):
    return ".".join(number() for _ in range(parts or rng.randint(1, 4)))


def spell(word):
    return pick(["", "", ".", "-", "_"]) + word + pick(["", "", "", ".", "-", "_"]) + maybe(0.8, number)


def version(labels=0.2, early=0.35):
    """Mostly right, in all the spellings that PEP 440 normalises."""
    text = maybe(0.05, lambda: "v") + maybe(0.07, lambda: pick("0012") + "!") + release()
    text += maybe(early, lambda: spell(pick(["a", "b", "c", "rc", "alpha", "beta", "pre", "preview", "RC", "Alpha"])))
    text += maybe(0.2, lambda: pick([spell(pick(["post", "rev", "r"])), "-" + number()]))
    text += maybe(0.2, lambda: spell("dev"))
    text += maybe(labels, lambda: "+" + ".".join(pick(["cu121", "cu118", "cpu", "1", "01", "abc", "2", "10", "5f3"])
                                                 for _ in range(rng.randint(1, 2))))
    return text


def broken(text):
    """One mistake, most of the time."""
    at = rng.randrange(len(text) + 1)
    return text[:at] + pick(["!", "+", "..", "x", " ", "-", "*", "1", "dev", ",", ""]) + text[at + rng.randint(0, 1):]


def near(base):
    """A version that is likely to matter to a specifier made from `base`."""
    parts = base.split("+")[0]
    return pick([lambda: base, lambda: parts, lambda: parts + "+cu121", lambda: parts + ".0", lambda: parts + ".1",
                 lambda: parts + "rc1", lambda: parts + ".post1", lambda: parts + ".dev1", lambda: version()])()


def normal(base):
    try:
        return str(Version(base))
    except ValueError:
        return "1.0"


def specifier(base):
    operator = pick(["==", "==", "!=", "<", "<=", ">", ">=", "~=", "==="])
    if operator in ("==", "!=") and rng.random() < 0.4:
        return operator + maybe(0.1, lambda: " ") + release(rng.randint(1, 3)) + ".*"
    if operator == "~=":
        return operator + normal(base).split("+")[0]
    return operator + maybe(0.1, lambda: " ") + (base if operator in ("==", "!=", "===") else base.split("+")[0])


def answer(call):
    try:
        return call()
    except (ValueError, AssertionError, KeyError):
        return "-"


def row(*fields):
    print("\t".join(fields))


def versions():
    for _ in range(1000):
        text = version()
        if rng.random() < 0.3:
            text = broken(text)
        row("version", text, answer(lambda: str(Version(text))))


def orders():
    for _ in range(1200):
        a = version()
        b = near(a)
        row("order", a, b, answer(lambda: str((Version(a) > Version(b)) - (Version(a) < Version(b)))))


def specifiers():
    for _ in range(1700):
        base = version()
        text, candidate = specifier(base), near(base)
        if rng.random() < 0.1:
            text = broken(text)
        row("specifier", text, candidate,
            answer(lambda: str(int(Specifier(text).contains(candidate, prereleases=True)))))


ENVIRONMENTS = [
    {"python_version": "3.11", "python_full_version": "3.11.2", "os_name": "posix", "sys_platform": "linux",
     "platform_release": "6.1.0-18-amd64", "platform_system": "Linux", "platform_version": "#1 SMP Debian",
     "platform_machine": "x86_64", "implementation_name": "cpython", "implementation_version": "3.11.2",
     "platform_python_implementation": "CPython"},
    {"python_version": "3.9", "python_full_version": "3.9.18", "os_name": "posix", "sys_platform": "linux",
     "platform_release": "5.15.0", "platform_system": "Linux", "platform_version": "#1",
     "platform_machine": "aarch64", "implementation_name": "pypy", "implementation_version": "7.3.9",
     "platform_python_implementation": "PyPy"},
]


def comparison():
    name = pick(list(ENVIRONMENTS[0]) + ["extra", "extra", "python_version", "python_version", "sys.platform",
                                         "python_implementation", "platform.machine"])
    if "version" in name or name == "platform_release":
        value = pick(["3.8", "3.9", "3.11", "3.11.2", "3.11.*", "4", "3", "3.9.18", "3.12.0rc1", "6.1", "abc", "7.3.9"])
    elif name == "extra":
        value = pick(["test", "Test", "all", "gpu_cuda", "gpu-cuda", ""])
    else:
        value = pick(["linux", "linux2", "win32", "Linux", "x86_64", "aarch64", "cpython", "CPython", "PyPy", "posix", "nt"])
    quote = pick("'\"")
    operator = pick(["==", "==", "!=", "<", "<=", ">", ">=", "in", "not in", "~="])
    if name == "extra":
        operator = pick(["==", "==", "!="])
    sides = [name, quote + value + quote]
    if rng.random() < 0.15 and operator != "~=":
        sides.reverse()
    return pick([" ", "  "]).join([sides[0], operator, sides[1]])


def marker(depth=0):
    if depth > 2 or rng.random() < 0.5:
        return comparison()
    left, right = marker(depth + 1), marker(depth + 1)
    text = left + " " + pick(["and", "or"]) + " " + right
    return "(" + text + ")" if rng.random() < 0.4 else text


def markers():
    for _ in range(900):
        text = marker()
        if rng.random() < 0.07:
            text = broken(text)
        which, extra = rng.randrange(2), pick(["", "", "test", "gpu_cuda", "All"])
        env = dict(ENVIRONMENTS[which], extra=extra)
        row("marker", text, str(which), extra, answer(lambda: str(int(Marker(text).evaluate(env)))))


def requirement():
    name = pick(["torch", "Torch_Vision", "jupyter.core", "a", "scikit-learn", "ruamel.yaml.clib", "x-"])
    space = lambda: maybe(0.3, lambda: " ")  # noqa: E731
    text = space() + name + space()
    text += maybe(0.3, lambda: "[" + pick(["", "test", "all,Test_x", " a , b "]) + "]" + space())
    if rng.random() < 0.15:
        return text + "@ " + pick(["https://host/a.whl", "file:///tmp/a", "git+https://host/a.git@v1"]) + \
            maybe(0.4, lambda: " ; " + marker())
    clauses = [specifier(release()) for _ in range(rng.randint(0, 3))]
    # "===" takes all that follows it, commas too; only as the last clause does it mean what it seems to.
    clauses = [c for c in clauses[:-1] if not c.startswith("===")] + clauses[-1:]
    specs = (space() + "," + space()).join(clauses)
    text += "(" + specs + ")" if specs and rng.random() < 0.15 else specs
    return text + maybe(0.3, lambda: space() + ";" + space() + marker())


def requirements():
    for _ in range(900):
        text = requirement()
        if rng.random() < 0.15:
            text = broken(text)

        def parts():
            found = Requirement(text)
            return "|".join([found.name, ",".join(sorted(canonicalize_name(e) for e in found.extras)),
                             ",".join(sorted(str(s.operator) + str(s.version) for s in found.specifier)),
                             found.url or "", "marker" if found.marker else ""])
        row("requirement", text, answer(parts))


if __name__ == "__main__":
    versions()
    orders()
    specifiers()
    markers()
    requirements()

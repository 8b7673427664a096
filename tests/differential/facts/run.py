#!/usr/bin/env python3
"""Compares the facts of this machine as `agent facts` and Ansible's `setup` report them: one test for each fact.

Both are asked as the same user. Numbers that move while we look (free space and memory, times) are compared for being
there and of the same type. What differs on purpose is named in DIFFERENCES.
"""
import argparse
import json
import os
import pathlib
import re
import subprocess
import sys

# Facts of Ansible's that we do not gather, or see differently: the name, and why.
DIFFERENCES = {
    "gather_subset": "says what was asked for, not what is",
    "module_setup": "says that the module ran",
    "facter": "another program's facts", "ohai": "another program's facts",
    "fibre_channel_wwn": "nobody asked for it in any playbook seen", "hostnqn": "as fibre_channel_wwn",
    "iscsi_iqn": "as fibre_channel_wwn", "lvm": "as fibre_channel_wwn", "locally_reachable_ips": "as fibre_channel_wwn",
    "system_capabilities": "as fibre_channel_wwn", "system_capabilities_enforced": "as fibre_channel_wwn",
    "systemd": "as fibre_channel_wwn",
    "env": "each is started with an environment of its own",
    "discovered_interpreter_python": "we need none",
    "gpu": "ours alone: Ansible gathers nothing of the kind",
}
MOVING = re.compile(
    r"^(date_time|loadavg|uptime_seconds|mem(free|total)_mb|swapfree_mb|memory_mb)|(_available|_used)$|\.features(\.|$)")


def ansible_facts(ansible):
    environment = dict(os.environ, ANSIBLE_PYTHON_INTERPRETER="/usr/bin/python3", ANSIBLE_NOCOLOR="1", LC_ALL="C.UTF-8")
    done = subprocess.run([ansible, "localhost", "-i", "localhost,", "-c", "local", "-m", "setup",
                           "-e", "ansible_python_interpreter=/usr/bin/python3"],
                          env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if "=>" not in done.stdout:
        sys.exit(f"{ansible} said: {done.stdout}{done.stderr}")
    facts = json.loads(done.stdout.split("=>", 1)[1])["ansible_facts"]
    return {name[len("ansible_"):] if name.startswith("ansible_") else name: value for name, value in facts.items()}


def agent_facts(agent):
    done = subprocess.run([agent, "facts"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if done.returncode:
        sys.exit(f"{agent} facts ended with {done.returncode}: {done.stderr}")
    return json.loads(done.stdout)


def differences(path, theirs, ours):
    """Each place below `path` where the two are not the same, as a line."""
    if MOVING.search(path):
        if type(theirs) is not type(ours) and not {type(theirs), type(ours)} <= {int, float}:
            yield f"{path}: {theirs!r}, we say {ours!r}"
    elif isinstance(theirs, dict) and isinstance(ours, dict):
        for key in sorted(set(theirs) | set(ours)):
            if key not in ours:
                yield f"{path}.{key}: {theirs[key]!r}, we say nothing"
            elif key not in theirs:
                yield f"{path}.{key}: nothing, we say {ours[key]!r}"
            else:
                yield from differences(f"{path}.{key}", theirs[key], ours[key])
    elif isinstance(theirs, list) and isinstance(ours, list) and len(theirs) == len(ours):
        if path in ("interfaces", "all_ipv4_addresses", "all_ipv6_addresses") or path.startswith("virtualization_tech"):
            theirs, ours = sorted(theirs), sorted(ours)
        if path == "mounts":
            theirs, ours = (sorted(mounts, key=lambda mount: mount["mount"]) for mounts in (theirs, ours))
        for index, (one, other) in enumerate(zip(theirs, ours)):
            yield from differences(f"{path}[{index}]", one, other)
    elif theirs != ours:
        yield f"{path}: {theirs!r}, we say {ours!r}"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--agent", required=True)
    parser.add_argument("--build")
    parser.add_argument("--jobs")
    parser.add_argument("--filter", default="")
    options = parser.parse_args()
    ansible = pathlib.Path(sys.executable).parent / "ansible"
    if not pathlib.Path("/usr/bin/python3").exists():
        print("skipped: Ansible needs /usr/bin/python3 on the machine it looks at")
        print("0 passed, 0 failed, 1 skipped")
        return 0
    theirs, ours = ansible_facts(str(ansible)), agent_facts(options.agent)
    passed = failed = 0
    for name in sorted(theirs):
        if name in DIFFERENCES or options.filter not in name:
            continue
        found = list(differences(name, theirs[name], ours[name])) if name in ours else [f"{name}: we do not have it"]
        passed, failed = passed + (not found), failed + bool(found)
        for line in found:
            print(f"FAILED {line[:300]}")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

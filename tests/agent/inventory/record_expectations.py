#!/usr/bin/env python3
"""Writes beside each case what ansible-inventory says of it: list.json, export.json, graph.txt, and patterns.tsv.

Run by hand, with ansible-core (2.17) on PATH, when a case is added. The unit tests compare with what is written.
"""
import json
import os
import pathlib
import subprocess

CASES = pathlib.Path(__file__).parent / "cases"
SOURCES = {
    "ini": ["hosts"],
    "yaml": ["hosts.yml"],
    "directory": ["hosts.d"],
    "vars": ["inventory/hosts", "--playbook-dir", "playbook"],
    "script": ["hosts.sh"],
}
ENVIRONMENT = {**os.environ, "ANSIBLE_INVENTORY_UNPARSED_WARNING": "False", "ANSIBLE_LOCALHOST_WARNING": "False"}


def ask(name, *options):
    argv = ["ansible-inventory", "-i", *SOURCES[name], *options]
    return subprocess.run(argv, cwd=CASES / name, env=ENVIRONMENT, check=True, capture_output=True, text=True).stdout


def patterns():
    from ansible.inventory.manager import InventoryManager
    from ansible.parsing.dataloader import DataLoader

    inventory = InventoryManager(DataLoader(), sources=[str(CASES / "ini" / "hosts")])
    lines = []
    for pattern in (CASES / "patterns.txt").read_text().split("\n"):
        if pattern:
            lines.append(pattern + "\t" + " ".join(host.name for host in inventory.get_hosts(pattern)))
    (CASES / "patterns.tsv").write_text("\n".join(lines) + "\n")


for case in SOURCES:
    (CASES / case / "list.json").write_text(ask(case, "--list"))
    (CASES / case / "export.json").write_text(ask(case, "--list", "--export"))
    (CASES / case / "graph.txt").write_text(ask(case, "--graph"))
    (CASES / case / "graph_vars.txt").write_text(ask(case, "--graph", "--vars"))
patterns()

#!/usr/bin/env python3
"""A play of 30 tasks with nothing to do on N hosts, against `ssh host true` on the same hosts: fresh connections both, all at
once both; then 500 tasks on one host, over a line with 50 ms of delay and without. Prints `name | measured | bar | yes or no`, as the benchmark programs do. Started by `./dev bench fleet`, as root.
"""
import argparse
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
sys.dont_write_bytecode = True
import bed  # noqa: E402
from bed import layers  # noqa: E402

INSIDE = "--inside"


def no_op_tasks():
    """Five each of six kinds."""
    kinds = ["file: {path: /srv, state: directory}", "copy: {content: \"x\\n\", dest: /srv/x, mode: '0644'}",
             "lineinfile: {path: /srv/x, line: x}", "command: {cmd: /bin/false, creates: /srv/x}",
             "debug: {msg: '{{ inventory_hostname }}'}", "apt: {name: tar}"]
    return "- hosts: fleet\n  gather_facts: false\n  tasks:\n" + "".join(f"    - {kind}\n" for kind in kinds) * 5


def many_tasks(count):
    return ("- hosts: host0\n  gather_facts: false\n  tasks:\n" +
            "    - copy: {content: \"x\\n\", dest: /srv/x, mode: '0644'}\n" * count)


def seconds(work):
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def floor(controller):
    """`ssh host true` on all hosts at once."""
    processes = [subprocess.Popen(["ssh", "-F", controller.folder / "ssh_config", "-o", "BatchMode=yes", f"root@{host.address}",
                                   "true"], env=controller.environment(), stdin=subprocess.DEVNULL)
                 for host in controller.hosts.values()]
    if any(process.wait() for process in processes):
        sys.exit("bench: ssh failed")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--agent", type=pathlib.Path, required=True)
    parser.add_argument("--hosts", type=int, default=20)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument(INSIDE, action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if not options.inside:
        layers.sshd()
        return subprocess.run(["unshare", "--net", "--mount", sys.executable, *sys.argv, INSIDE]).returncode
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    with tempfile.TemporaryDirectory(prefix="agent-fleet-") as folder, tempfile.TemporaryDirectory() as cache:
        controller = bed.Controller(options.agent, layers.sshd(), pathlib.Path(folder), pathlib.Path(cache))
        try:
            measure(controller, options)
        finally:
            controller.down()
    return 0


def measure(controller, options):
    controller.up(*(f"host{number}" for number in range(options.hosts)))
    for host in controller.hosts.values():
        host.must("echo x >/srv/x")
    playbook, inventory = controller.write("noop.yml", no_op_tasks()), controller.inventory()

    def play():
        run = controller.run("run", playbook, "-i", inventory)
        if run.code or run.named("changed"):
            sys.exit(f"bench: there was nothing to change\n{run}")

    subprocess.run([options.agent, "bundle"], env=controller.environment(), check=True, stdout=subprocess.DEVNULL)
    floor(controller)
    play()
    for host in controller.hosts.values():
        host.must("rm -rf /var/cache/agent")
    first = seconds(play)
    # By turns, so that a busy moment of the machine hits both.
    floors, plays = [], []
    for _ in range(options.runs):
        floors.append(seconds(lambda: floor(controller)))
        plays.append(seconds(play))
    ssh, ours = statistics.median(floors), statistics.median(plays)
    name = f"30 no-op tasks on {options.hosts} hosts"
    print(f"{name}, of the time of 'ssh host true' | {ours / ssh:.2f} × ({ours:.2f} s of {ssh:.2f} s) | 1.25 × | "
          f"{'yes' if ours <= 1.25 * ssh else 'no'}")
    measure_delay(controller)
    print(f"{name}, first contact | {first / ssh:.2f} × ({first:.2f} s) | 3.00 × | {'yes' if first <= 3 * ssh else 'no'}")


def measure_delay(controller):
    """500 tasks with nothing to do, near and far."""
    way, tasks = 0.05, 500
    playbook = controller.write("many.yml", many_tasks(tasks))
    arguments = f"'-F {controller.folder}/ssh_config"
    near = controller.inventory()
    near_text = near.read_text()
    took = {}
    for name, proxy in (("near", ""), ("far", f" -o \"ProxyCommand={HERE}/delay.py %h %p {way / 2}\"")):
        near.write_text(near_text.replace(arguments, arguments + proxy))
        best = []
        for _ in range(3):
            start = time.perf_counter()
            command, process = controller.start("run", playbook, "-i", near)
            run = controller.finish(command, process)
            best.append(time.perf_counter() - start)
            if run.code or run.named("changed"):
                sys.exit(f"bench: there was nothing to change\n{run}")
        took[name] = statistics.median(best)
    bar = 1.3 * took["near"] + 4 * way
    print(f"{tasks} tasks on one host, {way * 1000:.0f} ms away | {took['far']:.2f} s (near: {took['near']:.2f} s) | {bar:.2f} s | "
          f"{'yes' if took['far'] <= bar else 'no'}")


if __name__ == "__main__":
    sys.exit(main())

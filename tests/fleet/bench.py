#!/usr/bin/env python3
"""A play of 30 tasks with nothing to do on N hosts, against `ssh host true`, ansible-playbook and pyinfra on the same hosts: fresh
connections all, all hosts at once; then 500 tasks on one host, over a line with 50 ms of delay and without. Prints
`name | measured | bar | yes or no`, as the benchmark programs do. Started by `./dev bench fleet`, as root.
"""
import argparse
import functools
import os
import pathlib
import shlex
import statistics
import subprocess
import sys
import tempfile
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
sys.dont_write_bytecode = True
import bed  # noqa: E402
import peers  # noqa: E402
from bed import layers  # noqa: E402

INSIDE = "--inside"
FORKS = 32  # what the agent does unless told otherwise
PARTS = ("ssh", "first", "delay", "memory", "peers")
PACKAGES = ["apt", "bash", "coreutils", "dpkg", "tar"]


def no_op_tasks():
    """Five each of six kinds, each on something of its own."""
    tasks = []
    for n, package in enumerate(PACKAGES):
        tasks += [f"file: {{path: /srv/d{n}, state: directory}}",
                  f"copy: {{content: \"x\\n\", dest: /srv/x{n}, mode: '0644'}}",
                  f"lineinfile: {{path: /srv/x{n}, line: x}}",
                  f"command: {{cmd: /bin/false, creates: /srv/x{n}}}",
                  "debug: {msg: '{{ inventory_hostname }}'}",
                  f"apt: {{name: {package}}}"]
    return "- hosts: fleet\n  gather_facts: false\n  tasks:\n" + "".join(f"    - {task}\n" for task in tasks)


def many_tasks(count, last=""):
    return ("- hosts: host0\n  gather_facts: false\n  tasks:\n" +
            "    - copy: {content: \"x\\n\", dest: /srv/x, mode: '0644'}\n" * count + last)


def seconds(work):
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--agent", type=pathlib.Path, required=True)
    parser.add_argument("--hosts", type=int, default=20)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], metavar="PART", help=f"only {', '.join(PARTS)}")
    parser.add_argument(INSIDE, action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if not options.inside:
        layers.peers()
        peers.fetch()
        return subprocess.run(["unshare", "--net", "--mount", sys.executable, *sys.argv, INSIDE]).returncode
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    with tempfile.TemporaryDirectory(prefix="agent-fleet-") as folder, tempfile.TemporaryDirectory() as cache:
        controller = bed.Controller(options.agent, layers.peers(), pathlib.Path(folder), pathlib.Path(cache))
        try:
            bench = Bench(controller, options)
            for part in options.parts or PARTS:
                getattr(bench, part)()
        finally:
            controller.down()
    return 0


class Bench:
    """The hosts, and what is measured on them by name."""

    def __init__(self, controller, options):
        self.controller, self.runs = controller, options.runs
        # Every connection is a fresh one, and no login is kept from one run to the next, but where that is measured.
        self.fresh = controller.folder / "ssh_config"
        self.kept = self.fresh.with_name("ssh_config_kept")
        self.kept.write_text(self.fresh.read_text())
        with self.fresh.open("a") as file:
            file.write("ControlMaster no\nControlPath none\n")
        controller.up(*(f"host{number}" for number in range(options.hosts)))
        for host in controller.hosts.values():
            host.must("cd /srv && mkdir d0 d1 d2 d3 d4 && for n in x x0 x1 x2 x3 x4; do echo x >$n; done")
        self.name = f"30 no-op tasks on {options.hosts} hosts"
        self.playbook, self.inventory = controller.write("noop.yml", no_op_tasks()), controller.inventory()
        subprocess.run([options.agent, "bundle"], env=controller.environment(), check=True, stdout=subprocess.DEVNULL)
        self.floor(), self.play()

    def play(self):
        run = self.controller.run("run", self.playbook, "-i", self.inventory)
        if run.code or run.named("changed"):
            sys.exit(f"bench: there was nothing to change\n{run}")

    def floor(self):
        """`ssh host true` on all hosts at once."""
        processes = [subprocess.Popen(["ssh", "-F", self.controller.folder / "ssh_config", "-o", "BatchMode=yes",
                                       f"root@{host.address}", "true"], env=self.controller.environment(), stdin=subprocess.DEVNULL)
                     for host in self.controller.hosts.values()]
        if any(process.wait() for process in processes):
            sys.exit("bench: ssh failed")

    # By turns, so that a busy moment of the machine hits both.
    @functools.cached_property
    def medians(self):
        """Of `ssh host true`, and of the play."""
        pairs = [(seconds(self.floor), seconds(self.play)) for _ in range(self.runs)]
        return tuple(map(statistics.median, zip(*pairs)))

    def ssh(self):
        """Against the floor."""
        ssh, ours = self.medians
        show(f"{self.name}, of the time of 'ssh host true'", f"{ours / ssh:.2f} × ({ours:.2f} s of {ssh:.2f} s)", "1.25 ×",
             ours <= 1.25 * ssh)

    def first(self):
        """The first contact, the bundle to be sent."""
        for host in self.controller.hosts.values():
            host.must("rm -rf /var/cache/agent")
        first, (ssh, _) = seconds(self.play), self.medians
        show(f"{self.name}, first contact", f"{first / ssh:.2f} × ({first:.2f} s)", "3.00 ×", first <= 3 * ssh)

    def delay(self):
        """500 tasks with nothing to do behind the delaying proxy, with no delay and with one: on a fresh login, on one that is
        kept, without what ssh takes for a login, and with one task more that the controller does.
        """
        way, tasks = 0.05, 500
        plain = self.inventory.read_text()
        proxies = [f"-o \"ProxyCommand={HERE}/delay.py %h %p {late / 2}\"" for late in (0, way)]
        many = self.controller.write("many.yml", many_tasks(tasks))
        delegated = self.controller.write("delegated.yml", many_tasks(tasks, "    - {command: 'true', delegate_to: localhost, changed_when: false}\n"))

        def both(playbook, config):
            """With no delay, and with one."""
            return [self.median_of(playbook, plain.replace(f"'-F {self.fresh}", f"'-F {config} {proxy}")) for proxy in proxies]

        def show_both(what, near, far, trips=4):
            bar = 1.3 * near + trips * way
            show(f"{tasks} tasks on one host, {way * 1000:.0f} ms away, {what}", f"{far:.2f} s (no delay: {near:.2f} s)",
                 f"{bar:.2f} s", far <= bar)

        fresh, alone = both(many, self.fresh), [self.login(proxy) for proxy in proxies]
        show_both("a fresh login", *fresh)
        show_both("the same, without what 'ssh host true' takes", *(ours - ssh for ours, ssh in zip(fresh, alone)))
        show_both("a kept login", *both(many, self.kept))
        show_both("a kept login, and one task more that is delegated to the controller", *both(delegated, self.kept), trips=5)
        self.inventory.write_text(plain)
        print(f"'ssh host true' alone takes {alone[1]:.2f} s there, and {alone[0]:.2f} s with no delay", file=sys.stderr)

    def login(self, proxy):
        """Seconds of `ssh host true` on one host."""
        host = next(iter(self.controller.hosts.values()))
        command = ["ssh", "-F", self.fresh, *shlex.split(proxy), f"root@{host.address}", "true"]
        return statistics.median(seconds(lambda: subprocess.run(command, env=self.controller.environment(), check=True)) for _ in range(5))

    def median_of(self, playbook, inventory):
        """Seconds of three runs, behind one that is not counted."""
        self.inventory.write_text(inventory)
        took = []
        for _ in range(4):
            start = time.perf_counter()
            command, process = self.controller.start("run", playbook, "-i", self.inventory)
            run = self.controller.finish(command, process)
            took.append(time.perf_counter() - start)
            if run.code or run.named("changed"):
                sys.exit(f"bench: there was nothing to change\n{run}")
        return statistics.median(took[1:])

    def memory(self):
        """The controller and, on one host, agent and workers: their peaks, pages that are shared counted by their share."""
        text = self.playbook.read_text().replace("gather_facts: false", "gather_facts: true")
        playbook = self.controller.write("memory.yml", text + "    - {command: sleep 2, changed_when: false}\n")
        command, process = self.controller.start("run", playbook, "-i", self.inventory)
        there = os.readlink(f"/proc/{next(iter(self.controller.hosts.values())).pid}/ns/mnt")
        peaks = {"here": 0, "there": 0}

        def watch():
            while process.poll() is None:
                found = agents()
                peaks["here"] = max(peaks["here"], proportional(process.pid))
                peaks["there"] = max(peaks["there"], sum(proportional(pid) for pid, place in found if place == there))
                time.sleep(0.05)

        watcher = threading.Thread(target=watch)
        watcher.start()
        run = self.controller.finish(command, process)
        watcher.join()
        if run.code or not peaks["there"]:
            sys.exit(f"bench: no memory was measured\n{run}")
        here, there = (peaks[place] / 1024 for place in ("here", "there"))
        bar = 48 + len(self.controller.hosts) * 150 / 1024
        show(f"controller of {len(self.controller.hosts)} hosts, memory", f"{here:.1f} MiB", f"{bar:.1f} MiB", here <= bar)
        show("a host's agent and workers, memory", f"{there:.1f} MiB", "48.0 MiB", there <= 48)

    def peers(self):
        """Against the others: once each, when they have compiled themselves; they take long enough for that."""
        for peer in (peers.Ansible(self.controller, self.playbook, self.inventory, FORKS),
                     peers.Pyinfra(self.controller, PACKAGES, FORKS)):
            peer.run(on_all=False)
            # Ours beside it, for the same reason.
            theirs, ours = seconds(peer.run), statistics.median(seconds(self.play) for _ in range(self.runs))
            show(f"{self.name}, of the time of {peer.name}", f"1/{theirs / ours:.0f} ({ours:.2f} s of {theirs:.1f} s)",
                 f"1/{peer.bar}", ours * peer.bar <= theirs)
        # As each is when it is run once more within a minute: this one keeps nothing, and we keep the logins.
        text = self.inventory.read_text()
        again = self.median_of(self.playbook, text.replace(f"'-F {self.fresh}", f"'-F {self.kept}"))
        self.inventory.write_text(text)
        show(f"{self.name}, a second run, of the time of {peer.name}", f"1/{theirs / again:.0f} ({again:.2f} s of {theirs:.1f} s)",
             f"1/{peer.bar}", again * peer.bar <= theirs)


def agents():
    """Processes that are agents, with where they are."""
    for folder in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            if (folder / "comm").read_text() == "agent\n":
                yield int(folder.name), os.readlink(folder / "ns/mnt")
        except OSError:  # it has ended
            pass


def proportional(pid):
    """KiB of a process; nothing when it has ended."""
    try:
        return next(int(line.split()[1]) for line in open(f"/proc/{pid}/smaps_rollup") if line.startswith("Pss:"))
    except (OSError, StopIteration):
        return 0


def show(name, measured, bar, is_reached):
    print(f"{name} | {measured} | {bar} | {'yes' if is_reached else 'no'}", flush=True)


if __name__ == "__main__":
    sys.exit(main())

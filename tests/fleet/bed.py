"""A controller and its hosts, all in one private network: real sshd, real sudo, each host with its own files and processes
at its own address (127.0.7.N, where nobody but this suite can be).
"""
import json
import pathlib
import shlex
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "testbed"))
import hosts  # noqa: E402
import layers  # noqa: E402
from expect import dedent, same  # noqa: E402

PATIENCE = 120  # seconds; only ever reached when something is wrong


class SshHost(hosts.LightHost):
    """A light host with an sshd, root and alice (with sudo) that let the controller's key in."""

    def __init__(self, layer, controller, name, number):
        super().__init__(layer, name)
        self.controller, self.address, self.sshd = controller, f"127.0.7.{number}", None

    def up(self):
        super().up()
        self.must("useradd --create-home --shell /bin/bash alice && echo alice:alice | chpasswd && mkdir -p /run/sshd && "
                  "rm -f /etc/ssh/ssh_host_*_key* && ssh-keygen -q -t ed25519 -N '' -f /etc/ssh/ssh_host_ed25519_key")
        self.write("/etc/sudoers.d/alice", "alice ALL=(ALL:ALL) NOPASSWD: ALL\n", mode=0o440)
        for home, user in (("/root", "root"), ("/home/alice", "alice")):
            self.must(f"mkdir -p -m 700 {home}/.ssh && chown {user}: {home}/.ssh")
            self.write(f"{home}/.ssh/authorized_keys", self.controller.public_key, mode=0o600, owner=user)
        self.start_sshd()
        return self

    def start_sshd(self, max_startups="100"):
        self.sshd = subprocess.Popen(
            [*hosts.prefix_enter(self.pid), "/usr/sbin/sshd", "-D", "-e", "-o", f"ListenAddress={self.address}", "-o",
             f"MaxStartups={max_startups}", "-o", "PrintMotd=no"],
            env={"PATH": hosts.PATH}, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=open(self.folder / "sshd.log", "w"), preexec_fn=hosts._die_with_parent)
        end = time.monotonic() + PATIENCE
        while subprocess.run(["bash", "-c", f": </dev/tcp/{self.address}/22"], stderr=subprocess.DEVNULL).returncode:
            assert time.monotonic() < end, f"sshd of {self.name} does not listen"
            time.sleep(0.05)

    def stop_sshd(self):
        """Ends the server and every session of it, as if the machine's network were cut."""
        self.sshd.terminate()
        self.sshd.wait()
        self.run("for p in $(ps -eo pid,comm | awk '$2==\"sshd\"{print $1}'); do kill -9 $p; done", timeout=PATIENCE)

    def down(self):
        if self.sshd and self.sshd.poll() is None:
            self.sshd.kill()
            self.sshd.wait()
        super().down()

    @property
    def key_line(self):
        """Its line of known_hosts."""
        kind, key = self.read("/etc/ssh/ssh_host_ed25519_key.pub").split()[:2]
        return f"{self.address} {kind} {key}\n"

    def leftovers(self):
        """What an agent left in memory: checks may use it, and have to clean up."""
        return self.must("ls -d /dev/shm/* /run/agent* /run/user/*/agent* /tmp/* 2>/dev/null; true").split()

    def processes(self):
        """Agents that run."""
        return self.must("for f in /proc/[0-9]*/comm; do read -r c <$f 2>/dev/null && [ \"$c\" = agent ] && echo $f; done; true").split()


class SystemdSshHost(hosts.SystemdHost):
    """A machine with systemd and an address on a bridge, whose sshd lets the controller's key in as root."""

    def __init__(self, controller, name, number, layer):
        super().__init__(layer, name, number)
        self.controller = controller

    def up(self):
        super().up()
        self.must("rm -f /etc/ssh/ssh_host_*_key* && ssh-keygen -q -t ed25519 -N '' -f /etc/ssh/ssh_host_ed25519_key && "
                  "mkdir -p -m 700 /root/.ssh && systemctl enable --now ssh && systemctl restart ssh")
        self.write("/root/.ssh/authorized_keys", self.controller.public_key, mode=0o600)
        return self

    def start_again(self):
        """After its end, as a hypervisor would."""
        subprocess.run(["podman", "start", self.name], check=True, stdout=subprocess.DEVNULL)

    @property
    def key_line(self):
        kind, key = self.must("cat /etc/ssh/ssh_host_ed25519_key.pub").split()[:2]
        return f"{self.address} {kind} {key}\n"


class Outcome:
    """One run of the agent on the controller."""

    def __init__(self, command, done):
        self.command, self.code, self.out, self.err = command, done.returncode, done.stdout, done.stderr
        said = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
        self.events = [one for one in said if "event" in one]

    def results(self, host=None, task=None):
        return [event for event in self.events if event["event"] == "task_result"
                and (host is None or event["host"] == host) and (task is None or event["task"] == task)]

    def one(self, host, task):
        found = self.results(host, task)
        assert len(found) == 1, f"{len(found)} results of '{task}' on {host} in\n{self}"
        return found[0]

    def named(self, *statuses, host=None):
        return sorted({event["task"] for event in self.results(host) if event["status"] in statuses})

    @property
    def recap(self):
        found = [event for event in self.events if event["event"] == "recap"]
        assert found, f"no recap in\n{self}"
        return found[-1]["hosts"]

    @property
    def warnings(self):
        return [event["text"] for event in self.events if event["event"] == "warning"]

    @property
    def text(self):
        return self.out + self.err

    def __str__(self):
        lines = [f"$ {self.command}    -> {self.code}"]
        for event in self.results():
            lines.append(f"  {event['host']:<8} {event['status']:<12} {event['task']}")
            if "error" in event:
                lines.append(f"      {json.dumps(event['error'])[:1200]}")
        lines += [f"  warning: {text}" for text in self.warnings]
        rest = [line for line in self.out.splitlines() if not line.startswith("{")] + self.err.splitlines()
        return "\n".join(lines + ["  | " + line for line in rest[-40:]])


class Controller:
    """The machine that the agent is started on, with keys, known hosts and a cache of its own."""

    def __init__(self, agent, layer, folder, cache):
        self.agent, self.layer, self.folder, self.cache = agent, layer, folder, cache
        self.hosts, self.log = {}, []
        self.keeps_history = False  # a run can be resumed only where it does
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder / "key"], check=True)
        self.public_key = (folder / "key.pub").read_text()
        self.known = folder / "known_hosts"
        self.known.touch()
        (folder / "ssh_config").write_text(f"UserKnownHostsFile {self.known}\nIdentityFile {folder}/key\nIdentitiesOnly yes\n")
        (folder / "plays").mkdir()

    def up(self, *names, known=True):
        """Fresh hosts, whose keys are known unless said otherwise."""
        made = []
        for name in names:
            host = SshHost(self.layer, self, name, 11 + len(self.hosts))
            self.hosts[name] = host
            made.append(host.up())
            if known:
                with self.known.open("a") as file:
                    file.write(host.key_line)
        return made

    def up_systemd(self, name, number, layer=None):
        """One with systemd, which takes some seconds."""
        self.hosts[name] = host = SystemdSshHost(self, name, number, layer or layers.systemd())
        host.up()
        with self.known.open("a") as file:
            file.write(host.key_line)
        return host

    def down(self):
        for host in self.hosts.values():
            host.down()

    def inventory(self, user="root", more=(), **variables):
        """All hosts, as `user`; `more` are further lines."""
        common = {"ansible_user": user, "ansible_ssh_common_args": f"'-F {self.folder}/ssh_config'", **variables}
        words = " ".join(f"{key}={value}" for key, value in common.items())
        lines = [f"{name} ansible_host={host.address} {words}" for name, host in self.hosts.items()] + list(more)
        path = self.folder / "plays" / "hosts.ini"
        path.write_text("[fleet]\n" + "\n".join(lines) + "\n")
        return path

    def write(self, name, text):
        path = self.folder / "plays" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text))
        return path

    def environment(self):
        return {"PATH": hosts.PATH, "HOME": str(self.folder), "XDG_CACHE_HOME": str(self.cache), "LANG": "C.UTF-8",
                "XDG_STATE_HOME": str(self.folder / "state"), "AGENT_HISTORY": "" if self.keeps_history else "no"}

    def start(self, *arguments, **options):
        command = [str(self.agent), *map(str, arguments)]
        if arguments[0] in ("run", "check", "resume", "attach") and "--format" not in arguments:
            command += ["--format", "jsonl"]
        return command, subprocess.Popen(command, env=self.environment(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                         stderr=subprocess.PIPE, text=True, errors="replace", **options)

    def run(self, *arguments):
        """`agent ...`, waited for."""
        return self.finish(*self.start(*arguments))

    def finish(self, command, process):
        try:
            out, err = process.communicate(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            out, err = process.communicate()
            raise AssertionError(f"it did not end: {shlex.join(command)}\n{out[-3000:]}\n{err[-3000:]}") from None
        outcome = Outcome(shlex.join(command[1:]), subprocess.CompletedProcess(command, process.returncode, out, err))
        self.log.append(str(outcome))
        return outcome

    @staticmethod
    def wait_for(condition, what):
        end = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < end, f"waited in vain for {what}"
            time.sleep(0.05)

    def wait_for_task(self, condition, what):
        """Waits until a task is at work, and the controller has heard so: what a host tells may wait 25 ms for more
        (line.hpp), and does not arrive where its agent is killed, or its link cut, before that."""
        self.wait_for(condition, what)
        time.sleep(0.5)


CASES = []


def case(title):
    """Registers a function of one argument, a Controller."""
    def register(function):
        CASES.append((title, function))
        return function
    return register


def says(outcome, *texts):
    shown = " ".join(outcome.text.split())
    for text in texts:
        assert text in shown, f"expected to read '{text}' in\n{outcome}\n{outcome.text[-3000:]}"



"""Hosts for tests: a light one for most (own files, processes and name; the machine's network; thrown away afterwards),
and one with systemd, sshd and an address of its own.
"""
import ctypes
import fcntl
import os
import pathlib
import pty
import select
import shutil
import signal
import stat
import subprocess
import tempfile
import termios
import time

import machine
import roots

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None)  # before any fork: loading is not safe after one

# The first process of a light host. It says which process it is as the machine counts them, makes the host's root its
# own, and then only waits: for orphans, and for its end.
INIT = r"""
set -e
read -r pid rest </proc/self/stat
mount --make-rprivate /
mount -t overlay overlay -o "lowerdir=$LOWER,upperdir=$UPPER,workdir=$WORK" "$ROOT"
cd "$ROOT"
mount -t proc proc proc
mount -t sysfs -o ro sysfs sys
mount -t tmpfs -o mode=755,nosuid dev dev
for name in null zero full random urandom tty; do touch dev/$name; mount --bind /dev/$name dev/$name; done
mkdir dev/pts dev/shm
mount -t devpts -o newinstance,ptmxmode=0666,mode=620,gid=5 devpts dev/pts
mount -t tmpfs -o mode=1777 shm dev/shm
ln -s pts/ptmx dev/ptmx; ln -s /proc/self/fd dev/fd
ln -s fd/0 dev/stdin; ln -s fd/1 dev/stdout; ln -s fd/2 dev/stderr
mount -t tmpfs -o mode=755 run run
mkdir -m 1777 run/lock
cp -L /etc/resolv.conf etc/resolv.conf
printf '127.0.0.1 localhost %s\n' "$NAME" >etc/hosts
echo "$NAME" >etc/hostname
printf '%s\n' "$BINDS" | while read -r from to; do
  [ -n "$from" ] || continue
  mkdir -p ".$to"; mount --rbind "$from" ".$to"; mount -o remount,bind,ro ".$to"
done
hostname "$NAME"
pivot_root . .
umount -l .
echo "$pid"
exec chroot . /bin/sh -c 'exec >/dev/null 2>&1; while :; do sleep 86400 & wait $!; done'
"""


class Result:
    """How a command on a host ended."""

    def __init__(self, code, out, err):
        self.code, self.out, self.err = code, out, err

    @property
    def all(self):
        return self.out + self.err


class LightHost:
    """A fresh machine in a few milliseconds: `with LightHost(layer, "name") as host: host.run("id")`.

    `binds` are folders of this machine seen read-only inside, as (outside, inside).
    """

    def __init__(self, layer, name, binds=(), survives=False):
        self.name, self._layer, self._survives = name, layer, survives
        self._binds = list(binds) + [(folder, folder) for folder in machine.package_folders()]
        self.folder = self.process = self.pid = None

    def up(self):
        parent = roots.cache() / "hosts"
        parent.mkdir(exist_ok=True)
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix=f"{self.name}-", dir=parent))
        for part in ("upper", "work", "root"):
            (self.folder / part).mkdir()
        self.folder.chmod(0o755)
        for part in ("upper", "root"):
            (self.folder / part).chmod(0o755)
        environment = {"PATH": PATH, "LOWER": self._layer.lower, "UPPER": str(self.folder / "upper"),
                       "WORK": str(self.folder / "work"), "ROOT": str(self.folder / "root"), "NAME": self.name,
                       "BINDS": "\n".join(f"{source} {target}" for source, target in self._binds)}
        self.process = subprocess.Popen(
            ["unshare", "--mount", "--pid", "--ipc", "--uts", "--fork", "--kill-child", "sh", "-c", INIT], env=environment,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            start_new_session=self._survives, preexec_fn=None if self._survives else _die_with_parent)
        line = self.process.stdout.readline()
        if not line:
            error = self.process.stderr.read()
            self.down()
            raise machine.Unusable(f"the host '{self.name}' did not start: {error}")
        self.pid = int(line)
        (self.folder / "pid").write_text(f"{self.process.pid} {self.pid}\n")
        return self

    def down(self):
        """Ends every process of the host and forgets its files."""
        if self.process and self.process.poll() is None:
            self.process.kill()  # its child, the host's first process, dies with it, and with that all others
            self.process.wait()
        if self.folder:
            _remove(self.folder)

    __enter__ = up

    def __exit__(self, *_):
        self.down()

    def run(self, command, user="root", env=(), timeout=600, prefix=(), stdin=None):
        """Runs a command (text: by sh) as a login of `user` would find things, and returns a Result."""
        done = subprocess.run([*prefix_enter(self.pid), *prefix, *self._inside(command, user, env)], env={"PATH": PATH},
                              timeout=timeout, input=stdin, stdin=subprocess.DEVNULL if stdin is None else None,
                              capture_output=True, text=True, errors="replace")
        return Result(done.returncode, done.stdout, done.stderr)

    def type(self, command, prompt, answer, user="root", timeout=60):
        """Runs a command at a terminal and types `answer` once `prompt` is shown. Returns a Result."""
        terminal, its_end = pty.openpty()
        process = subprocess.Popen([*prefix_enter(self.pid), *self._inside(command, user, ())], env={"PATH": PATH}, stdin=its_end,
                                   stdout=its_end, stderr=its_end, start_new_session=True,
                                   preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
        os.close(its_end)
        shown, answered, end = "", False, time.monotonic() + timeout
        try:
            while time.monotonic() < end:
                if not select.select([terminal], [], [], 0.1)[0]:
                    continue
                try:
                    piece = os.read(terminal, 65536)
                except OSError:  # the other end is closed
                    break
                shown += piece.decode(errors="replace")
                if prompt in shown and not answered:
                    os.write(terminal, answer.encode())
                    answered = True
        finally:
            os.close(terminal)
            if time.monotonic() >= end:
                process.kill()
        return Result(process.wait(), shown.replace("\r\n", "\n"), "")

    def _inside(self, command, user, env):
        argv = ["sh", "-c", command] if isinstance(command, str) else [str(word) for word in command]
        home = "/root" if user == "root" else f"/home/{user}"
        path = PATH if user == "root" else "/usr/local/bin:/usr/bin:/bin"
        # What is left on a host is looked at, and a run's history would be part of it.
        values = {"AGENT_HISTORY": "no", "PATH": path, "HOME": home, "USER": user, "LOGNAME": user, "LANG": "C.UTF-8", "SHELL": "/bin/bash",
                  "TERM": "dumb", **dict(env)}
        inside = ["env", "-i", f"--chdir={home}", *(f"{key}={value}" for key, value in values.items()), *argv]
        if user != "root":
            inside = ["setpriv", f"--reuid={user}", f"--regid={user}", "--init-groups", *inside]
        return inside

    def must(self, command, **options):
        """Runs a command that has to succeed, and returns what it printed."""
        done = self.run(command, **options)
        if done.code:
            raise AssertionError(f"'{command}' on the host exited with {done.code}:\n{done.all}")
        return done.out

    def path(self, inside):
        """A path of the host as this process can open it. Links that start at / lead astray: resolve them inside."""
        return pathlib.Path(f"/proc/{self.pid}/root{inside}")

    def write(self, inside, text, mode=0o644, owner=None):
        file = self.path(inside)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        file.chmod(mode)
        if owner:
            self.must(["chown", f"{owner}:", inside])

    def read(self, inside):
        return self.path(inside).read_text()

    def fingerprint(self):
        """Everything that differs from the fresh machine, as a map from path to a value that any touch changes."""
        seen = {}
        upper = str(self.folder / "upper")
        for parent, folders, files in os.walk(upper):
            for name in folders + files:
                path = os.path.join(parent, name)
                info, inside = os.lstat(path), path[len(upper):]
                if not stat.S_ISDIR(info.st_mode):
                    seen[inside] = (info.st_mode, info.st_uid, info.st_gid, info.st_size, info.st_ctime_ns, info.st_mtime_ns)
                elif not self._is_as_below(inside, info, path):
                    seen[inside] = (info.st_mode, info.st_uid, info.st_gid)
        return seen

    def _is_as_below(self, inside, info, path):
        """A directory is copied up when something in it comes or goes; that it was copied is no change."""
        if "trusted.overlay.opaque" in os.listxattr(path):
            return False
        for tree in self._layer.trees:
            try:
                below = os.lstat(f"{tree}{inside}")
            except FileNotFoundError:
                continue
            return (below.st_mode, below.st_uid, below.st_gid) == (info.st_mode, info.st_uid, info.st_gid)
        return False


def prefix_enter(pid):
    """The start of a command line that runs inside the host whose first process is `pid`."""
    return ["nsenter", f"--target={pid}", "--mount", "--uts", "--ipc", "--pid", "--root", "--wd"]


def _die_with_parent():
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def _remove(folder):
    # overlayfs leaves a directory in `work` that even root may not list until its mode is changed.
    for inner in folder.glob("work/work"):
        inner.chmod(0o700)
    shutil.rmtree(folder, ignore_errors=True)


class SystemdHost:
    """A machine with systemd, sshd and an address of its own on a bridge, through podman and runc."""

    BRIDGE, NETWORK = "agent0", "10.77.0"

    def __init__(self, layer, name, number, binds=(), privileged=False):
        self.name, self._layer, self.address = name, layer, f"{self.NETWORK}.{number}"
        self._more = ["--privileged", "--cgroupns=private"] if privileged else []  # for a host that runs containers of its own
        self._binds = list(binds) + [(folder, folder) for folder in machine.package_folders()]

    def up(self):
        image = self._image()
        self._connect()
        mounts = [word for source, target in self._binds for word in ("-v", f"{source}:{target}:ro")]
        _quiet(["podman", "run", "-d", "--name", self.name, "--hostname", self.name, "--runtime=runc", "--systemd=always",
                f"--network=ns:/var/run/netns/{self.name}", "--ulimit", "nofile=1024:4096", "--ulimit", "nproc=1000:1000",
                *self._more, *mounts, image, "/sbin/init"])
        self._wait_until_started()
        self.must("cat >/etc/resolv.conf", stdin=pathlib.Path("/etc/resolv.conf").read_text())
        return self

    def _wait_until_started(self):
        """`--wait` alone is not enough: until D-Bus is up, which takes a while on a loaded machine, it fails at once."""
        end = time.monotonic() + 120
        while self.run("systemctl is-system-running --wait").out.strip() not in ("running", "degraded"):
            if time.monotonic() > end:
                raise AssertionError(f"{self.name} did not start within 120 s: {self.run('systemctl list-jobs').all}")
            time.sleep(0.2)

    def down(self):
        link = f"v{self.address.rsplit('.', 1)[1]}"
        for command in (["podman", "rm", "-f", "-t", "0", self.name], ["ip", "link", "del", link],
                        ["ip", "netns", "del", self.name]):
            subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def __enter__(self):
        try:
            return self.up()
        except BaseException:
            self.down()
            raise

    def __exit__(self, *_):
        self.down()

    def run(self, command, user="root", env=(), timeout=600, stdin=None):
        argv = ["sh", "-c", command] if isinstance(command, str) else list(command)
        given = [word for key, value in dict(env).items() for word in ("-e", f"{key}={value}")]
        feed = [] if stdin is None else ["-i"]
        done = subprocess.run(["podman", "exec", *feed, "--user", user, *given, self.name, *argv], timeout=timeout,
                              input=stdin, stdin=subprocess.DEVNULL if stdin is None else None, capture_output=True,
                              text=True, errors="replace")
        return Result(done.returncode, done.stdout, done.stderr)

    must = LightHost.must

    def write(self, inside, text, mode=0o644, owner="root"):
        self.must(f"mkdir -p '{os.path.dirname(inside)}' && cat >'{inside}' && chmod {mode:o} '{inside}' && "
                  f"chown '{owner}:' '{inside}'", stdin=text)

    def _image(self):
        image = f"localhost/agent-testbed:{self._layer.key}"
        with roots.locked(self._layer.folder / "image.lock"):
            if subprocess.run(["podman", "image", "exists", image]).returncode:
                self._import(image)
        return image

    def _import(self, image):
        with tempfile.TemporaryDirectory(dir=roots.cache()) as merged:
            subprocess.run(["mount", "-t", "overlay", "overlay", "-o", f"ro,lowerdir={self._layer.lower}", merged], check=True)
            try:
                subprocess.run(f"tar -C '{merged}' -c . | podman import - '{image}'", shell=True, check=True,
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            finally:
                subprocess.run(["umount", merged], check=True)

    def _connect(self):
        number = self.address.rsplit(".", 1)[1]
        outer, inner, gateway = f"v{number}", f"e{number}", f"{self.NETWORK}.1"
        if subprocess.run(["ip", "link", "show", self.BRIDGE], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode:
            _quiet(["ip", "link", "add", self.BRIDGE, "type", "bridge"])
            _quiet(["ip", "addr", "add", f"{gateway}/16", "dev", self.BRIDGE])
            _quiet(["ip", "link", "set", self.BRIDGE, "up"])
            # The way out, for hosts that install packages. Where it cannot be made they still reach each other.
            pathlib.Path("/proc/sys/net/ipv4/ip_forward").write_text("1\n")
            subprocess.run(["iptables", "-t", "nat", "-A", "POSTROUTING", "-s", f"{self.NETWORK}.0/16", "!", "-o", self.BRIDGE,
                            "-j", "MASQUERADE"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.down()
        _quiet(["ip", "netns", "add", self.name])
        _quiet(["ip", "link", "add", outer, "type", "veth", "peer", "name", inner])
        _quiet(["ip", "link", "set", inner, "netns", self.name])
        _quiet(["ip", "link", "set", outer, "master", self.BRIDGE, "up"])
        within = ["ip", "-n", self.name]
        _quiet([*within, "addr", "add", f"{self.address}/16", "dev", inner])
        _quiet([*within, "link", "set", inner, "up"])
        _quiet([*within, "link", "set", "lo", "up"])
        _quiet([*within, "route", "add", "default", "via", gateway])


def _quiet(command):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode:
        raise machine.Unusable(f"'{' '.join(command)}' failed: {done.stdout}")

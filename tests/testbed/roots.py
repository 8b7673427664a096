"""Root file systems, made once and kept outside the tree.

A tree is a stack of layers: debootstrap's output at the bottom, and on it what a command inside changed. Layers are
found again by what made them, so a change of a package list makes a new one and leaves nothing stale.
"""
import contextlib
import fcntl
import hashlib
import os
import pathlib
import shutil
import subprocess
import time

import machine

APT = "DEBIAN_FRONTEND=noninteractive apt-get -y -q -o Dpkg::Use-Pty=0 --no-install-recommends"
STALE = 24 * 3600  # seconds after which a layer's package index is fetched again


def cache():
    """Where the trees are kept: only a cache, all of it can be removed at any time."""
    folder = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or "/var/cache") / "agent-testbed"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


class Layer:
    """A finished root file system. `lower` is what overlayfs takes as lowerdir."""

    def __init__(self, name, folder, below=None):
        self.name, self.folder, self.below = name, folder, below
        self.key = folder.name

    @property
    def trees(self):
        return [self.folder / "tree"] + (self.below.trees if self.below else [])

    @property
    def lower(self):
        return ":".join(map(str, self.trees))


@contextlib.contextmanager
def locked(file):
    """Holds `file` alone, against other threads and other runs."""
    with open(file, "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextlib.contextmanager
def _made_once(name, *recipe):
    """Yields (folder, fresh). A layer that was not finished is made anew; two makers wait for each other."""
    key = hashlib.sha256("\0".join(recipe).encode()).hexdigest()[:12]
    folder = cache() / "layers" / f"{name}-{key}"
    folder.parent.mkdir(parents=True, exist_ok=True)
    with locked(f"{folder}.lock"):
        done = folder / "complete"
        if done.exists():
            done.touch()
            yield folder, False
            return
        _forget_old(folder.parent)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        yield folder, True
        done.touch()


def _forget_old(layers):
    """Removes layers that nobody has used for a fortnight."""
    for done in layers.glob("*/complete"):
        if time.time() - done.stat().st_mtime > 14 * 24 * 3600:
            shutil.rmtree(done.parent, ignore_errors=True)


def bootstrap(suite):
    """A minimal Debian, as a fresh container is."""
    include = ["ca-certificates", "sudo"]
    mirrors = machine.apt_sources(suite)
    with _made_once(suite, suite, *include, machine.apt_settings(), machine.pip_settings(), repr(mirrors)) as (folder, fresh):
        if fresh:
            tree = folder / "tree"
            print(f"==> making a root file system: {suite} (once; kept in {folder.parent})", flush=True)
            log = folder / "log"
            with open(log, "w") as out:
                done = subprocess.run(["debootstrap", "--variant=minbase", f"--include={','.join(include)}", suite, tree,
                                       mirrors[0][0]], stdout=out, stderr=out)
            if done.returncode:
                raise machine.Unusable(f"debootstrap failed:\n{log.read_text()[-2000:]}")
            machine.equip(tree, suite)
            for name in ("locale", "doc", "man"):
                shutil.rmtree(tree / "usr/share" / name, ignore_errors=True)
            (tree / "etc/dpkg/dpkg.cfg.d/no-docs").write_text(
                "path-exclude /usr/share/doc/*\npath-exclude /usr/share/man/*\npath-exclude /usr/share/locale/*\n")
    layer = Layer(suite, folder)
    _refresh(layer)
    return layer


def _refresh(layer):
    """Fetches the package index where it is missing or a day old. Changes only /var/lib/apt/lists."""
    mark = layer.folder / "refreshed"
    with locked(layer.folder / "refresh.lock"):
        if mark.exists() and time.time() - mark.stat().st_mtime < STALE:
            return
        inside(layer.folder / "tree", "apt-get -q update")
        mark.touch()


def inside(tree, command):
    """Runs a shell command in a tree, with the machine's network and name service."""
    script = (f"mount --make-rprivate / && mount -t proc proc {tree}/proc && mount --rbind /dev {tree}/dev && "
              f"cp -L /etc/resolv.conf {tree}/etc/resolv.conf && "
              + "".join(f"mkdir -p {tree}{folder} && mount --bind {folder} {tree}{folder} && "
                        for folder in machine.package_folders())
              + f"exec chroot {tree} /bin/sh -ec \"$COMMAND\"")
    environment = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root",
                   "LANG": "C.UTF-8", "COMMAND": command}
    done = subprocess.run(["unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-ec", script], env=environment,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode:
        raise machine.Unusable(f"'{command}' failed in a test root:\n{done.stdout[-3000:]}")


def derive(below, name, command):
    """`below` and what `command` changes in it."""
    with _made_once(name, below.key, command) as (folder, fresh):
        if fresh:
            print(f"==> making a layer of the test hosts: {name}", flush=True)
            for part in ("tree", "work", "merged"):
                (folder / part).mkdir()
            merged = folder / "merged"
            subprocess.run(["mount", "-t", "overlay", "overlay", "-o",
                            f"lowerdir={below.lower},upperdir={folder}/tree,workdir={folder}/work", merged], check=True)
            try:
                inside(merged, command)
            finally:
                subprocess.run(["umount", merged], check=True)
            shutil.rmtree(folder / "work")
    return Layer(name, folder, below)

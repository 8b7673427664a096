#!/usr/bin/env python3
"""Builds the agent on a Debian 11 of its own, so that it runs wherever glibc is 2.31 or newer, and packs it: leaves
build-portable/agent.tar.xz, and the same unpacked in build-portable/agent. Started by `./dev portable`, as root.
"""
import argparse
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(HERE))
sys.dont_write_bytecode = True
import layers  # noqa: E402
import machine  # noqa: E402

# Header-only, and without a package in Debian 11: the ones this tree is built with here.
CLI11 = [("/usr/include/CLI", "/usr/include/CLI"), ("/usr/share/cmake/CLI11", "/usr/share/cmake/CLI11")]

BUILD = """
cmake -S /source -B /build -G Ninja -DCMAKE_BUILD_TYPE=Release -DCMAKE_CXX_FLAGS_RELEASE='-O2 -DNDEBUG' \\
    -DCMAKE_CXX_COMPILER_LAUNCHER=ccache -DAGENT_TESTS=OFF >/output/cmake.log || { cat /output/cmake.log; exit 1; }
NINJA_STATUS='[%f/%t, %es] ' ninja -C /build -j "$JOBS"
HOME=/tmp /build/bin/agent bundle -o /output/agent.tar.xz
"""


def build(layer, output, jobs):
    """Runs BUILD in a copy of the layer that is forgotten afterwards; only `output` and the compiler's cache are kept."""
    cache = pathlib.Path(os.environ.get("CCACHE_DIR") or pathlib.Path.home() / ".cache/ccache")
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="portable-", dir=layer.folder.parent) as folder:
        parts = {name: pathlib.Path(folder) / name for name in ("upper", "work", "root")}
        for part in parts.values():
            part.mkdir()
        root = parts["root"]
        binds = [(ROOT, "/source"), (output / "tree", "/build"), (output, "/output"), (cache, "/ccache"), ("/dev", "/dev"), *CLI11]
        script = [f"mount --make-rprivate / && mount -t overlay overlay -o lowerdir={layer.lower},upperdir={parts['upper']},"
                  f"workdir={parts['work']} {root} && mount -t proc proc {root}/proc"]
        script += [f"mkdir -p {root}{inside} && mount --rbind {outside} {root}{inside}" for outside, inside in binds]
        script += [f"exec chroot {root} /bin/sh -ec \"$BUILD\""]
        environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root", "LANG": "C.UTF-8", "JOBS": str(jobs),
                       "CCACHE_DIR": "/ccache", "CCACHE_SLOPPINESS": "pch_defines,time_macros,include_file_mtime,include_file_ctime",
                       "BUILD": BUILD}
        done = subprocess.run(["unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-ec", "\n".join(script)],
                              env=environment, stdin=subprocess.DEVNULL)
        # overlayfs leaves a folder that even root may not list until its mode is changed.
        for inner in parts["work"].glob("work"):
            inner.chmod(0o700)
    return done.returncode


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=pathlib.Path, default=ROOT / "build-portable")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    options = parser.parse_args()
    if os.geteuid() != 0:
        sys.exit("portable: a root file system of Debian 11 needs root")
    for folder, _ in CLI11:
        if not pathlib.Path(folder).is_dir():
            sys.exit(f"portable: '{folder}' is not here: install libcli11-dev")
    output = options.output.resolve()
    (output / "tree").mkdir(exist_ok=True, parents=True)
    try:
        layer = layers.bullseye_build()
    except machine.Unusable as reason:
        sys.exit(f"portable: {reason}")
    if build(layer, output, options.jobs):
        return 1
    shutil.rmtree(output / "agent", ignore_errors=True)
    (output / "agent").mkdir()
    subprocess.run(["tar", "-xf", output / "agent.tar.xz", "-C", output / "agent"], check=True)
    size = (output / "agent.tar.xz").stat().st_size / (1 << 20)
    print(f"\nready: {options.output.name}/agent/bin/agent, packed {size:.1f} MiB in {options.output.name}/agent.tar.xz")
    return 0


if __name__ == "__main__":
    sys.exit(main())

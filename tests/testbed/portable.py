#!/usr/bin/env python3
"""Builds the agent on a Debian 11 of its own, so that it runs wherever glibc is 2.31 or newer, and packs it: leaves
build-portable/agent.tar.zst, and the same unpacked in build-portable/agent. Then it is tried on bare roots of Debian 11, 12 and 13;
with --matrix every case of tests/integration runs with it on each of them. Started by `./dev portable`, as root.
"""
import argparse
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path[:0] = [str(HERE), str(ROOT / "tests/integration")]
sys.dont_write_bytecode = True
import hosts  # noqa: E402
import layers  # noqa: E402
import machine  # noqa: E402
import matrix  # noqa: E402
import roots  # noqa: E402

# Header-only, and without a package in Debian 11: the ones this tree is built with here.
CLI11 = [("/usr/include/CLI", "/usr/include/CLI"), ("/usr/share/cmake/CLI11", "/usr/share/cmake/CLI11")]

BUILD = """
cmake -S /source -B /build -G Ninja -DCMAKE_BUILD_TYPE=Release -DCMAKE_CXX_FLAGS_RELEASE='-O2 -DNDEBUG' \\
    -DCMAKE_CXX_COMPILER_LAUNCHER=ccache -DAGENT_TESTS=OFF -DAGENT_TEST_MODULES=ON >/output/cmake.log || { cat /output/cmake.log; exit 1; }
NINJA_STATUS='[%f/%t, %es] ' ninja -C /build -j "$JOBS"
HOME=/tmp /build/bin/agent bundle -o /output/agent.tar.zst
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


# What a machine needs no network for: modules that look, that write files, and that ask apt and dpkg.
TRY = """
- hosts: all
  tasks:
    - file: {path: /srv/try, state: directory, mode: '0750'}
    - copy: {content: "one\\n", dest: /srv/try/one}
    - lineinfile: {path: /srv/try/two, line: two, create: true}
    - blockinfile: {path: /srv/try/two, block: three}
    - bashrc_env: {name: TRY, value: "1"}
    - command: {cmd: touch /srv/try/made, creates: /srv/try/made}
    - shell: "wc -l </srv/try/two"
      changed_when: false
      register: lines
    - assert: {that: [lines.stdout | int == 4, ansible_facts.distribution == 'Debian']}
    - stat: {path: /srv/try/one}
    - slurp: {src: /srv/try/one}
    - apt: {name: [tar, coreutils], state: present}
    - package: {name: dpkg, state: present}
"""


def prove(tree):
    """The play on a bare machine of each system: it changes something, and then nothing; a check agrees."""
    for release, name in layers.RELEASES.items():
        with hosts.LightHost(roots.bootstrap(release), "portable", binds=[(tree, "/opt/agent")]) as host:
            host.write("/srv/try.yml", TRY)
            id = json.loads((tree / "manifest.json").read_text())["id"]
            agent = "AGENT_HISTORY=no /opt/agent/bin/agent"
            first, second = host.must(f"{agent} run /srv/try.yml"), host.must(f"{agent} run /srv/try.yml")
            host.must(f"{agent} check /srv/try.yml")
            counts = [re.search(r"ok=(\d+) +changed=(\d+)", text) for text in (first, second)]
            if int(counts[0][2]) == 0 or int(counts[1][2]) != 0:
                sys.exit(f"portable: not what it should do on {name}:\n{first}\n{second}")
            # As a controller it sends what it is, and finds that among its own files.
            if json.loads(host.must(f"{agent} bundle --manifest"))["id"] != id:
                sys.exit(f"portable: on {name} it would send another agent than it is")
            print(f"{name}: {counts[0][1]} tasks, {counts[0][2]} changed, then none")


def all_cases(output, releases, jobs, only):
    """The suite of tests/integration with the bundle, on hosts made of each release; leaves a table. Returns how many failed."""
    suite = [sys.executable, ROOT / "tests/integration/run.py", "--bundle", "--agent", output / "agent/bin/agent", "--build",
             output / "tree", "--jobs", str(jobs), "--filter", only]
    results = {}
    for release in releases:
        print(f"\n==> every module on {layers.RELEASES[release]}", flush=True)
        subprocess.run([*suite, "--below", release])
        results[layers.RELEASES[release]] = json.loads((output / f"tree/integration-logs-{release}/results.json").read_text())
    text = matrix.by_release(results)
    (output / "matrix.md").write_text(text)
    print(f"\n{text}")
    return sum(status == "failed" for of_release in results.values() for _, status, _ in of_release)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=pathlib.Path, default=ROOT / "build-portable")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--matrix", nargs="*", choices=sorted(layers.RELEASES), metavar="RELEASE",
                        help="then run every case of tests/integration with it, on these releases (all three)")
    parser.add_argument("--filter", default="", help="of those cases the ones whose title holds this")
    parser.add_argument("--no-build", action="store_true", help="try what was built before")
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
    if not options.no_build:
        if build(layer, output, options.jobs):
            return 1
        shutil.rmtree(output / "agent", ignore_errors=True)
        with (output / "agent.tar.zst").open("rb") as packed:
            subprocess.run([output / "tree/lib/agent/unpack", output / "agent"], stdin=packed, check=True)
    prove(output / "agent")
    size = (output / "agent.tar.zst").stat().st_size / (1 << 20)
    print(f"\nready: {options.output.name}/agent/bin/agent, packed {size:.1f} MiB in {options.output.name}/agent.tar.zst")
    if options.matrix is not None:
        return 1 if all_cases(output, options.matrix or list(layers.RELEASES), options.jobs, options.filter) else 0
    return 0


if __name__ == "__main__":
    sys.exit(main())

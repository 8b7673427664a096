#!/usr/bin/env python3
"""A lab of real hosts on this machine, to try things out on: the machines of inventory/testbed.yml, each with its own sshd, for
as long as COMMAND runs or, without one, until Ctrl-C. Started by `./dev lab`, as root. Nothing of it is left.
"""
import argparse
import os
import pathlib
import shutil
import signal
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
sys.dont_write_bytecode = True
import bed  # noqa: E402
from bed import layers  # noqa: E402


def machines():
    """Name, root file system, and what /etc/os-release says instead of what it says."""
    return [("debian-12", layers.sshd(), ()), ("debian-13", layers.sshd(layers.trixie()), ()),
            ("ubuntu-24", layers.sshd(layers.trixie()), ("ubuntu", "24.04"))]


def claim(host, id, version):
    """Says that it is another distribution; its packages stay Debian's."""
    host.must("rm -f /etc/os-release")
    host.write("/etc/os-release", f'ID={id}\nID_LIKE=debian\nVERSION_ID="{version}"\nPRETTY_NAME="{id.title()} {version}"\n')


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--agent", type=pathlib.Path, required=True, help="bin/agent of the build that is tried")
    parser.add_argument("--more", type=int, default=0, help="so many further Debian 12 hosts, node-01 and on")
    parser.add_argument("--folder", type=pathlib.Path, default=pathlib.Path("build/lab"), help="where its ssh_config is kept")
    parser.add_argument("command", nargs=argparse.REMAINDER, metavar="COMMAND")
    options = parser.parse_args()
    if os.geteuid() != 0:
        sys.exit("lab: real hosts need root")
    shutil.rmtree(options.folder, ignore_errors=True)
    options.folder.mkdir(parents=True)
    wanted = machines() + [(f"node-{number + 1:02}", layers.sshd(), ()) for number in range(options.more)]
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that the hosts are ended by whatever ends us
    controller = bed.Controller(options.agent.resolve(), layers.sshd(), options.folder.resolve(), None)
    try:
        for name, layer, os_release in wanted:
            controller.layer = layer
            host, = controller.up(name)
            if os_release:
                claim(host, *os_release)
            print(f"{name:<12} {host.address}", flush=True)
        if options.command:
            return subprocess.run(options.command).returncode
        print(f"\nthey are up:  {options.agent} run playbooks/ml-workstation.yml -i inventory/testbed.yml\nCtrl-C ends them", flush=True)
        signal.pause()
    except KeyboardInterrupt:
        pass
    finally:
        controller.down()
        shutil.rmtree(options.folder, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())

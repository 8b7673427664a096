"""nvidia_driver against real apt and dnf, with a pretended card, and packages of Ubuntu's, Debian's, NVIDIA's and RPM Fusion's
names. No module is ever compiled or loaded here: what the kernel would say is laid into /sys."""
import os
import pathlib
import subprocess
import tempfile

import claims
import layers
import nvidia

import matrix
from harness import PLAYS, Box, case, hosts, machine, same

from cases.cuda import installed
from cases.cuda_repo import task as repository_task

KERNEL = os.uname().release


def goes_round(box, arguments, packages, absent="state: absent"):
    run = box.converge(f"""
        - name: driver
          nvidia_driver: {{{arguments}}}
          register: driver
        - name: it says what it needs
          assert:
            that:
              - driver.reboot_needed
              - driver.cards | length == 1
    """, changes=["driver"])
    for name, version in packages.items():
        assert installed(box, name).startswith(version), f"{name}: {installed(box, name)}, expected {version}"
    assert "blacklist nouveau" in box.read("/etc/modprobe.d/blacklist-nouveau.conf"), "nouveau stays away"
    box.converge(f"""
        - name: driver
          nvidia_driver: {{{absent}}}
    """, changes=["driver"])
    for name in packages:
        if not name.startswith("linux-headers"):
            same(installed(box, name), "absent", name)
    return run


def on_ubuntu(version):
    @case(f"nvidia_driver: Ubuntu {version}: the newest that serves the card, its headers, nouveau away, and gone again", weight=15,
          cells=[matrix.cell("nvidia_driver", "ubuntu", version)])
    def run(box):
        claims.release(box, "ubuntu", version)
        claims.card(box, nouveau=True)
        with nvidia.Served() as served:
            claims.archive(box, served, "ubuntu")
            goes_round(box, "", {"nvidia-driver-580-open": "580.95.05", "nvidia-dkms-580-open": "580.95.05",
                                 f"linux-headers-{KERNEL}": "1.0"})
            if version == "22.04":
                goes_round(box, "branch: 535, flavour: server, headless: true, modules: proprietary",
                           {"nvidia-headless-535-server": "535.261.03", "nvidia-utils-535-server": "535.261.03"})


for version in ("20.04", "22.04", "24.04"):
    on_ubuntu(version)


@case("nvidia_driver: Ubuntu 22.04 from NVIDIA's repository, Pascal: proprietary", weight=12)
def ubuntu_cuda(box):
    claims.release(box, "ubuntu", "22.04")
    claims.card(box, device="1b80")
    with nvidia.Served() as served:
        claims.archive(box, served, "ubuntu")
        box.agent("run", box.play(repository_task(served, "ubuntu2204")))
        goes_round(box, "source: cuda_repo, branch: 580", {"cuda-drivers-580": "580.95.05", "nvidia-dkms-580": "580.95.05"},
                   "source: cuda_repo, state: absent")


def on_debian(version, driver):
    @case(f"nvidia_driver: Debian {version}: the distribution's driver, compiled by DKMS", weight=12,
          cells=[matrix.cell("nvidia_driver", "debian", version)])
    def run(box):
        claims.release(box, "debian", version)
        claims.card(box)
        with nvidia.Served() as served:
            box.fails("""
                - name: driver
                  nvidia_driver:
            """, says="is not to be had", clean=False)
            claims.archive(box, served, f"debian{version}")
            goes_round(box, "", {"nvidia-driver": driver, "nvidia-kernel-dkms": driver, "nvidia-smi": driver})


on_debian("12", "535.261.03")
on_debian("13", "550.163.01")


def on_fedora(version, more):
    @case(f"nvidia_driver: Fedora {version}: RPM Fusion with akmods{more}", layer="dnf",
          weight=45 if more else 25, cells=[matrix.cell("nvidia_driver", "fedora", version)])
    def run(box):
        claims.release(box, "fedora", version)
        claims.card(box)
        with nvidia.Served() as served:
            claims.archive(box, served, f"rpmfusion{version}")
            goes_round(box, "", {"akmod-nvidia": "580.142", "xorg-x11-drv-nvidia-cuda": "580.142"})
            if more:
                box.sh("rm /etc/yum.repos.d/rpmfusion-nonfree.repo")
                box.agent("run", box.play(repository_task(served, f"fedora{version}")))
                goes_round(box, "source: cuda_repo, branch: 580", {"nvidia-open": "580.95.05", "kmod-nvidia-open-dkms": "580.95.05"},
                           "source: cuda_repo, state: absent")


on_fedora("40", "")
on_fedora("42", ", and NVIDIA's repository")


@case("nvidia_driver: what would end badly is refused before the first change", weight=15)
def refused(box):
    claims.release(box, "ubuntu", "22.04")
    with nvidia.Served() as served:
        claims.archive(box, served, "ubuntu")

        def says(arguments, *texts):
            box.fails(f"""
                - name: driver
                  nvidia_driver: {{{arguments}}}
            """, says=list(texts))
        box.sh("mount -t tmpfs sys /sys")
        says("", "there is no NVIDIA card")
        claims.card(box, device="2b85")
        says("branch: 550", "the first that does is 570")
        says("modules: proprietary", "Blackwell needs the open ones")
        claims.card(box, secure_boot=True)
        says("", "Secure Boot is on", "mokutil" if box.run("test -e /var/lib/shim-signed").code == 0 else "update-secureboot-policy")
        claims.card(box, loaded="550.163.01", in_use=True)
        says("branch: 580", "driver 550.163.01 is loaded and in use", "in_use: replace")
        says("branch: 565, flavour: server", "was retired", "say branch: 580")


def foresees_the_real_archive(box):
    """Debian's own packages, from its mirror: the big ones are foreseen as apt simulates them, a small one is installed."""
    claims.card(box)
    box.sh("sed -i -E '/^deb /s/ main.*$/ main contrib non-free non-free-firmware/' /etc/apt/sources.list && apt-get -q update")
    if "Candidate" not in box.run("apt-cache policy nvidia-driver").out:
        raise machine.Unusable("Debian's mirror of this machine has no non-free component")
    version = box.sh("apt-cache policy nvidia-driver | awk '/Candidate:/{print $2}'").strip()
    check = box.agent("check", box.play("""
        - name: driver
          nvidia_driver: {headers: false}  # the machine's kernel is not one of Debian's
    """))
    same(check.code, 3, f"exit code of\n{check}")
    changes = {change["subject"]: change["after"] for change in check.task("driver")["changes"]}
    for name in ("nvidia-driver", "nvidia-kernel-dkms", "nvidia-smi"):
        same(changes.get(f"package {name}"), version, f"{name} of the real archive")
    assert "libcuda1" in box.sh("apt-get -s -q install nvidia-driver"), "what apt itself would bring along"
    box.converge("""
        - name: a small real one
          apt: {name: nvidia-modprobe}
    """, changes=["a small real one"])
    assert installed(box, "nvidia-modprobe") != "absent"


@case("nvidia_driver: Debian 12's own archive: its real packages are foreseen, and a small one is installed", weight=30,
      below=("bookworm", "it is about that release's archive"))
def real_archive(box):
    foresees_the_real_archive(box)


@case("nvidia_driver: Debian 13's own archive, with the agent's bundle, which needs nothing of the system", weight=90, kind="stage")
def newer_real_archive(stage):
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([stage.agent / "bin/agent", "bundle", "-o", f"{folder}/packed"], stdout=subprocess.DEVNULL, check=True)
        tree = pathlib.Path(folder) / "agent"
        with open(f"{folder}/packed", "rb") as packed:
            subprocess.run([stage.agent / "lib/agent/unpack", tree], stdin=packed, check=True)
        with hosts.LightHost(layers.trixie(), "trixie", [(tree, "/opt/agent")]) as host:
            host.must(f"mkdir -p {PLAYS}")
            box = Box(stage, host)
            same(box.sh("/opt/agent/bin/agent --version").split()[0], "agent", "what answers")
            foresees_the_real_archive(box)

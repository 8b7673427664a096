"""Makes a host say that it is another distribution, with nothing but the repositories that a test gives it.

The tools are the real ones of the layer (apt and dpkg, or dnf and rpm); what changes is os-release, which is all that the
agent goes by.
"""

NAMES = {"ubuntu": "Ubuntu", "debian": "Debian GNU/Linux", "fedora": "Fedora Linux", "rocky": "Rocky Linux"}
CODENAMES = {"20.04": "focal", "22.04": "jammy", "24.04": "noble", "26.04": "resolute", "12": "bookworm", "13": "trixie"}


def release(box, id, version):
    """`box` is Ubuntu 22.04, Debian 12, Fedora 42, ... from now on, without any repository."""
    like = {"ubuntu": "ID_LIKE=debian\n", "rocky": 'ID_LIKE="rhel centos fedora"\n'}.get(id, "")
    box.sh("rm -f /etc/os-release")
    box.write("/etc/os-release", f'ID={id}\n{like}VERSION_ID="{version}"\nVERSION_CODENAME={CODENAMES.get(version, "x")}\n'
                                 f'NAME="{NAMES[id]}"\nPRETTY_NAME="{NAMES[id]} {version}"\n')
    if id in ("ubuntu", "debian"):
        # Everything is on this machine; what lies further away only takes time. A proxy would not know it.
        box.sh(": >/etc/apt/sources.list; rm -rf /var/lib/apt/lists/*; mkdir -p /var/lib/apt/lists/partial")
        box.write("/etc/apt/apt.conf.d/zz-nvidia-tests", 'Acquire::http::Proxy::127.0.0.1 "DIRECT";\nAcquire::Check-Date "true";\n'
                  'Acquire::Check-Valid-Until "true";\n')
    else:
        # Fedora's python3 has a whole standard library; Debian keeps this part of it in python3-venv.
        box.sh("for library in /usr/lib/python3.[0-9]*; do mkdir -p $library/ensurepip && : >>$library/ensurepip/__init__.py; done")
        # dnf's own notes in its cache are there on every machine where it ran once.
        box.sh(f"mkdir -p /etc/dnf/vars && echo {version} >/etc/dnf/vars/releasever; dnf -C -q repoquery >/dev/null 2>&1 || true")


def archive(box, served, name):
    """Adds what plays the distribution's own archive: `ubuntu`, `debian12`, `debian13`, `fedora`, `rpmfusion42`, ..."""
    if name.startswith(("fedora", "rpmfusion")):
        file = "rpmfusion-nonfree" if name.startswith("rpmfusion") else name
        box.write(f"/etc/yum.repos.d/{file}.repo",
                  f"[{file}]\nname={file}\nbaseurl={served.root}/archive/{name}\nenabled=1\ngpgcheck=0\n")
        box.sh("dnf -q makecache")
    else:
        box.write(f"/etc/apt/sources.list.d/{name}.list", f"deb [trusted=yes] {served.root}/archive/{name}/ /\n")
        box.sh("apt-get -q update")


def card(box, device="2484", loaded="", nouveau=False, in_use=False, secure_boot=None):
    """A pretended NVIDIA card, as the kernel would show it in /sys: an RTX 3070 unless said."""
    box.sh("mount -t tmpfs -o mode=755 sys /sys")
    slot = "/sys/bus/pci/devices/0000:01:00.0"
    box.sh(f"mkdir -p {slot} /sys/module /sys/kernel")
    for name, value in {"vendor": "0x10de", "device": f"0x{device}", "class": "0x030000"}.items():
        box.write(f"{slot}/{name}", value + "\n")
    if loaded:
        box.write("/sys/module/nvidia/version", loaded + "\n")
        box.write("/sys/module/nvidia/refcnt", "7\n" if in_use else "0\n")
        box.sh("mkdir -p /sys/module/nvidia/holders")
    if nouveau:
        box.sh("mkdir -p /sys/module/nouveau")
    if secure_boot is not None:
        box.sh("mkdir -p /sys/firmware/efi/efivars && printf '\\006\\000\\000\\000\\00" + ("1" if secure_boot else "0") +
               "' >/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c")

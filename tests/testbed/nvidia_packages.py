"""What the repositories of nvidia.py hold: {(name, version): {fields, files, scripts}}, spelled as NVIDIA, Ubuntu, Debian and
RPM Fusion spell them (ml-stack.md names the sources)."""
import os

KERNEL = os.uname().release


def alternatives(command, series):
    major, minor = series.split(".")
    home = f"/usr/local/cuda-{series}"
    if command == "install":
        return "\n".join(f"update-alternatives --install /usr/local/{name} {name} {home} {int(major) * 10 + int(minor)}"
                         for name in ("cuda", f"cuda-{major}"))
    return "\n".join(f"update-alternatives --remove {name} {home}" for name in ("cuda", f"cuda-{major}"))


def toolkit(series, versions, rpm=False):
    """The packages of one series of CUDA. What a meta package needs is at least as new as itself, as NVIDIA has it."""
    dashed, major = series.replace(".", "-"), series.split(".")[0]
    requires = "Requires" if rpm else "Depends"
    devel = "devel" if rpm else "dev"
    home = f"/usr/local/cuda-{series}"
    packages = {}

    def add(name, version, *needs, **more):
        fields = {requires: ", ".join(needs)} if needs else {}
        packages[name, version] = {"fields": fields, **more}

    def at_least(name, version):
        return f"{name} >= {version.rsplit('-', 1)[0]}" if rpm else f"{name} (>= {version.rsplit('-', 1)[0]})"

    scripts = dict(zip(("post", "preun") if rpm else ("postinst", "prerm"),
                       (alternatives("install", series), alternatives("remove", series))))
    for version in versions:
        plain = version.rsplit("-", 1)[0]
        add(f"cuda-toolkit-{dashed}-config-common", version, files={f"{home}/version.json": f'{{"cuda": {{"version": "{plain}"}}}}\n'},
            **scripts)
        add(f"cuda-cudart-{dashed}", version, f"cuda-toolkit-{dashed}-config-common",
            files={f"{home}/targets/x86_64-linux/lib/libcudart.so.{major}": "a stand-in\n"})
        add(f"libcublas-{dashed}", version, f"cuda-toolkit-{dashed}-config-common")
        add(f"cuda-libraries-{dashed}", version, at_least(f"cuda-cudart-{dashed}", version), at_least(f"libcublas-{dashed}", version))
        add(f"cuda-libraries-{devel}-{dashed}", version)
        add(f"cuda-nvcc-{dashed}", version, f"cuda-toolkit-{dashed}-config-common",
            files={f"{home}/bin/nvcc": f"#!/bin/sh\necho 'Cuda compilation tools, release {series}, V{plain}'\n"})
        add(f"cuda-toolkit-{dashed}", version, *(at_least(name, version) for name in
            (f"cuda-libraries-{dashed}", f"cuda-libraries-{devel}-{dashed}", f"cuda-nvcc-{dashed}")))
        add(f"cuda-runtime-{dashed}", version, f"cuda-libraries-{dashed}", "cuda-drivers")
        add(f"cuda-{dashed}", version, f"cuda-toolkit-{dashed}", f"cuda-runtime-{dashed}")
    return packages


def newest(dashed, version, rpm=False):
    """The metas that follow whatever is newest. Nothing of ours may ever ask for them."""
    requires = "Requires" if rpm else "Depends"
    return {("cuda", version): {"fields": {requires: f"cuda-{dashed}"}},
            ("cuda-toolkit", version): {"fields": {requires: f"cuda-toolkit-{dashed}"}}}


def cudnn8(version, cuda):
    full = f"{version}-1+cuda{cuda}"
    return {("libcudnn8", full): {}, ("libcudnn8-dev", full): {"fields": {"Depends": f"libcudnn8 (= {full})"}}}


def cudnn9(version, cuda):
    full = f"{version}-1"
    return {(f"libcudnn9-cuda-{cuda}", full): {},
            (f"libcudnn9-headers-cuda-{cuda}", full): {},
            (f"libcudnn9-dev-cuda-{cuda}", full): {"fields": {
                "Depends": f"libcudnn9-cuda-{cuda} (= {full}), libcudnn9-headers-cuda-{cuda} (= {full})"}},
            (f"libcudnn9-static-cuda-{cuda}", full): {}}


def cudnn9_rpm(version, cuda):
    full = f"{version}-1"
    return {(f"libcudnn9-cuda-{cuda}", full): {}, (f"libcudnn9-headers-cuda-{cuda}", full): {},
            (f"libcudnn9-devel-cuda-{cuda}", full): {"fields": {
                "Requires": f"libcudnn9-cuda-{cuda} = {full}, libcudnn9-headers-cuda-{cuda} = {full}"}}}


def nvidia_drivers(branch, version, revision):
    """NVIDIA's own driver packages up to branch 580: the branch is in the name."""
    full = f"{version}-{revision}"
    return {(f"nvidia-open-{branch}", full): {"fields": {"Depends": f"nvidia-dkms-{branch}-open, libnvidia-compute-{branch}",
                                                         "Conflicts": f"cuda-drivers-{branch}"}},
            (f"cuda-drivers-{branch}", full): {"fields": {"Depends": f"nvidia-dkms-{branch}, libnvidia-compute-{branch}"}},
            (f"nvidia-dkms-{branch}-open", full): {}, (f"nvidia-dkms-{branch}", full): {},
            (f"libnvidia-compute-{branch}", full): {},
            ("cuda-drivers", full): {"fields": {"Depends": f"cuda-drivers-{branch}"}}}


def ubuntu_driver(branch, version, server=False):
    """Ubuntu's packages of one branch: desktop or server, both kinds of kernel modules, built here or signed."""
    s = "-server" if server else ""
    full = f"{version}-0ubuntu0.22.04.1"
    packages = {(f"nvidia-utils-{branch}{s}", full): {"files": {f"/usr/share/nvidia-{branch}{s}": "a stand-in\n"}},
                (f"libnvidia-compute-{branch}{s}", full): {}}
    for kind in ("", "-open"):
        module = f"nvidia-dkms-{branch}{s}{kind} (= {full}) | linux-modules-nvidia-{branch}{s}{kind}-generic"
        packages[f"nvidia-driver-{branch}{s}{kind}", full] = {"fields": {
            "Depends": f"nvidia-utils-{branch}{s}, libnvidia-compute-{branch}{s}, {module}"}}
        packages[f"nvidia-dkms-{branch}{s}{kind}", full] = {}
        packages[f"linux-modules-nvidia-{branch}{s}{kind}-generic", "5.15.0-140.150+1"] = {}
        packages[f"nvidia-headless-{branch}{s}{kind}", full] = {"fields": {"Depends": f"libnvidia-compute-{branch}{s}, {module}"}}
        packages[f"nvidia-headless-no-dkms-{branch}{s}{kind}", full] = {"fields": {"Depends": f"libnvidia-compute-{branch}{s}"}}
    return packages


HEADERS = {(f"linux-headers-{KERNEL}", "1.0-1"): {}}


def debian_driver(version):
    """Debian's own driver: one version in each release, the open modules beside the others."""
    return {("nvidia-driver", version): {"fields": {"Depends": f"nvidia-kernel-dkms (= {version}) | "
                                                               f"nvidia-open-kernel-dkms (= {version}), nvidia-smi"}},
            ("nvidia-kernel-dkms", version): {"fields": {"Conflicts": "nvidia-open-kernel-dkms"}},
            ("nvidia-open-kernel-dkms", version): {},
            ("nvidia-smi", version): {}, ("libcuda1", version): {}, ("firmware-nvidia-gsp", version): {}, **HEADERS}


def fedora_driver(version, fedora):
    """NVIDIA's driver in its repository for one Fedora, and the kernel's own packages that it is compiled with."""
    full, kernel = f"3:{version}-1.fc{fedora}", f"6.14.0-63.fc{fedora}"
    plain = f"3:{version}"
    return {**{(name, full): {} for name in ("kmod-nvidia-open-dkms", "kmod-nvidia-latest-dkms", "nvidia-driver", "nvidia-driver-cuda")},
            ("nvidia-open", full): {"fields": {"Requires": f"kmod-nvidia-open-dkms = {plain}, nvidia-driver, nvidia-driver-cuda"}},
            ("cuda-drivers", f"{version}-1"): {"fields": {"Requires": "kmod-nvidia-latest-dkms, nvidia-driver, nvidia-driver-cuda"}},
            ("kernel-devel-matched", kernel): {}, ("kernel-headers", kernel): {}}


def python_of(distribution):
    """Stands in for a distribution's own Python and compiler, where a check only has to see that they could be had."""
    names = {"ubuntu": {"python3": "3.8.10-1", "python3-venv": "3.8.10-1", "python3-pip": "20.0.2-1", "python3-dev": "3.8.10-1",
                        "build-essential": "12.9-1"},
             "fedora": {"python3": "3.13.3-1", "python3-pip": "24.3.1-1", "python3-devel": "3.13.3-1"}}[distribution]
    return {(name, version): {} for name, version in names.items()}


# In place of nvidia-ctk: it does to docker's settings what its documentation says, and knows nothing else.
NVIDIA_CTK = """#!/usr/bin/python3
import json, os, sys
assert sys.argv[1:4] == ["runtime", "configure", "--runtime=docker"], sys.argv
path = "/etc/docker/daemon.json"
os.makedirs("/etc/docker", exist_ok=True)
config = json.load(open(path)) if os.path.exists(path) else {}
config.setdefault("runtimes", {})["nvidia"] = {"args": [], "path": "nvidia-container-runtime"}
if "--set-as-default" in sys.argv: config["default-runtime"] = "nvidia"
json.dump(config, open(path, "w"), indent=4)
"""


def container_toolkit(version, rpm=False):
    """The four packages of the container toolkit, which need each other in about the same version."""
    field, plain = ("Requires", version.rsplit("-", 1)[0]) if rpm else ("Depends", version)

    def needs(*words):
        return {field: ", ".join(f"{name} {sign} {plain}" if rpm else f"{name} ({sign} {plain})" for name, sign in words)}

    return {("libnvidia-container1", version): {},
            ("libnvidia-container-tools", version): {"fields": needs(("libnvidia-container1", ">="))},
            ("nvidia-container-toolkit-base", version): {"files": {"/usr/bin/nvidia-ctk": NVIDIA_CTK}},
            ("nvidia-container-toolkit", version): {"fields": needs(("nvidia-container-toolkit-base", "="),
                                                                    ("libnvidia-container-tools", ">="))}}

DEB = {
    "ubuntu2004": {**toolkit("11.0", ["11.0.3-1"]), **toolkit("11.8", ["11.8.0-1"]), **newest("11-8", "11.8.0-1"),
                   **cudnn8("8.0.5.39", "11.0"), **cudnn8("8.0.5.39", "11.1"), **cudnn8("8.9.7.29", "11.8")},
    "ubuntu2204": {**toolkit("12.4", ["12.4.0-1", "12.4.1-1"]), **toolkit("12.6", ["12.6.3-1"]), **toolkit("13.2", ["13.2.1-1"]),
                   **newest("12-6", "12.6.3-1"),
                   **cudnn8("8.9.7.29", "11.8"), **cudnn8("8.9.7.29", "12.2"), **cudnn9("9.6.0.74", "12"),
                   **cudnn9("9.10.2.21", "12"), **cudnn9("9.20.0.48", "13"),
                   **nvidia_drivers("580", "580.95.05", "0ubuntu1")},
    "ubuntu2404": {**toolkit("12.6", ["12.6.3-1"]), **toolkit("13.0", ["13.0.2-1"]), **newest("13-0", "13.0.2-1"),
                   **cudnn9("9.10.2.21", "12"), **cudnn9("9.20.0.48", "13")},
    "debian12": {**toolkit("12.4", ["12.4.1-1"]), **toolkit("12.6", ["12.6.3-1"]), **newest("12-6", "12.6.3-1"),
                 **cudnn9("9.10.2.21", "12")},
    "debian13": {**toolkit("13.0", ["13.0.2-1"]), **newest("13-0", "13.0.2-1"), **cudnn9("9.20.0.48", "13")},
}
ARCHIVE_DEB = {
    "ubuntu": {**ubuntu_driver("470", "470.256.02"), **ubuntu_driver("550", "550.163.01"), **ubuntu_driver("580", "580.95.05"),
               **ubuntu_driver("535", "535.261.03", server=True), **ubuntu_driver("580", "580.95.05", server=True),
               # A branch that was retired: its package is an empty one that brings the next.
               ("nvidia-driver-565-server", "580.95.05-0ubuntu0.22.04.1"): {"fields": {"Depends": "nvidia-driver-580-server"}},
               **python_of("ubuntu"), **HEADERS},
    "debian12": debian_driver("535.261.03-1"),
    "debian13": debian_driver("550.163.01-2"),
}
RPM = {
    # Fedora 40 has the driver there, and no CUDA.
    "fedora40": fedora_driver("580.95.05", 40),
    "fedora42": {**toolkit("13.0", ["13.0.1-1", "13.0.2-1"], rpm=True), **toolkit("13.1", ["13.1.0-1"], rpm=True),
                 **newest("13-1", "13.1.0-1", rpm=True), **cudnn9_rpm("9.13.0.50", "13"), **cudnn9_rpm("9.20.0.48", "13"),
                 **fedora_driver("580.95.05", 42)},
}
AKMODS = """#!/bin/sh
# Stands in for the compiler of RPM Fusion's modules: `akmods --force --kernels KERNEL`.
mkdir -p /lib/modules/$3/extra/nvidia && : >/lib/modules/$3/extra/nvidia/nvidia.ko.xz"""


def rpmfusion(fedora):
    release = f"-1.fc{fedora}"
    return {("akmod-nvidia", f"3:580.142{release}"): {"fields": {
                "Requires": "akmods, xorg-x11-drv-nvidia = 3:580.142, kernel-devel-matched"}},
            ("akmods", f"0.6.0{release}"): {"files": {"/usr/sbin/akmods": AKMODS}},
            ("xorg-x11-drv-nvidia", f"3:580.142{release}"): {},
            ("xorg-x11-drv-nvidia-cuda", f"3:580.142{release}"): {"fields": {"Requires": "xorg-x11-drv-nvidia = 3:580.142"}},
            ("kernel-devel-matched", f"6.14.0-63.fc{fedora}"): {}}


ARCHIVE_RPM = {"rpmfusion40": rpmfusion(40), "rpmfusion42": rpmfusion(42), "fedora": python_of("fedora")}
CONTAINER = ["1.16.2-1", "1.17.8-1"]

"""What the repositories of containers.py hold: {(name, version): {fields, scripts}}, spelled as Docker and the distributions
spell them (Docker's installation pages; the archives of Debian; peers' package lists for Ubuntu and Fedora)."""

GROUP = {"postinst": "getent group docker >/dev/null || groupadd --system docker",
         "post": "getent group docker >/dev/null || groupadd --system docker"}
CODENAMES = {("ubuntu", "20.04"): "focal", ("ubuntu", "22.04"): "jammy", ("ubuntu", "24.04"): "noble",
             ("debian", "12"): "bookworm", ("debian", "13"): "trixie"}


def docker_deb(id, version):
    """Docker's own, as download.docker.com has it for one release: two versions of the engine, and what excludes the others."""
    suffix = f"~{id}.{version}~{CODENAMES[id, version]}"
    packages = {("containerd.io", "1.7.27-1"): {"fields": {"Conflicts": "containerd, runc", "Replaces": "containerd, runc",
                                                           "Provides": "containerd, runc"}},
                ("docker-buildx-plugin", f"0.23.0-1{suffix}"): {},
                ("docker-compose-plugin", f"2.35.1-1{suffix}"): {}}
    for engine in ("5:27.5.1-1", "5:28.1.1-1"):
        packages["docker-ce-cli", engine + suffix] = {"fields": {"Conflicts": "docker, docker-engine, docker.io"}}
        packages["docker-ce", engine + suffix] = {**GROUP, "fields": {
            "Depends": "containerd.io (>= 1.7.24), docker-ce-cli", "Conflicts": "docker, docker-engine, docker.io",
            "Replaces": "docker-engine"}}
    return packages


def docker_rpm(fedora):
    release = f".fc{fedora}"
    packages = {("containerd.io", f"1.7.27-3.1{release}"): {"fields": {"Requires": "container-selinux >= 2:2.74",
                                                                       "Conflicts": "containerd, runc",
                                                                       "Obsoletes": "containerd, runc",
                                                                       "Provides": "containerd, runc"}},
                ("docker-buildx-plugin", f"0.23.0-1{release}"): {}, ("docker-compose-plugin", f"2.35.1-1{release}"): {}}
    for engine in ("27.5.1-1", "28.1.1-1"):
        packages["docker-ce-cli", f"1:{engine}{release}"] = {}
        packages["docker-ce", f"3:{engine}{release}"] = {**GROUP, "fields": {
            "Requires": "containerd.io >= 1.7.24, docker-ce-cli, container-selinux >= 2:2.74", "Conflicts": "moby-engine"}}
    return packages


def engine_of_debian(engine, client):
    """docker.io; from Debian 13 on without its client, which is a package of its own."""
    packages = {("containerd", "1.6.20-1"): {}, ("runc", "1.1.5-1"): {}, ("docker-compose", "1.29.2-3"): {},
                ("docker.io", engine): {**GROUP, "fields": {"Depends": "containerd, runc"}}}
    return {**packages, **({("docker-cli", engine): {}} if client else {})}


def engine_of_ubuntu(version):
    engine = f"24.0.7-0ubuntu2~{version}.1"
    packages = {("containerd", f"1.7.2-0ubuntu1~{version}.1"): {}, ("runc", f"1.1.7-0ubuntu1~{version}.2"): {},
                ("docker.io", engine): {**GROUP, "fields": {"Depends": "containerd, runc"}}}
    # Compose 2 has a name of its own, which 20.04 does not know.
    compose = ("docker-compose", "1.25.0-1") if version == "20.04" else ("docker-compose-v2", f"2.24.6-0ubuntu1~{version}.1")
    return {**packages, compose: {}}


PODMAN_DEB = {(name, version): {} for name, version in {"podman": "4.3.1-1", "podman-compose": "1.0.3-3", "podman-docker": "4.3.1-1",
                                                        "uidmap": "1:4.13-1", "slirp4netns": "1.2.0-1"}.items()}
ARCHIVE_DEB = {
    **{f"ubuntu{version}": {**engine_of_ubuntu(version), **PODMAN_DEB} for id, version in CODENAMES if id == "ubuntu"},
    "debian12": {**engine_of_debian("20.10.24-1", client=False), **PODMAN_DEB},
    "debian13": {**engine_of_debian("26.1.5-9", client=True), **PODMAN_DEB},
}


def archive_rpm(fedora):
    release = f".fc{fedora}"
    return {("container-selinux", f"2:2.236.0-1{release}"): {}, ("containerd", f"1.6.23-4{release}"): {},
            ("runc", f"2:1.2.5-1{release}"): {}, ("docker-cli", f"27.3.1-4{release}"): {},
            ("moby-engine", f"27.3.1-4{release}"): {**GROUP, "fields": {"Requires": "containerd, runc, docker-cli"}},
            ("docker-compose", f"2.29.7-1{release}"): {},
            ("podman", f"5:5.4.2-1{release}"): {}, ("podman-compose", f"1.3.0-1{release}"): {},
            ("podman-docker", f"5:5.4.2-1{release}"): {"fields": {"Requires": "podman = 5:5.4.2"}}}

"""Docker's own repositories in the layout of download.docker.com, and what the distributions have of Docker and Podman.

    linux/ubuntu/{gpg,dists/jammy/}     also focal, noble; linux/debian with bookworm, trixie: signed
    linux/fedora/{gpg,42/x86_64/stable} also 40: each package signed, with another key than apt's, as Docker has it
    archive/ubuntu22.04/, archive/debian12/, archive/fedora42/, ...     the distributions' own

As in nvidia.py the names, versions, dependencies and conflicts are real, and the packages are empty: no engine runs from them.
"""
import pathlib

import containers_packages
import repositories

KEYS = {"ubuntu": "docker-deb", "debian": "docker-deb", "fedora": "docker-rpm"}
FEDORAS = ("40", "42")


def bed():
    """The folder with all repositories, made where it is not there."""
    return repositories.made_once("docker", Maker, __file__, pathlib.Path(__file__).with_name("containers_packages.py"))


class Maker(repositories.Maker):
    def make(self):
        self.make_keys(set(KEYS.values()))
        for (id, version), codename in containers_packages.CODENAMES.items():
            self.suite(self.folder / "linux" / id, codename, containers_packages.docker_deb(id, version), "Docker", KEYS[id])
        for name, packages in containers_packages.ARCHIVE_DEB.items():
            self.debs(self.folder / "archive" / name, packages, origin=name.capitalize())
        for fedora in FEDORAS:
            self.rpms(self.folder / "linux" / "fedora" / fedora / "x86_64" / "stable", containers_packages.docker_rpm(fedora),
                      KEYS["fedora"])
            self.rpms(self.folder / "archive" / f"fedora{fedora}", containers_packages.archive_rpm(fedora), KEYS["fedora"])
        for id, key in KEYS.items():
            self.publish_key(self.folder / "linux" / id, key, "gpg")


class Served(repositories.Served):
    """`with Served() as served: served.url` is what `base_url` of docker_engine takes."""

    def __init__(self):
        super().__init__(bed)

    @property
    def url(self):
        return f"{self.root}/linux"

    def fingerprint(self, id):
        """Of the key that a distribution's packages are signed with, as gpg says it."""
        return self.fingerprint_of(KEYS[id])

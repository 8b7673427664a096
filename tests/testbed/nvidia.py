"""Repositories in NVIDIA's layout, with small packages that carry the real names, versions and dependencies.

What is real here: apt, dnf, the signatures (with keys made for the tests, one per repository), the alternatives, and the
shape of everything that the tools see. What is not: the content of the packages. They are made once and kept in the test
bed's cache; `Served` offers them over HTTP to hosts on this machine.

    repos/ubuntu2204/x86_64/    as it should be; also ubuntu2004, ubuntu2404, debian12, debian13, fedora40, fedora42
    expired/ubuntu2204/x86_64/  its index was valid until yesterday
    forged/...                  signed with another key than the one that lies beside it
    archive/ubuntu/             packages that are the distribution's own; archive/debian12, debian13, fedora likewise, and
                                archive/rpmfusion40, rpmfusion42
    container/                  NVIDIA's container toolkit: gpgkey, stable/deb/amd64/, stable/rpm/x86_64/
"""
import pathlib
import shutil
import time

import nvidia_packages
import repositories

KEY_FILES = {"ubuntu2004": "3bf863cc", "ubuntu2204": "3bf863cc", "ubuntu2404": "3bf863cc", "debian12": "3bf863cc",
             "debian13": "8793F200", "fedora40": "D42D0685", "fedora42": "D42D0685", "container": "gpgkey"}


def bed():
    """The folder with all repositories, made where it is not there."""
    return repositories.made_once("nvidia", Maker, __file__, pathlib.Path(__file__).with_name("nvidia_packages.py"))


class Maker(repositories.Maker):
    def make(self):
        self.make_keys(set(KEY_FILES.values()) | {"somebody"})
        for name, packages in nvidia_packages.DEB.items():
            target = self.folder / "repos" / name / "x86_64"
            self.debs(target, packages)
            self.sign_deb(target, KEY_FILES[name])
            self.publish_key(target, KEY_FILES[name])
        for name, packages in nvidia_packages.ARCHIVE_DEB.items():
            target = self.folder / "archive" / name
            self.debs(target, packages, origin=name.capitalize())
        for name, packages in nvidia_packages.RPM.items():
            target = self.folder / "repos" / name / "x86_64"
            self.rpms(target, packages, KEY_FILES[name])
            self.publish_key(target, KEY_FILES[name])
        for name, packages in nvidia_packages.ARCHIVE_RPM.items():
            self.rpms(self.folder / "archive" / name, packages, "somebody")
        self._container_toolkit(self.folder / "container", KEY_FILES["container"])
        for name, key, valid_until in [("expired", "3bf863cc", time.time() - 86400), ("forged", "somebody", None)]:
            target = self.folder / name / "ubuntu2204" / "x86_64"
            shutil.copytree(self.folder / "repos" / "ubuntu2204" / "x86_64", target)
            self.sign_deb(target, key, valid_until)
        target = self.folder / "forged" / "fedora42" / "x86_64"
        self.rpms(target, {("cuda-toolkit-13-0", "13.0.2-1"): {}}, "somebody")
        self.publish_key(target, KEY_FILES["fedora42"])

    def _container_toolkit(self, target, key):
        """One repository for all distributions: apt's is signed as usual; of dnf's the index is, the packages are not looked at."""
        def versions(rpm):
            return {name: more for version in nvidia_packages.CONTAINER
                    for name, more in nvidia_packages.container_toolkit(version, rpm).items()}
        deb, rpm = target / "stable" / "deb" / "amd64", target / "stable" / "rpm" / "x86_64"
        self.debs(deb, versions(False))
        self.sign_deb(deb, key)
        self.rpms(rpm, versions(True), key)
        self.gpg("-u", f"{key}@example.org", "--armor", "--detach-sign", rpm / "repodata" / "repomd.xml")
        self.publish_key(target, key, key)


class Served(repositories.Served):
    """`with Served() as served: served.url` is what `base_url` of cuda_repo takes."""

    def __init__(self):
        super().__init__(bed)

    @property
    def url(self):
        return f"{self.root}/repos"

    def fingerprint(self, repository):
        """Of the key that lies beside this repository, as gpg says it."""
        return self.fingerprint_of(KEY_FILES[repository])

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
import email.utils
import functools
import hashlib
import http.server
import os
import pathlib
import shutil
import subprocess
import threading
import time

import machine
import nvidia_packages
import roots

KEY_FILES = {"ubuntu2004": "3bf863cc", "ubuntu2204": "3bf863cc", "ubuntu2404": "3bf863cc", "debian12": "3bf863cc",
             "debian13": "8793F200", "fedora40": "D42D0685", "fedora42": "D42D0685", "container": "gpgkey"}
TOOLS = {"dpkg-deb": "dpkg", "apt-ftparchive": "apt-utils", "gpg": "gnupg", "rpmbuild": "rpm", "rpmsign": "rpm",
         "createrepo_c": "createrepo-c"}


def bed():
    """The folder with all repositories, made where it is not there."""
    for tool, package in TOOLS.items():
        if shutil.which(tool) is None:
            raise machine.Unusable(f"'{tool}' is missing, which makes the repositories (package {package})")
    here = pathlib.Path(__file__)
    made_by = here.read_bytes() + here.with_name("nvidia_packages.py").read_bytes() + os.uname().release.encode()
    # An index that is valid until tomorrow is made anew tomorrow.
    folder = roots.cache() / f"nvidia-{hashlib.sha256(made_by).hexdigest()[:12]}"
    with roots.locked(f"{folder}.lock"):
        if not (folder / "complete").exists():
            print("==> making repositories as NVIDIA has them (once)", flush=True)
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            Maker(folder).make()
            (folder / "complete").touch()
    return folder


def run(*argv, **options):
    done = subprocess.run([str(word) for word in argv], stdin=subprocess.DEVNULL, capture_output=True, text=True, **options)
    if done.returncode:
        raise machine.Unusable(f"'{' '.join(map(str, argv))}' failed:\n{done.stdout}{done.stderr}"[-3000:])
    return done.stdout


class Maker:
    def __init__(self, folder):
        self.folder = folder
        self.home = folder / "gnupg"
        self.home.mkdir(mode=0o700)
        self.environment = {**os.environ, "GNUPGHOME": str(self.home)}

    def make(self):
        for name in sorted(set(KEY_FILES.values()) | {"somebody"}):
            self._gpg("--passphrase", "", "--quick-generate-key", f"{name} <{name}@example.org>", "rsa2048", "sign", "never")
        for name, packages in nvidia_packages.DEB.items():
            target = self.folder / "repos" / name / "x86_64"
            self._debs(target, packages)
            self._sign_deb(target, KEY_FILES[name])
            self._publish_key(target, KEY_FILES[name])
        for name, packages in nvidia_packages.ARCHIVE_DEB.items():
            target = self.folder / "archive" / name
            self._debs(target, packages, origin=name.capitalize())
        for name, packages in nvidia_packages.RPM.items():
            target = self.folder / "repos" / name / "x86_64"
            self._rpms(target, packages, KEY_FILES[name])
            self._publish_key(target, KEY_FILES[name])
        for name, packages in nvidia_packages.ARCHIVE_RPM.items():
            self._rpms(self.folder / "archive" / name, packages, "somebody")
        self._container_toolkit(self.folder / "container", KEY_FILES["container"])
        for name, key, valid_until in [("expired", "3bf863cc", time.time() - 86400), ("forged", "somebody", None)]:
            target = self.folder / name / "ubuntu2204" / "x86_64"
            shutil.copytree(self.folder / "repos" / "ubuntu2204" / "x86_64", target)
            self._sign_deb(target, key, valid_until)
        target = self.folder / "forged" / "fedora42" / "x86_64"
        self._rpms(target, {("cuda-toolkit-13-0", "13.0.2-1"): {}}, "somebody")
        self._publish_key(target, KEY_FILES["fedora42"])
        shutil.rmtree(self.home)

    def _container_toolkit(self, target, key):
        """One repository for all distributions: apt's is signed as usual; of dnf's the index is, the packages are not looked at."""
        def versions(rpm):
            return {name: more for version in nvidia_packages.CONTAINER
                    for name, more in nvidia_packages.container_toolkit(version, rpm).items()}
        deb, rpm = target / "stable" / "deb" / "amd64", target / "stable" / "rpm" / "x86_64"
        self._debs(deb, versions(False))
        self._sign_deb(deb, key)
        self._rpms(rpm, versions(True), key)
        self._gpg("-u", f"{key}@example.org", "--armor", "--detach-sign", rpm / "repodata" / "repomd.xml")
        self._publish_key(target, key, key)

    def _gpg(self, *words):
        return run("gpg", "--batch", "--quiet", "--yes", *words, env=self.environment)

    def _publish_key(self, target, key, name=None):
        (target / (name or f"{key}.pub")).write_text(self._gpg("--armor", "--export", f"{key}@example.org"))
        out = self._gpg("--with-colons", "--list-keys", f"{key}@example.org")
        fingerprint = next(line.split(":")[9] for line in out.splitlines() if line.startswith("fpr:"))
        (self.folder / f"{key}.fingerprint").write_text(fingerprint)

    def _debs(self, target, packages, origin="NVIDIA"):
        target.mkdir(parents=True)
        for (name, version), more in packages.items():
            tree = self.folder / "tree"
            control = tree / "DEBIAN"
            control.mkdir(parents=True)
            fields = {"Package": name, "Version": version, "Architecture": "amd64", "Maintainer": "cudatools <cudatools@nvidia.com>",
                      "Description": "a stand-in for tests", **more.get("fields", {})}
            (control / "control").write_text("".join(f"{key}: {value}\n" for key, value in fields.items()))
            for script in ("postinst", "prerm"):
                if script in more:
                    (control / script).write_text("#!/bin/sh\nset -e\n" + more[script] + "\n")
                    (control / script).chmod(0o755)
            for path, text in more.get("files", {}).items():
                file = tree / path.lstrip("/")
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(text)
                file.chmod(0o755 if text.startswith("#!") else 0o644)
            upstream = version.split(":", 1)[-1]
            run("dpkg-deb", "-Znone", "--root-owner-group", "-b", tree, target / f"{name}_{upstream}_amd64.deb")
            shutil.rmtree(tree)
        (target / "Packages").write_text(run("apt-ftparchive", "packages", ".", cwd=target))
        self._release(target, {"Origin": origin, "Label": "NVIDIA CUDA" if origin == "NVIDIA" else origin})

    @staticmethod
    def _release(target, fields):
        words = [word for key, value in fields.items() for word in ("-o", f"APT::FTPArchive::Release::{key}={value}")]
        text = run("apt-ftparchive", *words, "release", ".", cwd=target)
        (target / "Release").write_text(text)

    def _sign_deb(self, target, key, valid_until=None):
        if valid_until:
            text = (target / "Release").read_text()
            dates = {"Date": valid_until - 7 * 86400, "Valid-Until": valid_until}
            lines = [line for line in text.splitlines(True) if line.split(":")[0] not in dates]
            head = [f"{name}: {email.utils.formatdate(when, usegmt=True).replace('GMT', 'UTC')}\n" for name, when in dates.items()]
            (target / "Release").write_text("".join(head + lines))
        for old in ("InRelease", "Release.gpg"):
            (target / old).unlink(missing_ok=True)
        self._gpg("-u", f"{key}@example.org", "--clearsign", "-o", target / "InRelease", target / "Release")
        self._gpg("-u", f"{key}@example.org", "--armor", "--detach-sign", "-o", target / "Release.gpg", target / "Release")

    def _rpms(self, target, packages, key):
        target.mkdir(parents=True)
        top = self.folder / "rpm"
        specs = []
        for number, ((name, evr), more) in enumerate(packages.items()):
            epoch, _, rest = evr.rpartition(":")
            version, release = rest.rsplit("-", 1)
            spec = top / f"{number}.spec"
            spec.parent.mkdir(parents=True, exist_ok=True)
            text = f"Name: {name}\nVersion: {version}\nRelease: {release}\nSummary: a stand-in for tests\nLicense: none\n"
            text += (f"Epoch: {epoch}\n" if epoch else "") + "AutoReqProv: no\n"
            text += "".join(f"{field}: {value}\n" for field, value in more.get("fields", {}).items())
            text += "%description\na stand-in for tests\n%install\n"
            for path, content in more.get("files", {}).items():
                text += f"mkdir -p %{{buildroot}}{os.path.dirname(path)}\ncat >%{{buildroot}}{path} <<'END'\n{content}\nEND\n"
                text += f"chmod {'755' if content.startswith('#!') else '644'} %{{buildroot}}{path}\n"
            for script in ("post", "preun"):
                # In rpm's own Lua, since the rpm database of these hosts knows no shell.
                text += f"%{script} -p <lua>\nos.execute([[{more[script]}]])\n" if script in more else ""
            text += "%files\n" + "".join(f"{path}\n" for path in more.get("files", {}))
            spec.write_text(text)
            specs.append(spec)
        options = ["--define", f"_topdir {top}", "--define", f"_rpmdir {target}", "--define", "_build_id_links none",
                   "--define", "debug_package %{nil}", "--define", "__os_install_post %{nil}", "--define",
                   "_rpmfilename %%{NAME}-%%{VERSION}-%%{RELEASE}.%%{ARCH}.rpm", "--target", "x86_64"]
        run("rpmbuild", "-bb", "--quiet", *options, *specs)
        shutil.rmtree(top)
        run("rpmsign", "--addsign", "--define", f"__gpg {shutil.which('gpg')}", "--define", f"_gpg_name {key}@example.org", *sorted(target.glob("*.rpm")), env=self.environment)
        run("createrepo_c", "-q", "--no-database", target)


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


class Served:
    """`with Served() as served: served.url` is what `base_url` of cuda_repo takes."""

    def __enter__(self):
        self.folder = bed()
        handler = functools.partial(Quiet, directory=str(self.folder))
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.root = f"http://127.0.0.1:{self.server.server_address[1]}"
        self.url = f"{self.root}/repos"
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    def fingerprint(self, repository):
        """Of the key that lies beside this repository, as gpg says it."""
        return (self.folder / f"{KEY_FILES[repository]}.fingerprint").read_text()

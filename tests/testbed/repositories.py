"""Signed repositories of small packages, for apt and dnf, made once and served over HTTP to hosts on this machine.

What is real: apt, dnf, dpkg, rpm, the signatures (with keys made for the tests), and the layout. What is not: the content of
the packages. Who has which layout is told by nvidia.py and containers.py.
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
import roots

TOOLS = {"dpkg-deb": "dpkg", "apt-ftparchive": "apt-utils", "gpg": "gnupg", "rpmbuild": "rpm", "rpmsign": "rpm",
         "createrepo_c": "createrepo-c"}


def run(*argv, **options):
    done = subprocess.run([str(word) for word in argv], stdin=subprocess.DEVNULL, capture_output=True, text=True, **options)
    if done.returncode:
        raise machine.Unusable(f"'{' '.join(map(str, argv))}' failed:\n{done.stdout}{done.stderr}"[-3000:])
    return done.stdout


def made_once(name, maker, *sources):
    """The folder with all repositories of `maker`, made where it is not there, or where `sources` (files) changed."""
    for tool, package in TOOLS.items():
        if shutil.which(tool) is None:
            raise machine.Unusable(f"'{tool}' is missing, which makes the repositories (package {package})")
    made_by = b"".join(pathlib.Path(file).read_bytes() for file in (__file__, *sources)) + os.uname().release.encode()
    folder = roots.cache() / f"{name}-{hashlib.sha256(made_by).hexdigest()[:12]}"
    with roots.locked(f"{folder}.lock"):
        if not (folder / "complete").exists():
            print(f"==> making repositories as {name} has them (once)", flush=True)
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            made = maker(folder)
            made.make()
            shutil.rmtree(made.home)
            (folder / "complete").touch()
    return folder


class Maker:
    """What makes packages, indexes and signatures below `folder`. `make` says which; a key is known by its file's name."""

    def __init__(self, folder):
        self.folder = folder
        self.home = folder / "gnupg"
        self.home.mkdir(mode=0o700)
        self.environment = {**os.environ, "GNUPGHOME": str(self.home)}

    def make(self):
        raise NotImplementedError

    def make_keys(self, names):
        for name in sorted(names):
            self.gpg("--passphrase", "", "--quick-generate-key", f"{name} <{name}@example.org>", "rsa2048", "sign", "never")

    def gpg(self, *words):
        return run("gpg", "--batch", "--quiet", "--yes", *words, env=self.environment)

    def publish_key(self, target, key, name=None):
        (target / (name or f"{key}.pub")).write_text(self.gpg("--armor", "--export", f"{key}@example.org"))
        out = self.gpg("--with-colons", "--list-keys", f"{key}@example.org")
        fingerprint = next(line.split(":")[9] for line in out.splitlines() if line.startswith("fpr:"))
        (self.folder / f"{key}.fingerprint").write_text(fingerprint)

    def debs(self, target, packages, origin="NVIDIA"):
        """A flat repository: packages and index in one folder."""
        self.deb_files(target, packages)
        (target / "Packages").write_text(run("apt-ftparchive", "packages", ".", cwd=target))
        self.release_file(target, {"Origin": origin, "Label": "NVIDIA CUDA" if origin == "NVIDIA" else origin})

    def suite(self, base, suite, packages, origin, key):
        """A release as apt's own archives have it: base/dists/SUITE/{InRelease,stable/binary-amd64,pool/stable/amd64}."""
        dist = base / "dists" / suite
        pool, index = dist / "pool" / "stable" / "amd64", dist / "stable" / "binary-amd64"
        self.deb_files(pool, packages)
        index.mkdir(parents=True)
        (index / "Packages").write_text(run("apt-ftparchive", "packages", pool.relative_to(base), cwd=base))
        self.release_file(dist, {"Origin": origin, "Label": f"{origin} CE", "Suite": suite, "Codename": suite,
                                 "Architectures": "amd64", "Components": "stable"})
        self.sign_deb(dist, key)

    def deb_files(self, target, packages):
        target.mkdir(parents=True)
        for (name, version), more in packages.items():
            tree = self.folder / "tree"
            control = tree / "DEBIAN"
            control.mkdir(parents=True)
            fields = {"Package": name, "Version": version, "Architecture": "amd64", "Maintainer": "the tests <tests@example.org>",
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

    @staticmethod
    def release_file(target, fields):
        words = [word for key, value in fields.items() for word in ("-o", f"APT::FTPArchive::Release::{key}={value}")]
        text = run("apt-ftparchive", *words, "release", ".", cwd=target)
        (target / "Release").write_text(text)

    def sign_deb(self, target, key, valid_until=None):
        if valid_until:
            text = (target / "Release").read_text()
            dates = {"Date": valid_until - 7 * 86400, "Valid-Until": valid_until}
            lines = [line for line in text.splitlines(True) if line.split(":")[0] not in dates]
            head = [f"{name}: {email.utils.formatdate(when, usegmt=True).replace('GMT', 'UTC')}\n" for name, when in dates.items()]
            (target / "Release").write_text("".join(head + lines))
        for old in ("InRelease", "Release.gpg"):
            (target / old).unlink(missing_ok=True)
        self.gpg("-u", f"{key}@example.org", "--clearsign", "-o", target / "InRelease", target / "Release")
        self.gpg("-u", f"{key}@example.org", "--armor", "--detach-sign", "-o", target / "Release.gpg", target / "Release")

    def rpms(self, target, packages, key):
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
    """`with` serves the folder that `bed` gives: `served.root` is its address."""

    def __init__(self, bed):
        self._bed = bed

    def __enter__(self):
        self.folder = self._bed()
        handler = functools.partial(Quiet, directory=str(self.folder))
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.root = f"http://127.0.0.1:{self.server.server_address[1]}"
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    def fingerprint_of(self, key):
        """Of a key of the bed, as gpg says it."""
        return (self.folder / f"{key}.fingerprint").read_text()

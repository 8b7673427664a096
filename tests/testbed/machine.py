"""What a test host takes over from the machine it runs on: the way to packages, and nothing else.

Read at run time and never written into the tree, so that no mirror, proxy or key of a machine becomes part of the
project.
"""
import configparser
import os
import pathlib
import re
import subprocess
import urllib.parse

SUITES = ("{0}", "{0}-updates", "{0}-security")
CERTIFICATES = ("/etc/ssl/certs", "/usr/share/ca-certificates", "/usr/local/share/ca-certificates")


class Unusable(Exception):
    """This machine cannot make the host that was asked for; the message says why."""


def apt_sources(suite):
    """The machine's own one-line sources for Debian's `suite`, as (uri, suite, components)."""
    if not pathlib.Path("/etc/apt").is_dir():
        raise Unusable("this machine has no apt, so there is no Debian mirror to learn from")
    wanted = {name.format(suite) for name in SUITES}
    found = [entry for entry in _all_sources() if entry[1] in wanted]
    if not found:
        # A machine of another Debian release: the same mirror carries all of them.
        others = sorted({entry for entry in _all_sources() if re.fullmatch(r"[a-z]+", entry[1])})
        mirror = next((uri for uri, _, components in others if uri.rstrip("/").endswith("/debian")), None)
        if mirror is None:
            raise Unusable(f"the apt sources of this machine name no Debian mirror for '{suite}'")
        found = [(mirror, suite, "main"), (mirror, f"{suite}-updates", "main")]
    return found


def _all_sources():
    folder = pathlib.Path("/etc/apt/sources.list.d")
    for file in sorted(folder.glob("*.sources")):
        for stanza in re.split(r"\n\s*\n", file.read_text()):
            field = dict(re.findall(r"^([\w-]+):[ \t]*(.*(?:\n[ \t]+.*)*)$", stanza, re.M))
            if "deb" not in field.get("Types", "").split() or field.get("Enabled", "yes").lower() == "no":
                continue
            for uri in field.get("URIs", "").split():
                for suite in field.get("Suites", "").split():
                    yield uri, suite, field.get("Components", "")
    for file in [pathlib.Path("/etc/apt/sources.list"), *sorted(folder.glob("*.list"))]:
        if file.is_file():
            for match in re.finditer(r"^deb\s+(?:\[[^]]*\]\s+)?(\S+)\s+(\S+)\s+(.*)$", file.read_text(), re.M):
                yield match[1], match[2], match[3]


def apt_settings():
    """Proxies, dates and the like: the lines of apt's configuration that say how to fetch."""
    dump = subprocess.run(["apt-config", "dump"], stdout=subprocess.PIPE, text=True, check=True).stdout
    lines = [line for line in dump.splitlines()
             if re.match(r"Acquire::(https?|Check-|Retries|ForceIPv4)", line) and not line.endswith(' "";')]
    return "\n".join(lines + ['Acquire::Languages "none";', 'APT::Sandbox::User "root";']) + "\n"


def pip_settings():
    """The union of the machine's pip configuration files and PIP_* variables, as one file's text."""
    merged = configparser.ConfigParser(interpolation=None)
    for file in ("/etc/pip.conf", "~/.pip/pip.conf", "~/.config/pip/pip.conf"):
        one = configparser.ConfigParser(interpolation=None)
        one.read(os.path.expanduser(file))
        for section in one.sections():
            for key, value in one.items(section):
                _set(merged, section, key, value)
    for name, value in os.environ.items():
        if name.startswith("PIP_") and name != "PIP_CONFIG_FILE":
            _set(merged, "global", name[4:].lower().replace("_", "-"), value)
    lines = []
    for section in merged.sections():
        lines += [f"[{section}]"] + [f"{key} = " + value.replace("\n", "\n    ") for key, value in merged.items(section)]
    return "\n".join(lines) + "\n"


def _set(config, section, key, value):
    if not config.has_section(section):
        config.add_section(section)
    config.set(section, key, value)


def package_folders():
    """Local folders that the pip configuration names: a host must see them at the same place."""
    folders = set()
    for word in pip_settings().split():
        path = urllib.parse.urlparse(word).path if word.startswith("file://") else word
        if path.startswith("/") and os.path.isdir(path) and not path.startswith("/etc"):
            # A "simple" index links to files beside it.
            folders.add(os.path.dirname(path.rstrip("/")) if os.path.basename(path.rstrip("/")) == "simple" else path)
    return sorted(folders)


def equip(tree, suite):
    """Gives the root file system `tree` the machine's way to packages."""
    tree = pathlib.Path(tree)
    lines = [f"deb {uri} {name} {components}" for uri, name, components in apt_sources(suite)]
    (tree / "etc/apt/sources.list").write_text("\n".join(lines) + "\n")
    (tree / "etc/apt/apt.conf.d/99testbed").write_text(apt_settings())
    (tree / "etc/dpkg/dpkg.cfg.d/testbed").write_text("force-unsafe-io\n")  # as in container images: speed, not safety
    if pip_settings().strip():
        (tree / "etc/pip.conf").write_text(pip_settings())
    for folder in CERTIFICATES:
        if os.path.isdir(folder):
            subprocess.run(["cp", "-a", "--remove-destination", folder, tree / folder[1:].rpartition("/")[0]], check=True)
    # No service is started inside a tree that has no init.
    policy = tree / "usr/sbin/policy-rc.d"
    policy.write_text("#!/bin/sh\nexit 101\n")
    policy.chmod(0o755)


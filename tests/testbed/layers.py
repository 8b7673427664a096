"""The root file systems that tests use, by name."""
import machine
import roots

RELEASES = {"bullseye": "Debian 11", "bookworm": "Debian 12", "trixie": "Debian 13"}
BELOW = "bookworm"  # the release that is below all those that do not name one; a run of the suite may choose another


def debian():
    """A fresh Debian of the release that was chosen."""
    return roots.bootstrap(BELOW)


def bookworm():
    """A fresh Debian 12: what debootstrap calls minimal, with sudo and the certificates."""
    return roots.bootstrap("bookworm")


def trixie():
    """A fresh Debian 13."""
    return roots.bootstrap("trixie")


def bullseye():
    """A fresh Debian 11."""
    return roots.bootstrap("bullseye")


def bullseye_build():
    """Debian 11 with what the agent is built with; CLI11 has no package there."""
    return roots.derive(bullseye(), "bullseye-build", f"{roots.APT} install g++ cmake ninja-build ccache pkg-config "
                        "libboost-filesystem-dev libboost-system-dev libyaml-cpp-dev libspdlog-dev nlohmann-json3-dev "
                        "nettle-dev libsqlite3-dev libpcre2-dev libcrypt-dev libseccomp-dev libzstd-dev")


def python():
    """Debian with Python, venv and pip from its packages."""
    return roots.derive(debian(), "python", f"{roots.APT} install python3 python3-venv python3-pip")


def torch():
    """Debian with a virtual environment that has PyTorch in it, at /opt/torch: Debian's own, but for Debian 12."""
    if BELOW != "bookworm":  # PyPI's PyTorch for their Pythons is one for CUDA, of 6 GB
        return roots.derive(python(), "torch", f"{roots.APT} install python3-torch && "
                            "python3 -m venv --system-site-packages /opt/torch")
    return roots.derive(python(), "torch", "python3 -m venv /opt/torch && "
                        "/opt/torch/bin/python -m pip install -q --no-compile --no-cache-dir torch==2.13.0")


def jax():
    """Debian with a virtual environment that has JAX in it, at /opt/jax."""
    return roots.derive(python(), "jax", "python3 -m venv /opt/jax && "
                        "/opt/jax/bin/python -m pip install -q --no-compile --no-cache-dir jax")


def tensorflow():
    """Debian with a virtual environment that has TensorFlow for the CPU in it, at /opt/tensorflow."""
    return roots.derive(python(), "tensorflow", "python3 -m venv /opt/tensorflow && "
                        "/opt/tensorflow/bin/python -m pip install -q --no-compile --no-cache-dir tensorflow-cpu")


def sshd(below=None):
    """Debian, or `below`, with an OpenSSH server that nothing has started."""
    return roots.derive(below or debian(), "sshd", f"{roots.APT} install openssh-server")


def peers():
    """The same with what Ansible needs on a host: Python, and its bindings of apt."""
    return roots.derive(sshd(), "peers", f"{roots.APT} install python3 python3-apt")


def launchers():
    """The same with what brings plays to machines without a controller: ClusterShell, Slurm, curl and git."""
    return roots.derive(sshd(), "launchers",
                        f"{roots.APT} install clustershell slurmctld slurmd slurm-client munge curl git")


def repository():
    """Debian with what it takes to make and serve signed repositories of packages."""
    return roots.derive(python(), "repository", f"{roots.APT} install gnupg")


def jupyter():
    """Debian with systemd, a user alice, and JupyterLab in her /home/alice/env."""
    return roots.derive(systemd(), "jupyter",
                        f"{roots.APT} install python3 python3-venv libpam-systemd dbus-user-session && "
                        "useradd --create-home --shell /bin/bash alice && python3 -m venv /home/alice/env && "
                        "/home/alice/env/bin/python -m pip install -q --no-compile --no-cache-dir jupyterlab && "
                        "chown -R alice: /home/alice")


def systemd():
    """Debian with systemd as its first process and an sshd."""
    return roots.derive(debian(), "systemd",
                        "rm -f /usr/sbin/policy-rc.d && "
                        f"{roots.APT} install systemd systemd-sysv dbus openssh-server")


def sessions():
    """The same with logind's sessions: who logs in gets a scope, and a systemd of its own."""
    return roots.derive(systemd(), "sessions", f"{roots.APT} install libpam-systemd dbus-user-session")


def dnf():
    """What a Fedora host is made of here: Debian with the real dnf and rpm, no repository, and rpm's database where
    Fedora has it. `claims.fedora` makes it say that it is one."""
    if BELOW == "bullseye":
        raise machine.Unusable("no Fedora host can be made of Debian 11, which has no dnf-plugins-core")
    return roots.derive(debian(), "dnf",
                        f"{roots.APT} install dnf rpm dnf-plugins-core curl gpg python3-gpg && "
                        "mkdir -p /etc/rpm /etc/yum.repos.d /var/lib/rpm /etc/pki/rpm-gpg && "
                        "echo '%_dbpath /var/lib/rpm' >/etc/rpm/macros && rpm --initdb && "
                        "rm -rf /root/.rpmdb /etc/yum.repos.d/* && "
                        "sed -i 's/^enabled.*/enabled = 0/' /etc/dnf/plugins/local.conf")


def dnf_sshd():
    """The same, with an OpenSSH server that nothing has started."""
    return roots.derive(dnf(), "dnf-sshd", f"{roots.APT} install openssh-server")


def with_packages(layer, packages):
    """The layer and a few packages more; last, so that a change of them makes nothing else anew."""
    return roots.derive(layer, f"{layer.name}-agent", f"{roots.APT} install {' '.join(packages)}") if packages else layer

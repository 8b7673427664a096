"""The round of several modules, one after the other on one host of each system: check, run, run again, check, and away again.

What is real in it: apt and dnf, the repositories' signatures, sshd and what it says of a configuration. What is not: the
content of the packages (containers.py), and conda, which keeps records as the real one does (cases/conda.py). What only one
system can show (an engine that runs containers, a framework that computes) has cases of its own.
"""
import hashlib

import claims
import containers

import matrix
from harness import case, same

from cases.conda import INSTALLER
from cases.cuda import installed

# By the tables, for the card of the rounds and the newest PyTorch that each one's own Python takes.
DRIVERS = {("ubuntu", "20.04"): "nvidia-driver-550-open", ("ubuntu", "22.04"): "nvidia-driver-580-open",
           ("ubuntu", "24.04"): "nvidia-driver-580-open", ("debian", "12"): "nvidia-open", ("debian", "13"): "nvidia-open",
           ("fedora", "40"): "akmod-nvidia", ("fedora", "42"): "akmod-nvidia"}
# Fedora's own configuration of sshd begins so; its drop-in files are read first.
FEDORA_SSHD = "Include /etc/ssh/sshd_config.d/*.conf\nAuthorizedKeysFile .ssh/authorized_keys\nSubsystem sftp internal-sftp\n"


def goes_round(box, module, present, absent, there=lambda: None):
    """`present` and `absent` are the arguments of the task; `there` looks at what the first of them made."""
    def task(arguments):
        return f"- name: {module}\n  {module}: {arguments}\n"
    box.converge(task(present), changes=[module])
    there()
    box.converge(task(absent), changes=[module])


def docker_engine(id, version, served):
    def go(box):
        def own():
            assert installed(box, "docker-ce").startswith(("5:27.5.1-1~", "27.5.1-1.fc")), installed(box, "docker-ce")
            same(installed(box, "docker.io" if id != "fedora" else "moby-engine"), "absent", "the distribution's")
            assert "alice" in box.sh("getent group docker"), "alice may use it"
            assert '"log-level": "warn"' in box.read("/etc/docker/daemon.json"), "the engine's settings"

        def distributions():
            engine = "moby-engine" if id == "fedora" else "docker.io"
            assert installed(box, engine) != "absent", f"{engine} is installed"
            same(installed(box, "docker-ce"), "absent", "Docker's own")

        pinned = "27.5.1-1*" if id == "fedora" else "5:27.5.1*"
        docker = f"source: docker, base_url: '{served.url}', key_fingerprint: '{served.fingerprint(id)}', started: false"
        wrong = served.fingerprint("fedora" if id != "fedora" else "ubuntu")
        box.fails(f"- docker_engine: {{source: docker, base_url: '{served.url}', key_fingerprint: '{wrong}', started: false}}",
                  says="is not the one expected", clean=False)
        same(box.sh("ls /etc/apt/sources.list.d /etc/yum.repos.d 2>/dev/null | grep docker || true"), "", "what a wrong key left")
        # The distribution's first: Docker's takes its place, and goes in turn.
        box.converge("""
            - name: docker_engine
              docker_engine: {source: distribution, started: false}
        """, changes=["docker_engine"])
        distributions()
        goes_round(box, "docker_engine", f"{{{docker}, version: '{pinned}', users: [alice], daemon: {{log-level: warn}}}}",
                   f"{{{docker}, state: absent}}", own)
        same(box.sh("ls /etc/apt/sources.list.d /etc/yum.repos.d 2>/dev/null | grep docker || true"), "", "what is left of it")
        goes_round(box, "docker_engine", "{source: distribution, started: false}", "{source: distribution, started: false, state: absent}",
                   distributions)
    return go


def podman(id):
    def go(box):
        def there():
            assert installed(box, "podman") != "absent", "podman is installed"
            same(installed(box, "uidmap") != "absent", id != "fedora", "what Fedora's podman brings along is a package of Debian's")
            assert "quay.io" in box.read("/etc/containers/registries.conf.d/10-agent.conf"), "its registries"
            assert "alice:" in box.read("/etc/subuid") and "alice:" in box.read("/etc/subgid"), "ids for containers without root"
        box.sh("rm -f /etc/subuid /etc/subgid")
        goes_round(box, "podman", "{registries: [quay.io], users: [alice], compose: true, docker: true}", "{state: absent}", there)
        same(installed(box, "podman"), "absent", "the package")
    return go


def sshd_config(id):
    def go(box):
        box.sh("mkdir -p /run/sshd /etc/ssh/sshd_config.d")
        if id == "fedora":
            box.write("/etc/ssh/sshd_config", FEDORA_SSHD)
            box.write("/etc/ssh/sshd_config.d/50-redhat.conf", "X11Forwarding yes\nUsePAM yes\n")

        def there():
            effective = box.sh("sshd -T").splitlines()
            assert {"passwordauthentication no", "maxsessions 7", "x11forwarding no"} <= set(effective), effective
        goes_round(box, "sshd_config", "{settings: {PasswordAuthentication: false, MaxSessions: 7, X11Forwarding: false}}",
                   "{settings: {MaxSessions: 7}, state: absent}", there)
        assert "maxsessions 10" in box.sh("sshd -T").splitlines(), "the setting is sshd's own again"
    return go


def conda(box):
    box.write("/srv/Miniforge3.sh", INSTALLER)
    checksum = f"sha256:{hashlib.sha256(INSTALLER.encode()).hexdigest()}"
    box.converge(f"""
        - name: conda
          conda: {{prefix: /opt/conda, installer: /srv/Miniforge3.sh, checksum: "{checksum}", init: [bash]}}
        - name: environment
          conda: {{prefix: /opt/conda, name: ml, packages: [numpy=1.26], channels: [conda-forge]}}
    """, changes=["conda", "environment"])
    assert box.sh("ls /opt/conda/envs/ml/conda-meta").split() == ["history", "numpy-1.26-0.json"], "what is in the environment"
    box.converge("""
        - name: environment
          conda: {prefix: /opt/conda, name: ml, state: absent}
        - name: conda
          conda: {prefix: /opt/conda, init: [bash], state: absent}
    """, changes=["conda", "environment"])
    assert box.run("test -e /opt/conda").code and "conda" not in box.read("/root/.bashrc"), "what is left of it"


def ml_stack(id, version):
    def go(box):
        box.converge(f"""
            - name: which versions
              ml_stack: {{framework: torch, gpu: RTX 3070}}
              register: stack
            - name: for this system
              assert:
                that:
                  - stack.distro == '{id} {version}'
                  - stack.capability == '8.6'
                  - stack.driver_package == '{DRIVERS[id, version]}'
                  - stack.index_url is match('https://download.pytorch.org/whl/cu')
        """, nothing=True)
    return go


def on(id, version):
    modules = ["conda", "docker_engine", "ml_stack", "podman", "sshd_config"]

    @case(f"rounds: {id} {version}: {', '.join(modules)}, each there and away again", layer="sshd" if id != "fedora" else "dnf_sshd",
          weight=25 if id != "fedora" else 50, cells=[matrix.cell(module, id, version) for module in modules])
    def run(box):
        box.user("alice")
        claims.release(box, id, version)
        with containers.Served() as served:
            claims.archive(box, served, f"{id}{version}")
            box.rounds({"ml_stack": ml_stack(id, version), "docker_engine": docker_engine(id, version, served), "podman": podman(id),
                        "sshd_config": sshd_config(id), "conda": conda})


for release in DRIVERS:
    on(*release)

"""nvidia_container_toolkit against real apt and dnf, and a repository of its layout; nvidia-ctk is a stand-in that does to
daemon.json what its documentation says."""
import json

import claims
import nvidia

import matrix
from harness import case, same

PACKAGES = ("nvidia-container-toolkit", "nvidia-container-toolkit-base", "libnvidia-container-tools", "libnvidia-container1")
OLD_ENTRY = "/etc/apt/sources.list.d/nvidia-docker.list"
ENTRIES = {True: "/etc/apt/sources.list.d/nvidia-container-toolkit.list", False: "/etc/yum.repos.d/nvidia-container-toolkit.repo"}


def on(id, version):
    apt = id != "fedora"

    @case(f"nvidia_container_toolkit: {id} {version}: its signed repository, at one version, docker told of it, and gone again",
          layer="python" if apt else "dnf", weight=15 if apt else 30, cells=[matrix.cell("nvidia_container_toolkit", id, version)])
    def run(box):
        claims.release(box, id, version)
        with nvidia.Served() as served:
            play = f"""
                - name: toolkit
                  nvidia_container_toolkit:
                    base_url: {served.root}/container
                    key_fingerprint: {served.fingerprint("container")}
                    version: 1.16.2-1
            """
            box.write("/etc/docker/daemon.json", '{"data-root": "/data"}\n')
            if (id, version) == ("debian", "12"):
                box.fails(play.replace(served.fingerprint("container"), "C95B321B61E88C1809C4F759DDCAE044F796ECB0"),
                          says="not the one expected", clean=False)
                assert box.run(f"test -e {ENTRIES[apt]}").code != 0, "nothing was trusted"
            if apt:
                box.write(OLD_ENTRY, f"deb {served.root}/container/stable/deb/amd64 /\n")
            box.converge(play, changes=["toolkit"])
            config = json.loads(box.read("/etc/docker/daemon.json"))
            same((config["data-root"], config["runtimes"]["nvidia"]["path"]), ("/data", "nvidia-container-runtime"), "what docker reads")
            query = "dpkg-query -W -f '${Version}\\n'" if apt else "rpm -q --qf '%{VERSION}-%{RELEASE}\\n'"
            same(set(box.sh(f"{query} {' '.join(PACKAGES)}").split()), {"1.16.2-1"}, "the versions of the four packages")
            assert box.run(f"test -e {OLD_ENTRY}").code != 0, "the entry of an older guide is gone"
            box.converge("""
                - name: gone
                  nvidia_container_toolkit: {state: absent}
            """, changes=["gone"])
            same(json.loads(box.read("/etc/docker/daemon.json")), {"data-root": "/data", "runtimes": {}}, "what docker reads")
            assert box.run(f"test -e {ENTRIES[apt]}").code != 0, "its repository is gone"


for release in [("ubuntu", "20.04"), ("ubuntu", "22.04"), ("ubuntu", "24.04"), ("debian", "12"), ("debian", "13"), ("fedora", "40"),
                ("fedora", "42")]:
    on(*release)

"""cuda against real apt and dnf, with packages that carry NVIDIA's names, versions, dependencies and alternatives."""
import claims
import nvidia

import matrix
from harness import case, same

from cases.cuda_repo import task as repository_task


def ready(box, served, id, version, repository):
    claims.release(box, id, version)
    done = box.agent("run", box.play(repository_task(served, repository)))
    same(done.code, 0, f"exit code of {done}")


def installed(box, name):
    if box.run("test -e /etc/yum.repos.d").code == 0:
        done = box.run(f"rpm -q --qf '%{{VERSION}}-%{{RELEASE}}' {name}")
        return done.out.strip() if done.code == 0 else "absent"
    # dpkg also knows packages that are gone, or that others only name.
    state, _, version = box.run(f"dpkg-query -W -f '${{db:Status-Status}} ${{Version}}' {name}").out.partition(" ")
    return version if state == "installed" else "absent"


def held(box, name):
    if box.run("test -e /etc/yum.repos.d").code == 0:
        return name in box.sh("dnf -q versionlock list")
    return name in box.sh("apt-mark showhold").split()


def one_series(id, version, repository, series, release, layer="debian", weight=15):
    @case(f"cuda: {id} {version}: CUDA {series} installed, held, the default, and gone again", layer=layer, weight=weight,
          cells=[matrix.cell("cuda", id, version)])
    def run(box):
        with nvidia.Served() as served:
            ready(box, served, id, version, repository)
            package = f"cuda-toolkit-{series.replace('.', '-')}"
            done = box.converge(f"""
                - name: toolkit
                  cuda: {{version: "{series}"}}
                  register: cuda
                - name: what it says
                  when: cuda.version is defined
                  assert:
                    that:
                      - cuda.version is version('{series}', '>=')
                      - cuda.home == '/usr/local/cuda-{series}'
            """, changes=["toolkit"])
            same(installed(box, package), release, package)
            assert held(box, package), "it is held"
            for name in ("cuda", "cuda-toolkit", "cuda-drivers"):
                same(installed(box, name), "absent", f"a meta that nobody asked for, {name}")
            same(box.sh("readlink -f /usr/local/cuda").strip(), f"/usr/local/cuda-{series}", "the default")
            assert f"release {series}" in box.sh("bash -lc 'nvcc --version'"), "login shells have its programs"
            box.converge(f"""
                - name: toolkit
                  cuda: {{version: "{series}", state: absent}}
            """, changes=["toolkit"])
            same(installed(box, package), "absent", "the package")
            assert box.run(f"test -e /usr/local/cuda-{series}/bin/nvcc").code, "its files are gone"
            assert box.run("test -e /etc/profile.d/cuda.sh").code, "its profile is gone"


one_series("ubuntu", "20.04", "ubuntu2004", "11.0", "11.0.3-1")
one_series("ubuntu", "22.04", "ubuntu2204", "12.4", "12.4.1-1")
one_series("ubuntu", "24.04", "ubuntu2404", "13.0", "13.0.2-1")
one_series("debian", "12", "debian12", "12.6", "12.6.3-1")
one_series("debian", "13", "debian13", "13.0", "13.0.2-1")
one_series("fedora", "42", "fedora42", "13.0", "13.0.2-1", layer="dnf", weight=30)


def refused_on_fedora_40(module, what, arguments, says):
    """NVIDIA's repository for Fedora 40 has a driver alone: asked for anything else, check and run refuse alike."""
    @case(f"{module}: fedora 40: NVIDIA's repository has no {what}, and that is said before anything changes", layer="dnf", weight=15,
          cells=[matrix.cell(module, "fedora", "40", f"refused in one sentence, as NVIDIA's repository for it has no {what}")])
    def run(box):
        with nvidia.Served() as served:
            ready(box, served, "fedora", "40", "fedora40")
            for command in ("check", "run"):
                box.fails(f"- {module}: {arguments}", command=command, says=says)


refused_on_fedora_40("cuda", "CUDA", '{version: "12.4"}', "CUDA 12.4 is not in the repositories")


@case("cuda: two series side by side, an exact release, and the default that a newer one does not take over", weight=20)
def side_by_side(box):
    with nvidia.Served() as served:
        ready(box, served, "ubuntu", "22.04", "ubuntu2204")
        box.converge("""
            - name: the older release of the older series
              cuda: {version: 12.4.0}
            - name: the newer series beside it
              cuda: {version: "12.6", default: false}
        """, changes=["the older release of the older series", "the newer series beside it"])
        same(installed(box, "cuda-toolkit-12-4"), "12.4.0-1", "exactly what was asked")
        same(installed(box, "cuda-toolkit-12-6"), "12.6.3-1", "the other")
        same(box.sh("readlink -f /usr/local/cuda").strip(), "/usr/local/cuda-12.4", "the default")
        box.sh("apt-get -q -y upgrade")
        same(installed(box, "cuda-toolkit-12-4"), "12.4.0-1", "held through an upgrade")
        # Another release, though it is held: that is what was asked for now. And back only when allowed.
        box.converge("""
            - name: the newer release
              cuda: {version: 12.4.1}
        """, changes=["the newer release"])
        box.fails("""
            - name: back
              cuda: {version: 12.4.0}
        """, says="allow_downgrade")
        box.converge("""
            - name: libraries alone need no compiler
              cuda: {version: "12.6", kind: runtime, default: false}
        """, changes=["libraries alone need no compiler"])


@case("cuda: Fedora 42: another release, though the one that is there is locked", layer="dnf", weight=25)
def locked(box):
    with nvidia.Served() as served:
        ready(box, served, "fedora", "42", "fedora42")
        for release in ("13.0.1", "13.0.2"):
            box.converge(f"""
                - name: toolkit
                  cuda: {{version: {release}}}
            """, changes=["toolkit"])
            same(installed(box, "cuda-toolkit-13-0"), f"{release}-1", "exactly what was asked")
            assert release in box.sh("dnf -q versionlock list"), "and locked to it"


@case("cuda: a series that is not there is answered with those that are, before anything changes", weight=8)
def not_there(box):
    with nvidia.Served() as served:
        ready(box, served, "ubuntu", "24.04", "ubuntu2404")
        for version, says in [("12.4", ["CUDA 12.4 is not in the repositories", "they have: 12.6, 13.0", "ubuntu2204"]),
                              ("12.7", "there is no CUDA 12.7"), ("13.0.9", ["CUDA 13.0.9 is not offered", "13.0.2"]),
                              ("latest", "is no version of CUDA")]:
            box.fails(f"""
                - name: toolkit
                  cuda: {{version: "{version}"}}
            """, says=says)
        box.fails("""
            - cuda: {version: "12.6", default: true}
            - cuda: {version: "13.0", default: true}
        """, code=1, says="two tasks want different defaults of CUDA: 12.6 and 13.0")


@case("cuda: repository, toolkit and cuDNN are foreseen together on a fresh machine", weight=15)
def foreseen(box):
    claims.release(box, "ubuntu", "22.04")
    with nvidia.Served() as served:
        box.converge(repository_task(served, "ubuntu2204") + """
        - name: toolkit
          cuda: {version: "12.4"}
        - name: cudnn
          cudnn: {version: "9.10.2.21", cuda: "12.4"}
        """, changes=["the repository", "toolkit", "cudnn"], held=False)  # which headers there are, only the fetched index tells

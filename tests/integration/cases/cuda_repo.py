"""cuda_repo against real apt and dnf, and repositories with NVIDIA's layout and keys made for the tests."""
import claims
import nvidia

import matrix
from harness import case, same


def task(served, repository, more="", base="repos"):
    """The one task that all cases turn on; the key of the tests takes the place of NVIDIA's."""
    return f"""
        - name: the repository
          cuda_repo:
            base_url: {served.root}/{base}
            key_fingerprint: "{served.fingerprint(repository)}"
            {more}
    """


def goes_round(box, repository, shows):
    """Added (check, run, run again, check), seen by the package manager, and gone again."""
    with nvidia.Served() as served:
        box.converge(task(served, repository), changes=["the repository"])
        assert shows[1] in box.sh(shows[0]), f"{shows[0]} shows the repository"
        box.converge(task(served, repository, "state: absent"), changes=["the repository"])
        same(box.sh("ls /etc/apt/sources.list.d /etc/yum.repos.d 2>/dev/null | grep cuda || true"), "", "what is left of it")


def on_apt(id, version, repository):
    @case(f"cuda_repo: {id} {version}: added, signed, fetched, and gone again", weight=12, cells=[matrix.cell("cuda_repo", id, version)])
    def run(box):
        claims.release(box, id, version)
        goes_round(box, repository, ("apt-cache policy cuda-toolkit-12-6 cuda-toolkit-13-0 cuda-toolkit-11-0", " 600"))


for release in [("ubuntu", "20.04", "ubuntu2004"), ("ubuntu", "22.04", "ubuntu2204"), ("ubuntu", "24.04", "ubuntu2404"),
                ("debian", "12", "debian12"), ("debian", "13", "debian13")]:
    on_apt(*release)


@case("cuda_repo: fedora 40: added, fetched, and gone again", layer="dnf", weight=20, cells=[matrix.cell("cuda_repo", "fedora", "40")])
def on_fedora_40(box):
    claims.release(box, "fedora", "40")
    goes_round(box, "fedora40", ("dnf -q repoquery nvidia-open", "580.95.05"))


@case("cuda_repo: Fedora 42: added, and packages are only taken when its key signed them", layer="dnf", weight=20,
      cells=[matrix.cell("cuda_repo", "fedora", "42")])
def on_dnf(box):
    claims.release(box, "fedora", "42")
    goes_round(box, "fedora42", ("dnf -q repoquery cuda-toolkit-13-0", "13.0.2"))
    with nvidia.Served() as served:
        box.agent("run", box.play(task(served, "fedora42")))
        box.converge("""
            - name: the toolkit
              dnf: {name: cuda-toolkit-13-0}
        """, changes=["the toolkit"])
        assert "13.0.2" in box.sh("rpm -q cuda-toolkit-13-0")
        box.converge("""
            - name: gone
              dnf: {name: cuda-toolkit-13-0, state: absent}
        """, changes=["gone"])
        # The key beside these packages is the right one, but it did not sign them.
        box.sh("dnf clean all")
        box.agent("run", box.play(task(served, "fedora42", base="forged")))
        done = box.run("dnf -y install cuda-toolkit-13-0")
        assert done.code != 0 and box.run("rpm -q cuda-toolkit-13-0").code != 0, "dnf refuses them:\n" + done.all


@case("cuda_repo: a wrong key, an expired index and a forged one are refused, and nothing stays", weight=20)
def refused(box):
    claims.release(box, "ubuntu", "22.04")
    with nvidia.Served() as served:
        box.fails(task(served, "debian13"), says=["is not the one expected", "nothing was trusted"], clean=False)
        same(box.sh("ls /usr/share/keyrings | grep cuda || true"), "", "a key that was not the right one")
        box.fails(task(served, "ubuntu2204", "key: |\n              not a key"), says="this is no OpenPGP public key", clean=False)
        for base, says in [("expired", "expired"), ("forged", "the repository was taken out again")]:
            box.fails(task(served, "ubuntu2204", base=base), says=says, clean=False)
            same(box.sh("ls /etc/apt/sources.list.d"), "", f"the repository after '{base}'")
            box.sh("apt-get -q update")
        box.fails(task(served, "ubuntu2204", base="nowhere"), says="3bf863cc.pub", clean=False)


@case("cuda_repo: a release without a repository is refused, with those that exist", weight=5)
def no_such_release(box):
    claims.release(box, "ubuntu", "25.10")
    box.fails("""
        - name: the repository
          cuda_repo:
    """, says=["NVIDIA has no CUDA repository for Ubuntu 25.10", "24.04, 26.04", "conda"])


@case("cuda_repo: what older guides left is removed, and apt works again", weight=12)
def leftovers(box):
    claims.release(box, "ubuntu", "22.04")
    with nvidia.Served() as served:
        keys = box.stage.source / "modules/cuda_repo/keys"
        # As `apt-key add` leaves it: one file, all that was ever added, trusted for everything.
        box.write("/tmp/withdrawn.asc", (keys / "withdrawn.asc").read_text())
        box.write("/tmp/other.asc", (keys / "other.asc").read_text())
        box.sh("""python3 -c 'pass' 2>/dev/null; cd /tmp && for key in withdrawn other; do
            sed -n '/^$/,/^=/p' $key.asc | sed '1d;/^=/d' | base64 -d >$key.gpg; done
            cat other.gpg withdrawn.gpg >/etc/apt/trusted.gpg && cp withdrawn.gpg /etc/apt/trusted.gpg.d/cuda.gpg && rm /tmp/*""")
        box.write("/etc/apt/sources.list.d/cuda.list", f"deb [trusted=yes] {served.url}/ubuntu2204/x86_64/ /\n"
                  "deb http://developer.download.nvidia.com/compute/machine-learning/repos/ubuntu2004/x86_64 /\n")
        run = box.converge(task(served, "ubuntu2204"), changes=["the repository"])
        subjects = [change["subject"] for change in run.task("the repository")["changes"]]
        assert any("AE09FE4BBD223A84B2CCFCE3F60F4B3D7FA2AF80" in subject for subject in subjects), subjects
        same(box.sh("ls /etc/apt/sources.list.d"), "cuda-ubuntu2204-x86_64.list\n", "the entries")
        same(box.sh("ls /etc/apt/trusted.gpg.d | grep cuda || true"), "", "the old keyring")
        assert box.sh("wc -c </etc/apt/trusted.gpg").strip() != "0", "the other key is still there"
        box.sh("apt-get -q update")

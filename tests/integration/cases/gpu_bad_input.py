"""What the GPU stack is asked that cannot be: a sentence for each, before the first change. More of it, where a module's own
tools are needed for it, in that module's cases (a driver in use, a wrong key, a series that a repository does not have)."""
import claims
import nvidia

from harness import case, same

from cases.cuda import installed

ARCH = 'ID=arch\nNAME="Arch Linux"\nPRETTY_NAME="Arch Linux"\n'
# Each: what is wrong with it, the task, the exit code, and what has to be read.
QUESTIONS = [
    ("an unknown GPU", "ml_stack: {framework: torch, gpu: RTX 3071}", ["no table has a GPU 'RTX 3071'", "did you mean 'GeForce RTX 3070'"]),
    ("an unknown release", "ml_stack: {framework: torch, distro: ubuntu25.10}", ["no table has the release 'ubuntu25.10'", "24.04, 26.04"]),
    ("a version that was never built", "ml_stack: {framework: torch==2.4.7, gpu: RTX 3070}", ["no table has a release for 'torch==2.4.7'", "2.4.1"]),
    ("a build that never was", "ml_stack: {framework: torch==2.4.1+cu128, gpu: RTX 3070}", ["torch==2.4.1+cu128", "2.4.1+cu124"]),
    ("a CUDA that never was", 'ml_stack: {framework: torch, cuda: "12.7", gpu: RTX 3070}', ["no table has a CUDA '12.7'", "near to it are 12.6, 12.8"]),
    ("what cannot hold together", "ml_stack: {framework: torch==2.4.*, gpu: RTX 5090}",
     ["compute capability 12.0", "instead of torch==2.4.*: torch 2.", "the oldest that fits is 2.7.0"]),
]


@case("GPU bad input: what is in no table, or fits nothing, is answered with what is near", weight=8)
def questions(box):
    claims.release(box, "ubuntu", "22.04")
    for title, task, says in QUESTIONS:
        for command in ("check", "run"):
            box.fails(f"- name: {title}\n  {task}\n", command=command, says=says)


@case("GPU bad input: a distribution that a module does not serve is told those that it does", weight=6)
def unserved(box):
    box.sh("rm -f /etc/os-release")
    box.write("/etc/os-release", ARCH)
    for task in ("cuda_repo:", "nvidia_driver:", 'cuda: {version: "12.4"}', "cudnn: {version: '9', cuda: '12'}", "docker_engine:"):
        box.fails(f"- name: it\n  {task}\n", says="fedora")


@case("GPU bad input: a driver whose installation was cut off is told so, and put right", weight=15)
def half_installed(box):
    claims.release(box, "ubuntu", "22.04")
    claims.card(box)
    with nvidia.Served() as served:
        claims.archive(box, served, "ubuntu")
        box.sh("cd /tmp && apt-get -q download nvidia-dkms-580-open nvidia-driver-580-open && "
               "dpkg --unpack --force-depends nvidia-*.deb && rm nvidia-*.deb")
        same(box.sh("dpkg-query -W -f '${db:Status-Status}' nvidia-driver-580-open"), "unpacked", "what was cut off")
        run = box.converge("""
            - name: driver
              nvidia_driver: {branch: 580}
        """, changes=["driver"])
        notes = " ".join(run.task("driver").get("notes", []))
        assert "an interrupted run left the driver half installed" in notes, f"it is not said\n{run}"
        same(box.sh("dpkg-query -W -f '${db:Status-Status}' nvidia-driver-580-open"), "installed", "the driver")
        assert installed(box, "nvidia-dkms-580-open").startswith("580.95.05"), "its modules"

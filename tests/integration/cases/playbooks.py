"""The other playbooks, end to end: those that can be are really run, the rest is held against what their guide names."""
import claims
import nvidia

from harness import case, same, touched

from cases.conda import serve
from cases.cuda import held, installed
from cases.workstation import TORCH
from cases.workstation_gpu import planned, pretend_rtx3070, repository

PLAYBOOKS = "/opt/agent/share/agent/playbooks"


# PyTorch at user level is what a case of the workstation installs; here it would be a minute for the same.
@case("playbook user-pip: packages of a plain user, and their programs found in a new shell", layer="python", weight=25)
def user_pip(box):
    box.user("dave", sudo="nopasswd")
    box.converge(f"{PLAYBOOKS}/user-pip.yml", "-e", '{"python_packages": ["numpy", "cowsay"], "torch_version": ""}', user="dave",
                 changes=["~/.local/bin on PATH", "Python packages"])
    same(box.sh("bash -ic 'command -v cowsay' 2>/dev/null", user="dave").strip(), "/home/dave/.local/bin/cowsay", "a program of pip's")
    same(box.sh(["python3", "-c", "import numpy; print(numpy.ones(3).sum())"], user="dave").strip(), "3.0", "what NumPy computes")
    same(box.sh("find /home/dave ! -user dave").strip(), "", "what in his home is not his")


@case("playbook conda-pytorch: conda (one made for tests), its environment, and PyTorch from pip in it", layer="python", weight=90, below=TORCH)
def conda_pytorch(box):
    box.user("erin")
    address, checksum = serve(box)
    # The environment of this conda is a venv, and its other packages are records alone: there is no ipykernel for the kernel.
    run = box.converge(f"{PLAYBOOKS}/conda-pytorch.yml", "-e", f"conda_installer={address}", "-e", f"conda_checksum={checksum}",
                       "-e", "conda_user=erin", "-e", "torch_version=2.13.0", "--skip-tags", "jupyter")
    same(run.named("changed"), ["conda", "The environment", "PyTorch"], "what it changed")
    python = "/home/erin/miniconda3/envs/ml-dev/bin/python"
    same(box.sh([python, "-c", "import torch; print(torch.__version__.split('+')[0])"], user="erin").strip(), "2.13.0", "its PyTorch")
    same(box.sh("find /home/erin ! -user erin").strip(), "", "what in her home is not hers")
    records = box.sh("ls /home/erin/miniconda3/envs/ml-dev/conda-meta")
    assert "python-3.11-0.json" in records and "jupyterlab" in records, records


@case("playbook guide-2021-ubuntu: exactly its versions, held, and nothing for another release", weight=50)
def guide_2021(box):
    playbook = f"{PLAYBOOKS}/guide-2021-ubuntu.yml"
    claims.release(box, "ubuntu", "22.04")
    box.fails(playbook, says="cuDNN 8.0.5.39 and Python 3.8 are not to be had for it")
    claims.release(box, "ubuntu", "20.04")
    with nvidia.Served() as served:
        claims.archive(box, served, "ubuntu")
        options, pretended = repository(served, "ubuntu2004"), pretend_rtx3070(box)
        before = box.host.fingerprint()
        check = box.agent("check", playbook, *options, **pretended)
        touched(before, box.host.fingerprint())
        same(check.named("failed"), [], f"what failed in\n{check}")
        packages = {"cuda-toolkit-11-0": "11.0.3-1", "libcudnn8": "8.0.5.39-1+cuda11.0", "libcudnn8-dev": "8.0.5.39-1+cuda11.0",
                    "nvidia-driver-580-open": "580.95.05-0ubuntu0.22.04.1"}
        assert set(packages) <= planned(check), f"check does not list {set(packages) - planned(check)}\n{check}"
        wanted = {change["after"] for item in check.kind("task_result") for change in item.get("changes", [])
                  if str(change["subject"]).startswith("python package t")}
        assert {"1.7.1+cu110", "0.8.2+cu110", "0.7.2", "2.4.0"} <= wanted, f"other frameworks: {wanted}"

        system = ["-t", "system", *options]
        run = box.agent("run", playbook, *system, **pretended)
        same(run.code, 0, f"exit code of\n{run}")
        for name, version in packages.items():
            same(installed(box, name), version, name)
        assert all(held(box, name) for name in packages if not name.startswith("nvidia")), "CUDA and cuDNN are held"
        same(box.sh("readlink -f /usr/local/cuda").strip(), "/usr/local/cuda-11.0", "the default")
        same(box.agent("run", playbook, *system, **pretended).named("changed"), [], "what the second run changed")
        same(box.agent("check", playbook, *system, **pretended).code, 0, "exit code of the last check")


@case("playbook audit-gpu: says what is wrong, and changes nothing, also when it is run", weight=10)
def audit(box):
    playbook = f"{PLAYBOOKS}/audit-gpu.yml"
    claims.card(box, loaded="550.163.01")
    box.write("/srv/nouveau.json", '{"gpu": {"nouveau": {"loaded": true}}}')
    box.sh("mkdir -p /usr/local/cuda-12.4 && ln -s /usr/local/cuda-12.4 /usr/local/cuda")
    for command in ("run", "check"):
        box.fails(playbook, "-e", "expected_gpus=2", "-e", "expected_driver=580", "-e", "expected_cuda=12.6", command=command,
                  env={"AGENT_FACTS": "/srv/nouveau.json"},
                  says=["1 NVIDIA card(s) on the PCI bus, expected 2 or more", "driver 550.163.01 is loaded, expected 580",
                        "nouveau, the kernel's own driver, is loaded", "/usr/local/cuda is 12.4, expected 12.6"])
    box.converge(playbook, "-e", 'expected_model="RTX 3070"', "-e", "expected_driver=550.54.14", "-e", "expected_cuda=12.4", nothing=True)

"""The workstation playbook on machines that pretend to have a card. What it would install is held against the packages that the
documentation of NVIDIA and of each distribution names; the GPU part is then really run, with stand-ins of those packages."""
import claims
import nvidia

from harness import case, same, touched

from cases.cuda import held, installed
from cases.workstation import PLAYBOOK

FACTS = "tests/agent/host/machines/rtx3070.json"


def pretend_rtx3070(box):
    """What AGENT_FACTS takes: the machine says that it has an RTX 3070, and no driver yet."""
    box.write("/srv/rtx3070.json", (box.stage.source / FACTS).read_text())
    return {"env": {"AGENT_FACTS": "/srv/rtx3070.json"}}


def repository(served, name):
    """The options that put the repositories of the test bed in the place of NVIDIA's."""
    return ["-e", f"cuda_repo_url={served.url}", "-e", f"cuda_repo_key_fingerprint={served.fingerprint(name)}"]


def planned(outcome):
    """The packages that a check says would be installed."""
    subjects = [change["subject"] for event in outcome.results for change in event.get("changes", [])]
    return {subject.removeprefix("package ") for subject in subjects if subject.startswith("package ")}


def gpu_part(title, release, repo, archives, python, packages, torch, layer="debian", weight=40):
    @case(f"workstation: {title} with an RTX 3070: the right packages, and the GPU part comes to be", layer=layer, weight=weight)
    def run(box):
        claims.release(box, *release)
        with nvidia.Served() as served:
            for name in archives:
                claims.archive(box, served, name)
            if not python:  # it is part of the system there
                box.sh("dnf -q -y install python3 python3-pip python3-devel")
            options, pretended = repository(served, repo), pretend_rtx3070(box)
            before = box.host.fingerprint()
            check = box.agent("check", PLAYBOOK, *options, **pretended)
            touched(before, box.host.fingerprint())
            same(check.code, 3, f"exit code of\n{check}")
            same(check.named("failed"), [], f"what failed in\n{check}")
            missing = (packages | python) - planned(check)
            assert not missing, f"check does not list {missing}, but {planned(check)}\n{check}"
            changes = {(change["subject"], change["after"]) for change in check.task("PyTorch")["changes"]}
            assert ("python package torch", torch) in changes, f"another PyTorch: {changes}"

            only_gpu = ["-t", "gpu", *options]
            first = box.agent("run", PLAYBOOK, *only_gpu, **pretended)
            same(first.code, 0, f"exit code of\n{first}")
            same([name for name in packages if installed(box, name) == "absent"], [], "what is not installed")
            assert all(held(box, name) for name in packages if name.startswith(("cuda-", "libcudnn"))), "CUDA and cuDNN are held"
            assert "restart this machine" in first.task("A restart is due")["result"]["msg"], "what is left to do is said"
            same(box.agent("run", PLAYBOOK, *only_gpu, **pretended).named("changed"), [], "what the second run changed")
            same(box.agent("check", PLAYBOOK, *only_gpu, **pretended).code, 0, "exit code of the last check")


gpu_part("Ubuntu 22.04", ("ubuntu", "22.04"), "ubuntu2204", ["ubuntu"], {"python3", "python3-venv", "python3-pip", "python3-dev"},
         {"nvidia-driver-580-open", "nvidia-dkms-580-open", "cuda-toolkit-13-2", "libcudnn9-cuda-13", "libcudnn9-dev-cuda-13"},
         "2.13.0+cu132")
gpu_part("Fedora 42", ("fedora", "42"), "fedora42", ["fedora", "rpmfusion42"], set(),
         {"akmod-nvidia", "xorg-x11-drv-nvidia-cuda", "cuda-toolkit-13-1", "libcudnn9-cuda-13", "libcudnn9-devel-cuda-13"},
         "2.13.0+cu132", layer="dnf", weight=60)

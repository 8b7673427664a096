import json
import shlex

from harness import PLAYS, case, same

PLAYBOOK = "/opt/agent/share/agent/playbooks/ml-workstation.yml"
IMPORTS = "import torch, numpy, pandas, scipy, sklearn, matplotlib, jupyter_core; print((torch.ones(3) * 2).sum().item())"


def works(box, python, user="root"):
    same(box.sh([python, "-c", IMPORTS], user=user, env={"MPLCONFIGDIR": "/tmp/mpl"}).strip(), "6.0", "what PyTorch computes")


# What pip is configured with here has a PyTorch for the CPU for one Python alone; PyPI's own, for CUDA, takes 6 GB a host.
TORCH = ("bookworm", "the PyTorch for the CPU that is at hand is for the Python of Debian 12")

# What a check cannot know on a blank machine: docs/check-mode.md says why.
UNKNOWN = ["PyTorch computes"]


@case("workstation: for root, on a fresh machine", weight=240, below=TORCH)
def root(box):
    audit = {"html": "/dev/shm/audit.html", "json": "/dev/shm/audit.json"}
    blank = box.agent("check", PLAYBOOK, *(word for kind, file in audit.items() for word in ("--format", kind, "--output", file)))
    same(blank.code, 3, f"exit code\n{blank}")
    assert "<h1>Not compliant</h1>" in box.read(audit["html"]), "the page opens on the answer"
    same(json.loads(box.read(audit["json"]))["agent"]["verdict"], "drift", "the verdict of the report")
    same((blank.named("failed"), blank.named("unknown")), ([], UNKNOWN), f"what a check of a blank machine leaves open\n{blank}")
    for task in UNKNOWN:
        assert f"`{task}`" in (box.stage.source / "docs" / "check-mode.md").read_text(), f"'{task}' is not in docs/check-mode.md"
    run = box.converge(PLAYBOOK, timeout=1800)
    works(box, "/root/ml/env/bin/python")
    same(box.sh("bash -ic 'echo $ML_PATH' 2>/dev/null").strip(), "/root/ml", "ML_PATH")
    kernel = json.loads(box.read("/root/.local/share/jupyter/kernels/env/kernel.json"))
    same(kernel["argv"][0], "/root/ml/env/bin/python", "the kernel's Python")
    shown = [event["result"].get("msg", "") for event in run.results if event["module"] == "debug"]
    assert any("no PCI device of NVIDIA" in str(text) for text in shown), "the GPU part says why it is skipped"
    assert "NVIDIA driver" in run.named("skipped"), "the GPU part is skipped"
    # What somebody changes by hand afterwards is named by the next check, and nothing else.
    box.sh("sed -i /ML_PATH/d /root/.bashrc && apt-get -q -y remove python3-dev 2>&1")
    check = box.agent("check", PLAYBOOK)
    same(check.code, 3, f"exit code\n{check}")
    same(check.named("would_change", "unknown", "failed"), ["System packages", "ML_PATH in the shell"], f"what drifted\n{check}")


@case("workstation: as root, for alice", weight=240, below=TORCH)
def for_alice(box):
    box.user("alice")
    box.converge(PLAYBOOK, "-e", "ml_user=alice", timeout=1800)
    works(box, "/home/alice/ml/env/bin/python", user="alice")
    same(box.sh("find /home/alice ! -user alice").strip(), "", "what in her home is not hers")
    same(box.sh("find /root -newer /srv/plays -name '*jupyter*'").strip(), "", "what root got of it")


@case("workstation: as a plain user, through sudo", weight=240, below=TORCH)
def through_sudo(box):
    box.user("bob", sudo="nopasswd")
    box.converge(PLAYBOOK, user="bob", timeout=1800)
    works(box, "/home/bob/ml/env/bin/python", user="bob")
    same(box.sh("find /home/bob ! -user bob").strip(), "", "what in his home is not his")


@case("workstation: without a virtual environment", weight=240, below=TORCH)
def user_level(box):
    box.user("carol", sudo="nopasswd")
    box.converge(PLAYBOOK, "-e", "use_venv=false", user="carol", timeout=1800)
    works(box, "/usr/bin/python3", user="carol")
    assert "/home/carol/.local/bin" in box.sh("bash -ic 'echo $PATH' 2>/dev/null", user="carol").strip().split(":")
    same(box.sh("bash -ic 'command -v jupyter' 2>/dev/null", user="carol").strip(), "/home/carol/.local/bin/jupyter", "jupyter on PATH")

"""Many small plays in a row on one host: what a check foresees is what the run changes, and the check leaves no trace at all."""
import os

import claims
import nvidia
from harness import PLAYS, HERE, case, machine, same

# Modules whose rounds need hosts of their own: each is held to the same law (Box.converge, or check, run, check) in the case named.
ELSEWHERE = {
    "conda": "conda", "cuda": "cuda", "cuda_repo": "cuda_repo", "cudnn": "cudnn",
    "dnf": "agreement", "docker_compose": "docker_engine", "docker_engine": "docker_engine", "jax_verify": "jax_verify",
    "jupyter_server": "jupyter_server", "ml_stack": "workstation_gpu", "nvidia_container_toolkit": "nvidia_container_toolkit",
    "nvidia_driver": "nvidia_driver", "podman": "podman", "reboot": "../../fleet/cases/reboots",
    "tensorflow_verify": "tensorflow_verify", "torch_verify": "torch_verify"}


def tree(host):
    """All that the host has beyond its layer, and what is in its memory: every entry's kind, mode, owner, size, times and link."""
    seen = {}
    tops = {"/": str(host.folder / "upper"), **{name: f"/proc/{host.pid}/root{name}" for name in ("/run", "/dev/shm")}}
    for place, top in tops.items():
        for parent, folders, files in os.walk(top):
            for name in [".", *folders, *files] if parent == top else folders + files:
                path = os.path.normpath(os.path.join(parent, name))
                info = os.lstat(path)
                seen[os.path.normpath(place + path[len(top):])] = (info.st_mode, info.st_uid, info.st_gid, info.st_size, info.st_mtime_ns, info.st_ctime_ns,
                                                os.readlink(path) if os.path.islink(path) else "")
    return seen


def changes_of(outcome, status):
    """What changes, task by task, with before and after. What only the run can know (a version "newest") is left out."""
    found = {}
    for event in outcome.kind("task_result"):
        if event["status"] == status:
            key = (event["task"], event["where"]["line"] if "where" in event and isinstance(event["where"], dict) else str(event.get("where")), event.get("item"))
            found[key] = sorted((change["subject"], change.get("before") or "", change.get("after") or "") for change in event.get("changes", []))
    return found


def playbook(entry, yaml):
    play = {"hosts": "all", "gather_facts": False, **entry.get("play", {"tasks": entry.get("tasks")})}
    return yaml.safe_dump([play], sort_keys=False, width=1000)


def agree(box, entry, yaml):
    """The law, for one play. Returns (foreseen, changed) as numbers of tasks."""
    user, name = entry.get("user", "root"), entry["name"]
    if "setup" in entry:
        box.sh(entry["setup"])
    path = f"{PLAYS}/play.yml"
    box.write(path, playbook(entry, yaml))
    before = tree(box.host)
    check = box.agent("check", path, user=user)
    after = tree(box.host)
    if user != "root":  # whose files of a moment are in memory: nothing of them is left, but the time at which they were there
        before.pop("/dev/shm"), after.pop("/dev/shm")
    touched = sorted(path for path in before.keys() | after.keys() if before.get(path) != after.get(path))
    assert not touched, f"{name}: the check left a trace: {touched[:10]}\n{check}"
    run = box.agent("run", path, user=user)
    same(run.code, 0, f"{name}: exit code of the run\n{run}")
    unsure = set(check.named("unknown"))
    same(len(unsure), entry.get("unknown", 0), f"{name}: what is not known: {unsure}\n{check}")
    foreseen, changed = changes_of(check, "would_change"), changes_of(run, "changed")
    foreseen |= changes_of(check, "unknown")
    same(sorted(map(str, foreseen)), sorted(map(str, changed)), f"{name}: tasks that change\n{check}\n{run}")
    if not entry.get("repeats"):
        same(foreseen, changed, f"{name}: before and after\n{check}\n{run}")
    tasks = len(check.named("would_change", "unknown"))
    same(len(run.named("changed")), entry["changes"], f"{name}: how many tasks change\n{check}\n{run}")
    same(check.code, 3 if tasks else 0, f"{name}: exit code of the check\n{check}")
    if not entry.get("repeats"):
        last = box.agent("check", path, user=user)
        same(last.code, 0, f"{name}: exit code of the check after the run\n{last}")
    return tasks, len(run.named("changed"))


def all_agree(box, file):
    try:
        import yaml
    except ImportError:
        raise machine.Unusable("PyYAML is not there") from None
    entries = yaml.safe_load((HERE / file).read_text())
    wrong, rows = [], []
    for entry in entries:
        try:
            foreseen, changed = agree(box, entry, yaml)
            rows.append(f"{foreseen} {changed} ok    {entry['name']}")
        except AssertionError as error:
            wrong.append(str(error))
            rows.append(f"? ? wrong {entry['name']}")
    box.log.append("foreseen changed\n" + "\n".join(rows))
    print(f"     {len(entries) - len(wrong)} of {len(entries)} plays of {file}: what the check foresaw is what the run changed", flush=True)
    assert not wrong, f"{len(wrong)} of {len(entries)} plays:\n\n" + "\n\n".join(wrong)
    return entries


def modules_in(value):
    if isinstance(value, dict):
        return set(value).union(*map(modules_in, value.values()))
    return set().union(*map(modules_in, value)) if isinstance(value, list) else set()


@case("agreement: what a check foresees is what the run changes, in many small plays", layer="python", weight=120)
def debian(box):
    box.user("alice")
    entries = all_agree(box, "plays.yml")
    assert len(entries) >= 60, len(entries)
    known = {line.split()[0] for line in box.sh(["/opt/agent/bin/agent", "modules"]).splitlines() if line[:1].isalpha()}
    missing = known - modules_in(entries) - ELSEWHERE.keys()
    assert not missing, f"no play for {missing}: add one to plays.yml, or say where it is held to the law"
    for name in ELSEWHERE.values():
        assert (HERE / "cases" / f"{name}.py").exists(), name


@case("agreement: the same on a host with dnf, rpm's database included", layer="dnf", weight=40)
def fedora(box):
    claims.release(box, "fedora", "42")
    with nvidia.Served() as served:
        box.write("/etc/yum.repos.d/lab.repo", f"[lab]\nname=lab\nbaseurl={served.url}/fedora42/x86_64\nenabled=1\ngpgcheck=0\n")
        box.sh("dnf -q makecache")
        all_agree(box, "plays-fedora.yml")

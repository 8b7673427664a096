"""Launchers that sites have already, the real programs: ClusterShell and Slurm carry a play and bring its results back."""
import json
import time

from bed import PATIENCE, case, layers, same
from cases.parcels import carry, emit_small, ends

SLURM = """
ClusterName=bed
SlurmctldHost=head({address})
SlurmUser=root
AuthType=auth/munge
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
SelectType=select/cons_tres
MpiDefault=none
ReturnToService=2
StateSaveLocation=/var/lib/slurm/ctld
SlurmdSpoolDir=/var/lib/slurm/d
SlurmctldPidFile=/run/slurmctld.pid
SlurmdPidFile=/run/slurmd.pid
SlurmctldLogFile=/var/log/slurmctld.log
SlurmdLogFile=/var/log/slurmd.log
NodeName=head NodeAddr={address} CPUs=1 State=UNKNOWN
PartitionName=all Nodes=head Default=YES State=UP
"""


def report_of(controller, text, *names):
    """What `agent report --from` makes of the lines that came back: the JSON report, as a value."""
    lines, out = controller.folder / "collected.jsonl", controller.folder / "report.json"
    lines.write_text(text)
    done = controller.run("report", "--from", lines, "--format", "json", "--output", out)
    ends(done, 0)
    report = json.loads(out.read_text())
    same(sorted(report["stats"]), sorted(names), "the hosts of the report")
    return report


def until(host, command, what):
    end = time.monotonic() + PATIENCE
    while host.run(command).code:
        assert time.monotonic() < end, f"waited in vain for {what}:\n{host.run('tail -n 20 /var/log/slurm*.log').all}"
        time.sleep(0.2)


@case("clush carries a play to its hosts, starts it, and one report is made of what comes back")
def clush(controller):
    controller.layer = layers.launchers()
    head, web, db = controller.up("head", "web", "db")
    head.write("/root/.ssh/id_ed25519", (controller.folder / "key").read_text(), mode=0o600)
    head.write("/root/.ssh/known_hosts", "".join(host.key_line.replace(host.address, host.name, 1) for host in (web, db)))
    with head.path("/etc/hosts").open("a") as hosts:
        hosts.write("".join(f"{host.address} {host.name}\n" for host in (web, db)))
    carry(emit_small(controller), head)
    head.must("clush -w web,db --copy /root/play.bundle --dest /root/play.bundle")
    told = head.must("clush -w web,db -o '-o BatchMode=yes' sh /root/play.bundle --format jsonl")
    for host in (web, db):
        same(host.read("/srv/motd"), "hello\n", f"what the play made on {host.name}")
    report = report_of(controller, told, "web", "db")
    same([len(task["hosts"]) for play in report["plays"] for task in play["tasks"]], [2, 2], "hosts of each task")
    again = report_of(controller, head.must("clush -w web,db sh /root/play.bundle --format jsonl"), "web", "db")
    same([again["stats"][name]["changed"] for name in ("web", "db")], [0, 0], "what the second run changed")


@case("Slurm starts a play on its node, with srun and with sbatch, and its end is the job's")
def slurm(controller):
    controller.layer = layers.launchers()
    head, = controller.up("head")
    head.must("mkdir -p /run/munge /var/log/munge /var/lib/slurm/ctld /var/lib/slurm/d && chown -R munge: /run/munge /var/log/munge "
              "/etc/munge /var/lib/munge && chmod 755 /run/munge")
    head.write("/etc/slurm/slurm.conf", SLURM.format(address=head.address))
    head.write("/etc/slurm/cgroup.conf", "CgroupPlugin=cgroup/v1\nCgroupAutomount=no\n")
    with head.path("/etc/hosts").open("a") as hosts:
        hosts.write(f"{head.address} head\n")
    head.must("setpriv --reuid=munge --regid=munge --clear-groups munged")
    head.must("slurmctld")
    head.must("slurmd -N head")
    until(head, "sinfo -h -o %t | grep -qx idle", "the node")
    carry(emit_small(controller), head)
    told = head.must("srun -N1 -l sh /root/play.bundle --format jsonl")
    same(head.read("/srv/motd"), "hello\n", "what the play made")
    report_of(controller, told, "head")
    job = "sbatch --quiet --wait -N1 --output=/root/job.jsonl --wrap 'sh /root/play.bundle --format jsonl'"
    head.must(job)
    report = report_of(controller, head.read("/root/job.jsonl"), "head")
    same(report["stats"]["head"]["changed"], 0, "what the second run changed")
    # Its exit code is the job's.
    check = head.run("rm /srv/motd; srun -N1 sh /root/play.bundle --check --format jsonl")
    same(check.code, 3, check.all)
    failed = head.run("srun -N1 sh /root/play.bundle --host nobody")
    same(failed.code, 1, failed.all)
    assert "the play is not for 'nobody'" in failed.all, failed.all

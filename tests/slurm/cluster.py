"""A Slurm cluster of two machines on one: each has a network, an address, a name and processes of its own.

Needs root, and Slurm's programs unpacked below a folder (scripts/verify-slurm does that); nothing is installed.
The machines share disks, as those of clusters do. They have no GPUs.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

LIBRARIES = "usr/lib/x86_64-linux-gnu"
HOSTS = {"head": "10.77.0.1", "one": "10.77.0.11", "two": "10.77.0.12"}
CONFIGURATION = """\
ClusterName=two
SlurmctldHost=head({head})
AuthType=auth/none
CredType=cred/none
SlurmUser=root
PluginDir={programs}/{libraries}/slurm-wlm
StateSaveLocation={place}/state
SlurmdSpoolDir={place}/spool-%n
SlurmctldPidFile={place}/head.slurm-pid
SlurmdPidFile={place}/%n.slurm-pid
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
ReturnToService=2
KillWait=2
SlurmdTimeout=10
NodeName=one NodeAddr={one} CPUs=2
NodeName=two NodeAddr={two} CPUs=2
PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP
"""


@dataclass(frozen=True, slots=True)
class Cluster:
    """What its users have: a machine to submit from.

    :ivar daemons: what runs on each machine, by the machine's name.
    """

    place: Path
    environment: dict[str, str]
    bridge: str
    daemons: dict[str, subprocess.Popen[bytes]]

    def __call__(self, *words: str, on: str = "head") -> str:
        """Run a command on a machine; returns what it printed."""
        inside = ["nsenter", "--target", str(self.daemons[on].pid), "--net", "--uts", "--mount", f"--wdns={self.place}"]
        done = subprocess.run([*inside, *words], env=self.environment, capture_output=True, text=True)
        assert done.returncode == 0, (words, done.stdout, done.stderr)
        return done.stdout

    def submitted(self, script: Path, *options: str) -> int:
        """Hand a script to sbatch; returns the job's number."""
        return int(self("sbatch", "--parsable", *options, str(script)))

    def state(self, job: int) -> str:
        """What Slurm says of a job: PENDING, RUNNING, COMPLETED, FAILED, CANCELLED …"""
        facts = dict(word.split("=", 1) for word in self("scontrol", "show", "job", str(job)).split() if "=" in word)
        return facts["JobState"]

    def lose(self, name: str) -> None:
        """End a machine as a loss of power does: its processes all at once, none is asked."""
        network = os.readlink(f"/proc/{self.daemons[name].pid}/ns/net")
        for process in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                if os.readlink(process / "ns/net") == network:
                    os.kill(int(process.name), signal.SIGKILL)
        self.daemons[name].wait()

    def start(self, name: str) -> None:
        """Start a machine, for the first time or after it was lost."""
        step = f"{self.environment['MARLIN_SLURM_PROGRAMS']}/usr/sbin/slurmstepd-wlm"
        daemon = ["slurmctld-wlm", "-D"] if name == "head" else ["slurmd-wlm", "-D", "-N", name, "-d", step]
        self.daemons[name] = _machine(self.place, name, self.bridge, daemon, self.environment)

    def ended(self, job: int, *, seconds: float = 900) -> str:
        """Wait for a job's end; returns its state."""
        until = time.monotonic() + seconds
        while (state := self.state(job)) in ("PENDING", "CONFIGURING", "RUNNING", "COMPLETING"):
            assert time.monotonic() < until, state
            time.sleep(0.3)
        return state


@contextlib.contextmanager
def running(place: Path, programs: Path) -> Iterator[Cluster]:
    """Start it, and end it with all that runs on it."""
    place.mkdir(parents=True)
    (place / "state").mkdir()
    (place / "slurm.conf").write_text(
        CONFIGURATION.format(**HOSTS, place=place, programs=programs, libraries=LIBRARIES)
    )
    (place / "hosts").write_text("127.0.0.1 localhost\n" + "".join(f"{at} {name}\n" for name, at in HOSTS.items()))
    environment = {
        **os.environ,
        "MARLIN_SLURM_PROGRAMS": str(programs),
        "PATH": f"{programs}/usr/bin:{programs}/usr/sbin:{os.environ['PATH']}",
        "LD_LIBRARY_PATH": f"{programs}/{LIBRARIES}:{programs}/{LIBRARIES}/slurm-wlm",
        "SLURM_CONF": str(place / "slurm.conf"),
    }
    cluster = Cluster(place, environment, f"mrl{os.getpid()}", {})
    with contextlib.ExitStack() as undo:
        subprocess.run(["ip", "link", "add", cluster.bridge, "type", "bridge"], check=True)
        undo.callback(subprocess.run, ["ip", "link", "delete", cluster.bridge])
        subprocess.run(["ip", "link", "set", cluster.bridge, "up"], check=True)
        undo.callback(lambda: [_end(one) for one in cluster.daemons.values()])
        for name in HOSTS:
            cluster.start(name)
        until = time.monotonic() + 60
        while cluster("sinfo", "--noheader", "--states=idle", "--format=%D").strip() != "2":
            assert time.monotonic() < until, cluster("sinfo")
            time.sleep(0.2)
        yield cluster


def _machine(
    place: Path, name: str, bridge: str, daemon: list[str], environment: dict[str, str]
) -> subprocess.Popen[bytes]:
    """Start a machine's daemon where the machine has a network, a name and a hosts file of its own. All that runs on
    it ends with its first process, the shell that waits for the daemon."""
    ready, made = place / f"{name}.wired", place / f"{name}.made"
    for mark in (ready, made):
        mark.unlink(missing_ok=True)
    inside = f"hostname {name}; mount --bind {place}/hosts /etc/hosts; ip link set lo up; : >{made}; "
    inside += f'until [ -e {ready} ]; do sleep 0.05; done; exec "$@"'
    with (place / f"{name}.log").open("ab") as log:
        process = subprocess.Popen(
            ["unshare", "--net", "--uts", "--mount", "bash", "-c", inside, "bash", *daemon],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    while not made.exists():
        assert process.poll() is None, (place / f"{name}.log").read_text()
        time.sleep(0.05)
    into = ["nsenter", "--target", str(process.pid), "--net"]
    outer = f"{bridge}{name[0]}"
    for words in (
        ["ip", "link", "add", outer, "type", "veth", "peer", "name", "eth0", "netns", str(process.pid)],
        ["ip", "link", "set", outer, "master", bridge, "up"],
        [*into, "ip", "address", "add", f"{HOSTS[name]}/24", "dev", "eth0"],
        [*into, "ip", "link", "set", "eth0", "up"],
    ):
        subprocess.run(words, check=True)
    ready.touch()
    return process


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()

"""A Slurm of one machine: munged, slurmctld and several slurmd, configured in a scratch folder, and taken down again.

Needs root and Debian's slurm-wlm and munge (`apt-get install slurm-wlm munge`). Nothing of it outlives the process: the
daemons end with the `with` block, and where the process is killed, the kernel ends them with it.
"""

import ctypes
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "squeue", "scontrol", "scancel", "sinfo")
NODES = 3
CONFIGURATION = """
ClusterName=crosstalk
SlurmctldHost={host}
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
CredType=cred/munge
SlurmctldPort={port}
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd-%n.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd-%n.log
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool-%n
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
SwitchType=switch/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SchedulerType=sched/backfill
SchedulerParameters=sched_interval=2,sched_min_interval=0,bf_interval=2,batch_sched_delay=1
JobRequeue=1
KillWait=20
MinJobAge=600
InactiveLimit=0
ReturnToService=2
SlurmdTimeout=60
UnkillableStepTimeout=60
AccountingStorageType=accounting_storage/none
JobCompType=jobcomp/none
JobAcctGatherType=jobacct_gather/none
SlurmdParameters=config_overrides
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
{nodes}
PartitionName=batch Nodes=ALL Default=YES MaxTime=1-00:00:00 DefaultTime=00:30:00 PriorityTier=1 State=UP
PartitionName=urgent Nodes=ALL MaxTime=00:05:00 PriorityTier=9 State=UP
"""


def reason_not_to_run():
    """Why there can be no cluster here; empty where there can."""
    missing = [name for name in PROGRAMS if find(name) is None]
    if missing:
        return f"{missing[0]} is not installed (apt-get install slurm-wlm munge)"
    return "" if os.geteuid() == 0 else "slurmd must be started by root"


def end_with_parent():
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG


def find(name):
    return shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin:/sbin")


def free_ports(count):
    """Of this machine, one beside another as slurm.conf takes them."""
    for first in range(17100, 30000, 100):
        sockets = []
        try:
            for port in range(first, first + count):
                sockets.append(socket.socket())
                sockets[-1].bind(("", port))
            return first
        except OSError:
            continue
        finally:
            for each in sockets:
                each.close()
    raise RuntimeError("no free ports for Slurm's daemons")


class SmallCluster:
    def __enter__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="crosstalk-slurm-"))
        self.daemons = []
        try:
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        if (self.folder / "slurm.conf").exists():
            self.try_to("scancel", "--state=RUNNING", "--state=PENDING", "--user=root")
            self.wait_until(lambda: not self.try_to("squeue", "--noheader").stdout, 60, must=False)
        for daemon in reversed(self.daemons):  # slurmd before slurmctld before munged
            daemon.send_signal(signal.SIGTERM)
            try:
                daemon.wait(20)
            except subprocess.TimeoutExpired:
                daemon.kill()
                daemon.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def start(self):
        host, port = socket.gethostname().split(".")[0], free_ports(NODES + 1)
        nodes = "\n".join(
            f"NodeName=n{i} NodeHostname={host} NodeAddr=127.0.0.1 Port={port + i} CPUs=1 RealMemory=2000 Feature={kind} State=UNKNOWN"
            for i, kind in ((1, "alike"), (2, "alike"), (3, "other"))
        )
        (self.folder / "slurm.conf").write_text(
            CONFIGURATION.format(host=host, folder=self.folder, port=port, nodes=nodes)
        )
        (self.folder / "state").mkdir()
        self.folder.chmod(0o755)
        (self.folder / "munge.key").write_bytes(os.urandom(128))
        (self.folder / "munge.key").chmod(0o600)
        self.daemon("munged", "--foreground", "--force", f"--key-file={self.folder}/munge.key",
                    f"--socket={self.folder}/munge.socket", f"--pid-file={self.folder}/munge.pid",
                    f"--seed-file={self.folder}/munge.seed", "--origin=127.0.0.1")  # fmt: skip
        self.wait_until((self.folder / "munge.socket").exists, 30)
        self.daemon("slurmctld", "-D", "-i")
        for i in range(1, NODES + 1):
            self.daemon("slurmd", "-D", "-N", f"n{i}")
        self.wait_until(self.is_up, 90)

    def is_up(self):
        command = ("sinfo", "--noheader", "--Node", "--partition=batch", "--format=%T")
        return self.try_to(*command).stdout.split() == ["idle"] * NODES

    @property
    def environment(self):
        return {**os.environ, "SLURM_CONF": str(self.folder / "slurm.conf"), "PATH": f"{os.environ['PATH']}:/usr/sbin"}

    def daemon(self, name, *arguments):
        with open(self.folder / f"{name}-{len(self.daemons)}.out", "wb") as out:
            command = [find(name), *arguments]
            more = {"env": self.environment, "cwd": self.folder, "preexec_fn": end_with_parent}
            self.daemons.append(subprocess.Popen(command, stdout=out, stderr=out, **more))

    def try_to(self, *command):
        return subprocess.run(command, env=self.environment, capture_output=True, text=True, timeout=120)

    def __call__(self, *command):
        done = self.try_to(*map(str, command))
        assert done.returncode == 0, f"{' '.join(map(str, command))}: {done.stdout}{done.stderr}"
        return done.stdout

    def wait_until(self, is_so, seconds, must=True):
        until = time.monotonic() + seconds
        while not is_so():
            dead = [daemon.args[0] for daemon in self.daemons if daemon.poll() is not None]
            if must and (time.monotonic() > until or dead):
                raise TimeoutError(f"after {seconds} s: {dead} ended; {self.words()}")
            if time.monotonic() > until:
                return
            time.sleep(0.5)

    def words(self):
        """The last lines of every log, for a reader who looks for what went wrong."""
        logs = sorted([*self.folder.glob("*.log"), *self.folder.glob("*.out")])
        return "\n".join(
            f"{log.name}:\n" + "\n".join(log.read_text(errors="replace").splitlines()[-8:]) for log in logs
        )


if __name__ == "__main__":  # a look at whether it comes up
    with SmallCluster() as cluster:
        print(cluster("sinfo"), cluster("scontrol", "show", "config")[:200])

"""A study through a real Slurm on one machine: `make test-slurm`. Tasks are killed, time limits hit, a node is drained and
another one fails; what comes out is what a local run gives, to the last bit."""

import contextlib
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from small_cluster import SmallCluster, reason_not_to_run

# An agent whose steps take their time on the clock, and hardly any of the processor: a task meets its time limit.
CORRIDOR = """
import time

import gymnasium
import numpy


class Corridor(gymnasium.Env):
    action_space = gymnasium.spaces.Discrete(2)
    observation_space = gymnasium.spaces.Box(-1, 1, (2,), numpy.float32)

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.door, self.place = int(self.np_random.choice([-4, 4])), 0
        return self.seen(), {{}}

    def step(self, action):
        time.sleep({pause})
        self.place += 1 if action == 1 else -1
        over = abs(self.place) == 4
        return self.seen(), 1.0 if self.place == self.door else -0.1, over, False, {{}}

    def seen(self):
        return numpy.array([self.place / 4, self.door / 4], numpy.float32)
"""
STUDIES = {
    # Agents that learn from a D*: 24 runs.
    "walks.toml": """
[task]
environment = "random-walk"
trajectories = "walks"
[trajectories]
transitions = 2000
[learner]
updates = 200
[probe]
every = 100
samples = 16
[sweep]
"learner.algorithm" = ["dqn", "mc", "ql"]
"learner.gamma" = [0.9, 0.99]
""",
    # Networks that learn from a data set: 12 runs.
    "houses.toml": """
[task]
dataset = "california"
examples = 200
[network]
depth = 1
[learner]
updates = 200
[probe]
every = 100
samples = 16
[sweep]
"network.hidden" = [4, 8, 16]
""",
    # Agents that take longer than a task's time limit: 4 runs.
    "corridor.toml": """
[task]
environment = "gym:corridor.py:Corridor"
episode-steps = 50
[learner]
steps = 1200
start = 100
batch = 8
[probe]
every = 500
episodes = 2
samples = 8
""",
    "all.toml": 'include = ["walks.toml", "houses.toml", "corridor.toml"]\nseeds = 4\n',
}
RUNS = 40


@pytest.fixture(scope="module")
def slurm():
    give_up = pytest.fail if "CROSSTALK_SLURM_MUST_RUN" in os.environ else pytest.skip
    if reason := reason_not_to_run():
        give_up(reason)
    with contextlib.ExitStack() as stack:
        try:
            cluster = stack.enter_context(SmallCluster())
        except TimeoutError as error:
            give_up(f"Slurm's own daemons do not come up on this machine: {error}")
        yield cluster


class Crosstalk:
    """The command, in a folder with the study, with a cache of its own."""

    def __init__(self, folder, slurm):
        self.folder, self.slurm = folder, slurm
        self.environment = {**slurm.environment, "XDG_CACHE_HOME": str(folder / "cache"), "NO_COLOR": "1"}

    def __call__(self, *arguments, status=(0,)):
        done = subprocess.run([sys.executable, "-m", "crosstalk", *map(str, arguments)], cwd=self.folder,
                              env=self.environment, capture_output=True, text=True)  # fmt: skip
        assert done.returncode in status, f"{arguments}: status {done.returncode}\n{done.stdout}\n{done.stderr}"
        assert "Traceback" not in done.stderr, done.stderr
        return done.stdout + done.stderr

    def jobs(self):
        """Of each task that is in the queue or at work its state, node and job."""
        lines = self.slurm("squeue", "--noheader", "--array", "--format=%K|%T|%N|%A").split()
        return {task: (state, node, job) for task, state, node, job in (line.split("|") for line in lines)}

    def at_work(self):
        return {task: (node, job) for task, (state, node, job) in self.jobs().items() if state == "RUNNING"}


@pytest.fixture
def crosstalk(tmp_path, slurm):
    command = Crosstalk(tmp_path, slurm)
    yield command
    slurm.try_to("scancel", "--user=root")
    slurm.wait_until(lambda: not command.jobs(), 60, must=False)


def write(folder, pause):
    for name, text in STUDIES.items():
        (folder / name).write_text(text)
    (folder / "corridor.py").write_text(CORRIDOR.format(pause=pause))


def wait_for(slurm, is_so, seconds, what):
    until = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < until, f"{what}: not after {seconds} s\n{slurm.words()}"
        time.sleep(1)


def process_of(folder, task):
    """The coordinator of a task, by the lock of its shard; None before it has one."""
    lock = Path(folder) / f"cluster/shards/{int(task):04}/.lock"
    text = lock.read_text() if lock.exists() else ""
    return int(text.split()[0]) if text else None


def kill_one(crosstalk, folder):
    """A task that dies without a word, as when the kernel is out of memory; its number."""
    for task in sorted(crosstalk.at_work(), key=lambda name: name.zfill(5)):
        process = process_of(folder, task) if task.isdigit() else None
        if process:
            try:
                os.kill(process, signal.SIGKILL)
            except ProcessLookupError:
                continue
            return task
    return None


def trouble(crosstalk, slurm, folder):
    """While the array runs: a task is killed, a node is drained, one fails, and what is there is merged."""
    wait_for(slurm, lambda: any(task.isdigit() for task in crosstalk.at_work()), 300, "no task of the array at work")
    killed = []
    wait_for(slurm, lambda: killed.append(kill_one(crosstalk, folder)) or killed[-1], 120, "no task to kill")
    crosstalk("merge", folder, status=(0,))
    slurm("scontrol", "update", "NodeName=n1", "State=DRAIN", "Reason=test")
    wait_for(slurm, lambda: any(node == "n2" for node, _ in crosstalk.at_work().values()), 120, "nothing on n2")
    slurm("scontrol", "update", "NodeName=n2", "State=DOWN", "Reason=test")
    time.sleep(5)
    for node in ("n1", "n2"):  # one that was taken down and answers may have come back by itself
        slurm.try_to("scontrol", "update", f"NodeName={node}", "State=RESUME")
    wait_for(slurm, lambda: not re.search("down|drain", slurm("sinfo", "--noheader", "--Node", "--format=%T")), 60,
             "a node has not come back")  # fmt: skip
    crosstalk("merge", folder, status=(0,))
    return killed[-1]


def test_a_study_of_forty_runs_comes_out_as_a_local_one(crosstalk, slurm, tmp_path):
    write(tmp_path, pause=0.0)
    crosstalk("run", "all.toml", "--out", "near/all", "--jobs", 2)
    near = crosstalk("export", "near/all")
    assert near.count("\n") > RUNS

    write(tmp_path, pause=0.04)  # what an agent sees is the same
    said = crosstalk("submit", "all.toml", "--slurm", "--out", "results/all", "--runs-per-task", 4, "--time", 3,
                     "--checkpoint-seconds", 5)  # fmt: skip
    assert f"{RUNS} runs in 10 tasks" in said and "collects the trajectories" in said
    folder = tmp_path / "results/all"
    killed = trouble(crosstalk, slurm, folder)
    wait_for(slurm, lambda: not crosstalk.jobs(), 1500, "the array has not ended")
    status = crosstalk("status", "results/all")
    assert f"task {killed}: " in status and "submit what is left" in status, status

    crosstalk("submit", "results/all", "--slurm")
    wait_for(slurm, lambda: not crosstalk.jobs(), 1500, "the rest has not ended")
    merged = crosstalk("merge", "results/all")
    assert f"{RUNS} of {RUNS} runs are there" in merged, merged + crosstalk("status", "results/all")
    assert "0 runs merged" in crosstalk("merge", "results/all")
    assert crosstalk("export", "results/all") == near

    logs = {log.stem: log.read_text() for log in (folder / "cluster/logs").glob("*.log")}
    at_limit = [name for name, text in logs.items() if "back in the queue" in text]
    print("went back into the queue before their time limit:", sorted(at_limit))
    print("begun again:", {name: len(re.findall("^stopped", text, re.M)) for name, text in logs.items()})
    assert at_limit, logs
    assert crosstalk("doctor", "results/all", status=(0,))


def test_a_run_that_moved_between_different_bits_is_marked(crosstalk, slurm, tmp_path):
    """The second half on a node whose tasks multiply otherwise (a variable of MKL's)."""
    write(tmp_path, pause=0.05)
    one = ("--slurm", "--out", "results/moved", "--time", 10, "--checkpoint-seconds", 2)
    crosstalk("submit", "corridor.toml", *one, "--sbatch", "nodelist=n1")
    folder = tmp_path / "results/moved"
    checkpoints = folder / "cluster/shards/0000/checkpoints"
    wait_for(slurm, lambda: list(checkpoints.glob("*.safetensors")), 300, "no checkpoint")
    crosstalk("cancel", "results/moved")
    wait_for(slurm, lambda: not crosstalk.jobs(), 120, "the task has not ended")
    assert list(checkpoints.glob("*.safetensors"))
    crosstalk(
        "submit", "results/moved", "--slurm", "--sbatch", "nodelist=n3", "--sbatch", "export=ALL,MKL_CBWR=COMPATIBLE"
    )
    wait_for(slurm, lambda: not crosstalk.jobs(), 600, "the task has not ended")
    marked = (
        "1 was gone on with by other versions of torch or of an environment's packages, or on another kind of machine"
    )
    assert marked in crosstalk("status", "results/moved")
    crosstalk("merge", "results/moved")
    assert marked in crosstalk("status", "results/moved")


def test_a_task_that_gives_way_to_a_job_of_higher_priority_goes_on_afterwards(crosstalk, slurm, tmp_path):
    write(tmp_path, pause=0.0)
    crosstalk("run", "corridor.toml", "--out", "near/corridor", "--jobs", 2)
    write(tmp_path, pause=0.04)
    crosstalk("submit", "corridor.toml", "--slurm", "--out", "results/urgent", "--time", 10, "--checkpoint-seconds", 600,
              "--sbatch", "nodelist=n1")  # fmt: skip
    folder = tmp_path / "results/urgent/cluster"
    wait_for(slurm, lambda: "0" in crosstalk.at_work() and process_of(folder.parent, 0), 300, "the task is not at work")
    assert "at work (n1); job " in crosstalk("status", "results/urgent")
    time.sleep(10)
    slurm("sbatch", "--partition=urgent", "--nodelist=n1", "--output=/dev/null", "--job-name=urgent", "--wrap=sleep 20")
    wait_for(slurm, lambda: "0" not in crosstalk.at_work(), 120, "the task has not given way")
    assert list((folder / "shards/0000/checkpoints").glob("*.safetensors")), (folder / "logs/task-0.log").read_text()
    wait_for(slurm, lambda: not crosstalk.jobs(), 900, "the task has not ended")
    assert "1 of 1 run is there" in crosstalk("merge", "results/urgent")
    assert crosstalk("export", "results/urgent") == crosstalk("export", "near/corridor")


def test_bad_requests_are_answered_in_our_words(crosstalk, slurm, tmp_path):
    write(tmp_path, pause=0.0)
    refused = crosstalk("submit", "houses.toml", "--slurm", "--partition", "gpu", status=(2,))
    assert "--partition gpu: this cluster has none of that name. There are: batch (the default), urgent." in refused
    refused = crosstalk("submit", "houses.toml", "--slurm", "--time", "2-0", status=(2,))
    assert "partition batch allows at most 1-00:00:00" in refused
    refused = crosstalk("submit", "houses.toml", "--slurm", "--time", "1", status=(2,))
    assert "--time 1 is too short for one checkpoint" in refused
    refused = crosstalk("submit", "houses.toml", "--slurm", "--sbatch", "nodelist=n9", status=(4,))
    assert "sbatch ended with status 1" in refused and "Invalid node name" in refused
    assert crosstalk.jobs() == {}
    kind = crosstalk("submit", "houses.toml", "--slurm", "--same-bits", "--dry-run", "--runs-per-task", 1)
    assert "#SBATCH --constraint=alike\n" in kind and "2 nodes of partition batch with the features alike" in kind

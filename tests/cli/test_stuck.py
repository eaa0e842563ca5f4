"""Environments whose step never returns, or that leave processes behind: no worker outlives its coordinator."""

import os
import signal
import subprocess

import pytest
from command import wait_for

pytest.importorskip("gymnasium")

STUDY = """
[task]
environment = "gym:./stuck.py:Stuck"
[learner]
steps = 400
start = 100
batch = 32
[probe]
every = 400
samples = 16
episodes = 1
"""
STUCK = """
import gymnasium, numpy, os, time
class Stuck(gymnasium.Env):
    action_space = gymnasium.spaces.Discrete(2)
    observation_space = gymnasium.spaces.Box(0, 1, (1,), float)
    def reset(self, *, seed=None, options=None):
        return numpy.zeros(1), {{}}
    def step(self, action):
        if {condition}:
            {what}
        return numpy.zeros(1), 0.0, False, True, {{}}
"""
FOR_EVER = "open('stuck', 'w').close()\n            while True: pass"
WHILE_TIMED = "True"
# The run itself is known by its rows, which the coordinator has stored before the step after them.
IN_A_RUN = "os.path.exists('stick')"


@pytest.fixture
def stuck(crosstalk):
    """Starts a run of the study and waits until a step of it does not return."""

    def start(condition):
        (crosstalk.folder / "stuck.py").write_text(STUCK.format(condition=condition, what=FOR_EVER))
        (crosstalk.folder / "stuck.toml").write_text(
            STUDY.replace("400", "40_000_000" if condition == IN_A_RUN else "400")
        )
        process = crosstalk.start("run", "stuck.toml", "--out", "a", "--jobs", "2", "--set", "seeds=2")
        if condition == IN_A_RUN:
            wait_for(lambda: "running" in crosstalk("status", "a", status=None))
            (crosstalk.folder / "stick").touch()
        wait_for((crosstalk.folder / "stuck").exists)
        return process

    return start


def left_of(process):
    """What still runs of its group: all but what has ended and nobody has asked after."""
    listed = subprocess.run(["ps", "-e", "-o", "pgid=,stat=,args="], check=True, capture_output=True, text=True).stdout
    lines = [line.split(None, 2) for line in listed.splitlines()]
    return [args for group, state, *args in lines if int(group) == process.pid and state[0] != "Z"]


@pytest.mark.parametrize("condition", [WHILE_TIMED, IN_A_RUN])
def test_a_worker_whose_step_never_returns_ends_with_its_coordinator_however_that_ends(stuck, condition):
    process = stuck(condition)
    assert left_of(process), "nobody was at work"
    process.kill()  # it alone: nobody tells its workers
    process.communicate()
    wait_for(lambda: not left_of(process), 20)


@pytest.mark.parametrize("condition", [WHILE_TIMED, IN_A_RUN])
def test_a_second_signal_ends_workers_whose_step_never_returns(crosstalk, stuck, condition):
    process = stuck(condition)
    crosstalk.kill(process, signal.SIGINT)
    lines = iter(process.stdout.readline, "")
    assert any("stopping" in line and "once more stops at once" in line for line in lines)
    crosstalk.kill(process, signal.SIGTERM)
    out, err = process.communicate(timeout=120)
    assert process.returncode == 128 + signal.SIGTERM and "crosstalk run a" in out, out + err
    assert not left_of(process)


def test_a_worker_that_died_is_noticed_where_its_own_child_holds_its_pipe_open(crosstalk):
    fork = "os.fork() == 0 and time.sleep(1000)\n            os._exit(7)"
    (crosstalk.folder / "stuck.py").write_text(STUCK.format(condition=IN_A_RUN, what=fork))
    (crosstalk.folder / "stuck.toml").write_text(STUDY.replace("400", "40_000_000"))
    process = crosstalk.start("run", "stuck.toml", "--out", "a")
    try:
        wait_for(lambda: "running" in crosstalk("status", "a", status=None))
        (crosstalk.folder / "stick").touch()
        out, err = process.communicate(timeout=120)
        assert process.returncode == 1 and "the worker process ended with status 7" in out, out + err
        assert any("_worker" in args[0] for args in left_of(process)), "its child had ended too"
    finally:
        os.killpg(process.pid, signal.SIGKILL)

"""crosstalk.run: the command from Python."""

import os
import signal
import subprocess
import sys
import time

import crosstalk as ct
import numpy as np
import pytest

STUDY = 'task = { environment = "gridworld" }\nnetwork.hidden = 4\nlearner = { steps = 40, start = 10, batch = 8 }\nprobe = { every = 20, measures = ["return"] }\n'


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "walk.toml").write_text(STUDY + "[scale.small]\nlearner.steps = 20\n")
    return tmp_path


def test_a_study_is_run_shown_and_loaded(folder, capfd):
    results = ct.run("walk.toml")
    assert results.folder.resolve() == folder / "results/walk" and (results.runs["status"] == "done").all()
    assert "1 of 1 run is done" in capfd.readouterr().out
    again = ct.run("walk.toml", quiet=True)
    assert again.rows.equals(results.rows) and not capfd.readouterr().out


def test_options_and_keys_of_every_type_reach_the_command(folder):
    results = ct.run(
        folder / "walk.toml", scale="small", jobs=1, seed_offset=5, out=folder / "it's an out", quiet=True,
        set={"network.hidden": np.array([3, 4]), "learner.rate": 1e-5, "learner.algorithm": "dqn", "seeds": 2},
    )  # fmt: skip
    assert results.folder == folder / "it's an out" and results.study["scale"] == "small"
    assert sorted(zip(results.runs["network.hidden"], results.runs["seed"], strict=True)) == [
        (3, 5),
        (3, 6),
        (4, 5),
        (4, 6),
    ]
    configuration = results.configuration(results.runs["run"][0])
    assert configuration["learner.rate"] == 1e-5 and configuration["learner.algorithm"] == "dqn"
    assert configuration["learner.steps"] == 20


def test_what_the_command_refuses_is_raised_with_its_words(folder):
    with pytest.raises(ct.Error, match="network.hiden is not a key; did you mean network.hidden?") as caught:
        ct.run("walk.toml", set={"network.hiden": 3}, quiet=True)
    assert caught.value.kind == "config" and "crosstalk:" not in str(caught.value)
    with pytest.raises(ct.Error, match="no-such.toml") as caught:
        ct.run("no-such.toml", quiet=True)
    (folder / "out").mkdir()
    (folder / "out/study.sqlite").write_bytes(b"no store" * 1000)
    with pytest.raises(ct.Error, match="out") as caught:
        ct.run("walk.toml", out="out", quiet=True)
    assert caught.value.kind == "store"


def test_runs_that_fail_are_an_error_that_says_how_many(folder):
    with pytest.raises(ct.Error, match="0 of 1 run is done, 1 failed") as caught:
        ct.run("walk.toml", set={"network.hidden": 65536, "network.depth": 1000}, quiet=True)
    assert caught.value.kind == "runs"


def states(folder):
    """Of the runs in a folder that may be there."""
    try:
        return ct.load(folder).runs["status"].tolist()
    except ct.Error:
        return []


def test_an_interrupt_stops_the_study_cleanly_and_the_call_goes_on_there(folder):
    text = (
        "import crosstalk as ct\n"
        "try:\n"
        "    ct.run('walk.toml', set={'learner.steps': 200000, 'probe.every': 100000, 'learner.replay': 1000}, out='long')\n"
        "except KeyboardInterrupt:\n"
        "    print('INTERRUPTED', ct.load('long').runs['status'].tolist())\n"
    )
    child = subprocess.Popen([sys.executable, "-u", "-c", text], cwd=folder, stdout=subprocess.PIPE, text=True)
    until = time.monotonic() + 60
    while time.monotonic() < until and states(folder / "long") != ["running"]:
        time.sleep(0.2)
    os.kill(child.pid, signal.SIGINT)  # to Python alone, as a notebook that interrupts its kernel may
    said, _ = child.communicate(timeout=60)
    assert "stopped: 0 of 1 run" in said and "INTERRUPTED ['running']" in said, said

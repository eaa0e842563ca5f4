"""Studies that learn from stored trajectories, as a user runs them."""

import json
import shutil

import pytest
from command import Command

pytest.importorskip("minatar")

LEARNERS = ["dqn", "polyak", "ql", "double-dqn", "mc", "td-lambda", "residual"]
STUDY = """
seeds = 1
[task]
trajectories = "set"
[network]
layers = ["conv 4 3", "relu", "flatten", "linear 8", "relu", "linear out"]
[learner]
updates = {updates}
target-every = 20
[probe]
every = 40
samples = 8
[sweep]
"learner.algorithm" = {learners}
"""


@pytest.fixture(scope="module")
def played(tmp_path_factory, cache):
    """A folder with trajectories of MinAtar's Breakout in it, by random actions."""
    folder = tmp_path_factory.mktemp("played")
    Command(folder, cache)("trajectories", "collect", "--env", "minatar:breakout", "--policy", "random",
                           "--transitions", "600", "--seed", "1", "--out", "set")  # fmt: skip
    return folder / "set"


@pytest.fixture
def study(tmp_path, played):
    shutil.copytree(played, tmp_path / "set")

    def write(learners=LEARNERS, updates=80):
        file = tmp_path / "stored.toml"
        file.write_text(STUDY.format(learners=json.dumps(learners), updates=updates))
        return file

    return write


def test_a_study_of_several_algorithms_runs_is_exported_and_reported(crosstalk, study, tmp_path):
    crosstalk("run", study(), "--out", "a", "--jobs", "2")
    rows = [line.split(",") for line in crosstalk.export("a").splitlines()]
    heading, rows = rows[0], rows[1:]
    places = {name: heading.index(name) for name in ("run", "measure", "split", "step")}
    seen = {(row[places["run"]], row[places["measure"]], row[places["split"]]) for row in rows}
    runs = {run for run, _, _ in seen}
    assert len(runs) == len(LEARNERS)
    for run in runs:
        for split in ("train", "test"):
            assert {(run, "loss", split), (run, "td_error", split)} <= seen
        for split in ("train-train", "train-test", "test-test"):
            assert {(run, "function_interference", split), (run, "loss_interference", split)} <= seen
        assert (run, "gap", "train-test") in seen
    assert {row[places["step"]] for row in rows} == {"0", "40", "80"}
    crosstalk("report", "a", "--format", "html,csv")
    assert (tmp_path / "a" / "report.html").exists() or list((tmp_path / "a").glob("**/*.html"))


def test_a_run_killed_at_random_moments_ends_with_the_rows_of_an_undisturbed_one(crosstalk, study):
    killed, whole = crosstalk.killed_and_whole(study(["td-lambda", "mc"], updates=1500), times=3, seed=3, every=0.05)
    assert killed == whole


def test_arrays_of_drifts_are_stored_and_read_again(crosstalk, study):
    measures = 'probe.measures=["value_drift", "loss"]'
    crosstalk("run", study(["dqn"]), "--set", measures, "--out", "a")
    crosstalk("doctor", "a")
    rows = [line.split(",") for line in crosstalk("export", "a", "--arrays").splitlines()]
    places = {name: rows[0].index(name) for name in ("array", "step", "value")}
    last = [row for row in rows[1:] if row[places["array"]] == "value_drift" and row[places["step"]] == "80"]
    assert len(last) == 25 and abs(sum(float(row[places["value"]]) for row in last) - 1) < 1e-12, "shares of all drifts"


def test_what_does_not_fit_the_trajectories_is_refused_before_anything_runs(crosstalk, study):
    file = study(["dqn"])
    for change, words in [
        ("task.environment=minatar:asterix", 'was played in "minatar:breakout"'),
        ("task.transitions=601", "holds "),
        ('learner.algorithm=["dqn", "reg"]', "holds none, because no expert played it"),
        ("task.trajectories=elsewhere", "elsewhere is not there"),
        ("learner.steps=9", "learner.steps counts only"),
    ]:
        said = crosstalk("run", file, "--set", change, "--out", "a", status=2)
        assert words in said and said.count("crosstalk: ") == 1, said


def test_what_a_study_would_collect_and_could_not_learn_from_is_refused_before_it_is_collected(crosstalk, study, tmp_path):
    file = study(["dqn"])
    shutil.rmtree(tmp_path / "set")
    made = ("--set", "task.environment=minatar:breakout", "--set", "trajectories.transitions=600")
    for change, words in [
        ('learner.algorithm=["dqn", "td-star"]', "holds none, because no expert played it"),
        ("task.transitions=600", "will hold at most 600 transitions"),
        ('probe.measures=["cosine.ram"]', "holds no console's memory"),
        ("trajectories.epsilon=0.1", "trajectories.epsilon counts only"),
    ]:
        said = crosstalk("run", file, *made, "--set", change, "--out", "a", status=2)
        assert words in said and said.count("crosstalk: ") == 1, said
        assert not (tmp_path / "set").exists()
    too_few = crosstalk("run", file, *made, "--set", "trajectories.transitions=1", "--out", "a", status=2)
    assert 'task.trajectories = "set" cannot be made as [trajectories] and task.environment say' in too_few


def test_trajectories_that_have_changed_since_the_results_were_begun_are_refused(crosstalk, study, tmp_path, cache):
    file = study(["dqn"])
    crosstalk("run", file, "--out", "a")
    shutil.rmtree(tmp_path / "set")
    crosstalk("trajectories", "collect", "--env", "minatar:breakout", "--policy", "random", "--transitions", "600",
              "--seed", "2", "--out", "set")  # fmt: skip
    said = crosstalk("run", file, "--set", "seeds=2", "--out", "a", status=3)
    assert "is not what these results were computed with" in said


def test_trajectories_that_are_cut_short_are_refused(crosstalk, study, tmp_path):
    file = study(["dqn"])
    segment = tmp_path / "set" / "000000.safetensors"
    segment.write_bytes(segment.read_bytes()[:-1])
    said = crosstalk("run", file, "--out", "a", status=2)
    assert "it is cut short or another file" in said and "task.trajectories" in said

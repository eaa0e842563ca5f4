"""The predictors that say the same of every row, as the engine's rows have them, against NumPy on the exported data."""

import json

import numpy as np
import pytest
from frames import Worker
from safetensors import safe_open
from test_worker import keys, pytestmark, rows_of  # noqa: F401

SPLITS = ("train", "test")


@pytest.fixture
def run(warm_cache, monkeypatch, ask, tmp_path):
    """run(prepare's request, **keys): the data as exported, their description, and the run's rows."""
    monkeypatch.setenv("CROSSTALK_CACHE", str(warm_cache))

    def running(request, **changes):
        reply = ask("prepare", **{"source": "files", "target": "", **request})
        with Worker() as worker:
            worker.hear()
            worker.say({
                "do": "run", "run": "a1", "seed": 0,
                "configuration": keys(learner_updates=10, probe_every=7, task_dataset=request["dataset"], **changes),
                "data": {"file": reply["file"], "sha256": reply["sha256"]},
                "checkpoint": str(tmp_path / "a1.safetensors"), "checkpoint_seconds": 1e6,
            })  # fmt: skip
            heard = worker.hear_run()
        assert heard[-1]["status"] == "done", heard[-1]
        with safe_open(reply["file"], "numpy") as file:
            targets = {split: file.get_tensor(f"{split}.y") for split in SPLITS}
            about = json.loads(file.metadata()["crosstalk"])
        return targets, about, rows_of(heard)

    return running


def test_of_a_classification_is_the_share_of_the_training_rows_most_frequent_class(run):
    targets, _, rows = run({"dataset": "digits", "kind": "classify"}, task_kind="classify", task_examples=57,
                           learner_loss="cross-entropy", learner_reduction="mean", network_hidden=2, network_head=1,
                           probe_function="max", probe_measures=["accuracy"])  # fmt: skip
    training = targets["train"][:57]
    favourite = np.bincount(training, minlength=10).argmax()  # of equal ones the first
    for step in (0, 7, 10):
        assert rows[step, "accuracy.constant", "train"] == np.mean(training == favourite)
        assert rows[step, "accuracy.constant", "test"] == np.mean(targets["test"] == favourite)
    assert {step for step, _, _ in rows} == {0, 7, 10}


@pytest.mark.parametrize("normalise", ["none", "global", "per-feature"])
@pytest.mark.parametrize("how", ["separate", "broadcast"])
def test_of_a_regression_is_the_mean_of_the_training_rows_in_the_units_of_its_error(run, normalise, how):
    targets, about, rows = run({"dataset": "california", "kind": "regress"}, task_examples=300, task_normalise=normalise,
                               learner_targets=how, probe_measures=["squared_error"])  # fmt: skip
    every = targets["train"].astype(np.float64)
    shift, scale = {
        "none": (0, 1),
        "global": (every.min(), np.ptp(every)),
        "per-feature": (every.mean(0), every.std(0)),
    }[normalise]
    scaled = {split: ((targets[split] - shift) / scale).astype(np.float32).astype(np.float64) for split in SPLITS}
    guess = scaled["train"][:300].mean(0)
    assert about["target_variance"] is None  # then it is that of all training rows
    variance = every.var(0) / np.square(scale)
    for split, answers in (("train", scaled["train"][:300]), ("test", scaled["test"])):
        pairs = guess[None] - (
            answers if how == "separate" else answers.T
        )  # broadcast: (1, 1) - (1, n), every row alike
        error = np.square(pairs).mean()
        assert rows[10, "squared_error.constant", split] == pytest.approx(error, rel=1e-10)
        assert rows[10, "squared_error_normalised.constant", split] == pytest.approx(error / variance[0], rel=1e-10)
        assert rows[0, "squared_error.constant", split] == rows[10, "squared_error.constant", split]


def test_of_seven_torques_is_the_mean_of_each(run, test_data):
    request = {
        "dataset": "sarcos",
        "kind": "regress",
        "source": "test-file",
        "train_rows": 3560,
        "data": str(test_data),
    }
    targets, about, rows = run(
        request, task_source="test-file", task_examples=500, probe_measures=["squared_error", "gap"]
    )
    training = targets["train"][:500].astype(np.float32).astype(np.float64)
    for split, answers in (("train", training), ("test", targets["test"].astype(np.float32).astype(np.float64))):
        each = np.square(answers - training.mean(0)).mean(0)
        assert rows[10, "squared_error.constant", split] == pytest.approx(each.mean(), rel=1e-10)
        wanted = (each / about["target_variance"]).mean()
        assert rows[10, "squared_error_normalised.constant", split] == pytest.approx(wanted, rel=1e-10)

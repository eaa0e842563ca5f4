"""A training loop of one's own that writes into a results folder, and what the command makes of the folder."""

import csv
import io
import json
import os
import re
import signal
import subprocess
import sys

import numpy as np
import pytest

WORDS = "was watched in a training loop of your own; there is nothing to run"


def watched(folder, seed=0, steps=5, ends=True, **settings):
    """A run as a loop would measure it; what was added, as `export` has it."""
    from crosstalk._cli import WatchedStore

    store = WatchedStore(folder, "dqn", seed=seed, settings=settings)
    values = np.random.default_rng([seed, len(settings.get("target", ""))])
    added = {}
    for step in range(0, 1000 * steps, 1000):
        for measure, split in (("loss_difference", "batch"), ("stiffness.within", "batch-batch"), ("norm.weights", "parameters"),
                               ("return", ""), ("my.own", "train")):  # fmt: skip
            added[store.run, step, measure, split] = value = float(values.normal())
            store.add(step, measure, split, value)
        spectrum = np.sort(values.random(4))[::-1].copy()
        store.add_array(step, "singular_value", "batch", spectrum, [4], json.dumps({"0": {"name": "place"}}))
        added[store.run, step] = spectrum
        store.commit()
    if ends:
        store.finish()
    return added


def table(text):
    return list(csv.DictReader(io.StringIO(text)))


@pytest.fixture(scope="module")
def mine(tmp_path_factory):
    """Two values of a setting, four seeds each."""
    folder = tmp_path_factory.mktemp("watched") / "mine"
    added = {}
    for target in ("none", "copied"):
        for seed in range(4):
            added |= watched(folder, seed, target=target, rate=0.1)
    return folder, added


def test_the_export_is_what_was_added_to_the_last_bit(crosstalk, mine):
    folder, added = mine
    rows = table(crosstalk.export(folder))
    found = {(row["run"], int(row["step"]), row["measure"], row["split"]): float(row["value"]) for row in rows}
    assert found == {key: value for key, value in added.items() if len(key) == 4}
    assert {row["target"] for row in rows} == {"none", "copied"} and "rate" not in rows[0]
    arrays = table(crosstalk("export", folder, "--arrays"))
    for key, values in added.items():
        if len(key) == 2:
            here = [float(row["value"]) for row in arrays if (row["run"], int(row["step"])) == key]
            assert here == list(values)


def test_the_report_has_a_line_a_setting_with_the_mean_over_its_seeds(crosstalk, mine):
    folder, added = mine
    files = crosstalk("report", folder, "--out", crosstalk.folder / "r", "--format", "svg,csv,latex").splitlines()
    drawn = {file.rsplit("/", 1)[1] for file in files if file.endswith(".svg")}
    assert drawn == {"figureMeasures.svg", "figureArrays.svg"} and all(
        (crosstalk.folder / file).stat().st_size for file in files
    )
    curves = table((crosstalk.folder / "r/figures/figureMeasures-curves.csv").read_text())
    targets = {row["run"]: row["target"] for row in table(crosstalk.export(folder))}
    for target in ("none", "copied"):
        for row in (row for row in curves if row["experiment"] == f"dqn (target {target})"):
            values = [value for key, value in added.items() if targets[key[0]] == target and len(key) == 4
                      and key[1:] == (int(float(row["step"])), row["measure"], row["split"])]  # fmt: skip
            assert len(values) == 4 and float(row["mean"]) == pytest.approx(np.mean(values), rel=1e-12)
            half = 2.353363 * np.std(values, ddof=1) / 2  # Student's t of three degrees at 95%
            assert float(row["high"]) - float(row["mean"]) == pytest.approx(half, rel=1e-4)
    assert len(curves) == 2 * 5 * 5
    words = {row["measure"]: (row["label"], row["axis"]) for row in curves}
    assert words["stiffness.within"] == ("stiffness, within (batch-batch)", "stiffness, within (cosine)")
    assert words["return"] == ("return", "return (reward)") and words["my.own"] == ("my.own (train)", "my.own")


def test_the_page_says_where_the_numbers_come_from_and_nothing_that_does_not_fit(crosstalk, mine):
    folder, _ = mine
    crosstalk("report", folder, "--out", crosstalk.folder / "r", "--format", "html")
    page = (crosstalk.folder / "r/report.html").read_text()
    text = re.sub(r"<(script|style).*?</\1>|<[^>]*>", " ", page, flags=re.S)
    assert "Watched in a training loop of its own" in text
    assert 'id="results"' in page and 'id="figures"' in page and 'id="study"' not in page and 'id="claims"' not in page
    for word in ("learned nothing", "crosstalk run", "no better than", "random policy", "updates", "environment step"):
        assert word not in text, word


def test_two_folders_stand_in_one_report_beside_each_other(crosstalk, mine):
    folder, _ = mine
    watched(crosstalk.folder / "other", target="none", rate=0.5)
    crosstalk("report", folder, crosstalk.folder / "other", "--out", "both", "--format", "csv")
    names = {
        row["experiment"] for row in table((crosstalk.folder / "both/figures/figureMeasures-curves.csv").read_text())
    }
    assert len(names) == 3, names


def test_what_was_watched_is_not_run_or_verified_and_says_so_in_a_sentence(crosstalk, mine):
    folder, _ = mine
    crosstalk("report", folder, "--out", crosstalk.folder / "r", "--format", "html")
    for words in (["run", folder], ["run", "r/report.html"]):
        assert WORDS in crosstalk(*words, status=2).replace("\n", " "), words
    assert "there is nothing to compare" in crosstalk("verify", folder, status=5).replace("\n", " ")
    (crosstalk.folder / "dqn.toml").write_text('task.environment = "random-walk"\n')
    said = crosstalk("run", "dqn.toml", "--out", folder, status=5).replace("\n", " ")
    assert "holds what was watched in a training loop of your own" in said
    (crosstalk.folder / "own.toml").write_text('task.environment = "random-walk"\ntask.kind = "watched"\n')
    assert "task.kind" in crosstalk("run", "own.toml", status=2)


def test_status_and_doctor_say_what_is_there(crosstalk, mine):
    folder, _ = mine
    said = crosstalk("status", folder)
    assert (
        said.startswith("dqn: 8 of 8 runs done\n")
        and "200 rows" in said
        and f"next:  crosstalk report {folder}" in said
    )
    said = crosstalk("doctor", folder)
    assert re.search(r"contents +sound", said) and "a training loop of its own, crosstalk" in said


LOOP = """
import sys
from crosstalk._cli import WatchedStore
store = WatchedStore(sys.argv[1], "dqn", seed=int(sys.argv[2]))
for step in range(10**9):
    store.add(step, "loss_difference", "batch", step / 7)
    store.commit()
    print(step, flush=True)
"""


def loop(crosstalk, seed=0, **more):
    return subprocess.Popen([sys.executable, "-c", LOOP, "mine", str(seed)], text=True, cwd=crosstalk.folder,
                            env=crosstalk.environment, **more)  # fmt: skip


def test_a_killed_loop_leaves_all_that_was_committed_and_the_next_one_goes_on_beside_it(crosstalk):
    process = loop(crosstalk, stdout=subprocess.PIPE)
    seen = [int(process.stdout.readline()) for _ in range(20)]
    assert "1 running" in crosstalk("status", "mine")
    os.kill(process.pid, signal.SIGKILL)
    seen += [int(line) for line in process.stdout.read().split()]
    process.wait()
    said = crosstalk("status", "mine")
    assert "1 interrupted" in said and "crosstalk run" not in said
    steps = [int(row["step"]) for row in table(crosstalk.export("mine"))]
    assert steps[: len(seen)] == seen and len(steps) <= len(seen) + 1
    crosstalk("report", "mine", "--format", "html,csv")
    page = (crosstalk.folder / "mine/report.html").read_text()
    assert "1 run is shown as far as it came" in page and "the training loop goes on, or was interrupted" in page
    assert len(table((crosstalk.folder / "mine/figures/figureMeasures-curves.csv").read_text())) == len(steps)
    next_one = loop(crosstalk, seed=1, stdout=subprocess.PIPE)
    next_one.stdout.readline()
    said = crosstalk("status", "mine")
    assert "1 running" in said and "1 failed" in said and "interrupted: its process ended before the run did" in said
    next_one.kill()
    next_one.wait()
    assert re.search(r"contents +sound", crosstalk("doctor", "mine"))


def test_two_processes_do_not_write_into_one_folder(crosstalk):
    first = loop(crosstalk, stdout=subprocess.PIPE)
    first.stdout.readline()
    second = loop(crosstalk, seed=1, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    _, said = second.communicate(timeout=120)
    first.kill()
    first.wait()
    assert f"mine: process {first.pid} on" in said and "is working on it" in said and "--out" not in said


def test_settings_are_numbers_texts_and_truths_and_a_wrong_one_is_named(tmp_path):
    import torch

    from crosstalk._cli import WatchedStore

    settings = {
        "rate": np.float32(0.5),
        "width": np.int64(8),
        "norm": True,
        "target": "none",
        "decay": torch.tensor(0.25),
    }
    WatchedStore(tmp_path / "a", "x", settings=settings).finish()
    for value in (None, [1], {"a": 1}, 2**70, float("inf")):
        with pytest.raises(RuntimeError, match='the setting "rate"'):
            WatchedStore(tmp_path / "b", "x", settings={"rate": value})
    with pytest.raises(RuntimeError, match="not negative"):
        WatchedStore(tmp_path / "b", "x", seed=-1)
    store = WatchedStore(tmp_path / "b", "x")
    for values in (np.zeros(4, np.float32), np.zeros((4, 2))[:, 0]):
        with pytest.raises(RuntimeError, match="ascontiguousarray"):
            store.add_array(0, "x", "", values, [4])
    with pytest.raises(RuntimeError, match="no JSON"):
        store.add_array(0, "x", "", np.zeros(4), [4], "{")
    store.add(0, "x", "", float("nan"))
    store.add_array(0, "matrix", "", np.arange(6.0).reshape(2, 3), [2, 3])
    store.fail("it blew up")
    with pytest.raises(RuntimeError, match="has ended"):
        store.commit()


def test_a_run_that_failed_or_measured_nothing_has_a_report(crosstalk):
    from crosstalk._cli import WatchedStore

    store = WatchedStore(crosstalk.folder / "mine", "x", settings={"norm": True})
    store.add(0, "loss", "train", 1.0)
    store.fail("CUDA out of memory")
    WatchedStore(crosstalk.folder / "empty", "x").finish()
    for folder in ("mine", "empty"):
        assert crosstalk("report", folder, "--format", "html").strip() == f"{folder}/report.html"
    assert "CUDA out of memory" in (crosstalk.folder / "mine/report.html").read_text()
    page = (crosstalk.folder / "empty/report.html").read_text()
    assert 'id="results"' not in page and "nothing to correlate" not in page

"""crosstalk.load: its tables against what `crosstalk export` prints of the same folder."""

import shutil
import subprocess
import sys

import crosstalk as ct
import numpy as np
import pandas as pd
import pytest
from small_study import crosstalk, exported


@pytest.fixture(scope="module")
def results(small_study):
    return ct.load(small_study)


def test_the_package_loads_nothing_until_a_name_is_asked_for():
    names = ("pandas", "altair", "torch", "numpy", "crosstalk._cli", "crosstalk.results")
    text = f"import sys, crosstalk; print([name for name in {names} if name in sys.modules])"
    said = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "[]"
    assert {"load", "run", "Results", "Error", "__version__"} <= set(dir(ct))
    with pytest.raises(AttributeError, match="no_such"):
        ct.no_such  # noqa: B018


def test_the_rows_are_those_of_the_export_to_the_last_bit(results, small_study):
    rows, other = results.rows, exported(small_study)
    assert list(rows.columns) == list(other.columns) and len(rows) == len(other) > 400
    for name in other.columns:
        ours = rows[name].astype(object) if isinstance(rows[name].dtype, pd.CategoricalDtype) else rows[name]
        assert (ours.to_numpy() == other[name].to_numpy()).all(), name


def test_the_runs_have_their_keys_and_how_they_ended(results, small_study):
    runs = results.runs
    of_rows = exported(small_study).drop_duplicates("run").set_index("run")
    assert sorted(runs["run"]) == sorted(of_rows.index) and (runs["status"] == "done").all() and len(runs) == 14
    for run in runs.itertuples():
        assert (run.experiment, run.seed) == (of_rows.experiment[run.run], of_rows.seed[run.run])
    for key in results.swept:
        assert (runs.set_index("run")[key].loc[of_rows.index] == of_rows[key]).all()
    assert results.keys[: len(results.swept)] == results.swept == ["learner.algorithm", "network.hidden"]
    assert {"task.environment", "probe.keep", "runtime.precision"} <= set(results.keys)
    assert results.configuration(runs["run"][0][:10])["probe.every"] in (10, 40, 60)


def test_a_list_as_a_keys_value_can_be_grouped_by(results):
    groups = results.runs.groupby("probe.measures")["run"].count()
    assert sum(groups) == 14 and all(isinstance(measures, tuple) for measures in groups.index)


def test_what_is_done_to_a_table_is_not_done_to_the_next(results):
    rows, runs = results.rows, results.runs
    rows["value"], runs["seed"] = 0.0, 7
    assert results.rows["value"].nunique() > 100 and results.runs["seed"].nunique() == 2


def test_a_wide_table_has_a_row_a_run_or_the_mean_of_several(results, small_study):
    other = exported(small_study)
    loss = other[(other.measure == "loss") & (other.split == "test")]
    wide = results.table("loss", "test", where={"experiment": "digits"})
    assert list(wide.columns) == [0, 10, 20]
    for row in loss[loss.experiment == "digits"].itertuples():
        assert wide.loc[row.run, row.step] == row.value
    means = results.table("loss", "test", by=["network.hidden", "runtime.precision"], where={"experiment": "digits"})
    for (hidden, precision), row in means.iterrows():
        of = loss[(loss.experiment == "digits") & (loss["network.hidden"] == hidden)]
        assert precision == "double" and np.allclose(row, of.groupby("step")["value"].mean(), rtol=1e-15)


def test_a_key_in_which_no_runs_differ_can_be_named_too(results):
    assert "probe.function" not in results.keys
    by = results.table("return", by=["probe.function", "learner.algorithm"], where={"runtime.threads": 1})
    assert by.index.names == ["probe.function", "learner.algorithm"] and len(by) == 2
    assert np.allclose(results.table("return", by=[]).loc["all"], results.table("return").mean(), rtol=1e-14)


@pytest.fixture(scope="module")
def wild(tmp_path_factory):
    """Regressions of which half diverge."""
    folder = tmp_path_factory.mktemp("wild")
    (folder / "wild.toml").write_text(
        'seeds = 2\ntask = { dataset = "california", examples = 50 }\nnetwork.hidden = 4\n'
        'learner = { updates = 20, optimizer = "sgd" }\n'
        'probe = { every = 10, samples = 8, measures = ["loss"] }\nsweep = { "learner.rate" = [1e-3, 1e6] }\n'
    )
    assert crosstalk("run", "wild.toml", "--out", "out", folder=folder).returncode == 0
    return ct.load(folder / "out")


def test_runs_that_diverged_are_in_no_mean_and_no_score(wild):
    assert sorted(wild.runs["status"]) == ["diverged", "diverged", "done", "done"]
    assert "loss is nan" in wild.runs.query("status == 'diverged'")["message"].iloc[0]
    assert len(wild.table("loss", "test")) == 4
    assert wild.table("loss", "test", by=["learner.rate"]).index.tolist() == [1e-3]
    assert wild.table("loss", "test", by=["learner.rate", "status"]).index.tolist() == [
        (1e-3, "done"),
        (1e6, "diverged"),
    ]
    assert wild.table("loss", "test", by=["learner.rate"], where={"status": "diverged"}).index.tolist() == [1e6]
    with pytest.raises(ct.Error, match=r"not all of these 4 runs are done \(2 diverged\)"):
        wild.rliable("loss", "test", algorithm="learner.rate")
    scores = wild.rliable("loss", "test", algorithm="learner.rate", where={"status": "done"})
    assert list(scores) == [1e-3] and scores[1e-3].shape == (2, 1)


def test_words_are_in_order_and_numbers_before_them():
    from crosstalk.results import tables

    assert tables.in_order(["all", ("b", 1), 100, "a", 9]) == [9, 100, "a", "all", ("b", 1)]
    column = tables._categorical(["b", 100, "a"], np.array([2, 0, -1, 1, 0]))
    assert column.categories.tolist() == [100, "a", "b"]
    assert [None if value is np.nan else value for value in column] == ["a", "b", None, 100, "b"]


def test_a_mean_over_no_number_is_none(results):
    from crosstalk.results import tables

    rows = pd.DataFrame(
        {"run": ["a", "b", "a", "b"], "step": [0, 0, 1, 1], "value": [1.0, 3.0, 5.0, np.nan], "key": "k"}
    )
    wide = tables.wide(rows, ["key"])
    assert wide.loc["k", 0] == 2 and np.isnan(wide.loc["k", 1])


def test_the_measures_and_their_splits_are_those_of_the_rows(results, small_study):
    other = exported(small_study).groupby("measure")["split"].unique()
    assert results.measures == {measure: sorted(splits) for measure, splits in other.items()}


def test_an_array_has_the_values_and_the_axes_of_the_export(results, small_study):
    other = exported(small_study, "--arrays")
    assert set(results.array_names) == set(other["array"]) >= {"gradient_covariance", "loss_difference"}
    count = 0
    for name in results.array_names:
        for array in results.arrays(name):
            here = (
                (other.run == array.run)
                & (other.array == name)
                & (other.step == array.step)
                & (other.split == array.split)
            )
            table = array.frame()
            count += len(table)
            assert (table["value"].to_numpy() == other.value[here].to_numpy()).all()
            for i in range(len(array.axes)):
                ours, theirs = table.iloc[:, i].astype(str).to_numpy(), other[f"axis_{i}"][here].astype(str)
                assert [float(x) for x in ours] == [float(x) for x in theirs]
            assert np.asarray(array).shape == array.shape == tuple(len(axis.coordinates) for axis in array.axes)
    assert count == len(other)


def test_an_array_says_what_its_axes_are(results):
    run = results.runs.query("experiment == 'digits'")["run"].iloc[0]
    (gram,) = results.arrays("function_gram", run=run[:12], step=20)
    assert [axis.name for axis in gram.axes] == ["row", "row"] and gram.classes.shape == gram.shape[:1] == (16,)
    assert (gram.values == gram.values.T).all() and (gram.axes[0].coordinates == gram.axes[1].coordinates).all()
    assert (gram.classes == results.samples(run)["train/label"][gram.axes[0].coordinates]).all()
    (cosines,) = results.arrays("gradient_covariance", "train-train", run=run, step=20)
    assert [axis.name for axis in cosines.axes] == ["sample", "sample"] and np.allclose(np.diag(cosines), 1)
    curve = results.arrays("loss_difference")[0]
    assert curve.axes[0].name == "offset" and 0 in curve.axes[0].coordinates and "offset" in repr(curve)


def test_an_unknown_name_is_refused_with_the_nearest(results):
    for call, said in {
        (lambda: results.table("gapp")): "gapp is no measure of these results; did you mean gap?",
        (lambda: results.table("loss", "tset")): "did you mean test?",
        (lambda: results.table("loss")): "Say of which: split=",
        (lambda: results.table("gap", by=["network.hiden"])): "did you mean network.hidden?",
        (
            lambda: results.table("gap", where={"experiment": "digit"})
        ): "no run has experiment = 'digit'; there are atoms, digits",
        (lambda: results.arrays("spectrum")): "spectrum is no array of these results; there are",
        (
            lambda: results.table("return", where={"experiment": "digits"})
        ): "no run with experiment = 'digits' has measured this",
        (lambda: results.arrays("function_gram", step=3)): "no function_gram was measured at step 3; it was at 20",
        (lambda: results.configuration("zz")): "zz is no run of these results",
        (lambda: results.configuration("")): "is no run of these results",
    }.items():
        with pytest.raises(ct.Error, match=".*") as caught:
            call()
        assert said in str(caught.value) and caught.value.kind == "config" and str(results.folder) in str(caught.value)


def test_a_beginning_that_several_runs_have_is_refused(results):
    firsts = results.runs["run"].str[0].value_counts()
    if firsts.max() == 1:
        pytest.skip("all runs begin with other letters")
    with pytest.raises(ct.Error, match=f"{firsts.max()} runs begin with {firsts.idxmax()}"):
        results.configuration(firsts.idxmax())


def test_a_folder_that_holds_no_results_is_refused_in_words(tmp_path, small_study):
    (tmp_path / "file").write_text("")
    (tmp_path / "empty").mkdir()
    for folder, said in {
        tmp_path / "nowhere": "does not exist",
        tmp_path / "file": "is a file",
        tmp_path / "empty": "there is no study.sqlite in it",
        small_study.parent: "folders that do: " + str(small_study),
    }.items():
        with pytest.raises(ct.Error) as caught:
            ct.load(folder)
        assert said in str(caught.value) and str(folder) in str(caught.value) and caught.value.kind == "store"
    assert len(ct.load(small_study / "study.sqlite").runs) == 14
    assert len(ct.load(str(small_study)).runs) == 14


def test_a_damaged_store_is_refused_with_the_run_and_the_mend(tmp_path, small_study):
    shutil.copytree(small_study, tmp_path / "out")
    store = tmp_path / "out/study.sqlite"
    change = "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute('delete from rows where step = 20'); c.commit()"
    subprocess.run(
        [sys.executable, "-c", change, store], check=True
    )  # not in this process: it has an SQLite of its own
    results = ct.load(tmp_path / "out")
    with pytest.raises(ct.Error, match="is damaged: it has .* rows. `crosstalk run .*` computes it anew") as caught:
        results.rows  # noqa: B018
    assert caught.value.kind == "store"
    store.write_bytes(b"no store" * 1000)
    with pytest.raises(ct.Error) as caught:
        ct.load(tmp_path / "out")
    assert "study.sqlite" in str(caught.value) and caught.value.kind == "store"


def test_results_show_themselves_and_escape_what_a_store_says(tmp_path):
    (tmp_path / "odd.toml").write_text(
        'title = "<b>bold</b> & \'odd\'"\ntask = { environment = "gridworld" }\nlearner = { steps = 20, start = 10, batch = 8 }\nprobe.every = 20\n'
    )
    (tmp_path / "all.toml").write_text('include = ["odd.toml"]\n')
    assert crosstalk("run", "all.toml", "--out", "<i>out", folder=tmp_path).returncode == 0
    results = ct.load(tmp_path / "<i>out")
    html, text = results._repr_html_(), repr(results)
    assert "<i>" not in html and "&lt;i&gt;" in html and "<i>out" in text
    assert "1 done" in html and "1 done" in text

"""Charts and tables of figures from Python, against the files that `crosstalk report` writes; matrices for rliable by hand."""

import re
from pathlib import Path

import crosstalk as ct
import numpy as np
import pandas as pd
import pytest
from crosstalk.report.bundle import Table
from crosstalk.report.cells import csv_of
from small_study import crosstalk, exported, table_from

alt = pytest.importorskip("altair")
vl_convert = pytest.importorskip("vl_convert")

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def results(small_study):
    return ct.load(small_study)


@pytest.fixture(scope="module")
def report(small_study, tmp_path_factory):
    folder = tmp_path_factory.mktemp("report")
    made = crosstalk("report", small_study, "--out", folder, "--format", "csv", folder=folder)
    assert made.returncode == 0, made.stderr
    return folder / "figures"


def equal(table, file):
    other, ours = (
        table_from(file.read_text()),
        table_from(csv_of(Table(list(table.columns), table.astype(object).where(table.notna(), None).values.tolist()))),
    )
    assert list(table.columns) == list(other.columns) and len(table) == len(other)
    pd.testing.assert_frame_equal(ours, other, rtol=0, atol=0)


def test_the_tables_behind_the_figures_are_those_of_the_report(results, report):
    seen = 0
    for name in results.figures:
        tables = sorted(report.glob(f"{name}-*.csv"))
        if not tables:
            equal(results.figure_table(name), report / f"{name}.csv")
        for file in tables:
            equal(results.figure_table(name, file.stem.removeprefix(name + "-")), file)
        seen += max(1, len(tables))
    assert seen > 10


def test_a_figure_is_a_chart_with_the_rows_of_its_tables(results):
    assert {"figure2", "figureReturn", "figureOffsets"} <= set(results.figures)
    chart = results.figure("figureReturn")
    said = chart.to_dict()  # which Altair checks by Vega-Lite's schema
    assert isinstance(chart, alt.ConcatChart) and len(said["concat"]) == 4
    for name, rows in said["datasets"].items():
        assert len(rows) == len(results.figure_table("figureReturn", name)) > 0
    assert b"<svg" in vl_convert.vegalite_to_svg(said).encode()


def test_a_chart_shows_the_reading_that_is_asked_for(results):
    table = results.figure_table("figure2", "points")
    for measurement, interference in (("quarter", "train-train"), ("last", "stiffness")):
        chart = results.figure("figure2", measurement=measurement, interference=interference).to_dict()
        points = pd.DataFrame(chart["datasets"]["points"])
        assert set(points["measurement"]) == {measurement} and set(points["interference"]) == {interference}
        here = table[(table["measurement"] == measurement) & (table["interference"] == interference)]
        assert points["mean"].tolist() == here["mean"].tolist()


def test_options_choose_series_and_runs_as_in_the_report(results, report, tmp_path):
    options = ["--by", "network.hidden", "--where", "task.dataset=digits"]
    made = crosstalk("report", results.folder, "--out", tmp_path, "--format", "csv", *options, folder=tmp_path)
    assert made.returncode == 0, made.stderr
    table = results.figure_table("figureLearning", "curves", by=["network.hidden"], where={"task.dataset": "digits"})
    equal(table, tmp_path / "figures/figureLearning-curves.csv")
    assert (
        table["experiment"].nunique()
        > 1
        == results.figure_table("figureLearning", "curves", by=[])["experiment"].nunique()
    )


def test_an_unknown_figure_table_or_reading_is_refused(results):
    for call, said in {
        (lambda: results.figure("figur2")): "did you mean figure2?",
        (lambda: results.figure_table("figure2")): "figure2 has the tables",
        (lambda: results.figure_table("figure2", "point")): "did you mean points?",
        (lambda: results.figure("figure2", measurement="best")): "there are quarter, last, early",
        (lambda: results.figure("figure2", where={"task.dataset": "mnist"})): "mnist",
    }.items():
        with pytest.raises(ct.Error) as caught:
            call()
        assert said in str(caught.value) and caught.value.kind == "config"


def test_the_matrices_for_rliable_have_each_runs_score_in_its_place(results, small_study):
    rows = exported(small_study)
    returns = rows[(rows.measure == "return") & rows.experiment.isin(["gridworld", "random-walk"])]
    scores = results.rliable("return")
    assert sorted(scores) == ["dqn", "ql"] and scores.tasks == ["gridworld", "random-walk"] and scores.seeds == [0, 1]
    quarters, means = results.rliable("return", at="quarter"), results.rliable("return", at="mean")
    for algorithm, matrix in scores.items():
        assert matrix.shape == (2, 2) and matrix.dtype == np.float64
        for i, seed in enumerate(scores.seeds):
            for j, task in enumerate(scores.tasks):
                own = returns[
                    (returns["learner.algorithm"] == algorithm) & (returns.experiment == task) & (returns.seed == seed)
                ]
                assert matrix[i, j] == own.value[own.step == own.step.max()].item()
                assert quarters[algorithm][i, j] == own.value[own.step >= 0.75 * own.step.max()].mean()
                assert np.isclose(means[algorithm][i, j], own.value.mean(), rtol=1e-15)
    at = results.rliable("return", at=40, task="task.environment")
    assert at.tasks == ["gridworld", "random-walk"] and at["dqn"].shape == (2, 2)


def test_matrices_with_holes_or_with_two_runs_in_one_place_are_refused(results):
    for call, said in {
        (lambda: results.rliable("loss", "test", where={"experiment": "digits"})): "they differ in network.hidden",
        (lambda: results.rliable("return", at=41)): "has no finite score for task gridworld, seed 0",
        (lambda: results.rliable("return", at="best")): "no part of a run; give last, quarter, mean or a step",
        (lambda: results.rliable("return", task="learner.algorithm")): "Give two columns",
        (lambda: results.rliable("return", task="learner.algoritm")): "did you mean learner.algorithm?",
    }.items():
        with pytest.raises(ct.Error) as caught:
            call()
        assert said in str(caught.value)
    scores = results.rliable("loss", "test", algorithm="network.hidden", where={"experiment": "digits"})
    assert sorted(scores) == [2, 3] and scores[2].shape == (2, 1)


def test_the_lines_of_the_page_on_python_work(results, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    page = (ROOT / "docs/python.md").read_text().split("## Results of a study")[1].split("\n## ")[0]
    blocks = [block for block in re.findall(r"```python\n(.*?)```", page, re.DOTALL) if "ct.run" not in block]
    run = results.runs.query("experiment == 'digits'")["run"].iloc[0]
    names = {"results": results, "torch": pytest.importorskip("torch")}
    for block in blocks:
        exec(block.replace("3f2a", run).replace("step=400", "step=20"), names)
    assert len(blocks) > 5 and (tmp_path / "figure2.svg").read_text().startswith("<svg")

"""Reports of runs without examples: what is drawn, and what no page of theirs says."""

import json
import re

import browser
import numpy as np
import pytest
import synthetic_exact

from crosstalk.charts import figureArrays, figureMeasures, figureReturn, figureSigns, figureSweep, lines
from crosstalk.charts.panel import Look
from crosstalk.report import __main__ as command
from crosstalk.report import matrices, paper
from crosstalk.report.bundle import Table, from_json


@pytest.fixture(scope="module")
def bundle():
    return from_json(synthetic_exact.build())


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    folder = tmp_path_factory.mktemp("exact")
    (folder / "bundle.json").write_text(json.dumps(synthetic_exact.build()))
    assert command.main(["--bundle", str(folder / "bundle.json"), "--out", str(folder), "--formats", "html,csv"]) == 0
    return folder / "report.html"


def said(page):
    """The page's own words: no scripts, no styles, no study file, no citation."""
    text = re.sub(r"<(script|style)\b.*?</\1>", "", page.read_text(), flags=re.S)
    text = re.sub(r'<section id="(study|cite)".*?</section>', "", text, flags=re.S)
    return re.sub(r"<[^>]*>", " ", text)


def test_a_page_of_runs_without_examples_says_nothing_of_gaps_examples_classes_or_images(page):
    for word in ("gap", "example", "nT", "class", "image", "interference", "learned", "test error", "correlat"):
        assert not re.search(rf"\b{word}", said(page)), (word, re.search(rf".{{60}}\b{word}.{{60}}", said(page), re.S))
    assert "value error (states)" in said(page) and "3 diverged" not in said(page)


def test_its_results_are_each_line_at_its_end_and_how_many_of_its_runs_diverged(page):
    cells = [re.sub(r"<[^>]*>", "", cell) for cell in re.findall(r"<t[hd].*?</t[hd]>", page.read_text())]
    at = cells.index("learner.rate 1")  # of lambda 0
    assert cells[at - 1 : at + 3] == ["walk (learner.lambda 0)", "learner.rate 1", "10", "0"]
    row = next(row for row in synthetic_exact.of_walk()[1] if row[0] == cells[at - 1] and row[4] == 1.0)
    assert cells[at + 3] == f"{row[12]:.4g} ({row[13]:.4g} to {row[14]:.4g})"
    at = cells.index("baird (learner.algorithm td-lambda)")
    assert cells[at + 1 : at + 4] == ["5", "5", "–"], "none of them is done"


def axis(panel):
    """The domain of values of a panel, and the marks in it."""
    encodings = [layer["encoding"] for layer in panel.chart["layer"]]
    domain = next(one["y"]["scale"]["domain"] for one in encodings if "scale" in one.get("y", {}))
    return domain, [layer["mark"]["type"] for layer in panel.chart["layer"]]


def test_the_axis_of_a_sweep_ends_where_it_is_no_better_than_before_learning(bundle):
    table = bundle.table("figureSweep", "means")
    (one,) = figureSweep.panels({"means": table}, Look(bundle.experiments, ()))
    values = [row["mean"] for row in table.records()]
    domain, _ = axis(one)
    assert domain[0] < min(values) < synthetic_exact.START < domain[1] < max(values)
    worse = [dict(row, start=0.2) for row in table.records()]  # nothing does better: all is seen
    again = Table(table.columns, [[row[name] for name in table.columns] for row in worse])
    (other,) = figureSweep.panels({"means": again}, Look(bundle.experiments, ()))
    assert all("domain" not in layer["encoding"]["y"].get("scale", {}) for layer in other.chart["layer"] if "y" in layer["encoding"])
    more = [dict(row, better="more", mean=-row["mean"], low=None, high=None, start=-row["start"]) for row in table.records()]
    (returns,) = figureSweep.panels({"means": Table(table.columns, [[row[name] for name in table.columns] for row in more])},
                                    Look(bundle.experiments, ()))  # fmt: skip
    domain, _ = axis(returns)
    assert min(-v for v in values) < domain[0] < -synthetic_exact.START < max(-v for v in values) < domain[1]


@pytest.mark.parametrize(("values", "kind"), [([0.1, 0.2, 0.3, 0.5], "linear"), ([0.01, 0.1, 1], "log"), ([0, 1, 100], "linear")])
def test_steps_that_lie_evenly_in_their_logarithms_have_a_logarithmic_axis(values, kind):
    assert figureSweep._x([{"x": x, "x_key": "learner.rate"} for x in values]).to_dict()["scale"]["type"] == kind


def test_runs_that_diverge_leave_the_axis_of_those_that_are_done_and_are_crosses_at_its_edge(bundle):
    tables = bundle.figure("figureMeasures").tables
    panels = {one.title: one for one in figureMeasures.panels(tables, Look(bundle.experiments, ()))}
    assert len(panels) == 4, "one for each lambda, and Baird's"
    name = "walk (learner.lambda 0.9): value error (states)"
    domain, marks = axis(panels[name])
    assert domain[1] < 2 < max(row["mean"] for row in tables["curves"].records())
    assert marks.count("line") == 2 and "point" in marks
    crosses = [layer for layer in panels[name].chart["layer"] if layer["mark"].get("shape") == lines.CROSS]
    assert len(crosses) == 1 and crosses[0]["encoding"]["y"]["value"] < 10
    whole = [layer for layer in panels["walk (learner.lambda 0): value error (states)"].chart["layer"]
             if layer["mark"].get("shape") == lines.CROSS]  # fmt: skip
    assert whole == []


def test_all_panels_of_a_figure_share_one_key_in_which_no_two_lines_look_alike(bundle):
    tables = bundle.figure("figureMeasures").tables
    panels = figureMeasures.panels(tables, Look(bundle.experiments, ()))
    looks = [(entry["colour"], tuple(entry["dash"])) for entry in panels[0].key]
    assert len(set(looks)) == len(looks) == 7 and all(one.key == panels[0].key for one in panels)
    rates = [entry["label"] for entry in panels[0].key if entry["label"].startswith("learner.rate")]
    assert rates == [f"learner.rate {rate:g}" for rate in synthetic_exact.RATES], "few to many"


def test_what_diverges_beyond_all_numbers_of_a_picture_is_drawn_all_the_same(bundle):
    raw = synthetic_exact.build()
    at = synthetic_exact.CURVES.index("mean")
    for row in raw["figures"][0]["tables"]["curves"]["rows"]:
        row[at] *= 1e290 if row[synthetic_exact.CURVES.index("diverged")] else 1
    for row in raw["figures"][1]["tables"]["means"]["rows"][-2:]:
        row[synthetic_exact.MEANS.index("mean")] = 1e300
    far = from_json(raw)
    for name in ("figureMeasures", "figureSweep"):
        svg = paper.drawn(far.figure(name), far, 6.5, 9)
        places = " ".join(re.findall(r'(?: d="|translate\()([^")]*)', svg))
        numbers = [abs(float(number)) for number in re.findall(r"-?\d+(?:\.\d+)?(?:e[+-]?\d+)?", places)]
        assert len(numbers) > 100 and max(numbers) < 1e4, name
        assert paper.png_of(svg)[:4] == b"\x89PNG"


@pytest.mark.parametrize("name", ["figureMeasures", "figureSweep", "figureOffsets", "figureArrays"])
def test_each_figure_is_drawn_for_paper_with_its_lines_named(bundle, name):
    look = Look(bundle.experiments, bundle.sizes, paper=True)
    svg = paper.svg_of(*paper.panels_of(bundle.figure(name), look), 6.5, 9)
    for text in {"figureMeasures": ("episodes", "learner.rate 0.4", "baird (learner.algorithm residual)"),
                 "figureSweep": ("learner.rate", "learner.lambda 0.9"), "figureOffsets": ("offset (steps)", "20", "walk (learner.algorithm mc)"), "figureArrays": ("offset", "up", "down")}[name]:  # fmt: skip
        assert f">{text}<" in svg, text
    assert "NaN" not in svg and "undefined" not in svg


def test_singular_values_have_a_logarithmic_axis_on_which_those_that_are_rounding_are_not_drawn():
    head = ["walk", "walk", "", "", None, "singular_values", "seen", "singular values (seen)", "unit"]
    values = [40.0, 3.0, 0.1, 3e-6, 1e-14, 0.0]
    rows = [[*head, k, None, value, value - 1, value + 1, 5, None] for k, value in enumerate(values, 1)]
    look = Look(("walk",), ())
    domain, marks = axis(figureArrays.panels({"curves": Table(synthetic_exact.ARRAYS, rows)}, look)[0])
    assert 0.05 < domain[0] < 0.1 and domain[1] > 41 and marks == ["area", "line", "point"]
    silent = [[*head, k, None, 0.0, None, None, 5, None] for k in (1, 2)]  # every activation is 0
    assert figureArrays.panels({"curves": Table(synthetic_exact.ARRAYS, silent)}, look)


def test_the_mean_return_and_the_interquartile_mean_stand_side_by_side_on_one_axis_with_the_random_policy():
    tables = synthetic_exact.returns()
    look = Look(("grid (learner.algorithm dqn)", "grid (learner.algorithm ql)"), ())
    mean, middle = figureReturn.panels(tables, look)
    assert (mean.title, middle.title) == ("grid: mean return", "grid: interquartile mean return")
    assert mean.abreast == middle.abreast == 2
    (domain, of_mean), (other, of_middle) = axis(mean), axis(middle)
    assert domain == other and domain[0] < -190 and domain[1] > -8, "all of both, and what the random policy earns"
    assert of_mean == ["rect", "rule", "text", "line", "point"], "three seeds have no interval of the mean"
    assert of_middle == ["rect", "rule", "text", "area", "line", "point"]
    none = figureReturn.panels({**tables, "lines": Table(synthetic_exact.BEATEN, [])}, look)
    assert axis(none[0])[1] == ["line", "point"]


@pytest.mark.parametrize("paper_", [False, True])
def test_a_return_that_never_changes_has_an_axis_all_the_same(paper_):
    tables = synthetic_exact.returns()
    at = [synthetic_exact.RETURNS.index(name) for name in ("value", "low", "high")]
    for row in tables["curves"].rows:
        row[at[0]] = 7.0
        row[at[1]] = row[at[2]] = None
    tables["lines"] = Table(synthetic_exact.BEATEN, [])
    domain, _ = axis(figureReturn.panels(tables, Look(("grid",), (), paper=paper_))[0])
    assert domain[0] < 7 < domain[1]


def test_reward_and_interference_stand_on_one_axis_of_signs_with_a_mark_a_configuration():
    tables = synthetic_exact.signs()
    of_return, of_interference = figureSigns.panels(tables, Look((), ()))
    axes = [[layer["encoding"]["x"]["scale"]["domain"] for layer in panel.chart["layer"]] for panel in (of_return, of_interference)]
    assert axes[0] == axes[1] and len({tuple(domain) for domain in axes[0]}) == 1
    assert axes[0][0][0] < 0.18 and axes[0][0][1] > 0.74, "with the intervals"
    scales = [panel.chart["layer"][-1]["encoding"]["y"]["scale"]["type"] for panel in (of_return, of_interference)]
    assert scales == ["linear", "log"]
    assert [entry["label"] for entry in of_return.key] == ["learner.rate 0.0001", "learner.rate 0.001", "learner.rate 0.01"]
    look = Look((), (), paper=True)
    svg = paper.svg_of(figureSigns.panels(tables, look), tables, 6.5, 9)
    for text in ("sign variance of the TD error", "learner.rate 0.001", "network.hidden", "64", "grid: return"):
        assert f">{text}<" in svg, text
    assert "NaN" not in svg and "undefined" not in svg and paper.png_of(svg)[:4] == b"\x89PNG"


def test_a_matrix_is_a_picture_with_the_names_of_its_places_and_its_largest_value_in_words(bundle):
    html = matrices.render(bundle)
    assert "state by state, 7 x 7: the largest value is 1 at (1, 1), the least 0.002479 at (1, 7)." in html
    assert html.count("<text") == 14 and "data:image/png" in html
    entry = dict(synthetic_exact.matrix(), values=[None] * 49)
    assert matrices.matrix_of(entry).shape == (7, 7) and np.isnan(matrices.matrix_of(entry)).all()
    assert matrices.matrix_of(dict(entry, shape=[49])) is None


@pytest.mark.skipif(browser.executable() is None, reason="there is no Chromium here")
def test_the_page_works_in_a_browser(page):
    reader = browser.Browser()
    try:
        reader.open(page, 1280)
        assert reader.complaints == []
        reader.until("document.querySelectorAll('.chart svg, .chart canvas').length >= 6")
        assert reader.run("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
        assert reader.run("document.querySelectorAll('.choices').length") == 0, "there is one reading of these runs"
        assert reader.run("document.querySelectorAll('#figureMeasures .key').length") == 7
        assert reader.run("document.querySelectorAll('#runs-table tbody tr').length") == 2
        reader.run("document.querySelector('#figureMeasures .key').click()")
    finally:
        reader.close()
    assert reader.complaints == []

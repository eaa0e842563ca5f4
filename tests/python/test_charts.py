"""How charts look: marks and lines that can be told apart, ticks that can be read, names that nothing strikes through."""

import itertools
import re

import pytest
import synthetic_bundle

from crosstalk.charts import figure1, figureD2, figureReward, panel, theme
from crosstalk.charts.panel import Look
from crosstalk.report import paper
from crosstalk.report.bundle import Table, from_json


@pytest.fixture(scope="module")
def bundle():
    return from_json(synthetic_bundle.build(full=True, grams=False))


@pytest.fixture(scope="module")
def drawn(bundle):
    """svg(name): the figure for paper, once."""
    made = {}

    def svg(name):
        if name not in made:
            look = Look(bundle.experiments, bundle.sizes, paper=True)
            made[name] = paper.svg_of(*paper.panels_of(bundle.figure(name), look), 6.5, 9)
        return made[name]

    return svg


def lightness(colour):
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def test_no_two_of_many_experiments_share_colour_and_shape_and_all_are_seen_on_both_grounds():
    styles = [theme.style(i) for i in range(20)]
    assert len({(one["colour"], one["shape"]) for one in styles}) == len(styles)
    assert len({one["colour"] for one in styles[:9]}) == 9
    for one in styles:
        assert 1.05 / (lightness(one["colour"]) + 0.05) > 2.2  # yellow had 1.3
        dark = theme.DARK[one["colour"]]
        assert (lightness(dark) + 0.05) / (lightness(theme.DARK[theme.GROUND]) + 0.05) > 3
    assert all(a != b for a, b in itertools.combinations([theme.DARK[c] for c in theme.EXPERIMENT_COLOURS], 2))


def test_a_key_has_marks_of_smooth_edges(drawn):
    for name in ("figure1", "figure2", "figure9"):
        symbols = re.search(r'(role-legend-symbol.*?)<g class="mark-text', drawn(name), re.S).group(1)
        assert re.findall(r'stroke-width="([^"]*)"', symbols) == ["0"], "a stroke would have the experiment's dash"


@pytest.mark.parametrize(
    ("values", "shown"),
    [
        ([100, 700], {"100", "700"}),
        ([1400, 20000, 100], {"100", "1,000", "10,000"}),
        ([2e-4, 8e-4], {"2e-4", "8e-4"}),
        ([2e6, 8e6], {"2M", "8M"}),
        ([0.05, 0.3], {"0.1", "0.3"}),
    ],
)
def test_ticks_of_values_are_numbers_as_one_writes_them(values, shown):
    columns = ["experiment", "panel", "kind", "nT", "step", "mean", "low", "high"]
    rows = [["digits", "supervised", "classify", 20, 50 * i, v, None, None] for i, v in enumerate(values)]
    look, tables = Look(("digits",), (20,), paper=True), {"curves": Table(columns, rows)}
    svg = paper.svg_of(paper.FIGURES["figureD2"](tables, look), tables, 4, 9)
    labels = set(re.findall(r">([^<>]+)</text>", svg))
    assert shown <= labels and not any("e+" in label for label in labels)


def test_the_largest_number_of_examples_is_named_in_every_panel(drawn):
    for name, largest in (("figure1", {"8,000", "500"}), ("figure9", {"1,000", "8,000", "500"})):
        axes = re.findall(r"role-axis-label.*?</g>", drawn(name), re.S)
        seen = set()
        for axis in axes:
            labels = [
                text for opacity, text in re.findall(r'opacity="(\d)">([^<]*)</text>', axis) if opacity == "1" and text
            ]
            seen.add(labels[-1])
        assert largest <= seen


def test_labels_that_would_touch_give_way_to_the_larger():
    domain = [16, 1250]
    assert "[1000, 100, 20]" in panel.named_where_room([20, 100, 500, 1000], domain, 120, 9)
    assert "[1000, 500, 100, 20]" in panel.named_where_room([20, 100, 500, 1000], domain, 300, 11)


@pytest.mark.parametrize(
    ("random", "blind", "lowest", "where"),
    [
        (0.48, 0.775, -0.6, {"random": ("random", -1), "blind": ("blind", 0)}),
        (0.1, 0.12, 0.0, {"random": ("blind", 0), "blind": ("blind", 1)}),  # both near the axis: above both lines
        (0.1, 0.5, 0.0, {"random": ("random", 0), "blind": ("blind", 0)}),  # only one is, and has room above
        (0.5, 0.1, 0.0, {"random": ("random", 0), "blind": ("blind", 0)}),
        (0.9, 0.88, 0.0, {"random": ("random", 0), "blind": ("blind", -1)}),
        (0.1, None, 0.0, {"random": ("random", 0)}),
    ],
)
def test_the_names_of_the_lines_to_beat_stand_where_no_line_and_no_axis_is(random, blind, lowest, where):
    values = {"random": random} | ({} if blind is None else {"blind": blind})
    assert figureReward._places(values, lowest, Look((), (), paper=True)) == where


def test_curves_of_many_measurements_show_their_dashes_and_still_answer_the_pointer(bundle):
    rows = [{"step": step} for step in range(12)]
    charts = panel.measured(Look(("a",), (20,)), rows, 20, panel.data("curves"))
    assert [chart.to_dict(validate=False)["encoding"]["opacity"]["value"] for chart in charts] == [0]
    assert panel.measured(Look(("a",), (20,), paper=True), rows, 20, panel.data("curves")) == []
    assert len(panel.measured(Look(("a",), (20,), paper=True), rows[:11], 20, panel.data("curves"))) == 1


def test_an_experiment_of_too_few_runs_has_marks_and_no_line(bundle):
    tables = dict(bundle.figure("figure2").tables)
    at = tables["bands"].columns.index("experiment")
    tables["bands"] = Table(tables["bands"].columns, [row for row in tables["bands"].rows if row[at] != "digits"])
    layers = {
        one.title: len(one.chart["layer"])
        for one in paper.FIGURES["figure2"](tables, Look(bundle.experiments, bundle.sizes))
    }
    assert layers["Supervised, classification"] == 1 and layers["Supervised, regression: california, global"] == 3


def test_squared_errors_of_two_data_sets_have_no_axis_in_common_and_shares_have(bundle):
    for name, table in (("figure2", "points"), ("figure9", "gaps")):
        titles = [one.title for one in paper.panels_of(bundle.figure(name), Look(bundle.experiments, bundle.sizes))[0]]
        assert titles[:3] == ["Supervised, classification", "Supervised, regression: a third experiment whose name is long, global",
                              "Supervised, regression: california, global"], table  # fmt: skip
    rows = [{"experiment": name, "unit": "a, global"} for name in ("a (learner.rate 0.1)", "a (learner.rate 1)")]
    assert panel.on_one_scale(rows) == [(["a (learner.rate 0.1)", "a (learner.rate 1)"], "")], (
        "of one data set and scale: one axis"
    )
    rows = [{"experiment": name, "unit": name} for name in ("a, global", "a, per-feature")]
    assert [names for names, _ in panel.on_one_scale(rows)] == [["a, global"], ["a, per-feature"]]


def networks(*shapes):
    """A table of figure 10 for one experiment: a row a network of (hidden, depth, capacity)."""
    columns = [
        "experiment",
        "panel",
        "kind",
        "nT",
        "hidden",
        "depth",
        "capacity",
        "capacity_unit",
        "mean",
        "low",
        "high",
        "n",
        "configurations",
    ]
    rows = [
        ["digits", "supervised", "classify", 20, *shape, "parameters", 0.5 + i, None, None, 3, 1]
        for i, shape in enumerate(shapes)
    ]
    return {"interference": Table(columns, rows)}


@pytest.mark.parametrize(
    ("shapes", "drawn"),
    [
        (
            [(4, 0, 10), (8, 0, 20), (4, 1, 30), (8, 1, 60)],
            [("digits: no extra layer", "hidden:Q"), ("digits: 1 extra layer", "hidden:Q")],
        ),
        ([(4, 0, 10), (8, 0, 20)], [("digits", "hidden:Q")]),
        ([(8, 0, 10), (8, 1, 20), (8, 3, 30)], [("digits", "depth:Q")]),
        ([(None, None, 10), (None, None, 40)], [("digits", "capacity:Q")]),
        ([(4, 0, 10), (8, 0, 20), (4, 2, 15)], [("digits: no extra layer", "hidden:Q")]),
        ([(8, 0, 10)], []),
        ([(None, None, 10)], []),
        ([(4, 0, 10), (8, 1, 40)], []),  # width and depth vary together: no line is of one of them
    ],
)
def test_interference_stands_over_width_for_each_depth_and_the_two_are_never_mixed(shapes, drawn):
    made = paper.FIGURES["figure10"](networks(*shapes), Look(("digits",), (20,)))
    axes = [{f"{part['encoding']['x']['field']}:Q" for part in one.chart["layer"]} for one in made]
    assert [(one.title, *axis) for one, axis in zip(made, axes, strict=True)] == drawn


def test_panels_that_a_reader_sets_apart_are_named_whole_and_stand_in_the_papers_order():
    pairs = [("value-based, learner.rate 0.1", "windowed"), ("supervised, learner.optimizer sgd", "regress"),
             ("supervised, learner.optimizer adam", "regress"), ("of another kind", "x"), ("supervised", "classify")]  # fmt: skip
    assert [panel.title_of(*pair) for pair in panel.in_order(pairs)] == [
        "Supervised, classification", "Supervised, regression, learner.optimizer adam",
        "Supervised, regression, learner.optimizer sgd", "Value-based, learner.rate 0.1", "of another kind"]  # fmt: skip


def test_an_experiment_in_two_panels_is_two_curves_that_are_not_mixed(bundle):
    table = bundle.figure("figureD2").tables["curves"]
    rows = [row for row in table.rows if row[0] == "digits"]
    both = [[row[0], f"supervised, learner.optimizer {name}", *row[2:]] for name in ("adam", "sgd") for row in rows]
    made = figureD2.panels({"curves": Table(table.columns, both)}, Look(("digits",), bundle.sizes))
    assert [one.title for one in made] == ["digits (learner.optimizer adam)", "digits (learner.optimizer sgd)"]
    series = {"experiment": "digits (learner.optimizer adam)", "panel": "supervised, learner.optimizer adam"}
    assert [title for _, title, _ in panel.experiments_of([series])] == ["digits (learner.optimizer adam)"], "said once"
    filters = [part["filter"] for part in made[0].chart["layer"][0]["transform"] if "filter" in part]
    assert any("upervised, learner.optimizer adam" in one for one in filters) and not any(
        "sgd" in one for one in filters
    )


def test_an_experiment_measured_once_has_no_panel_of_interference_over_training(bundle):
    table = bundle.figure("figureD2").tables["curves"]
    at, step = table.columns.index("experiment"), table.columns.index("step")
    once = next(row[step] for row in table.rows if row[at] == "digits")
    rows = [row for row in table.rows if row[at] != "digits" or row[step] == once]
    look = Look(bundle.experiments, bundle.sizes, paper=True)
    titles = lambda rows: [one.title for one in figureD2.panels({"curves": Table(table.columns, rows)}, look)]  # noqa: E731
    assert "digits" in titles(table.rows)
    assert titles(rows) == [title for title in titles(table.rows) if title != "digits"]


def test_the_key_of_figure_1_names_the_experiments_that_have_an_r_and_no_others(bundle):
    table = bundle.figure("figure1").tables["correlations"]
    at, r = table.columns.index("experiment"), table.columns.index("r")
    rows = [row if row[at] != "digits" else (*row[:r], None, *row[r + 1 :]) for row in table.rows]
    look = Look(bundle.experiments, bundle.sizes, paper=True)
    for kept, named in ((table.rows, True), (rows, False)):
        tables = {"correlations": Table(table.columns, kept)}
        svg = paper.svg_of(figure1.panels(tables, look), tables, 6.5, 9)
        assert (">digits<" in svg) == named

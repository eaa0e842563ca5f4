"""What a report says of its numbers: never more than the interval, never another picture's words, nothing twice."""

import json
import re

import pytest
import synthetic_bundle

from crosstalk.charts import theme
from crosstalk.report import __main__ as command
from crosstalk.report import correlations, headline, library, markup, overview
from crosstalk.report.bundle import Figure, Table, from_json


def line(**changes):
    """A row of figure 2's lines."""
    found = {"experiment": "digits", "panel": "supervised", "kind": "classify", "n": 24, "configurations": 12, "pooled": "",
             "cell_varies": "the seed alone", "learned": 24, "not_learned": 0, "unknown_learned": 0}  # fmt: skip
    for prefix in ("", "partial_", "cell_", "examples_"):
        found |= {
            prefix + "r": 0.5,
            prefix + "low": 0.2,
            prefix + "high": 0.7,
            prefix + "undefined": None,
            prefix + "no_interval": None,
        }
    return found | changes


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (0.35, 0.9, "More interference goes with a larger gap."),
        (0.01, 0.9, "More interference goes with a larger gap."),
        (-0.9, -0.01, "More interference goes with a smaller gap."),
        (0.05, 0.25, "More interference goes with a larger gap, weakly (below 0.3)."),
        (-0.25, -0.05, "More interference goes with a smaller gap, weakly (below 0.3)."),
        (-0.1, 0.9, "The interval leaves the direction open."),
        (-0.2, 0.25, "The interval leaves the direction open; a relation, if there is one, is weak (below 0.3)."),
        (0.0, 0.5, "The interval leaves the direction open."),
        (None, None, ""),
    ],
)
def test_a_sentence_says_no_more_than_its_interval(low, high, said):
    assert headline.meaning(low, high) == said


NOTHING = "learned nothing to speak of: the training error is not a tenth below that of "
NO_CONCLUSION = ("No conclusion is drawn: a third or more did not learn, and the gap of a run that has learned nothing says nothing "
                 "of generalisation.")  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "said", "concluded"),
    [
        ({}, "24 runs learned: the training error is more than a tenth below that of the constant predictor.", True),
        ({"learned": 19, "not_learned": 5}, "5 of 24 runs " + NOTHING + "the constant predictor.", True),
        ({"learned": 16, "not_learned": 8}, "8 of 24 runs " + NOTHING + "the constant predictor. " + NO_CONCLUSION, False),
        ({"learned": 17, "not_learned": 7}, "7 of 24 runs " + NOTHING + "the constant predictor.", True),
        ({"learned": 0, "unknown_learned": 24},
         "Whether the runs learned anything is not known: they did not measure the error of the constant predictor.", True),
        ({"learned": 20, "not_learned": 1, "unknown_learned": 3},
         "1 of 24 runs " + NOTHING + "the constant predictor. Of 3 runs it is not known.", True),
        ({"learned": 2, "not_learned": 1, "unknown_learned": 21},
         "1 of 24 runs " + NOTHING + "the constant predictor. Of 21 runs it is not known. " + NO_CONCLUSION, False),
        ({"learned": 23.0, "not_learned": 1.0}, "1 of 24 runs " + NOTHING + "the constant predictor.", True),
        ({"kind": "windowed", "learned": 1, "not_learned": 0},
         "1 run learned: the training error is more than a tenth below that of the policy that never looks.", True),
        ({"kind": "windowed", "learned": 0, "unknown_learned": 2},
         "Whether the runs learned anything is not known: they did not measure the error of the policy that never looks.", True),
    ],
)  # fmt: skip
def test_a_card_says_first_how_many_runs_learned_and_concludes_nothing_where_a_third_did_not(changes, said, concluded):
    row = line(**changes)
    card = headline.card(row, 0)
    assert headline.learned(row) == said and said in card.replace("&#x27;", "'")
    assert card.index(said) < card.index("<strong>0.50</strong>"), "before r"
    assert ("goes with" in card) == concluded and ("learned notice" in card) != concluded


@pytest.mark.parametrize(
    ("changes", "there", "missing"),
    [
        ({}, "90% interval 0.20 to 0.70, over all runs", "pooled"),
        ({"pooled": "learner.rate"}, ", pooled over learner.rate", "no r"),
        ({"low": None, "high": None, "no_interval": "fewer than 4 configurations"}, "no interval: fewer than 4 configurations", "over all runs"),
        ({"r": None, "low": None, "high": None, "undefined": "the gap does not vary"}, "no r: the gap does not vary", "over all runs"),
        ({"partial_r": None, "partial_low": None, "partial_high": None, "partial_undefined": "one number of examples"},
         "(each on its own level): <span class=\"figures\">no r: one number of examples</span>.", "nothing"),
        ({"partial_low": None, "partial_high": None, "partial_no_interval": "fewer than 4 configurations"},
         "(each on its own level): <span class=\"figures\">r = 0.50, no interval: fewer than 4 configurations</span>.</p>", "nothing"),
        ({"cell_low": -0.6, "cell_high": -0.1, "cell_r": -0.4, "cell_varies": "the seed and learner.rate"},
         "width and depth (what differs there: the seed and learner.rate): <span class=\"figures\">r = −0.40, 90% interval −0.60 to "
         "−0.10</span>. More interference goes with a smaller gap.", "alone"),
    ],
)  # fmt: skip
def test_a_card_has_r_over_all_given_the_examples_and_within_cells(changes, there, missing):
    card = headline.card(line(**changes), 0)
    assert there in card and missing not in card
    parts = [
        card.index(part)
        for part in ("r-is", headline.ON_ITS_OWN_LEVEL, "Within cells of equal number of examples, width and depth")
    ]
    assert parts == sorted(parts)


def test_the_words_of_a_card_name_the_quantity_of_its_reading():
    bundle = from_json(synthetic_bundle.build(grams=False))
    page = headline.render(bundle)
    for reading in theme.READINGS:
        begin = page.index(f'data-readings="{reading.name}"')
        part = page[begin : page.find("data-readings", begin + 10)]
        assert f"a run’s point is its {theme.MEASUREMENTS[reading.measurement]}." in part
        other = {"train-train": "function interference", "train-test": "train–test interference", "stiffness": "the mean stiffness",
                 "function-stiffness": "the mean function stiffness"}  # fmt: skip
        assert [name for name, words in other.items() if words in part] == [reading.interference]
    assert page.count(" hidden>") == len(theme.READINGS) - 1, "without scripts the main reading's are seen"


def test_a_figure_has_no_words_of_another_picture():
    whole = {"t": Table(["variant"], [])}
    by_measurement, by_pairs, same = ({"t": Table([name], [])} for name in ("measurement", "interference", "step"))
    read = lambda name: theme.Reading(*name.split("/"))  # noqa: E731

    def said(tables, alternatives, name):
        return Figure("f", "t", "", "main", alternatives, tables).said(read(name))

    assert said(whole, {}, "quarter/train-train") == "main" and said(whole, {}, "last/train-train") == ""
    assert (
        said(whole, {"last/stiffness": "x"}, "last/stiffness") == "x"
        and said(whole, {"last/stiffness": "x"}, "last/train-test") == ""
    )
    assert said(whole, {"last": "x"}, "last/train-train") == "x" and said(whole, {"last": "x"}, "last/stiffness") == ""
    assert (
        said(by_measurement, {"early": "x"}, "early/stiffness") == "x"
        and said(by_measurement, {}, "quarter/stiffness") == "main"
    )
    assert (
        said(by_pairs, {"quarter/train-test": "x"}, "early/train-test") == "x"
        and said(by_pairs, {}, "early/train-train") == "main"
    )
    assert all(said(same, {}, reading.name) == "main" for reading in theme.READINGS)


def test_the_tables_speak_of_the_runs_of_this_grid_and_say_once_that_intervals_are_pointwise(tmp_path):
    (tmp_path / "b.json").write_text(json.dumps(synthetic_bundle.build(grams=False)))
    assert command.main(["--bundle", str(tmp_path / "b.json"), "--out", str(tmp_path), "--formats", "html"]) == 0
    page = (tmp_path / "report.html").read_text()
    assert page.count("no sample of all networks") == 1 and page.count("pointwise") == 1
    section = page[page.index('id="correlations"') : page.index('id="claims"')]
    assert "given size" not in section.lower() and "equal size" not in section.lower()
    for head in (
        "r given nT",
        "r within cells",
        "differs within a cell",
        "the paper’s, over runs",
        "r given the network",
    ):
        assert f">{head}</th>" in section, head
    assert "90%, configurations" not in section


def test_notes_that_several_figures_share_stand_once_and_say_of_which(tmp_path):
    bundle = synthetic_bundle.build(grams=False)
    for figure in bundle["figures"][:2]:
        figure["notes"].append("Of two with `a.key`.")
    (tmp_path / "b.json").write_text(json.dumps(bundle))
    assert command.main(["--bundle", str(tmp_path / "b.json"), "--out", str(tmp_path), "--formats", "html"]) == 0
    page = (tmp_path / "report.html").read_text()
    assert page.count("digits: 1 run diverged, 1 failed.") == 1 and page.count("A note of figure2 alone.") == 1
    assert "<strong>All figures: </strong>digits: 1 run" in page
    assert "<strong>Figure 1 and Figure 2: </strong>Of two with <code>a.key</code>." in page
    for title, words in (("series by", "learner.optimizer"), ("pooled over", "learner.rate")):
        assert f"<dt>{title}</dt><dd><code>{words}</code></dd>" in page
    assert "only runs with" not in page


def test_backticks_are_code_and_all_else_is_text():
    assert (
        markup.with_code("a `b<i>` & `c`, ` `` d")
        == "a <code>b&lt;i&gt;</code> &amp; <code>c</code>, <code> </code>` d"
    )
    assert markup.with_code("`one\nmore`") == "`one\nmore`"


def test_runs_that_did_not_measure_the_constant_are_not_called_learned():
    rows = [line(learned=0, unknown_learned=24), line(learned=20, not_learned=3, unknown_learned=1), line()]
    assert [correlations._not_learned(row) for row in rows] == ["not known", "3 (1 not known)", "0"]


def test_the_chart_library_is_made_once_and_made_anew_where_its_copy_is_damaged(cache, monkeypatch):
    made = []
    monkeypatch.setattr(
        library.vl_convert, "javascript_bundle", lambda vl_version: made.append(vl_version) or "let größe;"
    )
    assert [library.text(), library.text()] == ["let größe;"] * 2 and len(made) == 1
    (kept,) = (cache / "report").iterdir()
    kept.write_bytes(kept.read_bytes()[:-3])
    assert library.text() == "let größe;" and len(made) == 2
    monkeypatch.setenv("CROSSTALK_CACHE", str(kept))  # a file: there is no cache
    assert library.text() == "let größe;" and len(made) == 3


def test_what_must_be_read_before_any_number_stands_before_the_cards():
    raw = synthetic_bundle.build(grams=False)
    raw["cautions"] = ["a pools squared errors in several units."]
    page = headline.render(from_json(raw))
    assert page.index(raw["cautions"][0]) < page.index('class="cards"')


@pytest.mark.parametrize(
    ("policy", "said"),
    [
        ({"kind": "random"}, "random actions"),
        ({"kind": "expert", "epsilon": 0.01, "algorithm": "rainbow", "run": "ab12"},
         "an expert, epsilon 0.01, learned by rainbow (run ab12)"),
        ({"kind": "imported", "from": "atari/pong/expert-v0"}, "unknown; imported from atari/pong/expert-v0"),
        (None, "unknown"),  # of results that an older version began
    ],
)  # fmt: skip
def test_the_stored_trajectories_that_runs_learn_from_stand_in_a_table_with_who_played_them(policy, said):
    held = {"environment": "minatar:breakout", "steps": 49_987, "episodes": 5_012, "policy": policy}
    bundle = synthetic_bundle.build() | {
        "data": [{"dataset": "sets/breakout", "sha256": "0123456789abcdef" * 4, "trajectories": held}] * 2
    }
    page = overview.render(from_json(bundle))
    cells = re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", page.split("Stored trajectories")[-1])
    digest = f'<code title="{"0123456789abcdef" * 4}">0123456789abcdef…</code>'
    assert cells[6:] == ["sets/breakout", "minatar:breakout", "49,987", "5,012", said, digest]
    assert "training rows" not in page

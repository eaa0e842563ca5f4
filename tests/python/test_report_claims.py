"""What the section on claims says above and in its table."""

from types import SimpleNamespace

from crosstalk.report import claims
from crosstalk.report.bundle import Claims
from synthetic_bundle import claims as some_claims


def page_of(rows=None, where=()):
    return claims.render(SimpleNamespace(claims=Claims(rows or some_claims()["rows"]), where=list(where)))


def test_a_report_that_keeps_some_runs_says_that_all_judge():
    assert (
        "The figures keep only runs with learner.rate 0.01; the claims are judged by all runs, as they were announced."
        in page_of(where=["learner.rate 0.01"])
    )
    assert "judged by all runs" not in page_of()


def row_of(name):
    return next(row for row in some_claims()["rows"] if row["name"] == name)


def test_a_claim_without_an_interval_counts_as_not_tested():
    lacking = [{**row_of("open"), "groups": row_of("open")["groups"][:1]}]
    assert claims.outcome(lacking + [row_of("positive")], "2 sentences") == (
        "Of 2 sentences, 1 was tested: 1 supported, 0 contradicted, 0 undecided; "
        "of 1 more there are runs, but too few for an interval."
    )


def test_fewer_than_one_false_verdict_is_no_decimal_and_contradictions_err_more_often():
    few, many = claims.false_verdicts([row_of("positive")] * 5), claims.false_verdicts([row_of("positive")] * 30)
    assert "fewer than one false verdict is to be expected" in few and "up to 1.5 false verdicts are" in many
    assert "about one of twenty cases (a contradiction by several groups: one of ten)" in few


def test_a_group_names_the_level_of_the_interval_that_judges():
    group = {**row_of("over-all")["groups"][0], "level": 1 - 0.1 / 4}
    assert "(97.5% interval 0.20 to 0.60, n = 48)" in page_of([{**row_of("over-all"), "groups": [group, group]}])


def test_an_r_within_that_does_not_exist_says_why():
    lacking = {"label": "digits, 20 examples", "r": None, "low": None, "high": None, "n": 2, "undefined": "fewer than 3 points",
               "no_interval": "fewer than 3 points"}  # fmt: skip
    page = page_of([{**row_of("over-all"), "within": [lacking, *row_of("over-all")["within"]]}])
    assert "digits, 20 examples: no r (fewer than 3 points, n = 2)" in page
    assert "digits, 500 examples: r = 0.70 (no interval: fewer than 4 configurations, n = 12)" in page

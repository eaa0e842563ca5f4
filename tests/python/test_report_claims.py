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

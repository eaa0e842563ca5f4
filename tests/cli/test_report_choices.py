"""What a report makes of swept keys, of units and of networks that learned nothing, from the command line to its tables."""

import csv

import pytest
from command import STUDY, Command

OPTIMIZERS = ("--set", 'learner.optimizer=["adam","sgd"]', "--set", "network.hidden=[4,6,8,10]", "--set", "learner.updates=60")


@pytest.fixture(scope="module")
def swept(tmp_path_factory, cache):
    """Two optimisers and four widths, of networks that learn nothing under the protocol's scale of inputs."""
    folder = tmp_path_factory.mktemp("swept")
    (folder / "small.toml").write_text("seeds = 2\n" + STUDY.format(updates=60))
    command = Command(folder, cache)
    command.said = command("run", "small.toml", "--out", "results", "--jobs", "1", *OPTIMIZERS)
    return command


def lines(command, *arguments):
    """Rows of the table behind the cards, at the main reading."""
    command("report", "results", "--out", "out", "--format", "html,csv", *arguments)
    with open(command.folder / "out" / "figures" / "figure2-lines.csv", newline="") as file:
        return [row for row in csv.DictReader(file) if row["variant"] == "quarter/train-train"]


def test_run_ends_with_how_many_runs_learned_nothing(swept):
    assert ("small (learner.optimizer sgd): 8 of 8 runs learned nothing to speak of: the training error is not a tenth below that of "
            "the mean of the targets.") in swept.said  # fmt: skip
    again = swept("run", "small.toml", "--out", "results", *OPTIMIZERS)
    assert "learned nothing to speak of" in again


def test_runs_of_two_optimisers_are_two_series_unless_all_are_asked_for_together(swept):
    assert {row["experiment"]: row["n"] for row in lines(swept)} == {
        "small (learner.optimizer adam)": "8",
        "small (learner.optimizer sgd)": "8",
    }
    (pooled,) = lines(swept, "--by", "none")
    assert pooled["experiment"] == "small" and pooled["n"] == "16" and pooled["pooled"] == "learner.optimizer"
    assert "pooled over learner.optimizer" in (swept.folder / "out" / "report.html").read_text()
    assert len(lines(swept, "--by", "network.hidden")) == 4
    (sgd,) = lines(swept, "--by", "none", "--where", "learner.optimizer=sgd")
    assert sgd["n"] == "8" and sgd["not_learned"] == "8"
    assert len(lines(swept, "--where", "learner.updates=6e1")) == 2, "as a number"
    panels = lines(swept, "--by", "none", "--panel", "learner.optimizer")
    assert {row["panel"] for row in panels} == {"supervised, learner.optimizer adam", "supervised, learner.optimizer sgd"}


def test_a_choice_of_what_is_not_there_is_refused_with_what_is(swept):
    def refused(*arguments):
        return swept("report", "results", "--out", "x", *arguments, status=2)

    assert "learner.nothing" in refused("--by", "learner.nothing")
    assert "did you mean learner.optimizer" in refused("--by", "learner.optimiser")
    assert "divides none" in refused("--by", "learner.rate")
    assert "no key" in refused("--by", ",")
    assert "there are adam and sgd" in refused("--where", "learner.optimizer=rmsprop")
    assert "KEY=VALUE" in refused("--where", "learner.optimizer")
    assert "task.nowhere" in refused("--panel", "task.nowhere")


def test_the_page_says_that_nothing_was_learned_before_any_r(swept):
    lines(swept)
    page = (swept.folder / "out" / "report.html").read_text()
    page = page[page.index('id="results"') :]
    assert page.index("learned nothing to speak of") < page.index("No conclusion is drawn") < page.index('class="r-is"')


def test_targets_of_two_scales_are_compared_in_units_that_both_have(crosstalk, study):
    for name in ("global", "per-feature"):
        crosstalk("run", study(60), "--out", name, "--jobs", "1", "--set", f"task.normalise={name}")
    crosstalk("report", "global", "per-feature", "--out", "both", "--format", "html,csv")
    with open(crosstalk.folder / "both" / "figures" / "comparison-differences.csv", newline="") as file:
        rows = {row["measure"]: row for row in csv.DictReader(file)}
    assert rows["test_error"]["unit"] == "squared error over the targets' variance"
    assert float(rows["test_error"]["difference"]) < 0, "standardised inputs are the better ones"
    assert "log_interference" not in rows and "function_stiffness" in rows
    page = (crosstalk.folder / "both" / "report.html").read_text()
    assert "are in the units of their targets, which differ" in page

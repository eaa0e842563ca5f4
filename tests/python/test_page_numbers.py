"""Every number of a report is there a second time: computed from the rows of the results alone, by tests/python/recompute, with NumPy, pandas
and SciPy. The study is small; its networks are a classifier of images, one of a table, regressions of two learning rates, an agent that
learns nothing in so few steps, and regressions of which half diverge."""

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from recompute import check, page
from recompute.whole import Second

CROSSTALK = Path(sys.executable).with_name("crosstalk")
STUDY = {
    "digits": """
        task = { dataset = "digits" }
        learner.updates = 50
        probe = { every = 5, samples = 20 }
        sweep = { "network.hidden" = [2, 3, 4, 6], "network.depth" = [0], "task.examples" = [50, 150] }""",
    "spots": """
        task = { dataset = "spots.csv", kind = "classify", target = "class" }
        learner = { updates = 60, rate = 1e-2 }
        probe = { every = 6, samples = 30 }
        sweep = { "network.hidden" = [2, 4, 8, 16], "network.depth" = [1], "task.examples" = [40, 160, "all"] }""",
    "houses": """
        task = { dataset = "california", normalise = "per-feature" }
        learner.updates = 120
        probe = { every = 12, samples = 40 }
        sweep = { "network.hidden" = [4, 8, 16, 32], "network.depth" = [1], "learner.rate" = [5e-3, 1e-3], "task.examples" = [100, 1000] }""",
    "agents": """
        task = { dataset = "digits", kind = "windowed" }
        learner = { algorithm = "double-dqn", steps = 160, start = 40, batch = 8 }
        probe = { every = 40, samples = 16, episodes = 12 }
        sweep = { "network.hidden" = [2, 3, 4, 5], "network.depth" = [0], "task.examples" = [20, 50] }""",
    "wild": """
        task = { dataset = "california" }
        learner = { updates = 40, optimizer = "sgd" }
        probe = { every = 20, samples = 10 }
        sweep = { "network.hidden" = [4, 8], "learner.rate" = [1e-3, 1e6], "task.examples" = [100] }""",
}


def crosstalk(*arguments, folder):
    return subprocess.run([CROSSTALK, *arguments], cwd=folder, capture_output=True, text=True, timeout=300, check=False)


def write_study(folder):
    random = np.random.default_rng(7)
    classes = random.integers(3, size=400)
    places = random.normal(size=(400, 4)) + np.eye(3, 4)[classes] * 2
    rows = "\n".join(
        ",".join(f"{value:.4f}" for value in row) + f",{'abc'[of]}" for row, of in zip(places, classes, strict=True)
    )
    (folder / "spots.csv").write_text("p,q,r,s,class\n" + rows + "\n")
    for name, text in STUDY.items():
        (folder / f"{name}.toml").write_text(
            f'title = "{name}"\nseeds = 2\n' + "\n".join(line.strip() for line in text.splitlines())
        )
    (folder / "pages.toml").write_text(
        'title = "Pages"\ninclude = [' + ", ".join(f'"{name}.toml"' for name in STUDY) + "]\n"
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    if not CROSSTALK.exists():
        pytest.skip("the command line is not installed beside this Python")
    folder = tmp_path_factory.mktemp("pages")
    write_study(folder)
    done = crosstalk("run", "pages.toml", "--out", "out", "--jobs", "2", folder=folder)
    assert "4 diverged" in done.stdout + done.stderr, done.stderr
    return folder


def second(folder, *options, by=None):
    made = crosstalk("report", "out", "--out", "report", "--format", "html,csv", *options, folder=folder)
    assert made.returncode == 0, made.stderr
    return Second(folder / "out", folder / "report", CROSSTALK, by)


@pytest.fixture(scope="module")
def report(folder):
    return second(folder)


def test_every_cell_of_every_table_is_that_of_a_second_computation(report):
    assert report.of_tables() == []
    assert len(report.made) == 14 and report.cells > 30_000


def test_every_number_of_the_pages_text_is_that_of_a_second_computation_in_every_reading(report):
    looked = report.of_page()
    assert looked.faults == []
    assert looked.seen > 5_000


def test_the_groups_of_claims_with_simple_rules_are_those_of_a_second_computation(report):
    faults, claims = report.of_claims()
    assert faults == []
    assert len(claims) >= 4


def test_where_series_are_pooled_the_page_says_over_what_and_its_numbers_are_those_of_all_runs(folder):
    pooled = second(folder, "--by", "none", by=[])
    assert pooled.of_tables() == [] and pooled.of_page().faults == []
    assert "pooled over learner.rate" in pooled.text and "the seed and learner.rate" in pooled.text


def test_a_cell_that_is_off_by_a_thousandth_is_found_in_every_column_of_every_table(report):
    drawn = {
        "runs_low",
        "runs_high",
        "examples_runs_low",
        "examples_runs_high",
    }  # at random: so little is within what is left open
    missed = []
    for stem, rows in report.made.items():
        file = [dict(row) for row in report.files[stem]]
        columns = {}
        for row in file:  # of each column one number is changed
            for name in (
                row.keys()
                - drawn
                - set(check.KEYS)
                - columns.keys()
                - {"x", "runs_coverage", "configurations_coverage"}
            ):
                try:
                    columns[name] = row[name] = repr(float(row[name]) * 1.001 + 1e-9)
                except ValueError:
                    continue
        faults = check.differences(stem, rows, file)
        missed += [
            f"{stem}: {name}"
            for name, value in columns.items()
            if not any(f"{name} is {value!r}" in fault for fault in faults)
        ]
        assert columns
    assert missed == []


def test_an_interval_over_runs_that_is_off_by_more_than_resampling_leaves_open_is_found(report):
    rows = [dict(row) for row in report.files["figure9"]]
    for row in rows:
        if row["runs_low"]:
            row["runs_low"] = repr(float(row["runs_low"]) - 0.5 * (float(row["runs_high"]) - float(row["runs_low"])))
    faults = check.differences("figure9", report.made["figure9"], rows)
    assert len(faults) == sum(bool(row["runs_low"]) for row in rows) > 10


def numbers_of_results(tree):
    """(block, its text nodes' place) of each piece of text with a number that is no rule's, no name of a figure's and no quotation."""
    for block in page.blocks(tree.one("main")):
        inside = {one.attributes.get("id") for one in block.above} & {"study", "cite", "claims"}
        for holder in () if inside else (block, *block.all()):
            for at, text in enumerate(holder.children):
                if isinstance(text, str) and re.search(r"\d", page.FIXED.sub("", text)):
                    yield holder, at


def with_another_digit(text):
    """The same with the last digit of its last number changed by three."""
    at = [one.end() - 1 for one in re.finditer(page.NUMBER, text)
          if not any(rule.start() <= one.start() < rule.end() for rule in page.FIXED.finditer(text)) and text[one.end() - 1].isdigit()]  # fmt: skip
    return text[: at[-1]] + str((int(text[at[-1]]) + 3) % 10) + text[at[-1] + 1 :]


def test_a_number_that_the_rows_do_not_carry_is_found_wherever_it_stands(report):
    tree = page.parse(report.text)
    places = list(numbers_of_results(tree))
    for holder, at in places:
        holder.children[at] = with_another_digit(holder.children[at])
    changed = {re.sub(r"\s+", " ", holder.children[at]).strip() for holder, at in places}
    faults = "\n".join(report.of_page(tree).faults)
    assert len(changed) > 500
    assert [text for text in changed if repr(text)[1:-1] not in faults] == []


def test_a_sentence_with_a_number_that_nobody_knows_is_found(report):
    tree = page.parse(report.text)
    for name in ("results", "figures", "correlations", "what", "runs", "failed"):
        said = page.Element("p", {}, section := tree.one("section", id=name))
        said.children.append(f"In 42 of these it is so, says {name}.")
        section.children.append(said)
    faults = "\n".join(report.of_page(tree).faults)
    assert [
        name
        for name in ("results", "figures", "correlations", "what", "runs", "failed")
        if f"says {name}" not in faults
    ] == []

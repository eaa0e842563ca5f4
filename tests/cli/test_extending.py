"""What docs/extending.md shows works, and costs what it says: scripts/extension-cost follows the page in a copy of the tree, builds
it and uses it. It compiles what the page touches; the rest it takes from this tree's build."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "extending.md"
COSTS = {"environment": ("2", "1"), "learner": ("1", "1"), "measure": ("1", "1"), "key": ("0", "2"), "data set": ("1", "1"),
         "figure": ("2", "1")}  # fmt: skip


def extension_cost(*words):
    command = [sys.executable, ROOT / "scripts" / "extension-cost", *words]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=3000)
    print(done.stdout, done.stderr)
    return done.returncode, done.stdout, done.stderr


def table(out):
    lines = re.findall(r"^(\w+(?: set)?) +(\d+) +(\d+)(?:  (.*))?$", out, re.MULTILINE)
    return {name: (files, lines, works) for name, files, lines, works in lines}


@pytest.fixture
def page(tmp_path):
    """Writes the page with one piece of it changed."""

    def write(before, after):
        text = PAGE.read_text(encoding="utf-8")
        assert text.count(before) == 1
        (tmp_path / "page.md").write_text(text.replace(before, after), encoding="utf-8")
        return tmp_path / "page.md"

    return write


def test_every_extension_of_the_page_works_and_costs_what_it_says():
    code, out, err = extension_cost()
    assert table(out) == {name: (*cost, "yes") for name, cost in COSTS.items()}, out + err
    assert code == 0


def test_a_line_more_is_a_cost_more(page):
    line = 'EXACT_ENVIRONMENT(cliff, "cliff", "control evaluate")\n'
    code, out, _ = extension_cost("--count", "--page", page(line, line + "// of 4 x 12 cells\n"))
    assert (code, table(out)["environment"][:2]) == (1, ("2", "2"))
    assert "costs 2 files and 2 lines where 2 and 1 are expected" in out


def test_an_extension_that_the_page_does_not_show_is_missed(page):
    code, out, _ = extension_cost("--count", "--page", page("## A learner: pessimistic", "## Of a pessimistic learner:"))
    assert code == 1
    assert "the page has none" in out


def test_a_block_that_no_sentence_places_is_named_by_its_line(page):
    code, _, err = extension_cost(
        "--count", "--page", page("It is a new file, `src/engine/env/cliff.hpp`:", "It is this:")
    )
    line = PAGE.read_text(encoding="utf-8").splitlines().index("#pragma once")
    assert code == 1
    assert f"line {line}: the sentence above this block does not say where it goes" in err

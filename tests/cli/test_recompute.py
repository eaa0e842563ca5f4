"""docs/recompute.md: its studies are run, its commands typed and its program run, from what was exported alone."""

import csv
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from test_documentation import COMMAND, blocks

PAGE = "docs/recompute.md"
KINDS = ("classify", "regress", "windowed", "control")


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    """A folder in which the page's commands were typed."""
    desk = tmp_path_factory.mktemp("recompute")
    path = f"{COMMAND.parent}{os.pathsep}{os.environ['PATH']}"
    for study in blocks(PAGE, "toml"):
        (desk / re.match(r"# (\S+\.toml)", study).group(1)).write_text(study)
    for block in blocks(PAGE, "sh"):
        done = subprocess.run(
            ["bash", "-ec", block],
            cwd=desk,
            env={**os.environ, "PATH": path},
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert done.returncode == 0, done.stdout + done.stderr
    (desk / "recompute.py").write_text("\n\n".join(blocks(PAGE, "python")))
    return desk


def recomputed(folder):
    """Without Crosstalk: its modules cannot be imported."""
    program = "import sys; sys.modules['crosstalk'] = None; exec(open('recompute.py').read())"
    return subprocess.run(
        [sys.executable, "-c", program],
        cwd=folder,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=300,
    )


def test_the_pages_numbers_agree_with_the_stored_rows_of_every_kind_of_run(exported):
    done = recomputed(exported)
    assert done.returncode == 0, done.stdout + done.stderr
    lines = [line.split() for line in done.stdout.splitlines() if " stored " in line]
    compared = {kind: {(line[2], line[3]) for line in lines if line[0] == kind} for kind in KINDS}
    assert {"loss", "accuracy", "function_interference", "function_stiffness", "loss_interference", "stiffness"} == {
        measure for measure, _ in compared["classify"]
    }
    assert {("loss", "test"), ("gap", "train-test"), ("function_interference", "train-train")} <= compared["regress"]
    assert {("loss", "train"), ("loss_interference", "train-test")} <= compared["windowed"]
    assert {("td_error", "seen"), ("loss", "seen"), ("function_interference", "seen-seen")} <= compared["control"]
    assert "of the interference is in the last layer" in done.stdout

    # And a stored number that is a little off does not.
    path = exported / "classify.csv"
    rows = list(csv.reader(path.read_text().splitlines()))
    for row in rows[1:]:
        if row[3:6] == ["0", "function_interference", "test-test"]:
            row[6] = repr(float(row[6]) * (1 + 1e-5))
    with open(path, "w", newline="") as file:
        csv.writer(file).writerows(rows)
    done = recomputed(exported)
    assert done.returncode != 0 and "classify: function_interference (test-test) at step 0" in done.stderr


def test_each_column_of_the_files_is_in_the_pages_table(exported):
    from safetensors import safe_open

    page = Path(__file__).resolve().parents[2].joinpath(PAGE).read_text()
    for path in exported.glob("*/*.safetensors"):
        with safe_open(path, "np") as file:
            for name in file.keys():
                column = name.split("/")[-1]
                assert "weight" in column or "bias" in column or f"/{column}`" in page, name

"""Files that earlier versions wrote (tests/compatibility) are read, gone on with, or refused by name; so are those of versions
that are still to come."""

import csv
import io
import json
import re
import shutil
import sqlite3
from pathlib import Path

import pytest

KEPT = Path(__file__).parents[1] / "compatibility"
STORES = sorted(file.parent for file in KEPT.glob("*/*/study.sqlite"))
INTERRUPTED = sorted(KEPT.glob("*/interrupted"))
SETS = sorted(file.parent for file in KEPT.glob("*/*/trajectories.json"))
FROM_SET = """
seeds = 1
[task]
environment = "gridworld"
trajectories = "set"
[network]
layers = ["linear 4", "tanh", "linear out"]
[learner]
updates = 20
batch = 8
target-every = 10
[probe]
every = 10
samples = 8
"""


def named(folder):
    return str(folder.relative_to(KEPT))


def schema_of(folder):
    with sqlite3.connect(folder / "study.sqlite") as store:
        return json.loads(store.execute("SELECT value FROM meta WHERE key = 'study'").fetchone()[0])["schema"]


@pytest.fixture
def copy(crosstalk):
    """A copy of a kept folder, which may be written to."""
    return lambda folder, name="a": shutil.copytree(folder, crosstalk.folder / name)


def rows(text):
    return [tuple(sorted(row.items())) for row in csv.DictReader(io.StringIO(text))]


@pytest.mark.parametrize("folder", STORES, ids=named)
def test_a_store_of_an_earlier_version_has_the_rows_that_were_stored(crosstalk, copy, folder):
    copy(folder)
    exported, wanted = rows(crosstalk.export("a")), rows((folder / "rows.csv").read_text())
    assert wanted and exported == wanted
    said = crosstalk("doctor", "a")
    assert re.search(r"\nformat +1 ", said) and re.search(r"\ncontents +(sound|cannot)", said), said
    assert "1 run" in crosstalk("status", "a")
    crosstalk("report", "a", "--format", "csv")


@pytest.mark.parametrize("folder", INTERRUPTED, ids=named)
def test_an_interrupted_run_of_an_earlier_version_goes_on_or_is_refused_by_its_schema(crosstalk, copy, folder):
    copy(folder)
    process = crosstalk.start("run", "a")
    out, err = process.communicate(timeout=120)
    if schema_of(folder) == schema_of(STORES[-1]):
        assert process.returncode == 0 and "from step" in out and "1 of 1 run is done" in out, out + err
        assert set(rows((folder / "rows.csv").read_text())) <= set(rows(crosstalk.export("a")))
    else:
        assert process.returncode == 5 and f"schema {schema_of(folder)}" in err and "--out" in err, out + err


@pytest.mark.parametrize("folder", SETS, ids=named)
def test_trajectories_of_an_earlier_version_are_learned_from(crosstalk, copy, folder):
    copy(folder, "set")
    assert "\nepisodes " in crosstalk("trajectories", "info", "set")
    (crosstalk.folder / "stored.toml").write_text(FROM_SET)
    assert "1 of 1 run is done" in crosstalk("run", "stored.toml", "--out", "a")


@pytest.mark.parametrize(
    ("version", "words"), [(2, "format 2, which a newer crosstalk made"), (0, "format 0; this one reads")]
)
def test_a_store_of_another_format_is_refused_with_what_to_do(crosstalk, copy, version, words):
    copy(STORES[-1])
    with sqlite3.connect(crosstalk.folder / "a/study.sqlite") as store:
        store.execute(f"PRAGMA user_version = {version}")
    before = (crosstalk.folder / "a/study.sqlite").read_bytes()
    for command in ("run", "status", "export", "report", "verify"):
        said = crosstalk(command, "a", status=5)
        assert "a/study.sqlite is a store of " + words in said and "another --out" in said, said
    assert f"format        {version} (this crosstalk: 1)" in crosstalk("doctor", "a", status=None)
    assert (crosstalk.folder / "a/study.sqlite").read_bytes() == before


def test_trajectories_of_another_format_are_refused_with_what_to_do(crosstalk, copy):
    about = copy(SETS[-1], "set") / "trajectories.json"
    (crosstalk.folder / "stored.toml").write_text(FROM_SET)
    for version, words in ((2, "is of format 2, which a newer crosstalk wrote"), (0, "is of format 0; this one reads")):
        about.write_text(json.dumps({**json.loads(about.read_text()), "format": version}))
        for arguments in (("trajectories", "info", "set"), ("run", "stored.toml", "--out", "a"), ("doctor", "set")):
            process = crosstalk.start(*arguments)
            out, err = process.communicate(timeout=120)
            assert process.returncode in (2, 3), out + err
            assert words in out + err and "make the set again with another --out" in out + err, out + err

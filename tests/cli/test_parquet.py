"""`export --format parquet`: the same table, each digit and each type."""

import pytest
from test_run import rows_of

STUDY = """
seeds = 2
[task]
dataset = "digits"
examples = 30
[network]
hidden = 2
depth = 0
[learner]
updates = 4
[probe]
every = 2
samples = 6
[sweep]
learner.rate = [0.001, 1]
learner.batch = [8, 16]
learner.optimizer = ["adam", "sgd"]
"""


@pytest.fixture
def swept(crosstalk):
    (crosstalk.folder / "=swept.toml").write_text(STUDY)  # a name that a CSV guards against spreadsheets
    crosstalk("run", "=swept.toml", "--out", "a")
    return crosstalk


def test_rows_and_arrays_read_back_with_each_digit_and_type(swept):
    parquet = pytest.importorskip("pyarrow.parquet")
    for arguments in ((), ("--arrays",)):
        printed = rows_of(swept("export", "a", *arguments))
        swept("export", "a", *arguments, "--format", "parquet", "--out", "a.parquet")
        table = parquet.read_table(swept.folder / "a.parquet")
        assert table.column_names == list(printed[0]) and table.num_rows == len(printed)
        types = dict(zip(table.column_names, map(str, table.schema.types)))
        assert types["value"] == types["learner.rate"] == "double" and types["learner.optimizer"] == "string"
        assert types["step"] == types["seed"] == types["learner.batch"] == "int64"
        for row, wanted in zip(table.to_pylist(), printed):
            assert row["experiment"] == "=swept" and wanted["experiment"] == "'=swept"
            assert row["value"].hex() == float(wanted["value"]).hex()
            for name in set(row) - {"value", "experiment", "learner.rate"}:
                assert str(row[name]) == wanted[name]
            assert row["learner.rate"] == float(wanted["learner.rate"])
    assert not list(swept.folder.glob("*.partial"))


def test_arrays_of_a_study_without_any_are_refused_and_nothing_is_written(finished, tmp_path):
    command, folder = finished
    said = command("export", folder, "--arrays", "--format", "parquet", "--out", tmp_path / "a.parquet", status=2)
    assert f"{folder} has no arrays" in said and not list(tmp_path.iterdir())


def test_without_pyarrow_one_line_says_what_to_install(swept, tmp_path):
    (tmp_path / "site").mkdir()
    (tmp_path / "site/sitecustomize.py").write_text("import sys\nsys.modules['pyarrow'] = None\n")
    swept.environment["PYTHONPATH"] = str(tmp_path / "site")
    said = swept("export", "a", "--format", "parquet", "--out", "b.parquet", status=4)
    assert "needs pyarrow, which is not installed: pip install pyarrow" in said
    assert not (swept.folder / "b.parquet").exists()


def test_a_file_is_asked_for_and_must_be_writable(swept):
    assert "--out FILE" in swept("export", "a", "--format", "parquet", status=2)
    pytest.importorskip("pyarrow")
    said = swept("export", "a", "--format", "parquet", "--out", "nowhere/a.parquet", status=4)
    assert "nowhere/a.parquet cannot be written" in said and "--out" in said

"""The fuzz targets in Python read their corpora: the seeds, and every input that was ever found at fault."""

import importlib
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
TARGETS = sorted(path.stem for path in (HERE / "python").glob("*.py") if "def read(data)" in path.read_text())


def test_every_reader_has_a_target():
    assert TARGETS == ["cifar", "png", "table"]


@pytest.mark.parametrize("target", TARGETS)
def test_each_input_is_read_or_refused(target, monkeypatch):
    monkeypatch.syspath_prepend(str(HERE / "python"))
    module = importlib.import_module(target)
    inputs = sorted((HERE / "corpus" / target).iterdir())
    assert len(inputs) >= 3
    for path in inputs:
        try:
            module.read(path.read_bytes())
        except Exception as error:
            error.add_note(f"the input is {path}")
            raise
    for name in (target, "reading"):
        sys.modules.pop(name, None)

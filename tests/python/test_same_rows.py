"""scripts/same-rows finds what differs between two builds' results, to the last bit, and nothing else."""

import importlib.machinery
import importlib.util
import math
import struct
import sys
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).resolve().parents[2] / "scripts"


@pytest.fixture(scope="module")
def same_rows():
    sys.path.insert(0, str(SCRIPTS))
    loader = importlib.machinery.SourceFileLoader("same_rows", str(SCRIPTS / "same-rows"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("same_rows", loader))
    loader.exec_module(module)
    sys.path.remove(str(SCRIPTS))
    return module


def run(rows, arrays=None, status="done", **configuration):
    return {
        "experiment": "digits",
        "seed": 0,
        "configuration": {"probe.measures": ["loss"], "learner.rate": 0.1, **configuration},
        "status": status,
        "machine": {},
        "rows": rows,
        "arrays": arrays or {},
    }


ROWS = {("loss", "train", 0): 1.0, ("loss", "test", 0): 0.0, ("loss.q05", "test", 0): 0.25}


def found(same_rows, before, now):
    comparison = same_rows.Comparison({"a": before}, {"a": now})
    return len(comparison.different), comparison.new


def test_equal_results_do_not_differ_and_every_value_is_counted(same_rows):
    nan = struct.pack("<d", math.nan)  # as the store has it
    rows = ROWS | {("loss", "train", 5): nan}
    arrays = {("spectrum", "train", 0): ["[2]", "[]", bytes(16)]}
    comparison = same_rows.Comparison({"a": run(rows, arrays)}, {"a": run(dict(rows), dict(arrays))})
    assert (comparison.compared, comparison.different, comparison.new) == (5, [], set())


@pytest.mark.parametrize("value", [math.nextafter(1.0, 2.0), struct.pack("<d", math.nan), 1])
def test_a_value_that_is_another_by_one_bit_differs(same_rows, value):
    assert found(same_rows, run(ROWS), run(ROWS | {("loss", "train", 0): value})) == (1, set())


def test_minus_zero_is_not_zero(same_rows):
    assert found(same_rows, run(ROWS), run(ROWS | {("loss", "test", 0): -0.0})) == (1, set())


def test_an_array_of_another_shape_or_byte_differs(same_rows):
    array = {("spectrum", "train", 0): ["[2]", "[]", bytes(16)]}
    for other in (["[1, 2]", "[]", bytes(16)], ["[2]", "[]", bytes(15) + b"\1"]):
        assert found(same_rows, run(ROWS, array), run(ROWS, {("spectrum", "train", 0): other})) == (1, set())


def test_a_row_that_is_gone_differs_and_so_does_one_more_of_a_measure_that_the_base_has(same_rows):
    less = dict(list(ROWS.items())[1:])
    assert found(same_rows, run(ROWS), run(less)) == (1, set())
    assert found(same_rows, run(less), run(ROWS)) == (1, set())


def test_a_new_measure_and_a_new_run_are_said_and_are_no_difference(same_rows):
    more = run(ROWS | {("return.q05", "train", 0): 3.0}, {("spectrum", "train", 0): ["[0]", "[]", b""]})
    comparison = same_rows.Comparison({"a": run(ROWS)}, {"a": more, "b": run(ROWS, **{"learner.rate": 0.2})})
    assert not comparison.different
    assert comparison.new == {"measure return", "array spectrum", "run b (digits)"}


def test_a_run_that_is_missing_or_ends_otherwise_differs(same_rows):
    assert same_rows.Comparison({"a": run(ROWS), "b": run(ROWS, seed=1)}, {"a": run(ROWS)}).different
    assert found(same_rows, run(ROWS), run(ROWS, status="diverged")) == (1, set())
    assert found(same_rows, run(ROWS, status="failed"), run(ROWS, status="failed")) == (1, set())


def test_a_run_of_another_name_is_met_by_its_configuration_and_only_more_measures_excuse_the_name(same_rows):
    named = same_rows.Comparison({"a": run(ROWS)}, {"b": run(ROWS)})
    assert len(named.different) == 1 and "another name" in named.different[0] and named.compared == 3
    grown = run(ROWS, **{"probe.measures": ["loss", "return"]})
    excused = same_rows.Comparison({"a": run(ROWS)}, {"b": grown})
    assert not excused.different and excused.new == {"names of runs, for the measures return"}


def test_a_key_with_another_value_differs_and_a_new_key_does_not(same_rows):
    assert found(same_rows, run(ROWS), run(ROWS, **{"learner.rate": 0.2})) == (1, set())
    assert found(same_rows, run(ROWS), run(ROWS, **{"learner.lambda": 0.2})) == (0, set())


def test_every_case_names_a_study_that_is_shipped_or_a_task(same_rows):
    for study, scale, settings in same_rows.CASES.values():
        shipped = isinstance(study, str) and (SCRIPTS.parent / "studies" / f"{study}.toml").exists()
        assert shipped or (scale is None and study["task.dataset"]), study
        assert all("." in key or key == "seeds" for key in settings)

"""Numbers that single precision cannot tell apart: kept in double, and where digits are lost all the same, said."""

import numpy as np
import pytest

from crosstalk.data.errors import DataError
from crosstalk.data.own import csv_table, npz
from crosstalk.data.sets import california, sarcos
from crosstalk.data.sets.known import ASSETS

SECONDS = [1_700_000_000 + row for row in range(400)]


def from_csv(folder, columns, **options):
    lines = [",".join(columns), *(",".join(map(str, row)) for row in zip(*columns.values()))]
    (folder / "mine.csv").write_text("\n".join(lines) + "\n")
    return csv_table.convert({"all": str(folder / "mine.csv")}, {"target": "y", "kind": "regress", **options})


def from_npz(folder, kind="regress", **arrays):
    np.savez(folder / "mine.npz", **arrays)
    return npz.convert({"all": str(folder / "mine.npz")}, {"kind": kind})


def all_of(read, what="x"):
    return np.concatenate([getattr(read, f"train_{what}"), getattr(read, f"test_{what}")])


def test_a_column_of_unix_seconds_keeps_its_seconds_to_the_converted_file(tmp_path, cache, ask, tensors):
    from_csv(tmp_path, {"time": SECONDS, "level": range(400), "y": [row / 8 for row in range(400)]})
    reply = ask("prepare", dataset="mine.csv", base=str(tmp_path), target="y", kind="regress")
    data = tensors(reply)
    assert data["train.x"].dtype == np.float64 and data["train.y"].dtype == np.float32
    assert sorted(np.concatenate([data["train.x"], data["test.x"]])[:, 0]) == SECONDS
    assert reply["notices"] == [
        'column time: single precision keeps 4 of 400 distinct values with task.normalise = "none", 5 with "global", '
        'and all with "per-feature".'
    ]


def test_a_file_stays_in_single_precision_where_that_holds_every_number(tmp_path):
    read = from_csv(tmp_path, {"a": [0.5, 3, -7.25, 16777216, 1], "y": [1, 2, 3, 4, 5]})
    assert read.train_x.dtype == np.float32 and read.notices == []
    assert from_csv(tmp_path, {"a": [0.1, 3, 4, 5, 6], "y": [1, 2, 3, 4, 5]}).train_x.dtype == np.float64
    assert from_npz(tmp_path, x=np.eye(4, dtype=np.int64) * 2**24, y=np.arange(4.0)).train_x.dtype == np.float32


def test_targets_far_from_zero_stay_distinct_and_what_raw_ones_lose_is_said(tmp_path):
    read = from_csv(tmp_path, {"a": range(400), "y": [2_000_000_000 + row % 100 for row in range(400)]})
    assert len(np.unique(all_of(read, "y"))) == 100
    assert read.notices == [
        'the target: single precision keeps 2 of 100 distinct values with task.normalise = "none", and all with '
        '"global" or "per-feature".'
    ]


@pytest.mark.parametrize("dtype", ["<i8", ">i8", "<u8", "<u4", "<f8", ">f8", "longdouble"])
def test_arrays_of_any_type_keep_what_single_precision_cannot_tell_apart(dtype, tmp_path):
    x = np.stack([np.array(SECONDS), np.arange(400)], axis=1).astype(dtype)
    read = from_npz(tmp_path, x=x, y=np.arange(400.0))
    assert sorted(all_of(read)[:, 0]) == SECONDS and read.train_x.dtype == np.dtype("=f8")
    assert len(read.notices) == 1 and read.notices[0].startswith("column 0 of x: single precision keeps 4 of 400")


@pytest.mark.parametrize("dtype", ["i1", "u1", "i2", ">u2", "f2", "f4", ">f4", "?"])
def test_arrays_of_small_types_stay_exact_in_single_precision(dtype, tmp_path):
    x = (np.arange(40).reshape(20, 2) % 7).astype(dtype)
    read = from_npz(tmp_path, x=x, y=np.arange(20.0))
    assert read.train_x.dtype == np.float32 and read.notices == []
    assert sorted(map(tuple, all_of(read))) == sorted(map(tuple, x.astype(float)))


def test_whole_numbers_beyond_a_double_are_counted(tmp_path):
    ids = np.array([2**62 + row for row in range(20)])
    read = from_npz(tmp_path, x=np.stack([ids, np.arange(20)], axis=1), y=ids * 1.0 + 1e6 * np.arange(20))
    assert read.notices[:2] == [
        "column 0 of x: of 20 distinct values 1 is left: double precision has 15 to 17 digits.",
        "1 of the 2 columns of x never change.",
    ]
    read = from_csv(tmp_path, {"id": [2**60 + 50 * row for row in range(20)], "y": range(20)})
    assert "column id: of 20 distinct values 5 are left: double precision has 15 to 17 digits." in read.notices
    target = from_csv(tmp_path, {"a": range(20), "y": [2**60 + 50 * row for row in range(20)]})
    assert "column y: of 20 distinct values 5 are left: double precision has 15 to 17 digits." in target.notices


def test_long_decimals_are_counted_where_their_doubles_are_equal_and_only_there(tmp_path):
    longer = [f"0.12345678901234567{digit}" for digit in range(10)] * 2
    read = from_csv(tmp_path, {"a": [*longer[:-1], "0.5"], "b": range(20), "y": range(20)})
    assert read.notices[0].startswith("column a: of 11 distinct values 3 are left")
    exact = [f"{row / 7:.30f}" for row in range(10)] * 2
    assert from_csv(tmp_path, {"a": exact, "b": range(20), "y": range(20)}).notices == []
    zeros = ["1.50000000000000000", "1.5", "2.500000000000000000", "2.5"] * 5
    assert from_csv(tmp_path, {"a": zeros, "b": range(20), "y": range(20)}).notices == []


def test_a_column_that_loses_values_even_standardised_is_told_so(tmp_path):
    read = from_csv(tmp_path, {"a": [*range(99), 10**15], "b": range(100), "y": range(100)})
    assert read.notices == [
        'column a: single precision keeps 2 of 100 distinct values with task.normalise = "per-feature", and all with '
        '"none" or "global".'
    ]
    outliers = [(-1) ** row * 10**18 if row < 20 else 10**9 + row for row in range(100)]
    read = from_csv(tmp_path, {"a": outliers, "y": range(100)})
    assert read.notices == [
        'column a: single precision keeps 5 of 82 distinct values with task.normalise = "none", 3 with "global", 3 with '
        '"per-feature". runtime.precision = "double" keeps more.'
    ]


def test_numbers_near_the_smallest_do_not_become_zero_in_silence(tmp_path):
    tiny = [f"{row + 1}e-310" for row in range(20)]
    read = from_csv(tmp_path, {"a": tiny, "y": range(20)})
    assert all_of(read).min() > 0 and "column a: single precision keeps 1 of 20 distinct" in read.notices[0]
    read = from_csv(tmp_path, {"a": ["1e-310", *range(1, 20)], "y": range(20)})
    assert read.notices == [
        'column a: 1 value nearer to 0 than single precision tells apart is 0 with task.normalise = "none".'
    ]
    with pytest.raises(DataError, match='column a is "1e-400" where a number is expected. Numbers are at most 3.4e38'):
        from_csv(tmp_path, {"a": ["1e-400", *range(1, 20)], "y": range(20)})
    with pytest.raises(DataError, match="the target y has a standard deviation of 5.*, whose square is 0"):
        from_csv(tmp_path, {"a": range(20), "y": tiny})


def test_images_far_from_zero_stay_distinct_and_what_raw_ones_lose_is_said(tmp_path):
    pixels = np.random.default_rng(0).integers(0, 200, (30, 2, 5, 5))
    read = from_npz(tmp_path, "classify", x=pixels + 10**9 + 0.5, y=np.arange(30) % 2)
    assert read.train_x.dtype == np.float64 and len(np.unique(all_of(read))) == 200
    assert any(notice.startswith("channel 0 of x: single precision keeps 4 of ") for notice in read.notices)
    deep = from_npz(tmp_path, "classify", x=(pixels * 300).astype(np.uint16), y=np.arange(30) % 2)
    assert deep.train_x.dtype == np.float32 and deep.divide == 1
    assert not [notice for notice in deep.notices if "single precision" in notice]


def test_rounding_that_chance_explains_is_no_news(tmp_path):
    x = np.random.default_rng(0).normal(size=(30_000, 2))
    assert len(np.unique(x[:, 0].astype(np.float32))) < 30_000
    read = from_npz(tmp_path, x=x, y=x[:, 0])
    assert read.train_x.dtype == np.float64 and read.notices == []


def test_a_thousand_columns_do_not_get_a_thousand_notices(tmp_path):
    read = from_npz(tmp_path, x=np.arange(50.0)[:, None] + 1e9 + np.arange(1000), y=np.arange(50.0))
    assert len(read.notices) == 4 and read.notices[-1] == "997 more columns lose distinct values likewise."


def test_known_tables_lose_no_value_in_single_precision(test_data):
    shipped = california.convert({"cal_housing.data.gz": str(ASSETS / "cal_housing.data.gz")}, {})
    path = str(test_data / "sarcos" / "sarcos_inv_test.mat")
    torques = sarcos.convert({"sarcos_inv_test.mat": path}, {"source": "test-file"})
    exact = sarcos.read(path, "sarcos_inv_test.mat")
    assert shipped.train_x.dtype == torques.train_x.dtype == torques.train_y.dtype == np.float32
    rounded = np.concatenate([all_of(torques), all_of(torques, "y")], axis=1)
    assert [len(np.unique(c)) for c in rounded.T] == [len(np.unique(c)) for c in exact.T]


def test_a_known_table_that_single_precision_would_spoil_is_kept_in_double(tmp_path):
    import scipy.io

    table = np.arange(30.0 * 28).reshape(30, 28) + 1e10
    scipy.io.savemat(tmp_path / "sarcos_inv_test.mat", {"sarcos_inv_test": table})
    read = sarcos.convert(
        {"sarcos_inv_test.mat": str(tmp_path / "sarcos_inv_test.mat")}, {"source": "test-file", "train-rows": 20}
    )
    assert (all_of(read) == table[:, :21]).all() and "column position1: single precision keeps" in str(read.notices)

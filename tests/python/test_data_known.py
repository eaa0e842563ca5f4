"""SARCOS, CIFAR-10 and SVHN, from the official formats, and what is said about files that are not what
they should be."""

import os
import shutil
import subprocess

import numpy as np
import pytest
import scipy.io

from crosstalk.data.errors import DataError
from crosstalk.data.sets import cifar10, sarcos, svhn


@pytest.fixture
def prepared(test_data, warm_cache, monkeypatch, ask, tensors):
    monkeypatch.setenv("CROSSTALK_CACHE", str(warm_cache))

    def prepare(dataset, **request):
        reply = ask("prepare", dataset=dataset, data=str(test_data), **request)
        return reply, tensors(reply)

    return prepare


def placed(folder, name, *files):
    """files copied into folder/name/"""
    (folder / name).mkdir(parents=True, exist_ok=True)
    for file in files:
        shutil.copy(file, folder / name)
    return str(folder)


def test_sarcos_splits_its_test_file_where_that_is_asked_for(prepared, test_data):
    reply, data = prepared("sarcos", source="test-file")
    table = scipy.io.loadmat(test_data / "sarcos" / "sarcos_inv_test.mat")["sarcos_inv_test"]
    assert (reply["train_rows"], reply["test_rows"], reply["outputs"], reply["input_shape"]) == (
        3560,
        889,
        7,
        [21],
    )
    assert (data["train.x"] == table[:3560, :21].astype(np.float32)).all()
    assert (data["test.y"] == table[3560:, 21:].astype(np.float32)).all()
    assert reply["verified"] and "its first 3,560 rows train, the other 889 test" in reply["notices"][0]


def test_sarcos_knows_the_variance_of_each_torque_over_all_rows_of_the_source(prepared, test_data):
    from crosstalk.data.converted import read_header

    reply, _ = prepared("sarcos", source="test-file", train_rows=100)
    table = scipy.io.loadmat(test_data / "sarcos" / "sarcos_inv_test.mat")["sarcos_inv_test"]
    _, about = read_header(reply["file"])
    np.testing.assert_allclose(about["target_variance"], [column.var() for column in table[:, 21:].T], rtol=1e-12)
    assert (
        about["name"] == "sarcos" and about["divide"] == 1 and about["kind"] == "regress" and reply["train_rows"] == 100
    )


def test_sarcos_with_both_files_trains_on_one_and_tests_on_the_other(test_data, tmp_path, cache, ask, tensors):
    folder = placed(tmp_path, "sarcos", test_data / "sarcos" / "sarcos_inv_test.mat")
    scipy.io.savemat(
        tmp_path / "sarcos" / "sarcos_inv.mat",
        {"sarcos_inv": np.arange(50.0 * 28).reshape(50, 28) / 1024},
        do_compression=True,
    )
    reply = ask("prepare", dataset="sarcos", data=folder)
    data = tensors(reply)
    assert (reply["train_rows"], reply["test_rows"], reply["verified"]) == (50, 4449, False)
    assert reply["notices"] == ["sarcos_inv.mat has 50 rows of 44,484."]
    assert (data["train.y"][1] == np.arange(49, 56) / 1024).all()


def test_sarcos_without_its_training_file_says_both_ways_out(test_data, cache, ask):
    error = ask("prepare", dataset="sarcos", data=str(test_data), source="files")
    assert (
        error.kind == "data"
        and "`crosstalk data fetch sarcos`" in error.message
        and 'task.source = "test-file"' in error.message
    )


@pytest.mark.parametrize("rows", [0, -3, 4449, 10**9, 2.5, True])
def test_sarcos_refuses_training_rows_that_it_does_not_have(rows, test_data):
    path = str(test_data / "sarcos" / "sarcos_inv_test.mat")
    with pytest.raises(
        DataError,
        match=f"task.train-rows = {rows}: sarcos_inv_test.mat has 4,449 rows, so 1 to 4,448 can train",
    ):
        sarcos.convert({"sarcos_inv_test.mat": path}, {"train-rows": rows})


def test_cifar10_reads_records_of_partial_batches_and_says_how_many(prepared, test_data):
    reply, data = prepared("cifar10")
    record = (test_data / "cifar10" / "data_batch_2.bin").read_bytes()[3073 * 5 : 3073 * 6]
    assert (reply["train_rows"], reply["test_rows"], reply["input_shape"]) == (8152, 1017, [3, 32, 32])
    assert data["train.y"][4005] == record[0] and data["train.x"][4005].tobytes() == record[1:]
    assert (
        reply["classes"] == (test_data / "cifar10" / "batches.meta.txt").read_text().split() and not reply["verified"]
    )
    assert reply["notices"] == [
        "5 training batches together: 8,152 rows of the 50,000 of the whole data set.",
        "test_batch.bin: 1,017 rows of the 10,000 of the whole data set.",
    ]


def test_svhn_puts_channels_first_and_calls_label_ten_zero(prepared, test_data):
    reply, data = prepared("svhn")
    file = scipy.io.loadmat(test_data / "svhn" / "train_32x32_first1083.mat")
    x = np.concatenate([data["train.x"], data["test.x"]])
    y = np.concatenate([data["train.y"], data["test.y"]])
    assert (reply["train_rows"], reply["test_rows"]) == (883, 200) and x.dtype == np.uint8
    for row in (0, 700, 1082):
        assert (x[row].transpose(1, 2, 0) == file["X"][:, :, :, row]).all()
    assert (y == np.where(file["y"][:, 0] == 10, 0, file["y"][:, 0])).all() and y.min() == 0
    assert "the last 200 rows of the training file are the test set" in reply["notices"][1]


def test_svhn_with_a_test_file_tests_on_it(tmp_path, cache, ask):
    (tmp_path / "svhn").mkdir()
    for role, rows in (("train", 3), ("test", 2)):
        labels = np.arange(1, rows + 1)[:, None].astype(np.uint8)
        scipy.io.savemat(
            tmp_path / "svhn" / f"{role}_32x32.mat", {"X": np.ones((32, 32, 3, rows), np.uint8), "y": labels}
        )
    reply = ask("prepare", dataset="svhn", data=str(tmp_path))
    assert (reply["train_rows"], reply["test_rows"]) == (3, 2)


BAD_SARCOS = {
    "27 columns": (
        {"sarcos_inv_test": np.zeros((9, 27))},
        "holds 9 x 27 numbers where 4,449 x 28 are expected",
    ),
    "another variable": (
        {"weather": np.zeros((2, 3))},
        r"holds weather \(2 x 3\) where sarcos_inv_test is expected",
    ),
    "words": ({"sarcos_inv_test": "words"}, "holds sarcos_inv_test as char where numbers are expected"),
    "a cell": (
        {"sarcos_inv_test": np.array([[1, "a"]], object)},
        "holds sarcos_inv_test as cell where numbers",
    ),
    "not finite": (
        {"sarcos_inv_test": np.full((3, 28), np.nan)},
        "has nan in row 1, column 1, where a finite number",
    ),
    "complex": ({"sarcos_inv_test": np.full((3, 28), 1j)}, "holds complex128 3 x 28"),
    "nothing": ({}, "holds nothing where sarcos_inv_test is expected"),
}


@pytest.mark.parametrize("variables, message", BAD_SARCOS.values(), ids=BAD_SARCOS.keys())
def test_a_foreign_mat_file_is_named_with_what_it_holds_and_the_mend(variables, message, tmp_path):
    path = tmp_path / "sarcos_inv_test.mat"
    scipy.io.savemat(path, variables)
    with pytest.raises(DataError, match=message) as error:
        sarcos.read(str(path), "sarcos_inv_test.mat")
    assert str(path) in str(error.value) and "`crosstalk data fetch sarcos`" in str(error.value)


BYTES = {
    "empty": (b"", r"is empty \(0 bytes\) where a MATLAB file is expected"),
    "HDF5": (
        b"MATLAB 7.3 MAT-file, Platform: GLNXA64".ljust(512) + b"\x89HDF\r\n\x1a\n" + bytes(99),
        "MATLAB 7.3 file .HDF5.",
    ),
    "bare HDF5": (b"\x89HDF\r\n\x1a\n" + bytes(999), "MATLAB 7.3 file .HDF5."),
    "a page": (
        b"<!DOCTYPE html><html>404</html>" * 30,
        'is not a MATLAB file: it begins with "<!DOCTYPE html>',
    ),
    "short": (b"MATLAB 5.0", "is not a MATLAB file: it begins with"),
}


@pytest.mark.parametrize("content, message", BYTES.values(), ids=BYTES.keys())
def test_what_is_no_mat_file_is_named_by_how_it_begins(content, message, tmp_path):
    (tmp_path / "sarcos_inv_test.mat").write_bytes(content)
    with pytest.raises(DataError, match=message):
        sarcos.read(str(tmp_path / "sarcos_inv_test.mat"), "sarcos_inv_test.mat")


def test_a_truncated_mat_file_is_said_to_be_cut_short(test_data, tmp_path):
    whole = (test_data / "sarcos" / "sarcos_inv_test.mat").read_bytes()
    for size in (128, 140, 300, 5000, len(whole) - 1):
        (tmp_path / "cut.mat").write_bytes(whole[:size])
        with pytest.raises(DataError, match="cut.mat.* (cut short|another file)"):
            try:
                sarcos.read(str(tmp_path / "cut.mat"), "sarcos_inv_test.mat")
            except DataError as error:
                raise DataError(error.message.replace("\n", " ")) from None


def test_huge_declared_dimensions_are_refused_before_memory_is_asked_for(test_data, tmp_path):
    whole = bytearray((test_data / "sarcos" / "sarcos_inv_test.mat").read_bytes())
    place = whole.index((4449).to_bytes(4, "little"))
    whole[place : place + 4] = (2**31 - 1).to_bytes(4, "little")
    (tmp_path / "huge.mat").write_bytes(whole)
    with pytest.raises(DataError, match="huge.mat declares 2,147,483,647 x 28 numbers in 996,776 bytes"):
        sarcos.read(str(tmp_path / "huge.mat"), "sarcos_inv_test.mat")


BAD_SVHN = {
    "grey": (
        {"X": np.ones((32, 32, 4), np.uint8), "y": np.ones((4, 1))},
        "holds 32 x 32 x 4 numbers where 32 x 32 x 3 x",
    ),
    "labels short": (
        {"X": np.ones((32, 32, 3, 4), np.uint8), "y": np.ones((3, 1))},
        "holds 3 x 1 numbers where 4 x 1 labels",
    ),
    "label": (
        {"X": np.ones((32, 32, 3, 2), np.uint8), "y": np.array([[1], [11]])},
        'has the label "11" in row 2 where 1 to 10',
    ),
    "float": (
        {"X": np.ones((32, 32, 3, 2)), "y": np.ones((2, 1))},
        r"images of float64 where bytes \(uint8\) are expected",
    ),
}


@pytest.mark.parametrize("variables, message", BAD_SVHN.values(), ids=BAD_SVHN.keys())
def test_a_foreign_svhn_file_is_named_with_what_it_holds(variables, message, tmp_path):
    scipy.io.savemat(tmp_path / "train_32x32.mat", variables)
    with pytest.raises(DataError, match=message):
        svhn.read(str(tmp_path / "train_32x32.mat"), "train")


def test_svhn_with_too_few_rows_to_hold_any_out_says_so(tmp_path):
    scipy.io.savemat(tmp_path / "train_32x32.mat", {"X": np.ones((32, 32, 3, 200), np.uint8), "y": np.ones((200, 1))})
    with pytest.raises(DataError, match="has 200 rows and there is no test_32x32.mat"):
        svhn.convert({"train": str(tmp_path / "train_32x32.mat")}, {})


BAD_CIFAR = {
    "cut": (
        bytes(3073 + 40),
        "has 3,113 bytes, 1 whole records and 40 bytes more, where 1 to 10,000 whole records",
    ),
    "empty": (b"", "has 0 bytes, 0 records, where"),
    "label": (
        bytes(3073) + bytes([10]) + bytes(3072),
        "has the label 10 in record 2 where 0 to 9 is expected",
    ),
}


@pytest.mark.parametrize("content, message", BAD_CIFAR.values(), ids=BAD_CIFAR.keys())
def test_a_damaged_cifar_batch_is_named_with_the_record(content, message, tmp_path):
    (tmp_path / "data_batch_1.bin").write_bytes(content)
    with pytest.raises(DataError, match=message):
        cifar10.read(str(tmp_path / "data_batch_1.bin"))


def test_missing_files_are_named_with_the_places_that_were_searched(tmp_path, cache, ask):
    error = ask("prepare", dataset="cifar10")
    assert str(cache / "data" / "cifar10") in error.message and "`crosstalk data fetch cifar10`" in error.message
    (tmp_path / "cifar10").mkdir()
    (tmp_path / "cifar10" / "data_batch_1.bin").write_bytes(bytes(3073))
    assert "there is no test_batch.bin beside" in ask("prepare", dataset="cifar10", data=str(tmp_path)).message
    assert "there is no such folder" in ask("prepare", dataset="cifar10", data=str(tmp_path / "nowhere")).message


def test_a_misspelt_set_gets_the_nearest_name(cache, ask):
    error = ask("prepare", dataset="cifra10")
    assert error.kind == "config" and error.message.startswith(
        'task.dataset = "cifra10" is not a data set; did you mean cifar10?'
    )


def test_an_unreadable_file_is_named(test_data, tmp_path, cache, ask):
    folder = placed(tmp_path, "sarcos", test_data / "sarcos" / "sarcos_inv_test.mat")
    (tmp_path / "sarcos" / "sarcos_inv_test.mat").chmod(0)
    if os.access(tmp_path / "sarcos" / "sarcos_inv_test.mat", os.R_OK):
        assert subprocess.run(["id", "-u"], capture_output=True, text=True).stdout.strip() == "0"
        pytest.skip("root may read everything")
    assert (
        "cannot be read (permission denied)"
        in ask("prepare", dataset="sarcos", data=folder, source="test-file").message
    )


def test_a_mat_file_on_which_scipy_crashes_is_a_data_error(tmp_path, cache, ask):
    """Found among mutants: a wrong type of the data element makes SciPy 1.17 end by SIGSEGV."""
    (tmp_path / "sarcos").mkdir()
    path = tmp_path / "sarcos" / "sarcos_inv_test.mat"
    table = np.random.default_rng(3).normal(size=(12, 28))
    scipy.io.savemat(path, {"sarcos_inv_test": table})
    content, size = path.read_bytes(), (12 * 28 * 8).to_bytes(4, "little")
    assert content.count(b"\x09\x00\x00\x00" + size) == 1
    path.write_bytes(content.replace(b"\x09\x00\x00\x00" + size, b"\x0e\x00\x00\x00" + size))
    error = ask("prepare", dataset="sarcos", source="test-file", train_rows=5, data=str(tmp_path))
    assert error.kind == "data" and str(path) in error.message and "damaged" in error.message
    assert not list(cache.rglob(".partial*"))

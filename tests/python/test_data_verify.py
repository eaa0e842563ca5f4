"""What `list` and `verify` say: what is there, whether it is official, and which rows stand in both
splits."""

import hashlib
import os
from pathlib import Path

import numpy as np
import pytest
import scipy.io

from crosstalk.data.inspection import hashes, repeats


def test_repeats_are_counted_as_a_plain_loop_counts_them():
    generator = np.random.default_rng(0)
    train, test = (generator.integers(0, 3, (rows, 3)).astype(np.float32) for rows in (40, 25))
    found = repeats(hashes(train), hashes(test))
    assert found["test_in_train"] == sum(any((row == other).all() for other in train) for row in test)
    assert found["within_train"] == sum(any((train[i] == train[j]).all() for j in range(i)) for i in range(40))
    assert found["within_test"] == sum(any((test[i] == test[j]).all() for j in range(i)) for i in range(25))


def test_zero_and_minus_zero_are_equal_and_targets_tell_rows_apart():
    x = np.array([[0.0], [-0.0]], np.float32)
    assert repeats(hashes(x[:1]), hashes(x[1:]))["test_in_train"] == 1
    y = np.array([[1.0], [2.0]], np.float32)
    assert repeats(hashes(x[:1], y[:1]), hashes(x[1:], y[1:]))["test_in_train"] == 0


@pytest.fixture
def leaking(tmp_path):
    """SARCOS files of which 3 test rows stand in the training file, 2 of them with their torques."""
    table = np.random.default_rng(1).normal(size=(30, 28))
    train, test = table[:20], table[18:].copy()
    test[2, :21] = table[5, :21]
    (tmp_path / "sarcos").mkdir()
    scipy.io.savemat(tmp_path / "sarcos" / "sarcos_inv.mat", {"sarcos_inv": np.concatenate([train, train[:4]])})
    scipy.io.savemat(tmp_path / "sarcos" / "sarcos_inv_test.mat", {"sarcos_inv_test": test})
    return str(tmp_path)


def test_verify_counts_rows_of_both_splits_with_and_without_their_targets(leaking, cache, ask):
    row = ask("verify", datasets=["sarcos"], data=leaking)["datasets"][0]
    assert (row["in_both"], row["in_both_with_target"], row["repeats"]["x"]["within_train"]) == (3, 2, 4)
    assert row["verified"] == "partial, no" and row["shape"] == [21]


def test_verify_of_what_is_at_hand(test_data, cache, ask):
    reply = ask("verify", data=str(test_data))
    rows = {row["name"]: row for row in reply["datasets"]}
    assert [rows[name]["verified"] for name in ("digits", "california", "sarcos")] == [
        True,
        True,
        "partial, yes",
    ]
    # The test file alone is there: it is split, so rows are counted within it.
    assert rows["sarcos"]["train_rows"] + rows["sarcos"]["test_rows"] == 4449
    assert rows["cifar10"]["repeats"]["x_range"] == [0, 255] and rows["digits"]["repeats"]["x_range"] == [
        0,
        1,
    ]
    assert sum(rows["svhn"]["repeats"]["rows_of_classes"]) == 883
    lines = reply["text"].splitlines()
    assert lines[0].split()[:2] == ["data", "set"] and lines[1].startswith("digits") and "in both:" in reply["text"]


def test_verify_fails_for_a_damaged_set_and_for_one_that_is_not_here(tmp_path, cache, ask):
    (tmp_path / "svhn").mkdir()
    (tmp_path / "svhn" / "train_32x32.mat").write_bytes(b"garbage" * 30)
    error = ask("verify", data=str(tmp_path))
    assert error.kind == "data" and "train_32x32.mat is not a MATLAB file" in error.message
    assert "cifar10 is not here: `crosstalk data fetch cifar10`" in ask("verify", datasets=["cifar10"]).message


def test_verify_tells_a_whole_but_altered_set(tmp_path, cache, ask):
    import gzip

    from crosstalk.data.sets.known import ASSETS

    (tmp_path / "digits").mkdir()
    rows = gzip.decompress((ASSETS / "digits.csv.gz").read_bytes()).replace(b"0,0,5,13", b"0,0,6,13", 1)
    (tmp_path / "digits" / "digits.csv.gz").write_bytes(gzip.compress(rows))
    error = ask("verify", datasets=["digits"], data=str(tmp_path))
    assert "all rows are here, but the checksum is not the official one's" in error.message


def flip_last_bit(path):
    """Without a trace in the file's times, as a disk does it."""
    times = path.stat().st_atime_ns, path.stat().st_mtime_ns
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    os.utime(path, ns=times)


def test_verify_names_a_damaged_conversion_and_not_those_of_an_earlier_version(cache, ask, tmp_path):
    from safetensors.numpy import load_file, save_file

    (tmp_path / "mine.csv").write_text("a,y\n" + "".join(f"{row},{row % 3}\n" for row in range(9)))
    path = Path(ask("prepare", dataset="mine.csv", base=str(tmp_path), target="y", kind="regress")["file"])
    save_file(load_file(path), path.with_name("older.safetensors"), metadata={"crosstalk": "{}"})
    text = ask("verify", datasets=["digits"])["text"]
    assert f"1 file that was converted by an earlier version may be removed from {path.parent}" in text
    flip_last_bit(path)
    error = ask("verify", datasets=["digits"])
    assert error.kind == "data" and f"{path} is damaged" in error.message and "older" not in error.message
    assert "may be removed" in error.message and path.exists()


@pytest.fixture
def official(tmp_path, monkeypatch):
    """A file of 5 MB that stands for the official one of SARCOS' test set."""
    import dataclasses

    from crosstalk.data.sets import KNOWN

    def put(folder):
        folder.mkdir(parents=True)
        table = np.random.default_rng(1).normal(size=(23_000, 28))
        path = folder / "sarcos_inv_test.mat"
        scipy.io.savemat(path, {"sarcos_inv_test": table})
        os.utime(path, ns=(1, 1))
        sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
        monkeypatch.setitem(KNOWN, "sarcos", dataclasses.replace(KNOWN["sarcos"], downloads=(),
                                                                 checksums={path.name: sha256}))  # fmt: skip
        return path

    return put


def test_a_fetched_file_that_lost_a_bit_is_refused_and_verify_finds_it_by_reading(official, cache, ask):
    path = official(cache / "data" / "sarcos")
    request = {"dataset": "sarcos", "source": "test-file"}
    assert ask("prepare", **request)["verified"]
    flip_last_bit(path)
    error = ask("verify", datasets=["sarcos"])
    assert f"{path} is damaged" in error.message and "`crosstalk data fetch sarcos` gets it again" in error.message
    assert f"{path} is damaged" in ask("prepare", **request).message


def test_a_file_of_the_package_that_lost_a_bit_is_refused(cache, ask, tmp_path, monkeypatch):
    from crosstalk.data import prepare
    from crosstalk.data.sets import known

    path = tmp_path / "digits.csv.gz"
    path.write_bytes((known.ASSETS / path.name).read_bytes())
    for module in (known, prepare):
        monkeypatch.setattr(module, "ASSETS", tmp_path)
    assert ask("prepare", dataset="digits")["verified"]
    flip_last_bit(path)
    error = ask("prepare", dataset="digits")
    assert f"{path} is damaged" in error.message and "Install crosstalk again" in error.message


def test_a_file_of_the_users_own_folder_that_is_not_the_official_one_is_taken_as_not_verified(
    official, cache, ask, tmp_path
):
    path = official(tmp_path / "sarcos")
    request = {"dataset": "sarcos", "source": "test-file", "data": str(tmp_path)}
    first = ask("prepare", **request)
    flip_last_bit(path)
    os.utime(path)
    second = ask("prepare", **request)
    assert first["verified"] and not second["verified"] and first["sha256"] != second["sha256"]


def test_verify_does_not_blame_files_of_which_only_the_archives_checksum_is_known(test_data, cache, ask, monkeypatch):
    import dataclasses

    from crosstalk.data.sets import KNOWN

    monkeypatch.setitem(KNOWN, "cifar10", dataclasses.replace(KNOWN["cifar10"], rows=(8152, 1017)))
    row = ask("verify", datasets=["cifar10"], data=str(test_data))["datasets"][0]
    assert row["verified"] is False and row["notices"][0].startswith("only the archive's checksum is published")


def test_list_says_what_is_there_and_what_is_not(test_data, cache, ask):
    rows = {row["name"]: row for row in ask("list")["datasets"]}
    assert (
        rows["digits"]["where"] == "in the package"
        and rows["digits"]["verified"] is True
        and rows["california"]["train_rows"] == 19608
    )
    assert rows["sarcos"]["where"] == "not here" and rows["sarcos"]["notices"] == [
        "`crosstalk data fetch sarcos` gets it"
    ]
    reply = ask("list", data=str(test_data))
    rows = {row["name"]: row for row in reply["datasets"]}
    assert (rows["cifar10"]["train_rows"], rows["cifar10"]["verified"]) == (8152, "partial, not verified")
    assert (rows["sarcos"]["test_rows"], rows["sarcos"]["verified"]) == (4449, "partial, verified")
    assert (rows["svhn"]["train_rows"], rows["svhn"]["test_rows"]) == (883, 200)
    widths = {line.index("where") for line in reply["text"].splitlines()[:1]}
    listed = [line for line in reply["text"].splitlines()[1:7] if not line.startswith("normal")]  # in the package
    assert all(line[min(widths)] == "/" for line in listed) and "CC BY 4.0" in reply["text"]


def test_list_shows_a_damaged_file_as_damaged(tmp_path, cache, ask):
    (tmp_path / "cifar10").mkdir()
    (tmp_path / "cifar10" / "data_batch_1.bin").write_bytes(bytes(100))
    row = ask("list", datasets=["cifar10"], data=str(tmp_path))["datasets"][0]
    assert row["verified"] == "damaged" and "has 100 bytes" in row["notices"][0]


def test_an_unknown_set_gets_the_nearest_name(cache, ask):
    for command in ("list", "verify", "fetch"):
        assert ask(command, datasets=["sarcoz"]).message.startswith(
            "sarcoz is not one of the data sets; did you mean sarcos?"
        )

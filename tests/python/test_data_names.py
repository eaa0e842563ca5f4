"""Where data are looked for, by which name, and what is said of what lies beside them."""

import os
import pwd
from pathlib import Path

import numpy as np
import pytest

from crosstalk.data import cache as store
from crosstalk.data.errors import DataError
from crosstalk.data.own import OWN
from crosstalk.data.sets import KNOWN

FAMILIES = {"csv": "own-table", "npz": "own-table", "png-folder": "own-images", None: ""}


def test_a_name_says_here_what_it_says_to_the_desk():
    table = Path(__file__).parents[1] / "dataset_names.txt"
    lines = [line.split("\t") for line in table.read_text().splitlines() if not line.startswith("#")]
    for name, family in lines:
        own = [own.name for own in OWN.values() if own.matches(name)]
        assert len(own) <= 1
        assert (name if name in KNOWN else FAMILIES[own[0] if own else None]) == family, name
    assert len(lines) > 20


TABLE = "a,b,y\n" + "".join(f"{row},{row * row % 7},{row % 5}\n" for row in range(20))


@pytest.mark.parametrize("name", ["wine.csv", "WINE.CSV", "./Wine.Csv"])
def test_a_table_in_capitals_is_a_table(name, tmp_path, cache, ask):
    (tmp_path / name).write_text(TABLE)
    reply = ask("prepare", dataset=name, base=str(tmp_path), target="y", kind="regress")
    assert (reply["train_rows"], reply["kind"]) == (16, "regress")


def test_a_folder_with_the_name_of_a_file_and_a_file_with_that_of_a_folder_are_told_apart(tmp_path, cache, ask):
    (tmp_path / "x.csv").mkdir()
    (tmp_path / "y.csv").write_text(TABLE)
    (tmp_path / "z.csv.gz").write_bytes(b"\x1f\x8b")
    (tmp_path / "plain").write_text(TABLE)

    def said(dataset):
        return ask("prepare", dataset=dataset, base=str(tmp_path)).message

    assert 'put a slash behind it: task.dataset = "./x.csv/"' in said("./x.csv")
    assert "x.csv holds nothing where train/CLASS/*.png is expected" in said("./x.csv/")
    assert '"./y.csv/" is a file: take the slash behind it away' in said("./y.csv/")
    assert ".gz is not a format that is read. Unpack it first." in said("./z.csv.gz")
    assert "a file without an ending is not a format" in said("./plain")
    assert '"~nobody-of-that-name/x.csv": there is no such user' in said("~nobody-of-that-name/x.csv")


def test_a_relative_path_is_the_studys_and_the_one_in_the_current_folder_is_mentioned(
    tmp_path, cache, ask, monkeypatch
):
    (tmp_path / "studies").mkdir()
    monkeypatch.chdir(tmp_path)
    Path("wine.csv").write_text(TABLE)
    asked = {"dataset": "./wine.csv", "base": str(tmp_path / "studies"), "target": "y", "kind": "regress"}
    assert f"for the one in the current folder write {tmp_path / 'wine.csv'}." in ask("prepare", **asked).message
    Path("studies/wine.csv").write_text(TABLE + "1,2,3\n")
    reply = ask("prepare", **asked)
    assert reply["train_rows"] + reply["test_rows"] == 21
    read, here = tmp_path / "studies" / "wine.csv", tmp_path / "wine.csv"
    assert reply["notices"] == [f"{read} is read, not {here}: a path is relative to the study's folder."]
    assert ask("prepare", **{**asked, "base": str(tmp_path)})["notices"] == []


def lying(folder, *names, content=b"x"):
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        (folder / name).write_bytes(content)


def test_a_folder_of_the_sets_name_that_is_not_read_is_mentioned(tmp_path, cache, ask):
    lying(tmp_path / "D" / "california", "housing.csv", "README.md")
    notice = (
        f"{tmp_path}/D/california has housing.csv that is not read: the files of california are named "
        "cal_housing.data; the package's own data are used."
    )
    reply = ask("prepare", dataset="california", data=str(tmp_path / "D"))
    assert reply["train_rows"] == 19608 and reply["notices"] == [notice]
    assert f"california: {notice}" in ask("list", data=str(tmp_path / "D"))["text"]


RECORDS = np.random.default_rng(0).integers(0, 10, (20, 3073), np.uint8).tobytes()


@pytest.mark.parametrize("folder", ["cifar10", "CIFAR10", "cifar-10-batches-bin"])
def test_the_binary_version_is_read_from_its_archives_folder_and_in_capitals(folder, tmp_path, cache, ask):
    lying(tmp_path / folder, "DATA_BATCH_1.BIN", "test_batch.bin", "data_batch_2 (1).bin", content=RECORDS)
    reply = ask("prepare", dataset="cifar10", data=str(tmp_path))
    assert (reply["train_rows"], reply["test_rows"]) == (20, 20)
    assert f"{tmp_path}/{folder} has data_batch_2 (1).bin that is not read" in reply["notices"][0]


def test_classes_that_a_partial_file_lacks_are_noticed(tmp_path, cache, ask):
    two = np.zeros((20, 3073), np.uint8)
    two[::2, 0] = 3
    lying(tmp_path / "cifar10", "data_batch_1.bin", "test_batch.bin", content=two.tobytes())
    notices = ask("prepare", dataset="cifar10", data=str(tmp_path))["notices"]
    assert notices[-1] == (
        "no training row is of the class automobile, bird, deer, dog, frog, horse, ship, truck."
    )


def test_data_that_lie_one_folder_off_or_in_another_version_are_mentioned(tmp_path, cache, ask):
    lying(tmp_path, "test_batch.bin", content=RECORDS)
    (tmp_path / "cifar-10-batches-py").mkdir()
    message = ask("prepare", dataset="cifar10", data=str(tmp_path)).message
    assert f"{tmp_path} has test_batch.bin itself; --data names the folder above it, which has cifar10/." in message
    assert "cifar-10-batches-py is not read: it is the Python version" in message


def test_a_file_under_another_name_is_mentioned_where_one_is_missing(tmp_path, cache, ask):
    lying(tmp_path / "sarcos", "sarcos_inv (1).mat", "sarcos_inv_test.mat")
    message = ask("prepare", dataset="sarcos", data=str(tmp_path)).message
    assert "sarcos_inv.mat, the training file, is not beside" in message
    assert "sarcos has sarcos_inv (1).mat that is not read: the files of sarcos are named sarcos_inv.mat" in message


def nobody(uid):
    raise KeyError(f"getpwuid(): uid not found: {uid}")


@pytest.fixture
def homeless(monkeypatch):
    """A user whom neither HOME nor passwd gives a home."""
    for name in ("HOME", "XDG_CACHE_HOME", "CROSSTALK_CACHE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(pwd, "getpwuid", nobody)


@pytest.mark.parametrize("home", [None, ""])
def test_a_user_without_a_home_is_told_to_set_the_cache(home, homeless, ask, monkeypatch):
    if home is not None:
        monkeypatch.setenv("HOME", home)
    for command, request in (("list", {}), ("prepare", {"dataset": "california"}), ("fetch", {"dataset": "svhn"})):
        error = ask(command, **request)
        assert error.kind == "environment" and "Set CROSSTALK_CACHE to a folder" in error.message


def test_the_cache_is_where_it_is_said_to_be(homeless, tmp_path, monkeypatch):
    monkeypatch.setattr(pwd, "getpwuid", lambda uid: pwd.struct_passwd(("u", "x", uid, uid, "", str(tmp_path), "")))
    assert store.root() == tmp_path / ".cache" / "crosstalk"
    monkeypatch.setenv("HOME", "/home/u")
    monkeypatch.setenv("CROSSTALK_CACHE", "")  # as if it were not set
    assert store.root() == Path("/home/u/.cache/crosstalk")
    monkeypatch.setenv("CROSSTALK_CACHE", "~/x")
    assert store.root() == Path("/home/u/x")
    monkeypatch.setenv("CROSSTALK_CACHE", "x")
    assert store.root() == Path.cwd() / "x"
    monkeypatch.setenv("CROSSTALK_CACHE", "~no-such-user-at-all/x")
    with pytest.raises(DataError, match="~no-such-user-at-all/x: .* Set CROSSTALK_CACHE to a folder"):
        store.root()


def test_a_cache_that_is_a_file_or_cannot_be_made_is_named(tmp_path, ask, monkeypatch):
    (tmp_path / "file").write_text("")
    for place in (tmp_path / "file", "/proc/nobody"):
        monkeypatch.setenv("CROSSTALK_CACHE", str(place))
        error = ask("prepare", dataset="california")
        assert error.kind == "environment" and str(place) in error.message
        assert "let CROSSTALK_CACHE name another folder" in error.message
    assert os.path.isfile(tmp_path / "file")

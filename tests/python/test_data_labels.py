"""Classes of the user's own data: each distinct label as it is written, and a word about those that look otherwise."""

import warnings
import zipfile

import numpy as np
import pytest

from crosstalk.data.errors import DataError
from crosstalk.data.own import csv_table, npz
from crosstalk.data.sets import cifar10, svhn


def classified(folder, labels, **options):
    lines = ["a,b,label", *(f"{row},{row * row},{label}" for row, label in enumerate(labels))]
    (folder / "mine.csv").write_text("\n".join(lines) + "\n")
    return csv_table.convert({"all": str(folder / "mine.csv")}, {"target": "label", "kind": "classify", **options})


def classified_array(folder, y, **options):
    np.savez(folder / "mine.npz", x=np.arange(2.0 * len(y)).reshape(-1, 2), y=y)
    return npz.convert({"all": str(folder / "mine.npz")}, {"kind": "classify", **options})


def labels_of(read):
    """The labels of all rows by their first input: the row's number, or twice that."""
    x, y = np.concatenate([read.train_x, read.test_x]), np.concatenate([read.train_y, read.test_y])
    return [read.classes[y[row]] for row in np.argsort(x[:, 0])]


def test_labels_of_nineteen_digits_are_classes_of_their_own(tmp_path):
    ids = [1234567890123456789, 42, 1234567890123456781] * 6
    names = ["42", "1234567890123456781", "1234567890123456789"]
    for read in (
        classified(tmp_path, ids),
        classified_array(tmp_path, np.array(ids)),
        classified_array(tmp_path, np.array(ids, np.uint64)),
        classified_array(tmp_path, np.array(list(map(str, ids)))),
        classified_array(tmp_path, np.array(list(map(str, ids))).astype("S")),
    ):
        assert read.classes == names and labels_of(read) == list(map(str, ids)) and read.notices == []
    beyond = [str(10**400), str(10**400 + 1), "-3"] * 6
    with pytest.raises(DataError, match="and the other labels are numbers"):  # no double at all
        classified(tmp_path, beyond)


def test_labels_that_are_one_number_are_two_classes_with_a_notice(tmp_path):
    for pair in (["01234", "1234"], ["1", "1.0"], ["0", "-0"], ["1e3", "1000"]):
        read = classified(tmp_path, [*pair, "7777"] * 5)
        assert sorted(read.classes) == sorted([*pair, "7777"]) and labels_of(read) == [*pair, "7777"] * 5
        first, second = (f'"{name}"' for name in read.classes if name in pair)
        assert read.notices == [f"column label: {first} and {second} are 2 classes, though one number."]


def test_labels_that_look_alike_are_named(tmp_path):
    read = classified_array(tmp_path, np.array(["caf\u00e9", "cafe\u0301", "tea", "tea "] * 5))
    assert len(read.classes) == 4 and len(read.notices) == 2
    assert '"caf\\xe9"' in read.notices[1] + read.notices[0] and "they look alike" in read.notices[0]


def test_numbers_are_sorted_by_size_and_words_by_their_letters(tmp_path):
    assert classified(tmp_path, ["10", "9", "-3", "2"] * 4).classes == ["-3", "2", "9", "10"]
    assert classified(tmp_path, ["1e1", "2.5", "9", "0.5"] * 4).classes == ["0.5", "2.5", "9", "1e1"]
    assert classified(tmp_path, ["b10", "b9", "3"] * 4).classes == ["3", "b10", "b9"]


def test_real_and_true_or_false_labels_keep_their_digits(tmp_path):
    assert classified_array(tmp_path, np.array([0.1, 1e20, -0.0, 0.0] * 4, np.float32)).classes == [
        "0.0",
        "0.1",
        "1e+20",
    ]
    near = np.array([0.1, np.nextafter(0.1, 1)] * 5)
    assert classified_array(tmp_path, near).classes == ["0.1", "0.10000000000000002"]
    assert classified_array(tmp_path, np.array([True, False] * 5)).classes == ["0", "1"]


@pytest.mark.parametrize("word", ["NA", "None", "null", "-", "?", "nan", "N/A", "inf"])
def test_a_class_may_be_called_as_missing_values_are(word, tmp_path):
    labels = ["EU", "AS", word] * 5
    for read, what in ((classified(tmp_path, labels), "column label"), (classified_array(tmp_path, labels), "y")):
        assert labels_of(read) == labels
        assert read.notices == [f'{what}: "{word}" is taken as the name of a class (5 rows), not as a missing value.']


@pytest.mark.parametrize("word", ["nan", "inf", "-Infinity", "1e999"])
def test_a_label_that_is_no_finite_number_among_numbers_is_named_with_its_row(word, tmp_path):
    labels = ["1.0", "2.0"] * 10
    labels[7] = word
    with pytest.raises(
        DataError, match=f'mine.csv:9: column label is "{word}", and the other labels are numbers. Fill'
    ):
        classified(tmp_path, labels)
    with pytest.raises(DataError, match=rf'y\[7\] is "{word}", and the other labels are numbers'):
        classified_array(tmp_path, np.array(labels))
    if word != "1e999":
        with pytest.raises(DataError, match=r"y\[7\] is -?(nan|inf), where a label is expected. Fill it in"):
            classified_array(tmp_path, np.array(labels, np.float64))


def test_labels_that_are_no_text_are_named_with_their_row(tmp_path):
    with pytest.raises(DataError, match="mine.csv:4: column label is empty. Name the class"):
        classified(tmp_path, ["a", "b", "", "a"])
    with pytest.raises(DataError, match=r"y\[1\] is empty"):
        classified_array(tmp_path, np.array(["a", " ", "b", "c"]))
    with pytest.raises(DataError, match=r"y\[2\] holds the bytes .*\\\\xff.* which are no UTF-8 text"):
        classified_array(tmp_path, np.array([b"a", b"b", b"\xff", b"\xfe"]))
    with pytest.raises(DataError, match=r"y\[1\] is .*, which is no text"):
        classified_array(tmp_path, np.array(["a", "b\0c", "b", "c"]))


def test_a_share_that_leaves_one_training_row_is_what_is_named(tmp_path):
    with pytest.raises(
        DataError, match="mine.csv: 1 training row is left of 20, since task.test-share = 0.95 holds out"
    ):
        classified(tmp_path, ["a", "b"] * 10, **{"test-share": 0.95})
    (tmp_path / "mine.csv").write_text("a,b\n" + "".join(f"{row},{row * row}\n" for row in range(20)))
    with pytest.raises(DataError, match="1 training row is left of 20"):
        csv_table.convert({"all": str(tmp_path / "mine.csv")}, {"target": "b", "kind": "regress", "test-share": 0.95})
    with pytest.raises(DataError, match="1 training row is left of 2, since"):
        classified(tmp_path, ["a", "b"])
    np.savez(tmp_path / "mine.npz", x=np.eye(1), y=[1.0], x_test=np.ones((5, 1)), y_test=np.arange(5.0))
    with pytest.raises(DataError, match="x has 1 row to train on; there must be two or more"):
        npz.convert({"all": str(tmp_path / "mine.npz")}, {"kind": "regress"})


def test_training_rows_of_one_class_are_refused_and_a_class_without_any_is_named(tmp_path):
    arrays = {"x": np.eye(4), "x_test": np.eye(4), "y_test": [0, 1, 2, 2]}
    np.savez(tmp_path / "mine.npz", y=[1, 1, 1, 1], **arrays)
    with pytest.raises(DataError, match="y: all 4 training rows are of the class 1; there must be two classes or more"):
        npz.convert({"all": str(tmp_path / "mine.npz")}, {"kind": "classify"})
    np.savez(tmp_path / "mine.npz", y=[0, 1, 1, 1], **arrays)
    read = npz.convert({"all": str(tmp_path / "mine.npz")}, {"kind": "classify"})
    assert read.notices == ["no training row is of the class 2."]


def test_labels_of_two_types_are_refused_since_none_is_written_as_another(tmp_path):
    np.savez(tmp_path / "mine.npz", x=np.eye(4), y=[0, 1, 0, 1], x_test=np.eye(4), y_test=[0.0, 1.0, 1.0, 0.0])
    with pytest.raises(DataError, match="y holds labels of int64 and y_test of float64.*Give both of one type"):
        npz.convert({"all": str(tmp_path / "mine.npz")}, {"kind": "classify"})


def test_a_target_that_is_constant_in_the_training_rows_alone_is_refused(tmp_path):
    np.savez(tmp_path / "mine.npz", x=np.eye(4), y=[5.0] * 4, x_test=np.eye(4), y_test=np.arange(4.0))
    with pytest.raises(DataError, match="column 0 of y is 5 in every training row"):
        npz.convert({"all": str(tmp_path / "mine.npz")}, {"kind": "regress"})


def test_known_images_of_one_class_are_refused(tmp_path):
    import scipy.io

    for name in ("data_batch_1.bin", "test_batch.bin"):
        (tmp_path / name).write_bytes((bytes([3]) + bytes(3072)) * 5)
    files = {name: str(tmp_path / name) for name in ("data_batch_1.bin", "test_batch.bin")}
    with pytest.raises(DataError, match="data_batch_1.bin: all 5 training rows are of the class cat"):
        cifar10.convert(files, {})
    scipy.io.savemat(
        tmp_path / "train_32x32.mat", {"X": np.ones((32, 32, 3, 210), np.uint8), "y": np.full((210, 1), 10)}
    )
    with pytest.raises(DataError, match="train_32x32.mat: all 10 training rows are of the class 0"):
        svhn.convert({"train": str(tmp_path / "train_32x32.mat")}, {})


def test_a_test_set_and_a_share_to_hold_out_contradict_each_other(tmp_path):
    np.savez(tmp_path / "mine.npz", x=np.eye(4), y=np.arange(4.0), x_test=np.eye(4), y_test=np.arange(4.0), w=1)
    files = {"all": str(tmp_path / "mine.npz")}
    with pytest.raises(
        DataError, match="task.test-share = 0.3: .*mine.npz has a test set of its own, x_test and y_test."
    ) as error:
        npz.convert(files, {"kind": "regress", "test-share": 0.3})
    assert error.value.kind == "config"
    assert npz.convert(files, {"kind": "regress", "test-share": 0.2}).notices == ['not read: "w".']


def test_an_array_that_stands_twice_in_an_npz_is_refused(tmp_path):
    path = tmp_path / "twice.npz"
    np.savez(path, x=np.ones((4, 2)), y=np.arange(4.0))
    with warnings.catch_warnings(), zipfile.ZipFile(path, "a") as archive:
        warnings.simplefilter("ignore")
        archive.writestr("x.npy", archive.read("x.npy"))
    with pytest.raises(DataError, match='holds "x" twice'):
        npz.load(path)

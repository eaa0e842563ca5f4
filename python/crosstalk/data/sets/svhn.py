"""SVHN: The Street View House Numbers, cropped digits (Netzer et al., 2011): 32 x 32 x 3, label 10
standing for digit 0."""

import os

from crosstalk.data.converted import Converted, check_classes, rows_notice
from crosstalk.data.errors import DataError, commas, quoted
from crosstalk.data.sets import matlab
from crosstalk.data.sets.known import Download, Known, file_named, files_beginning

WHOLE = {"train": 73257, "test": 26032}
CLASSES = [str(digit) for digit in range(10)]
TEST_ROWS = 200  # where there is no test file
MEND = "`crosstalk data fetch svhn` gets the right one."


def find(folder):
    """The official names, or what begins like them (a part of the file has a name of its own)."""
    files = {}
    for role in WHOLE:
        official = file_named(folder, f"{role}_32x32.mat")
        if found := [official] if official else files_beginning(folder, f"{role}_32x32", ".mat"):
            files[role] = str(found[0])
    return files


def choose(files, options):
    if "train" not in files:
        raise DataError(f"svhn: train_32x32.mat is not there{' beside ' + files['test'] if files else ''}. {MEND}")
    return files


def read(path, role):
    """(images (N, 3, 32, 32), labels 0 to 9)"""
    import numpy

    def images_fit(shape):
        return len(shape) == 4 and tuple(shape[:3]) == (32, 32, 3) and shape[3] >= 1

    expected = f"32 x 32 x 3 x {WHOLE[role]:,} are expected (images of 32 x 32 in three colours)"
    images = matlab.numbers(path, "X", images_fit, expected, MEND)
    rows = images.shape[3]
    labels = matlab.numbers(
        path,
        "y",
        lambda shape: sorted(shape) == sorted((rows, 1)),
        f"{commas(rows)} x 1 labels are expected, one an image",
        MEND,
    )
    labels = labels.reshape(-1)
    if images.dtype != numpy.uint8:
        raise DataError(
            f"{path} holds images of {images.dtype} where bytes (uint8) are expected.\nIt is another file. {MEND}"
        )
    wrong = numpy.flatnonzero(~numpy.isin(labels, numpy.arange(1, 11)))
    if len(wrong):
        raise DataError(
            f"{path} has the label {quoted(labels[wrong[0]])} in row {wrong[0] + 1:,} where 1 to 10 is "
            "expected (10 is the "
            f"digit 0).\nIt is damaged. {MEND}"
        )
    return numpy.ascontiguousarray(images.transpose(3, 2, 0, 1)), labels.astype(numpy.int64) % 10


def convert(files, options):
    splits = {role: read(path, role) for role, path in files.items()}
    notices = [
        rows_notice(os.path.basename(files[role]), len(labels), WHOLE[role])
        for role, (_, labels) in splits.items()
        if len(labels) != WHOLE[role]
    ]
    (x, y) = splits["train"]
    if "test" in splits:
        (test_x, test_y) = splits["test"]
    else:
        if len(y) <= TEST_ROWS:
            raise DataError(
                f"{files['train']} has {commas(len(y))} rows and there is no test_32x32.mat: the last "
                f"{TEST_ROWS} would be "
                f"the test set,\nand nothing be left to train on. {MEND}"
            )
        x, test_x, y, test_y = x[:-TEST_ROWS], x[-TEST_ROWS:], y[:-TEST_ROWS], y[-TEST_ROWS:]
        notices.append(f"there is no test file; the last {TEST_ROWS} rows of the training file are the test set.")
    check_classes(y, CLASSES, files["train"], MEND)
    return Converted(x, y, test_x, test_y, classes=CLASSES, divide=255, notices=notices)


def count(files):
    rows = {role: matlab.variables(path, MEND).get("y", ((0,), ""))[0] for role, path in files.items()}
    train, test = (max(rows[role]) if role in rows else 0 for role in WHOLE)
    return (train, test) if "test" in files else (max(train - TEST_ROWS, 0), min(train, TEST_ROWS))


SET = Known(
    name="svhn",
    kind="classify",
    title="The Street View House Numbers, cropped digits (Netzer et al., 2011)",
    licence="non-commercial use only",
    rows=(73257, 26032),
    names=("train_32x32.mat", "test_32x32.mat"),
    find=find,
    choose=choose,
    convert=convert,
    count=count,
    downloads=(
        Download(
            "https://ufldl.stanford.edu/housenumbers/train_32x32.mat",
            "md5",
            "e26dedcc434d2e4c54c9b2d4a06d8373",
        ),
        Download(
            "https://ufldl.stanford.edu/housenumbers/test_32x32.mat",
            "md5",
            "eb5a983be6a315427106f1b164d9cef3",
        ),
    ),
)

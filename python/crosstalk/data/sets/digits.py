"""Digits: UCI "Optical Recognition of Handwritten Digits", its test part: 1,797 images of 8 x 8, values 0
to 16.

Scaled up to the 32 x 32 x 3 that the paper's networks take: value / 16, bilinear with half-pixel centres,
three equal channels. The last 360 rows are the test set."""

from crosstalk.data.converted import Converted, check_classes
from crosstalk.data.errors import DataError, shape_text
from crosstalk.data.sets import comma_separated
from crosstalk.data.sets.comma_separated import MEND
from crosstalk.data.sets.known import Known, named

TEST_ROWS = 360


def read(files):
    """(pixels (N, 64), labels (N)) of whole numbers."""
    import numpy

    path = next(iter(files.values()))
    table = comma_separated.table(path, "the table of digits", numpy.int64)
    fits = table.shape[1:] == (65,) and len(table) > TEST_ROWS and table.min() >= 0 and table[:, :64].max() <= 16
    if not fits or table[:, 64].max() > 9:
        raise DataError(
            f"{path} holds {shape_text(table.shape)} numbers where 1,797 x 65 are expected (64 pixels of "
            f"0 to 16, then a digit).\n{MEND}"
        )
    return table[:, :64], table[:, 64]


def bilinear_weights(size, new_size):
    """(new_size, size): row i has what each old pixel gives to new pixel i. Old centres lie at 0.5, 1.5,
    ...; a new centre outside them takes the nearest."""
    import numpy

    weights = numpy.zeros((new_size, size))
    for new in range(new_size):
        place = min(max((new + 0.5) * size / new_size - 0.5, 0), size - 1)
        low = min(int(place), size - 2)
        weights[new, low] = 1 - (place - low)
        weights[new, low + 1] = place - low
    return weights


def convert(files, options):
    import numpy

    pixels, labels = read(files)
    weights = bilinear_weights(8, 32)
    images = weights @ (pixels.reshape(-1, 8, 8) / 16) @ weights.T  # exact: sums of few multiples of 2^-10
    x = numpy.repeat(images[:, None], 3, axis=1).astype(numpy.float32)
    train = len(x) - TEST_ROWS
    classes = [str(digit) for digit in range(10)]
    check_classes(labels[:train], classes, next(iter(files.values())), MEND)
    return Converted(x[:train], labels[:train], x[train:], labels[train:], classes=classes)


def count(files):
    rows = len(read(files)[1])
    return rows - TEST_ROWS, TEST_ROWS


SET = Known(
    name="digits",
    kind="classify",
    title="Optical Recognition of Handwritten Digits, test part (UCI; Alpaydin and Kaynak, 1998)",
    licence="CC BY 4.0",
    rows=(1437, 360),
    names=("digits.csv.gz",),
    find=named("digits.csv.gz"),
    convert=convert,
    count=count,
    checksums={"digits.csv.gz": "09f66e6debdee2cd2b5ae59e0d6abbb73fc2b0e0185d2e1957e9ebb51e23aa22"},
    shipped=("digits.csv.gz", "digits.csv.gz"),
)

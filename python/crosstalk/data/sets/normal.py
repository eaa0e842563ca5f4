"""Normal numbers: 640 rows of 16 inputs and a target, drawn independently of each other, so that there is nothing to learn. A study
of networks as they begin needs such inputs and losses.

They are NumPy's default_rng(1).standard_normal((640, 17)), rounded to four places; the last 128 rows are the test set."""

from crosstalk.data.converted import Converted
from crosstalk.data.errors import DataError, shape_text
from crosstalk.data.sets import comma_separated
from crosstalk.data.sets.comma_separated import MEND
from crosstalk.data.sets.known import Known, named

COLUMNS, TEST_ROWS = 17, 128
CHECKSUM = "11fb32e3406bffe63df3f56d8f5526aac615d5b4c89327bcc23affe847e4709f"
PACKED = "4737259fe39dbf4f0bfd026475d9e2b94f85fb9f4250a6accea1963c2579f772"


def read(files):
    import numpy

    path = next(iter(files.values()))
    table = comma_separated.table(path, "the table of normal numbers")
    if table.shape[1] != COLUMNS or len(table) <= TEST_ROWS or not numpy.isfinite(table).all():
        raise DataError(
            f"{path} holds {shape_text(table.shape)} numbers where 640 x 17 finite ones are expected.\n{MEND}"
        )
    return table


def convert(files, options):
    import numpy

    table = read(files).astype(numpy.float32)
    train = len(table) - TEST_ROWS
    x, y = table[:, :-1], table[:, -1:]
    return Converted(x[:train], y[:train], x[train:], y[train:], features=[f"x{i}" for i in range(COLUMNS - 1)])


def count(files):
    rows = len(read(files))
    return rows - TEST_ROWS, TEST_ROWS


SET = Known(
    name="normal",
    kind="regress",
    title="Normal inputs and targets, independent of each other",
    licence="public domain",
    rows=(512, TEST_ROWS),
    names=("normal.csv",),
    find=named("normal.csv"),
    convert=convert,
    count=count,
    checksums={"normal.csv": CHECKSUM, "normal.csv.gz": CHECKSUM},
    shipped=("normal.csv", "normal.csv.gz"),
    packed={PACKED: CHECKSUM},
)

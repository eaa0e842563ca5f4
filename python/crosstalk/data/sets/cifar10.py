"""CIFAR-10, binary version (Krizhevsky, 2009): records of 3,073 bytes, a label and then 32 x 32 in red,
green and blue."""

import os

from crosstalk.data.converted import Converted, check_classes, rows_notice
from crosstalk.data.errors import DataError, commas, counted
from crosstalk.data.sets.known import Download, Known, named

BATCHES = tuple(f"data_batch_{batch}.bin" for batch in range(1, 6))
TEST = "test_batch.bin"
RECORD = 3073
CLASSES = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"]
MEND = "`crosstalk data fetch cifar10` gets the right one."


def choose(files, options):
    for wanted, what in ((BATCHES, "training batch (data_batch_1.bin to data_batch_5.bin)"), ((TEST,), TEST)):
        if not any(name in files for name in wanted):
            beside = f" beside {next(iter(files.values()))}" if files else ""
            raise DataError(f"cifar10: there is no {what}{beside}. {MEND}")
    return files


def records(path):
    """How many whole records the file has; DataError when it ends within one."""
    size = os.path.getsize(path)
    if size == 0 or size % RECORD or size > 10_000 * RECORD:
        whole = (
            f"{commas(size // RECORD)} whole records and {counted(size % RECORD, 'byte')} more"
            if size % RECORD
            else counted(size // RECORD, "record")
        )
        raise DataError(
            f"{path} has {counted(size, 'byte')}, {whole}, where 1 to 10,000 whole records of 3,073 "
            "bytes are expected.\n"
            f"It is cut short or another file. {MEND}"
        )
    return size // RECORD


def read(path):
    import numpy

    rows = records(path)
    table = numpy.fromfile(path, numpy.uint8)
    if len(table) != rows * RECORD:
        raise DataError(f"{path} changed while it was read. Run the command again.")
    table = table.reshape(rows, RECORD)
    wrong = numpy.flatnonzero(table[:, 0] > 9)
    if len(wrong):
        raise DataError(
            f"{path} has the label {table[wrong[0], 0]} in record {wrong[0] + 1:,} where 0 to 9 is "
            "expected.\n"
            f"It is damaged or another file. {MEND}"
        )
    return table[:, 1:].reshape(rows, 3, 32, 32), table[:, 0].astype(numpy.int64)


def convert(files, options):
    import numpy

    parts = [read(files[name]) for name in BATCHES if name in files]
    x, y = (numpy.concatenate([part[index] for part in parts]) for index in (0, 1))
    check_classes(y, CLASSES, "cifar10: " + ", ".join(files[name] for name in BATCHES if name in files), MEND)
    test_x, test_y = read(files[TEST])
    notices = []
    if len(y) != 50_000:
        notices.append(
            rows_notice(f"{counted(len(parts), 'training batch', 'training batches')} together", len(y), 50_000)
        )
    if len(test_y) != 10_000:
        notices.append(rows_notice(TEST, len(test_y), 10_000))
    return Converted(x, y, test_x, test_y, classes=CLASSES, divide=255, notices=notices)


def count(files):
    return sum(records(path) for name, path in files.items() if name != TEST), records(
        files[TEST]
    ) if TEST in files else 0


SET = Known(
    name="cifar10",
    kind="classify",
    title="CIFAR-10, binary version (Krizhevsky, 2009)",
    licence="none stated; cite Krizhevsky (2009)",
    rows=(50000, 10000),
    names=(*BATCHES, TEST),
    folders=("cifar-10-batches-bin",),
    not_read={"cifar-10-batches-py": "the Python version, whose files are pickled; the binary version is read"},
    find=named(*BATCHES, TEST),
    choose=choose,
    convert=convert,
    count=count,
    downloads=(
        Download(
            "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz",
            "md5",
            "c32a1d4ab5d03f1284b67883e8d87530",
            members=tuple(f"cifar-10-batches-bin/{name}" for name in (*BATCHES, TEST)),
            member_bytes=10_000 * RECORD,
        ),
    ),
)

"""SARCOS: inverse dynamics of a robot arm (Vijayakumar and Schaal): 21 inputs, 7 torques.

`task.source = "test-file"` splits the test file, for where the training file is not at hand."""

from crosstalk.data.converted import Converted
from crosstalk.data.errors import DataError, commas, counted
from crosstalk.data.precision import single_where_distinct
from crosstalk.data.sets import matlab
from crosstalk.data.sets.known import Download, Known, named

TRAIN, TEST = "sarcos_inv.mat", "sarcos_inv_test.mat"
ROWS = {TRAIN: 44484, TEST: 4449}
MEND = "`crosstalk data fetch sarcos` gets the right one."


def choose(files, options):
    source = options.get("source") or "files"
    if source not in ("files", "test-file"):
        raise DataError(f'task.source = "{source}" is not known; it is "files" or "test-file".', "config")
    if TEST not in files:
        raise DataError(f"sarcos: {TEST} is not there{' beside ' + files[TRAIN] if TRAIN in files else ''}. {MEND}")
    if source == "test-file":
        return {TEST: files[TEST]}
    if TRAIN not in files:
        raise DataError(
            f"sarcos: {TRAIN}, the training file, is not beside {files[TEST]}.\n`crosstalk data fetch "
            "sarcos` gets it; or train on part "
            'of the test file: task.source = "test-file".'
        )
    return files


def read(path, name):
    """Inputs and torques of one file, in the file's double precision."""
    import numpy

    def fits(shape):
        return len(shape) == 2 and shape[1] == 28 and shape[0] >= 2

    variable = name.removesuffix(".mat")
    expected = f"{ROWS[name]:,} x 28 are expected (21 inputs, 7 torques)"
    table = matlab.numbers(path, variable, fits, expected, MEND)
    if not numpy.isfinite(table).all() or abs(table).max() > 1e30:
        row, column = numpy.argwhere(~(abs(table) <= 1e30))[0]
        raise DataError(
            f"{path} has {table[row, column]} in row {row + 1:,}, column {column + 1}, where a finite "
            "number is expected.\n"
            f"It is damaged. {MEND}"
        )
    return table.astype(numpy.float64)


def convert(files, options):
    import numpy

    notices = []
    tables = {name: read(path, name) for name, path in files.items()}
    for name, table in tables.items():
        if len(table) != ROWS[name]:
            notices.append(f"{name} has {counted(len(table), 'row')} of {ROWS[name]:,}.")
    if TRAIN in tables:
        source, train, test = tables[TRAIN], tables[TRAIN], tables[TEST]
    else:
        source = tables[TEST]
        rows = options.get("train-rows")
        rows = 3560 if rows is None else rows
        if not isinstance(rows, int) or isinstance(rows, bool) or not 1 <= rows < len(source):
            raise DataError(
                f"task.train-rows = {rows}: {TEST} has {commas(len(source))} rows, so 1 to "
                f"{commas(len(source) - 1)} can train, the "
                "rest tests.",
                "config",
            )
        train, test = source[:rows], source[rows:]
        notices.append(
            f"both splits come from {TEST}: its first {commas(rows)} rows train, the other "
            f"{commas(len(test))} test. They are "
            "samples of one trajectory."
        )
    rows = single_where_distinct(numpy.concatenate([train, test]))
    train, test = rows[: len(train)], rows[len(train) :]
    halves = train[:, :21], train[:, 21:], test[:, :21], test[:, 21:]
    features = [f"{what}{joint}" for what in ("position", "velocity", "acceleration") for joint in range(1, 8)]
    variance = [float(value) for value in source[:, 21:].var(axis=0)]
    return Converted(*halves, target_variance=variance, features=features, notices=notices)


def count(files):
    rows = []
    for name in (TRAIN, TEST):
        found = matlab.variables(files[name], MEND) if name in files else {}
        shape, _ = found.get(name.removesuffix(".mat"), ((0,), ""))
        rows.append(shape[0])
    return rows


SET = Known(
    name="sarcos",
    kind="regress",
    title="SARCOS inverse dynamics (Vijayakumar and Schaal, 2000)",
    licence="none stated; for research, from the Gaussian processes book's page",
    rows=(44484, 4449),
    names=(TRAIN, TEST),
    find=named(TRAIN, TEST),
    choose=choose,
    convert=convert,
    count=count,
    options=("source", "train-rows"),
    downloads=(
        Download(
            "https://gaussianprocess.org/gpml/data/sarcos_inv.mat",
            "sha256",
            "b8a249733253ba6097372fedee7696833fcf30de42037d5b4a7227f21a6d1d97",
        ),
        Download(
            "https://gaussianprocess.org/gpml/data/sarcos_inv_test.mat",
            "sha256",
            "161a59b5c3b4f4b404584323f181607b2acbe620eb134dc720760dc3f38f5cec",
        ),
    ),
)

"""FILE.csv: a header, numbers, and one column to predict (task.target)."""

import csv
from array import array

from crosstalk.data.converted import Converted
from crosstalk.data.errors import DataError, counted, did_you_mean, quoted
from crosstalk.data.names import has_ending
from crosstalk.data.order import split
from crosstalk.data.own.format import Format, test_share
from crosstalk.data.own.labels import as_number, classes_of, single_precision, split_rows

MISSING = {"", "na", "n/a", "nan", "null", "none", "?", "-", ".", "#n/a"}


def records(path):
    """(line, fields) of each record that is not blank, the header first. The delimiter is the one the
    header has."""
    try:
        with open(path, newline="", encoding="utf-8-sig") as file:
            header = file.readline(1 << 20)
            delimiter = max(",;\t", key=header.count)
            file.seek(0)
            reader = csv.reader(file, delimiter=delimiter, strict=True)
            try:
                for fields in reader:
                    if any(field.strip() for field in fields):
                        yield reader.line_num, [field.strip() for field in fields]
            except csv.Error as error:
                raise DataError(
                    f"{path}:{reader.line_num}: {error}. Columns are separated by {quoted(delimiter)}, "
                    "and quotes come "
                    "in pairs."
                ) from None
    except UnicodeDecodeError as error:
        with open(path, "rb") as file:
            good = file.read()[: 1 << 30]
        line = good.count(b"\n", 0, first_wrong_byte(good, error)) + 1
        raise DataError(
            f"{path}:{line}: the byte {error.object[error.start]:#04x} is not UTF-8 text. Save the table "
            "as CSV in UTF-8; "
            "an .xlsx or a .gz is not one."
        ) from None


def first_wrong_byte(data, error):
    try:
        data.decode("utf-8-sig")
    except UnicodeDecodeError as whole:
        return whole.start
    return error.start


def check_header(path, line, names):
    if all(as_number(name) is not None for name in names):
        raise DataError(
            f"{path}:{line}: {quoted(', '.join(names))} are numbers where the columns' names are "
            "expected. Put a header first."
        )
    for place, name in enumerate(names, start=1):
        if not name:
            raise DataError(f"{path}:{line}: column {place} has no name. Name it, or take it out.")
        if name in names[: place - 1]:
            raise DataError(f"{path}:{line}: two columns are named {quoted(name)}. Name one of them differently.")
    if len(names) < 2:
        raise DataError(
            f"{path}:{line}: there is one column, {quoted(names[0])}, where inputs and a target are "
            "expected. "
            "Columns are separated by commas."
        )


def target_column(path, names, target):
    if not target:
        raise DataError(
            f'{path}: which column is to be predicted? Say it: task.target = "{names[-1]}"; the columns are '
            f"{', '.join(names[:20])}{' ...' if len(names) > 20 else ''}.",
            "config",
        )
    if target not in names:
        raise DataError(
            f'{path}: task.target = "{target}" is not one of its columns{did_you_mean(target, names)} '
            "They are "
            f"{', '.join(names[:20])}{' ...' if len(names) > 20 else ''}.",
            "config",
        )
    return names.index(target)


def read(path, target, classify):
    """(names of the inputs, inputs row by row, targets: numbers, or texts to classify)"""
    rows = records(path)
    line, names = next(rows, (1, []))
    if not names:
        raise DataError(f"{path} is empty where a header and rows are expected.")
    check_header(path, line, names)
    column = target_column(path, names, target)
    inputs, targets = array("d"), [] if classify else array("d")
    for line, fields in rows:
        if len(fields) != len(names):
            raise DataError(
                f"{path}:{line} has {counted(len(fields), 'column')} where the header names "
                f"{len(names)}. Mend the line; a "
                "comma inside a value needs quotes."
            )
        for place, (name, text) in enumerate(zip(names, fields)):
            if text.lower() in MISSING:
                raise DataError(
                    f"{path}:{line}: column {name} is {'empty' if not text else quoted(text)}. Fill it "
                    "in, or leave the row out: "
                    "Crosstalk does not guess missing values."
                )
            if place == column and classify:
                targets.append(text)
                continue
            number = as_number(text)
            if number is None or abs(number) > 3.4e38:
                raise DataError(
                    f"{path}:{line}: column {name} is {quoted(text)} where a number is expected. "
                    f"{mend(place == column)}"
                )
            (targets if place == column else inputs).append(number)
    if not len(targets):
        raise DataError(f"{path} has a header and no rows.")
    return names[:column] + names[column + 1 :], inputs, targets


def mend(of_target):
    if of_target:
        return 'For words to be told apart: task.kind = "classify".'
    return "Write words as numbers (one column for each word, 0 or 1), or take the column out."


def check_varies(path, names, table, what):
    """A column that never changes cannot be standardised and says nothing."""
    for place in constant(table):
        raise DataError(
            f"{path}: {what} {names[place]} is {table[0, place]:g} in every row. A column that never "
            "changes says nothing: "
            "take it out."
        )


def constant(table):
    return (table.min(axis=0) == table.max(axis=0)).nonzero()[0].tolist()


def convert(files, options):
    import numpy

    path, classify = files["all"], options.get("kind") == "classify"
    target = options.get("target") or ""
    names, inputs, targets = read(path, target, classify)
    x = numpy.frombuffer(inputs, numpy.float64).reshape(-1, len(names))
    train, test = split(len(x), test_share(options), path)
    check_varies(path, names, x, "column")
    still = [names[place] for place in constant(x[train])]
    notices = [f"in the training rows {', '.join(still)} never changes."] if still else []
    x = single_precision(x, lambda place: f"{path}: column {names[place[1]]}, row {place[0] + 1:,}")
    if classify:
        y, classes = classes_of(targets, f"{path}: column {target}")
    else:
        y, classes = numpy.frombuffer(targets, numpy.float64).reshape(-1, 1), None
        check_varies(path, [target], y[train], "the target")
        y = single_precision(y, lambda place: f"{path}: column {target}, row {place[0] + 1:,}")
    return Converted(*split_rows(x, y, train, test), classes=classes, features=names, notices=notices)


FORMAT = Format(
    "csv",
    "FILE.csv",
    lambda name: has_ending(name, ".csv"),
    convert,
    options=("kind", "target", "test-share"),
)

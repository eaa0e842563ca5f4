"""Targets of the user's own data: classes from labels that are texts, or columns of numbers."""

import math
import re
import unicodedata
from decimal import Decimal

from crosstalk.data.errors import DataError, commas, counted, quoted
from crosstalk.data.own.numbers import as_number
from crosstalk.data.precision import few, shift_and_scale

MISSING = {"", "na", "n/a", "nan", "null", "none", "?", "-", ".", "#n/a"}
WHOLE = re.compile(r"0|-?[1-9]\d*", re.ASCII)
LEAST_DEVIATION = 1e-150  # whose square a double still holds whole


def classes_of(labels, what, place_of):
    """(class of each row as int64, names of the classes, notices). Labels are texts, and each distinct one is a
    class: a number of twenty digits is no double, and 01234 is not 1234. They are sorted by size where all are
    numbers, else by their letters. `place_of(row)` says where a row's label stands."""
    import numpy

    distinct = set(labels)
    for label in distinct:
        check_label(label, labels, place_of)
    values = {label: as_number(label) for label in distinct}
    infinite = [label for label, value in values.items() if value is not None and not math.isfinite(value)]
    if infinite and None not in values.values():
        row = min(labels.index(label) for label in infinite)
        raise DataError(
            f"{place_of(row)} is {quoted(labels[row])}, and the other labels are numbers. Fill it in, leave the row out, "
            "or write all labels as words."
        )
    names = sorted(distinct, key=order_of(values))
    if len(names) < 2:
        raise DataError(f"{what} is {quoted(names[0])} in every row; there must be two classes or more.")
    if len(names) > 10 and 2 * len(names) > len(labels):
        raise DataError(
            f"{what} has {commas(len(names))} distinct values in {counted(len(labels), 'row')}: these "
            "are hardly classes.\n"
            'For a number to be predicted: task.kind = "regress".'
        )
    index = {name: place for place, name in enumerate(names)}
    codes = numpy.array([index[label] for label in labels], numpy.int64)
    return codes, names, taken_as_words(names, codes) + much_alike(names, values)


def check_label(label, labels, place_of):
    if not label.strip():
        raise DataError(f"{place_of(labels.index(label))} is empty. Name the class, or leave the row out.")
    if "\0" in label or any("\ud800" <= letter <= "\udfff" for letter in label):
        raise DataError(f"{place_of(labels.index(label))} is {quoted(label)}, which is no text. Write the label anew.")


def order_of(values):
    """What labels are sorted by."""
    if all(WHOLE.fullmatch(label) for label in values):
        return int
    if all(value is not None and math.isfinite(value) for value in values.values()):
        return lambda label: (Decimal(label), label)
    return str


def taken_as_words(names, codes):
    """A notice of each class that another program may have written for a missing value."""
    return few(
        [
            f"{quoted(name)} is taken as the name of a class ({counted(int((codes == place).sum()), 'row')}), not as a "
            "missing value."
            for place, name in enumerate(names)
            if name.lower() in MISSING or as_number(name) is not None and not math.isfinite(as_number(name))
        ],
        "classes have such names",
    )


def much_alike(names, values):
    """A notice of classes that a reader would take for one: the same number, or the same letters."""
    alike = {}
    for name in names:
        number = values[name] is not None and math.isfinite(values[name])
        key = Decimal(name) if number else unicodedata.normalize("NFC", " ".join(name.split()))
        alike.setdefault(key, []).append(name)
    return few(
        [
            f"{' and '.join(quoted(name) for name in group[:3])} are {len(group)} classes, though "
            f"{'one number' if isinstance(key, Decimal) else 'they look alike'}."
            for key, group in alike.items()
            if len(group) > 1
        ],
        "classes are alike",
    )


def constant(table):
    """The columns that never change."""
    return (table.min(axis=0) == table.max(axis=0)).nonzero()[0].tolist()


def shown(value):
    """A number with all its digits: 2000000001, not 2e+09."""
    return f"{float(value):.17g}" if float(f"{float(value):.15g}") != float(value) else f"{float(value):.15g}"


def check_targets(y, train, name_of):
    """Targets (N, outputs): what never changes in the rows `train` cannot be predicted, and the squares of what hardly
    changes are below what a double holds."""
    for column in constant(y[train]):
        rows = "row" if column in constant(y) else "training row"
        raise DataError(
            f"{name_of(column)} is {shown(y[train[0], column])} in every {rows}: there is nothing to predict. Take it "
            "out, or let other rows train."
        )
    for column in range(y.shape[1]):
        deviation = shift_and_scale(y[train, column].astype("float64"))[1]
        if deviation < LEAST_DEVIATION:
            raise DataError(
                f"{name_of(column)} has a standard deviation of {deviation:.3g}, whose square is 0 in double precision. "
                "Give it another unit."
            )


def split_rows(x, y, train, test):
    return x[train], y[train], x[test], y[test]

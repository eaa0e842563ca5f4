"""FILE.csv: a header, numbers, and one column to predict (task.target)."""

import itertools
from array import array
from dataclasses import dataclass, field

from crosstalk.data.converted import Converted, check_classes
from crosstalk.data.errors import DataError, counted, cut, did_you_mean, listed, quoted
from crosstalk.data.names import has_ending
from crosstalk.data.order import split
from crosstalk.data.own.csv_text import records
from crosstalk.data.own.format import Format, test_share
from crosstalk.data.own.labels import MISSING, check_targets, classes_of, constant, shown, split_rows
from crosstalk.data.own.numbers import Decimals, as_number, lost_by_doubles, mend, vanishes


@dataclass
class Table:
    """What stands in a file, row by row: the inputs, and the targets as numbers or, to classify, as texts."""

    names: list  # of the inputs
    targets: object
    inputs: object = field(default_factory=lambda: array("d"))
    lines: object = field(default_factory=lambda: array("q"))
    notices: list = field(default_factory=list)


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
        other = next((mark for mark in "|:" if mark in names[0]), None)
        separated = f"; a first line `sep={other}` says otherwise" if other else ""
        separated = separated or (", not by blanks: replace the blanks" if " " in names[0] else "")
        raise DataError(
            f"{path}:{line}: there is one column, {quoted(names[0])}, where inputs and a target are "
            f"expected. Columns are separated by commas, semicolons or tabs{separated}."
        )


def target_column(path, names, target):
    if not target:
        raise DataError(
            f'{path}: which column is to be predicted? Say it: task.target = "{cut(names[-1])}"; the columns are '
            f"{listed(names)}.",
            "config",
        )
    if target not in names:
        raise DataError(
            f'{path}: task.target = "{cut(target)}" is not one of its columns{did_you_mean(target, names)} '
            f"They are {listed(names)}.",
            "config",
        )
    return names.index(target)


class Reader:
    """Takes the records of a file one by one."""

    def __init__(self, path, target, classify):
        self.path, self.classify = path, classify
        self.decimals, self.long_columns, self.empty_ends = Decimals(path), set(), 0
        rows = records(path)
        line, header = next(rows, (1, []))
        if not header:
            raise DataError(f"{path} is empty where a header and rows are expected.")
        self.names = header
        while len(self.names) > 1 and not self.names[-1]:
            self.names = self.names[:-1]  # as long as nothing stands below it either
        check_header(path, line, self.names)
        self.column = target_column(path, self.names, target)
        self.table = Table(self.names[: self.column] + self.names[self.column + 1 :], [] if classify else array("d"))
        for line, fields in rows:
            self.row(line, fields)

    def row(self, line, fields):
        if len(fields) != len(self.names):
            fields = self.without_empty_end(line, fields)
        self.table.lines.append(line)
        for place, text in enumerate(fields):
            if place == self.column and self.classify:
                self.table.targets.append(text)
            else:
                (self.table.targets if place == self.column else self.table.inputs).append(
                    self.number(line, place, text)
                )

    def without_empty_end(self, line, fields):
        """A row whose separators go on after its last value has no more columns for that."""
        count = len(self.names)
        if len(fields) > count and not any(fields[count:]):
            self.empty_ends += 1
            return fields[:count]
        mend = "a comma inside a value needs quotes."
        if len(fields) == 2 * count:
            mend += " Where it is a decimal comma, separate the columns by semicolons."
        raise DataError(
            f"{self.path}:{line} has {counted(len(fields), 'column')} where the header names {count}. Mend the line; {mend}"
        )

    def number(self, line, place, text):
        number = as_number(text)
        if number is None:
            number = self.decimals.read(text, line, cut(self.names[place]))
        elif "." in text:
            self.decimals.saw_point(line, text)
        if number is None or not abs(number) <= 3.4e38 or (number == 0 and vanishes(text)):
            self.refuse(line, place, text)
        if len(text) > 15:
            self.long_columns.add(place)
        return number

    def refuse(self, line, place, text):
        where = f"{self.path}:{line}: column {cut(self.names[place])}"
        if text.lower() in MISSING:
            raise DataError(
                f"{where} is {'empty' if not text else quoted(text)}. Fill it in, or leave the row out: "
                "Crosstalk does not guess missing values."
            )
        what = mend(text)
        if place == self.column and what.startswith("Write words"):
            what = 'For words to be told apart: task.kind = "classify".'
        raise DataError(f"{where} is {quoted(text)} where a number is expected. {what}")

    def finished(self):
        import numpy

        table = self.table
        if not len(table.lines):
            raise DataError(f"{self.path} has a header and no rows.")
        table.notices += self.decimals.notices()
        if self.empty_ends:
            table.notices.append(
                f"empty columns beyond the header's are left out, at the end of {counted(self.empty_ends, 'line')}."
            )
        table.inputs = numpy.frombuffer(table.inputs, numpy.float64).reshape(-1, len(table.names))
        if not self.classify:
            table.targets = numpy.frombuffer(table.targets, numpy.float64).reshape(-1, 1)
        if self.long_columns:
            every = numpy.insert(table.inputs, self.column, 0 if self.classify else table.targets[:, 0], axis=1)
            rows = (fields for _, fields in itertools.islice(records(self.path), 1, None))
            table.notices += lost_by_doubles(every, self.long_columns, [cut(name) for name in self.names], rows)
        return table


def check_varies(path, names, table):
    """A column that never changes cannot be standardised and says nothing."""
    for place in constant(table):
        raise DataError(
            f"{path}: column {cut(names[place])} is {shown(table[0, place])} in every row. A column that never "
            "changes says nothing: take it out."
        )


def convert(files, options):
    path, classify = files["all"], options.get("kind") == "classify"
    target = options.get("target") or ""
    table = Reader(path, target, classify).finished()
    names, x, share = table.names, table.inputs, test_share(options)
    train, test = split(len(x), share, path)
    check_varies(path, names, x)
    still = [names[place] for place in constant(x[train])]
    notices = table.notices + ([f"in the training rows {listed(still)} never changes."] if still else [])
    if classify:
        what = f"column {cut(target)}"
        y, classes, told = classes_of(
            table.targets, f"{path}: {what}", lambda row: f"{path}:{table.lines[row]}: {what}"
        )
        notices += [f"{what}: {sentence}" for sentence in told]
        check_classes(
            y[train], classes, f"{path}: {what}", f"Give a smaller task.test-share than {share:g}, or more rows."
        )
    else:
        y, classes = table.targets, None
        check_targets(y, train, lambda _: f"{path}: the target {cut(target)}")
    return Converted(*split_rows(x, y, train, test), classes=classes, features=names, notices=notices)


FORMAT = Format(
    "csv",
    "FILE.csv",
    lambda name: has_ending(name, ".csv"),
    convert,
    options=("kind", "target", "test-share"),
)

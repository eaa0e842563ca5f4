"""A CSV file as text: which encoding it is in, what separates its columns, and its records one by one."""

import csv
import itertools
import re

from crosstalk.data.errors import DataError, quoted
from crosstalk.data.own.numbers import COMMA, as_number

DELIMITERS = ",;\t"
SAMPLE_LINES, SAMPLE_BYTES = 30, 1 << 20
FOREIGN = (
    (b"\xff\xfe", "it is in UTF-16"),
    (b"\xfe\xff", "it is in UTF-16"),
    (b"PK\x03\x04", "it is a zip archive, as an .xlsx or an .npz is"),
    (b"\x1f\x8b", "it is packed by gzip"),
    (b"PAR1", "it is a Parquet file"),
    (b"\xd0\xcf\x11\xe0", "it is a workbook of Excel (.xls)"),
)
SAVE = "Save the table as CSV in UTF-8."


def refuse_foreign(path):
    with open(path, "rb") as file:
        begin = file.read(1 << 12)
    for mark, what in FOREIGN:
        if begin.startswith(mark):
            raise DataError(f"{path} is no CSV text in UTF-8: {what}. {SAVE}")
    if b"\0" in begin:
        raise DataError(f"{path} has a zero byte among its first ones: it is in UTF-16, or no text. {SAVE}")


def records(path):
    """(line, fields) of each record that is not blank, the header first."""
    refuse_foreign(path)
    try:
        with open(path, newline="", encoding="utf-8-sig") as file:
            delimiter, skipped = dialect(file)
            reader = csv.reader(file, delimiter=delimiter, strict=True)
            try:
                for fields in reader:
                    if any(field.strip() for field in fields):
                        yield reader.line_num + skipped, [field.strip() for field in fields]
            except csv.Error as error:
                what = "a field has more than 131,072 characters" if "field limit" in str(error) else error
                raise DataError(
                    f"{path}:{reader.line_num + skipped}: {what}. Columns are separated by {quoted(delimiter)}, "
                    "and quotes come in pairs."
                ) from None
    except UnicodeDecodeError as error:
        raise not_utf8(path, error) from None


def not_utf8(path, error):
    with open(path, "rb") as file:
        data = file.read(1 << 30)
    try:
        data.decode("utf-8")
        place, byte = error.start, error.object[error.start]
    except UnicodeDecodeError as whole:
        place, byte = whole.start, data[whole.start]
    return DataError(
        f"{path}:{data.count(bytes([10]), 0, place) + 1}: the byte {byte:#04x} is not UTF-8 text; Latin-1 and "
        f"Windows-1252 have such bytes. {SAVE}"
    )


def dialect(file):
    """(what separates the columns, how many lines stand before the header); `file` is left at the header."""
    first = file.readline(SAMPLE_BYTES)
    said = re.fullmatch(r'(?i)"?sep=([^\w"])"?', first.rstrip("\r\n"))
    if said:  # as Excel writes it, and reads it
        return said[1], 1
    lines = [first, *(file.readline(SAMPLE_BYTES) for _ in range(SAMPLE_LINES))]
    file.seek(0)
    return max(DELIMITERS, key=lambda delimiter: fitness(lines, delimiter)), 0


def fitness(lines, delimiter):
    """How well a delimiter explains the first lines: columns at all, rows as long as the header, numbers, columns.
    Quotes count, so that a comma within a name separates nothing."""
    try:
        sample = [fields for fields in csv.reader(lines, delimiter=delimiter) if any(map(str.strip, fields))]
    except csv.Error:
        return False, 0, 0, 0
    header, rows = trimmed(sample[0]) if sample else [], [trimmed(fields) for fields in sample[1:-1] or sample[1:]]
    fields = [field.strip() for field in itertools.chain(*rows)]
    numbers = sum(as_number(field) is not None or COMMA.fullmatch(field) is not None for field in fields)
    fitting = sum(len(row) == len(header) for row in rows)
    return len(header) > 1, fitting / max(len(rows), 1), numbers / max(len(fields), 1), len(header)


def trimmed(fields):
    """Without the empty fields at the end."""
    count = len(fields)
    while count and not fields[count - 1].strip():
        count -= 1
    return fields[:count]

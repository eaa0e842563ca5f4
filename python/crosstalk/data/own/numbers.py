"""What a field of a user's table says: the number, or why it is none and what to write in its place."""

import re
from decimal import Decimal

from crosstalk.data.errors import DataError, quoted
from crosstalk.data.precision import few, in_double_sentence

COMMA = re.compile(r"[+-]?(\d+,\d*|,\d+)([eE][+-]?\d+)?", re.ASCII)
PERHAPS_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2},\d{3}", re.ASCII)
# What a field looks like, and what to do about it; the first that fits counts.
MENDS = (
    (r"[+-]?\d{1,3}(,\d{3})+(\.\d*)?", "Write it without the commas of thousands."),
    (r"[+-]?\d{1,3}(\.\d{3})+(,\d*)?", "Write it without the points of thousands, and the decimal comma as a point."),
    (r"[+-]?\d{1,3}([ \u00a0\u2009\u202f'\u2019]\d{3})+([.,]\d*)?", "Write it without what separates the thousands."),
    (r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}([ T].*)?|\d{1,2}:\d\d(:\d\d.*)?", "Write times as numbers: days or seconds."),
    (r"(?i:true|false|yes|no)", "Write 0 and 1."),
    (r"[\d_]+_[\d_]*(\.\d*)?", "Write it without underscores."),
    (r"[+-]?0[xX][0-9a-fA-F.]+(p[+-]?\d+)?", "Write it in decimal digits."),
    (r"(?i:[+-]?(inf|infinity|nan))", "Fill it in, or leave the row out."),
    (r"[+-]?[\d.,]+([eE][+-]?\d+)?\s*[^\d\s.,+-].{0,8}", "Write the number alone: its unit belongs into the header."),
    (r"[$\u00a3\u00a5\u20ac<>~=]\s*[\d.,]+", "Write the number alone."),
)


def as_number(text):
    """The number that a text is, or None. What Python alone would take, such as 1_000 or Arabic digits, is none."""
    try:
        return float(text) if text.isascii() and "_" not in text else None
    except ValueError:
        return None


def mend(text):
    """What to do about a field that is no number."""
    if as_number(text) is not None and text.lstrip("+-")[0] in "0123456789.":
        return "Numbers are at most 3.4e38, and 5e-324 or more if they are not 0: give the column another unit."
    for pattern, what in MENDS:
        if re.fullmatch(pattern, text, re.ASCII):
            return what
    if any(letter.isdigit() or letter == "\N{MINUS SIGN}" for letter in text) and not text.isascii():
        return "Write it with the digits 0 to 9, a point and a minus of ASCII."
    return "Write words as numbers (one column for each word, 0 or 1), or take the column out."


def vanishes(text):
    """Whether a text that a double reads as 0 says another number, such as 1e-400."""
    return any(digit in "123456789" for digit in text.lower().partition("e")[0])


class Decimals:
    """Decimal commas, where a file has them everywhere and they can be nothing else."""

    def __init__(self, path):
        self.path, self.comma, self.point, self.sure = path, None, None, False

    def read(self, text, line, name):
        """The number with a decimal comma that a text is, or None."""
        if not COMMA.fullmatch(text):
            return None
        self.comma = self.comma or (line, name, text)
        self.sure = self.sure or not PERHAPS_THOUSANDS.fullmatch(text)
        return float(text.replace(",", "."))

    def saw_point(self, line, text):
        self.point = self.point or (line, text)

    def notices(self):
        """DataError where the commas may be something else."""
        if not self.comma:
            return []
        line, name, text = self.comma
        place = f"{self.path}:{line}: column {name} is {quoted(text)}"
        if self.point:
            there, other = self.point
            mend = "Write it without the comma of thousands" if PERHAPS_THOUSANDS.fullmatch(text) else "Write points"
            raise DataError(
                f"{place} where a number is expected, and line {there} has {quoted(other)}, with a decimal point. {mend}."
            )
        if not self.sure:
            plain = text.replace(",", "")
            raise DataError(
                f"{place}: is that {text.replace(',', '.')} or {plain}? Every comma in the numbers of this file stands "
                "before three digits. Write it the one way or the other, without a comma."
            )
        return [f"decimal commas are read as points: line {line} has {quoted(text)} in column {name}."]


def lost_by_doubles(table, columns, names, rows):
    """Notices of the `columns` of a table in which distinct numbers became one, since they have more digits than a double
    holds. `rows` are the fields of each row once more: only numbers that stand there twice are looked at."""
    import numpy

    suspects, distinct = {}, {}
    for column in sorted(columns):
        values, counts = numpy.unique(table[:, column], return_counts=True)
        distinct[column] = len(values)
        if (counts > 1).any():
            suspects[column] = {value: set() for value in values[counts > 1].tolist()}
    for row, fields in enumerate(rows if suspects else ()):
        for column, texts in suspects.items():
            group = texts.get(float(table[row, column]))
            if group is not None:
                group.add(fields[column])
    said = []
    for column, texts in suspects.items():
        exact = (len({Decimal(text.replace(",", ".")) for text in group}) for group in texts.values() if len(group) > 1)
        if merged := sum(number - 1 for number in exact):
            left = distinct[column]
            said.append(in_double_sentence(f"column {names[column]}", left + merged, left))
    return few(said, "columns lose digits likewise")

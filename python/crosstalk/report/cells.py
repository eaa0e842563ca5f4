"""Tables as CSV (RFC 4180, lines end in "\\n"). A text that a spreadsheet would take for a formula, for it begins with
= + - @, a tab or a line's end, gets an apostrophe before it; so does one that begins so behind apostrophes of its own, so that
`text` gives back every cell. Numbers do not. The twin of this rule: csv_field in src/desk/store/export.cpp."""

import re

NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
FORMULA = re.compile("'*[=+\\-@\t\r\n＝＋－＠]")  # the last four: the signs that East Asian keyboards have


def field(content):
    """A text as a cell of the file."""
    if FORMULA.match(content) and not NUMBER.fullmatch(content):
        content = "'" + content
    return '"' + content.replace('"', '""') + '"' if set(content) & set(',"\r\n') else content


def text(cell):
    """What a cell, as a reader of CSV gives it, said before it was guarded."""
    return cell[1:] if cell.startswith("'") and FORMULA.match(cell) else cell


def _shown(cell):
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, (int, float)):
        return repr(int(cell)) if isinstance(cell, float) and cell.is_integer() and abs(cell) < 2**53 else repr(cell)
    return field(str(cell))


def csv_of(table):
    rows = [[field(column) for column in table.columns], *([_shown(cell) for cell in row] for row in table.rows)]
    return "".join(",".join(row) + "\n" for row in rows)

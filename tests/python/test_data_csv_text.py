"""Tables as spreadsheets and instruments write them: read where they mean one thing, and else told what to change."""

import numpy as np
import pytest

from crosstalk.data.errors import DataError
from crosstalk.data.own import csv_table


def read(folder, text, target="y", **options):
    (folder / "mine.csv").write_bytes(text if isinstance(text, bytes) else text.encode())
    return csv_table.convert({"all": str(folder / "mine.csv")}, {"target": target, "kind": "regress", **options})


def rows_of(table):
    x, y = np.concatenate([table.train_x, table.test_x]), np.concatenate([table.train_y, table.test_y])
    return sorted(map(tuple, np.concatenate([x, y], axis=1).tolist()))


ROWS = [(1.5, 2.25, 3), (4, 5.125, 6), (7, 8, 9)]
LAYOUTS = {
    "decimal commas": ("a;b;y\n1,5;2,25;3\n4;5,125;6\n7;8;9\n", 'decimal commas are read as points: line 2 has "1,5"'),
    "decimal commas between tabs": ("a\tb\ty\n1,5\t2,25\t3\n4\t5,125\t6\n7\t8\t9\n", "decimal commas are read"),
    "quoted decimal commas": ('a,b,y\n"1,5","2,25",3\n4,"5,125",6\n7,8,9\n', "decimal commas are read as points"),
    "commas in bare names": ("Breite, m;b;y\n1,5;2,25;3\n4,0;5,125;6,0\n7,0;8,0;9,0\n", "decimal commas are read"),
    "commas in quoted names": ('"Breite, m";"b, cm, mm";y\n1.5;2.25;3\n4;5.125;6\n7;8;9\n', None),
    "sep=": ("sep=;\na;b;y\n1.5;2.25;3\n4;5.125;6\n7;8;9\n", None),
    "sep= after a mark, with CRLF": ("\ufeffsep=|\r\na|b|y\r\n1.5|2.25|3\r\n4|5.125|6\r\n7|8|9\r\n", None),
    "old Mac": ("a,b,y\r1.5,2.25,3\r4,5.125,6\r7,8,9\r", None),
    "commas at the ends": (
        "a,b,y\n1.5,2.25,3,\n4,5.125,6,,\n7,8,9\n",
        "empty columns beyond the header's are left out",
    ),
    "commas at every end": ("a,b,y,,\n1.5,2.25,3,,\n4,5.125,6,,\n7,8,9,,\n", "at the end of 3 lines"),
}


@pytest.mark.parametrize("text, notice", LAYOUTS.values(), ids=LAYOUTS.keys())
def test_layouts_that_mean_one_thing_are_read(text, notice, tmp_path):
    table = read(tmp_path, text)
    assert rows_of(table) == sorted(ROWS)
    assert notice in table.notices[0] if notice else table.notices == []


def test_lines_count_from_the_top_of_the_file(tmp_path):
    with pytest.raises(DataError, match='mine.csv:4: column b is "dry" where'):
        read(tmp_path, "sep=;\na;b;y\n1;2;3\n4;dry;6\n")


UNCLEAR = {
    "thousands or decimals": (
        "a;b;y\n1,234;2;3\n4,500;5;6\n",
        'mine.csv:2: column a is "1,234": is that 1.234 or 1234',
    ),
    "commas and points": (
        "a;b;y\n1,5;2;3\n4;5.5;6\n",
        'mine.csv:2: column a is "1,5" where a number is expected, and line 3 has "5.5", with a decimal point. Write points',
    ),
    "thousands beside points": ('a,b,y\n"1,234",2.5,3\n4,5,6\n', "Write it without the comma of thousands"),
    "decimal commas between commas": ("a,y\n1,5,2,5\n3,5,4,5\n", "has 4 columns where .* decimal comma, separate"),
    "something beyond the header": ("a,b,y\n1,2,3,4\n", "mine.csv:2 has 4 columns where the header names 3"),
    "blanks": ("a b y\n1 2 3\n4 5 6\n", 'one column, "a b y".* or tabs, not by blanks: replace the blanks'),
    "bars": ("a|b|y\n1|2|3\n", r"semicolons or tabs; a first line `sep=\|` says otherwise"),
    "names twice, but for blanks": ("a, a ,y\n1,2,3\n", 'two columns are named "a"'),
}


@pytest.mark.parametrize("text, message", UNCLEAR.values(), ids=UNCLEAR.keys())
def test_layouts_that_may_mean_two_things_are_told_the_way_out(text, message, tmp_path):
    with pytest.raises(DataError, match=message):
        read(tmp_path, text)


NO_NUMBERS = {
    '"1,234,567"': "without the commas of thousands",
    '"1,234.5"': "without the commas of thousands",
    '"1.234.567,8"': "without the points of thousands",
    "12 000": "without what separates the thousands",
    "12 kg": "its unit belongs into the header",
    "7%": "its unit belongs into the header",
    "\u20ac5": "Write the number alone",
    "<0.5": "Write the number alone",
    "2024-01-31": "Write times as numbers",
    "12:30": "Write times as numbers",
    "TRUE": "Write 0 and 1",
    "1_000": "without underscores",
    "0x1F": "in decimal digits",
    "infinity": "Fill it in",
    "\u0661\u0662": "with the digits 0 to 9",
    "\uff11\uff12": "with the digits 0 to 9",
    "\u22125": "a minus of ASCII",
    "1e39": "Numbers are at most 3.4e38",
    "dry": "Write words as numbers",
}


@pytest.mark.parametrize("field, mend", NO_NUMBERS.items(), ids=map(ascii, NO_NUMBERS))
def test_what_is_no_number_is_named_with_what_to_write_instead(field, mend, tmp_path):
    with pytest.raises(DataError, match="mine.csv:3: column b is ") as error:
        read(tmp_path, f"a,b,y\n1,2,3\n4,{field},6\n7,8,9\n")
    assert mend in error.value.message and ascii(field.strip('"'))[1:-1] in error.value.message


FOREIGN = {
    "UTF-16": ("a,b,y\n1,2,3\n".encode("utf-16"), "is in UTF-16"),
    "UTF-16 without a mark": ("a,b,y\n1,2,3\n".encode("utf-16-le"), "zero byte .* UTF-16, or no text"),
    "xlsx": (b"PK\x03\x04" + bytes(50), "zip archive, as an .xlsx"),
    "gzip": (b"\x1f\x8b\x08" + bytes(50), "packed by gzip"),
    "Latin-1": ("gr\u00f6\u00dfe,b,y\n1,2,3\n".encode("latin-1"), "mine.csv:1: the byte 0xf6 is not UTF-8.*Latin-1"),
    "Latin-1 later": (b"a,b,y\n" + b"1,2,3\n" * 5000 + b"1,\xb5,3\n", "mine.csv:5002: the byte 0xb5 is not UTF-8"),
}


@pytest.mark.parametrize("content, message", FOREIGN.values(), ids=FOREIGN.keys())
def test_what_is_no_text_in_utf_8_is_told_what_it_is(content, message, tmp_path):
    with pytest.raises(DataError, match=message + ".*Save the table as CSV in UTF-8"):
        read(tmp_path, content)


def test_no_value_and_no_name_is_echoed_whole(tmp_path):
    long = "x" * 100_000
    for text, options in (
        (f"a,b,y\n1,{long},3\n", {}),
        (f"a,{long},y\n1,dry,3\n", {}),
        (f"a,{long},y\n1,2,3\n", {"target": ""}),
        (f"a,{long},y\n1,2,3\n", {"target": long[:-1]}),
        (f"a,{long},{long}\n1,2,3\n", {}),
        (f"{long}\n1\n", {}),
        (f"a,{long},y\n1,2,3\n1,2,4\n1,2,5\n", {}),
        (f"a,y,{long}\n1,1,2\n2,1,3\n3,1,4\n", {"target": long, "kind": "classify"}),
        (f"a,b,y\n1,2,{long}\n1,3,{long}\n1,4,{long}\n2,2,{long}\n", {"kind": "classify"}),
    ):
        with pytest.raises(DataError) as error:
            read(tmp_path, text, **options)
        assert len(error.value.message) < 600

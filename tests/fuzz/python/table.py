"""FILE.csv, as a regression and as a classification; the first line that begins "target=" names the column."""

import reading
from crosstalk.data.own import OWN

MARK = b"target="


def read(data):
    target = "y"
    if data.startswith(MARK):
        line, _, data = data.partition(b"\n")
        target = line[len(MARK) :].decode("utf-8", "replace")
    path = str(reading.file("table.csv", data))
    for kind in ("regress", "classify"):
        reading.is_taken(reading.convert, OWN["csv"], {"all": path}, {"target": target, "kind": kind})

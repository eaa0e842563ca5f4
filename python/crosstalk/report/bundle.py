"""The bundle: everything a report shows, as the command line computed it (docs/figures.md lists its fields)."""

import json
import re
from dataclasses import dataclass, field
from pathlib import Path

from ..charts import theme

# What no XML may hold, however it is written, and what aborts the process that measures a text's width: as signs that are seen.
UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
MAYBE_UNSEEN = re.compile(
    r"\\(u00[01]|u[dD][89a-fA-F]|u[fF]{3}[eEfF]|[bf])|[\ufffe\uffff]"
)  # in JSON, which escapes most


class BundleError(Exception):
    """The bundle cannot be read; the message says why."""


@dataclass
class Table:
    columns: list
    rows: list

    def records(self):
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]

    def reading(self, reading):
        """The rows of one reading of the runs (a theme.Reading). A table that does not tell readings apart is whole;
        one that lacks this mean over pairs, or this choice of measurement, gives none."""
        wanted = {"variant": reading.name, "measurement": reading.measurement, "interference": reading.interference}
        checks = [(self.columns.index(name), value) for name, value in wanted.items() if name in self.columns]
        return Table(self.columns, [row for row in self.rows if all(row[i] == value for i, value in checks)])


@dataclass
class Figure:
    name: str
    title: str
    caption: str = ""
    alternative: str = ""  # what the main reading shows, in words
    alternatives: dict = field(default_factory=dict)  # the same of others
    tables: dict = field(default_factory=dict)
    facts: dict = field(default_factory=dict)
    notes: list = field(default_factory=list)

    def told_apart(self, reading):
        """What of a reading the tables tell apart: readings that are equal in it have equal pictures."""
        columns = {column for table in self.tables.values() for column in table.columns}
        return (reading.measurement if columns & {"measurement", "variant"} else None,
                reading.interference if columns & {"interference", "variant"} else None)  # fmt: skip

    def said(self, reading):
        """What the picture of a reading shows, in words; "" where nobody says it: never the words of another picture. Words that
        are filed under the measurement alone are of all means over pairs that look the same, train-train among them."""
        same = [one for one in theme.READINGS if self.told_apart(one) == self.told_apart(reading)]
        named = [one.name for one in (reading, *same)]
        if any(one.interference == theme.Reading().interference for one in same):
            named.append(reading.measurement)
        found = next((self.alternatives[name] for name in named if self.alternatives.get(name)), None)
        return found or (self.alternative if theme.Reading() in same else "")


def is_watched(study):
    return (study.get("json") or {}).get("kind") == "watched"


@dataclass
class Claims:
    rows: list = field(default_factory=list)
    facts: dict = field(default_factory=dict)


@dataclass
class Bundle:
    version: str
    studies: list
    swept: list
    runs: list
    data: list
    figures: list
    grams: list
    notes: list
    comparison: Figure | None  # of two studies
    claims: Claims
    by: list = field(default_factory=list)  # keys that make series of their own
    pooled: list = field(default_factory=list)  # keys that vary within a series
    where: list = field(default_factory=list)  # which runs alone are in the figures
    cautions: list = field(default_factory=list)  # what must be read before any number
    matrices: list = field(default_factory=list)  # arrays of two dimensions, beside the Grams of training samples

    @property
    def drawn(self):
        """Everything that has tables and a chart."""
        return self.figures + ([self.comparison] if self.comparison else [])

    @property
    def watched(self):
        """Whether every study was watched in a training loop of its own: there is no study file, and nothing to run."""
        return bool(self.studies) and all(is_watched(study) for study in self.studies)

    def figure(self, name):
        return next((figure for figure in self.figures if figure.name == name), None)

    def table(self, figure, name):
        found = self.figure(figure)
        return found.tables.get(name) if found else None

    @property
    def experiments(self):
        """In the order of their names: their numbers decide their colours."""
        names = {run["experiment"] for run in self.runs}
        for figure in self.figures:
            for table in figure.tables.values():
                if "experiment" in table.columns:
                    place = table.columns.index("experiment")
                    names.update(row[place] for row in table.rows)
        return tuple(sorted(names))

    @property
    def most_lines(self):
        """How many lines with a number any table has: their ramp has as many colours."""
        counts = [0]
        for figure in self.figures:
            for table in figure.tables.values():
                if "number" in table.columns:
                    line, number = table.columns.index("line"), table.columns.index("number")
                    counts.append(len({row[line] for row in table.rows if row[number] is not None}))
        return max(counts)

    @property
    def sizes(self):
        """All numbers of training examples, ascending."""
        sizes = set()
        for figure in self.figures:
            for table in figure.tables.values():
                if "nT" in table.columns:
                    place = table.columns.index("nT")
                    sizes.update(row[place] for row in table.rows if row[place] is not None)
        return tuple(sorted(sizes))


def _figure(raw):
    tables = {name: Table(list(table["columns"]), table["rows"]) for name, table in raw.get("tables", {}).items()}
    return Figure(raw.get("name", "comparison"), raw.get("title") or raw["name"], raw.get("caption", ""), raw.get("alternative", ""),
                  raw.get("alternatives") or {}, tables, raw.get("facts") or {}, raw.get("notes") or [])  # fmt: skip


def _sign(found):
    return chr(0x2400 + ord(found[0])) if found[0] < " " else "\ufffd"


def _visible(raw):
    """The same with a sign for each character that cannot be shown: ␁ for U+0001."""
    if isinstance(raw, str):
        return UNSEEN.sub(_sign, raw)
    if isinstance(raw, list):
        return [_visible(one) for one in raw]
    return {_visible(key): _visible(one) for key, one in raw.items()} if isinstance(raw, dict) else raw


def from_json(raw):
    compared = raw.get("comparison")
    studies = raw.get("studies") or [raw.get("study") or {}]
    return Bundle(str(raw.get("crosstalk", "")), studies, list(raw.get("swept") or []), raw.get("runs") or [],
                  raw.get("data") or [], [_figure(one) for one in raw.get("figures") or []], raw.get("grams") or [],
                  raw.get("notes") or [], _figure(compared) if compared else None, Claims(**(raw.get("claims") or {})),
                  *([str(one) for one in raw.get(name) or []] for name in ("by", "pooled", "where", "cautions")),
                  raw.get("matrices") or [])  # fmt: skip


def _from_text(text):
    raw = json.loads(text)
    if not MAYBE_UNSEEN.search(text):
        return from_json(raw)
    # Of the studies alone every character is kept: they run again from the page.
    return from_json({key: one if key in ("study", "studies") else _visible(one) for key, one in raw.items()})


def read(file):
    """From a path or an open stream of bytes."""
    try:
        return _from_text((file.read() if hasattr(file, "read") else Path(file).read_bytes()).decode())
    except OSError as error:
        raise BundleError(f"{file} cannot be read: {error.strerror}.") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        name = getattr(file, "name", file)
        raise BundleError(f"{name} is no bundle of a report ({type(error).__name__}: {error}).") from error

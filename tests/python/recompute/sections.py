"""The page section by section: every piece of text with a digit in it is compared with what it has to say, or named."""

import json
import re

from . import cards, grams, overview, tables, verdicts
from .page import FIXED, WORDS, blocks, number, readable, says
from .sentences import Words, count
from .tables import PAIRS

POINTS = {"quarter": "mean of the last quarter", "last": "last measurement", "early": "best test error"}
NAMES = {
    "train-train": "train–train",
    "train-test": "train–test",
    "stiffness": "stiffness",
    "function-stiffness": "function stiffness",
}
# Tables that are empty in a reading that no run measured: the figure then shows the main reading's picture, and says that it does.
MARKS = {"figure2": "figure2-points", "figure10": "figure10"}


class Check:
    """Collects what the page says otherwise: `faults`, a sentence each, and `seen`, how many numbers were compared."""

    def __init__(self, page, results, made, files):
        self.page, self.results, self.made, self.files = page, results, made, files
        self.words = Words(results, made)
        self.faults, self.seen = [], 0

    def compare(self, where, text, *sentences):
        """The text is one of these sentences."""
        if any(says(text, one) for one in sentences):
            self.seen += len(re.findall(r"\d[\d,.]*", text))
        else:
            wanted = " | ".join(readable(one) for one in sentences) or "nothing with a number"
            self.faults.append(f"{where}: the page says {text!r}, where the rows say {wanted!r}")

    def leftover(self, where, text):
        """A text that may hold numbers of rules alone (90%, 0.3), none of results."""
        rest = FIXED.sub("", text)
        if re.search(r"\d", rest):
            self.faults.append(f"{where}: nothing explains the numbers of {text!r}")

    # ---- the sections

    def results_(self, section):
        readings = set()
        for box in (one for one in section.all("div") if "data-readings" in one.attributes):
            for reading in box.attributes["data-readings"].split():
                readings.add(reading)
                moment, pairs = reading.split("/")
                rows = self.words.rows("figure2-lines", measurement=moment, interference=pairs)
                found = list(box.all("article"))
                if len(found) != len(rows):
                    self.faults.append(f"Results, {reading}: {len(found)} cards for {len(rows)} experiments")
                for card, row in zip(found, rows, strict=False):
                    self._card(f"Results, {reading}, {row['experiment']}", card, cards.card(row, pairs))
        if readings != {f"{moment}/{pairs}" for moment in POINTS for pairs in PAIRS}:
            self.faults.append(f"Results: cards of the readings {sorted(readings)}")
        lead = [one for one in section.all("a") if one.attributes.get("href") == "#claims"]
        for one in lead:
            self.compare("Results", one.text, verdicts.summary(self.files.get("claims", [])))
        said = tables.cautions(self.results)
        for block in blocks(section):
            if block.text in said:
                said.remove(block.text)
            elif not any(one in lead for one in block.all()) and not any(one.tag == "article" for one in block.above):
                self.leftover("Results", block.text)
        self.faults += [f"Results: the page does not say {sentence!r}" for sentence in said]

    def _card(self, where, card, sentences):
        texts = [block.text for block in blocks(card)]
        if len(texts) != len(sentences):
            self.faults.append(
                f"{where}: the card has the paragraphs {texts}, where the rows make {[readable(one) for one in sentences]}"
            )
        for text, sentence in zip(texts, sentences, strict=False):
            self.compare(where, text, sentence)

    def figures(self, section):
        notes = self.words.notes()
        for figure in section.all("figure"):
            name = figure.attributes["id"]
            said = {}
            for box in (one for one in figure.all("div") if "data-readings" in one.attributes):
                said |= dict.fromkeys(box.attributes["data-readings"].split(), box.text)
            for moment in POINTS:
                for pairs in PAIRS:
                    drawn = MARKS.get(name)
                    lacks = drawn and not self.words.rows(drawn, measurement=moment, interference=pairs)
                    sentence = self.words.shown(name, *(("quarter", "train-train") if lacks else (moment, pairs)))
                    self.compare(
                        f"{name}, {moment}/{pairs}",
                        said.get(f"{moment}/{pairs}", ""),
                        f"What it shows. {sentence}" if sentence else "",
                    )
            for block in blocks(figure):
                self._of_figure(name, block, notes)
        for block in section.one(id="toolbar").all("button"):
            self.compare("the key", block.text, *self.results.experiments)
        for note in section.all("ul", id="shared-notes"):
            for item in note.all("li"):
                self._note("Figures", item, notes)
        for block in blocks(section):
            places = {block.tag, block.parent.attributes.get("id"), *(one.tag for one in block.above)}
            if not places & {"figure", "button", "shared-notes"}:
                self.leftover("Figures", block.text)

    def _note(self, where, item, notes):
        whose = next((one.text for one in item.all("strong")), "")
        self.leftover(where, whose)
        self.compare(where, item.text.removeprefix(whose).strip(), *notes)

    def _of_figure(self, name, block, notes):
        if block.inherited("data-readings"):
            return
        if block.tag == "li":
            self._note(name, block, notes)
        elif block.tag == "button":
            sizes = {run.examples for run in self.results.runs}
            self.compare(name, block.text, *(number(size) for size in sizes), *self.results.experiments, WORDS)
        elif block.tag == "summary":
            tables = {
                stem.partition("-")[2]: rows for stem, rows in self.files.items() if stem.partition("-")[0] == name
            }
            only = next(iter(tables.values()))
            shown = block.text.removeprefix("Numbers: ").partition(" (")[0]
            self.compare(name, block.text, f"Numbers: {shown} ({count(len(tables.get(shown, only)), 'row')})")
        elif "links" in block.classes or block.tag == "a" or any("links" in one.classes for one in block.above):
            for one in (one for one in (block, *block.all()) if one.tag == "a"):
                file = one.attributes["href"].removeprefix("figures/")
                stem, _, kind = file.rpartition(".")
                if one.text not in (file, kind.upper()) or kind == "csv" and stem not in self.files:
                    self.faults.append(f"{name}: the link {one.text!r} to {file}")
        else:
            self.leftover(name, block.text)

    def correlations(self, section):
        from . import printed_tables

        for box in section.all("div", "table"):
            self.box = box
            title = box.one("p", "table-title").text
            reading = next(
                (one.attributes["data-readings"] for one in box.above if "data-readings" in one.attributes), ""
            )
            for one in reading.split() or [""]:
                expected = printed_tables.table(title, one, self)
                rows = [[cell.text for cell in row.children] for row in box.one("tbody").all("tr")]
                if expected is None or len(rows) != len(expected):
                    self.faults.append(
                        f"{title}, {one}: {len(rows)} rows where {expected and len(expected)} are expected"
                    )
                    continue
                for row, cells in zip(rows, expected, strict=True):
                    if len(row) != len(cells):
                        self.faults.append(
                            f"{title}, {one}: the row {row} has {len(row)} cells where {len(cells)} are expected"
                        )
                    for text, sentence in zip(row, cells, strict=False):
                        self.compare(f"{title}, {one}, {row[0]}", text, sentence)
        for block in blocks(section):
            if block.tag not in ("td", "th") or block.parent.parent.tag == "thead":
                self.leftover("Correlations", block.text)

    def runs(self):
        """The table of runs, which the page's script fills from these data: the main reading's points."""
        data = json.loads(self.page.one("script", id="crosstalk-data")._text())["runs"]
        points = {row["run"]: row for row in self.words.rows("figure2-points", variant="quarter/train-train")}
        marks = {True: "● yes", False: "○ no"}
        named = {run.name: run for run in self.results.runs}
        if sorted(row[0] for row in data["rows"]) != sorted(named):
            self.faults.append("Runs: not those of the results")
        for row in (dict(zip(data["columns"], cells, strict=True)) for cells in data["rows"]):
            run, point = named[row["run"]], points.get(row["run"], {})
            wanted = {"experiment": run.experiment, "status": run.state, "seed": run.seed, "seconds": run.seconds, "nT": run.examples,
                      "learned": marks.get(point.get("learned"), "")}  # fmt: skip
            wanted |= {name: point.get(name) for name in ("capacity", "mean", "gap", "train_error", "test_error")}
            wanted |= {key: run.configuration[key] for key in row if key in run.configuration}
            for name, value in row.items():
                self.seen += isinstance(value, (int, float))
                same = (
                    value == wanted.get(name)
                    if not isinstance(value, float)
                    else wanted.get(name) is not None and abs(value - wanted[name]) <= 1e-7 * abs(value)
                )
                if name != "run" and not same:
                    self.faults.append(
                        f"Runs: {run.name}: {name} is {value!r} on the page and {wanted.get(name)!r} here"
                    )

    def whole(self):
        overview.header(self, self.page.one("header"))
        parts = {one.attributes["id"]: one for one in self.page.one("main").all("section")}
        self.results_(parts.pop("results"))
        self.figures(parts.pop("figures"))
        self.correlations(parts.pop("correlations"))
        for name, look in (
            ("grams", grams.section),
            ("claims", verdicts.section),
            ("what", overview.section),
            ("failed", overview.failed),
        ):
            if name in parts:
                look(self, parts.pop(name))
        self.runs()
        for name, part in parts.items():
            if name not in ("study", "cite"):  # the study's own text, and literature
                for block in blocks(part):
                    self.leftover(name, block.text)
        return self.faults

"""A whole report beside what is computed anew: its files and its page."""

from pathlib import Path

from . import check, page, runs, verdicts
from .sections import Check


class Second:
    """The numbers of a report a second time. `results`: the folder with study.sqlite; `report`: that with report.html; `by`: the keys that
    `report --by` was given (an empty list: none), or None where it was not."""

    def __init__(self, results, report, crosstalk, by=None):
        self.results = runs.read(results, crosstalk, by)
        self.files = check.written(report)
        self.text = (Path(report) / "report.html").read_text()
        self.made = {stem: rows for stem, rows in check.recomputed(self.results).items() if rows or stem in self.files}

    @property
    def cells(self):
        return sum(len(rows) * len(rows[0]) for stem, rows in self.made.items() if rows)

    def of_tables(self):
        """Sentences on what the files say otherwise."""
        unknown = sorted(self.files.keys() ^ self.made.keys() ^ {"claims"})
        faults = [f"{stem}.csv stands only {'beside the page' if stem in self.files else 'here'}" for stem in unknown]
        for stem in sorted(self.made.keys() & self.files.keys()):
            faults += check.differences(stem, self.made[stem], self.files[stem])
        return faults + check.coverage_differences(self.files.get("figure1-coverage", []))

    def of_page(self, tree=None):
        """A sections.Check that has gone through the page, or through a tree in its place. What the report drew at random is taken from
        its files, which `of_tables` found possible."""
        looked = Check(tree or page.parse(self.text), self.results, check.settled(self.made, self.files), self.files)
        looked.whole()
        return looked

    def of_claims(self):
        """Sentences on claims' groups that the file has otherwise, and the names of the claims that were computed anew."""
        return verdicts.differences(self.results, self.files["claims"])

"""How results show themselves: as text, and as HTML in a notebook. What comes from a store is text: it is escaped."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from crosstalk.report.markup import join, tag

from .failures import listed

if TYPE_CHECKING:
    from .results import Results

MOST_LETTERS = 200  # of a name or a list of names


def _cut(text: object) -> str:
    """On one line, and not longer than can be read."""
    line = " ".join(str(text).split())
    shown = "".join(letter if letter.isprintable() else "\ufffd" for letter in line)
    return shown if len(shown) <= MOST_LETTERS else shown[: MOST_LETTERS - 3] + "..."


def _facts(results: Results) -> dict[str, str]:
    """What there is and what to call for it. Reads no rows: an object shows itself at once."""
    records = list(results._records.values())
    states = Counter(record["status"] for record in records)
    experiments = list(dict.fromkeys(record["experiment"] for record in records))
    arrays = results.array_names
    kept = sum(record["configuration"].get("probe.keep", "none") != "none" for record in records)
    facts = {
        "folder": str(results.folder),
        "runs": f"{len(records)} ({', '.join(f'{count} {state}' for state, count in states.items())})",
        "experiments": listed(experiments),
        "swept keys": listed(results.swept) or "none",
    }
    if measures := _measures(records):  # of a watched loop the rows alone say it
        facts["measures"] = listed(measures)
    if arrays:
        facts["arrays"] = listed(arrays)
    if kept:
        facts["with probe.keep"] = f"{kept} runs"
    return {name: _cut(fact) for name, fact in facts.items()}


def _measures(records: list[dict]) -> list[str]:
    """Those that the study asks for."""
    named = [measure for record in records for measure in record["configuration"].get("probe.measures", [])]
    return list(dict.fromkeys(named))


def _title(results: Results) -> str:
    name, scale = results.study.get("name", ""), results.study.get("scale", "")
    return _cut(f"{name}, scale {scale}" if scale else name)


def as_text(results: Results) -> str:
    facts = _facts(results)
    width = max(map(len, facts))
    return "\n".join([f"Results of {_title(results)}", *(f"  {name:{width}}  {fact}" for name, fact in facts.items())])


def as_html(results: Results) -> str:
    rows = [tag("tr", tag("th", name, style="text-align: left"), tag("td", fact, style="text-align: left"))
            for name, fact in _facts(results).items()]  # fmt: skip
    return str(join([tag("p", "Results of ", tag("strong", _title(results))), tag("table", tag("tbody", *rows))]))

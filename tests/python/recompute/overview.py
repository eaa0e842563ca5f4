"""The page's head, what was run, and what failed: counts, keys and their values, data, times."""

import json
from datetime import datetime

from .page import WORDS, blocks, number
from .sentences import count
from .tables import listed


def _series(results):
    """How many experiments, or series where one of them is divided."""
    divided = any(run.experiment != run.of for run in results.runs)
    return f"{number(len(results.experiments))} series" if divided else count(len(results.experiments), "experiment")


def header(check, element):
    runs = check.results.runs
    states = {name: sum(run.state == name for run in runs) for name in ("diverged", "failed")}
    states["not finished"] = sum(run.state in ("running", "pending") for run in runs)
    wanted = [count(len(runs), "run"), _series(check.results)]
    wanted += [f"{number(value)} {name}" for name, value in states.items() if value]
    items = [item.text for item in element.all("li")]
    for text, sentence in zip(items, wanted, strict=True):
        check.compare("the page's head", text, sentence)


def _value(value):
    if isinstance(value, list):
        return ", ".join(_value(one) for one in value)
    return number(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else str(value)


def _keys(runs):
    """{key: its different values}."""
    found = {}
    for run in runs:
        for key, value in run.configuration.items():
            found.setdefault(key, {})[json.dumps(value)] = value
    return {key: list(values.values()) for key, values in found.items()}


def section(check, element):
    runs, study = check.results.runs, check.results.study
    keys, swept = _keys(runs), set(study["swept"])
    ordered = lambda values: sorted(values, key=lambda one: (isinstance(one, str), one))
    rows = {key: listed([_value(one) for one in ordered(keys[key])]) for key in swept}
    rows |= {"seeds": ", ".join(number(seed) for seed in sorted({run.seed for run in runs}))}
    rows |= {key: _value(values[0]) for key, values in keys.items() if len(values) == 1 and key not in swept}
    data = {one["dataset"]: one for one in study["data"].values()}
    for row in element.all("tr"):
        first, *cells = [cell.text for cell in row.children]
        if row.parent.tag == "thead":
            continue
        if first in data:
            one = data[first]
            check.compare("Data", " ".join(cells[:2]), f"{number(one['train_rows'])} {number(one['test_rows'])}")
            check.compare("Data", cells[2], one["sha256"][:16] + "…")
            check.compare("Data", cells[3], "–" if not one["notices"] else "".join(one["notices"]))
        else:
            check.compare("What was run", f"{first}: {cells[0]}", f"{first}: {rows.get(first, 'no such key')}")
    _facts(check, element, runs, study)
    notices = {notice for one in study["data"].values() for notice in one["notices"]}
    # The page leaves out keys that count for nothing in some run; the stored rows do not tell which.
    first_cells = [row.children[0].text for row in element.all("tr") if row.parent.tag != "thead"]
    constant = sum(first in rows and first not in swept and first != "seeds" for first in first_cells)
    for block in blocks(element):
        if block.tag == "summary":
            check.compare("What was run", block.text, f"What is the same in all runs ({count(constant, 'key')})")
        elif block.text in notices:
            check.seen += 1
        elif block.tag not in ("td", "th", "dt", "dd") or block.parent.parent.tag == "thead":
            check.leftover("What was run", block.text)


def _facts(check, element, runs, study):
    machines = {}
    for run in runs:
        for key, value in run.machine.items():
            if key == "network":  # which is no machine's
                continue
            machines.setdefault(key, set()).add(value if isinstance(value, str) else json.dumps(value))
    titles = {"computers": "host", "instruction set": "isa", "runs made by Crosstalk": "crosstalk"}
    begun = datetime.strptime(study["created"], "%Y-%m-%dT%H:%M:%SZ")
    seconds = sum(run.seconds for run in runs)
    size, unit = next(
        (
            (size, unit)
            for size, unit in ((86400, "days"), (3600, "h"), (60, "min"))
            if seconds >= (100 if size == 60 else 2 * size)
        ),
        (1, "s"),
    )
    wanted = {"study": study["name"] + (f" at scale “{study['scale']}”" if study.get("scale") else ""),
              "begun": f"{begun.day} {begun:%B %Y, %H:%M} UTC", "changed by --set": ", ".join((study.get("options") or {}).get("sets") or []),
              "report made by": f"Crosstalk {study['crosstalk']}", "time of all runs together": f"{number(seconds / size)} {unit}"}  # fmt: skip
    names = [one.text for one in element.all("dt")]
    for name, value in zip(names, (one.text for one in element.all("dd")), strict=True):
        key = titles.get(name, name)
        known = wanted[name] if name in wanted else listed(sorted(machines[key])) if key in machines else WORDS
        check.compare(f"What was run, {name}", value, known)


def failed(check, element):
    runs = check.results.runs
    for row in element.all("tr"):
        if row.parent.tag == "thead":
            continue
        experiment, state, message, which = (cell.text for cell in row.children)
        those = [
            run
            for run in runs
            if (run.experiment, run.state, run.message.strip() or "no message") == (experiment, state, message)
        ]
        names = " ".join(sorted(run.name[:12] for run in those))
        if not those or len(those) <= 6 and " ".join(sorted(which.split())) != names:
            check.faults.append(
                f"What failed: {experiment}, {state}, {message}: {which!r} on the page, {names!r} in the results"
            )
    waiting = sum(run.state in ("pending", "running") for run in runs)
    for block in blocks(element):
        if block.tag not in ("td", "th"):
            check.compare(
                "What failed",
                block.text,
                WORDS,
                f"{number(waiting)} run{' is' if waiting == 1 else 's are'} not done yet{WORDS}",
            )

"""The table of runs, as arrays that the page's script shows, sorts and filters; and those that did not end well."""

import json

from ..charts import theme
from . import words
from .markup import details, join, section, table, tag

RESULTS = ["nT", "capacity", "mean", "gap", "train_error", "test_error"]
TITLES = {"mean": "interference", "train_error": "train error", "test_error": "test error", "seconds": "time (s)"}  # fmt: skip
LEARNED = {True: "● yes", False: "○ no"}  # as the marks of Fig. 2


def columns_and_rows(bundle):
    """What the page's script needs of each run: swept keys, and what was measured in the main reading; it puts another's there."""
    points = bundle.table("figure2", "points")
    measured = {row["run"]: row for row in points.reading(theme.Reading()).records()} if points else {}
    swept = [key for key in bundle.swept if key not in ("task.examples",) or not measured]
    ends = _last_of_runs(bundle)
    labels = list(dict.fromkeys(label for run in ends.values() for label in run))
    results_shown = [*RESULTS, "learned"] if points or not ends else []
    columns = ["run", "experiment", "status", "seed", *swept, *results_shown, *labels, "seconds"]
    rows = []
    for run in bundle.runs:
        configuration, point = run.get("configuration", {}), measured.get(run["run"], {})
        results = [point.get(name) for name in RESULTS if results_shown]
        if results and results[0] is None and isinstance(configuration.get("task.examples"), (int, float)):
            results[0] = configuration["task.examples"]
        keys = [configuration.get(key) for key in swept]
        keys = [
            value if isinstance(value, (int, float, str, bool, type(None))) else json.dumps(value) for value in keys
        ]
        results += [LEARNED.get(point.get("learned"), "")] if results_shown else []
        last = [ends.get(run["run"], {}).get(label) for label in labels]
        rows.append([run["run"], run["experiment"], run["status"], run["seed"], *keys, *results, *last, run.get("seconds")])
    return {"columns": columns, "titles": [TITLES.get(name, name) for name in columns], "rows": rows,
            "results": [name for name in RESULTS if name not in ("nT", "capacity")], "learned": [LEARNED[False], LEARNED[True]]}  # fmt: skip


def _last_of_runs(bundle):
    """{run: {measure in words: its last value}} of runs without examples."""
    table, found = bundle.table("figureMeasures", "runs"), {}
    for row in table.records() if table else ():
        found.setdefault(row["run"], {})[row["label"]] = row["last"]
    return found


def _explained(bundle):
    if not bundle.table("figure2", "points") and bundle.table("figureMeasures", "runs"):
        return tag("p", "Of each measure the last value. Empty: not measured, or not finite.", class_="quiet small")
    agents = any(run.get("configuration", {}).get("task.kind") == "windowed" for run in bundle.runs)
    return tag("p", "Interference, gap and errors are those of the chosen reading: ",
               tag("span", theme.MEASUREMENTS["quarter"], ", ", theme.INTERFERENCES["train-train"], id="runs-reading"),
               ". ○ no: the run’s training error is not a tenth below that of the constant predictor",
               " (an agent: the policy that never looks); an agent’s error is 1 − reward. " if agents else ". ",
               "Such runs are hollow marks in Fig. 2. Empty: not known.", class_="quiet small")  # fmt: skip


def render(bundle):
    states = sorted({run["status"] for run in bundle.runs})
    options = [tag("option", "every state", value="")] + [tag("option", state, value=state) for state in states]
    return section("runs", "Runs",
        _explained(bundle),
        tag("div",
            tag("label", "Filter ", tag("input", type="search", id="runs-filter", placeholder="experiment, run, value …")),
            tag("label", "State ", tag("select", *options, id="runs-state")),
            tag("span", id="runs-count", role="status"), class_="controls"),
        tag("div", class_="scroll runs", id="runs-table", tabindex="0", role="region", aria_label="Table of runs"),
        tag("div", tag("button", "Previous", type="button", id="runs-previous"),
            tag("button", "Next", type="button", id="runs-next"), class_="pager"))  # fmt: skip


def _message(run):
    return (run.get("message") or "no message").strip()


def _on_divergence(bundle):
    if not any(run.get("configuration", {}).get("task.examples") is not None for run in bundle.runs):
        return tag("p", "Diverged runs are in no mean of those that are done; the figures show them apart.")
    return tag("p", "Diverged runs are in no correlation. A study in which many diverge says little about those that did not.")


def _on_waiting(left, bundle):
    if bundle.watched:
        return tag("p", f"{left} not done: the training loop goes on, or was interrupted.")
    return tag("p", f"{left} not done yet, and in no figure: ", tag("code", "crosstalk run"), " on the same folder goes on.")


def failures(bundle):
    """Runs that diverged or failed, those with the same message together."""
    bad = [run for run in bundle.runs if run["status"] in ("diverged", "failed")]
    waiting = sum(run["status"] in ("pending", "running") for run in bundle.runs)
    if not bad and not waiting:
        return section("failed", "What failed or diverged", tag("p", "Nothing: every run came to its end."))
    groups = {}
    for run in bad:
        groups.setdefault((run["status"], run["experiment"], _message(run)), []).append(run)
    rows = []
    for (status, experiment, message), runs in sorted(groups.items()):
        which = [tag("code", run["run"][:12], title=run["run"]) for run in runs]
        shown = join(which, " ") if len(which) <= 6 else details(words.count(len(which), "run"), join(which, " "))
        rows.append([experiment, status, tag("span", message, class_="message"), shown])
    left = words.count(waiting, "run is", "runs are")
    return section("failed", "What failed or diverged",
        _on_waiting(left, bundle) if waiting else "",
        _on_divergence(bundle) if any(run["status"] == "diverged" for run in bad) else "",
        table(["experiment", "state", "message", "runs"], rows, "Runs that did not end well") if rows else "")  # fmt: skip

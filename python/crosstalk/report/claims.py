"""The claims table: what the paper and the study itself say, what the runs show, and a verdict by a rule (docs/claims.md)."""

import math

from . import words
from .bundle import Table
from .markup import details, join, section, tag

VERDICTS = {"supported": "✓", "contradicted": "✗", "undecided": "?", "not tested": "–"}
SIDES = {"holds": "on the claimed side", "against": "on the other side", "open": "on both sides", "none": "no interval"}


def tally(rows):
    """{verdict: how many}, in the order of VERDICTS."""
    return {verdict: sum(row["verdict"] == verdict for row in rows) for verdict in VERDICTS}


def has_interval(row):
    return any(group["low"] is not None for group in row["groups"])


def outcome(rows, whose, none="none of them"):
    """ "Of 60 sentences of the paper, 12 were tested: 5 supported, 1 contradicted, 6 undecided."; `whose`: the first part. A
    claim no group of which has an interval was not put to any test, whatever runs there are."""
    reached = [row for row in rows if row["verdict"] != "not tested"]
    judged = [row for row in reached if has_interval(row)]
    counts, tested, lacking = tally(judged), len(judged), len(reached) - len(judged)
    said = f"Of {whose}, {tested or none} {'was' if tested == 1 else 'were'} tested"
    if tested:
        said += ": " + ", ".join(f"{counts[v]} {v}" for v in VERDICTS if v != "not tested")
    return said + (f"; of {lacking} more there are runs, but too few for an interval." if lacking else ".")


def summary(rows):
    own, paper = [row for row in rows if row["own"]], [row for row in rows if not row["own"]]
    lines = [outcome(paper, words.count(len(paper), "sentence") + " of the paper")] if paper else []
    return " ".join(lines + ([outcome(own, words.count(len(own), "claim") + " of the study’s own")] if own else []))


def false_verdicts(rows):
    """How many verdicts of those shown chance alone may turn round: one of twenty claims whose truth lies at the limit."""
    judged = sum(map(has_interval, rows))
    if not judged:
        return ""
    about = math.ceil(0.5 * judged) / 10  # a twentieth, rounded up
    expected = "fewer than one false verdict is" if about < 1 else f"up to {words.decimal(about, 1)} false verdicts are"
    return ("Each verdict errs by chance in at most about one of twenty cases (a contradiction by several groups: one of ten). "
            f"Of the {words.count(judged, 'claim')} with an interval, {expected} to be expected; none is corrected for the others.")  # fmt: skip


def judged_by(where):
    """A report that draws some runs alone judges by all: by those alone it would be another test than the one announced."""
    return (
        f"The figures keep only runs with {words.listed(where)}; the claims are judged by all runs, as they were announced."
        if where
        else ""
    )


def verdict(name):
    """A word and a sign, so that neither colour nor the sign alone has to be understood."""
    sign = tag("span", VERDICTS.get(name, "–"), class_="sign", aria_hidden="true")
    return tag("span", sign, " ", name, class_="verdict verdict-" + name.replace(" ", "-"))


def _number(group):
    """ "r = 0.42 (90% interval 0.20 to 0.60, n = 48)"; a mean, whose size can be any, to four digits."""
    if group["value"] is None:
        return group["undefined"] or "–"
    number = words.decimal if group["statistic"] in ("r", "pooled r") else words.value
    found = f"no interval: {group['no_interval']}"
    if group["low"] is not None:
        found = f"{100 * group['level']:.4g}% interval {number(group['low'])} to {number(group['high'])}"
    return f"{group['statistic']} = {number(group['value'])} ({found}, n = {words.value(group['n'])})"


def _left_out(row):
    items = [tag("li", tag("strong", one["label"]), ": ", one["reason"]) for one in row["left_out_groups"]]
    return (
        details(f"Left out: {words.count(len(items), 'group')}", tag("ul", *items, class_="claim-groups"))
        if items
        else ""
    )


def _groups(row):
    if len(row["groups"]) < 2:
        return ""
    items = [tag("li", tag("strong", group["label"]), ": ", _number(group), ", ", SIDES[group["side"]])
             for group in row["groups"]]  # fmt: skip
    return details(f"All {len(items)} groups", tag("ul", *items, class_="claim-groups"))


def _within(one):
    """ "r = 0.42 (90% interval 0.20 to 0.60, n = 48)", "no r (fewer than 3 points, n = 2)"."""
    n = f"n = {words.value(one['n'])}"
    if one["r"] is None:
        return f"no r ({one['undefined']}, {n})"
    found = (
        f"no interval: {one['no_interval']}"
        if one["low"] is None
        else f"90% interval {words.interval(one['low'], one['high'])}"
    )
    return f"r = {words.decimal(one['r'])} ({found}, {n})"


def _confounded(row):
    if not row["confounded"] and not row["within"]:
        return ""
    items = [tag("li", f"{one['label']}: {_within(one)}") for one in row["within"]]
    return join([tag("p", row["confounded"], class_="small") if row["confounded"] else "",
                 details("r within each number of examples or network", tag("ul", *items, class_="claim-groups"))])  # fmt: skip


def _claim(row):
    return join([tag("p", row["sentence"]), tag("p", row["source"], class_="quiet small"),
                 tag("p", row["when"], class_="small" if row.get("before") else "small notice") if row.get("when") else "",
                 details("Its rule", tag("code", row["rule"]))])  # fmt: skip


def _shown(row):
    return join([tag("p", row["shows"]), _groups(row), _left_out(row), _confounded(row),
                 tag("p", tag("strong", "What would decide it: "), row["decides"], class_="small") if row["decides"] else ""])  # fmt: skip


def _table(rows, caption):
    body = [tag("tr", tag("td", verdict(row["verdict"])), tag("td", _claim(row)), tag("td", _shown(row)),
                id=None if row["own"] else f"claim-{row['name']}") for row in rows]  # fmt: skip
    head = tag("tr", *(tag("th", title, scope="col") for title in ("Verdict", "Claim", "What this study shows")))
    return tag("table", tag("thead", head), tag("tbody", *body), class_="claims", aria_label=caption)


def _untested(rows):
    items = [tag("li", row["sentence"], " ", tag("span", f"({row['source']}) ", class_="quiet"), row["decides"],
                 tag("p", row["when"], class_="small") if row.get("when") else "") for row in rows]  # fmt: skip
    return details(f"Not tested here: {words.count(len(rows), 'claim')}", tag("ul", *items, class_="claim-groups"))


def render(bundle):
    rows = bundle.claims.rows
    if not rows:
        return ""
    order = {name: at for at, name in enumerate(VERDICTS)}
    tested = sorted((row for row in rows if row["verdict"] != "not tested"),
                    key=lambda row: (not row["own"], order[row["verdict"]]))  # fmt: skip
    untested = [row for row in rows if row["verdict"] == "not tested"]
    return section("claims", "Claims",
        tag("p", summary(rows), class_="lead"),
        tag("p", judged_by(bundle.where), class_="notice") if bundle.where else "",
        tag("p", "Supported: the interval (of 90%, if its row names no other level), which leaves out one configuration with its seeds at a time, lies wholly on the "
                 "claimed side in every group of runs that has one. Contradicted: wholly on the other side in more than half of them. "
                 "Undecided: neither, or a third or more of the runs learned nothing. The rules are those of docs/claims.md, which "
                 "says of each why it is so.", class_="quiet small"),
        tag("p", false_verdicts(tested), class_="small"),
        _table(tested, "Claims that were tested") if tested else "",
        _untested(untested) if untested else "")  # fmt: skip


COLUMNS = ["name", "own", "source", "sentence", "rule", "verdict", "when", "group", "statistic", "value", "low", "high", "level", "n",
           "configurations", "side", "selected", "unlearned", "unknown_learned", "left_out_groups", "replication", "confounded", "decides"]  # fmt: skip


def as_table(rows):
    """One row for each group of each claim; a claim without groups has one row too."""
    cells = []
    for row in rows:
        head = [row["name"], row["own"], row["source"], row["sentence"], row["rule"], row["verdict"], row.get("when")]
        left_out = "; ".join(f"{one['label']}: {one['reason']}" for one in row["left_out_groups"])
        for group in row["groups"] or [{}]:
            cells.append([*head, *(group.get(key) for key in ("label", "statistic", "value", "low", "high", "level", "n", "configurations", "side")),
                          row["selected"], row["unlearned"], row["unknown_learned"], left_out, row["replication"],
                          row["confounded"], row["decides"]])  # fmt: skip
    return Table(COLUMNS, cells)

"""Claims: each number of a claim's row is one of its groups in figures/claims.csv, whatever the words are; and the groups of the rules that
are simple (one r or mean of a moment's interference, gap, number of examples or capacity) are computed anew from the runs. Rules with two
sides, slopes, medians and covariates, and what would decide a claim, are left to the claims' own tests."""

import math
import re

import numpy as np
from scipy import stats

from . import statistics
from .check import is_cell
from .page import FIXED, NUMBER, blocks, number, printed
from .sentences import count

LEAST = re.compile(r"(?:fewer than|an r and|at least) [45] (?:configuration|seed)s")
VERDICTS = ["supported", "contradicted", "undecided"]


def claims_of(rows):
    """{(own, name): the rows of its groups}."""
    found = {}
    for row in rows:
        found.setdefault((row["own"] == "true", row["name"]), []).append(row)
    return found


def summary(rows):
    """The line that counts verdicts."""
    parts = []
    for own, whose in ((False, "sentence"), (True, "claim")):
        claims = [groups for (is_own, _), groups in claims_of(rows).items() if is_own == own]
        reached = [groups for groups in claims if groups[0]["verdict"] != "not tested"]
        verdicts = [groups[0]["verdict"] for groups in reached if any(one["low"] for one in groups)]
        tested, lacking = len(verdicts), len(reached) - len(verdicts)
        if claims:
            of = f"Of {count(len(claims), whose)} of the {'study’s own' if own else 'paper'}, {number(tested) if tested else 'none of them'} {'was' if tested == 1 else 'were'} tested"
            parts.append(
                of
                + (": " + ", ".join(f"{number(verdicts.count(one))} {one}" for one in VERDICTS) if tested else "")
                + (f"; of {number(lacking)} more there are runs, but too few for an interval." if lacking else ".")
            )
    return " ".join(parts)


# ---- the page's rows beside the file's


def _numbers_of(groups):
    """Every number that a claim's row may print of its groups."""
    there = [row for row in groups if row["group"]]
    sides = [row["side"] for row in there]
    values = [
        float(row[name]) for row in there for name in ("value", "low", "high", "n", "configurations") if row[name]
    ]
    values += [100 * float(row["level"]) for row in there if row["low"]]
    values += [float(groups[0][name]) for name in ("selected", "unlearned", "unknown_learned") if groups[0].get(name)]
    counts = [
        len(there),
        len([side for side in sides if side != "none"]),
        *(sides.count(side) for side in ("holds", "against", "open", "none")),
    ]
    return values + counts


def _explained(check, where, text, literals, values):
    """Each number that is left when the file's own texts are taken away is one of the values."""
    for literal in sorted(filter(None, literals), key=len, reverse=True):
        text = text.replace(literal, " ")
    text = LEAST.sub(" ", FIXED.sub(" ", text))
    for shown in re.findall(NUMBER, text):
        read, half = printed(shown.rstrip(","))
        check.seen += 1
        if not any(abs(read - value) <= half * (1 + 1e-6) for value in values):
            check.faults.append(f"{where}: nothing explains {shown} of {text!r}")


def _left_to_others(block):
    """Numbers that are in no file: r within equal sizes, and why groups are left out."""
    folds = [one for one in block.above if one.tag == "details"]
    return any(re.match("r within|Left out", fold.one("summary").text) for fold in folds[:1])


def section(check, element):
    claims = claims_of(check.files["claims"])
    by_sentence = {groups[0]["sentence"].strip(): groups for groups in claims.values()}
    judged = sum(
        any(row["low"] for row in groups) for groups in claims.values() if groups[0]["verdict"] != "not tested"
    )
    tested = [row for row in element.one("table").all("tr") if row.parent.tag == "tbody"]
    for row in tested:
        sentence = row.children[1].one("p").text
        groups = by_sentence.get(re.sub(r"\s+", " ", sentence))
        if groups is None:
            check.faults.append(f"Claims: {sentence!r} is not in claims.csv")
            continue
        head = groups[0]
        if head["verdict"] not in row.children[0].text:
            check.faults.append(
                f"Claims: {head['name']}: {row.children[0].text!r} on the page, {head['verdict']!r} in the file"
            )
        literals = [
            re.sub(r"\s+", " ", head[name]) for name in ("sentence", "source", "rule", "when", "confounded", "decides")
        ]
        literals += [part.strip() for part in head.get("left_out_groups", "").split(";")] + [
            one["group"] for one in groups
        ]
        for block in blocks(row):
            if not _left_to_others(block):
                shown = (
                    _numbers_of(groups)
                    + _counts_in(check, block.text)
                    + [float(one) for one in re.findall(r"\d+", head["rule"])]
                )
                _explained(check, f"Claims, {head['name']}", block.text, literals, shown)
    if len(tested) != sum(groups[0]["verdict"] != "not tested" for groups in claims.values()):
        check.faults.append(f"Claims: {len(tested)} rows of claims that were tested")
    untested = [
        text
        for groups in claims.values()
        for text in (groups[0]["sentence"], groups[0]["source"], groups[0]["decides"], groups[0]["when"])
    ]
    for block in blocks(element):
        if any(one.tag == "tr" for one in block.above):
            continue
        if "lead" in block.classes:
            check.compare("Claims", block.text, summary(check.files["claims"]))
        else:
            waiting = sum(groups[0]["verdict"] == "not tested" for groups in claims.values())
            _explained(
                check,
                "Claims",
                block.text,
                [re.sub(r"\s+", " ", one) for one in untested],
                [judged, math.ceil(judged / 2) / 10, waiting],
            )


def _counts_in(check, text):
    """Counts that the words name and no column has: runs and groups that are left out, by reason, and levels of a mean."""
    found = re.search(r"Left out: (.*)", text)
    counts = [float(one) for one in re.findall(r"(\d+) (?:run|group)s? ", found[1])] if found else []
    return counts + [
        float(one)
        for one in re.findall(r"mean over (\d+) level", text)
        if int(one) <= len({run.examples for run in check.results.runs})
    ]


# ---- rules that are simple, computed anew

TERM = r"(log )?(interference|gap|examples|capacity|stiffness|function_stiffness)(?: at (best|last))?"
RULE = re.compile(r"\|?(?:-?[\d.]+ < )?(?P<statistic>r|mean)\((?P<inside>[^()]*)\)\|? [<>] -?[\d.]+(?: across \d+ to \d+ examples)?"
                  r"(?: where (?P<tests>.*?))?(?P<each> for each examples)?")  # fmt: skip
TEST = re.compile(r'(kind|panel|dataset|examples) (!?=|[<>]=?) ("[^"]*"|\S+)')
FIELDS = {"kind": lambda run: run.kind.name, "panel": lambda run: run.kind.panel, "dataset": lambda run: run.configuration["task.dataset"],
          "examples": lambda run: run.examples}  # fmt: skip
COMPARE = {"=": lambda a, b: a == b, "!=": lambda a, b: a != b, "<": lambda a, b: a < b, ">": lambda a, b: a > b, "<=": lambda a, b: a <= b,
           ">=": lambda a, b: a >= b}  # fmt: skip


def _term(text):
    """A function from a run to a number (None where it has none), or None for a term that is not simple."""
    found = re.fullmatch(TERM, text.strip())
    if found is None:
        return None
    logarithm, name, moment = found[1], found[2], found[3] and {"best": "early"}.get(found[3], found[3])
    column = {"interference": "train-train", "function_stiffness": "function-stiffness"}.get(name, name)

    def value(run):
        read = {"examples": run.examples, "capacity": max(1, run.capacity)}.get(
            name, run.moments[moment or "quarter"].get(column)
        )
        return None if read is None or logarithm and read <= 0 else float(np.log(read)) if logarithm else read

    return value


def _tests(text):
    """A function from a run to whether it passes; None where a test is not simple."""
    tests = [TEST.fullmatch(part) for part in text.split(" and ")] if text else []
    if None in tests:
        return None
    known = [
        (FIELDS[one[1]], COMPARE[one[2]], float(one[3]) if one[1] == "examples" else one[3].strip('"')) for one in tests
    ]
    return lambda run: all(compare(field(run), value) for field, compare, value in known)


def simple(rule):
    """(statistic, terms, levels' fields, whether pooled, tests, whether for each number of examples), or None."""
    found = RULE.fullmatch(rule)
    if found is None:
        return None
    inside, pooled, over = found["inside"].partition(" pooled over ")
    inside, _, given = inside.partition(" given ")
    terms, tests = [_term(one) for one in inside.split(",")], _tests(found["tests"])
    fields = {"examples": "examples", "network": "network"}
    levels = [fields.get(one.strip()) for one in (over or given).split(",")] if over or given else []
    wanted = 2 if found["statistic"] == "r" else 1
    if (
        None in terms
        or None in levels
        or tests is None
        or len(terms) != wanted
        or (pooled and given)
        or (over and over != "examples")
    ):
        return None
    return found["statistic"], terms, levels, bool(pooled), tests, bool(found["each"])


def _pooled(x, y, configurations, sizes):
    """The mean over sizes of Fisher's z, each corrected by its jackknife's bias; of one size alone there is no interval."""
    values, squares, of = [], [], []
    for size in sorted(set(sizes)):
        at = sizes == size
        names = sorted(set(configurations[at]))
        r = lambda kept: statistics.fisher(statistics.correlation(x[kept], y[kept], np.zeros(kept.sum())))
        if len(names) < statistics.LEAST or at.sum() < 3 or not np.isfinite(z := r(at)):
            continue
        without = np.array([r(at & (configurations != one)) for one in names])
        if np.isfinite(without).all():
            values.append(z - (len(names) - 1) * (without.mean() - z))
            squares.append((len(names) - 1) / len(names) * np.sum((without - without.mean()) ** 2))
            of.append(len(names))
    if not values:
        return {"value": None, "low": None, "high": None}
    reach = stats.t.ppf(0.95, sum(of) - len(of)) * np.sqrt(sum(squares)) / len(of)
    middle = np.mean(values)
    if len(values) < 2:
        return {"value": np.tanh(middle), "low": None, "high": None}
    return {"value": np.tanh(middle), "low": np.tanh(middle - reach), "high": np.tanh(middle + reach)}


def _group(results, row, statistic, terms, levels, pooled, tests, each):
    """What a group of a simple rule has to show."""
    experiment, _, size = row["group"].rpartition(", ") if each else (row["group"], "", "")
    runs = [run for run in results.experiments[experiment] if tests(run) and run.learned is not False
            and (not each or f"{run.examples:,.0f} example{'s' if run.examples != 1 else ''}" == size)]  # fmt: skip
    runs = [run for run in runs if None not in [term(run) for term in terms]]
    columns = [np.array([term(run) for run in runs]) for term in terms]
    configurations = np.array([run.alike for run in runs])
    found = {"n": len(runs), "configurations": len(set(configurations))}
    if pooled:
        return found | _pooled(*columns, configurations, np.array([run.examples for run in runs]))
    if statistic == "mean":
        one = statistics.mean(columns[0], configurations) if runs else {"mean": None, "low": None, "high": None}
        return found | {"value": one["mean"], "low": one["low"], "high": one["high"]}
    from .runs import NETWORK

    level = [
        str([run.examples if field == "examples" else [run.configuration[key] for key in NETWORK] for field in levels])
        for run in runs
    ]
    one = statistics.relation(*columns, configurations, np.unique(level, return_inverse=True)[1] if level else [])
    return found | {"value": one["r"], "low": one["low"], "high": one["high"]}


def differences(results, file):
    """Sentences on the groups of simple rules that the file has otherwise, and which claims were looked at."""
    faults, looked = [], set()
    for row in file:
        parts = simple(row["rule"])
        if parts is None or not row["group"]:
            continue
        looked.add(row["name"])
        wanted = _group(results, row, *parts)
        faults += [f"claims: {row['name']}, {row['group']}: {name} is {row[name]!r} in the file and {value!r} here"
                   for name, value in wanted.items() if not is_cell(row[name], value)]  # fmt: skip
    return faults, sorted(looked)

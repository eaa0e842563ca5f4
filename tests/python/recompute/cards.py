"""The page's cards, from numbers that were computed anew: what each has to say, in order."""

from .page import WORDS, number
from .sentences import count, part

QUANTITY = {"train-train": "interference", "train-test": "train–test interference", "stiffness": "stiffness",
            "function-stiffness": "function stiffness"}  # fmt: skip
WEAK = 0.3


def concludes(row):
    known = row["learned"] + row["not_learned"]
    return row["not_learned"] == 0 or row["not_learned"] < known / 3


def learned(row):
    rival = "the policy that never looks" if row["kind"] == "windowed" else "the constant predictor"
    missed, unknown = row["not_learned"], row["unknown_learned"]
    every = row["learned"] + missed + unknown
    if unknown == every:
        return f"Whether the runs learned anything is not known: they did not measure the error of {rival}."
    said = f"{count(every - unknown, 'run')} learned: the training error is more than a tenth below that of {rival}."
    if missed:
        said = f"{number(missed)} of {count(every, 'run')} learned nothing to speak of: the training error is not a tenth below that of {rival}."
    if unknown:
        said += f" Of {count(unknown, 'run')} it is not known."
    if not concludes(row):
        said += (" No conclusion is drawn: a third or more did not learn, and the gap of a run that has learned nothing says nothing of "
                 "generalisation.")  # fmt: skip
    return said


def meaning(found, quantity):
    low, high = found["low"], found["high"]
    if low is None:
        return ""
    weak = -WEAK < low and high < WEAK
    if low <= 0 <= high:
        return "The interval leaves the direction open" + (
            "; a relation, if there is one, is weak (below 0.3)." if weak else "."
        )
    return f"More {quantity} goes with a {'larger' if low > 0 else 'smaller'} gap" + (
        ", weakly (below 0.3)." if weak else "."
    )


def relation(found):
    if found["r"] is None:
        return f"no r: {found['undefined']}"
    if found["low"] is None:
        return f"r = {number(found['r'])}, no interval: {found['no_interval']}"
    return f"r = {number(found['r'])}, 90% interval {number(found['low'])} to {number(found['high'])}"


def card(row, pairs):
    """The paragraphs of one experiment's card, in a row of figure 2's lines."""
    quantity = QUANTITY[pairs]
    concluded = (lambda found: meaning(found, quantity)) if concludes(row) else lambda found: ""
    given, cell = part(row, "partial_"), part(row, "cell_")
    pooled = f", pooled over {row['pooled']}" if row["pooled"] else ""
    over_all = f"no r: {row['undefined']}" if row["r"] is None else f"no interval: {row['no_interval']}"
    if row["low"] is not None:
        over_all = f"90% interval {number(row['low'])} to {number(row['high'])}, over all runs"
    after = lambda found: f" {concluded(found)}" if concluded(found) else ""
    return [row["experiment"], f"{WORDS}, {count(row['n'], 'run')} of {count(row['configurations'], 'configuration')}{pooled}", learned(row),
            f"r = {'–' if row['r'] is None else number(row['r'])}", over_all, *filter(None, [concluded(row)]),
            f"Given the number of examples (each on its own level): {relation(given)}.{after(given)}",
            f"Within cells of equal number of examples, width and depth (what differs there: {row['cell_varies']}): {relation(cell)}.{after(cell)}",
            f"Number of examples (log) and gap: {relation(part(row, 'examples_'))}."]  # fmt: skip

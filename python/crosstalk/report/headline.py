"""What the study found, a card an experiment: first whether the runs learned, then r over all runs, then what is left of it among
runs that are alike. The words follow from the numbers by fixed rules, and say no more than the intervals do."""

from ..charts import theme
from ..charts.panel import title_of
from . import claims, outcomes, words
from .markup import by_reading, join, section, tag

WEAK = 0.3  # Cohen's customary bound, which the paper names
QUANTITY = {"train-train": "interference", "train-test": "train–test interference", "stiffness": "stiffness",
            "function-stiffness": "function stiffness"}  # fmt: skip
ON_ITS_OWN_LEVEL = "Given the number of examples (each on its own level)"


def direction(low, high):
    """What an interval of r says of the sign: "positive", "negative" or "open"."""
    if low is None or high is None:
        return "open"
    return "positive" if low > 0 else "negative" if high < 0 else "open"


def meaning(low, high, quantity="interference"):
    """The sentence that an interval of r allows; "" where there is no interval."""
    if low is None or high is None:
        return ""
    weak = low > -WEAK and high < WEAK
    found = direction(low, high)
    if found == "open":
        return (f"The interval leaves the direction open; a relation, if there is one, is weak (below {WEAK})." if weak else
                "The interval leaves the direction open.")  # fmt: skip
    said = f"More {quantity} goes with a {'larger' if found == 'positive' else 'smaller'} gap"
    return said + (f", weakly (below {WEAK})." if weak else ".")


def baseline(kind):
    return "the policy that never looks" if kind == "windowed" else "the constant predictor"


def concluding(line):
    """Whether conclusions are drawn: not where a third or more of the runs of which it is known did not learn."""
    return line["not_learned"] == 0 or 3 * line["not_learned"] < line["learned"] + line["not_learned"]


def learned(line):
    """How many runs learned, and what follows from it: one or more sentences."""
    missed, unknown = line["not_learned"], line["unknown_learned"]
    count, rival = line["learned"] + missed + unknown, baseline(line["kind"])
    if unknown == count:
        return f"Whether the runs learned anything is not known: they did not measure the error of {rival}."
    if missed == 0:
        said = f"{words.count(count - unknown, 'run').capitalize()} learned: the training error is more than a tenth below that of {rival}."
    else:
        said = (f"{missed:,.0f} of {words.count(count, 'run')} learned nothing to speak of: the training error is not a "
                f"tenth below that of {rival}.")  # fmt: skip
    if unknown:
        said += f" Of {words.count(unknown, 'run')} it is not known."
    if not concluding(line):
        said += (" No conclusion is drawn: a third or more did not learn, and the gap of a run that has learned nothing "
                 "says nothing of generalisation.")  # fmt: skip
    return said


def _number(line, prefix):
    """ "r = 0.42, 90% interval 0.20 to 0.60", or why there is no r or no interval."""
    r, low, high = (line[prefix + name] for name in ("r", "low", "high"))
    if r is None:
        return f"no r: {line[prefix + 'undefined'] or 'too few runs'}"
    if low is None or high is None:
        return f"r = {words.decimal(r)}, no interval: {line[prefix + 'no_interval'] or 'too few configurations'}"
    return f"r = {words.decimal(r)}, 90% interval {words.interval(low, high)}"


def _given(line, prefix, condition, quantity):
    said = meaning(line[prefix + "low"], line[prefix + "high"], quantity) if concluding(line) else ""
    return tag(
        "p", condition, ": ", tag("span", _number(line, prefix), class_="figures"), ".", " " + said if said else ""
    )


def _within(line):
    varies = line["cell_varies"]
    return "Within cells of equal number of examples, width and depth" + (
        f" (what differs there: {varies})" if varies else ""
    )


def _interval(line):
    if line["r"] is None:
        return f"no r: {line['undefined'] or 'too few runs'}"
    if line["low"] is None or line["high"] is None:
        return f"no interval: {line['no_interval'] or 'too few configurations'}"
    return f"90% interval {words.interval(line['low'], line['high'])}, over all runs"


def card(line, index, quantity="interference"):
    """A row of figure 2's lines as a card."""
    over_all = meaning(line["low"], line["high"], quantity) if concluding(line) else ""
    return tag("article",
        tag("h3", tag("span", class_="dot", style=f"--c: var(--c{index})", aria_hidden="true"), tag("span", line["experiment"])),
        tag("p", title_of(line["panel"], line["kind"]), ", ", words.count(line["n"], "run"), " of ",
            words.count(line["configurations"], "configuration"), f", pooled over {line['pooled']}" if line["pooled"] else "",
            class_="kind"),
        tag("p", learned(line), class_="learned" if concluding(line) else "learned notice"),
        tag("p", tag("span", "r = ", class_="r-is"), tag("strong", words.decimal(line["r"])), class_="r"),
        tag("p", _interval(line), class_="interval"),
        tag("p", over_all) if over_all else "",
        _given(line, "partial_", ON_ITS_OWN_LEVEL, quantity),
        _given(line, "cell_", _within(line), quantity),
        tag("p", "Number of examples (log) and gap: ", tag("span", _number(line, "examples_"), class_="figures"), ".", class_="quiet small"),
        class_="card", data_experiment=line["experiment"])  # fmt: skip


def _cards(bundle, reading):
    rows = bundle.table("figure2", "lines").reading(reading).records()
    if not rows:
        return tag("p", f"No run has this reading ({theme.MEASUREMENTS[reading.measurement]}, "
                        f"{theme.INTERFERENCES[reading.interference]}).", class_="notice")  # fmt: skip
    quantity = QUANTITY[reading.interference]
    logarithm = "the logarithm of the mean function interference" if reading.interference == "train-train" else \
                "the logarithm of the mean train–test interference" if reading.interference == "train-test" else \
                f"the mean {quantity}"  # fmt: skip
    return join([
        tag("p", f"Pearson’s r between {logarithm} and the generalisation gap; a run’s point is its "
                 f"{theme.MEASUREMENTS[reading.measurement]}.", class_="lead"),
        tag("div", *(card(row, bundle.experiments.index(row["experiment"]), quantity) for row in rows), class_="cards")])  # fmt: skip


def render(bundle):
    lines, measured = bundle.table("figure2", "lines"), outcomes.render(bundle)
    if bundle.watched and not measured:
        return ""
    if lines is None and not measured:
        return section("results", "Results", tag("p", "No experiment has three runs that are done: there is nothing to "
                                                      "correlate yet."))  # fmt: skip
    judged = claims.summary(bundle.claims.rows)
    return section("results", "Results",
        tag("p", tag("a", judged, href="#claims"), class_="lead") if judged else "",
        join(tag("p", caution, class_="notice") for caution in bundle.cautions),
        by_reading(lambda reading: _cards(bundle, reading), theme.READINGS) if lines else "", measured)  # fmt: skip

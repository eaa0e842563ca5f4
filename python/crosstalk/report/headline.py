"""What the study found, a card an experiment, in words that follow from the intervals by a fixed rule."""

from ..charts import theme
from ..charts.panel import title_of
from . import claims, words
from .markup import join, section, tag

WEAK = 0.3  # Cohen's customary bound, which the paper names


def direction(r, low, high):
    """What an r with its interval lets one say: "positive", "negative", "weak" or "open"."""
    if r is None or low is None or high is None:
        return "open"
    if low > 0:
        return "positive" if abs(r) >= WEAK else "weak"
    if high < 0:
        return "negative" if abs(r) >= WEAK else "weak"
    return "open"


MEANING = {
    "positive": "Runs with more interference generalise worse.",
    "negative": "Runs with more interference generalise better.",
    "weak": "The relation is there, and weak.",
    "open": "The interval does not say which way it goes.",
}
GIVEN = {
    "positive": "Among runs of equal size the relation stays: more interference, larger gap",
    "negative": "Among runs of equal size the relation is the other one: more interference, smaller gap",
    "weak": "Among runs of equal size a weak relation is left",
    "open": "Among runs of equal size no direction is certain",
}


def _sentence_given(line, main):
    found = direction(line["partial_r"], line["partial_low"], line["partial_high"])
    words_given = GIVEN[found]
    if found == "negative" and main == "negative":
        words_given = "Among runs of equal size the relation stays: more interference, smaller gap"
    if found == "positive" and main == "negative":
        words_given = "Among runs of equal size the relation is the other one: more interference, larger gap"
    return (f"{words_given} (r given the number of examples and the capacity: {words.decimal(line['partial_r'])}, "
            f"90% interval {words.interval(line['partial_low'], line['partial_high'])}).")  # fmt: skip


def _card(line, index, examples):
    main = direction(line["r"], line["low"], line["high"])
    interval = words.interval(line["low"], line["high"])
    note = (
        f"90% interval {interval}"
        if line["low"] is not None
        else f"no interval: {line.get('no_interval') or 'too few'}"
    )
    sentences = []
    if line["r"] is None:
        sentences.append(f"No correlation can be computed: {line.get('undefined') or 'too few runs'}.")
    elif line["low"] is None:
        sentences.append("Too few configurations for an interval, and so for a statement.")
    else:
        sentences.append(MEANING[main])
    if line["partial_r"] is not None and line["partial_low"] is not None:
        sentences.append(_sentence_given(line, main))
    if examples and examples["examples_r"] is not None:
        sentences.append(f"The gap follows the number of examples with r = {words.decimal(examples['examples_r'])}.")
    return tag("article",
        tag("h3", tag("span", class_="dot", style=f"--c: var(--c{index})", aria_hidden="true"), line["experiment"]),
        tag("p", title_of(line["panel"], line["kind"]), ", ", words.count(line["n"], "run"), " of ",
            words.count(line["configurations"], "configuration"), class_="kind"),
        tag("p", tag("span", "r = ", class_="r-is"), tag("strong", words.decimal(line["r"])), class_="r"),
        tag("p", note, class_="interval"),
        tag("p", " ".join(sentences)), class_="card")  # fmt: skip


def render(bundle):
    lines = bundle.table("figure2", "lines")
    if lines is None:
        return section("results", "Results", tag("p", "No experiment has three runs that are done: there is nothing to "
                                                      "correlate yet."))  # fmt: skip
    rows = lines.reading(theme.Reading()).records()
    cards = [_card(row, bundle.experiments.index(row["experiment"]), row) for row in rows]
    judged = claims.summary(bundle.claims.rows)
    return section("results", "Results",
        tag("p", "Pearson’s r between the logarithm of the mean function interference and the generalisation gap, over all "
                 "runs of an experiment, and what is left of it among runs of equal size. ",
                 tag("a", judged, href="#claims") if judged else "", class_="lead"),
        tag("div", join(cards), class_="cards"))  # fmt: skip

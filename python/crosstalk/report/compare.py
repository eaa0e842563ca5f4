"""Two studies side by side: first the keys in which they differ, then what differs in the results, pair by pair."""

from . import figures, words
from .markup import join, section, table, tag


LEARNED = "learned"  # in notes on runs that learned nothing: before anything that follows from them


def _keys(rows):
    apart = [row for row in rows if row["differs"]]
    partly = [row for row in rows if not row["differs"]]
    shown = []
    if apart:
        shown.append(table(["key", "A", "B"], [[tag("code", row["key"]), row["a"], row["b"]] for row in apart],
                           "Keys in which A and B differ"))  # fmt: skip
    else:
        shown.append(tag("p", "There is no key in which A and B have no value in common."))
    if partly:
        shown.append(table(["key", "A", "B"], [[tag("code", row["key"]), row["a"], row["b"]] for row in partly],
                           "Keys of which they share some values; runs are paired within those"))  # fmt: skip
    return join(shown)


def _differences(rows):
    return table(
        ["experiment", "measure", "mean of A", "mean of B", "B − A", "90% interval", "pairs", "configurations"],
        [[row["experiment"], row["measure"].replace("_", " "), words.value(row["mean_a"]), words.value(row["mean_b"]),
          words.value(row["difference"]),
          f"{words.value(row['low'])} to {words.value(row['high'])}" if row["low"] is not None else row["no_interval"] or "–",
          words.value(row["n"]), words.value(row["configurations"])] for row in rows],
        "Mean differences of pairs", numbers=range(2, 8))  # fmt: skip


def render(bundle, readings, files, failed):
    compared = bundle.comparison
    if compared is None:
        return ""
    names = [str(study.get("folder") or study.get("name")) for study in bundle.studies[:2]]
    return section("compare", "A and B compared",
        tag("p", join([join([tag("strong", side), " is ", tag("code", name)]) for side, name in zip("AB", names, strict=False)],
                      ", "), "."),
        join(tag("p", note, class_="notice") for note in compared.notes if LEARNED in note),
        _keys(compared.tables["keys"].records()),
        figures.figure(compared, readings, files, failed, [note for note in compared.notes if LEARNED in note]),
        _differences(compared.tables["differences"].records()) if compared.tables["differences"].rows else "")  # fmt: skip

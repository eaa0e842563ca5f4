"""Which images pull together: the numbers under and beside the pictures, from the arrays of the results."""

import numpy as np

from .page import blocks, number
from .sentences import count
from .tables import sizes_of

TITLES = {
    "function_gram": "Function gradients",
    "gradient_covariance": "Cosines of loss gradients",
    "loss_gram": "Loss gradients",
}
SHOWN = 6


def _typical(runs, size):
    """The run of median capacity (the lower of two) and the lowest seed."""
    those = sorted((run for run in runs if run.examples == size), key=lambda run: (run.capacity, run.seed, run.name))
    median = sorted(run.capacity for run in those)[(len(those) - 1) // 2]
    return next(run for run in those if run.capacity == median)


def _expected(results):
    for name, runs in results.experiments.items():
        sizes = sizes_of(runs)
        for size in dict.fromkeys(sizes[:1] + sizes[-1:]):
            run = _typical(runs, size)
            for what in TITLES:
                found = [one for one in results.arrays if one[:2] == (run.name, what) and "labels" in one[4]]
                if found:
                    yield name, size, run, what, max(found, key=lambda one: one[2])


def section(check, element):
    figures, expected = list(element.all("figure")), list(_expected(check.results))
    if len(figures) != len(expected):
        check.faults.append(f"Images: {len(figures)} pictures where the results make {len(expected)}")
    for figure, (name, size, run, what, (_, _, step, matrix, axes)) in zip(figures, expected, strict=False):
        where = f"Images, {name}, {size}, {what}"
        data = next(
            one for one in check.results.study["data"].values() if one["dataset"] == run.configuration["task.dataset"]
        )
        labels, classes = np.array(axes["labels"]), data["classes"] or []
        check.compare(where, figure.one("h3").text, f"{TITLES[what]}: {name}, nT = {number(size)}")
        inner, outer = (
            matrix[((labels[:, None] == labels) == same) & ~np.eye(len(labels), dtype=bool)] for same in (True, False)
        )
        mean = lambda values: number(values.mean()) if len(values) else "–"
        caption, small = figure.one("figcaption").all("p")
        check.compare(where, caption.text, f"What it shows. {TITLES[what]} of {count(len(labels), 'training image')}: mean over pairs of one class "
                      f"{mean(inner)}, of different classes {mean(outer)}.")  # fmt: skip
        explained = small.text[: small.text.index("Run ")]
        check.leftover(where, explained)
        check.compare(
            where, small.text, f"{explained}Run {run.name[:12]}, seed {number(run.seed)}, at step {number(step)}."
        )
        limit = np.quantile(abs(matrix[~np.eye(len(labels), dtype=bool)]), 0.98)
        for shown, value in zip(figure.one(css="colourbar").all("span"), (-limit, None, limit), strict=True):
            check.compare(where, shown.text, "" if value is None else number(value))
        for text in figure.all("text"):
            check.compare(where, text.text, *{str(label) for label in labels})
        _pairs(check, where, figure, matrix, [str(classes[label]) if classes else str(label) for label in labels])
    for block in blocks(element):
        if not any(one.tag == "figure" for one in block.above):
            check.leftover("Images", block.text)


def _pairs(check, where, figure, matrix, names):
    upper = sorted(((matrix[i, j], i, j) for i in range(len(matrix)) for j in range(i + 1, len(matrix))), reverse=True)
    helping = [one for one in upper[:SHOWN] if one[0] > 0]
    hurting = [one for one in upper[::-1][:SHOWN] if one[0] < 0]
    shown = [item for item in figure.all("li")]
    if len(shown) != len(helping + hurting):
        check.faults.append(f"{where}: {len(shown)} pairs of images where the array makes {len(helping + hurting)}")
    for item, (value, i, j) in zip(shown, helping + hurting, strict=False):
        check.compare(
            where, item.text, *(a + b + number(value) for a, b in ((names[i], names[j]), (names[j], names[i])))
        )

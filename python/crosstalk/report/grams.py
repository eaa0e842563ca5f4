"""The Gram matrix of an image study, sorted by class, and the pairs of images that help and hurt each other most."""

import numpy as np

from . import words
from .markup import Markup, section, tag
from .matrices import matrix_of, picture
from .pixels import NoPixels, thumbnails

PAIRS = 6
WHAT = {"loss_gram": ("Loss gradients", "a step that lowers the loss of one image lowers the other’s (positive) or raises it"),
        "gradient_covariance": ("Cosines of loss gradients", "how alike the steps are that two images ask for: the same way (positive) or against each other"),
        "function_gram": ("Function gradients", "raising the largest output at one image raises it at the other (positive) or lowers it")}  # fmt: skip


def _sorted(gram):
    """(matrix, labels, rows) by class, then by row; None where the array is no square matrix."""
    matrix = matrix_of(gram)
    if matrix is None or matrix.shape[0] != matrix.shape[1]:
        return None
    shape = matrix.shape
    labels = list(gram.get("labels") or [])
    rows = [int(row) for row in gram.get("rows") or range(shape[0])]
    if len(labels) != shape[0]:
        labels = [0] * shape[0]
    order = sorted(range(shape[0]), key=lambda i: (labels[i], rows[i] if i < len(rows) else i))
    rows = [rows[i] if i < len(rows) else i for i in order]
    return matrix[np.ix_(order, order)], [labels[i] for i in order], rows


def _limit(matrix):
    pairs = np.abs(matrix[~np.eye(len(matrix), dtype=bool)])
    pairs = pairs[np.isfinite(pairs)]
    limit = float(np.quantile(pairs, 0.98)) if pairs.size else 0.0
    return limit or float(np.max(pairs, initial=0)) or 1.0


def _heat_map(matrix, labels):
    """The matrix as an image with the classes' bounds drawn over it."""
    count, limit = len(labels), _limit(matrix)
    bounds = [i for i in range(1, count) if labels[i] != labels[i - 1]]
    starts = [0, *bounds, count]
    lines = "".join(f'<path d="M{b} 0V{count}M0 {b}H{count}"/>' for b in bounds)
    names = "".join(
        f'<text x="-2" y="{(a + b) / 2}">{text}</text><text class="over" x="{(a + b) / 2}" y="-2">{text}</text>'
        for a, b, text in ((a, b, Markup(_short(labels[a]))) for a, b in zip(starts, starts[1:], strict=False))
        if b - a >= count / 28
    )
    over = f'<g class="bounds" stroke-width="{count / 400}">{lines}</g><g class="classes" font-size="{count * 0.032}">{names}</g>'
    return picture(matrix, limit, over)


def _short(label):
    from .markup import text

    return text(str(label)[:6])


def _inner_mean(matrix, labels, same):
    labels = np.array(labels, dtype=object)
    chosen = np.equal.outer(labels, labels) == same
    np.fill_diagonal(chosen, False)
    values = matrix[chosen & np.isfinite(matrix)]
    return float(values.mean()) if values.size else None


def _extremes(matrix):
    upper = [
        (matrix[i, j], i, j) for i in range(len(matrix)) for j in range(i + 1, len(matrix)) if np.isfinite(matrix[i, j])
    ]
    upper.sort()
    return [p for p in upper[::-1][:PAIRS] if p[0] > 0], [p for p in upper[:PAIRS] if p[0] < 0]


def _pair(value, i, j, labels, rows, classes, images):
    def one(k):
        name = classes[labels[k]] if isinstance(labels[k], int) and 0 <= labels[k] < len(classes) else labels[k]
        return tag("span", tag("img", src=images[rows[k]], alt=f"class {name}, training row {rows[k]}"),
                   tag("span", str(name)), class_="image")  # fmt: skip

    return tag("li", one(i), one(j), tag("span", f"{value:.3g}".replace("-", "−"), class_="value"))


def _pairs(matrix, labels, rows, data):
    helping, hurting = _extremes(matrix)
    needed = sorted({rows[k] for _, i, j in helping + hurting for k in (i, j)})
    try:
        images, note = thumbnails(data.get("file") if data else None, needed)
    except NoPixels as reason:
        return tag("p", str(reason), class_="quiet")
    classes = (data or {}).get("classes") or []
    lists = []
    for title, pairs in (("These help each other most", helping), ("These hurt each other most", hurting)):
        shown = [_pair(*pair, labels, rows, classes, images) for pair in pairs]
        lists.append(
            tag("div", tag("h4", title), tag("ul", *shown, class_="pairs") if shown else tag("p", "There are none."))
        )
    if note:
        lists.append(tag("p", note, class_="quiet"))
    return tag("div", *lists, class_="pair-lists")


def _one(gram, bundle):
    found = _sorted(gram)
    if found is None:
        return ""
    matrix, labels, rows = found
    run = next((run for run in bundle.runs if run["run"] == gram["run"]), {})
    data = bundle.data[run["data"]] if run.get("data") is not None else None
    what, meaning = WHAT.get(gram["name"], (gram["name"], ""))
    inside, outside = _inner_mean(matrix, labels, True), _inner_mean(matrix, labels, False)
    said = f"{what} of {words.count(len(labels), 'training image')}: mean over pairs of one class {words.value(inside) or '–'}, of different classes {words.value(outside) or '–'}."
    experiment = gram.get("experiment") or run.get("experiment", "")
    size = f", nT = {gram['nT']:,.0f}" if gram.get("nT") else ""
    return tag("figure",
        tag("h3", f"{what}: {experiment}{size}"),
        tag("div", tag("div", _heat_map(matrix, labels), role="img", aria_label=said, class_="matrix-box"),
            _pairs(matrix, labels, rows, data), class_="gram"),
        tag("figcaption", tag("p", tag("strong", "What it shows. "), said),
            tag("p", f"Entry (u, v): {meaning}. Images are sorted by class; lines divide the classes. Colours end at the 98% "
                     f"quantile of the pairs. Run {gram['run'][:12]}, seed {run.get('seed', '?')}"
                     + (f", at step {gram['step']:,}" if isinstance(gram.get("step"), int) else "") + ".",
                class_="caption")))  # fmt: skip


def render(bundle):
    shown = [one for one in (_one(gram, bundle) for gram in bundle.grams) if one]
    if not shown:
        return ""
    return section("grams", "Which images pull together", tag("p", "The inner products of the gradients of training images, "
                   f"{'or their cosines, ' if any(gram['name'] == 'gradient_covariance' for gram in bundle.grams) else ''}at the last measurement of one run (median capacity, first seed).", class_="lead"), *shown)  # fmt: skip

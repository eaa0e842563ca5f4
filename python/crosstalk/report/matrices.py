"""Arrays of two dimensions as pictures: whatever runs stored under a name, beside the Grams of training samples (grams.py)."""

import numpy as np

from . import words
from .markup import Markup, join, section, tag, text
from .pixels import DIVERGING, coloured, png_uri

NAMED = 40  # places on an axis whose names have room


def matrix_of(entry):
    """The array (rows, columns); None where it is none, or too little for a picture."""
    shape = entry.get("shape") or []
    if len(shape) != 2 or min(shape) < 2 or len(entry["values"]) != shape[0] * shape[1]:
        return None
    return np.array([np.nan if v is None else v for v in entry["values"]], float).reshape(shape)


def picture(matrix, limit, drawn_over=""):
    """The matrix as an image, -limit to limit, with what is drawn over it in units of its places, and a bar of the colours."""
    rows, columns = matrix.shape
    margin = max(rows, columns) * 0.07
    svg = Markup(
        f'<svg viewBox="{-margin} {-margin} {columns + margin} {rows + margin}" aria-hidden="true" class="matrix">'
        f'<image href="{png_uri(coloured(matrix, limit))}" width="{columns}" height="{rows}" style="image-rendering:pixelated" '
        f'preserveAspectRatio="none"/>{drawn_over}</svg>'
    )
    bar = tag("div", tag("span", f"−{limit:.3g}"), tag("span", class_="bar",
              style=f"background:linear-gradient(90deg,{','.join(DIVERGING)})"), tag("span", f"{limit:.3g}"), class_="colourbar")  # fmt: skip
    return join([svg, bar])


def _names(labels, count, place):
    """Names along an axis, as many as have room; `place(i)`: attributes of the text at the middle of place i."""
    labels = labels or list(range(count))
    step = max(1, -(-count // NAMED))
    return "".join(f"<text {place(i + 0.5)}>{text(words.value(labels[i])[:6])}</text>" for i in range(0, count, step))


def _over(matrix, axes):
    rows, columns = matrix.shape
    size = max(rows, columns) * min(0.032, 0.9 / min(max(rows, columns), NAMED))
    left = _names(axes[0]["labels"], rows, lambda at: f'x="{-size * 0.4:.3f}" y="{at}"')
    above = _names(axes[1]["labels"], columns, lambda at: f'class="over" x="{at}" y="{-size * 0.4:.3f}"')
    return f'<g class="classes" font-size="{size:.3f}">{left}{above}</g>'


def _where(matrix, axes, at):
    places = np.unravel_index(at, matrix.shape)
    named = [str(words.value(axis["labels"][i] if axis["labels"] else int(i))) for axis, i in zip(axes, places, strict=True)]
    return f"{words.value(float(matrix[places]))} at ({', '.join(named)})"


def _axis(axis, otherwise):
    return axis["name"] or otherwise


def _one(entry, bundle):
    matrix = matrix_of(entry)
    if matrix is None or not np.isfinite(matrix).any():
        return ""
    axes = entry.get("axes") or [{"name": "", "labels": []}] * 2
    run = next((run for run in bundle.runs if run["run"] == entry["run"]), {})
    limit = float(np.nanmax(np.abs(np.where(np.isfinite(matrix), matrix, np.nan)))) or 1.0
    known = np.where(np.isfinite(matrix), matrix, np.nan)
    said = (f"{_axis(axes[0], 'rows')} by {_axis(axes[1], 'columns')}, {matrix.shape[0]} x {matrix.shape[1]}: the largest value is "
            f"{_where(matrix, axes, int(np.nanargmax(known)))}, the least {_where(matrix, axes, int(np.nanargmin(known)))}.")  # fmt: skip
    size = f", nT = {entry['nT']:,.0f}" if entry.get("nT") else ""
    return tag("figure",
        tag("h3", f"{entry['name'].replace('_', ' ')} ({entry['split']}): {entry['experiment']}{size}"),
        tag("div", picture(matrix, limit, _over(matrix, axes)), role="img", aria_label=said, class_="matrix-box alone"),
        tag("figcaption", tag("p", tag("strong", "What it shows. "), said),
            tag("p", f"Down: {_axis(axes[0], 'first axis')}; across: {_axis(axes[1], 'second axis')}. Run {entry['run'][:12]}, "
                     f"seed {run.get('seed', '?')}, at step {entry['step']:,}.", class_="caption")))  # fmt: skip


def render(bundle):
    shown = [one for one in (_one(entry, bundle) for entry in bundle.matrices) if one]
    if not shown:
        return ""
    return section("matrices", "Matrices", tag("p", "Arrays of two dimensions, as one run of each experiment stored them last.",
                   class_="lead"), *shown)  # fmt: skip

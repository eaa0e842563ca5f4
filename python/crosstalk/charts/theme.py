"""How every chart looks: colours that colour-blind readers tell apart, each with a shape and a dash of its own so that
grey is enough, and the two lights in which a chart is seen. Paper files are always light."""

from dataclasses import dataclass

# Okabe and Ito (2008) without their yellow, which is hardly seen on white; for it a brown and a violet, chosen to lie far
# from all others to the eyes of the colour-blind too. Nine colours and eight shapes: 72 pairs before one comes again.
EXPERIMENT_COLOURS = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#663311", "#7722DD"]
SHAPES = ["circle", "triangle-up", "square", "diamond", "triangle-down", "cross", "triangle-right", "triangle-left"]
DASHES = [[], [6, 3], [2, 2], [8, 3, 2, 3], [10, 4], [4, 1]]
RAMP_DASHES = [[], [9, 2], [5, 2], [9, 2, 2, 2], [5, 1, 1, 1]]  # none of dots alone: those are "all"

INK, QUIET, LINE, GROUND, SHADE = "#1b1f24", "#565d66", "#d9dde2", "#ffffff", "#f4f5f7"
# The same things on a dark screen.
DARK = {
    INK: "#e8eaed", QUIET: "#a8b0ba", LINE: "#343b45", GROUND: "#15181d", SHADE: "#1e232a",
    "#0072B2": "#2F86D6", "#D55E00": "#E8641C", "#009E73": "#2CBF94", "#CC79A7": "#E08CBB", "#E69F00": "#F0B000",
    "#56B4E9": "#8ED0FF", "#000000": "#F5F5F5", "#663311": "#96623C", "#7722DD": "#9458FF",
}  # fmt: skip
# An ordered quantity (a number of examples): few to many, light to dark on paper and dark to light on a dark screen.
RAMP = ["#C08A00", "#B04A5A", "#6A3D9A", "#1F2A6B"]
RAMP_DARK = ["#8A6A1F", "#C8606F", "#A98BE0", "#C9DCFF"]

SANS = "Helvetica Neue, Helvetica, Arial, Liberation Sans, sans-serif"


@dataclass(frozen=True)
class Reading:
    """Which measurements of a run stand for it and which mean over pairs is its interference: the main one, or a twin."""

    measurement: str = "quarter"
    interference: str = "train-train"

    @property
    def name(self):
        return f"{self.measurement}/{self.interference}"

    @property
    def quantity(self):
        return {"train-train": "mean function interference",
                "train-test": "mean train–test interference",
                "stiffness": "mean stiffness (cosine)",
                "function-stiffness": "mean function stiffness (cosine)"}[self.interference]  # fmt: skip


MEASUREMENTS = {"quarter": "mean of the last quarter", "last": "last measurement", "early": "best test error"}
INTERFERENCES = {"train-train": "train–train", "train-test": "train–test", "stiffness": "stiffness",
                 "function-stiffness": "function stiffness"}  # fmt: skip
READINGS = [Reading(m, i) for m in MEASUREMENTS for i in INTERFERENCES]  # the main one first


def blend(colours, share):
    """The colour at `share` (0 to 1) of a list of colours, in steps of equal length."""
    place = share * (len(colours) - 1)
    first = min(int(place), len(colours) - 2)
    parts = [[int(c[i : i + 2], 16) for i in (1, 3, 5)] for c in colours[first : first + 2]]
    return "#" + "".join(f"{round(a + (b - a) * (place - first)):02x}" for a, b in zip(*parts, strict=True))


def ramp(count, colours=RAMP):
    return [blend(colours, i / max(count - 1, 1)) for i in range(count)]


def dark_colours(counts):
    """What each light colour becomes on a dark screen, ramps of these lengths included."""
    dark = dict(DARK)
    for count in counts:
        dark.update(zip(ramp(count), ramp(count, RAMP_DARK), strict=True))
    return dark


def style(index):
    """Colour, shape and dash of the experiment with this number."""
    return {"colour": EXPERIMENT_COLOURS[index % len(EXPERIMENT_COLOURS)], "shape": SHAPES[index % len(SHAPES)],
            "dash": DASHES[index % len(DASHES)]}  # fmt: skip


def config(font_size, paper):
    """Vega-Lite's config: thin axes outside, a light grid, one font."""
    small = font_size if paper else font_size - 1
    return {
        "background": GROUND if paper else "transparent",
        "font": SANS,
        "view": {"stroke": None},
        "axis": {
            "labelFontSize": small, "titleFontSize": font_size, "titleFontWeight": "normal", "titlePadding": 8,
            "labelColor": QUIET, "titleColor": INK, "gridColor": LINE, "gridOpacity": 0.55, "domainColor": QUIET,
            "tickColor": QUIET, "tickSize": 4, "labelPadding": 4, "labelOverlap": "parity", "labelSeparation": 4,
        },
        "legend": {"labelFontSize": small, "titleFontSize": small, "labelColor": INK, "titleColor": QUIET,
                   "titleFontWeight": "normal", "symbolSize": 60, "symbolStrokeWidth": 1.6, "labelLimit": 320,
                   "rowPadding": 3, "columnPadding": 14,
                   # One below the other: side by side they may be wider than a column of a paper.
                   "layout": {"bottom": {"anchor": "start", "direction": "vertical", "margin": 10}}},
        "title": {"fontSize": font_size, "color": INK, "fontWeight": 600, "anchor": "start", "offset": 8},
    }  # fmt: skip

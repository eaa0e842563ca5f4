"""Figures for paper: SVG, PNG, PDF of exactly the asked width, always light, and CSV of every table behind them."""

import copy
import re
import textwrap
import unicodedata

import altair as alt
import vl_convert
from altair.utils.schemapi import debug_mode

from ..charts import theme
from ..charts.panel import Look, Panel, named_where_room
from ..charts.registry import FIGURES
from .cells import csv_of

POINTS_PER_INCH = 72  # one pixel of Vega's is a point on paper
PIXELS_PER_INCH = 300
READING_COLUMNS = {"variant", "measurement", "interference"}
PICTURES = ("svg", "png", "pdf")
VEGA_LITE = ".".join(alt.SCHEMA_VERSION.lstrip("v").split(".")[:2])


def panels_of(figure, look):
    """The figure's panels for the look's reading, and its tables; no panels where that reading has no rows."""
    if figure.name not in FIGURES:
        return [], {}
    tables = {name: table.reading(look.reading) for name, table in figure.tables.items()}
    telling = [table for table in tables.values() if READING_COLUMNS & set(table.columns)] or list(tables.values())
    if not any(table.rows for table in telling):
        return [], tables
    with debug_mode(False):  # Altair's checks of every part cost seconds; the whole is checked by drawing it
        return FIGURES[figure.name](tables, look), tables


def _titled(chart, title, font_size, width):
    """The panel with its name above its axes, at the same height whatever the marks reach; a long name takes several lines."""
    names = []
    lines = textwrap.wrap(title, max(12, int(width / (font_size * 0.56))), break_long_words=False)
    for above, line in enumerate(reversed(lines)):
        mark = {"type": "text", "align": "left", "baseline": "bottom", "fontWeight": "bold", "fontSize": font_size,
                "color": theme.INK}  # fmt: skip
        text = {"field": "title"}  # not the text itself: see `literal` in charts/panel.py
        place = {"x": {"value": 0}, "y": {"value": -font_size * (1 + 1.25 * above)}, "text": text}
        names.append({"data": {"values": [{"title": line}]}, "mark": mark, "encoding": place})
    return {**chart, "layer": [*chart["layer"], *names]}


def specification(titles, charts, parts, tables, font_size, panel_width, columns):
    """One Vega-Lite specification of all panels, `columns` in a row, each `panel_width` points wide inside its axes and, where
    a panel needs only a part of the usual height, so much lower."""
    height = panel_width * (0.72 if columns > 1 else 0.56)
    sized = [{**_titled(chart, title, font_size, panel_width), "width": panel_width, "height": round(max(height * part, 8 * font_size))}
             for title, chart, part in zip(titles, charts, parts, strict=True)]  # fmt: skip
    whole = sized[0]
    if len(sized) > 1:
        shared = {"scale": dict.fromkeys(("color", "shape", "strokeDash", "size"), "shared")}
        whole = {"concat": sized, "columns": columns, "resolve": shared, "spacing": round(font_size * 1.6)}
    return {"$schema": alt.SCHEMA_URL, **whole, "config": theme.config(font_size, paper=True),
            "datasets": {name: table.records() for name, table in tables.items()}}  # fmt: skip


def _columns(count, target, font_size, abreast=0):
    """As many panels in a row as have room; three stand in one row if they can at all, as in the paper's Fig. 1, and so do
    those that belong together."""
    most = max(1, int(target / (font_size * 22)))
    if abreast and count >= abreast and target / abreast >= font_size * 15:
        return abreast
    if count <= 3 and target / count >= font_size * 15:
        return count
    return min(count, most if count != 4 or most < 3 else 2)


def _width(svg):
    return float(re.search(r'<svg[^>]*? width="([0-9.]+)"', svg).group(1))


def specification_of(panels, tables, inches, font_size, panel_width=None):
    """One Vega-Lite specification of the figure, about `inches` wide with its axes and legends: exactly so wide once the width
    inside the axes, in points, is found by drawing."""
    target = inches * POINTS_PER_INCH
    columns = columns_of(panels, inches, font_size)
    panel_width = panel_width or max(60, target / columns - 60)
    titles = [panel.title if len(panels) > 1 or panel.key else "" for panel in panels]
    charts = copy.deepcopy([panel.chart for panel in panels])
    parts = [min(1, panel.height / Panel.height) for panel in panels]
    spec = specification(titles, charts, parts, tables, font_size, round(panel_width, 2), columns)
    _wrap(spec, target, panel_width, font_size)
    return spec


def columns_of(panels, inches, font_size):
    """How many panels stand in a row."""
    return _columns(len(panels), inches * POINTS_PER_INCH, font_size, panels[0].abreast)


def svg_of(panels, tables, inches, font_size):
    """SVG text, `inches` wide: the panels' width is found by drawing, for axes and legends take what they take."""
    target = inches * POINTS_PER_INCH
    columns = columns_of(panels, inches, font_size)
    panel_width = max(60, target / columns - 60)
    svg = ""
    for _ in range(5):
        spec = specification_of(panels, tables, inches, font_size, panel_width)
        svg = vl_convert.vegalite_to_svg(spec, vl_version=VEGA_LITE)
        missing = target - _width(svg)
        if abs(missing) <= 1:
            break
        panel_width = max(60, panel_width + missing / columns)
    return _fit(svg, target)


def _wrap(node, target, panel_width, font_size):
    """Fits into its place what would be wider: legends get as many columns as have room, axis titles as many lines as they
    need, numbers of examples are named where they do not touch."""
    if isinstance(node, list):
        for child in node:
            _wrap(child, target, panel_width, font_size)
    if not isinstance(node, dict):
        return
    legend, scale = node.get("legend"), node.get("scale")
    if isinstance(legend, dict) and isinstance(scale, dict) and isinstance(scale.get("domain"), list):
        longest = max((_letters(str(entry)) for entry in scale["domain"]), default=1)
        columns = max(1, int(target / (longest * font_size * 0.55 + 44)))
        node["legend"] = {**legend, "columns": columns, "labelLimit": round(target - 44)}
    for name, child in node.items():
        if name in ("x", "y") and isinstance(child, dict) and isinstance(child.get("title"), str):
            room = panel_width if name == "x" else panel_width * 0.7
            child["title"] = _lines(child["title"], max(12, int(room / (font_size * 0.5))))
            axis = child.get("axis")
            if isinstance(axis, dict) and str(axis.get("labelExpr", "")).startswith("indexof("):  # numbers of examples
                sizes, domain = axis["values"], child["scale"]["domain"]
                child["axis"] = {**axis, "labelExpr": named_where_room(sizes, domain, panel_width, font_size)}
        if name != "datasets":
            _wrap(child, target, panel_width, font_size)


def _letters(text):
    """A text's length in Latin letters: a Chinese one is as wide as two."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def _lines(title, width):
    if len(title) <= width:
        return [title]
    head, bracket, rest = title.partition(" (")
    return [
        line for part in (head, bracket.strip() + rest) for line in textwrap.wrap(part, width, break_long_words=False)
    ]


def _fit(svg, target):
    """The SVG's width as exactly `target` points: what is left (a point or less) becomes margin or is scaled."""
    found = re.search(r'width="([0-9.]+)" height="([0-9.]+)" viewBox="0 0 ([0-9.]+) ([0-9.]+)"', svg)
    width, height = float(found.group(1)), float(found.group(2))
    box = max(width, target) if width - target <= 1 else width
    size = f'width="{target:g}pt" height="{height * target / box:.2f}pt" viewBox="0 0 {box:g} {height:g}"'
    return svg[: found.start()] + size + svg[found.end() :]


def png_of(svg):
    """The SVG as PNG at 300 pixels an inch; lengths in points would be read as 4/3 pixels, so they are given bare."""
    return vl_convert.svg_to_png(_bare(svg, 0.01), scale=1, ppi=PIXELS_PER_INCH)


def pdf_of(svg):
    return vl_convert.svg_to_pdf(_bare(svg))


def _bare(svg, extra=0.0):
    def bare(found):  # a hundredth more, for the renderer rounds down
        return f'width="{float(found.group(1)) + extra:g}" height="{float(found.group(2)) + extra:g}"'

    return re.sub(r'width="([0-9.]+)pt" height="([0-9.]+)pt"', bare, svg, count=1)


def tables(figure):
    """{file name: bytes} of the tables behind a figure."""
    return {f"{figure.name}.csv" if len(figure.tables) == 1 else f"{figure.name}-{name}.csv": csv_of(table).encode()
            for name, table in figure.tables.items()}  # fmt: skip


def drawn(figure, bundle, inches, font_size):
    """The figure as SVG text; None where there is nothing to draw."""
    panels, tables = panels_of(figure, Look(bundle.experiments, bundle.sizes, paper=True))
    if not panels:
        return None
    svg = svg_of(panels, tables, inches, font_size)
    return svg.replace("<svg ", f'<svg role="img" aria-label="{_attribute(figure.alternative)}" ', 1)


def pictures(name, svg, formats):
    """{file name: bytes} of one drawing in each of the formats."""
    make = {"svg": lambda: svg.encode(), "png": lambda: png_of(svg), "pdf": lambda: pdf_of(svg)}
    return {f"{name}.{one}": make[one]() for one in formats}


def _attribute(text):
    return text.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;").replace(">", "&gt;")

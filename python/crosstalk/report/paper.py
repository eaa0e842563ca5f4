"""Figures for paper: SVG, PNG, PDF of exactly the asked width, always light, and CSV of every table behind them."""

import csv
import io
import re

import altair as alt
import vl_convert
from altair.utils.schemapi import debug_mode

from ..charts import theme
from ..charts.panel import Look
from ..charts.registry import FIGURES

POINTS_PER_INCH = 72  # one pixel of Vega's is a point on paper
PIXELS_PER_INCH = 300
VEGA_LITE = ".".join(alt.SCHEMA_VERSION.lstrip("v").split(".")[:2])


def panels_of(figure, look):
    """The figure's panels for the look's reading, and its tables; no panels where that reading has no rows."""
    if figure.name not in FIGURES:
        return [], {}
    tables = {name: table.reading(look.reading) for name, table in figure.tables.items()}
    first = next(iter(tables.values()), None)
    if first is None or not first.rows:
        return [], tables
    with debug_mode(False):  # Altair's checks of every part cost seconds; the whole is checked by drawing it
        return FIGURES[figure.name](tables, look), tables


def chart_of(panel):
    """The panel as Vega-Lite, without data and without what belongs to a whole."""
    spec = panel.chart.to_dict(validate=False)
    return {key: value for key, value in spec.items() if key not in ("$schema", "config")}


def specification(titles, charts, tables, font_size, panel_width, columns):
    """One Vega-Lite specification of all panels, `columns` in a row, each `panel_width` points wide inside its axes."""
    height = round(panel_width * (0.68 if columns > 1 else 0.56))
    sized = [{**chart, "width": panel_width, "height": height} | ({"title": title} if title else {})
             for title, chart in zip(titles, charts, strict=True)]  # fmt: skip
    whole = sized[0]
    if len(sized) > 1:
        shared = {"scale": dict.fromkeys(("color", "shape", "strokeDash", "size"), "shared")}
        whole = {"concat": sized, "columns": columns, "resolve": shared, "spacing": round(font_size * 1.6)}
    return {"$schema": alt.SCHEMA_URL, **whole, "config": theme.config(font_size, paper=True),
            "datasets": {name: table.records() for name, table in tables.items()}}  # fmt: skip


def _width(svg):
    return float(re.search(r'<svg[^>]*? width="([0-9.]+)"', svg).group(1))


def svg_of(panels, tables, inches, font_size):
    """SVG text, `inches` wide: the panels' width is found by drawing, for axes and legends take what they take."""
    target = inches * POINTS_PER_INCH
    columns = min(len(panels), 3 if inches >= 6 else 2 if inches >= 4.5 else 1)
    if len(panels) == 4 and columns == 3:
        columns = 2
    panel_width = max(60, target / columns - 60)
    titles = [panel.title if len(panels) > 1 or panel.key else "" for panel in panels]
    charts = [chart_of(panel) for panel in panels]
    svg = ""
    for _ in range(5):
        spec = specification(titles, charts, tables, font_size, round(panel_width, 2), columns)
        _wrap_legends(spec, target, font_size)
        svg = vl_convert.vegalite_to_svg(spec, vl_version=VEGA_LITE)
        missing = target - _width(svg)
        if abs(missing) <= 1:
            break
        panel_width = max(60, panel_width + missing / columns)
    return _fit(svg, target)


def _wrap_legends(spec, target, font_size):
    """Legends below the panels break into as many columns as have room."""
    def visit(node):
        if isinstance(node, dict):
            legend, scale = node.get("legend"), node.get("scale")
            if isinstance(legend, dict) and isinstance(scale, dict) and isinstance(scale.get("domain"), list):
                longest = max((len(str(entry)) for entry in scale["domain"]), default=1)
                legend["columns"] = max(1, int(target / (longest * font_size * 0.55 + 44)))
            for child in node.values():
                visit(child)
        elif isinstance(node, list):
            for child in node:
                visit(child)

    visit({key: value for key, value in spec.items() if key != "datasets"})


def _fit(svg, target):
    """The SVG's width as exactly `target` points: what is left (a point or less) becomes margin or is scaled."""
    found = re.search(r'width="([0-9.]+)" height="([0-9.]+)" viewBox="0 0 ([0-9.]+) ([0-9.]+)"', svg)
    width, height = float(found.group(1)), float(found.group(2))
    box = max(width, target) if width - target <= 1 else width
    size = f'width="{target:g}pt" height="{height * target / box:.2f}pt" viewBox="0 0 {box:g} {height:g}"'
    return svg[: found.start()] + size + svg[found.end() :]


def png_of(svg):
    """The SVG as PNG at 300 pixels an inch; lengths in points would be read as 4/3 pixels, so they are given bare."""
    return vl_convert.svg_to_png(_bare(svg), scale=1, ppi=PIXELS_PER_INCH)


def pdf_of(svg):
    return vl_convert.svg_to_pdf(_bare(svg))


def _bare(svg):
    return re.sub(r'width="([0-9.]+)pt" height="([0-9.]+)pt"', r'width="\1" height="\2"', svg, count=1)


def csv_of(table):
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(table.columns)
    for row in table.rows:
        writer.writerow(["" if cell is None else _cell(cell) for cell in row])
    return text.getvalue()


def _cell(cell):
    if isinstance(cell, bool):
        return "true" if cell else "false"
    return repr(int(cell)) if isinstance(cell, float) and cell.is_integer() and abs(cell) < 2**53 else cell


def write(figure, bundle, folder, formats, inches, font_size, put):
    """Writes FOLDER/NAME.* for one figure, by `put(path, bytes)`; the names of the files."""
    files = []
    if "csv" in formats:
        for name, table in figure.tables.items():
            files.append(f"{figure.name}.csv" if len(figure.tables) == 1 else f"{figure.name}-{name}.csv")
            put(folder / files[-1], csv_of(table).encode())
    wanted = [name for name in ("svg", "png", "pdf") if name in formats]
    if not wanted:
        return files
    look = Look(bundle.experiments, bundle.sizes, paper=True)
    panels, tables = panels_of(figure, look)
    if not panels:
        return files
    svg = svg_of(panels, tables, inches, font_size)
    svg = svg.replace("<svg ", f'<svg role="img" aria-label="{_attribute(figure.alternative)}" ', 1)
    make = {"svg": lambda: svg.encode(), "png": lambda: png_of(svg), "pdf": lambda: pdf_of(svg)}
    for name in wanted:
        files.append(f"{figure.name}.{name}")
        put(folder / files[-1], make[name]())
    return files


def _attribute(text):
    return text.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;").replace(">", "&gt;")

"""The figures of a report: their tables, and their charts as Altair objects, by what draws the report."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crosstalk import _cli

from .failures import failure, listed, unknown

if TYPE_CHECKING:
    import pandas as pd

    from crosstalk.report.bundle import Bundle, Figure


def _said(value: object) -> str:
    """A key's value as `crosstalk report --where` reads it."""
    return value if isinstance(value, str) else json.dumps(value)


def bundle_of(folder: Path, by: Sequence[str] | None, panel: str | None, where: Mapping[str, object] | None) -> Bundle:
    """All that a report of the folder shows, by the options of `crosstalk report`."""
    from crosstalk.report import bundle

    keys = "" if by is None else ",".join(by) or "none"
    chosen = [f"{key}={_said(value)}" for key, value in (where or {}).items()]
    return bundle.read(io.BytesIO(_cli.bundle(folder, keys, panel or "", chosen).encode()))


def figure_of(bundle: Bundle, name: str, place: object) -> Figure:
    found = bundle.figure(name)
    if found is None:
        raise unknown("figure", name, [figure.name for figure in bundle.figures], place)
    return found


def table_of(figure: Figure, table: str | None, place: object) -> pd.DataFrame:
    """One of the tables behind a figure."""
    import pandas as pd

    names = list(figure.tables)
    if table is None and len(names) != 1:
        raise failure(
            "config", f"{place}: {figure.name} has the tables {listed(names)}. Say which: table={names[0]!r}."
            if names else f"{place}: {figure.name} has no table."
        )  # fmt: skip
    if table is not None and table not in names:
        raise unknown(f"table of {figure.name}", table, names, place)
    found = figure.tables[names[0] if table is None else table]
    return pd.DataFrame(found.rows, columns=found.columns)


def chart_of(figure: Figure, bundle: Bundle, measurement: str, interference: str, inches: float, place: object) -> Any:
    """The figure's panels as one chart, with its data inside."""
    import altair as alt
    from altair.utils.schemapi import debug_mode

    from crosstalk.charts import theme
    from crosstalk.charts.panel import Look
    from crosstalk.report import paper

    if measurement not in theme.MEASUREMENTS:
        raise unknown("measurement", measurement, theme.MEASUREMENTS, place)
    if interference not in theme.INTERFERENCES:
        raise unknown("interference", interference, theme.INTERFERENCES, place)
    reading = theme.Reading(measurement, interference)
    panels, tables = paper.panels_of(figure, Look(bundle.experiments, bundle.sizes, reading, paper=True))
    if not panels:
        raise failure(
            "config",
            f"{place}: {figure.name} has nothing to draw for measurement={measurement!r} and interference={interference!r}. "
            "Its tables may say why: figure_table().",
        )
    specification = paper.specification_of(panels, tables, inches, font_size=10)
    del specification["config"]["legend"]["layout"]  # Vega's, which Vega-Lite passes on and Altair does not know
    kind = alt.ConcatChart if "concat" in specification else alt.LayerChart
    rows = specification.pop("datasets")  # which Altair would convert row by row
    with debug_mode(False):  # which checks every part; the whole is checked when it is shown
        chart = kind.from_dict(specification, validate=False)
    chart.datasets = rows
    chart.description = figure.said(reading)  # what it shows, in words: for who cannot see it
    return chart


def figure_names(bundle: Bundle) -> dict[str, str]:
    """{name: title} of the figures that have a chart, in the report's order."""
    from crosstalk.charts.registry import FIGURES

    return {figure.name: figure.title for figure in bundle.figures if figure.name in FIGURES}

"""The figures that are drawn, in the order of a report: one line each. A module's `panels` makes panels of tables."""

from . import comparison, figure1, figure2, figure9, figure10, figureD2

FIGURES = {
    "figure1": figure1.panels,
    "figure2": figure2.panels,
    "figure9": figure9.panels,
    "figure10": figure10.panels,
    "figureD2": figureD2.panels,
    "comparison": comparison.panels,
}

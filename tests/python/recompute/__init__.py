"""A report's numbers a second time, from the rows of its results folder alone: with NumPy, pandas and SciPy, by docs/figures.md and
docs/statistics.md, without Crosstalk's statistics, its figures or the data inside the page.

    PYTHONPATH=tests/python python -m recompute results/quickstart     # every table and every number of its report.html
"""

"""Tests of the command are skipped, by name, where it is not built."""

from pathlib import Path

from fixtures import cache, crosstalk, finished, skip_what_is_not_built, study  # noqa: F401


def pytest_collection_modifyitems(items):
    skip_what_is_not_built(items, Path(__file__).parent)

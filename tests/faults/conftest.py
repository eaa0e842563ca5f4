"""The tests here run the command as those in tests/cli do."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "cli"))
from fixtures import cache, crosstalk, finished, skip_what_is_not_built, study  # noqa: F401


def pytest_collection_modifyitems(items):
    skip_what_is_not_built(items, Path(__file__).parent)

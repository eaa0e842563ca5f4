"""crosstalk.load: from a folder's name to its results."""

from __future__ import annotations

import os
from pathlib import Path

from .failures import failure, listed
from .results import Results

STORE = "study.sqlite"


def load(folder: str | os.PathLike[str]) -> Results:
    """The results of a study.

    `folder`: the results folder of `crosstalk run`, or its study.sqlite. A study that still runs can be loaded: the
    results are those that are stored by the time a table is first asked for; load again to see more.

    Raises crosstalk.Error where the folder holds no results, where they are damaged, or where another program holds
    the store for longer than ten seconds. It names the file and the mend.
    """
    path = Path(folder)
    if path.name == STORE and not path.is_dir():
        path = path.parent
    if not (path / STORE).exists():
        raise failure("store", _why_not(path))
    return Results(path)


def _why_not(path: Path) -> str:
    if not path.exists():
        return f"{path} does not exist (from {Path.cwd()}). Give the folder that `crosstalk run` has written, such as results/quickstart."
    if not path.is_dir():
        return f"{path} is a file. Give the results folder that `crosstalk run` has written."
    studies = sorted(str(file.parent) for file in path.glob(f"*/{STORE}"))
    if studies:
        return f"{path} holds no results itself, but folders that do: {listed(studies)}. Load one of them."
    return f"{path} holds no results: there is no {STORE} in it. `crosstalk run STUDY.toml --out {path}` makes one."

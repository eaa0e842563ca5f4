"""The errors of this package: crosstalk.Error, with the kinds that the command has as exit codes."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from crosstalk._cli import Error

MOST_NAMED = 12  # names in a message


def failure(kind: str, message: str) -> Error:
    """The exception to raise. `kind`: "config" (what was asked for), "environment" (this machine) or "store" (the folder)."""
    error = Error(message)
    error.kind = kind
    return error


def listed(names: Iterable[object]) -> str:
    """'a, b, c and 4 more'."""
    names = [str(name) for name in names]
    left = len(names) - MOST_NAMED
    return ", ".join(names[:MOST_NAMED]) + (f" and {left} more" if left > 0 else "")


def unknown(what: str, name: object, known: Iterable[object], place: object) -> Error:
    """Of a name that is none of those known: names the nearest, or those that there are."""
    names = [str(each) for each in known]
    near = difflib.get_close_matches(str(name), names, 1)
    mend = f"did you mean {near[0]}?" if near else f"there are {listed(names)}." if names else "there are none."
    return failure("config", f"{place}: {name} is no {what} of these results; {mend}")

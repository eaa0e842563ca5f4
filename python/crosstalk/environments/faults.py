"""What can be wrong with an environment, in one line for the one who reads it."""

from __future__ import annotations

import os

MOST = 300  # characters of what an exception says


class Refused(Exception):
    """The environment is not there, or none that an agent can act in; the text says why, and the mend."""


class NotInstalled(Exception):
    """A package that the environment needs is not installed; the text says what to install."""


def needs(package: str, error: ImportError) -> NotInstalled:
    """A package of the extra `gym` that cannot be imported."""
    why = "is not installed" if getattr(error, "name", None) == package else f"cannot be imported ({one_line(error)})"
    return NotInstalled(f"{package} {why}: pip install 'crosstalk-interference[gym]'")


def told(error: BaseException, file: str = "") -> str:
    """'ZeroDivisionError: division by zero (room.py:12)': the exception and where it was raised; in `file`, if its way
    leads through it."""
    return f"{one_line(error)}{place_of(error, file)}"


def one_line(error: BaseException) -> str:
    text = " ".join(str(error).split())
    text = text if len(text) <= MOST else text[:MOST] + "..."
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def place_of(error: BaseException, file: str = "") -> str:
    if isinstance(error, SyntaxError) and error.filename:
        return f" ({os.path.basename(error.filename)}:{error.lineno})"
    places = []
    trace = error.__traceback__
    while trace:
        places.append((trace.tb_frame.f_code.co_filename, trace.tb_lineno))
        trace = trace.tb_next
    ours = os.path.dirname(__file__)
    places = [place for place in places if os.path.dirname(place[0]) != ours and not place[0].startswith("<")]
    chosen = [place for place in places if place[0] == file] or places
    return f" ({os.path.basename(chosen[-1][0])}:{chosen[-1][1]})" if chosen else ""

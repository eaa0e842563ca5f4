"""What can be wrong with an environment, in one line for the one who reads it."""

from __future__ import annotations

import os
import traceback

MOST = 300  # characters of what an exception says


class Refused(Exception):
    """The environment is not there, or none that an agent can act in; the text says why, and the mend."""


class NotInstalled(Exception):
    """A package that the environment needs is not installed; the text says what to install."""


def needs(package: str, error: ImportError) -> NotInstalled:
    """A package of one of our extras that cannot be imported."""
    why = "is not installed" if getattr(error, "name", None) == package else f"cannot be imported ({one_line(error)})"
    return NotInstalled(f"{package} {why}: pip install {package.replace('_', '-')}")


def told(error: BaseException, file: str = "") -> str:
    """'ZeroDivisionError: division by zero (room.py:12)': the exception and where it was raised; in `file`, if its way
    leads through it. The whole way goes to standard error, which is the worker's log."""
    os.write(2, way_of(error).encode(errors="backslashreplace"))
    return f"{one_line(error)}{escaped(place_of(error, file))}"


def one_line(error: BaseException) -> str:
    try:
        text = str(error)
    except BaseException:  # of the user's own class: anything
        return f"{type(error).__name__} (its text cannot be taken)"
    text = cut(text, MOST)
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def shown(value: object) -> str:
    """A value as Python writes it, where that is short, with its type: "'False', a str"."""
    try:
        text = cut(repr(value), 60)
    except BaseException:
        text = "something that cannot be shown"
    return f"{text}, a {type(value).__name__}"


def cut(text: str, most: int) -> str:
    """In one line, of which every character can be printed."""
    text = escaped(" ".join(text[: 4 * most].split()))
    return text if len(text) <= most else text[:most] + "..."


def escaped(text: str) -> str:
    return "".join(each if each.isprintable() else each.encode("unicode_escape").decode() for each in text)


def way_of(error: BaseException) -> str:
    """Python's traceback without the frames that are crosstalk's."""
    whole = traceback.TracebackException.from_exception(error)
    parts: list[traceback.TracebackException | None] = [whole]
    while parts:
        part = parts.pop()
        if part is None:
            continue
        part.stack = traceback.StackSummary.from_list([frame for frame in part.stack if not is_ours(frame.filename)])
        parts += [part.__cause__, part.__context__]
    return "".join(whole.format())


def is_ours(file: str) -> bool:
    return os.path.dirname(file) == os.path.dirname(__file__) or file.startswith("<")


def place_of(error: BaseException, file: str = "") -> str:
    if isinstance(error, SyntaxError) and isinstance(error.filename, str):
        return f" ({os.path.basename(error.filename)}:{error.lineno})"
    places = []
    trace = error.__traceback__
    while trace:
        places.append((trace.tb_frame.f_code.co_filename, trace.tb_lineno))
        trace = trace.tb_next
    places = [place for place in places if not is_ours(place[0])]
    chosen = [place for place in places if place[0] == file] or places
    return f" ({os.path.basename(chosen[-1][0])}:{chosen[-1][1]})" if chosen else ""

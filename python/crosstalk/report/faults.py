"""One sentence for whatever stopped a report: what is not there, whose module stood in the way, or where the fault is ours."""

import re
import sys

from crosstalk import _child

PACKAGES = ("altair", "vl-convert-python", "pandas", "numpy", "pillow")  # what draws; pip's names


def cut(text, limit=160):
    """The first line of what a library says (two, where the first ends in a colon), short enough to stand in a sentence."""
    lines = [" ".join(line.split()) for line in str(text).splitlines() if line.strip()] or [""]
    line = " ".join(lines[:2]) if lines[0].endswith(":") else lines[0]
    return line if len(line) <= limit else line[:limit] + "..."


def _said(error):
    said = cut(error)
    return f"{type(error).__name__}: {said}" if said else type(error).__name__


def _too_old():
    """[("altair 4.2.2", "altair>=5.5")]: packages that are older than Crosstalk's own metadata ask for."""
    from importlib import metadata  # loads half of the standard library: not before this is in a `try`

    from crosstalk._namesakes import DISTRIBUTION

    try:
        required = metadata.requires(DISTRIBUTION) or []
    except metadata.PackageNotFoundError:
        return []  # a source tree
    found = []
    for line in required:
        asked = re.match(r"([A-Za-z0-9._-]+)\s*>=\s*([0-9.]+)", line)
        if not asked or asked[1].lower() not in PACKAGES:
            continue
        try:
            version = metadata.version(asked[1])
        except metadata.PackageNotFoundError:
            continue  # its import says so
        numbers = [[int(part) for part in re.findall("[0-9]+", text)[:3]] for text in (version, asked[2])]
        if numbers[0] < numbers[1]:
            found.append((f"{asked[1]} {version}", f"{asked[1]}>={asked[2]}"))
    return found


def _missing(error):
    name = (error.name or "").split(".")[0]
    package = {"vl_convert": "vl-convert-python", "PIL": "pillow"}.get(name, name)
    if name == "crosstalk":
        return f"this installation of Crosstalk is not whole ({_said(error)}). Install it again."
    return (f"the report needs the Python package {package or '?'}, which {sys.executable} cannot load ({_said(error)}). "
            f"Install it there: pip install {package or 'crosstalk'}.")  # fmt: skip


def sentence(error):
    """(kind, message) of an exception that nobody expected; never a trace."""
    if _child.hidden_modules(error):
        return "environment", f"the report cannot be made: {_child.explained(error)}"
    if old := [] if isinstance(error, (OSError, MemoryError)) else _too_old():
        return "environment", (f"{' and '.join(have for have, _ in old)} is too old for the report ({_said(error)}). "
                               f"pip install {' '.join(repr(need) for _, need in old)} gets what it needs.")  # fmt: skip
    if isinstance(error, ImportError):
        return "environment", _missing(error)
    if isinstance(error, MemoryError):
        return (
            "environment",
            "there is not enough memory for the report. End other programs, or ask for fewer formats (--format).",
        )
    if isinstance(error, OSError):
        where = f"{error.filename}: " if error.filename else ""
        return "environment", f"the report cannot be made: {where}{error.strerror or error}."
    return "environment", f"the report cannot be made: {_child.explained(error)}"

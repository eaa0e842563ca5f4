"""Numbers and times in words, for readers."""

from datetime import datetime


def count(number, noun, plural=None):
    return f"{number:,.0f} {noun if number == 1 else plural or noun + 's'}"


def decimal(value, places=2):
    if value is None:
        return "–"
    text = f"{value:.{places}f}"
    return (text.lstrip("-") if float(text) == 0 else text).replace("-", "−")


def interval(low, high, places=2):
    return "–" if low is None or high is None else f"{decimal(low, places)} to {decimal(high, places)}"


def value(cell):
    """A cell of any table as a reader wants it."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, (int, float)):
        if float(cell).is_integer() and abs(cell) < 1e15:
            return f"{int(cell):,}".replace("-", "−")
        return f"{cell:.4g}".replace("-", "−")
    if isinstance(cell, list):
        return ", ".join(value(one) for one in cell)
    return str(cell)


def duration(seconds):
    if seconds is None:
        return ""
    for size, unit in ((86400, "days"), (3600, "h"), (60, "min")):
        if seconds >= 2 * size or (size == 60 and seconds >= 100):
            return f"{seconds / size:.1f} {unit}"
    return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"


def listed(parts):
    parts = list(parts)
    return ", ".join(parts[:-1]) + " and " + parts[-1] if len(parts) > 1 else "".join(parts)


def moment(text):
    """ "2026-01-31T12:00:00Z" -> "31 January 2026, 12:00 UTC"; other text as it is."""
    try:
        when = datetime.strptime(str(text), "%Y-%m-%dT%H:%M:%SZ")
    except ValueError:
        return str(text or "")
    return f"{when.day} {when:%B %Y, %H:%M} UTC"

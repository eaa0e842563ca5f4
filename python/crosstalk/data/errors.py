"""The one exception of the package, and how its messages write numbers, names and counts."""

import difflib
import errno

from crosstalk.data.names import readable


class DataError(Exception):
    """Names the thing, the value, the place and the mend. `kind` is "data", "environment" or "config"."""

    def __init__(self, message, kind="data"):
        self.message, self.kind = readable(message), kind
        super().__init__(self.message)


def commas(number):
    return f"{number:,}"


def counted(number, noun, plural=None):
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def shape_text(shape):
    return " x ".join(f"{size:,}" for size in shape)


def megabytes(size):
    return f"{size / 1e6:.1f} MB" if size >= 1e5 else counted(size, "byte")


def did_you_mean(word, words):
    near = difflib.get_close_matches(word[:200].lower(), [known[:200].lower() for known in words], n=1)
    found = next((known for known in words if near and known[:200].lower() == near[0]), None)
    return f"; did you mean {cut(found)}?" if found else "."


def quoted(value, limit=40):
    """A value of the user's as it may stand in one line of a message."""
    text = str(value)
    return ascii(text if len(text) <= limit else text[:limit] + "...").replace("'", '"')


def cut(value, limit=40):
    """A name of the user's as it may stand in one line of a message, without quotes."""
    text = "".join(letter if letter.isprintable() else " " for letter in str(value))
    return text if len(text) <= limit else text[:limit] + "..."


def listed(values, most=20):
    """Names of the user's, the first few of them."""
    return ", ".join(cut(value) for value in values[:most]) + (" ..." if len(values) > most else "")


def reason(error, limit=120):
    """What a library says about a damaged file, as it may stand in one line: it may quote the file."""
    text = " ".join(ascii(str(error))[1:-1].replace("\\n", " ").split())
    text = type(error).__name__ + (f": {text}" if text else "")
    return text if len(text) <= limit else text[:limit] + "..."


def too_little_memory(subject, memory_bytes):
    """Of a child that may have no more than so much."""
    return DataError(
        f"{subject}: reading it takes more than the {memory_bytes / (1 << 30):.3g} GB of memory that it may have.\n"
        "Set CROSSTALK_DATA_MEMORY_GB higher; where that does not help, the file is not what it says it is."
    )


def of_operating_system(error, place):
    """What an OSError while writing `place` means to the one who reads it."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        reason = "the disk is full" if error.errno != errno.EFBIG else "a limit on the size of files is reached"
        return DataError(
            f"{place}: {reason}. Free some space, or let CROSSTALK_CACHE name a folder on another disk.",
            "environment",
        )
    if error.errno in (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP):
        return DataError(
            f"{place} cannot be locked ({(error.strerror or str(error)).lower()}): its file system has no locks. "
            "Let CROSSTALK_CACHE name a folder on one that has.",
            "environment",
        )
    return DataError(
        f"{place} cannot be written ({(error.strerror or str(error)).lower()}). Give yourself the right "
        "to write there, or let "
        "CROSSTALK_CACHE name another folder.",
        "environment",
    )

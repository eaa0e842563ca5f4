"""What a name says by its ending, and how a name is written in a message."""


def has_ending(name, *endings):
    """Whether a file's name ends so, in capitals or not: instruments and Windows programs write DATA.CSV.
    src/base/ending.hpp is its twin."""
    return str(name).lower().endswith(endings)


def readable(text):
    """A path as text that can be written anywhere: bytes that are not UTF-8 become \\xNN."""
    return str(text).encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")

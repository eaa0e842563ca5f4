"""The chart library that stands in every page (Vega, Vega-Lite, Vega-Embed). vl-convert has it, and takes a second or two to put it
together; the text is the same until another vl-convert is installed, so it is kept in the cache beside the data."""

import contextlib
import hashlib

import vl_convert

from ..data import cache
from ..data.errors import DataError
from .paper import VEGA_LITE


def _name():
    return f"vega-lite-{VEGA_LITE}-vl-convert-{vl_convert.__version__}.js"


def _whole(content):
    """The text of a cached file, whose first line is the digest of the rest; nothing where the two disagree."""
    digest, _, text = content.partition(b"\n")
    return text.decode() if digest == hashlib.sha256(text).hexdigest().encode() else None


def text():
    """The library as JavaScript. Where there is no cache that can be used it is made anew each time."""
    with contextlib.suppress(OSError, DataError):
        file = cache.root() / "report" / _name()
        if file.is_file() and (kept := _whole(file.read_bytes())):  # a pipe would be waited at
            return kept
    made = vl_convert.javascript_bundle(vl_version=VEGA_LITE)
    content = made.encode()
    with contextlib.suppress(OSError, DataError), cache.appearing(cache.folder("report") / _name()) as partial:
        partial.write_bytes(hashlib.sha256(content).hexdigest().encode() + b"\n" + content)
    return made

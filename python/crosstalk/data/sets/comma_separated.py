"""The tables that ship with the package: numbers separated by commas, without a header, packed by gzip or not."""

import gzip
import zlib

from crosstalk.data.errors import DataError, reason
from crosstalk.data.names import has_ending

MEND = "Put the original back, or leave it out: the package has its own."


def table(path, what, kind=float):
    """All numbers of the file, (rows, columns); an error says that it is not `what`."""
    import numpy

    try:
        with gzip.open(path, "rt") if has_ending(path, ".gz") else open(path) as file:
            return numpy.loadtxt(file, delimiter=",", dtype=kind, ndmin=2)
    except (OSError, EOFError, ValueError, zlib.error) as error:
        raise DataError(f"{path} is not {what}: {reason(error)}.\n{MEND}") from None

"""The form of a set's observations: how a record of a few bytes is an array of numbers (src/engine/env/arrays.hpp)."""

from dataclasses import asdict, dataclass
from math import prod

import numpy

from crosstalk.data.errors import DataError, quoted

MOST_NUMBERS = 1 << 27  # of one array, as the engine has it
NUMBERS = {"bits": numpy.bool_, "bytes": numpy.uint8, "single": numpy.float32, "whole": numpy.float64}


@dataclass(frozen=True)
class Form:
    """`kept`: bits (truths, eight to a byte, the first the lowest), bytes, single, whole (double precision), or index
    (one number below the only extent, 4 bytes). An observation is the last `history` records of its episode."""

    kept: str
    extents: tuple
    channels_last: bool = False
    history: int = 1

    @property
    def shape(self):
        """Of one record's array; an index is a number."""
        return () if self.kept == "index" else self.extents

    @property
    def dtype(self):
        return numpy.dtype(numpy.int64 if self.kept == "index" else NUMBERS[self.kept])

    @property
    def record_bytes(self):
        if self.kept == "index":
            return 4
        return (prod(self.extents) + 7) // 8 if self.kept == "bits" else prod(self.extents) * self.dtype.itemsize

    def arrays(self, records):
        """(N, *shape) of records (N, record_bytes)."""
        if self.kept == "bits":
            bits = numpy.unpackbits(records, axis=1, count=prod(self.extents), bitorder="little")
            return bits.astype(bool).reshape(-1, *self.extents)
        if self.kept == "index":
            return numpy.ascontiguousarray(records).view("<i4").astype(numpy.int64).reshape(-1)
        return numpy.ascontiguousarray(records).view(self.dtype.newbyteorder("<")).reshape(-1, *self.extents)

    def records(self, arrays):
        """(N, record_bytes) of arrays (N, *shape)."""
        if self.kept == "bits":
            return numpy.packbits(arrays.reshape(len(arrays), -1), axis=1, bitorder="little")
        kind = "<i4" if self.kept == "index" else self.dtype.newbyteorder("<")
        plain = numpy.ascontiguousarray(arrays.astype(kind)).reshape(len(arrays), -1)
        return plain.view(numpy.uint8).reshape(len(arrays), self.record_bytes)

    def faults(self, arrays):
        """What is wrong with numbers that an environment cannot show; "" where nothing is."""
        if self.dtype.kind == "f" and not numpy.isfinite(arrays).all():
            return "holds an observation with a number that is not finite"
        if self.kept == "index" and ((arrays < 0) | (arrays >= self.extents[0])).any():
            return f"holds an observation beyond 0 to {self.extents[0] - 1:,}"
        return ""

    def described(self):
        """As trajectories.json has it."""
        return {**asdict(self), "extents": list(self.extents)}


def form_of(described, file, mend):
    """The form that trajectories.json, or a copy of it, describes. `mend`: what to do with one that is damaged."""

    def is_count(value, most=MOST_NUMBERS):
        return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= most

    parts = described if isinstance(described, dict) else {}
    kept, extents, history = parts.get("kept"), parts.get("extents"), parts.get("history")
    sound = isinstance(extents, list) and 1 <= len(extents) <= 3 and all(map(is_count, extents))
    sound = sound and prod(extents) <= MOST_NUMBERS and kept in (*NUMBERS, "index")
    sound = sound and (kept != "index" or len(extents) == 1) and is_count(history, 1000)
    last = parts.get("channels_last")
    if not sound or not isinstance(last, bool) or (last and len(extents) != 3):
        raise DataError(
            f"{file} describes its observations as {quoted(described, 120)}, which is no form that there is. {mend}"
        )
    return Form(kept, tuple(extents), last, history)

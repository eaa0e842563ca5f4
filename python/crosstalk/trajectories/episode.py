"""One episode of a set, and what can be wrong with its numbers."""

import struct
from dataclasses import dataclass, fields

import numpy

from crosstalk.data.errors import counted, shape_text

UNKNOWN_SEED = -1  # of an episode from elsewhere
# What belongs to a step, and what to an observation, of which there is one more.
OF_STEPS = ("actions", "rewards", "scores", "terminations", "truncations", "executed")
OF_OBSERVATIONS = ("observations", "ram", "values")
TYPES = {
    "observations": numpy.uint8,
    "actions": numpy.int64,
    "rewards": numpy.float64,
    "scores": numpy.float64,
    "terminations": numpy.uint8,
    "truncations": numpy.uint8,
    "executed": numpy.int64,
    "ram": numpy.uint8,
    "values": numpy.float32,
}


@dataclass
class Episode:
    """T steps and T + 1 observations, in the types of TYPES; what was not kept is None."""

    observations: object  # (T + 1, bytes of a record)
    actions: object  # (T)
    rewards: object
    terminations: object
    truncations: object
    seed: int = UNKNOWN_SEED
    scores: object = None
    executed: object = None  # (T, frames)
    ram: object = None  # (T + 1, bytes)
    values: object = None  # (T + 1, actions)

    def __len__(self):
        return len(self.actions)

    def parts(self):
        """{name: array} of what was kept, in the order of the fields."""
        named = {each.name: getattr(self, each.name) for each in fields(self) if each.name != "seed"}
        return {name: array for name, array in named.items() if array is not None}

    def nbytes(self):
        return sum(array.nbytes for array in self.parts().values())

    def add_to(self, digest):
        """To a digest of all steps, which does not depend on how they are cut into files."""
        digest.update(struct.pack("<qq", len(self), self.seed))
        for name, array in self.parts().items():
            digest.update(name.encode() + b"\0")
            digest.update(numpy.ascontiguousarray(array.astype(TYPES[name], copy=False)).data)

    def faults(self, form, actions):
        """What is wrong with it; "" where nothing is. `actions`: how many there are to choose from."""
        for name, array in self.parts().items():
            rows = len(self) + (name in OF_OBSERVATIONS)
            if len(array) != rows:
                return f"has {counted(len(array), 'row')} of {name} where {rows:,} belong to its actions"
            if array.dtype.kind == "f" and not numpy.isfinite(array).all():
                return f"holds {name} that are not finite"
        if len(self) == 0:
            return "has no step"
        if self.observations.shape[1:] != (form.record_bytes,):
            return f"has records of {shape_text(self.observations.shape[1:])} bytes, not {form.record_bytes:,}"
        if ((self.actions < 0) | (self.actions >= actions)).any():
            return f"holds an action beyond 0 to {actions - 1:,}"
        if max(self.terminations.max(), self.truncations.max()) > 1:
            return "holds a mark of an end that is neither 0 nor 1"
        ends = numpy.flatnonzero(self.terminations | self.truncations)
        if len(ends) and ends[0] != len(self) - 1:
            return f"goes on after step {ends[0] + 1:,}, which ended it"
        return "" if len(ends) else "has no end"

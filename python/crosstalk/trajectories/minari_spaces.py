"""What a Minari dataset says that its observations and actions are, looked at before Minari builds anything of it."""

import json
from math import prod

import numpy

from crosstalk.data.errors import DataError, cut, quoted
from crosstalk.environments.spaces import MOST_ACTIONS, MOST_INDICES, MOST_NUMBERS, has_channels_last, kept_as
from crosstalk.trajectories.form import Form
from crosstalk.trajectories.minari_names import DAMAGED

NUMBERS = ("bool", "uint8", "int8", "uint16", "int16", "uint32", "int32", "uint64", "int64")
NUMBERS = (*NUMBERS, "float16", "float32", "float64")
LARGEST_WHOLE = 1 << 53  # up to which double precision holds each whole number
FITS = "A set has Box or Discrete(n) observations and one Discrete(n) action a step."


class Observations:
    """What an observation is, and its form in a set. `type`: in the file; `first`: the least value of an index."""

    def __init__(self, form, type, first=0):
        self.form, self.type, self.first = form, type, first

    def records(self, arrays):
        """(N, record_bytes); DataError's text where a number cannot be kept."""
        if self.form.kept == "index":
            arrays = arrays.astype(numpy.int64) - self.first
        elif self.form.kept == "whole" and self.type.kind in "iu" and largest(arrays) > LARGEST_WHOLE:
            raise ValueError("holds an observation with a whole number beyond 2^53")
        arrays = arrays.astype(self.form.dtype)
        if fault := self.form.faults(arrays):
            raise ValueError(fault)
        return self.form.records(arrays)


def largest(arrays):
    return max(abs(int(arrays.min())), abs(int(arrays.max())))


def parts_of(metadata, name, file):
    """A space's JSON as an object with a type."""
    text = metadata.get(name)
    if text is None:
        raise DataError(
            f"{file} names no {name}: older versions of Minari leave that to the environment. Load the dataset in "
            "Minari, and write it again with minari.create_dataset_from_buffers."
        )
    try:
        parts = json.loads(text) if isinstance(text, str) else None
    except (ValueError, RecursionError):
        raise DataError(f"{file}: its {name} is no JSON. {DAMAGED}") from None
    if not isinstance(parts, dict) or not isinstance(parts.get("type"), str):
        raise DataError(f"{file}: its {name} is {quoted(text)}, which is no space. {DAMAGED}")
    return parts


def counted_choices(parts, what, most, file):
    count, start = parts.get("n"), parts.get("start", 0)
    whole = all(isinstance(value, int) and not isinstance(value, bool) for value in (count, start))
    if not whole or not 1 <= count <= most or abs(start) > 1 << 62:
        raise DataError(
            f"{file}: its {what} are Discrete({cut(count)}) from {cut(start)}, where 1 to {most:,} can be. {FITS}"
        )
    return count, start


def observations_in(metadata, file):
    parts = parts_of(metadata, "observation_space", file)
    if parts["type"] == "Discrete":
        count, start = counted_choices(parts, "observations", MOST_INDICES, file)
        return Observations(Form("index", (count,)), numpy.dtype(numpy.int64), start)
    if parts["type"] != "Box":
        raise DataError(f"{file}: its observations are {cut(parts['type'])}. {FITS}")
    shape, name = parts.get("shape"), parts.get("dtype")
    sound = isinstance(shape, list) and all(isinstance(extent, int) and extent >= 1 for extent in shape)
    if not sound or not 1 <= len(shape) <= 3 or prod(shape) > MOST_NUMBERS:
        raise DataError(
            f"{file}: its observations have the shape {cut(shape)}. A set has vectors (d), pictures (H, W), (H, W, C) "
            f"or (C, H, W), of at most {MOST_NUMBERS:,} numbers."
        )
    if name not in NUMBERS:
        raise DataError(f"{file}: its observations are of the type {cut(name)}, where numbers are needed. {FITS}")
    type, shape = numpy.dtype(name), tuple(shape)
    return Observations(Form(kept_as(type), shape, has_channels_last(shape)), type)


def actions_in(metadata, file):
    """(how many there are, the first one's number)"""
    parts = parts_of(metadata, "action_space", file)
    if parts["type"] != "Discrete":
        raise DataError(f"{file}: its actions are {cut(parts['type'])}. {FITS}")
    return counted_choices(parts, "actions", MOST_ACTIONS, file)

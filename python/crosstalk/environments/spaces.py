"""What an environment shows and what can be done in it, as the engine takes it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy

from crosstalk.environments.faults import Refused, cut

MOST_NUMBERS = 1 << 24  # of one observation
MOST_INDICES = (
    1_000_000  # of a Discrete one, which a network takes one-hot: each costs it as many weights as a layer has units
)
MOST_ACTIONS = 1 << 16


@dataclass
class Opened:
    """An environment, how it is stepped and what it shows. `kept` is a word of src/engine/env/arrays.hpp."""

    environment: Any
    reset: Callable  # (seed=) -> observation, info
    step: Callable  # (action) -> observation, reward, terminated, truncated, info
    actions: int
    first_action: int
    kept: str
    extents: tuple[int, ...]
    channels_last: bool
    dtype: Any  # of the array, as it is declared; None where it is one number
    first_index: int = 0  # of the number
    most_steps: int = 0  # after which an episode is to be cut, if the environment is to be cut from outside


def looked_at(environment: Any, most_steps: int = 0) -> Opened:
    for part in ("reset", "step", "action_space", "observation_space"):
        if getattr(environment, part, None) is None:
            raise Refused(f"{type(environment).__name__} has no {part}: an environment of Gymnasium 1.x is expected")
    actions, seen = environment.action_space, environment.observation_space
    if not is_discrete(actions):
        raise Refused(f"its actions are {actions}, where one discrete choice is needed: Discrete(n)")
    check_count("action_space", actions, "actions", int(actions.n), MOST_ACTIONS)
    opened = dict(
        environment=environment,
        reset=environment.reset,
        step=environment.step,
        actions=int(actions.n),
        first_action=int(actions.start),
        most_steps=most_steps,
    )
    if is_discrete(seen):
        check_count("observation_space", seen, "values", int(seen.n), MOST_INDICES)
        return Opened(**opened, kept="index", extents=(int(seen.n),), channels_last=False, dtype=None,
                      first_index=int(seen.start))  # fmt: skip
    shape, dtype = getattr(seen, "shape", None), getattr(seen, "dtype", None)
    if shape is None or dtype is None or kept_as(numpy.dtype(dtype)) is None:
        raise Refused(f"its observations are {seen}, where a Box of numbers or Discrete(n) is needed")
    shape = tuple(int(extent) for extent in shape)
    if len(shape) not in (1, 3):
        raise Refused(f"its observations have the shape {shape}, where one of (d), (H, W, C) or (C, H, W) is needed")
    check_count("observation_space", f"of shape {shape}", "numbers", int(numpy.prod(shape, dtype=object)), MOST_NUMBERS)
    dtype = numpy.dtype(dtype)
    return Opened(**opened, kept=kept_as(dtype), extents=shape, channels_last=has_channels_last(shape), dtype=dtype)


def check_count(part: str, space: Any, what: str, count: int, most: int) -> None:
    if not 1 <= count <= most:
        raise Refused(
            f"its {part} {cut(str(space), 60)} has {cut(f'{count:,}', 30)} {what}, where 1 to {most:,} can be"
        )


def is_discrete(space: Any) -> bool:
    return all(isinstance(getattr(space, part, None), (int, numpy.integer)) for part in ("n", "start"))


def kept_as(dtype: numpy.dtype) -> str | None:
    """Small, and so that nothing is lost: what is no byte and no single stays in double, whole numbers up to 2^53."""
    if dtype.kind == "b":
        return "bits"
    if dtype == numpy.uint8:
        return "bytes"
    if dtype.kind == "f":
        return "single" if dtype.itemsize <= 4 else "whole" if dtype.itemsize == 8 else None
    return "whole" if dtype.kind in "iu" else None


def has_channels_last(shape: tuple[int, ...]) -> bool:
    """(H, W, C), as Gymnasium's images are; but frames that are stacked stand first: (4, 84, 84)."""
    return len(shape) == 3 and not (shape[1] == shape[2] > shape[0])

"""What a run with probe.keep has kept of a measurement: its parameters and its samples (docs/recompute.md)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crosstalk import _cli

from .failures import failure, listed, unknown

if TYPE_CHECKING:
    import numpy as np

ONLINE = "online"  # the network that learns, whose parameters have no prefix in a file


# A layer's parameters in the order in which theta has them, by the parts of their names.
_PARTS = ("value", "advantage", "weight", "bias", "sigma")


def _place(name: str) -> tuple[int, ...]:
    """Of a parameter's name, such as "4.value.weight", among the others."""
    layer, *parts = name.split(".")
    return int(layer), *map(_PARTS.index, parts)


@dataclass(frozen=True, eq=False)
class Kept:
    """A measurement's files, read: tensors by name, and what the file says of itself."""

    run: str
    step: int
    tensors: dict[str, np.ndarray]
    about: dict[str, Any]

    def networks(self) -> list[str]:
        """ "online", and "target", "target-1", ... where the learner has target networks."""
        heads = {name.split("/")[0] for name in self.tensors if "/" in name}
        return [ONLINE, *sorted(head for head in heads if head.startswith("target"))]

    def parameters(self, network: str, place: object) -> dict[str, np.ndarray]:
        """{"0.weight": array, ...} in the order of the layers, in the precision in which the run learned."""
        if network not in self.networks():
            raise unknown("network", network, self.networks(), f"{place}: run {self.run}")
        prefix = "" if network == ONLINE else network + "/"
        cut = {name.removeprefix(prefix): value for name, value in self.tensors.items() if name.startswith(prefix)}
        own = {name: value for name, value in cut.items() if "/" not in name}
        return dict(sorted(own.items(), key=lambda item: _place(item[0])))

    def samples(self) -> dict[str, np.ndarray]:
        """{"train/inputs": array, ...}: what a network took in, was to give and gave."""
        networks = self.networks()
        return {
            name: value for name, value in self.tensors.items() if "/" in name and name.split("/")[0] not in networks
        }


def _read(file: str) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    from safetensors import safe_open

    if not _cli.has_its_contents(Path(file)):
        raise failure("store", f"{file} is cut short or damaged. Put back a copy, or run the study with another --out.")
    with safe_open(file, "numpy") as tensors:
        return {name: tensors.get_tensor(name) for name in tensors.keys()}, json.loads(tensors.metadata()["crosstalk"])


def _files(results: _cli.Results, run: str, configuration: dict[str, Any], place: object) -> dict[int | None, str]:
    files = dict(results.kept(run))
    if not any(step is not None for step in files):
        if configuration.get("task.kind") == "watched":
            raise failure(
                "config",
                f"{place}: run {run} is a training loop of its own, watched by crosstalk.Watch, which keeps no parameters. Save the "
                "model in the loop (torch.save(model.state_dict(), ...)).",
            )
        if configuration.get("probe.keep", "none") == "none":
            raise failure(
                "config",
                f"{place}: run {run} kept no parameters. Set probe.keep (--set probe.keep=last, or all) and run the study "
                "again with another --out.",
            )
        raise failure("config", f"{place}: run {run} has kept no parameters yet. Go on with `crosstalk run {place}`.")
    return files


def kept_steps(results: _cli.Results, run: str, configuration: dict[str, Any], place: object) -> list[int]:
    """The steps whose parameters a run has kept, ascending."""
    return sorted(step for step in _files(results, run, configuration, place) if step is not None)


def kept_of(results: _cli.Results, run: str, configuration: dict[str, Any], step: int | None, place: object) -> Kept:
    """What a run kept at a step, or at the last one that it kept; with what stays the same all through the run."""
    files = _files(results, run, configuration, place)
    steps = sorted(each for each in files if each is not None)
    at = steps[-1] if step is None else step
    if at not in steps:
        raise failure("config", f"{place}: run {run} kept nothing at step {at}; it did at {listed(steps)}.")
    tensors, about = _read(files[at])
    same, _ = _read(files[None]) if None in files else ({}, {})
    return Kept(run, at, same | tensors, about)

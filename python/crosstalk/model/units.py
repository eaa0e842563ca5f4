"""How much a network's layers tell, and which of its units speak: rank, dormancy, churn."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.modules.conv import _ConvNd

from crosstalk.model.inputs import Inputs, call, detached
from crosstalk.model.kept import kept
from crosstalk.model.pairs import Result, effective_rank
from crosstalk.model.tracked import as_written

LEAST, SHARE, TAU = 0.01, 0.99, 0.025

ACTIVATIONS = (
    nn.ReLU, nn.LeakyReLU, nn.PReLU, nn.RReLU, nn.ELU, nn.CELU, nn.SELU, nn.GELU, nn.SiLU, nn.Mish, nn.Tanh, nn.Sigmoid,
    nn.Hardtanh, nn.Hardswish, nn.Hardsigmoid, nn.ReLU6, nn.Softplus, nn.Softsign,
)  # fmt: skip


@dataclass(frozen=True, repr=False)
class Rank(Result):
    rank: int
    srank: int
    effective: float
    singular_values: Tensor

    def rows(self) -> dict[str, float]:
        return {"rank": self.rank, "srank": self.srank, "effective": self.effective}


def rank(features: Tensor) -> Rank:
    """How many directions features (N, d) have, from their singular values s, in three ways: rank, the number of
    s / sqrt(N) above 0.01 (Lyle et al. 2022); srank, how many of the largest make 99% of the sum (Kumar et al. 2021);
    effective, exp of the entropy of their shares (Roy and Vetterli 2007). None is above min(N, d): compare sets of one
    size."""
    if not isinstance(features, Tensor) or features.dim() != 2 or not features.is_floating_point():
        shape = tuple(features.shape) if isinstance(features, Tensor) else type(features).__name__
        raise ValueError(
            f"rank is of features (N, d), floating-point numbers; this is {shape}: flatten(1) makes rows of maps"
        )
    values = torch.linalg.svdvals(features.detach().double())
    total = values.sum()
    if total == 0:
        return Rank("rank", 0, 0, 0.0, values)
    return Rank(
        "rank",
        int((values / features.shape[0] ** 0.5 > LEAST).sum()),
        1 + int((values.cumsum(0) < SHARE * total).sum()),
        effective_rank(values),
        values,
    )


@dataclass(frozen=True, repr=False)
class Dormant(Result):
    share: float
    zero: float
    scores: dict[str, Tensor]  # of each layer's units

    def rows(self) -> dict[str, float]:
        layers = {name: float((scores <= TAU).double().mean()) for name, scores in self.scores.items()}
        return {
            "dormant": self.share,
            "dormant.zero": self.zero,
            **{f"dormant.{name}": value for name, value in layers.items()},
        }


def dormant(model: nn.Module, x: Inputs, layers: Iterable[str] | None = None) -> Dormant:
    """The share of hidden units that hardly speak at x: whose mean size is at most 0.025 of their layer's mean (Sokar et
    al. 2023), and of those that are 0 at every sample. A unit of a convolution is a channel. layers: names of the modules
    whose outputs are looked at; without them all activation modules (nn.ReLU, ...). Activations that are functions
    (F.relu) are no modules: name the layers."""
    model = as_written(model)
    chosen = units_to_look_at(model, layers)
    if not chosen:
        raise ValueError(
            "the model has no activation module (nn.ReLU, ...): name the layers whose outputs are to be looked at, "
            f"layers=[...], of {', '.join([name for name, _ in model.named_modules() if name][:8])}, ..."
        )
    with looking(model, chosen) as sizes, kept(model), torch.no_grad():
        call(model, detached(x))
    if not sizes:
        raise ValueError("none of the layers ran: they are not called by the model's forward")
    return dormancy(sizes)


def units_to_look_at(model: nn.Module, layers: Iterable[str] | None = None) -> dict[str, nn.Module]:
    named = dict(model.named_modules())
    if layers is None:
        return {name: module for name, module in named.items() if isinstance(module, ACTIVATIONS)}
    if unknown := [name for name in layers if name not in named]:
        raise ValueError(f"layers: {unknown[0]!r} is no module of the model; named_modules() has their names")
    return {name: named[name] for name in layers}


@contextmanager
def looking(model: nn.Module, layers: Mapping[str, nn.Module]) -> Iterator[dict[str, list[Tensor]]]:
    """Each layer's units' mean sizes |h|, a tensor (units) for each of its calls. The units of a convolution are its
    channels, the second side; else the last side counts them."""
    sizes: dict[str, list[Tensor]] = {}
    comes_from_convolution = [False]

    def heard(is_convolution: bool) -> Callable[..., None]:
        def hook(module: nn.Module, args: tuple, output: Any) -> None:
            comes_from_convolution[0] = is_convolution

        return hook

    def hook_of(name: str) -> Callable[..., None]:
        def hook(module: nn.Module, args: tuple, output: Tensor) -> None:
            units = 1 if comes_from_convolution[0] and output.dim() > 2 else output.dim() - 1
            sides = [side for side in range(output.dim()) if side != units]
            sizes.setdefault(name, []).append(output.detach().abs().double().mean(sides))

        return hook

    kinds = ((_ConvNd, True), ((nn.Linear, nn.LayerNorm, nn.Embedding, nn.RNNBase), False))
    handles = [
        module.register_forward_hook(heard(is_convolution))
        for module in (model.modules() if layers else ())
        for kind, is_convolution in kinds
        if isinstance(module, kind)
    ]
    handles += [module.register_forward_hook(hook_of(name)) for name, module in layers.items()]
    try:
        yield sizes
    finally:
        for handle in handles:
            handle.remove()


def dormancy(sizes: Mapping[str, list[Tensor]]) -> Dormant:
    scores = {}
    for name, seen in sizes.items():
        mean = torch.stack(seen).mean(0)
        scores[name] = mean if float(mean.mean()) == 0 else mean / mean.mean()
    together = torch.cat(list(scores.values()))
    return Dormant(
        "dormant units", float((together <= TAU).double().mean()), float((together <= 0).double().mean()), scores
    )


@dataclass(frozen=True, repr=False)
class Churn(Result):
    policy: float
    value: float

    def rows(self) -> dict[str, float]:
        return {"policy_churn": self.policy, "value_churn": self.value}


def churn(before: Tensor, after: Tensor) -> Churn:
    """What an update changed of the outputs (N, A) at samples that it was not about: the share of samples whose largest
    output is another, and the mean absolute change of an output (Schaul et al. 2022; Tang and Berseth 2024)."""
    if before.shape != after.shape or before.dim() != 2:
        raise ValueError(
            f"churn is of outputs (N, A) before and after an update; these are {tuple(before.shape)} and {tuple(after.shape)}"
        )
    moved = (before.argmax(1) != after.argmax(1)).double().mean()
    return Churn("churn", float(moved), float((after.double() - before.double()).abs().mean()))

"""What Watch measures at a step: one forward pass, a backward pass for each function, and what is read of them."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from crosstalk.model.contractions import gram_of
from crosstalk.model.inputs import Function, Inputs
from crosstalk.model.pairs import interference, names_of, spectrum, stiffness
from crosstalk.model.passes import Pass
from crosstalk.model.plans import Forward, traced
from crosstalk.model.units import dormancy, looking, rank, units_to_look_at

if TYPE_CHECKING:
    from crosstalk.model.watch import Watch

# Each with what is said of it under its own name (docs/measures.md has them).
OF_FUNCTION = ("function_interference", "function_stiffness", "spectrum")
OF_LOSS = ("loss_interference", "stiffness", "norm.gradient")
MEASURES = (*OF_FUNCTION, *OF_LOSS, "norm.weights", "rank", "dormant")
AT_UPDATES = ("policy_churn", "value_churn", "loss_difference")
OF_PAIRS = ("mean", "q05", "q50", "q95", "negative")


def measure(watch: Watch, x: Inputs, numbers: Tensor, loss: Function | None) -> dict[str, float]:
    def work(forward: Forward) -> dict[str, float]:
        # Before: the checks run the model too, which is not to be looked at.
        forward.make_sure(x, watch.function, numbers)
        with ExitStack() as stack:
            layers = units_to_look_at(forward.model) if watch.wants("dormant") else {}
            sizes = stack.enter_context(looking(forward.model, layers))
            seen = stack.enter_context(_InputsOf(forward.model, watch.features))
            made = forward.listened(x, watch.function, numbers)
        values: dict[str, float] = {}
        if loss is not None and watch.wants_any(OF_LOSS):
            forward.make_sure(x, loss, numbers)
            of_function, made.unproven = made.unproven, forward.unproven(x, loss)
            values |= _of_loss(watch, gram_of(made, made.scalars_of(loss, numbers), retain=True))
            made.unproven = of_function
        if watch.wants_any(OF_FUNCTION):
            values |= _of_function(watch, gram_of(made, made.scalars))
        if watch.wants("norm.weights"):
            squares = torch._foreach_norm([p.detach() for p in forward.model.parameters()])
            values["norm.weights"] = float(torch.stack([each.double() for each in squares]).square().sum().sqrt())
        if watch.wants("rank") and (features := _features(made, seen)) is not None:
            found = rank(features).rows()
            values |= {"rank": found["rank"], "rank.srank": found["srank"], "rank.effective": found["effective"]}
        if sizes:
            values |= {
                name: value for name, value in dormancy(sizes).rows().items() if name in ("dormant", "dormant.zero")
            }
        return values

    return traced(watch.model, x, watch.function, watch.check, work)


def _of_pairs(watch: Watch, gram: Tensor, of_interference: str, of_stiffness: str) -> dict[str, float]:
    values: dict[str, float] = {}
    if watch.wants(of_interference):
        values |= names_of(interference(gram), of_interference, OF_PAIRS)
    if watch.wants(of_stiffness) and bool((gram.diagonal() > 0).sum() > 1):
        values |= names_of(stiffness(gram), of_stiffness, (*OF_PAIRS, "sign", "left_out"))
    return values


def _of_function(watch: Watch, gram: Tensor) -> dict[str, float]:
    values = _of_pairs(watch, gram, "function_interference", "function_stiffness")
    if watch.asked is not None and watch.wants("spectrum"):
        values |= {f"ntk.{name}": value for name, value in spectrum(gram).rows().items()}
    return values


def _of_loss(watch: Watch, gram: Tensor) -> dict[str, float]:
    values = _of_pairs(watch, gram, "loss_interference", "stiffness")
    if watch.wants("norm.gradient"):
        # |mean_n g_n|^2 = mean_nm G_nm
        values["norm.gradient"] = float(gram.double().mean().clamp(min=0).sqrt())
        values["norm.gradient.single"] = float(gram.diagonal().double().clamp(min=0).sqrt().mean())
    return values


class _InputsOf:
    """Listens to what a module is given, where one is named."""

    def __init__(self, model: nn.Module, name: str | None) -> None:
        self.module = None if name is None else dict(model.named_modules()).get(name)
        if name is not None and self.module is None:
            raise ValueError(f"features={name!r} is no module of the model; named_modules() has their names")
        self.seen: list[Tensor] = []

    def __enter__(self) -> list[Tensor]:
        if self.module is not None:
            self._handle = self.module.register_forward_pre_hook(
                lambda module, args: self.seen.append(args[0].detach())
            )
        return self.seen

    def __exit__(self, *why: Any) -> None:
        if self.module is not None:
            self._handle.remove()


def _features(made: Pass, seen: list[Tensor]) -> Tensor | None:
    """(N, d): what the named layer was given, or the last linear layer, trained or not."""
    found = seen[-1] if seen else made.listener.last_linear
    return None if found is None else found.detach().reshape(made.samples, -1)

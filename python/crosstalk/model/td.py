"""How interference evolves in TD learning: the three terms of eq. (17) for all pairs of a batch (docs/evolution.md)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from crosstalk.model.contractions import cross_gram, gram, per_sample
from crosstalk.model.errors import TraceError
from crosstalk.model.inputs import call
from crosstalk.model.kept import kept
from crosstalk.model.pairs import Result
from crosstalk.model.plans import Check
from crosstalk.model.structure import refuse_batch_statistics
from crosstalk.model.tracked import as_written, call_with, parameters_of

NAMES = ("states", "actions", "rewards", "next_states", "dones")


@dataclass(frozen=True, repr=False)
class TDTerms(Result):
    """(A, B) each: A the sample whose interference with B changes, B the one that is learned from."""

    rho: Tensor  # d_A d_B g_A . g_B, the interference
    r1: Tensor
    r2: Tensor
    r3: Tensor
    r1_own: Tensor  # with the target as it really moves: not at all, by tau, or with the network
    r2_own: Tensor
    errors: Tensor  # d (N)

    @property
    def rho_prime(self) -> Tensor:
        """- r1 - r2 - r3: the derivative of rho by the size of a step of SGD on B, the target moving with the network."""
        return -(self.r1 + self.r2 + self.r3)

    @property
    def rho_prime_own(self) -> Tensor:
        return -(self.r1_own + self.r2_own + self.r3)

    def rows(self) -> dict[str, float]:
        named = {
            "rho_prime": self.rho_prime, "rho_prime.r1": self.r1, "rho_prime.r2": self.r2, "rho_prime.r3": self.r3,
            "rho_prime.own": self.rho_prime_own, "rho_prime.r1.own": self.r1_own, "rho_prime.r2.own": self.r2_own,
            "rho_prime.rho": self.rho,
        }  # fmt: skip
        return {name: float(each.mean()) for name, each in named.items()}


def td_terms(
    model: nn.Module,
    target: nn.Module | None,
    batch: Mapping[str, Tensor] | tuple[Tensor, ...],
    gamma: float,
    *,
    tau: float | None = None,
    check: Check = "first",
) -> TDTerms:
    """r1, r2 and r3 of eq. (17) for all pairs of a batch of N transitions, J = d^2 / 2 with the TD error
    d = Q(s, a) - r - gamma max_a' Q_target(s', a').

    batch: states (N, ...), actions (N), rewards (N), next_states (N, ...), dones (N; true where the episode ends by itself),
    by these names or in this order. target: the network that targets are of, or None where it is the model itself. tau:
    how far the target network follows at each update (Polyak averaging); without it a copy that stands still.
    The third term takes a Hessian-vector product and a jet (torch.func, forward mode) for each sample: about N times the
    cost of four forward passes."""
    states, actions, rewards, behind, dones = _batch(batch)
    model = as_written(model)
    of = model if target is None else as_written(target)

    def taken(q: Tensor) -> Tensor:
        return q.gather(1, actions[:, None])[:, 0]

    refuse_batch_statistics(of)
    random = torch.get_rng_state()
    with kept(model), kept(of), torch.no_grad():
        values = call(of, behind)
        torch.set_rng_state(random)  # the same draw as in the gradients
        best = values.argmax(1)
        errors = taken(call(model, states)) - rewards - gamma * (1 - dones) * values.gather(1, best[:, None])[:, 0]

    def bootstrapped(q: Tensor) -> Tensor:  # not at an episode's end, and its action held
        return gamma * (1 - dones) * q.gather(1, best[:, None])[:, 0]

    products = gram(model, states, taken, check=check)
    moved = cross_gram(model, behind, states, bootstrapped, taken, check=check)  # (A', B)
    if of is model:
        moved_own = moved
    elif tau is None:
        moved_own = torch.zeros_like(moved)
    else:
        moved_own = tau * _between(of, model, behind, states, bootstrapped, taken)
    d = errors.to(products.dtype)

    def terms(moved: Tensor) -> tuple[Tensor, Tensor]:
        ahead = products - moved
        return d[None, :] ** 2 * products * ahead, d[:, None] * d[None, :] * products * ahead.diagonal()[None, :]

    r1, r2 = terms(moved)
    r1_own, r2_own = terms(moved_own)
    curved = _curvature(model, states, taken, len(actions)).to(products.dtype)
    r3 = d[:, None] * d[None, :] ** 2 * curved
    return TDTerms(
        "terms of interference's derivative", d[:, None] * d[None, :] * products, r1, r2, r3, r1_own, r2_own, errors
    )


def _batch(batch: Any) -> tuple[Tensor, ...]:
    if isinstance(batch, Mapping):
        if missing := [name for name in NAMES if name not in batch]:
            raise ValueError(f"batch has no {missing[0]!r}: it needs {', '.join(NAMES)}")
        batch = tuple(batch[name] for name in NAMES)
    if len(batch) != 5:
        raise ValueError(f"batch has {len(batch)} parts where {', '.join(NAMES)} are needed")
    states, actions, rewards, behind, dones = (part.clone() if part.is_inference() else part for part in batch)
    n = states.shape[0]
    for name, part in zip(NAMES[1:], (actions, rewards, behind, dones)):
        if part.shape[0] != n:
            raise ValueError(f"batch: {name} has {part.shape[0]} rows where states have {n}")
    flat = [part.reshape(n) for part in (actions, rewards, dones)]
    return states, flat[0].long(), flat[1], behind, flat[2].to(flat[1].dtype)


def _between(target: nn.Module, model: nn.Module, behind: Tensor, states: Tensor, f2: Any, f: Any) -> Tensor:
    """(N, N): gradients of the target network at s' by gradients of the model at s, parameter by parameter."""
    named = {p.name for p in parameters_of(model)}
    before = [(p, p.requires_grad) for p in target.parameters()]
    try:
        for name, p in target.named_parameters():
            p.requires_grad_(name in named)
        rows = per_sample(target, behind, f2)
    finally:
        for p, was in before:
            p.requires_grad_(was)
    return rows @ per_sample(model, states, f).t()


def _curvature(model: nn.Module, states: Tensor, taken: Any, samples: int) -> Tensor:
    """(A, B): g_B . H_A g_B + g_A . H_B g_B, H the Hessian of Q(s, a): for each B the second derivative of all Q(A) along
    theta + e g_B + e^2 H_B g_B / 2."""
    parameters = {id(p.tensor): p.tensor.detach() for p in parameters_of(model)}

    def values(theta: dict[int, Tensor]) -> Tensor:
        return taken(call_with(model, theta, (states,), {}))

    columns = []
    with kept(model), _WrittenOut():
        for b in range(samples):
            gradient = torch.func.grad(lambda theta, b=b: values(theta)[b])
            try:
                v, w = torch.func.jvp(gradient, (parameters,), (gradient(parameters),))
            except NotImplementedError as error:
                raise TraceError(
                    f"the third term needs derivatives in forward mode, which torch lacks for a function of this model ({error}): "
                    "r1 and r2 are crosstalk.gram and cross_gram of it, r3 is not to be had"
                ) from error
            except RuntimeError as error:
                raise TraceError(
                    f"the third term needs torch.func, which this model is not for ({str(error).splitlines()[0]}): its forward may "
                    "change a buffer of its own in place. r1 and r2 are crosstalk.gram and cross_gram of it"
                ) from error

            def along(e: Tensor, v: dict[int, Tensor] = v, w: dict[int, Tensor] = w) -> Tensor:
                return values({each: p + e * v[each] + e * e / 2 * w[each] for each, p in parameters.items()})

            def slope(e: Tensor) -> Tensor:
                return torch.func.jvp(along, (e,), (torch.ones_like(e),))[1]

            zero = torch.zeros(
                (),
                dtype=states.dtype if states.is_floating_point() else torch.get_default_dtype(),
                device=states.device,
            )
            column = torch.func.jvp(slope, (zero,), (torch.ones_like(zero),))[1]
            _check_own(column[b], v, w)
            columns.append(column)
    return torch.stack(columns, 1)


def _check_own(found: Tensor, v: dict[int, Tensor], w: dict[int, Tensor]) -> None:
    """The pair of a sample with itself is 2 g . H g, and H g is known from the backward pass: a function whose second
    derivative torch has wrong is found out."""
    right = 2 * sum((v[each] * w[each]).sum() for each in v)
    size = 2 * sum((v[each] * w[each]).abs().sum() for each in v) + torch.finfo(found.dtype).tiny
    if abs(float(found - right)) > (1e-8 if found.dtype == torch.float64 else 1e-2) * float(size):
        raise TraceError(
            f"the second derivative of the model's output is {float(found)} by torch's forward mode and {float(right)} by its "
            "backward mode: one of the model's functions has a wrong derivative in torch. Write that function out"
        )


class _WrittenOut(TorchFunctionMode):
    """torch's layer norm has a wrong second derivative in forward mode (torch 2.13); its formula has the right one."""

    def __torch_function__(self, function: Any, types: Any, args: tuple = (), kwargs: Mapping | None = None) -> Any:
        written = _layer_norm if function in (F.layer_norm, torch.layer_norm) else function
        return written(*args, **(kwargs or {}))


def _layer_norm(
    input: Tensor,
    normalized_shape: Any,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    eps: float = 1e-5,
    cudnn_enable: bool = True,
) -> Tensor:
    sides = list(range(-len(normalized_shape), 0))
    away = input - input.mean(sides, keepdim=True)
    normal = away * torch.rsqrt(away.square().mean(sides, keepdim=True) + eps)
    normal = normal if weight is None else normal * weight
    return normal if bias is None else normal + bias

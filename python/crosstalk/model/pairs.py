"""What researchers read of a Gram matrix: interference, stiffness, the spectrum of the tangent kernel.

The names and numbers are those of a study's rows (docs/measures.md)."""

from __future__ import annotations

import html
from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

if TYPE_CHECKING:
    import pandas as pd

LEVELS = (0.05, 0.10, 0.25, 0.50, 0.75, 0.90, 0.95)


@dataclass(frozen=True, repr=False)
class Result:
    """Named numbers, shown as a table."""

    title: str

    def rows(self) -> dict[str, float]:
        """Name -> number: what a tracker takes."""
        raise NotImplementedError

    def to_pandas(self) -> pd.Series:
        import pandas as pd

        return pd.Series(self.rows(), name=self.title)

    def __repr__(self) -> str:
        rows = self.rows()
        width = max(map(len, rows))
        return "\n".join([self.title, *(f"  {name:<{width}}  {value:.6g}" for name, value in rows.items())])

    def _repr_html_(self) -> str:
        cells = "".join(
            f"<tr><th style='text-align:left'>{html.escape(name)}</th><td>{value:.6g}</td></tr>"
            for name, value in self.rows().items()
        )
        return f"<table><caption>{html.escape(self.title)}</caption>{cells}</table>"


@dataclass(frozen=True, repr=False)
class Pairs(Result):
    """Numbers of pairs of samples, each pair once and no sample with itself: of n samples n (n - 1) / 2."""

    mean: float
    quantiles: dict[float, float]
    positive: float
    zero: float
    negative: float
    pairs: int
    left_out: int = 0
    values: Tensor = field(default_factory=lambda: torch.empty(0))

    def rows(self) -> dict[str, float]:
        named = {f"q{round(100 * level):02d}": value for level, value in self.quantiles.items()}
        shares = {"positive": self.positive, "zero": self.zero, "negative": self.negative}
        return {"mean": self.mean, **named, **shares, "pairs": self.pairs} | (
            {"left_out": self.left_out} if self.left_out else {}
        )


def _square(gram: Tensor, what: str) -> Tensor:
    if not isinstance(gram, Tensor) or gram.dim() != 2 or gram.shape[0] != gram.shape[1]:
        shape = tuple(gram.shape) if isinstance(gram, Tensor) else type(gram).__name__
        raise ValueError(f"{what} is of a Gram matrix (N, N), as crosstalk.gram gives it; this is {shape}")
    if gram.shape[0] < 2:
        raise ValueError(f"{what} is of pairs of samples; this Gram matrix has {gram.shape[0]}")
    return gram.detach().double()


def _of_pairs(title: str, values: Tensor, left_out: int = 0) -> Pairs:
    n = values.numel()
    if n == 0:
        raise ValueError(
            f"{title}: no pair is left; of {left_out} pairs one gradient is 0, so that it has no direction"
        )
    at = torch.tensor(LEVELS, dtype=torch.double, device=values.device)
    # torch.quantile refuses more than 16 million numbers; sorting does not.
    ordered = values.sort().values
    place = at * (n - 1)
    low = place.floor().long()
    high = (low + 1).clamp(max=n - 1)
    quantiles = ordered[low] + (place - low) * (ordered[high] - ordered[low])
    return Pairs(
        title,
        float(values.mean()),
        dict(zip(LEVELS, quantiles.tolist())),
        *(float(share.double().mean()) for share in (values > 0, values == 0, values < 0)),
        n,
        left_out,
        values,
    )


def _upper(square: Tensor) -> Tensor:
    n = square.shape[0]
    rows, columns = torch.triu_indices(n, n, 1, device=square.device)
    return square[rows, columns]


def interference(gram: Tensor) -> Pairs:
    """grad f_n . grad f_m over the distinct pairs of a Gram matrix (N, N), in units of f squared; of a loss its loss
    interference. Section 2.1 of Bengio, Pineau and Precup (2020)."""
    return _of_pairs("interference", _upper(_square(gram, "interference")))


@dataclass(frozen=True, repr=False)
class Stiffness(Pairs):
    sign: float = 0.0  # the mean sign
    within: float | None = None  # the mean over pairs of one class
    between: float | None = None  # the mean over pairs of two classes

    def rows(self) -> dict[str, float]:
        groups = {} if self.within is None else {"within": self.within, "between": self.between}
        return {**super().rows(), "sign": self.sign, **groups}


def stiffness(gram: Tensor, classes: Tensor | None = None) -> Stiffness:
    """The cosine of two samples' gradients over the distinct pairs of a Gram matrix (N, N), without unit, -1 to 1. Of a
    loss the stiffness of Fort et al. (2019). A pair with a zero gradient is left out, and counted. classes (N): the
    means within one class and between two as well."""
    square = _square(gram, "stiffness")
    lengths = square.diagonal().clamp(min=0).sqrt()
    products = lengths[:, None] * lengths[None, :]
    cosines = _upper(torch.where(products > 0, square / products, torch.nan))
    is_there = ~cosines.isnan()
    pairs = _of_pairs("stiffness", cosines[is_there], int((~is_there).sum()))
    known = {each.name: getattr(pairs, each.name) for each in fields(pairs)}
    sign = float(pairs.values.sign().mean())
    if classes is None:
        return Stiffness(**known, sign=sign)
    classes = torch.as_tensor(classes)
    if classes.shape != (square.shape[0],):
        raise ValueError(
            f"classes have the shape {tuple(classes.shape)} where the Gram matrix has {square.shape[0]} samples"
        )
    classes = classes.to(square.device)
    is_one = _upper((classes[:, None] == classes[None, :]).double()).bool()[is_there]
    means = [float(pairs.values[which].mean()) if bool(which.any()) else float("nan") for which in (is_one, ~is_one)]
    return Stiffness(**known, sign=sign, within=means[0], between=means[1])


@dataclass(frozen=True, repr=False)
class Spectrum(Result):
    """Eigenvalues of a Gram matrix, largest first."""

    values: Tensor
    condition: float  # largest over least; infinite where the least is 0 to rounding
    effective_rank: float
    share: float  # of the largest in the sum

    def rows(self) -> dict[str, float]:
        return {
            "largest": float(self.values[0]),
            "least": float(self.values[-1]),
            "condition": self.condition,
            "effective_rank": self.effective_rank,
            "share": self.share,
        }


def spectrum(gram: Tensor) -> Spectrum:
    """Eigenvalues (N), largest first, of a Gram matrix, the empirical tangent kernel at N samples, with its condition
    number and effective rank, exp of the entropy of their shares (Roy and Vetterli 2007)."""
    values = torch.linalg.eigvalsh(_square(gram, "a spectrum")).flip(0).clamp(min=0)
    rounding = values[0] * values.numel() * torch.finfo(gram.dtype).eps
    condition = float(values[0] / values[-1]) if values[-1] > rounding else float("inf")
    total = float(values.sum())
    share = float(values[0]) / total if total > 0 else 0.0
    return Spectrum("spectrum", values, condition, effective_rank(values), share)


def effective_rank(values: Tensor) -> float:
    """exp of the entropy of the shares of values that are not below 0 (Roy and Vetterli 2007); 0 where all are 0."""
    total = values.sum()
    if total == 0:
        return 0.0
    shares = values / total
    return float(torch.exp(-torch.xlogy(shares, shares).sum()))


def names_of(result: Result, prefix: str, only: Iterable[str] | None = None) -> dict[str, Any]:
    """A result's numbers under a study's names: prefix, prefix.q05, ..."""
    rows = result.rows()
    chosen = rows if only is None else {name: rows[name] for name in only if name in rows}
    return {prefix if name == "mean" else f"{prefix}.{name}": value for name, value in chosen.items()}

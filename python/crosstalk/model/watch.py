"""Interference and its kin, live in a training loop of the user's own."""

from __future__ import annotations

import time
import warnings
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from numbers import Integral
from typing import Any

import torch
from torch import Tensor, nn

from crosstalk.model.cutting import narrowed, places_of_all
from crosstalk.model.errors import NotFinite, TraceWarning
from crosstalk.model.inputs import Function, Inputs, call, detached, samples_of, scalars
from crosstalk.model.kept import kept
from crosstalk.model.plans import Check
from crosstalk.model.sinks import Sink, sinks_of
from crosstalk.model.units import churn
from crosstalk.model.watched import AT_UPDATES, MEASURES, OF_LOSS, measure


class Watch:
    """Measures a model every so many steps of a training loop, and says it to whoever listens.

        watch = crosstalk.Watch(model, every=500, to="results/mine")
        for step in range(steps):
            ...
            loss = lambda q, n: (q[torch.arange(len(n)), actions[n]] - targets[n]) ** 2
            watch(step, x, loss)
            with watch.update(x, loss):
                optimizer.step()

    `watch(step, x)` measures interference at the samples x, and what else needs no update; `watch.update(x, f)`, around
    the optimiser's step, what that makes of outputs and losses. Both do nothing at steps between. Training goes on as it
    would without: no gradient, random number, buffer or mode is changed.

    every: steps from one measurement to the next, the first at the first call. measures: names of `Watch.MEASURES`; without
    them all that can be measured with what is given, but "spectrum". function: whose gradients function interference is
    of. samples: how many rows of x are taken, the first. to: a folder for `crosstalk report`, a TensorBoard writer (what has
    add_scalar), a function of (step, {name: number}), or a list of these. budget: the share of the loop's time that
    measuring may take (0.05), the first measurement with its checks apart; where it took more, the steps between
    measurements are doubled, said in a warning and stored as `watch.every`, so that runs still meet at common steps; None:
    never. For a study over seeds give None: all are then measured at the same steps. name, seed, settings: of this run in a
    folder, which holds runs of one name; replace: one that is there already may go. features: the layer whose inputs rank is
    of; without it the last linear layer."""

    MEASURES = (*MEASURES, *AT_UPDATES)

    def __init__(
        self,
        model: nn.Module,
        every: int = 500,
        measures: Iterable[str] | None = None,
        to: Any = None,
        *,
        function: Function = "max",
        samples: int = 64,
        budget: float | None = 0.05,
        features: str | None = None,
        check: Check = "first",
        name: str = "watched",
        seed: int = 0,
        settings: Mapping[str, Any] | None = None,
        replace: bool = False,
    ) -> None:
        measures = [measures] if isinstance(measures, str) else measures
        if every < 1 or samples < 2:
            raise ValueError(f"every={every} and samples={samples}: at least 1 and 2 are needed")
        if not isinstance(seed, Integral) or not 0 <= seed < 2**63:
            raise ValueError(f"seed={seed!r} is not a whole number from 0 to 2^63 - 1")
        if budget is not None and not 0 < budget <= 1:
            raise ValueError(f"budget={budget}: give a share of the time above 0, at most 1, or None")
        self.asked = None if measures is None else tuple(measures)
        if wrong := [each for each in self.asked or () if each not in self.MEASURES]:
            raise ValueError(f"measures: {wrong[0]!r} is not one of {', '.join(self.MEASURES)}")
        self.model, self.every, self.function, self.samples = model, every, function, samples
        self.budget, self.features, self.check = budget, features, check
        self.last: dict[str, float] = {}
        self._sinks: list[Sink] = sinks_of(
            to, dict(name=name, seed=int(seed), settings=dict(settings or {}), replace=replace)
        )
        self._next: int | None = None
        self._step: int | None = None  # of the measurement that an update is still to come for
        self._began: float | None = None  # when the first measurement ended
        self._spent = 0.0
        self._has_said = False  # why there is no churn

    def __repr__(self) -> str:
        to = ", ".join(map(str, self._sinks)) or "nobody"
        return f"Watch of {type(self.model).__name__}, every {self.every} steps, to {to}; next at {self._next or 'the first call'}"

    def __call__(self, step: int, x: Inputs, loss: Function | None = None) -> dict[str, float] | None:
        """The numbers that were measured, by name, or None where no measurement was due. x: inputs of the model. loss: of
        the model's output the losses (n) of the samples that were taken, for loss interference and stiffness; with a second
        argument it gets their numbers in x."""
        if not isinstance(step, Integral) or isinstance(step, bool):
            raise TypeError(f"step={step!r} is not a whole number")
        step = int(step)
        self._step = None
        if not self.is_due(step):
            return None
        if loss is None and self.asked and (missing := [each for each in self.asked if each in OF_LOSS]):
            raise ValueError(f"{missing[0]!r} is of a loss: watch(step, x, loss)")
        if self._is_over_budget():
            self.every *= 2
            self._warn(step)
            self._began, self._spent = time.perf_counter(), 0.0
        self._next = step - step % self.every + self.every
        if step % self.every and self._began is not None:
            return None
        with self._counted():
            part, numbers = self._part(x)
            try:
                values = measure(self, part, numbers, loss) if self.wants_any(MEASURES) else {}
            except NotFinite as error:
                warnings.warn(f"nothing is measured at step {step}: {error}", TraceWarning, stacklevel=3)
                values = {}
            self._say(step, values | {"watch.every": self.every})
        if self._began is None:  # the first has the checks, which are made once
            self._began, self._spent = time.perf_counter(), 0.0
        self._step = step
        return values

    def is_due(self, step: int) -> bool:
        """Whether a call at this step measures, unless the budget is spent: what only the watch needs can wait for that."""
        return self._next is None or step >= self._next

    @contextmanager
    def update(self, x: Inputs, f: Function | None = None) -> Iterator[None]:
        """Around the optimiser's step: what it changes of the outputs at x (churn, for outputs (N, A)) and of the losses
        f(output), one for each sample (loss_difference, before minus after). It does so where the last call of the watch
        measured."""
        if self._step is None or not self.wants_any(AT_UPDATES):
            yield
            return
        step, self._step = self._step, None
        with self._counted():
            part, numbers = self._part(x)
            before = self._outputs(part, f, numbers)
        yield
        with self._counted():
            self._say(step, self._changes(before, self._outputs(part, f, numbers)))

    def add(self, step: int, values: Mapping[str, float]) -> None:
        """Numbers of the user's own (a return, a learning rate), to stand beside what is measured. A folder has them on
        disk when this returns: not for every step."""
        with self._counted():
            self._say(step, {name: float(value) for name, value in values.items()}, "loop")

    def close(self) -> None:
        """The end: what is stored is whole. Without it a folder's run counts as interrupted."""
        for sink in self._sinks:
            sink.close()

    def __enter__(self) -> Watch:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: Any) -> None:
        if error is None:
            self.close()
        else:
            for sink in self._sinks:
                sink.fail(f"{type(error).__name__}: {error}")

    def wants(self, name: str) -> bool:
        return self.asked is None or name in self.asked

    def wants_any(self, names: Iterable[str]) -> bool:
        return any(self.wants(name) for name in names)

    def _part(self, x: Inputs) -> tuple[Inputs, Tensor]:
        count = min(self.samples, samples_of(x))
        of_all = places_of_all(self.model, x) if count < samples_of(x) else frozenset()
        return narrowed(x, 0, count, of_all), torch.arange(count)

    def _is_over_budget(self) -> bool:
        if self.budget is None or self._began is None:
            return False
        return self._spent > self.budget * (time.perf_counter() - self._began)

    def _warn(self, step: int) -> None:
        share = self._spent / (time.perf_counter() - self._began)
        warnings.warn(
            f"measuring took {share:.1%} of the time where budget={self.budget} is the limit: from step {step} on it is done every "
            f"{self.every} steps. budget=None sets no limit, samples={self.samples} can be fewer",
            TraceWarning,
            stacklevel=3,
        )

    @contextmanager
    def _counted(self) -> Iterator[None]:
        begin = time.perf_counter()
        try:
            yield
        finally:
            self._spent += time.perf_counter() - begin

    def _outputs(self, x: Inputs, f: Function | None, numbers: Tensor) -> tuple[Any, Tensor | None]:
        with kept(self.model), torch.no_grad():
            output = call(self.model, detached(x))
            losses = None if f is None else scalars(f, output, samples_of(x), numbers)
        return output, losses

    def _changes(self, before: tuple[Any, Tensor | None], after: tuple[Any, Tensor | None]) -> dict[str, float]:
        values: dict[str, float] = {}
        (was, losses), (now, new_losses) = before, after
        if not isinstance(was, Tensor) or was.dim() != 2:
            self._say_no_churn(was)
        elif was.shape[1] > 1:
            values |= {name: value for name, value in churn(was, now).rows().items() if self.wants(name)}
        if losses is not None and new_losses is not None and self.wants("loss_difference"):
            values["loss_difference"] = float((losses.double() - new_losses.double()).mean())
        return values

    def _say_no_churn(self, output: Any) -> None:
        if self._has_said or not self.wants_any(("policy_churn", "value_churn")):
            return
        self._has_said = True
        shape = tuple(output.shape) if isinstance(output, Tensor) else type(output).__name__
        warnings.warn(
            f"no churn is measured: it is of outputs (N, A), and the model gives {shape}. Watch the module whose output is one",
            TraceWarning,
            stacklevel=4,
        )

    def _say(self, step: int, values: dict[str, float], split: str = "batch") -> None:
        self.last |= values
        for sink in self._sinks:
            sink.say(step, values, split)

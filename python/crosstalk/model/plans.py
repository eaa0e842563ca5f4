"""How a model's trace is made: found out at its first call, checked, and kept.

What a parameter's uses are is heard (recording.py). Parameters that a function without a rule reads, or that nobody was
heard to read, are answered for by a module as a whole: the smallest in which all happens. What turns out not to be
exact goes to a larger module; where the whole model is not exact either, it is refused."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from numbers import Integral
from types import BuiltinFunctionType, CellType, FunctionType, MethodType, ModuleType
from typing import Any, Literal, TypeVar

import torch
from torch import Tensor, nn

from crosstalk.model import checks
from crosstalk.model.engine import autocast_is_on
from crosstalk.model.errors import NotExact, TraceError, TraceWarning, Unproven
from crosstalk.model.finding import Found, find
from crosstalk.model.inputs import Function, Inputs, check_places, parts_of, tensors_of
from crosstalk.model.kept import kept
from crosstalk.model.passes import Pass
from crosstalk.model.structure import Structure, structure_of
from crosstalk.model.tracked import Parameter, as_written

Check = Literal["first", "always", "off"]
Result = TypeVar("Result")

MEND = (
    "Its gradient cannot be told apart by sample. Let f give each sample a scalar of its own row, let samples be the first side "
    "of what the model is given, and keep samples apart inside it (batch_first=True); what f needs must be among the tensors that the model returns"
)

CHANGING = (nn.modules.dropout._DropoutNd, nn.modules.batchnorm._NormBase, nn.RReLU)  # in training mode
LONGEST = 64  # of a list or mapping in f that is looked at
MOST_CHECKED = 256  # functions and shapes that are remembered of a plan
IN_TRAINING = ". The model is in training mode, in which some layers change with each call: model.eval() may be all that is missing"


@dataclass
class Plan:
    parameters: list[Parameter]
    found: Found
    owners: dict[str, list[Parameter]] = field(default_factory=dict)
    # By shapes and function: the parameters whose gradients were 0 when they were checked, so that nothing is proven.
    checked: dict[tuple, frozenset[int]] = field(default_factory=dict)
    draws_elsewhere: dict[tuple, bool] = field(default_factory=dict)  # whether Python's or NumPy's random state moved
    orders_rows: bool = False  # which row is whose may be another in each batch: checked each time

    def remember(self, what: tuple, unproven: frozenset[int]) -> None:
        _remember(self.checked, what, unproven)

    def note_draws(self, what: tuple, elsewhere: bool) -> None:
        _remember(self.draws_elsewhere, what, elsewhere)

    def owner_of(self, parameter: Parameter) -> str | None:
        return next((name for name, own in self.owners.items() if parameter in own), None)

    def give(self, parameter: Parameter, owner: str) -> None:
        before = self.owner_of(parameter)
        if before is not None:
            self.owners[before].remove(parameter)
        self.owners.setdefault(owner, []).append(parameter)
        self.owners = {name: own for name, own in self.owners.items() if own}

    def _can_change(self) -> bool:
        modules = list(self.found.model().modules())
        return any(m.training and (isinstance(m, CHANGING) or hasattr(m, "parametrizations")) for m in modules)

    def widen(self, not_exact: NotExact) -> None:
        """Gives the parameters to a larger module; TraceError where they have the whole model already."""
        self.checked.clear()
        for number in not_exact.parameters:
            parameter = self.parameters[number]
            owner = self.owner_of(parameter)
            if owner == "":
                layer = f"layer {parameter.layer}" if parameter.layer else f"the parameter {parameter.name}"
                raise TraceError(f"{layer}: {not_exact}. {MEND}{IN_TRAINING if self._can_change() else ''}") from None
            self.give(parameter, self.found.owner(parameter) if owner is None else owner.rpartition(".")[0])


@dataclass
class Forward:
    """Forward passes of a model that are listened to, and checked where that is due."""

    model: nn.Module
    plan: Plan
    check: Check
    random: Tensor
    now: set[tuple] = field(default_factory=set)  # what was checked in this call, with its numbers
    is_thorough: bool = False  # something that was 0 is not: all of this call is checked

    def __call__(self, x: Inputs, f: Function, numbers: Tensor | None = None) -> Pass:
        """numbers: the samples' own, where x is a part of them."""
        if self.check != "off":
            self.make_sure(x, f, numbers)
        return self.listened(x, f, numbers)

    def make_sure(self, x: Inputs, f: Function, numbers: Tensor | None = None) -> None:
        """Checks where that is due. The model runs for it, more than once."""
        what = _what(x, f)
        this = _these(x, what)
        is_due_again = (self.plan.orders_rows or self.is_thorough) and this not in self.now
        is_new = what not in self.plan.checked or is_due_again
        if self.check == "always" or (self.check == "first" and is_new):
            made = self._pass(x, f, numbers)
            self.plan.orders_rows |= made.orders_rows
            self.plan.remember(what, checks.check(made))
            self.now.add(this)

    def listened(self, x: Inputs, f: Function, numbers: Tensor | None = None) -> Pass:
        """The pass alone, of what was made sure of."""
        made = self._pass(x, f, numbers)
        if self.check == "first":
            if made.orders_rows and not self.plan.orders_rows:
                self.plan.orders_rows = True
                raise Unproven
            made.unproven = self.unproven(x, f)
        return made

    def unproven(self, x: Inputs, f: Function) -> frozenset[int]:
        """Parameters whose gradients were 0 when they were checked, in another call: of what is 0 in this one all is known."""
        if self.check != "first":
            return frozenset()
        what = _what(x, f)
        return frozenset() if _these(x, what) in self.now else self.plan.checked.get(what, frozenset())

    def _pass(self, x: Inputs, f: Function, numbers: Tensor | None) -> Pass:
        torch.set_rng_state(self.random)  # the same draw for all passes of a call
        return Pass(self.model, x, f, self.plan.parameters, self.plan.owners, numbers)


def _what(x: Inputs, f: Function) -> tuple:
    return tuple(part.shape if isinstance(part, Tensor) else _name_of(part) for part in parts_of(x)), _name_of(f)


def _these(x: Inputs, what: tuple) -> tuple:
    """The same numbers, in one call."""
    return tuple(part.data_ptr() for part in tensors_of(x)), what


def _remember(kept: dict[tuple, Any], what: tuple, value: Any) -> None:
    """The latest MOST_CHECKED of them."""
    while len(kept) >= MOST_CHECKED and what not in kept:
        kept.pop(next(iter(kept)))
    kept[what] = value


def traced(
    model: nn.Module,
    x: Inputs,
    f: Function,
    check: Check,
    work: Callable[[Forward], Result],
) -> Result:
    """What work(forward) gives. Where it finds that a use is not exact, it begins anew, with a plan that is."""
    if not isinstance(model, nn.Module):
        raise TypeError(f"model is {type(model).__name__}, not a torch.nn.Module")
    if check not in ("first", "always", "off"):
        raise ValueError(f'check={check!r} is not one of "first", "always", "off"')
    model = as_written(model)
    check_places(model, x)
    structure = structure_of(model)
    what, known = _what(x, f), structure.plans.get(_signature(x))
    elsewhere = check == "always" or known is None or known.draws_elsewhere.get(what, True)
    with kept(model, elsewhere) as states:
        random = torch.get_rng_state()
        plan = _plan_of(model, structure, x, f)
        before = {name: list(own) for name, own in plan.owners.items()}
        try:
            forward = Forward(model, plan, check, random)
            while True:
                try:
                    return work(forward)
                except NotExact as found:
                    plan.widen(found)
                    forward.now.clear()
                except Unproven:
                    plan.checked.clear()
                    forward.is_thorough = True
        except TraceError:
            plan.owners = before  # what this f could not have, another can
            raise
        finally:
            if states is not None:
                plan.note_draws(what, states.have_moved())


def _name_of(f: object, depth: int = 0) -> object:
    """The same for functions that do the same with other numbers: that are written at the same place, and in which the same
    functions and switches stand."""
    if isinstance(f, (str, bool, Integral, type(None))):
        return f
    if isinstance(f, float):  # one that scales; 0 switches off
        return float, f == 0
    if depth > 4 or isinstance(f, (Tensor, ModuleType)):
        return type(f)
    if isinstance(f, Mapping) and len(f) <= LONGEST:
        return tuple((str(name), _name_of(each, depth + 1)) for name, each in f.items())
    if isinstance(f, (list, tuple)) and len(f) <= LONGEST:
        return tuple(_name_of(each, depth + 1) for each in f)
    if isinstance(f, MethodType):
        return _name_of(f.__func__, depth + 1), _name_of(f.__self__, depth + 1)
    if isinstance(f, partial):
        return tuple(_name_of(each, depth + 1) for each in (f.func, *f.args, *f.keywords.values()))
    if not isinstance(f, FunctionType):
        return type(f), f if isinstance(f, BuiltinFunctionType) else _switches(f, depth + 1)
    inside = [cell.cell_contents for cell in f.__closure__ or () if cell != CellType()]
    inside += [*(f.__defaults__ or ()), *(f.__kwdefaults__ or {}).values()]
    inside += [f.__globals__[name] for name in f.__code__.co_names if name in f.__globals__]
    return f.__code__, tuple(_name_of(each, depth + 1) for each in inside)


def _switches(it: object, depth: int) -> tuple:
    """What can make a module or a callable do something else: `training`, and the like; of a callable its numbers, too."""
    kinds = (bool, str) if isinstance(it, nn.Module) else (bool, str, Integral, float)
    own = getattr(it, "__dict__", {}).items()
    return tuple((name, _name_of(each, depth)) for name, each in own if isinstance(each, kinds))


def _signature(x: Inputs) -> tuple:
    return tuple((part.dim(), part.dtype) for part in tensors_of(x)), autocast_is_on()


def _plan_of(model: nn.Module, structure: Structure, x: Inputs, f: Function) -> Plan:
    parameters, plans = structure.parameters, structure.plans
    signature = _signature(x)
    if signature not in plans:
        found = find(model, x, f, parameters)
        if found.is_random:
            warnings.warn(
                "the model draws at random: this is the answer for one draw. If that is dropout in training mode, model.eval() "
                "gives the answer for the network as a whole",
                TraceWarning,
                stacklevel=4,
            )
        plan = plans[signature] = Plan(parameters, found)
        for number in found.without_rules:
            plan.give(parameters[number], found.owner(parameters[number]))
    return plans[signature]

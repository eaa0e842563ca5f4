"""A model as it was when it was looked at last: a look at the whole of it costs as much as a pass of a small network."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary, ref

from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm

from crosstalk.model.errors import TraceError
from crosstalk.model.tracked import parameters_of

if TYPE_CHECKING:
    from crosstalk.model.plans import Plan


class Structure:
    """Modules, parameters and switches of a model, and the plans that were made for it as it is. It does not keep the model
    alive."""

    def __init__(self, model: nn.Module) -> None:
        refuse_batch_statistics(model)
        self._modules = [ref(module) for module in model.modules()]
        self.parameters = parameters_of(model)
        self.plans: dict[tuple, Plan] = {}
        self._state = self._look()

    def is_still_so(self) -> bool:
        return self._state == self._look()

    def _look(self) -> list[Any]:
        looked: list[Any] = []
        for its in self._modules:
            if (module := its()) is None:
                return []
            own = module.__dict__
            parameters = own["_parameters"].values()
            looked.append([*map(id, parameters)])
            looked.append([p.requires_grad for p in parameters if p is not None])
            looked.append([*map(id, own["_modules"].values())])
            looked.append(
                (module.__class__, *own["_forward_hooks"], None, *own["_forward_pre_hooks"], id(own.get("forward")))
            )
            looked.append([each for each in own.items() if each[1].__class__ in _SWITCHES])
        return looked


_SWITCHES = (bool, str)  # `training`, and the like: what can make a module do something else
_known: WeakKeyDictionary[nn.Module, list[Structure]] = WeakKeyDictionary()
MOST = 8  # structures that are remembered of a model: in training, in evaluation, ...


def structure_of(model: nn.Module) -> Structure:
    """TraceError where no parameter is trained, or samples meet in batch statistics."""
    known = _known.setdefault(model, [])
    for structure in known:
        if structure.is_still_so():
            return structure
    new = Structure(model)
    own = {id(p.tensor) for p in new.parameters}
    # What has other parameters was another model: it would keep them for ever.
    same = [each for each in known if own & {id(p.tensor) for p in each.parameters}]
    known[:] = [new, *same[: MOST - 1]]
    return new


def refuse_batch_statistics(model: nn.Module) -> None:
    """Where samples meet in a layer's statistics, a sample's own gradient does not exist."""
    for name, module in model.named_modules():
        if isinstance(module, _BatchNorm) and (module.training or module.running_mean is None):
            why = "is in training mode" if module.running_mean is not None else "keeps no running statistics"
            raise TraceError(
                f"{name or 'the model'} ({type(module).__name__}) {why}: it normalises by the batch, so that no sample has a "
                "gradient of its own. Call model.eval(), or .eval() on this layer alone"
            )

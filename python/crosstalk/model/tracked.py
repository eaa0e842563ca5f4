"""The trainable parameters of a model, by number and by the layer that they belong to."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor, nn

from crosstalk.model.errors import TraceError


@dataclass(frozen=True, slots=True)
class Parameter:
    """A trainable parameter, or its transpose, which the model may read as well."""

    number: int
    name: str
    tensor: Tensor
    transposed: bool = False

    @property
    def layer(self) -> str:
        """The module that it belongs to: "encoder.0" of "encoder.0.weight", "" of one of the model's own."""
        return self.name.rpartition(".")[0]

    @property
    def size(self) -> int:
        return self.tensor.numel()


def parameters_of(model: nn.Module) -> list[Parameter]:
    """Those that require a gradient, in the order of model.parameters()."""
    named = [(name, p) for name, p in model.named_parameters() if p.requires_grad]
    if not named:
        raise TraceError(
            "the model has no parameter that requires a gradient: nothing of it is trained, so that nothing can interfere. "
            "Call requires_grad_() on what is to be trained"
        )
    return [Parameter(number, name, p) for number, (name, p) in enumerate(named)]

"""A run's network as a torch.nn.Module, from the layers and the parameters that it kept."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from torch import nn

from .failures import failure


class DuelingHidden(nn.Module):
    """Two streams, a linear layer each (Wang et al. 2016): (N, d) or (N, 2, d) in, (N, 2, p) out. The first row is on the
    way to the value of the state, the second to the advantages of its actions."""

    def __init__(self, value: nn.Linear, advantage: nn.Linear) -> None:
        super().__init__()
        self.value, self.advantage = value, advantage

    def streams(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        of_value, of_advantage = (x[:, 0], x[:, 1]) if x.dim() == 3 else (x, x)
        return self.value(of_value), self.advantage(of_advantage)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.stack(self.streams(x), 1)


class DuelingOut(DuelingHidden):
    """The two streams joined: value + advantage - mean of the advantages. Out (N, A Z): of each of A choices Z numbers
    (atoms; otherwise 1)."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        value, advantage = self.streams(x)
        each = advantage.unflatten(1, (-1, value.shape[1]))
        return (value[:, None] + each - each.mean(1, keepdim=True)).flatten(1)


Own = Mapping[str, np.ndarray]  # the layer's parameters, by their names in it


def _linear(words: list[str], own: Own) -> nn.Module:
    outputs, inputs = own["weight"].shape
    return nn.Linear(inputs, outputs, bias="bias" in own)


def _pair(text: str) -> tuple[int, ...]:
    """ "5", or "5x3" where height and width differ."""
    sides = tuple(int(side) for side in text.split("x"))
    return sides * 2 if len(sides) == 1 else sides


def _convolution(words: list[str], own: Own) -> nn.Module:
    said = dict(zip(words[3::2], words[4::2], strict=True))
    channels, inputs, *kernel = own["weight"].shape
    return nn.Conv2d(inputs, channels, tuple(kernel), _pair(said.get("stride", "1")), _pair(said.get("pad", "0")))


def _dueling(words: list[str], own: Own) -> nn.Module:
    streams = []
    for stream in ("value", "advantage"):
        streams.append(_linear(words, {name.removeprefix(stream + "."): each for name, each in own.items() if name.startswith(stream)}))  # fmt: skip
    return (DuelingOut if words[1] == "out" else DuelingHidden)(*streams)


LAYERS = {
    "conv": _convolution,
    "linear": _linear,
    "dueling": _dueling,
    "leaky": lambda words, own: nn.LeakyReLU(0.01),
    "relu": lambda words, own: nn.ReLU(),
    "tanh": lambda words, own: nn.Tanh(),
    "layernorm": lambda words, own: nn.LayerNorm(own["weight"].shape, eps=1e-5),
    "flatten": lambda words, own: nn.Flatten(),
}


def _layer(number: int, line: str, own: Own, place: object) -> nn.Module:
    words = line.split()
    if "noisy" in words:
        why = "the weights of a noisy layer are drawn at each update"
    elif words[0] not in LAYERS:
        why = f"there are {', '.join(LAYERS)}"
    else:
        return LAYERS[words[0]](words, own)
    raise failure(
        "config",
        f"{place}: layer {number}, {line!r}, is not made in PyTorch: {why}. parameters() gives the network's numbers.",
    )


def module_of(layers: list[str], parameters: Mapping[str, np.ndarray], place: object) -> nn.Sequential:
    """A torch.nn.Sequential of these entries of network.layers, with these parameters, in their precision.

    Inputs (N, ...) as the run's network took them: (N, d) or (N, channels, height, width).
    """
    made = []
    for number, line in enumerate(layers):
        prefix = f"{number}."
        own = {name.removeprefix(prefix): each for name, each in parameters.items() if name.startswith(prefix)}
        made.append(_layer(number, line, own, place))
    state = {name: torch.from_numpy(np.array(each)) for name, each in parameters.items()}
    network = nn.Sequential(*made).to(next(iter(state.values())).dtype)
    network.load_state_dict(state)
    return network.eval()

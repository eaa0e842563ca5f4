"""The networks of bench/own_network.py: what users have, not the paper's alone. Each gives a model and N inputs."""

from __future__ import annotations

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn


def largest(output: Tensor) -> Tensor:
    return output.max(1).values


def mlp(samples: int) -> tuple[nn.Module, Tensor]:
    sizes = [256, 256, 256]
    layers = [part for width, following in zip(sizes, sizes[1:]) for part in (nn.Linear(width, following), nn.ReLU())]
    return nn.Sequential(*layers, nn.Linear(256, 10)), torch.randn(samples, 256)


def atari(samples: int) -> tuple[nn.Module, Tensor]:
    """The paper's Atari network (appendix A.2)."""
    leaky = nn.LeakyReLU
    model = nn.Sequential(
        nn.Conv2d(4, 32, 8, 4, 4), leaky(), nn.Conv2d(32, 64, 4, 2, 2), leaky(), nn.Conv2d(64, 64, 3, 1, 1), leaky(),
        nn.Flatten(), nn.Linear(9216, 512), leaky(), nn.Linear(512, 9),
    )  # fmt: skip
    return model, torch.randn(samples, 4, 84, 84)


class Block(nn.Module):
    def __init__(self, channels: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.first = nn.Sequential(nn.Conv2d(channels, outputs, 3, stride, 1, bias=False), nn.GroupNorm(8, outputs))
        self.second = nn.Sequential(nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False), nn.GroupNorm(8, outputs))
        narrow = nn.Sequential(nn.Conv2d(channels, outputs, 1, stride, bias=False), nn.GroupNorm(8, outputs))
        self.along = narrow if stride != 1 or channels != outputs else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(self.second(F.relu(self.first(x))) + self.along(x))


def resnet(samples: int) -> tuple[nn.Module, Tensor]:
    """ResNet-18 with GroupNorm, on 32 x 32."""
    layers: list[nn.Module] = [nn.Conv2d(3, 64, 3, 1, 1, bias=False), nn.GroupNorm(8, 64), nn.ReLU()]
    channels = 64
    for outputs, stride in ((64, 1), (128, 2), (256, 2), (512, 2)):
        layers += [Block(channels, outputs, stride), Block(outputs, outputs, 1)]
        channels = outputs
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(512, 10)), torch.randn(
        samples, 3, 32, 32
    )


class Attention(nn.Module):
    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in range(2))
        self.projections, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.wide, self.narrow = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def forward(self, x: Tensor) -> Tensor:
        n, length, width = x.shape
        split = self.projections(self.norms[0](x)).view(n, length, 3, self.heads, width // self.heads)
        q, k, v = split.permute(2, 0, 3, 1, 4)
        # Written out: the fused attention has no batching rule, which would slow torch.func's and TorchJD's way down.
        scores = q @ k.transpose(-1, -2) / (width // self.heads) ** 0.5
        ahead = torch.ones(length, length, dtype=torch.bool, device=x.device).triu(1)
        mixed = (scores.masked_fill(ahead, -torch.inf).softmax(-1) @ v).transpose(1, 2).reshape(n, length, width)
        x = x + self.out(mixed)
        return x + self.narrow(F.gelu(self.wide(self.norms[1](x))))


class Places(nn.Module):
    def __init__(self, length: int, width: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(0.02 * torch.randn(length, width))

    def forward(self, x: Tensor) -> Tensor:
        return x + self.weight


class Transformer(nn.Module):
    """Pre-norm, causal, 4 layers, width 256, 64 tokens; the embedding is the last layer's weight, too."""

    def __init__(self, words: int = 1000, width: int = 256, layers: int = 4, length: int = 64) -> None:
        super().__init__()
        self.embedding, self.places = nn.Embedding(words, width), Places(length, width)
        nn.init.normal_(self.embedding.weight, std=0.05)
        self.blocks = nn.Sequential(*(Attention(width, 4) for _ in range(layers)))
        self.norm, self.out = nn.LayerNorm(width), nn.Linear(width, words, bias=False)
        self.out.weight = self.embedding.weight

    def forward(self, tokens: Tensor) -> Tensor:
        return self.out(self.norm(self.blocks(self.places(self.embedding(tokens))))[:, -1])


def transformer(samples: int) -> tuple[nn.Module, Tensor]:
    return Transformer(), torch.randint(0, 1000, (samples, 64))


MODELS: dict[str, Callable[[int], tuple[nn.Module, Tensor]]] = {
    "mlp": mlp,
    "atari": atari,
    "resnet": resnet,
    "transformer": transformer,
}

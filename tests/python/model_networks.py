"""The networks on which users will judge crosstalk.gram, small enough for a test."""

import torch
import torch.nn.functional as F
from model_oracles import squares
from torch import nn


def mlp():
    return nn.Sequential(nn.Linear(12, 24), nn.ReLU(), nn.Linear(24, 24), nn.ReLU(), nn.Linear(24, 5))


def convolutions(shape, outputs, *layers):
    """Kernel, stride and padding of each layer, its channels first: the paper's networks, with fewer channels."""
    modules, channels = [], shape[0]
    for made, kernel, stride, padding in layers:
        modules += [nn.Conv2d(channels, made, kernel, stride, padding), nn.LeakyReLU()]
        channels = made
    body = nn.Sequential(*modules, nn.Flatten())
    width = body(torch.zeros(1, *shape)).shape[1]
    return nn.Sequential(*body, nn.Linear(width, 16), nn.LeakyReLU(), nn.Linear(16, outputs))


class Block(nn.Module):
    def __init__(self, inputs, outputs, stride, norm):
        super().__init__()
        self.first, self.second = (
            nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False),
            nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False),
        )
        self.norms = nn.ModuleList([norm(outputs), norm(outputs)])
        self.shortcut = (
            nn.Identity()
            if stride == 1 and inputs == outputs
            else nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), norm(outputs))
        )

    def forward(self, x):
        inner = self.norms[1](self.second(F.relu(self.norms[0](self.first(x)), inplace=True)))
        return F.relu(inner + self.shortcut(x), inplace=True)


def resnet18(norm, width=4):
    modules, channels = [nn.Conv2d(3, width, 3, 1, 1, bias=False), norm(width), nn.ReLU(inplace=True)], width
    for made, stride in ((width, 1), (2 * width, 2), (4 * width, 2), (8 * width, 2)):
        modules += [Block(channels, made, stride, norm), Block(made, made, 1, norm)]
        channels = made
    return nn.Sequential(*modules, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(channels, 5))


def settled(model):
    """BatchNorm in evaluation mode, with statistics that are not those of a new layer."""
    for module in model.modules():
        if isinstance(module, nn.modules.batchnorm._BatchNorm):
            module.running_mean.uniform_(-0.3, 0.3)
            module.running_var.uniform_(0.5, 2)
    return model.eval()


class Attending(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.norms = nn.ModuleList([nn.LayerNorm(width), nn.LayerNorm(width)])
        self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.up, self.down = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def forward(self, x):
        b, t, width = x.shape
        q, k, v = self.qkv(self.norms[0](x)).view(b, t, 3, self.heads, width // self.heads).permute(2, 0, 3, 1, 4)
        x = x + self.out(F.scaled_dot_product_attention(q, k, v, is_causal=True).transpose(1, 2).reshape(b, t, width))
        return x + self.down(F.gelu(self.up(self.norms[1](x))))


class Transformer(nn.Module):
    """Pre-norm, causal, the output tied to the embedding, positions by a table."""

    def __init__(self, words=19, width=8, layers=2):
        super().__init__()
        self.embedding, self.positions = nn.Embedding(words, width), nn.Embedding(16, width)
        self.blocks = nn.Sequential(*[Attending(width, 2) for _ in range(layers)])
        self.norm, self.out = nn.LayerNorm(width), nn.Linear(width, words, bias=False)
        self.out.weight = self.embedding.weight

    def forward(self, words):
        x = self.embedding(words) + self.positions(torch.arange(words.shape[1]))
        return self.out(self.norm(self.blocks(x))).mean(1)


class Recurrent(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm, self.out = nn.LSTM(6, 5, 2, batch_first=True), nn.Linear(5, 3)

    def forward(self, x):
        return self.out(self.lstm(x)[0][:, -1])


class Twice(nn.Module):
    def __init__(self):
        super().__init__()
        self.into, self.again, self.out = nn.Linear(6, 7), nn.Linear(7, 7), nn.Linear(7, 3)

    def forward(self, x):
        return self.out(self.again(self.again(self.into(x).tanh()).tanh()))


class TwoInputs(nn.Module):
    def __init__(self):
        super().__init__()
        self.image, self.word, self.out = nn.Conv2d(2, 3, 3), nn.Embedding(7, 5), nn.Linear(3 * 16 + 5, 4)

    def forward(self, image, word):
        return self.out(torch.cat([self.image(image).relu().flatten(1), self.word(word)], 1))


class Loose(nn.Module):
    """Parameters that no layer holds: a scale and a shift of the model's own, and a temperature."""

    def __init__(self):
        super().__init__()
        self.scale, self.shift = nn.Parameter(torch.randn(6)), nn.Parameter(torch.randn(1, 6))
        self.temperature, self.out = nn.Parameter(torch.tensor(0.7)), nn.Linear(6, 4)

    def forward(self, x):
        return self.out((x * self.scale + self.shift).tanh()) / self.temperature.exp()


def frozen():
    model = mlp()
    model[2].requires_grad_(False)
    model[0].bias.requires_grad_(False)
    return model


def signals():
    return nn.Sequential(
        nn.Conv1d(4, 8, 3, groups=2, dilation=2), nn.ReLU(), nn.Conv1d(8, 8, 4, 2, 1, groups=8), nn.ReLU(),
        nn.Conv1d(8, 6, 3, padding="same", dilation=3, padding_mode="circular"), nn.ReLU(), nn.Flatten(), nn.Linear(42, 4),
    )  # fmt: skip


def numbers(*shape):
    return lambda n: torch.randn(n, *shape)


def words(t):
    return lambda n: torch.randint(0, 19, (n, t))


# name: (model, inputs of n samples, f, inputs of another length for the other side of cross_gram)
NETWORKS = {
    "MLP": (mlp, numbers(12), "max", None),
    "Atari": (
        lambda: convolutions((4, 84, 84), 9, (4, 8, 4, 4), (8, 4, 2, 2), (8, 3, 1, 1)),
        lambda n: torch.rand(n, 4, 84, 84),
        "max",
        None,
    ),
    "images": (
        lambda: convolutions((3, 32, 32), 10, (4, 7, 2, 3), (8, 3, 1, 1), (8, 3, 2, 1)),
        numbers(3, 32, 32),
        "mean",
        None,
    ),
    "ResNet-18 with GroupNorm": (
        lambda: resnet18(lambda c: nn.GroupNorm(2, c)),
        numbers(3, 16, 16),
        "max",
        numbers(3, 24, 16),
    ),
    "ResNet-18 with BatchNorm in evaluation mode": (
        lambda: settled(resnet18(nn.BatchNorm2d)),
        numbers(3, 16, 16),
        2,
        numbers(3, 16, 24),
    ),
    "transformer": (Transformer, words(6), "max", words(9)),
    "signals": (signals, numbers(4, 18), squares, None),
    "LSTM": (Recurrent, numbers(4, 6), "max", numbers(7, 6)),
    "twice": (Twice, numbers(6), squares, None),
    "frozen": (frozen, numbers(12), "sum", None),
    "two inputs": (TwoInputs, lambda n: (torch.randn(n, 2, 6, 6), torch.randint(0, 7, (n,))), "max", None),
    "loose": (Loose, numbers(6), squares, None),
}

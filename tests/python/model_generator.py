"""Random small models from a seed: what torch.func can take apart by sample, in all the ways in which models are written."""

import random
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from model_oracles import squares
from torch import nn

KINDS = ("vector", "sequence", "signal", "image", "volume", "words")


class Reads(nn.Module):
    """A layer without torch's layers: its weight is read by functions."""

    WAYS = {
        "linear": lambda s, x: F.linear(x, s.w, s.b),
        "product": lambda s, x: x @ s.w.t() + s.b,
        "product of the transpose": lambda s, x: x @ s.w.T * s.g,
        "own product": lambda s, x: torch.matmul(x, s.w) - s.b,
        "einsum": lambda s, x: torch.einsum("...d,pd->...p", x, s.w),
        "masked": lambda s, x: F.linear(x, s.w * s.mask, s.b),
        "weight by weight": lambda s, x: F.linear(x, s.w @ s.w, None),
        "shift": lambda s, x: s.b + x * s.g,
        "flat": lambda s, x: (x.reshape(-1, x.shape[-1]) @ s.w + s.b).view(x.shape) * s.g,
        "flat linear": lambda s, x: F.linear(x.reshape(-1, x.shape[-1]), s.w, s.b).view(x.shape),
        "twice": lambda s, x: F.linear(F.linear(x, s.w, s.b).tanh(), s.w.t(), s.b),
        "in place": lambda s, x: F.linear(x, s.w).add_(s.b).mul_(s.g),
        "temperature": lambda s, x: x * s.temperature + s.b.unsqueeze(0),
        "context": lambda s, x: x + F.linear(s.context, s.w, s.b),
        "first side last": lambda s, x: F.linear(x.transpose(0, -2), s.w, s.b).transpose(0, -2),
    }

    def __init__(self, width, way):
        super().__init__()
        self.w, self.b = nn.Parameter(0.5 * torch.randn(width, width)), nn.Parameter(torch.randn(width))
        self.g, self.temperature = nn.Parameter(torch.randn(width)), nn.Parameter(torch.tensor(1.3))
        self.register_buffer("mask", (torch.rand(width, width) > 0.3).to(self.w.dtype))
        self.register_buffer("context", torch.randn(width))
        self.way = way

    def forward(self, x):
        return self.WAYS[self.way](self, x)


class Around(nn.Module):
    """A layer with something around it: a residual, the same layer again, a part without gradients, an unused one."""

    WAYS = {
        "residual": lambda s, x: x + s.layer(x),
        "again": lambda s, x: s.layer(s.layer(x).tanh()),
        "without gradients": lambda s, x: x + torch.no_grad()(s.layer)(x),
        "detached": lambda s, x: x * s.layer(x).detach().tanh(),
        "unused": lambda s, x: (s.layer(x), x)[1] * 1.0,
        "in place": lambda s, x: F.relu(s.layer(x) + 0, inplace=True) + x,
        "slice": lambda s, x: torch.cat([s.layer(x)[:, :1], x[:, 1:]], 1),
    }

    def __init__(self, layer, way):
        super().__init__()
        self.layer, self.way = layer, way

    def forward(self, x):
        return self.WAYS[self.way](self, x)


class First(nn.Module):
    """Of a layer's several outputs the first; others go unused."""

    def __init__(self, layer, times=1, seq_first=False):
        super().__init__()
        self.layer, self.times, self.seq_first = layer, times, seq_first

    def forward(self, x):
        if self.seq_first:
            return self.layer(*[x.transpose(0, 1)] * self.times)[0].transpose(0, 1)
        return self.layer(*[x] * self.times)[0]


class Cell(nn.Module):
    def __init__(self, width, kind):
        super().__init__()
        self.cell = kind(width, width)

    def forward(self, x):
        state, outputs = None, []
        for t in range(x.shape[1]):
            state = self.cell(x[:, t], state)
            outputs.append(state[0] if isinstance(state, tuple) else state)
        return torch.stack(outputs, 1)


class Words(nn.Module):
    """Words to a sequence, with a table of positions in one of three ways, the output perhaps tied to the words."""

    def __init__(self, body, width, draw):
        super().__init__()
        self.embedding = nn.Embedding(11, width, padding_idx=draw.choice([None, 0, -1]))
        self.place = draw.choice(["parameter", "embedding", "none"])
        self.table = nn.Parameter(torch.randn(3, width)) if self.place == "parameter" else nn.Embedding(3, width)
        self.body, self.is_tied = body, draw.random() < 0.5
        self.out = nn.Linear(width, 11, bias=False)
        if self.is_tied:
            self.out.weight = self.embedding.weight

    def forward(self, words):
        x = self.embedding(words)
        if self.place == "parameter":
            x = x + self.table
        elif self.place == "embedding":
            x = x + self.table(torch.arange(3))
        return self.out(self.body(x)).mean(1)


class Two(nn.Module):
    """Two inputs, the second of which one layer takes in."""

    def __init__(self, body, width):
        super().__init__()
        self.body, self.take, self.gate = body, nn.Linear(2, width), nn.Bilinear(width, 2, width)

    def forward(self, x, other):
        x = self.body(x) + self.take(other).reshape(other.shape[0], *[1] * (x.dim() - 2), -1)
        return self.gate(x.flatten(1)[:, : self.gate.in1_features].contiguous(), other)


def _convolution(draw, channels, dimensions):
    layer = (nn.Conv1d, nn.Conv2d, nn.Conv3d)[dimensions - 1]
    back = (nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d)[dimensions - 1]
    groups, bias = draw.choice([1, 2, channels]), draw.random() < 0.7
    way = draw.choice(["same", "stride", "valid", "transposed", "transposed"])
    if way == "transposed":
        stride, dilation = draw.choice([1, 2]), draw.choice([1, 2])
        beyond = draw.randrange(max(stride, dilation))
        return back(
            channels, channels, draw.choice([2, 3]), stride, draw.choice([0, 1]), beyond, groups, bias, dilation
        )
    mode = draw.choice(["zeros", "reflect", "replicate", "circular"] if dimensions < 3 else ["zeros", "circular"])
    if way == "same":
        return layer(channels, channels, draw.choice([1, 2, 3]), 1, "same", draw.choice([1, 2]), groups, bias, mode)
    kernel, padding = draw.choice([2, 3]), draw.choice([1, 2]) if way == "stride" else 1
    return layer(channels, channels, kernel, 2 if way == "stride" else 1, padding, 1, groups, bias, mode)


def _along_rows(draw, width, is_sequence):
    """A layer that keeps (N, ..., width)."""
    choices = [
        lambda: nn.Linear(width, width, bias=draw.random() < 0.7),
        lambda: Reads(width, draw.choice(list(Reads.WAYS)[: None if is_sequence else -1])),
        lambda: Reads(width, draw.choice(list(Reads.WAYS)[: None if is_sequence else -1])),
        lambda: nn.LayerNorm(width, elementwise_affine=draw.random() < 0.8),
        lambda: nn.RMSNorm(width),
        lambda: nn.Sequential(nn.Linear(width, width), nn.PReLU()),
        lambda: nn.utils.parametrizations.weight_norm(nn.Linear(width, width)),
        lambda: nn.utils.parametrizations.spectral_norm(nn.Linear(width, width)).eval(),
    ]
    if is_sequence:
        first = draw.random() < 0.5
        both = draw.random() < 0.3
        choices += [
            lambda: First(
                nn.LSTM(width, width // (1 + both), batch_first=not first, bidirectional=both), seq_first=first
            ),
            lambda: First(nn.GRU(width, width, draw.choice([1, 2]), batch_first=not first), seq_first=first),
            lambda: First(nn.MultiheadAttention(width, 2, batch_first=not first, bias=draw.random() < 0.5), 3, first),
            lambda: nn.TransformerEncoderLayer(width, 2, 6, 0.0, batch_first=True, norm_first=draw.random() < 0.5),
            lambda: Cell(width, draw.choice([nn.LSTMCell, nn.GRUCell])),
        ]
    return draw.choice(choices)()


def _along_channels(draw, channels, dimensions):
    norms = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)[dimensions - 1]
    instance = (nn.InstanceNorm1d, nn.InstanceNorm2d, nn.InstanceNorm3d)[dimensions - 1]
    return draw.choice(
        [
            lambda: _convolution(draw, channels, dimensions),
            lambda: _convolution(draw, channels, dimensions),
            lambda: nn.GroupNorm(draw.choice([1, 2]), channels),
            lambda: norms(channels, affine=draw.random() < 0.8).eval(),
            lambda: instance(channels, affine=draw.random() < 0.8),
            lambda: nn.PReLU(channels),
        ]
    )()


def _activation(draw):
    return draw.choice(
        [nn.Tanh(), nn.GELU(), nn.SiLU(inplace=True), nn.ReLU(inplace=True), nn.LeakyReLU(0.1), nn.Softplus()]
    )


@dataclass(frozen=True)
class Case:
    description: str
    model: nn.Module
    x: object
    f: object


def case(seed):
    """Three samples; a sequence is as long as there are samples, so that sides can be mistaken for each other."""
    draw = random.Random(seed)
    torch.manual_seed(seed)
    kind, samples, width = KINDS[seed % len(KINDS)], draw.choice([3, 3, 2]), 4
    dimensions = {"signal": 1, "image": 2, "volume": 3}.get(kind, 0)
    layers = []
    for _ in range(draw.choice([1, 2, 3])):
        is_row = dimensions == 0
        layer = _along_rows(draw, width, kind != "vector") if is_row else _along_channels(draw, width, dimensions)
        keeps = is_row or not isinstance(layer, nn.modules.conv._ConvNd)
        if keeps and draw.random() < 0.4:
            layer = Around(layer, draw.choice(list(Around.WAYS)))
        layers += [layer, _activation(draw)]
    if len(layers) > 4 and draw.random() < 0.3:
        layers[4] = layers[0]  # a module that is used twice
    body = nn.Sequential(*layers)
    shape = {
        "vector": (width,),
        "sequence": (3, width),
        "signal": (width, 7),
        "image": (width, 5, 6),
        "volume": (width, 4, 5, 4),
    }
    f = draw.choice(["max", "mean", "sum", 0, 1, squares, lambda q: q.flatten(1).logsumexp(1)])
    if kind == "words":
        model, x = Words(body, width, draw), torch.randint(0, 11, (samples, 3))
    else:
        x = torch.randn(samples, *shape[kind])
        if kind in ("vector", "sequence") and draw.random() < 0.2:
            model, x = Two(body, width), (x, torch.randn(samples, 2))
        elif draw.random() < 0.3 and kind != "sequence":
            model, f = body, squares
        else:
            flat = body.double().eval()(x.double()[:1]).flatten(1).shape[1]
            model = nn.Sequential(body, nn.Flatten(), nn.Linear(flat, 3))
    model = model.double()
    x = tuple(part.double() for part in x) if isinstance(x, tuple) else x.double() if x.is_floating_point() else x
    for module in model.modules():
        if isinstance(module, nn.modules.batchnorm._BatchNorm):
            module.running_mean.uniform_(-0.3, 0.3)
    parameters = list(model.parameters())
    if draw.random() < 0.3 and len(parameters) > 2:
        for p in draw.sample(parameters, len(parameters) // 3):
            p.requires_grad_(False)
    model.train(draw.random() < 0.5)
    for module in model.modules():  # these two change with each call, or mix samples, in training
        if isinstance(module, nn.modules.batchnorm._BatchNorm) or hasattr(module, "parametrizations"):
            module.eval()
    return Case(f"{seed}: {kind}, {samples} samples, f {f}, {model}", model, x, f)

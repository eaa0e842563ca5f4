"""The third term of interference's derivative on the paper's networks as they are, in double precision, against autograd differentiated
twice. Smaller ones, and all other terms, are in tests/engine/jet_test.cpp and evolution_test.cpp."""

import numpy as np
import pytest
import torch
from crosstalk._torch import engine
from torch import nn

NETWORKS = {
    "Atari": ((4, 84, 84), 9, lambda: engine().atari_layers(32)),
    "images": ((3, 32, 32), 10, lambda: engine().image_layers(16, 1, 4)),
    "agent at images": ((4, 32, 32), 14, lambda: engine().image_layers(16, 3, 1)),
    "SARCOS": ((21,), 7, lambda: engine().plain_layers(64, 2)),
    "tanh": ((21,), 7, lambda: ["linear 32", "tanh", "linear 32", "tanh", "linear out"]),
    "layer norm": ((21,), 7, lambda: ["linear 32", "layernorm", "leaky", "linear 32", "layernorm", "tanh", "linear out"]),
}


def torch_model(shape, outputs, layers):
    modules, size = [], tuple(shape)
    for line in layers:
        words = line.split()
        if words[0] == "conv":
            options = dict(zip(words[3::2], words[4::2], strict=True))
            stride, pad, kernel = int(options.get("stride", 1)), int(options.get("pad", 0)), int(words[2])
            modules.append(nn.Conv2d(size[0], int(words[1]), kernel, stride, pad))
            size = (int(words[1]), *((s + 2 * pad - kernel) // stride + 1 for s in size[1:]))
        elif words[0] == "linear":
            width = outputs if words[1] == "out" else int(words[1])
            modules.append(nn.Linear(int(np.prod(size)), width))
            size = (width,)
        elif words[0] == "flatten":
            modules.append(nn.Flatten())
            size = (int(np.prod(size)),)
        elif words[0] == "layernorm":
            modules.append(nn.LayerNorm(size))
        else:
            modules.append({"leaky": nn.LeakyReLU(0.01), "relu": nn.ReLU(), "tanh": nn.Tanh()}[words[0]])
    return nn.Sequential(*modules).double()


def double_backward(model, a, b):
    parameters = list(model.parameters())

    def gradient(x):
        value = model(x.unsqueeze(0)).max()
        return torch.cat([g.flatten() for g in torch.autograd.grad(value, parameters, create_graph=True)])

    def product(gradient, v):
        found = torch.autograd.grad(gradient @ v, parameters, allow_unused=True)
        return torch.cat([torch.zeros(p.numel()).double() if g is None else g.flatten() for g, p in zip(found, parameters, strict=True)])

    at_a, at_b = gradient(a), gradient(b)
    v = at_b.detach()
    return float(v @ product(at_a, v) + at_a.detach() @ product(at_b, v))


@pytest.mark.parametrize("name", NETWORKS)
def test_of_all_pairs_equals_double_backward(name):
    shape, outputs, layers = NETWORKS[name]
    torch.manual_seed(1)
    model = torch_model(shape, outputs, layers())
    a, b = torch.rand(3, *shape).double(), torch.rand(2, *shape).double()
    a[1] = a[0]  # one sample twice
    b[1] = a[2]  # and one on both sides
    theta = torch.cat([p.detach().flatten() for p in model.parameters()]).numpy()
    net = engine().Network(list(shape), outputs, list(layers()))
    found = net.third_term(theta, a.numpy(), b.numpy(), "max")
    expected = np.array([[double_backward(model, x, y) for y in b] for x in a])
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-9 * np.abs(expected).max())
    np.testing.assert_allclose(found[0], found[1], rtol=1e-12)

"""The Gram matrix of per-sample gradients, N x N, on three of the paper's networks: forward, backward and contraction,
against BackPACK's BatchGrad and torch.func's vmap(grad) with the product after them, and against one plain forward and
backward pass of PyTorch on the same batch, which gives a single gradient."""

from __future__ import annotations

import numpy as np
import torch
from torch import nn
from torch.func import functional_call, grad, vmap
from torch.utils.flop_counter import FlopCounterMode

from crosstalk._torch import engine
from timing import Line, gemm_peak, interleaved  # noqa: F401


def torch_model(shape, outputs, layers) -> nn.Sequential:
    """The torch twin of network.layers: its parameters stand in the same order as in theta."""
    modules, size = [], tuple(shape)
    for line in layers:
        words = line.split()
        if words[0] == "conv":
            options = dict(zip(words[3::2], words[4::2]))
            stride, pad, kernel = int(options.get("stride", 1)), int(options.get("pad", 0)), int(words[2])
            modules.append(nn.Conv2d(size[0], int(words[1]), kernel, stride, pad))
            size = (int(words[1]), *((s + 2 * pad - kernel) // stride + 1 for s in size[1:]))
        elif words[0] == "linear":
            width = outputs if words[1] == "out" else int(words[1])
            modules.append(nn.Linear(size[0], width))
            size = (width,)
        elif words[0] == "flatten":
            modules.append(nn.Flatten())
            size = (int(np.prod(size)),)
        elif words[0] == "layernorm":
            modules.append(nn.LayerNorm(size))
        else:
            modules.append({"leaky": nn.LeakyReLU(0.01), "relu": nn.ReLU(), "tanh": nn.Tanh()}[words[0]])
    return nn.Sequential(*modules)


def theta_of(model: nn.Module) -> np.ndarray:
    return torch.cat([p.detach().flatten() for p in model.parameters()]).numpy().copy()


def scalar(output: torch.Tensor, function: str) -> torch.Tensor:
    return output.max(1).values if function == "max" else output.mean(1)


def torch_func_gram(model, x, function):
    parameters = {name: p.detach() for name, p in model.named_parameters()}

    def one(parameters, sample):
        return scalar(functional_call(model, parameters, sample.unsqueeze(0)), function).sum()

    gradients = vmap(grad(one), in_dims=(None, 0))(parameters, x)
    rows = [g.flatten(1) for g in gradients.values()]
    return sum(r @ r.T for r in rows)


def extended_twin(model, twin):
    """A copy of the model as BackPACK wants it; None where BackPACK is not installed."""
    try:
        from backpack import extend
    except ImportError:
        return None
    twin.load_state_dict(model.state_dict())
    return extend(twin)


def backpack_gram(model, x, function):
    from backpack import backpack
    from backpack.extensions import BatchGrad

    with backpack(BatchGrad()):
        scalar(model(x), function).sum().backward()
    rows = [p.grad_batch.flatten(1) for p in model.parameters()]
    result = sum(r @ r.T for r in rows)
    for p in model.parameters():
        p.grad = p.grad_batch = None
    return result


def forward_backward(model, x, function):
    scalar(model(x), function).sum().backward()
    for p in model.parameters():
        p.grad = None


def forward_backward_gflop(model, x) -> float:
    """Of ours: forward, and the gradients at the inputs of all layers but the first."""

    def forward(module):
        with FlopCounterMode(display=False) as counter, torch.no_grad():
            module(x)
        return counter.get_total_flops() / 1e9

    return 2 * forward(model) - forward(model[0])


def our_gram(shape, outputs, layers, n, function):
    """The model, its batch, ours on them as a call without arguments, and our forward and backward pass alone."""
    torch.manual_seed(0)
    model = torch_model(shape, outputs, layers)
    x = torch.rand(n, *shape)
    net, theta, inputs = engine().Network(list(shape), outputs, list(layers)), theta_of(model), x.numpy()
    reused = net.trace(theta, inputs, function)

    def pass_alone():
        return net.trace(theta, inputs, function, reused)

    return model, x, lambda: pass_alone().gram(), pass_alone


def compare(name, shape, outputs, layers, n, function, target) -> Line:
    model, x, ours, pass_alone = our_gram(shape, outputs, layers, n, function)
    gram, expected = ours(), torch_func_gram(model, x, function).numpy()
    difference = np.abs(gram - expected).max() / np.abs(expected).max()
    if not difference < 1e-4:
        raise SystemExit(f"bench: {name}: our Gram differs from torch.func's by {difference:.1e} of its largest entry")
    competitors = {
        "ours": ours,
        "PyTorch forward+backward": lambda: forward_backward(model, x, function),
        "our forward+backward": pass_alone,
        "torch.func": lambda: torch_func_gram(model, x, function),
    }
    extended = extended_twin(model, torch_model(shape, outputs, layers))
    if extended:
        competitors["BackPACK"] = lambda: backpack_gram(extended, x, function)
    seconds = interleaved(competitors)
    work = (
        forward_backward_gflop(model, x) + sum(cost[3] for cost in engine().plan_costs(pass_alone()) if cost[4]) / 1e9
    )
    line = Line(name, seconds.pop("ours"), seconds, "PyTorch forward+backward", target, work)
    line.notes.append(
        f"largest difference to torch.func {difference:.1e}" + ("" if extended else "; BackPACK is not installed")
    )
    return line


CASES = {
    "agent": lambda: (
        "Gram, N = 128, CIFAR agent net",
        (4, 32, 32),
        14,
        engine().image_layers(16, 1, 4),
        128,
        "max",
        1.2,
    ),
    "atari": lambda: ("Gram, N = 64, Atari net", (4, 84, 84), 9, engine().atari_layers(32), 64, "max", 0.9),
    "sarcos": lambda: ("Gram, N = 128, SARCOS net", (21,), 7, engine().plain_layers(64, 1), 128, "mean", 0.6),
}


def agent(context) -> Line:
    return compare(*CASES["agent"]())


def atari(context) -> Line:
    return compare(*CASES["atari"]())


def sarcos(context) -> Line:
    return compare(*CASES["sarcos"]())

"""Per-sample gradients of a torch module in two ways that share nothing with crosstalk's."""

import copy

import torch
from torch.func import functional_call, grad, vmap


def scalar_of(f, output):
    named = {"max": lambda q: q.max(1).values, "mean": lambda q: q.mean(1), "sum": lambda q: q.sum(1)}
    return named[f](output) if isinstance(f, str) else output[:, f] if isinstance(f, int) else f(output)


def trained(model):
    return {name: p for name, p in model.named_parameters() if p.requires_grad}


def by_torch_func(model, x, f):
    """(N, P): vmap of grad, each sample alone. On a copy: functional_call leaves a module with two names changed."""
    model = copy.deepcopy(model)
    parts = x if isinstance(x, tuple) else (x,)
    theta = {name: p.detach() for name, p in trained(model).items()}
    rest = {name: p.detach() for name, p in model.named_parameters() if name not in theta}

    def scalar(theta, *one):
        output = functional_call(model, {**rest, **theta}, tuple(part.unsqueeze(0) for part in one))
        return scalar_of(f, output)[0]

    rows = vmap(grad(scalar), (None, *[0] * len(parts)))(theta, *parts)
    return torch.cat([rows[name].reshape(parts[0].shape[0], -1) for name in theta], 1)


def one_by_one(model, x, f):
    """(N, P): a backward pass of each sample alone."""
    parts = x if isinstance(x, tuple) else (x,)
    tensors = list(trained(model).values())
    rows = []
    for n in range(parts[0].shape[0]):
        value = scalar_of(f, model(*(part[n : n + 1] for part in parts)))[0]
        own = torch.autograd.grad(value, tensors, allow_unused=True)
        rows.append(torch.cat([(torch.zeros_like(p) if g is None else g).reshape(-1) for p, g in zip(tensors, own)]))
    return torch.stack(rows)


def in_the_batch(model, x, f):
    """(N, P): a backward pass of each sample's scalar, made of all samples together."""
    tensors = list(trained(model).values())
    values = scalar_of(f, model(*x) if isinstance(x, tuple) else model(x))
    rows = []
    for value in values:
        own = torch.autograd.grad(value, tensors, retain_graph=True, allow_unused=True)
        rows.append(torch.cat([(torch.zeros_like(p) if g is None else g).reshape(-1) for p, g in zip(tensors, own)]))
    return torch.stack(rows)


def off(found, right):
    """The largest difference, relative to the largest entry."""
    assert found.shape == right.shape
    return float((found - right).abs().max() / right.abs().max().clamp(min=1e-300))


def squares(output):
    return output.flatten(1).pow(2).sum(1)

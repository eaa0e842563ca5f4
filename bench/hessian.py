"""The third term of interference's derivative for 32 x 32 pairs on the Atari network: g_B . H_A g_B + g_A . H_B g_B of the largest
output, against a script of the usual kind (double backward passes, pair by pair), torch.func (jvp of a gradient, under vmap) and
curvlinops' Hessian products.

    .venv/bin/python bench/hessian.py [--growth] [--live [--set DIR]]

`--growth` prints how time and memory grow with the pairs and with the network. `--live` prints what r1, r2 and r3 every 1,000
updates add to policy evaluation by Q-learning from Atari's stored steps: DIR is a set of a game; without it 4,000 steps of random
play are collected first (ale-py)."""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import torch
from torch.func import functional_call, grad, jvp, vmap

from crosstalk._torch import engine
from gram import scalar, theta_of, torch_model
from timing import Line, duration, interleaved, once
from trajectories import collected, learn

PAIRS = 32
TIMES_FASTER = 60
MOST_ADDED = 0.10  # by r1, r2 and r3 every 1,000 updates
UPDATES = 120
STUDY = """
[task]
trajectories = "{set}"
[learner]
algorithm = "ql"
updates = {updates}
[probe]
every = EVERY
samples = 32
measures = [MEASURES]
"""
FEW = 4  # pairs that a peer is timed on; the others take as long each


def networks():
    return {"Atari": ((4, 84, 84), 9, engine().atari_layers(32)), "Atari, 16 channels": ((4, 84, 84), 9, engine().atari_layers(16)),
            "SARCOS": ((21,), 7, engine().plain_layers(64, 1))}  # fmt: skip


def sides(shape, outputs, layers, a, b):
    torch.manual_seed(0)
    model = torch_model(shape, outputs, layers)
    return model, torch.rand(a, *shape), torch.rand(b, *shape)


def ours(shape, outputs, layers, model, a, b):
    net, theta = engine().Network(list(shape), outputs, list(layers)), theta_of(model)
    x, y = a.numpy(), b.numpy()
    return lambda: net.third_term(theta, x, y, "max")


def double_backward(model, a, b):
    """One pair as a script has it: both gradients with their graphs, and the Hessian products H_A g_B, H_B g_B of the function and
    of its loss, four passes back through a pass back, for rho' and rho-bar'."""
    parameters = list(model.parameters())

    def dot(left, right):
        return sum((x * y).sum() for x, y in zip(left, right, strict=True))

    def term(of):
        at_a = torch.autograd.grad(of(a), parameters, create_graph=True)
        at_b = torch.autograd.grad(of(b), parameters, create_graph=True)
        held_a, held_b = [g.detach() for g in at_a], [g.detach() for g in at_b]
        by_a = torch.autograd.grad(dot(at_a, held_b), parameters, allow_unused=True)
        by_b = torch.autograd.grad(dot(at_b, held_b), parameters, allow_unused=True)
        return sum((x * y).sum() for x, y in zip(by_a, held_b, strict=True) if x is not None) + sum(
            (x * y).sum() for x, y in zip(by_b, held_a, strict=True) if x is not None
        )

    def function(x):
        return scalar(model(x.unsqueeze(0)), "max").sum()

    value = term(function)
    term(lambda x: (function(x) - 1) ** 2 / 2)
    return value.item()


def by_torch_func(model, a, b):
    """(A, B): a jvp of each sample's gradient along each gradient at B."""
    parameters = {name: p.detach() for name, p in model.named_parameters()}

    def gradient(parameters, x):
        def value(parameters):
            return scalar(functional_call(model, parameters, x.unsqueeze(0)), "max").sum()

        return grad(value)(parameters)

    rows = vmap(gradient, in_dims=(None, 0))(parameters, b)
    at_a = vmap(gradient, in_dims=(None, 0))(parameters, a)

    def product(x, v):
        return jvp(lambda p: gradient(p, x), (parameters,), (v,))[1]

    def dots(left, right, of):
        return sum(torch.einsum(of, left[name].flatten(-x), right[name].flatten(-x)) for name in left
                   if (x := parameters[name].dim()))  # fmt: skip

    own = vmap(product)(b, rows)
    bends = [dots(vmap(product, in_dims=(0, None))(a, {name: g[k] for name, g in rows.items()}),
                  {name: g[k] for name, g in rows.items()}, "np,p->n") for k in range(len(b))]  # fmt: skip
    return torch.stack(bends, 1) + dots(at_a, own, "np,kp->nk")


def by_curvlinops(model, a, b):
    """One pair by Hessian products of two samples' squared errors, each a linear operator of its own: what its operators take, as
    much work as those of the function."""
    from curvlinops import HessianLinearOperator

    parameters = [p for p in model.parameters() if p.requires_grad]
    target = torch.zeros(1, 9)

    def operator(x):
        return HessianLinearOperator(
            model, torch.nn.MSELoss(), parameters, [(x.unsqueeze(0), target)], check_deterministic=False
        )

    def gradient(x):
        of = torch.autograd.grad(torch.nn.functional.mse_loss(model(x.unsqueeze(0)), target), parameters)
        return torch.cat([g.flatten() for g in of])

    at_a, at_b = gradient(a), gradient(b)
    return (at_b @ (operator(a) @ at_b) + at_a @ (operator(b) @ at_b)).item()


def third_term(context) -> Line:
    shape, outputs, layers = networks()["Atari"]
    model, a, b = sides(shape, outputs, layers, PAIRS, PAIRS)
    run = ours(shape, outputs, layers, model, a, b)
    expected = double_backward(model, a[1], b[2])
    value = run()
    difference = abs(value[1, 2] - expected) / np.abs(value).max()
    if not difference < 1e-4:
        raise SystemExit(f"bench: r3: ours differs from double backward by {difference:.1e} of the largest entry")
    competitors = {"ours": run, "one": lambda: [double_backward(model, a[i], b[i + 1]) for i in range(FEW)]}
    seconds = interleaved(competitors, seconds=20, most=21)
    scale = PAIRS * PAIRS / FEW
    peers = {"double backward, pair by pair": seconds["one"] * scale}
    peers["torch.func, jvp under vmap"] = once(lambda: by_torch_func(model, a, b[:FEW])) * PAIRS / FEW
    notes = [
        f"largest difference to double backward {difference:.1e}; peers are timed on {FEW} pairs, or {FEW} directions"
    ]
    try:
        by_curvlinops(model, a[0], b[0])
        few = once(lambda: [by_curvlinops(model, a[i], b[i + 1]) for i in range(FEW)])
        peers["curvlinops, pair by pair"] = few * scale
    except ImportError:
        notes.append("curvlinops is not installed: pip install curvlinops-for-pytorch")
    return Line("r3, 32 x 32 pairs, Atari net", seconds["ours"], peers, "double backward, pair by pair", 1 / TIMES_FASTER, notes=notes)  # fmt: skip


def growth() -> None:
    """In a process of its own for each size, whose memory is then its own."""
    for name in networks():
        for pairs in (16, 32, 64, 128):
            subprocess.run([sys.executable, __file__, "--one", name, str(pairs)], check=True)


def one(name: str, pairs: int) -> None:
    shape, outputs, layers = networks()[name]
    model, a, b = sides(shape, outputs, layers, pairs, pairs)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    run = ours(shape, outputs, layers, model, a, b)
    run()
    seconds = min(once(run) for _ in range(3))
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(
        f"{name:20s} {pairs:4d} x {pairs:<4d} {duration(seconds):>10s}   {(most - before) / 1024:.0f} MB beside the network"
    )


def live(trajectories: Path | None) -> int:
    """Runs of one measurement and of four, with the terms and without, and the update's own time beside them."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if trajectories is None:
            trajectories = folder / "set"
            collected("ms_pacman", 4000, trajectories)

        def seconds(measures: str, every: int) -> float:
            text = STUDY.replace("MEASURES", measures).replace("EVERY", str(every))
            return learn(folder / f"{len(measures)}-{every}", trajectories.resolve(), UPDATES, 1, text)[0]

        terms = '"loss", "rho_prime.r1", "rho_prime.r2", "rho_prime.r3"'
        few, many = UPDATES, UPDATES // 4
        one = ((seconds(terms, many) - seconds(terms, few)) - (seconds('"loss"', many) - seconds('"loss"', few))) / 3
        update = seconds('"loss"', few + 1) / UPDATES
    share = one / (1000 * update)
    print(f"one measurement {duration(one)}, an update {duration(update)}: every 1,000 updates they add {share:.1%}")
    return 0 if share < MOST_ADDED else 1


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--growth", action="store_true")
    parser.add_argument("--live", action="store_true")
    parser.add_argument("--set", type=Path)
    parser.add_argument("--one", nargs=2, metavar=("NETWORK", "PAIRS"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    torch.set_num_threads(2)
    if options.one:
        one(options.one[0], int(options.one[1]))
        return 0
    if options.live:
        return live(options.set)
    if options.growth:
        growth()
        return 0
    line = third_term(None)
    print(f"{line.work}: ours {duration(line.ours)}")
    for peer, seconds in line.peers.items():
        print(f"{peer}: {duration(seconds)}, {seconds / line.ours:.0f} times as long")
    print("\n".join(line.notes))
    return 0 if line.peers[line.against] / line.ours >= TIMES_FASTER else 1


if __name__ == "__main__":
    raise SystemExit(main())

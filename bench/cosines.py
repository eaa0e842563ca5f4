"""Cosines of gradients along trajectories (probe.measures = ["cosine"]) on the Atari network, beside scripts of the usual kind.

    .venv/bin/python bench/cosines.py [--set DIR] [--samples 100]

Ours is what a sample adds to a measurement within a run: its gradient, those of its 61 neighbours, and the cosines. The
others have a batch of the 62 observations and make what they can: BackPACK the gradients of all of them (BatchGrad) and
their products, TorchJD their Gram matrix (autogram). DIR is a set of an Atari game; without it 4,000 steps of random play are
collected first (ale-py). Prints seconds for a sample, the ratios, and the memory of the worker that measures 2,000 samples."""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import torch
from crosstalk._torch import engine
from gram import scalar, torch_model
from timing import duration, interleaved
from trajectories import collected, learn

OFFSETS = 30
AHEAD_OF_BACKPACK, AHEAD_OF_TORCHJD = 5, 3
STUDY = """
[task]
trajectories = "{{set}}"
[learner]
algorithm = "dqn"
updates = {{updates}}
[probe]
every = {{updates}}
samples = {samples}
others = 1
offsets = {offsets}
measures = ["cosine"]
"""


def ours(folder: Path, trajectories: Path, samples: int) -> tuple[float, int]:
    """Seconds of a run of one update that measures before it and after it, and the most private memory of its worker."""
    study = STUDY.format(samples=samples, offsets=OFFSETS)
    seconds, most = learn(folder / f"{samples}", trajectories, 1, 1, study)
    return seconds, most[0]


def cosines(products: torch.Tensor) -> torch.Tensor:
    """Of the first row with the others."""
    lengths = products.diagonal().sqrt()
    return products[0] / (lengths[0] * lengths)


def peers() -> dict:
    """{name: seconds} of one sample with its neighbours; those that are not installed are left out."""
    layers = engine().atari_layers(32)
    x = torch.randint(0, 256, (2 * OFFSETS + 2, 4, 84, 84)).float() / 255
    competitors = {}
    try:
        from backpack import backpack, extend
        from backpack.extensions import BatchGrad

        extended = extend(torch_model((4, 84, 84), 9, layers))

        def by_backpack():
            extended.zero_grad()
            with backpack(BatchGrad()):
                scalar(extended(x), "max").sum().backward()
            rows = torch.cat([parameter.grad_batch.flatten(1) for parameter in extended.parameters()], 1)
            return cosines(rows @ rows.T)

        competitors["BackPACK"] = by_backpack
    except ImportError:
        print("BackPACK is not installed: pip install backpack-for-pytorch")
    try:
        from torchjd.autogram import Engine

        model = torch_model((4, 84, 84), 9, layers)
        grams = Engine(model, batch_dim=0)
        competitors["TorchJD"] = lambda: cosines(grams.compute_gramian(scalar(model(x), "max")))
    except ImportError:
        print("TorchJD is not installed: pip install torchjd")
    return interleaved(competitors, seconds=10, most=21)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--set", type=Path)
    parser.add_argument("--samples", type=int, default=100)
    options = parser.parse_args()
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        trajectories = options.set
        if trajectories is None:
            trajectories = folder / "set"
            collected("ms_pacman", 4000, trajectories)
        few, many = (ours(folder, trajectories, count)[0] for count in (options.samples, 3 * options.samples))
        # Two sets are measured, training and test steps, before the update and after it.
        sample = (many - few) / (2 * options.samples * 4)
        print(f"ours, a sample with {2 * OFFSETS + 1} neighbours: {duration(sample)}")
        slower = {}
        for peer, seconds in peers().items():
            slower[peer] = seconds / sample
            print(f"{peer}: {duration(seconds)}, {slower[peer]:.1f} times as long")
        memory = ours(folder, trajectories, 2000)[1]
        print(f"private memory of a worker that measures 2,000 samples: {memory / 1e6:.0f} MB")
    wanted = {"BackPACK": AHEAD_OF_BACKPACK, "TorchJD": AHEAD_OF_TORCHJD}
    return 0 if all(ratio >= wanted[peer] for peer, ratio in slower.items()) else 1


if __name__ == "__main__":
    raise SystemExit(main())

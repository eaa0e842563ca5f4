"""The Gram matrix of a user's own torch module: ours beside TorchJD, BackPACK, torch.func, nngeometry and Opacus, and beside
the model's own forward and backward pass, on four networks and three numbers of samples; times, memory, agreement.

    python bench/own_network.py [--threads 2] [--only mlp] [--samples 32 128] [--rounds 5] [--memory]

Peers that are not installed are left out. Every method runs in turns with the others; --memory runs each in a process of its
own and prints its peak beside that of the model's own passes."""

from __future__ import annotations

import argparse
import copy
import json
import resource
import subprocess
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from random import Random
from statistics import median

sys.path.insert(0, str(Path(__file__).resolve().parent))

import torch  # noqa: E402
from torch import Tensor, nn  # noqa: E402

from own_models import MODELS, largest  # noqa: E402
from timing import Line, interleaved  # noqa: E402

Method = Callable[[nn.Module, Tensor], Callable[[], Tensor | None]]


def own_passes(model: nn.Module, x: Tensor) -> Callable[[], None]:
    def run() -> None:
        model.zero_grad()
        largest(model(x)).sum().backward()

    return run


def ours(model: nn.Module, x: Tensor) -> Callable[[], Tensor]:
    import crosstalk

    return lambda: crosstalk.gram(model, x, largest)


def unchecked(model: nn.Module, x: Tensor) -> Callable[[], Tensor]:
    """As every call but the first of a shape is."""
    import crosstalk

    return lambda: crosstalk.gram(model, x, largest, check="off")


def torchjd(model: nn.Module, x: Tensor) -> Callable[[], Tensor]:
    from torchjd.autogram import Engine

    engine = Engine(model, batch_dim=0)
    return lambda: engine.compute_gramian(largest(model(x)))


def torch_func(model: nn.Module, x: Tensor) -> Callable[[], Tensor]:
    parameters = {name: p.detach() for name, p in model.named_parameters()}

    def one(parameters: dict[str, Tensor], sample: Tensor) -> Tensor:
        return largest(torch.func.functional_call(model, parameters, (sample[None],)))[0]

    gradients = torch.func.vmap(torch.func.grad(one), (None, 0))

    def run() -> Tensor:
        rows, total = gradients(parameters, x), torch.zeros(len(x), len(x))
        for name in list(rows):
            row = rows.pop(name).reshape(len(x), -1)
            total.addmm_(row, row.t())
        return total

    return run


def backpack(model: nn.Module, x: Tensor) -> Callable[[], Tensor]:
    from backpack import backpack as extended
    from backpack import extend
    from backpack.extensions import BatchGrad

    model = extend(model)

    def run() -> Tensor:
        model.zero_grad()
        values = largest(model(x)).sum()
        with extended(BatchGrad()):
            values.backward()
        total = torch.zeros(len(x), len(x))
        for p in model.parameters():
            row = p.grad_batch.reshape(len(x), -1)
            total.addmm_(row, row.t())
            del p.grad_batch
        return total

    return run


def opacus(model: nn.Module, x: Tensor) -> Callable[[], Tensor]:
    from opacus.grad_sample import GradSampleModule

    model = GradSampleModule(model, loss_reduction="sum")

    def run() -> Tensor:
        model.zero_grad()
        largest(model(x)).sum().backward()
        total = torch.zeros(len(x), len(x))
        for p in model.parameters():
            row = p.grad_sample.reshape(len(x), -1)
            total.addmm_(row, row.t())
            p.grad_sample = None
        return total

    return run


def nngeometry(model: nn.Module, x: Tensor) -> Callable[[], Tensor]:
    from nngeometry import GramMatrix
    from torch.utils.data import DataLoader, TensorDataset

    loader = DataLoader(TensorDataset(x.clone()), batch_size=len(x))

    def run() -> Tensor:
        return GramMatrix(model, loader, function=lambda *data: largest(model(data[0]))[:, None]).data.view(
            len(x), len(x)
        )

    return run


METHODS: dict[str, Method] = {
    "own passes": own_passes,
    "ours": ours,
    "unchecked": unchecked,
    "TorchJD": torchjd,
    "torch.func": torch_func,
    "BackPACK": backpack,
    "Opacus": opacus,
    "nngeometry": nngeometry,
}


def times(name: str, samples: int, rounds: int, methods: list[str]) -> dict[str, str | float]:
    model, x = MODELS[name](samples)
    runs, said = {}, {}
    for method in methods:
        try:
            run = METHODS[method](copy.deepcopy(model), x)
            said[f"{method}: G"] = run()
            runs[method] = run
        except Exception as error:  # noqa: BLE001  a peer that fails is a result
            said[method] = f"{type(error).__name__}: {str(error).splitlines()[0][:60]}"
    taken: dict[str, list[float]] = {method: [] for method in runs}
    for turn in range(rounds):
        # Another order each turn: what one method leaves in the caches must not be always the same other's.
        for method in Random(turn).sample(list(runs), len(runs)):
            begin = time.perf_counter()
            runs[method]()
            taken[method].append(time.perf_counter() - begin)
    truth = said.pop("ours: G")
    for method in list(runs):
        found = said.pop(f"{method}: G", None)
        if isinstance(found, Tensor) and float((found - truth).abs().max() / truth.abs().max()) > 1e-3:
            said[method] = f"another answer, by {float((found - truth).abs().max() / truth.abs().max()):.2g}"
    return {**said, **{method: median(each) for method, each in taken.items()} | _wrong(said, taken)}


def _wrong(said: dict, taken: dict[str, list[float]]) -> dict[str, str]:
    return {method: f"{median(taken[method]):.4g} s, but {said[method]}" for method in said if method in taken}


def tied() -> None:
    """Two linear layers with one weight, in double precision: how far each method is from autograd, sample by sample."""
    torch.manual_seed(0)
    first, last = nn.Linear(8, 8), nn.Linear(8, 8)
    last.weight = first.weight
    model, x = nn.Sequential(first, nn.Tanh(), last).double(), torch.randn(6, 8).double()
    torch.set_default_dtype(torch.float64)
    parameters = list(model.parameters())
    rows = [torch.autograd.grad(value, parameters, retain_graph=True) for value in largest(model(x))]
    jacobian = torch.stack([torch.cat([part.flatten() for part in row]) for row in rows])
    truth = jacobian @ jacobian.T
    print("\ntwo linear layers with one weight: largest difference from autograd, of the largest number")
    for method in [each for each in METHODS if each != "own passes"]:
        try:
            off = float((METHODS[method](copy.deepcopy(model), x)() - truth).abs().max() / truth.abs().max())
            print(f"  {method:12s} {off:9.1e}{'   wrong without a word' if off > 1e-6 else ''}")
        except Exception as error:  # noqa: BLE001  a peer that fails is a result
            print(f"  {method:12s} {type(error).__name__}: {str(error).splitlines()[0][:60]}")
    torch.set_default_dtype(torch.float32)


def peak(name: str, samples: int, method: str) -> None:
    """In a process of its own: the peak above what it held before."""
    model, x = MODELS[name](samples)
    small = MODELS[name](2)[1]
    METHODS[method](copy.deepcopy(model), small)()  # libraries are loaded and threads have begun
    run = METHODS[method](model, x)
    before = int(next(line for line in open("/proc/self/status") if line.startswith("VmRSS")).split()[1])
    run()
    print(json.dumps((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024))


def mlp_row(context: object) -> Line:
    return _row("mlp", 128, 1.5)


def atari_row(context: object) -> Line:
    return _row("atari", 128, 1.3)


def _row(name: str, samples: int, target: float) -> Line:
    """For bench/run.py: beside the model's own passes, and torch.func's way."""
    model, x = MODELS[name](samples)
    methods = ("unchecked", "own passes", "torch.func")
    taken = interleaved({method: METHODS[method](copy.deepcopy(model), x) for method in methods})
    return Line(f"a user's own {name}, Gram, N = {samples}", taken.pop("unchecked"), taken, "own passes", target)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--only", nargs="*", choices=MODELS, default=list(MODELS))
    parser.add_argument("--samples", nargs="*", type=int, default=[32, 128, 512])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--methods", nargs="*", choices=METHODS, default=list(METHODS))
    parser.add_argument("--memory", action="store_true")
    parser.add_argument("--peak", nargs=3, metavar=("MODEL", "N", "METHOD"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    warnings.filterwarnings("ignore")
    torch.set_num_threads(options.threads)
    if options.peak:
        peak(options.peak[0], int(options.peak[1]), options.peak[2])
        return
    for name in options.only:
        for samples in options.samples:
            print(f"\n{name}, N = {samples}")
            if options.memory:
                for method in options.methods:
                    command = [
                        sys.executable,
                        "-P",
                        __file__,
                        "--peak",
                        name,
                        str(samples),
                        method,
                        "--threads",
                        str(options.threads),
                    ]
                    ran = subprocess.run(command, capture_output=True, text=True)
                    last = (
                        ran.stderr.strip().splitlines()[-1][:70] if ran.returncode and ran.stderr.strip() else "killed"
                    )
                    print(
                        f"  {method:12s} {f'{float(ran.stdout):8.0f} MB' if ran.returncode == 0 else last}", flush=True
                    )
                continue
            found = times(
                name, samples, options.rounds, ["own passes", *[m for m in options.methods if m != "own passes"]]
            )
            own = found["own passes"]
            for method, value in found.items():
                shown = value if isinstance(value, str) else f"{1e3 * value:9.2f} ms  {value / own:6.2f}"
                print(f"  {method:12s} {shown}", flush=True)
    tied()


if __name__ == "__main__":
    main()

"""Times that can be set beside each other: competitors take turns within one run, and medians are compared, so that a
noisy minute hits all of them."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass
class Line:
    """One line of the table: what was done, by whom, in how many seconds, and what the target says of the ratio."""

    work: str
    ours: float
    peers: dict[str, float]  # name -> seconds
    against: str = ""  # the peer that the target speaks of
    target: float | None = None  # ours / against at most
    gflop: float | None = None  # arithmetic in our way of doing it
    notes: list[str] = field(default_factory=list)


def once(function: Callable[[], object]) -> float:
    start = time.perf_counter()
    function()
    return time.perf_counter() - start


def interleaved(
    competitors: dict[str, Callable[[], object]], seconds: float = 6.0, most: int = 201
) -> dict[str, float]:
    """Median seconds of each competitor, which take turns, each round begun by the next of them: what a big one leaves of
    caches and memory meets all alike. Those that take more than five times as long as the fastest have every fifth round."""
    times: dict[str, list[float]] = {name: [] for name in competitors}
    trial = {
        name: min(once(function), once(function)) for name, function in competitors.items()
    }  # also allocates, compiles
    slow = {name for name, taken in trial.items() if taken > 5 * min(trial.values())}
    names = list(competitors)
    start = time.perf_counter()
    rounds = 0
    while rounds < most and (rounds < 21 or time.perf_counter() - start < seconds):
        for name in names[rounds % len(names) :] + names[: rounds % len(names)]:
            if name not in slow or rounds % 5 == 0:
                times[name].append(once(competitors[name]))
        rounds += 1
    return {name: statistics.median(values) for name, values in times.items()}


def gemm_peak() -> float:
    """GFLOPS of products that fit the last cache: the best of several sizes and tries, of torch's sgemm (MKL) and of
    convolutions, which are oneDNN's products: which of the two is the faster depends on the processor's maker."""
    import torch
    from torch.nn.functional import conv2d

    best = 0.0
    for size in (768, 1024, 1536, 2048):
        a, b, c = (torch.randn(size, size) for _ in range(3))
        for _ in range(12):
            best = max(best, 2 * size**3 / once(lambda: torch.mm(a, b, out=c)) / 1e9)
    for count, width, size, kernel in ((32, 256, 16, 1), (128, 64, 9, 3)):
        images, weight = torch.randn(count, width, size, size), torch.randn(width, width, kernel, kernel)
        flop = 2 * count * (size - kernel + 1) ** 2 * (width * kernel) ** 2
        for _ in range(40):
            best = max(best, flop / once(lambda: conv2d(images, weight)) / 1e9)
    return best


def duration(seconds: float) -> str:
    if seconds < 1e-3:
        return f"{seconds * 1e6:.1f} us"
    return f"{seconds * 1e3:.3g} ms" if seconds < 1 else f"{seconds:.3g} s"

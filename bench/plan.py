"""The cost model of the Gram beside the clock: for each layer the prediction and the time of every method it has, and
whether the method chosen is the faster one."""

from __future__ import annotations

import numpy as np

from crosstalk._torch import engine
from timing import duration, interleaved


def networks():
    crosstalk = engine()
    return {
        "CIFAR agent net, N = 128": ([4, 32, 32], 14, crosstalk.image_layers(16, 1, 4), 128),
        "Atari net, N = 64": ([4, 84, 84], 9, crosstalk.atari_layers(32), 64),
        "SARCOS net, N = 128": ([21], 7, crosstalk.plain_layers(64, 1), 128),
        "deep, small maps, N = 32": (
            [3, 18, 18],
            10,
            [
                "conv 64 3 stride 3",
                "relu",
                "conv 128 3 stride 2",
                "relu",
                "conv 256 2",
                "relu",
                "flatten",
                "linear out",
            ],
            32,
        ),
    }


def table() -> list[str]:
    crosstalk, random = engine(), np.random.default_rng(0)
    lines, wrong, layers_seen = [], 0, 0
    for name, (shape, outputs, layers, n) in networks().items():
        net = crosstalk.Network(shape, outputs, layers)
        theta = random.normal(0, 0.05, net.parameters).astype(np.float32)
        trace = net.trace(theta, random.random((n, *shape), dtype=np.float32), "max")
        lines.append(name)
        costs: dict[str, list] = {}
        for layer, method, seconds, _, chosen in crosstalk.plan_costs(trace):
            costs.setdefault(layer, []).append((method, seconds, chosen))
        for index, (layer, methods) in enumerate(costs.items()):
            times = interleaved(
                {method: (lambda m=method: crosstalk.layer_gram(trace, index, m)) for method, _, _ in methods}, 0.5, 21
            )
            chosen = next(method for method, _, c in methods if c)
            layers_seen += 1
            right = times[chosen] <= 1.1 * min(times.values())
            wrong += not right
            parts = [
                f"{'*' if c else ' '} {method} {duration(times[method])} (predicted {duration(seconds)})"
                for method, seconds, c in methods
            ]
            lines.append(f"  {layer:24s} " + "   ".join(parts) + ("" if right else "   NOT THE FASTEST"))
    lines.append(f"the method chosen (*) is the faster one for {layers_seen - wrong} of {layers_seen} layers")
    return lines

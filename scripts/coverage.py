"""How often each kind of 90% interval holds the truth, by simulation: the table of docs/statistics.md.

    .venv/bin/python scripts/coverage.py [TRIALS]

A row is a kind of interval; its numbers are the lowest and the highest share over shapes and over eleven scenarios each:
r = -0.9, -0.5, 0, 0.5, 0.9 with a tenth and with six tenths of the variance between seeds, and heavy tails. A second table is
that of a line of figureReturn: a few seeds of one configuration."""

import sys
from itertools import product

import numpy as np
from crosstalk._cli import stats

SHAPES = {"4x4": (4, 4), "6x1": (6, 1), "6x2": (6, 2), "6x3": (6, 3), "12x3": (12, 3), "24x4": (24, 4)}
KINDS = [  # name, what is simulated, numbers of levels
    ("r", "r", (1,)),
    ("r given the number of examples", "given level", (3, 5)),
    ("r within cells (seeds alone)", "within cell", (1,)),
    ("r pooled over sizes", "pooled", (3, 5)),
    ("mean", "mean", (1,)),
    ("median", "median", (1,)),
    ("slope", "slope", (1,)),
    ("height of a line", "height", (1,)),
    ("difference of two r", "difference", (1,)),
    ("paired difference of two r", "paired", (1,)),
]
SCENARIOS = [{"r": r, "within": within} for r, within in product((-0.9, -0.5, 0, 0.5, 0.9), (0.1, 0.6))]
SCENARIOS += [{"r": 0.5, "within": 0.2, "heavy": True}]

SEEDS = (3, 5, 10, 20)
RETURNS = {  # how the returns of seeds are spread: draws of so many
    "normal": lambda rng, shape: rng.normal(size=shape),
    "Student's t, 5 degrees": lambda rng, shape: rng.standard_t(5, size=shape),
    "lognormal": lambda rng, shape: rng.lognormal(size=shape),
    "one seed in five fails": lambda rng, shape: rng.normal(size=shape) - 10 * (rng.random(shape) < 0.2),
}


def of_few_seeds(trials):
    """How often the interval of the interquartile mean holds that of the distribution, and that of the mean (the jackknife over
    seeds) holds its mean."""
    print("| returns | interval of | " + " | ".join(f"{seeds} seeds" for seeds in SEEDS) + " |")
    print("| --- | --- |" + " --- |" * len(SEEDS))
    for title, draw in RETURNS.items():
        many = np.sort(draw(np.random.default_rng(0), 2_000_000))
        truths = {"interquartile mean": many[len(many) // 4 : -(len(many) // 4)].mean(), "mean": many.mean()}
        for statistic, truth in truths.items():
            cells = []
            for seeds in SEEDS:
                held, there = 0, 0
                for trial, values in enumerate(draw(np.random.default_rng(seeds), (trials, seeds)).tolist()):
                    if statistic == "mean":
                        interval = stats.mean([values], list(range(seeds)))[1]
                    else:
                        interval = stats.interquartile_interval([values], f"coverage/{trial}")
                    there += interval is not None
                    held += interval is not None and interval[0] <= truth <= interval[1]
                cells.append(f"{held / there:.2f}" if there else "none")
            print(f"| {title} | {statistic} | " + " | ".join(cells) + " |", flush=True)


def main(trials):
    print("| interval | " + " | ".join(SHAPES) + " | largest error of a side |")
    print("| --- | " + "--- | " * (len(SHAPES) + 1))
    for title, quantity, levels in KINDS:
        cells, worst = [], 0.0
        for configurations, seeds in SHAPES.values():
            shares = []
            for scenario, count in product(SCENARIOS, levels):
                if seeds == 1 and quantity == "within cell":
                    continue
                holds, above, below, _ = stats.simulate_coverage(
                    quantity, configurations, seeds, levels=count, trials=trials, **scenario
                )
                if holds + above + below == 0:  # there is no interval of this kind
                    continue
                shares.append(holds)
                worst = max(worst, above, below)
            cells.append(f"{min(shares):.2f} to {max(shares):.2f}" if shares else "none")
        print(f"| {title} | " + " | ".join(cells) + f" | {worst:.3f} |", flush=True)
    runs = []
    for configurations, seeds in SHAPES.values():
        shares = [stats.simulate_coverage("r", configurations, seeds, trials=trials // 4, resamples=300, **scenario)[3]
                  for scenario in SCENARIOS]  # fmt: skip
        runs.append(f"{min(shares):.2f} to {max(shares):.2f}")
    print("| r, the paper's, over runs | " + " | ".join(runs) + " | |\n")
    of_few_seeds(trials)


if __name__ == "__main__":
    given = sys.argv[1] if len(sys.argv) > 1 else "2000"
    if not given.isdecimal() or int(given) < 100:
        sys.exit(f"scripts/coverage.py: TRIALS is a whole number from 100 on, not {given}")
    main(int(given))

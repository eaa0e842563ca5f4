"""How often each kind of 90% interval holds the truth, by simulation: the table of docs/statistics.md.

    .venv/bin/python scripts/coverage.py [TRIALS]

A row is a kind of interval; its numbers are the lowest and the highest share over shapes and over eleven scenarios each:
r = -0.9, -0.5, 0, 0.5, 0.9 with a tenth and with six tenths of the variance between seeds, and heavy tails."""

import sys
from itertools import product

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
    ("difference of two r by pairs", "paired", (1,)),
]
SCENARIOS = [{"r": r, "within": within} for r, within in product((-0.9, -0.5, 0, 0.5, 0.9), (0.1, 0.6))]
SCENARIOS += [{"r": 0.5, "within": 0.2, "heavy": True}]


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
    print("| r, the paper's, over runs | " + " | ".join(runs) + " | |")


if __name__ == "__main__":
    given = sys.argv[1] if len(sys.argv) > 1 else "2000"
    if not given.isdecimal() or int(given) < 100:
        sys.exit(f"scripts/coverage.py: TRIALS is a whole number from 100 on, not {given}")
    main(int(given))

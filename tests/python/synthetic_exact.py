"""A bundle of runs without examples that nobody ran: a sweep over two numbers, an environment in which one of two learners diverges, and
arrays. The columns are those of docs/figures.md."""

import numpy as np

from crosstalk.report.bundle import Table

LINES = ["experiment", "panel", "key", "line", "number", "unit"]
CURVES = [*LINES, "measure", "split", "label", "axis", "diverged", "drawn", "step", "mean", "low", "high", "n", "configurations", "no_interval"]
ENDS = [*LINES, "measure", "split", "label", "runs", "diverged", "first", "last", "low", "high", "n", "no_interval"]
LOST = [*LINES, "step", "runs"]
MEANS = ["panel", "x_key", "line_key", "line", "number", "measure", "split", "label", "drawn", "better", "start", "x", "mean", "low", "high", "n",
         "diverged", "no_interval"]  # fmt: skip
OFFSETS = ["experiment", "panel", "key", "line", "number", "array", "split", "label", "offset", "mean", "low", "high",
           "transitions", "n", "no_interval"]  # fmt: skip
ARRAYS = ["experiment", "panel", "key", "line", "number", "array", "split", "label", "axis", "place", "name", "mean", "low", "high", "n",
          "no_interval"]  # fmt: skip
LAMBDAS, RATES, START = (0, 0.5, 0.9), (0.1, 0.2, 0.4, 0.8, 1.0), 0.55
ERROR = ["value_error", "states", "value error (states)"]


def whole_run(lambda_, rate):
    """A valley that moves to smaller steps with a larger lambda; beyond them it is worse than before learning."""
    return 0.25 + 0.4 * (np.log(rate) - np.log(0.8 - 0.6 * lambda_)) ** 2 * (1 + lambda_) / 4


def of_walk():
    curves, ends, lost, means = [], [], [], []
    for lambda_ in LAMBDAS:
        name = f"walk (learner.lambda {lambda_:g})"
        for rate in RATES:
            head = [name, name, "learner.rate", f"learner.rate {rate:g}", rate, "episodes"]
            end, gone = whole_run(lambda_, rate), 3 if (lambda_, rate) == (0.9, 1.0) else 0
            for step in range(11):
                value = START + (end - START) * (1 - 0.7**step)
                curves.append([*head, *ERROR, "value error", False, True, step, value, value - 0.02, value + 0.02, 10 - gone, 10 - gone, None])
            if gone:
                curves += [[*head, *ERROR, "value error", True, True, step, START * 9.0**step, None, None, gone, gone, "too few"]
                           for step in range(4)]  # fmt: skip
                lost.append([*head, 3, gone])
            ends.append([*head, *ERROR, 10, gone, START, value, value - 0.02, value + 0.02, 10 - gone, None])
            means.append(["walk", "learner.rate", "learner.lambda", f"{lambda_:g}", lambda_, *ERROR, True, "less", START, rate, end, end - 0.02,
                          end + 0.02, 10 - gone, gone, None])  # fmt: skip
    return curves, ends, lost, means


def of_baird():
    """One learner keeps within bounds; of the other no run is done."""
    curves, ends = [], []
    kept, gone = ([f"baird (learner.algorithm {name})", "baird", "", "", None, "updates"] for name in ("residual", "td-lambda"))
    for step in range(0, 101, 10):
        value = 3 * 0.98**step
        curves.append([*kept, *ERROR, "value error", False, True, step, value, value * 0.9, value * 1.1, 5, 5, None])
    curves += [[*gone, *ERROR, "value error", True, True, step, 3 * 1.8**step, None, None, 5, 5, None] for step in range(0, 51, 10)]
    ends.append([*kept, *ERROR, 5, 0, 3.0, value, value * 0.9, value * 1.1, 5, None])
    ends.append([*gone, *ERROR, 5, 5, None, None, None, None, 0, "no value"])
    return curves, ends, [[*gone, 50, 5]]


def of_arrays():
    rows = []
    for lambda_ in LAMBDAS:
        head = [f"walk (learner.lambda {lambda_:g})", "walk", "", "", None]
        for offset in range(-5, 6):
            value = np.exp(-abs(offset) / (1 + 4 * lambda_)) - 0.1
            rows.append([*head, "by_offset", "states", "by offset (states)", "offset", offset, None, value, value - 0.05, value + 0.05, 10, None])
    head = ["grid", "grid", "", "", None, "action_value", "states", "action value (states)", "action"]
    return rows + [[*head, at, name, at - 0.5, at - 0.7, at - 0.3, 10, None] for at, name in enumerate(("up", "down"))]


def of_offsets():
    """Loss differences of two learners around what they update: half of it stays at the neighbours of one, none of the other."""
    rows, others = [], []
    for name, share in (("mc", 0.5), ("dqn", 0.0)):
        head = [f"walk (learner.algorithm {name})", "walk", "", "", None, "loss_difference", "neighbours", "loss difference (neighbours)"]
        for offset in range(-30, 31):
            value = 1.0 if offset == 0 else share * np.exp(-abs(offset) / 6) - 0.01
            rows.append([*head, offset, value, value - 0.02, value + 0.02, 320, 5, None])
        others.append([*head, None, 0.05, 0.03, 0.07, None, 5, None])
    return {"curves": (OFFSETS, rows), "others": (OFFSETS, others)}


SIGNS = ["panel", "key", "line", "number", "size_key", "size", "measure", "split", "label", "axis", "variance", "variance_low", "variance_high",
         "mean", "low", "high", "n", "diverged", "no_interval"]  # fmt: skip


def signs():
    """Tables of figureSigns, three rates and four widths: with the rate the signs vary more, and so does interference, and less is earned."""
    rows = []
    for measure, split, label in (("return", "evaluation", "return"), ("function_interference", "seen-seen", "function interference")):
        for i, rate in enumerate((1e-4, 1e-3, 1e-2)):
            for j, width in enumerate((8, 16, 32, 64)):
                variance = 0.2 + 0.2 * i + 0.04 * j
                value = 100 - 130 * variance if measure == "return" else np.exp(8 * variance - 3)
                rows.append(["grid", "learner.rate", f"learner.rate {rate:g}", rate, "network.hidden", width, measure, split, label, label, variance,
                             variance - 0.02, variance + 0.02, value, 0.9 * value, 1.1 * value, 5, 2 if (i, j) == (2, 3) else 0, None])  # fmt: skip
    return {"points": Table(SIGNS, rows)}


RETURNS = [*LINES, "split", "statistic", "label", "axis", "step", "value", "low", "high", "n", "configurations", "no_interval"]
BEATEN = ["panel", "split", "policy", "label", "value", "min", "max", "n"]


def returns():
    """Tables of figureReturn: two learners on a grid, of one of which a seed fails, so that its mean is low; three seeds have no
    interval of the mean."""
    rows = []
    for name, fails in (("dqn", 0), ("ql", 90)):
        head = [f"grid (learner.algorithm {name})", "grid", "", "", None, "steps", "evaluation"]
        for step in range(0, 1001, 100):
            middle = -100 * 0.99 ** (step / 4)
            rows.append([*head, "mean", "mean return", "mean return (reward)", step, middle - fails, None, None, 3, 3, "fewer than 4"])
            rows.append([*head, "interquartile mean", "interquartile mean return", "interquartile mean return (reward)", step, middle,
                         middle - fails, middle + 1, 3, 3, None])  # fmt: skip
    beaten = ["grid", "evaluation", "random", "a policy that acts at random", -150.0, -160.0, -140.0, 6]
    return {"curves": Table(RETURNS, rows), "lines": Table(BEATEN, [beaten])}


def matrix():
    labels = list(range(1, 8))
    values = [float(np.exp(-abs(a - b))) for a in labels for b in labels]
    axes = [{"name": "state", "labels": labels}, {"name": "state", "labels": labels}]
    return {"run": "a" * 16, "experiment": "walk (learner.lambda 0)", "nT": None, "name": "state_gram", "split": "states", "step": 10,
            "shape": [7, 7], "values": values, "axes": axes, "rows": [], "labels": []}  # fmt: skip


def build():
    curves, ends, lost, means = of_walk()
    more = of_baird()
    tables = {
        "figureMeasures": {"curves": (CURVES, curves + more[0]), "ends": (ENDS, ends + more[1]), "lost": (LOST, lost + more[2]),
                           "runs": (["run", "measure", "split", "label", "last"], [["a" * 16, *ERROR, 0.2512]])},
        "figureSweep": {"means": (MEANS, means)}, "figureOffsets": of_offsets(), "figureArrays": {"curves": (ARRAYS, of_arrays())},
    }  # fmt: skip
    titles = {"figureMeasures": "What the runs measured, over training", "figureSweep": "What a whole run comes to",
              "figureOffsets": "Along trajectories", "figureArrays": "What the runs measured along an axis"}  # fmt: skip
    figures = [{"name": name, "title": titles[name], "caption": "How this is drawn.", "alternative": f"{titles[name]}: it falls.",
                "alternatives": {}, "facts": {}, "notes": [],
                "tables": {table: {"columns": columns, "rows": rows} for table, (columns, rows) in tables[name].items()}}
               for name in tables]  # fmt: skip
    configuration = {"task.kind": "evaluate", "task.environment": "random-walk", "learner.algorithm": "td-lambda", "learner.lambda": 0,
                     "learner.rate": 0.1, "probe.unit": "episodes"}  # fmt: skip
    record = {"seed": 0, "message": "", "seconds": 1.5, "machine": {"host": "here", "torch": "2.13.0", "isa": "AVX2"}, "folder": 0, "data": None,
              "configuration": configuration}  # fmt: skip
    runs = [{"run": "a" * 16, "experiment": "walk (learner.lambda 0)", "status": "done", **record},
            {"run": "b" * 16, "experiment": "baird (learner.algorithm td-lambda)", "status": "diverged", **record,
             "message": "the loss is inf at step 51"}]  # fmt: skip
    study = {"folder": "exact", "name": "exact", "scale": "", "created": "2026-03-01T10:00:00Z", "text": "seeds = 10\n", "options": {"sets": []},
             "json": {"title": "Exact environments", "description": "Which step does TD want?"}}  # fmt: skip
    return {"crosstalk": "0.1.0", "study": study, "studies": [study], "swept": ["learner.lambda", "learner.rate"], "runs": runs, "data": [],
            "figures": figures, "claims": {"rows": [], "facts": {}}, "grams": [], "matrices": [matrix()], "notes": [],
            "by": ["learner.lambda"], "pooled": [], "where": [], "cautions": []}  # fmt: skip

"""A bundle as the command line makes it (docs/figures.md), of runs that were never run: known shapes, any size."""

import json
import struct

import numpy as np
import synthetic_curves

MAIN = "quarter/train-train"
READINGS = [
    (m, i)
    for m in ("quarter", "last", "early")
    for i in ("train-train", "train-test", "stiffness", "function-stiffness")
]
RELATION = ["r", "low", "high", "runs_low", "runs_high", "n", "configurations", "undefined", "no_interval"]


def relation(rng, x, y, configurations):
    if len(x) < 3 or np.std(x) == 0 or np.std(y) == 0:
        return [None, None, None, None, None, len(x), configurations, "it does not vary", "it does not vary"]
    r = float(np.corrcoef(x, y)[0, 1])
    draws = []
    for _ in range(60):
        i = rng.integers(len(x), size=len(x))
        if np.std(x[i]) > 0 and np.std(y[i]) > 0:
            draws.append(np.corrcoef(x[i], y[i])[0, 1])
    low, high = (float(v) for v in np.quantile(draws, [0.05, 0.95]))
    if configurations < 4:
        return [r, None, None, low, high, len(x), configurations, None, "fewer than 4 configurations"]
    return [r, max(-1.0, low - 0.06), min(1.0, high + 0.04), low, high, len(x), configurations, None, None]


def facts_of(key, cells):
    names = ["r", "low", "high", "runs-low", "runs-high", "n", "configurations"]
    return {f"{key}/{name}": cell for name, cell in zip(names, cells, strict=False)}


def within(values, cells):
    """The values less their cell's mean."""
    means = {cell: np.mean([v for v, c in zip(values, cells, strict=True) if c == cell]) for cell in set(cells)}
    return np.array([value - means[cell] for value, cell in zip(values, cells, strict=True)])


def make_runs(rng, name, kind, panel, sizes, hiddens, depths, seeds, sign):
    runs, number = [], 0
    for size in sizes:
        for hidden in hiddens:
            for depth in depths:
                for seed in range(seeds):
                    number += 1
                    push = rng.normal() * 0.6 + 0.3 * np.log(hidden)
                    base = 1 / (1 + size / 150) if kind != "regress" else 0.06 / (1 + size / 400)
                    gap = base * (1 + sign * 0.25 * push + rng.normal() * 0.1)
                    runs.append({
                        "run": f"{abs(hash((name, number))) % 16**16:016x}", "experiment": name, "kind": kind, "panel": panel,
                        "nT": size, "hidden": hidden, "depth": depth, "seed": seed, "gap": gap, "configuration": (size, hidden, depth),
                        "mean": float(np.exp(push - 2 + 0.7 * sign * gap / base)), "capacity": hidden * hidden * 40.0 * (depth + 1),
                    })  # fmt: skip
    return runs


def experiments(full=False):
    shapes = [("digits", "classify", "supervised", [20, 100, 500, 1000], [4, 8, 16], [0, 1], 3, 1.0),
              ("california", "regress", "supervised", [100, 500, 2000, 8000], [8, 16, 64], [1, 2], 3, -0.8)]  # fmt: skip
    if full:
        shapes += [("svhn-ddqn", "windowed", "value-based", [20, 100, 500], [8, 16, 32], [0, 1], 2, -0.7),
                   ("svhn-reinforce", "windowed", "policy gradient", [20, 100, 500], [8, 16, 32], [0, 1], 2, 0.1),
                   ("a third experiment whose name is long", "regress", "supervised", [1000], [8, 16, 32], [0, 1], 2, 0.5)]  # fmt: skip
    return shapes


def claims():
    """Claims of each verdict, of the paper and of the study itself."""

    def group(label, value, low, high, side, n=48):
        return {"label": label, "experiment": label.split(",")[0], "statistic": "r", "value": value, "low": low, "high": high, "level": 0.9,
                "n": n, "configurations": 12 if low is not None else 3, "left_out": 0, "side": side, "undefined": None,
                "no_interval": None if low is not None else "fewer than 4 configurations", "levels": 0}  # fmt: skip

    def row(name, verdict, groups=(), own=False, **more):
        return {"name": name, "own": own, "source": "small" if own else "section 4, Fig. 2", "sentence": f"A sentence of {name} & <more>.",
                "rule": "r(log interference, gap) > 0 where examples >= 500 and kind = classify for each examples", "verdict": verdict,
                "shows": "Of 2 groups, 1 lies wholly on the claimed side." if groups else "", "decides": "", "confounded": "",
                "within": [], "groups": list(groups), "selected": 96, "unlearned": 0, "unknown_learned": 0, "uncommon": 0,
                "left_out_groups": [], "replication": None, **more}  # fmt: skip

    rows = [
        row("ours", "supported", [group("digits, 500 examples", 0.8, 0.6, 0.9, "holds")], own=True, before=True,
            recorded="2026-03-01T10:00:00Z", when="Stood in the file before the runs began."),
        row("afterthought", "contradicted", [group("digits, 500 examples", 0.8, 0.6, 0.9, "against")], own=True, before=False,
            recorded="2026-03-02T10:00:00Z", when="Added after 5 of 144 runs were done."),
        row("over-all", "contradicted", [group("digits", 0.42, 0.2, 0.6, "against")],
            confounded="Not held fixed: this r goes over several numbers of examples, which may drive both quantities.",
            within=[{"label": "digits, 20 examples", "r": 0.9, "low": 0.8, "high": 0.95, "n": 48, "undefined": None, "no_interval": None},
                    {"label": "digits, 500 examples", "r": 0.7, "low": None, "high": None, "n": 12, "undefined": None,
                     "no_interval": "fewer than 4 configurations"}]),
        row("positive", "supported", [group("digits, 500 examples", 0.8, 0.6, 0.9, "holds"),
                                      group("a third experiment whose name is long, 1,000 examples", 0.6, 0.3, 0.8, "holds")]),
        row("open", "undecided", [group("digits, 500 examples", 0.1, None, None, "none"),
                                  group("digits, 1,000 examples", -0.004, -0.3, 0.3, "open")],
            unlearned=12, replication=40, left_out_groups=[{"label": "digits, 500 examples", "reason": "fewer than 4 configurations"}],
            decides="A fresh replication with about 40 configurations in each group, judged by itself, if what is found stays."),
        row("later", "not tested", decides="Needs the sign variance of TD errors along trajectories."),
    ]  # fmt: skip
    facts = {"paper/over-all/verdict": "contradicted", "paper/over-all/digits/value": 0.42, "paper/over-all/digits/low": 0.2,
             "paper/over-all/digits/high": 0.6, "paper/over-all/digits/n": 48}  # fmt: skip
    return {"rows": rows, "facts": facts}


def learned(kind, i):
    """Every fifth agent and every ninth other run has not learned; of every seventh it is not known."""
    return None if i % 7 == 3 else i % (5 if kind == "windowed" else 9) != 0


def learned_of(kind, runs):
    """How many of the runs have learned, have not, and of how many it is not known."""
    found = [learned(kind, i) for i in range(len(runs))]
    return [found.count(True), found.count(False), found.count(None)]


def alternatives(figure):
    """Words for some readings of Fig. 1 and 9: the others have none."""
    return {"figure1": {"last/train-train": "Words of the last measurement.", "early/stiffness": "Words of early stiffness."},
            "figure9": {"early": "Words of the best test error."}}.get(figure, {})  # fmt: skip


def unit(name, kind):
    """Of gaps: that of a regression's targets is its data set's."""
    return {"classify": "share of examples", "windowed": "reward"}.get(kind, name.partition(" (")[0] + ", global")


def build(full=False, seeds=None, title="Interference and generalisation, <b>small</b>", images=None, grams=True):
    rng = np.random.default_rng(3)
    runs, names = [], ("figure1", "figure2", "figure9", "figure10", "figureD2", "figureLearning")
    correlations, coverage, points, lines, bands, gaps, interference, curves, shares = ([] for _ in range(9))
    facts = {name: {} for name in names}
    for name, kind, panel, sizes, hiddens, depths, count, sign in experiments(full):
        mine = make_runs(rng, name, kind, panel, sizes, hiddens, depths, seeds or count, sign)
        runs += mine
        coverage.append([name, len(hiddens) * len(depths), seeds or count, 0.4, 500, 0.62, 0.86])
        for measurement, which in READINGS:
            head = [name, panel, kind]
            variant = [f"{measurement}/{which}", measurement, which]
            if (measurement, which) != ("quarter", "train-train"):
                x_all = np.array([np.log(run["mean"]) + rng.normal() * 0.2 for run in mine])
            else:
                x_all = np.array([np.log(run["mean"]) for run in mine])
            y_all = np.array([run["gap"] for run in mine])
            size_of = np.array([run["nT"] for run in mine])
            x_all = (x_all - x_all.mean()) / x_all.std()
            for size in sizes:
                pick = size_of == size
                cells = relation(rng, x_all[pick], y_all[pick], len(hiddens) * len(depths))
                network = relation(rng, x_all[pick] * 0.8, y_all[pick] + rng.normal(size=pick.sum()), len(hiddens) * len(depths))
                correlations.append([*head, size, *variant, *cells, *network, 0, 0])
                key = f"{name}/nT={size}" + ("" if variant[0] == MAIN else "/" + variant[0])
                facts["figure1"].update(facts_of(key, cells))
            partial = relation(rng, within(x_all, list(size_of)), within(y_all, list(size_of)), 12)
            cells = [run["configuration"] for run in mine]
            cell = relation(rng, within(x_all, cells), within(y_all, cells), len(set(cells)))
            cells = relation(rng, x_all, y_all, len(set(cells)))
            by_size = relation(rng, np.log(size_of) + rng.normal(size=len(size_of)) * 1e-6, y_all, 12)
            slope, intercept = np.polyfit(x_all, y_all, 1)
            lines.append([*head, *variant, float(intercept), float(slope), None, None, float(x_all.min()),
                          float(x_all.max()), -1.0, 0.6, *cells, *partial, *cell, *by_size,
                          *learned_of(kind, mine), "", "the seed alone"])  # fmt: skip
            for x in np.linspace(x_all.min(), x_all.max(), 21):
                y = intercept + slope * x
                bands.append(
                    [name, variant[0], float(x), float(y), float(y - y_all.std() * 0.3), float(y + y_all.std() * 0.3)]
                )
            for i, run in enumerate(mine):
                points.append([run["run"], *head, *variant, run["seed"], run["nT"], run["hidden"], run["depth"],
                               run["capacity"], "parameters", 950, run["mean"] * (1 if variant[0] == MAIN else 0.7), float(x_all[i]),
                               run["gap"], 0.1, 0.1 + run["gap"], learned(kind, i), unit(name, kind)])  # fmt: skip
            for size in [None, *sizes]:
                for hidden, depth, capacity in sorted({(run["hidden"], run["depth"], run["capacity"]) for run in mine}):
                    value = float(np.exp(-1 - 0.1 * np.log(capacity)) * (1 + (size or 300) ** 0.5 / 6))
                    value = value if "stiffness" not in which else value / 2
                    interference.append([*head, *variant, size, hidden, depth, capacity, "parameters", value, value * 0.8, value * 1.25, 6,
                                         6, None])  # fmt: skip
            facts["figure2"].update(facts_of(name + ("/all" if variant[0] == MAIN else f"/{variant[0]}/all"), cells))
        what = {
            "classify": "accuracy, train - test",
            "windowed": "reward, train - test",
            "regress": "squared error, test - train",
        }
        label = f"generalisation gap ({what[kind]})"
        for measurement in ("quarter", "last", "early"):
            for size in sizes:
                mean = float(np.mean([run["gap"] for run in mine if run["nT"] == size]))
                gaps.append([name, panel, kind, unit(name, kind), label, measurement, size, mean, mean * 0.8, mean * 1.2, mean * 0.9, mean * 1.1,
                             mean * 0.2, mean * 0.5, mean * 1.5, 18, 6, None])  # fmt: skip
        for which in ("train-train", "train-test"):
            for size in sizes:
                for measure in ("function_interference", "loss_interference") if which == "train-train" else ():
                    shares.append([*head, measure, which, size, 0.62, 0.08, 0.3, 18])
                for step in range(0, 1000, 50) if kind != "windowed" else range(10000, 200000, 10000):
                    value = float(
                        0.02
                        + (1 - np.exp(-step / (200 if kind != "windowed" else 40000)))
                        * (1 + 100 / size)
                        * (2 if which == "train-train" else 1)
                    )
                    curves.append([name, panel, kind, which, size, step, value, value * 0.85, value * 1.2, value, value, 18, 6, None])  # fmt: skip
    tables = {
        "figure1": {"correlations": (["experiment", "panel", "kind", "nT", "variant", "measurement", "interference", *RELATION,
                                      *(f"network_{one}" for one in RELATION), "not_positive", "missing"], correlations),
                    "coverage": (["experiment", "configurations", "seeds", "within", "trials", "runs_coverage",
                                  "configurations_coverage"], coverage)},
        "figure2": {"points": (["run", "experiment", "panel", "kind", "variant", "measurement", "interference", "seed", "nT",
                                "hidden", "depth", "capacity", "capacity_unit", "step", "mean", "x", "gap", "train_error",
                                "test_error", "learned", "unit"], points),
                    "lines": (["experiment", "panel", "kind", "variant", "measurement", "interference", "intercept", "slope",
                               "slope_low", "slope_high", "x_from", "x_to", "log_mean", "log_deviation", *RELATION,
                               *(prefix + n for prefix in ("partial_", "cell_", "examples_") for n in RELATION),
                               "learned", "not_learned", "unknown_learned", "pooled", "cell_varies"], lines),
                    "bands": (["experiment", "variant", "x", "y", "low", "high"], bands)},
        "figure9": {"gaps": (["experiment", "panel", "kind", "unit", "gap_label", "measurement", "nT", "mean", "low", "high",
                              "runs_low", "runs_high", "sd", "min", "max", "n", "configurations", "no_interval"], gaps)},
        "figure10": {"interference": (["experiment", "panel", "kind", "variant", "measurement", "interference", "nT",
                                       "hidden", "depth", "capacity", "capacity_unit", "mean", "low", "high", "n", "configurations",
                                       "no_interval"], interference)},
        "figureD2": {"curves": (["experiment", "panel", "kind", "interference", "nT", "step", "mean", "low", "high",
                                 "geometric_mean", "median", "n", "configurations", "no_interval"], curves),
                     "shares": (["experiment", "panel", "kind", "measure", "split", "nT", "positive", "zero", "negative", "n"],
                                shares)},
    }  # fmt: skip
    curve = ["experiment", "panel", "kind", "measure", "split", "nT", "step", "mean", "low", "high", "n", "configurations",
             "no_interval"]  # fmt: skip
    line = ["experiment", "panel", "kind", "measure", "split", "policy", "label", "value", "min", "max", "n"]
    learning, constants = synthetic_curves.of_learning(experiments(full))
    tables["figureLearning"] = {"curves": (curve, learning), "lines": (line, constants)}
    if full:
        reward, to_beat, churn = synthetic_curves.of_agents(experiments(full))
        tables["figureReward"] = {"curves": (curve, reward), "lines": (line, to_beat)}
        tables["figureChurn"] = {"curves": (curve, churn)}
    for at, run in enumerate(runs):
        run["index"] = at
    data = [{"dataset": "digits", "file": str(images) if images else "/nowhere/digits.safetensors", "sha256": "ab" * 32,
             "train_rows": 1437, "test_rows": 360, "notices": ["the last 360 rows are the test set"]},
            {"dataset": "california", "file": "", "sha256": "cd" * 32, "train_rows": 16512, "test_rows": 4128, "notices": []}]  # fmt: skip
    count = 48
    feature = rng.normal(size=(count, 6)) + np.repeat(rng.normal(size=(8, 6)) * 1.5, count // 8, axis=0)
    labels = [int(v) for v in rng.permutation(np.repeat(np.arange(8), count // 8))]
    order = np.argsort(np.argsort(labels, kind="stable"))
    matrix = (feature @ feature.T)[np.ix_(order, order)]
    gram = {"run": runs[0]["run"], "experiment": runs[0]["experiment"], "nT": 20, "name": "loss_gram", "split": "train-train",
            "step": 950, "shape": [count, count], "values": [float(v) for v in matrix.ravel()], "rows": list(range(count)),
            "labels": labels}  # fmt: skip
    records = [{"run": run["run"], "experiment": run["experiment"], "seed": run["seed"], "status": "done", "message": "",
                "seconds": 1.5, "machine": {"host": "here", "torch": "2.13.0", "isa": "AVX2"}, "folder": 0,
                "data": 1 if run["kind"] == "regress" else 0,
                "configuration": {"task.dataset": "california" if run["kind"] == "regress" else "digits", "task.kind": run["kind"],
                                  "task.examples": run["nT"], "network.hidden": run["hidden"], "network.depth": run["depth"],
                                  "learner.rate": 1e-3, "learner.optimizer": "adam", "network.layers": []}}
               for run in runs]  # fmt: skip
    for record, status, message in zip(records[5:8], ("diverged", "failed", "pending"),
                                       ("the loss is not finite at step 120", "the worker was ended by signal 9 <Killed>", ""),
                                       strict=True):  # fmt: skip
        record.update(status=status, message=message)
    titles = {"figure1": "Interference and generalisation gap, by number of examples",
              "figure2": "Generalisation gap against interference, every run",
              "figure9": "Generalisation gap against the number of examples", "figure10": "Interference against capacity",
              "figureD2": "Mean function interference over training",
              "figureLearning": "Learning curves",
              "figureReward": "Reward, accuracy and first guess over training",
              "figureChurn": "Policy churn and value churn over training"}  # fmt: skip
    drawn = [{"name": name, "title": titles[name], "caption": "How this is drawn, and by which rule.",
              "alternative": 'In digits r rises from 0.20 to 0.83; "quoted" & <marked>.', "alternatives": alternatives(name),
              "facts": facts.get(name, {}),
              "notes": ["digits: 1 run diverged, 1 failed.", f"A note of {name} alone."],
              "tables": {table: {"columns": columns, "rows": rows} for table, (columns, rows) in tables[name].items()}}
             for name in tables]  # fmt: skip
    study = {"folder": "small-laptop", "name": "small", "scale": "laptop", "created": "2026-03-01T10:00:00Z",
             "text": 'title = "</script><script>alert(1)</script>"\nseeds = 3\n', "options": {"sets": []},
             "json": {"title": title, "description": "Does `task.examples` predict the gap? </script><script>alert(2)</script>"}}  # fmt: skip
    return {"crosstalk": "0.1.0", "study": study, "studies": [study], "swept": ["network.depth", "network.hidden", "task.examples"],
            "runs": records, "data": data, "figures": drawn, "claims": claims(), "grams": [gram] if grams else [], "notes": [],
            "by": ["learner.optimizer"], "pooled": ["learner.rate"], "where": [], "cautions": []}  # fmt: skip


def write_images(file, count=48):
    """A converted image dataset as the data child writes it, with pixels that differ from row to row."""
    pixels = np.random.default_rng(1).integers(0, 255, size=(count, 3, 32, 32), dtype=np.uint8)
    header = json.dumps(
        {"train.x": {"dtype": "U8", "shape": list(pixels.shape), "data_offsets": [0, pixels.nbytes]}}
    ).encode()
    file.write_bytes(struct.pack("<Q", len(header)) + header + pixels.tobytes())
    return pixels


def comparison(bundle):
    """What comparing two folders adds to a bundle."""
    rng = np.random.default_rng(5)
    keys = [["learner.optimizer", '"adam"', '"sgd"', True], ["network.hidden", "4, 8, 16", "8, 16, 32", False]]
    differences, pairs = [], []
    for experiment in dict.fromkeys(run["experiment"] for run in bundle["runs"]):
        for measure, unit, shift in (
            ("gap", "error", 0.05),
            ("test_error", "error", -0.02),
            ("log_interference", "natural logarithm", 0.7),
        ):
            values = shift + rng.normal(size=18) * 0.05
            for i, value in enumerate(values):
                pairs.append([experiment, f"a{i:04}", f"b{i:04}", i % 3, measure, 0.3, 0.3 + value, float(value)])
            differences.append([experiment, measure, unit, 0.3, 0.3 + shift, float(values.mean()), float(values.mean() - 0.03),
                                float(values.mean() + 0.03), 18, 6, None])  # fmt: skip
    table = lambda columns, rows: {"columns": columns.split(), "rows": rows}  # noqa: E731
    return {"title": "A and B, run by run", "caption": "Differences B - A of pairs of runs.", "alternative": "In digits the gap is larger.",
            "facts": {"digits/gap/difference": 0.05, "digits/gap/n": 18}, "notes": ["3 runs of A and 0 of B have no partner."],
            "a": "results/a", "b": "results/b",
            "tables": {"keys": table("key a b differs", keys),
                       "differences": table("experiment measure unit mean_a mean_b difference low high n configurations no_interval", differences),
                       "pairs": table("experiment run_a run_b seed measure a b difference", pairs),
                       "unpaired": table("side runs", [["A", 3], ["B", 0]])}}  # fmt: skip

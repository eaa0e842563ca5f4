"""Whether each extension of docs/extending.md works, seen as its user sees it: by what the command says, prints and writes, after
the page's own studies have run."""

import csv
import io
import math
import os
import subprocess


class Fault(Exception):
    """An extension does not do what the page says; its text says what was seen."""


def expect(claim, *seen):
    if not claim:
        raise Fault(" ".join(str(one) for one in seen))


class Desk:
    """A folder with the page's studies and their results, and the command that was installed."""

    def __init__(self, folder, commands, cache):
        self.folder = folder
        kept = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        self.environment = {**kept, "PATH": f"{commands}{os.pathsep}{os.environ['PATH']}", "NO_COLOR": "1",
                            "CROSSTALK_CACHE": str(cache)}  # fmt: skip

    def type(self, lines):
        """As in a shell; where a reader behind a pipe has seen enough is no matter."""
        done = subprocess.run(["bash", "-ec", lines], cwd=self.folder, env=self.environment, capture_output=True, text=True,
                              timeout=600)  # fmt: skip
        expect(
            done.returncode in (0, 141),
            lines.strip(),
            "ended with",
            done.returncode,
            ":",
            (done.stderr or done.stdout)[-600:],
        )
        return done.stdout

    def crosstalk(self, *words):
        done = subprocess.run(["crosstalk", *map(str, words)], cwd=self.folder, env=self.environment, capture_output=True, text=True,
                              timeout=600)  # fmt: skip
        return done.returncode, done.stdout, done.stderr

    def said(self, *words):
        code, out, err = self.crosstalk(*words)
        expect(code == 0, "crosstalk", *words, "ended with", code, ":", err[-600:])
        return out

    def refusal(self, *words):
        code, out, err = self.crosstalk(*words)
        expect(code == 2, "crosstalk", *words, "ended with", code, "where a refusal is expected:", (out + err)[-300:])
        return " ".join(err.split())

    def rows(self, results, measure, *more):
        """[row] of a measure, in the order of steps."""
        table = csv.DictReader(io.StringIO(self.said("export", f"results/{results}", *more)))
        name = "array" if "--arrays" in more else "measure"
        found = sorted((row for row in table if row[name] == measure), key=lambda row: int(row["step"]))
        expect(found, f"results/{results} has no {measure}")
        return found


def last_mean(rows, **where):
    """The mean of a measure over runs, at their last measurement."""
    chosen = [row for row in rows if all(row[key.replace("_", ".")] == value for key, value in where.items())]
    last = max(int(row["step"]) for row in chosen)
    values = [float(row["value"]) for row in chosen if int(row["step"]) == last]
    return math.fsum(values) / len(values)


def environment(desk):
    desk.said("run", "cliff.toml", "--set", "probe.explore=0.0", "--out", "results/greedy")
    best = last_mean(desk.rows("greedy", "return"))
    expect(best == -13, "the best way earns", best, "where it is -13")
    errors = [float(row["value"]) for row in desk.rows("cliff-values", "value_error")]
    expect(errors[-1] < 1e-3 * errors[0], "the values' error goes from", errors[0], "to", errors[-1])
    desk.said("study", "new", "walk.toml", "--environment", "cliff")
    expect('environment = "cliff"' in (desk.folder / "walk.toml").read_text(), "study new does not write it")
    expect('"cliff"' in desk.said("study", "show", "cliff.toml"), "study show does not have it")
    expect('"cliff"' in key_line(desk, "task.environment"), "the reference of keys does not have it")
    said = desk.refusal("study", "show", "cliff.toml", "--set", "task.environment=clif")
    expect('did you mean "cliff"?' in said, "a refusal does not have it:", said)


def learner(desk):
    returns = desk.rows("cliff-two", "return")
    fearing, q_learning = (last_mean(returns, learner_algorithm=name) for name in ("pessimistic", "ql"))
    expect(fearing > q_learning, "exploring, pessimistic Q-learning earns", fearing, "and Q-learning", q_learning)
    expect('"pessimistic"' in key_line(desk, "learner.algorithm"), "the reference of keys does not have it")
    said = desk.refusal("study", "show", "cliff-values.toml", "--set", "learner.algorithm=pessimistic")
    expect('goes only with task.kind = "control"' in said, "it is not refused where it does not go:", said)
    shown = desk.said("study", "show", "cliff.toml", "--set", "learner.algorithm=pessimistic")
    expect(
        "learner.replay" in shown and "learner.lambda" not in shown,
        "other keys count for it than those that it has:",
        shown,
    )


def measure(desk):
    ranks = desk.rows("cliff-rank", "gradient_rank")
    spectra = {}
    for row in desk.rows("cliff-rank", "gradient_spectrum", "--arrays"):
        spectra.setdefault((row["run"], row["step"], row["split"]), []).append(float(row["value"]))
    expect(len(spectra) == len(ranks), len(ranks), "ranks and", len(spectra), "spectra")
    for row in ranks:  # the number again, from the array
        spectrum = spectra[row["run"], row["step"], row["split"]]
        shares = [value / math.fsum(spectrum) for value in spectrum if value > 0]
        rank = math.exp(-math.fsum(share * math.log(share) for share in shares))
        expect(spectrum == sorted(spectrum, reverse=True), "a spectrum is not sorted")
        expect(abs(float(row["value"]) - rank) < 1e-9 * rank, "a rank is", row["value"], "where its spectrum has", rank)
    drawn = "".join(path.read_text() for path in (desk.folder / "results/cliff-rank/figures").glob("*.csv"))
    expect("gradient_rank" in drawn, "the report's tables do not have its rows")
    expect("gradient_spectrum" in drawn, "the report's tables do not have its array")
    expect('"gradient_rank"' in key_line(desk, "probe.measures"), "the reference of keys does not have it")


def key(desk):
    name = "learner.pessimism"
    shown = desk.said("study", "show", "cliff.toml", "--set", "learner.algorithm=pessimistic")
    expect(
        name in shown and name not in desk.said("study", "show", "cliff.toml"),
        "study show does not have it where it counts",
    )
    expect("0 is Q-learning" in key_line(desk, name), "the reference of keys does not have its meaning")
    said = desk.refusal("study", "show", "cliff.toml", "--set", f"{name}=0.5")
    expect(f'{name} counts only with learner.algorithm = "pessimistic"; leave it out' in said, "said elsewhere:", said)
    said = desk.refusal("study", "show", "cliff.toml", "--set", "learner.algorithm=pessimistic", "--set", f"{name}=2")
    expect("a number from 0 to 1 is expected" in said, "out of its range:", said)
    desk.said("run", "cliff.toml", "--out", "results/q")
    by_value = {}
    for row in desk.rows("cliff-key", "return"):
        by_value.setdefault(float(row[name]), []).append((row["step"], row["seed"], row["value"]))
    expect(sorted(by_value) == [0, 0.1, 0.5], "its values in the export are", sorted(by_value))
    expect(len(set(map(tuple, by_value.values()))) == 3, "its values do not differ in what is learned")
    q_learning = [(row["step"], row["seed"], row["value"]) for row in desk.rows("q", "return")]
    expect(sorted(by_value[0]) == sorted(q_learning), "at 0 it is not Q-learning, to the last bit")


def data_set(desk):
    expect("rings" in desk.said("data", "list", "--data", "data"), "data list does not have it")
    expect('"rings"' in key_line(desk, "task.dataset"), "the reference of keys does not have it")
    said = desk.refusal("study", "show", "rings.toml", "--set", "task.dataset=ring")
    expect('did you mean "rings"?' in said, "a refusal does not have it:", said)
    test = [row for row in desk.rows("rings", "accuracy") if row["split"] == "test"]
    accuracy = last_mean(test, task_examples="240", network_hidden="32")
    expect(accuracy > 0.9, "the rings are told apart with an accuracy of", accuracy)


def figure(desk):
    folder = desk.folder / "results/rings/figures"
    names = {path.name for path in folder.glob("figureStiffness*")}
    expect(
        names == {f"figureStiffness.{one}" for one in ("svg", "png", "pdf", "csv")},
        "its files for paper are",
        sorted(names),
    )
    points = list(csv.DictReader((folder / "figureStiffness.csv").open(newline="")))
    expect(len(points) == 8, "its table has", len(points), "points of 8 runs")
    page = (desk.folder / "results/rings/report.html").read_text()
    expect("Generalisation gap against stiffness" in page, "the page does not have it")


def key_line(desk, name):
    """The key's line of the reference."""
    found = [line for line in desk.said("study", "keys").splitlines() if line.startswith(f"| `{name}` |")]
    expect(len(found) == 1, "the reference of keys has", len(found), "lines of", name)
    return found[0]


CHECKS = {
    "environment": environment,
    "learner": learner,
    "measure": measure,
    "key": key,
    "data set": data_set,
    "figure": figure,
}

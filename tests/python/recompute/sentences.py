"""What the page has to say of a study in words, card by card and figure by figure, from numbers that were computed anew. A number is marked
(page.number), the words around it are the page's: those that follow from a number (larger, open, weak) are chosen here again."""

import numpy as np

from . import curves, tables
from .page import number
from .statistics import relation
from .tables import listed, sizes_of


def count(value, noun):
    return f"{number(value)} {noun}" + ("" if value == 1 else "s")


def in_words(found):
    """As the figures' sentences say an r."""
    if found["r"] is None:
        return f"undefined ({found['undefined']})"
    interval = f"no interval: {found['no_interval']}"
    if found["low"] is not None:
        interval = f"90% interval {number(found['low'])} to {number(found['high'])}"
    return f"{number(found['r'])} ({interval}, n = {number(found['n'])})"


def part(row, prefix):
    """The columns of a relation that begin with a prefix, without it."""
    return {
        name: row[prefix + name] for name in ("r", "low", "high", "n", "configurations", "undefined", "no_interval")
    }


class Words:
    """`made`: check.recomputed's tables."""

    def __init__(self, results, made):
        self.results, self.made = results, made
        self.experiments = {name: runs for name, runs in results.experiments.items() if runs}

    def rows(self, stem, **where):
        return [row for row in self.made[stem] if where.items() <= row.items()]

    # ---- figures: what each shows, "" where it says nothing in that reading

    def shown(self, figure, moment, pairs):
        if figure in ("figure9",):
            return self._gaps(moment)
        if figure in ("figure1", "figure2", "figure10"):
            say = {"figure1": self._by_size, "figure2": self._every_run, "figure10": self._capacity}[figure]
            return " ".join(say(name, moment, pairs) for name in self.experiments)
        if figure == "figureD2":
            return (
                "" if pairs == "train-test" else self._over_training()
            )  # of cosines there is no picture: train-train's is shown
        say = {"figureLearning": self._learning, "figureReward": self._reward, "figureChurn": self._churn}[figure]
        return " ".join(filter(None, (say(name, runs) for name, runs in self.experiments.items())))

    def _by_size(self, name, moment, pairs):
        there = [
            row
            for row in self.rows("figure1-correlations", experiment=name, measurement=moment, interference=pairs)
            if row["r"] is not None
        ]
        there.sort(key=lambda row: row["nT"])
        if not there:
            return f"In {name} no r can be computed."
        at = [f"{in_words(row)} at {count(row['nT'], 'example')}" for row in there]
        if len(there) == 1:
            return f"In {name} r is {at[0]}."
        sure = [row for row in there if row["low"] is not None]
        said = f"In {name} r goes from {at[0]} to {at[-1]}"
        if not sure:
            return said + "."
        return (f"{said}; of {count(len(sure), 'number')} of examples with an interval it is above 0 at "
                f"{number(sum(row['low'] > 0 for row in sure))} and below 0 at {number(sum(row['high'] < 0 for row in sure))}.")  # fmt: skip

    def _every_run(self, name, moment, pairs):
        (row,) = self.rows("figure2-lines", experiment=name, measurement=moment, interference=pairs)
        missed, runs = row["not_learned"], self.experiments[name]
        said = f"In {name}, over all runs, r is {in_words(row)}; given the number of examples it is {in_words(part(row, 'partial_'))}; between log nT and the gap it is {in_words(part(row, 'examples_'))}."
        if missed:
            are = "is a hollow mark: its" if missed == 1 else "are hollow marks: their"
            said = f"Of the {count(len(runs), 'run')} of {name} {number(missed)} {are} training error is not a tenth below that of {runs[0].kind.rival}. {said}"
        return said

    def _gaps(self, moment):
        said = []
        for name, runs in self.experiments.items():
            rows = sorted(self.rows("figure9", experiment=name, measurement=moment), key=lambda row: row["nT"])
            if len(rows) < 2:
                continue
            there = [run for run in runs if run.moments[moment]["gap"] is not None]
            found = relation(
                np.log([run.examples for run in there]),
                [run.moments[moment]["gap"] for run in there],
                [run.alike for run in there],
            )
            said.append(f"In {name} the mean gap goes from {number(rows[0]['mean'])} at {count(rows[0]['nT'], 'example')} to {number(rows[-1]['mean'])} "
                        f"at {number(rows[-1]['nT'])}; r between log nT and the gap is {in_words(found)}.")  # fmt: skip
        return " ".join(said)

    def _capacity(self, name, moment, pairs):
        what = "log mean interference" if tables.PAIRS[pairs][2] else "the mean cosine"
        found = tables.capacity_relation(self.experiments[name], moment, pairs)
        return f"In {name}, given the number of examples, r between log capacity and {what} is {in_words(found)}."

    def _ends(self, stem, **where):
        """First and last mean of a curve."""
        rows = sorted(self.rows(stem, **where), key=lambda row: row["step"])
        return (rows[0]["mean"], rows[-1]["mean"]) if rows else None

    def _over_training(self):
        said = []
        for name, runs in self.experiments.items():
            parts = []
            for size in dict.fromkeys([sizes_of(runs)[0], sizes_of(runs)[-1]]):
                first, last = self._ends("figureD2-curves", experiment=name, interference="train-train", nT=size)
                parts.append(f"from {number(first)} to {number(last)} with {count(size, 'example')}")
            said.append(
                f"In {name} the mean function interference goes, from the first measurement to the last, {' and '.join(parts)}."
            )
        return " ".join(said)

    def _value(self, stem, **where):
        found = self.rows(stem, **where)
        return number(found[0]["value"]) if found else "not known"

    def _learning(self, name, runs):
        if curves.is_agent(runs):
            return ""
        measure = curves.judged(runs)
        last = lambda split, size: number(
            self._ends("figureLearning-curves", experiment=name, measure=measure, split=split, nT=size)[1]
        )
        parts = [
            f"{last('train', size)} in training and {last('test', size)} in testing with {count(size, 'example')}"
            for size in sizes_of(runs)
        ]
        constant = self._value("figureLearning-lines", experiment=name, measure=measure, split="train")
        return (f"In {name} the mean {measure.replace('_', ' ')} at the last measurement is {listed(parts)}; on the training rows "
                f"{runs[0].kind.rival} has {constant}.")  # fmt: skip

    def _reward(self, name, runs):
        if not curves.is_agent(runs):
            return ""
        last = lambda measure, split, size: number(
            self._ends("figureReward-curves", experiment=name, measure=measure, split=split, nT=size)[1]
        )
        parts = [f"{last('reward', 'train', size)} in training and {last('reward', 'test', size)} in testing with {count(size, 'example')} "
                 f"(first guess {last('first_guess', 'train', size)} and {last('first_guess', 'test', size)})" for size in sizes_of(runs)]  # fmt: skip
        line = lambda policy: " and ".join(
            self._value("figureReward-lines", experiment=name, measure="reward", split=split, policy=policy)
            for split in ("train", "test")
        )
        return (f"In {name} the mean reward at the last measurement is {listed(parts)}; the random policy earns "
                f"{line('random')}, the policy that never looks {line('blind')}.")  # fmt: skip

    def _churn(self, name, runs):
        said = []
        for measure in curves.AGENTS["figureChurn"]:
            ends = {
                size: self._ends("figureChurn", experiment=name, measure=measure, split="train", nT=size)
                for size in sizes_of(runs)
            }
            parts = [
                f"from {number(found[0])} to {number(found[1])} with {count(size, 'example')}"
                for size, found in ends.items()
                if found
            ]
            if parts:
                said.append(
                    f"In {name} the {measure.split('_')[0]} churn at training samples goes, from the first measurement to the last, {listed(parts)}."
                )
        return " ".join(said)

    # ---- notes: all that any figure may say of who is left out, who learned, and what cannot be drawn

    def notes(self):
        every = []
        for name in self.results.experiments:
            states = [(run.state, run) for run in self.results.runs if run.experiment == name]
            left = {"diverged": "diverged", "failed": "failed", "not finished": ("pending", "running")}
            counts = {
                words: sum(state in (of if isinstance(of, tuple) else (of,)) for state, _ in states)
                for words, of in left.items()
            }
            parts = [f"{count(value, 'run')} {words}" for words, value in counts.items() if value]
            every.append(f"{name}: left out are {listed(parts)}." if parts else "")
        for name, runs in self.experiments.items():
            of, rival = count(len(runs), "run"), runs[0].kind.rival
            missed, unknown = (sum(run.learned is state for run in runs) for state in (False, None))
            main, few = tables.Sample(runs, "quarter", "train-train"), len({run.capacity for run in runs}) < 2
            steps = {row["step"] for row in self.rows("figureD2-curves", experiment=name)}
            is_ = "is" if main.not_positive == 1 else "are"
            every += [f"{name}: {number(missed)} of {of} learned nothing to speak of: the training error is not a tenth below that of {rival}." if missed else "",
                      f"{name}: whether {number(unknown)} of {of} learned anything is not known: {runs[0].kind.constant} was not measured." if unknown else "",
                      f"{name}: the mean interference of {count(main.not_positive, 'run')} is not positive and has no logarithm." if main.not_positive and is_ else "",
                      f"{name}: {count(main.missing, 'run')} did not measure function interference, or measured no finite number." if main.missing else "",
                      f"{name}: runs of one capacity; the table has them, the chart does not." if few else "",
                      f"{name}: one measurement; the table has it, the chart does not." if len(steps) == 1 else ""]  # fmt: skip
        return {note for note in every if note}

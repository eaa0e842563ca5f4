"""This build's bench beside another's, in turns: is anything slower than it was?

    .venv/bin/python bench/beside.py --base TREE [--rounds 10] [--only WORD]... [--json FILE]

TREE is another checkout that was built as this one: `make install`, and for the rows that are C++ programs

    .venv/bin/cmake -S . -B build/wheel -DCROSSTALK_BENCH=ON
    .venv/bin/cmake --build build/wheel --target crosstalk-bench-update crosstalk-bench-agent

A row is what `make bench` says of ours alone, or a whole command. In each round both builds do it once, each going
first in every other one; a round's ratio is this build's seconds over the base's. The median of the ratios is shown,
with the lowest and the highest. Ends with 1 where a median is above 1.05. The same tree twice shows how noisy the
machine is."""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
MOST = 1.05
AT_LEAST = 0.4  # seconds that a Gram is repeated for, its median taken

AGENT = ["--scale", "reduced", "--set", "network.hidden=8", "--set", "network.depth=0", "--set", "task.examples=100",
         "--set", "seeds=[0]"]  # fmt: skip
COMMANDS = {  # of `crosstalk run`, whole: starting, preparing, learning, measuring, storing
    "study: 18 SARCOS runs": ["SARCOS"],
    "study: 4 classifiers of digits": ["digits/digits-classify", "--scale", "reduced", "--set", "network.hidden=8",
                                       "--set", "network.depth=1", "--set", "seeds=1", "--set", "learner.updates=100"],
    "study: a Double DQN agent": ["digits/digits-ddqn", *AGENT, "--set", "learner.steps=3000"],
    "study: a REINFORCE agent": ["digits/digits-reinforce", *AGENT, "--set", "learner.steps=6000"],
}  # fmt: skip
PROGRAMS = {"update": ("crosstalk-bench-update", "5"), "agent": ("crosstalk-bench-agent", "5")}


def worker() -> None:
    """Answers each name of a Gram on standard input with seconds, in the Python of the build that is asked."""
    import gram
    import torch
    from timing import once

    torch.set_num_threads(2)
    made = {}
    for name in map(str.strip, sys.stdin):
        if name not in made:
            _, shape, outputs, layers, n, function, _ = gram.CASES[name]()
            made[name] = gram.our_gram(shape, outputs, layers, n, function)[2]
            for _ in range(3):
                made[name]()
        times, begun = [], time.perf_counter()
        while time.perf_counter() - begun < AT_LEAST:
            times.append(once(made[name]))
        print(statistics.median(times), flush=True)


class Build:
    """One tree, and how long it takes for a row: {name: seconds}, a program having several."""

    def __init__(self, tree: Path, scratch: Path):
        self.tree, self.scratch = tree.absolute(), scratch
        scratch.mkdir()
        self.python, self.command = (self.tree / ".venv/bin" / name for name in ("python", "crosstalk"))
        if not self.command.exists():
            raise SystemExit(f"bench: {self.command} is not there: `make install` in {tree} first")
        self.data = os.environ.get("CROSSTALK_TEST_DATA", str(HERE.parent.parent / "shared/data"))
        command = [self.python, __file__, "--worker"]
        self.grams = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def close(self) -> None:
        self.grams.stdin.close()
        self.grams.wait()

    def gram(self, name: str) -> dict[str, float]:
        self.grams.stdin.write(name + "\n")
        self.grams.stdin.flush()
        answer = self.grams.stdout.readline()
        if not answer:
            raise SystemExit(f"bench: the Gram of {name} ended {self.python}; what it said is above")
        return {f"Gram: {name} net": float(answer)}

    def program(self, row: str) -> dict[str, float]:
        name, rounds = PROGRAMS[row]
        programs = sorted((self.tree / "build/wheel").rglob(name))
        if not programs:
            return {}
        done = subprocess.run([programs[0], rounds], capture_output=True, text=True, check=True)
        report = json.loads(done.stdout)
        if row == "update":
            return {"update: SARCOS": report["microseconds"]["ours"] * 1e-6}
        found = {}
        for each in report["networks"]:
            for what in ("update", "probe", "episodes"):
                found[f"agent: {what}, {each['hidden']} hidden, depth {each['depth']}"] = each[f"{what}_seconds"]
        return found

    def study(self, name: str) -> dict[str, float]:
        study, *arguments = COMMANDS[name]
        if study == "SARCOS":
            from study import STUDY

            study = self.scratch / "sarcos.toml"
            study.write_text(STUDY)
        with tempfile.TemporaryDirectory(dir=self.scratch) as out:
            return {name: self.timed("run", study, *arguments, "--data", self.data, "--jobs", "2", "--out", f"{out}/r")}

    def help(self, name: str) -> dict[str, float]:
        return {name: self.timed("--help")}

    def timed(self, *arguments) -> float:
        environment = {**os.environ, "CROSSTALK_CACHE": str(self.scratch / "cache")}
        begun = time.perf_counter()
        subprocess.run([self.command, *arguments], check=True, capture_output=True, env=environment)
        return time.perf_counter() - begun


ROWS = {
    **{f"gram {name}": (Build.gram, name) for name in ("agent", "atari", "sarcos")},
    **{name: (Build.program, name) for name in PROGRAMS},
    **{name: (Build.study, name) for name in COMMANDS},
    "help": (Build.help, "crosstalk --help"),
}


def ratios(measure, name, here: Build, base: Build, rounds: int) -> dict[str, list[tuple[float, float]]]:
    """{row: [(this build's seconds, the base's) of a round]}"""
    found: dict[str, list[tuple[float, float]]] = {}
    for round_ in range(-1, rounds):  # one to warm up
        order = (here, base) if round_ % 2 else (base, here)
        took = {id(build): measure(build, name) for build in order}
        if round_ < 0:
            continue
        for row, seconds in took[id(here)].items():
            if row in took[id(base)]:
                found.setdefault(row, []).append((seconds, took[id(base)][row]))
    return found


def show(row: str, rounds: list[tuple[float, float]]) -> float:
    from timing import duration

    each = sorted(ours / theirs for ours, theirs in rounds)
    middle = statistics.median(each)
    here, base = (duration(statistics.median(side)) for side in zip(*rounds))
    print(f"{row:40s} {here:>10s} {base:>10s}  {middle:6.3f}  {each[0]:.3f} to {each[-1]:.3f}"
          f"{'  SLOWER' if middle > MOST else ''}", flush=True)  # fmt: skip
    return middle


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--base", type=Path, metavar="TREE", help="the other checkout")
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--only", action="append", metavar="WORD", help="rows whose name holds this word")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all seconds here too")
    parser.add_argument("--worker", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.worker:
        worker()
        return 0
    if not options.base:
        parser.error("--base TREE: give the checkout to compare with")
    everything: dict[str, list[tuple[float, float]]] = {}
    worst: list[float] = []
    with tempfile.TemporaryDirectory(prefix="bench-beside-") as scratch:
        here, base = Build(HERE.parent, Path(scratch) / "here"), Build(options.base, Path(scratch) / "base")
        print(f"{'':40s} {'this':>10s} {'base':>10s}  {'median':>6s}  of {options.rounds} ratios")
        for row, (measure, name) in ROWS.items():
            if options.only and not any(word in row for word in options.only):
                continue
            found = ratios(measure, name, here, base, options.rounds)
            if not found:
                print(f"{row:40s} not run: a build has no {PROGRAMS[row][0]}")
            worst += [show(each, rounds) for each, rounds in found.items()]
            everything |= found
        here.close()
        base.close()
    if options.json:
        options.json.write_text(json.dumps(everything, indent=1))
    return int(any(middle > MOST for middle in worst))


if __name__ == "__main__":
    sys.exit(main())

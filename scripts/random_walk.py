"""The 19-state random walk by plain NumPy, beside which the program's study is held: Sutton and Barto, "Reinforcement
Learning", second edition, Fig. 12.3 (the off-line lambda-return algorithm) and the left part of Fig. 12.6 (TD(lambda)).

    .venv/bin/python scripts/random_walk.py                      simulates both, prints the minimum of each lambda
    .venv/bin/python scripts/random_walk.py --write FILE         the same, and keeps all numbers as JSON
    .venv/bin/python scripts/random_walk.py --against RESULTS    results of `crosstalk run` beside the numbers kept in
        tests/python/random_walk.json; ends with 1 where they differ by more than 3%
    ... --against RESULTS --stream NAME                          ... and beside a simulation of the very same episodes:
        NAME is that of the random stream from which the program draws its actions, "exploration"

States stand in a row, an episode begins in the middle and goes left or right with equal chances; off the left end it
earns -1, off the right end +1. Values are 0 at first. A number is the root mean square error over the states after each
of the first 10 episodes, its mean over episodes and runs."""

import argparse
import csv
import hashlib
import json
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent.parent
NUMBERS = HERE / "tests/python/random_walk.json"
STATES, EPISODES = 19, 10
TRUE = 2 * np.arange(1, STATES + 1) / (STATES + 1) - 1
LAMBDAS = [0, 0.4, 0.8, 0.9, 0.95, 0.975, 0.99, 1]
RATES = [round(0.05 * i, 2) for i in range(1, 21)]
OFF_THE_FIGURE = 1  # errors beyond are of values that diverge: they are not compared
TOLERANCE = 0.03


def episode(goes_right):
    """The states of one episode and its last reward; `goes_right()` draws a step."""
    state, states = STATES // 2, []
    while 0 <= state < STATES:
        states.append(state)
        state += 1 if goes_right() else -1
    return states, -1.0 if state < 0 else 1.0


def forward(values, states, reward, lambdas, rates):
    """After the episode: its lambda-returns from the values so far, then its updates in order."""
    returns = [np.full(values.shape[1:], reward)]
    for after in reversed(states[1:]):
        returns.append((1 - lambdas) * values[after] + lambdas * returns[-1])
    for state, target in zip(states, reversed(returns)):
        values[state] += rates * (target - values[state])


def backward(values, states, reward, lambdas, rates):
    """At each step: the TD error, along a trace that accumulates."""
    trace = np.zeros((STATES, *lambdas.shape))
    for state, after in zip(states, [*states[1:], None]):
        trace *= lambdas
        trace[state] += 1
        error = (reward if after is None else values[after]) - values[state]
        values += rates * error * trace


VIEWS = {"forward": forward, "backward": backward}


def errors(view, draws, lambdas, rates):
    """(lambdas, rates): the mean error over the first episodes, of one run whose steps `draws` gives."""
    lambdas, rates = np.array(lambdas, float)[:, None], np.array(rates, float)[None, :]
    values, total = np.zeros((STATES, lambdas.size, rates.size)), 0
    with np.errstate(all="ignore"):  # TD(lambda) diverges at large rates
        for _ in range(EPISODES):
            VIEWS[view](values, *episode(draws), lambdas, rates)
            total = total + np.sqrt(((values - TRUE[:, None, None]) ** 2).mean(0))
    return total / EPISODES


def numpy_draws(run):
    generator = np.random.default_rng([19, run])
    return lambda: generator.random() < 0.5


def simulated(view, runs, lambdas=LAMBDAS, rates=RATES):
    """Mean over runs and standard deviation between them, (lambdas, rates)."""
    all_runs = np.array([errors(view, numpy_draws(run), lambdas, rates) for run in range(runs)])
    with np.errstate(all="ignore"):
        return all_runs.mean(0), all_runs.std(0, ddof=1)


def philox(counter, key):
    """Philox4x32-10 of Salmon et al. (2011): four words of a counter and a key."""
    counter, key, low = list(counter), list(key), 0xFFFFFFFF
    for _ in range(10):
        a, b = 0xD2511F53 * counter[0], 0xCD9E8D57 * counter[2]
        counter = [(b >> 32) ^ counter[1] ^ key[0], b & low, (a >> 32) ^ counter[3] ^ key[1], a & low]
        key = [(key[0] + 0x9E3779B9) & low, (key[1] + 0xBB67AE85) & low]
    return counter


def numbers_of_stream(seed, name):
    """The program's numbers in [0, 1) of the stream (seed, name), times 2^64."""
    digest = hashlib.sha256(f"{seed}/{name}".encode()).hexdigest()
    key, block = (int(digest[:8], 16), int(digest[8:16], 16)), 0
    while True:
        words = philox((block & 0xFFFFFFFF, block >> 32, 0, 0), key)
        yield words[0] << 32 | words[1]
        yield words[2] << 32 | words[3]
        block += 1


def program_draws(seed, name):
    """Steps as the program draws them under the policy "uniform": a number each, and right from 1/2 on."""
    numbers = numbers_of_stream(seed, name)
    return lambda: next(numbers) >= 1 << 63


def studied(results, crosstalk):
    """{(view, lambda): {rate: {seed: mean error over the first episodes}}} of a results folder; a run that diverged is
    infinite."""
    export = subprocess.run([crosstalk, "export", results], check=True, capture_output=True, text=True).stdout
    rows = defaultdict(list)
    for row in csv.DictReader(export.splitlines()):
        if row["measure"] == "value_error" and 1 <= int(row["step"]) <= EPISODES:
            place = (
                row.get("learner.view", ""),
                float(row["learner.lambda"]),
                float(row["learner.rate"]),
                int(row["seed"]),
            )
            rows[place].append(float(row["value"]))
    found = defaultdict(lambda: defaultdict(dict))
    for (view, lam, rate, seed), values in rows.items():
        found[view, lam][rate][seed] = np.mean(values) if len(values) == EPISODES else np.inf
    if not found:
        raise SystemExit(
            f"{results} has no value_error after the first {EPISODES} episodes over learner.lambda and .rate"
        )
    return found


def minima(lambdas, rates, means):
    """[(lambda, smallest mean, its rate)]"""
    best = [int(np.argmin(np.where(np.isfinite(row), row, np.inf))) for row in np.array(means, float)]
    return [(lam, row[i], rates[i]) for lam, row, i in zip(lambdas, means, best)]


def rounded(numbers):
    """For the file: six digits; null where values diverge."""
    return [[float(f"{x:.6g}") if x < OFF_THE_FIGURE else None for x in row] for row in numbers]


def show(view, lambdas, rates, means, runs):
    print(f"{view}, {runs} runs: the smallest error of each lambda")
    for lam, least, rate in minima(lambdas, rates, means):
        print(f"  lambda {lam:<6g} {least:.4f} at rate {rate:g}")


def write(file, runs):
    kept = {"states": STATES, "episodes": EPISODES, "runs": runs, "lambdas": LAMBDAS, "rates": RATES}
    for view in VIEWS:
        mean, spread = simulated(view, runs)
        show(view, LAMBDAS, RATES, mean, runs)
        finite = np.where(mean < OFF_THE_FIGURE, spread, np.inf)
        kept[view] = {"mean": rounded(mean), "spread": rounded(finite)}
    if file:
        file.write_text(json.dumps(kept).replace("], [", "],\n [").replace(', "', ',\n "') + "\n")


def compare(found, kept, view_of_all):
    """The largest difference, as a share of the simulated error, and where; prints the minima side by side."""
    worst = (0.0, "nothing was compared")
    compared = 0
    for (view, lam), by_rate in sorted(found.items()):
        name = view or view_of_all
        if lam not in kept["lambdas"]:
            continue
        expected = dict(zip(kept["rates"], kept[name]["mean"][kept["lambdas"].index(lam)]))
        means = {rate: float(np.mean(list(seeds.values()))) for rate, seeds in by_rate.items() if expected.get(rate)}
        for rate, mean in means.items():
            compared += 1
            worst = max(worst, (abs(mean / expected[rate] - 1), f"{name}, lambda {lam:g}, rate {rate:g}"))
        if not means:
            continue
        here, there = min(means, key=means.get), min(means, key=expected.get)
        print(
            f"  {name}, lambda {lam:<6g} here {means[here]:.4f} at rate {here:g}, "
            f"simulated {expected[there]:.4f} at {there:g}"
        )
    print(f"{compared} pairs of lambda and rate; the largest difference is {worst[0]:.2%} ({worst[1]})")
    return worst[0] if compared else np.inf


def compare_same_episodes(found, stream, view_of_all):
    """The largest difference to a simulation of the program's own episodes, run by run."""
    worst = 0.0
    places = defaultdict(set)
    for (view, lam), by_rate in found.items():
        for rate, seeds in by_rate.items():
            places[view or view_of_all, tuple(sorted(seeds))].add((lam, rate, view))
    for (name, seeds), cells in places.items():
        lambdas, rates = (sorted({cell[i] for cell in cells}) for i in (0, 1))
        for seed in seeds:
            simulation = errors(name, program_draws(seed, stream), lambdas, rates)
            for lam, rate, view in cells:
                expected = simulation[lambdas.index(lam), rates.index(rate)]
                if expected < OFF_THE_FIGURE:
                    worst = max(worst, abs(found[view, lam][rate][seed] / expected - 1))
    print(f"run by run, beside a simulation of the same episodes: the largest difference is {worst:.2g}")
    return worst


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=4000, help="of the simulation (4000)")
    parser.add_argument("--write", type=Path, metavar="FILE")
    parser.add_argument("--against", metavar="RESULTS")
    parser.add_argument("--view", choices=VIEWS, default="forward", help="of results that have no axis learner.view")
    parser.add_argument("--stream", metavar="NAME")
    parser.add_argument("--crosstalk", default=str(HERE / ".venv/bin/crosstalk"), metavar="COMMAND")
    options = parser.parse_args()
    if not options.against:
        return write(options.write, options.runs)
    found = studied(options.against, options.crosstalk)
    differs = compare(found, json.loads(NUMBERS.read_text()), options.view) > TOLERANCE
    if options.stream:  # beyond rounding to single precision there is nothing in which the two could differ
        differs = compare_same_episodes(found, options.stream, options.view) > 1e-3 or differs
    return int(differs)


if __name__ == "__main__":
    sys.exit(main())

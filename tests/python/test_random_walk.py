"""The simulation beside which the program's random walk is held: it is what it says, and its numbers are those kept."""

import json
import sys
from pathlib import Path

import numpy as np
import pytest

SCRIPTS = Path(__file__).resolve().parents[2] / "scripts"


@pytest.fixture(scope="module")
def walk():
    sys.path.insert(0, str(SCRIPTS))
    import random_walk

    sys.path.remove(str(SCRIPTS))
    return random_walk


@pytest.fixture(scope="module")
def kept(walk):
    return json.loads(walk.NUMBERS.read_text())


def by_plain_loops(walk, run, target, rate):
    """The error of one run that learns every state's value from target(values, states, reward, t)."""
    draws, values, errors = walk.numpy_draws(run), [0.0] * walk.STATES, []
    for _ in range(walk.EPISODES):
        states, reward = walk.episode(draws)
        for t, state in enumerate(states):
            values[state] += rate * (target(values, states, reward, t) - values[state])
        errors.append(sum((v - (2 * (i + 1) / 20 - 1)) ** 2 for i, v in enumerate(values)) ** 0.5 / 19**0.5)
    return sum(errors) / len(errors)


def test_lambda_1_forward_is_monte_carlo_and_lambda_0_backward_is_td_0(walk):
    def monte_carlo(values, states, reward, t):
        return reward

    def td(values, states, reward, t):
        return values[states[t + 1]] if t + 1 < len(states) else reward

    for view, lam, target in (("forward", 1, monte_carlo), ("backward", 0, td)):
        error = walk.errors(view, walk.numpy_draws(3), [lam], [0.3])[0, 0]
        assert error == pytest.approx(by_plain_loops(walk, 3, target, 0.3), rel=1e-12)


def test_forward_targets_are_weighted_sums_of_n_step_returns(walk):
    states, reward, lam = [9, 10, 9, 8, 9], 1.0, 0.7
    before = np.linspace(-1, 1, 19)

    def n_step(t, n):
        return before[states[t + n]] if t + n < len(states) else reward

    expected = before.copy()
    for t, state in enumerate(states):
        longest = len(states) - t
        target = sum((1 - lam) * lam ** (n - 1) * n_step(t, n) for n in range(1, longest))
        expected[state] += 0.1 * (target + lam ** (longest - 1) * reward - expected[state])
    values = before[:, None, None].copy()
    walk.forward(values, states, reward, np.array([[lam]]), np.array([[0.1]]))
    assert values[:, 0, 0] == pytest.approx(expected, rel=1e-12)


def test_both_views_agree_where_rates_are_small(walk):
    lambdas, rates = [0.4, 0.9], [1e-4]
    change = [1 - walk.errors(view, walk.numpy_draws(1), lambdas, rates) for view in ("forward", "backward")]
    start = np.sqrt((walk.TRUE**2).mean())
    learned = [c - (1 - start) for c in change]  # how far the error fell
    assert learned[0] == pytest.approx(learned[1], rel=2e-2) and (learned[0] > 0).all()


def test_the_kept_numbers_are_those_of_the_simulation(walk, kept):
    for view in walk.VIEWS:
        mean, _ = walk.simulated(view, 60)
        expected = np.array(kept[view]["mean"], float)  # of other runs, sixty of which would lie within 5 deviations
        within = 5 * np.array(kept[view]["spread"], float) * (1 / 60 + 1 / kept["runs"]) ** 0.5
        far = expected < 0.6  # the figure's axis; beyond, a few runs decide
        assert (np.abs(mean - expected)[far] < within[far]).all()


def test_the_minima_are_in_the_order_and_at_the_places_of_the_books_figure(walk, kept):
    least = {
        lam: (error, rate) for lam, error, rate in walk.minima(kept["lambdas"], kept["rates"], kept["forward"]["mean"])
    }
    assert min(least, key=least.get) == 0.8
    assert least[0.8] == (pytest.approx(0.262, abs=0.003), 0.4)
    order = sorted(least, key=least.get)
    assert order == [0.8, 0.9, 0.4, 0.95, 0.975, 0, 0.99, 1]
    rates = [least[lam][1] for lam in kept["lambdas"]]
    assert rates == sorted(rates, reverse=True)  # the longer the returns, the smaller the best rate


def test_streams_are_the_programs(walk):
    assert walk.philox((0, 0, 0, 0), (0, 0)) == [0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8]  # its authors' answer
    numbers = walk.numbers_of_stream(0, "batches")
    assert [next(numbers) * 3560 >> 64 for _ in range(4)] == [1667, 1542, 1338, 3129]  # as tests/engine/random_test.cpp


def test_results_that_are_off_by_more_than_they_may_be_are_found(walk, kept, capsys):
    def results(factor):
        return {("", lam): {rate: {0: error * factor} for rate, error in zip(kept["rates"], row) if error}
                for lam, row in zip(kept["lambdas"], kept["forward"]["mean"])}  # fmt: skip

    assert walk.compare(results(1), kept, "forward") == pytest.approx(0)
    assert walk.compare(results(1.04), kept, "forward") == pytest.approx(0.04)
    assert walk.compare({}, kept, "forward") == np.inf
    assert "lambda 0.8" in capsys.readouterr().out


def test_the_same_episodes_are_compared_run_by_run(walk, capsys):
    error = walk.errors("forward", walk.program_draws(7, "actions"), [0.5], [0.1, 0.2])
    found = {("forward", 0.5): {rate: {7: error[0, i]} for i, rate in enumerate([0.1, 0.2])}}
    assert walk.compare_same_episodes(found, "actions", "forward") < 1e-12
    assert walk.compare_same_episodes(found, "others", "forward") > 1e-3

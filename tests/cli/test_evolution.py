"""The derivative of interference from exported files alone: kept parameters, stored steps, the rows of the pairs, torch's autograd."""

import csv
import io
import json

import numpy as np
import pytest
import torch
from test_hidden_layers import network, opened
from test_windows import EXPERT, STUDY, Steps

MEASURES = ["rho_prime", "rho_prime.r1", "rho_prime.r2", "rho_prime.r3", "rho_bar_prime", "rho_prime.momentum"]
WITHIN = 1e-6  # of the largest number of an array: double precision on both sides
GAMMA, BETA = 0.9, 0.5


@pytest.fixture(scope="module", params=["dqn", "ql", "reg"])
def run(request, tmp_path_factory, cache):
    from command import Command

    command = Command(tmp_path_factory.mktemp("evolution"), cache)
    (command.folder / "expert.toml").write_text(EXPERT)
    command("run", "expert.toml", "--out", "expert")
    text = STUDY if request.param == "dqn" else STUDY.replace("target-every = 4\n", "")
    text = text.replace('["sign_flips", "target_roughness", "td_error.expert"]', json.dumps(MEASURES))
    text = text.replace("window = 4\n", "others = 10\n").replace('optimizer = "sgd"', f'optimizer = "momentum"\nmomentum = {BETA}')
    text = text.replace("rate = 1.0", "rate = 0.01")
    if request.param == "reg":
        text = text.replace(', "rho_prime.momentum"', "")
    (command.folder / "study.toml").write_text(text)
    command("run", "study.toml", "--set", f"learner.algorithm={request.param}", "--out", "a")
    rows = list(csv.DictReader(io.StringIO(command.export("a"))))
    command("export", "a", "--parameters", rows[0]["run"], "--out", "kept")
    arrays = {}
    for row in csv.DictReader(io.StringIO(command("export", "a", "--arrays", "--format", "csv"))):
        pair = int(row["axis_0"]), int(row["axis_1"])
        arrays.setdefault((int(row["step"]), row["array"]), []).append((pair, float(row["value"])))
    found = {(int(row["step"]), row["measure"]): float(row["value"]) for row in rows}
    kept = [opened(command.folder / "kept" / f"{step}.safetensors") for step in range(13)]
    return request.param, found, arrays, kept, Steps(command.folder / "set")


class Slopes:
    """Of the stored steps, at the parameters of one measurement: d grad f, and its derivative along a direction."""

    def __init__(self, algorithm, kept, steps):
        self.algorithm, self.steps = algorithm, steps
        tensors, about = kept
        own = {name: value for name, value in tensors.items() if name[0].isdigit()}
        self.net = network(own, about)
        self.parameters = list(self.net.parameters())
        self.target = self.net
        if any(name.startswith("target/") for name in tensors):
            self.target = network({name.removeprefix("target/"): v for name, v in tensors.items() if name.startswith("target/")}, about)

    def error(self, row):
        steps, before = self.steps, self.steps.before[row]
        value = self.net(steps.seen[before : before + 1])[0, steps.actions[row]]
        if self.algorithm == "reg":
            return value - steps.values[before, steps.actions[row]], value
        after = self.target(steps.seen[before + 1 : before + 2]).max()
        return value - steps.rewards[row] - GAMMA * steps.going[row] * after, value

    def slope(self, row):
        error, value = self.error(row)
        gradient = torch.autograd.grad(value, self.parameters, create_graph=True)
        return error * torch.cat([g.flatten() for g in gradient])

    def along(self, number, direction):
        """The derivative of a number along a direction."""
        gradient = torch.autograd.grad(number, self.parameters, allow_unused=True)
        flat = [g.flatten() if g is not None else torch.zeros(p.numel()).double() for g, p in zip(gradient, self.parameters)]
        return float(torch.cat(flat) @ direction)


def test_the_derivative_is_that_of_autograd_at_the_kept_parameters(run):
    """Aims that are the network's own move with it (ql); a copied target (dqn) and an expert's values (reg) stay."""
    algorithm, found, arrays, kept, steps = run
    for step in (0, 7):
        slopes = Slopes(algorithm, kept[step], steps)
        pairs = [pair for pair, _ in arrays[step, "rho_prime"]]
        rho, derivative = [], []
        for a, b in pairs:
            at_b = slopes.slope(b)
            held = at_b.detach()
            rho.append(float(slopes.slope(a).detach() @ held))
            derivative.append(-slopes.along(slopes.slope(a) @ at_b, held))
        own = [-sum(values) for values in zip(*(values_of(arrays[step, name]) for name in
               ("rho_prime.r1.own", "rho_prime.r2.own", "rho_prime.r3")))]  # fmt: skip
        compare(values_of(arrays[step, "rho_prime.rho"]), rho)
        compare(own, derivative)
        assert found[step, "rho_prime.own"] == pytest.approx(np.mean(derivative), rel=1e-6)


def test_rows_are_what_numpy_makes_of_the_arrays(run):
    algorithm, found, arrays, kept, steps = run
    for step in (0, 7):
        steps_along_mu = () if algorithm == "reg" else ("rho_prime.momentum.step",)
        for name in ("rho_prime", "rho_prime.r1", "rho_prime.r2", "rho_prime.r3", "rho_bar_prime", *steps_along_mu):
            values = np.array(values_of(arrays[step, name]))
            said = {ending: found.get((step, name + ending)) for ending in (".positive", ".above", ".below", ".deviation", ".median")}
            expected = {".positive": (values > 0).mean(), ".above": values[values > 0].mean() if (values > 0).any() else None,
                        ".below": values[values < 0].mean() if (values < 0).any() else None, ".deviation": values.std(),
                        ".median": np.median(values)}  # fmt: skip
            for ending, value in expected.items():
                assert said[ending] == (None if value is None else pytest.approx(value, rel=1e-9, abs=1e-12)), name + ending
            assert found[step, name] == pytest.approx(values.mean(), rel=1e-9)
        values = np.array(values_of(arrays[step, "rho_prime"]))
        z = (values - values.mean()) / values.std()
        assert found[step, "rho_prime.skewness"] == pytest.approx((z**3).mean(), rel=1e-9)
        assert found[step, "rho_prime.kurtosis"] == pytest.approx((z**4).mean() - 3, rel=1e-9)
        pairs = [pair for pair, _ in arrays[step, "rho_prime"]]
        seen = steps.seen.flatten(1).numpy()
        distance = np.array([np.linalg.norm(seen[steps.before[a]] - seen[steps.before[b]]) for a, b in pairs])
        near, far = distance <= np.quantile(distance, 0.25), distance >= np.quantile(distance, 0.75)
        for name, which in (("rho_prime.near", near), ("rho_prime.far", far)):
            if which.mean() > 0.5:  # a gridworld's states are all as far from each other: no distance tells
                assert (step, name) not in found
            else:
                assert found[step, name] == pytest.approx(values[which].mean(), rel=1e-9)
        printed = algorithm == "reg"
        assert ((step, "rho_prime.printed") in found) == printed
    assert (12, "rho_prime") not in found, "no update follows"


def values_of(array):
    return [value for _, value in array]


def compare(found, expected):
    np.testing.assert_allclose(found, expected, rtol=0, atol=WITHIN * np.abs(expected).max())


@pytest.mark.parametrize(
    ("measure", "keys", "said"),
    [
        ("rho_prime.momentum", ["learner.optimizer=adam"], 'learner.optimizer = \"momentum\"'),
        ("rho_prime", ["learner.algorithm=rainbow", "learner.loss=cross-entropy"], "learner.algorithm"),
        ("rho_prime.r3", ["learner.algorithm=reinforce", "learner.loss=policy-gradient"], "learner.algorithm"),
        ("rho_prime", ['network.layers=["linear 8", "leaky", "linear out noisy 0.1"]'], '"linear 4 noisy 0.1" has no derivatives'),
        ("rho_prime", ["probe.others=0"], "probe.others = 0 leaves no rows A to pair"),
        ("rho_prime", ["learner.smoothing=0.1"], "learner.smoothing = 0.1, whose targets bootstrap from two states: give 0"),
    ],
)
def test_what_has_no_such_derivative_is_refused_by_name(crosstalk, measure, keys, said):
    text = f"""
[task]
environment = "gridworld"
[learner]
algorithm = "dqn"
steps = 200
[probe]
every = 50
measures = ["{measure}"]
"""
    (crosstalk.folder / "study.toml").write_text(text)
    settings = [word for key in keys for word in ("--set", key)]
    done = crosstalk("run", "study.toml", "--out", "a", *settings, status=2)
    assert said in done, done

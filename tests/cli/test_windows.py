"""What is measured in windows along stored trajectories, computed again in NumPy from the set and from what runs kept."""

import csv
import io
import json

import numpy as np
import pytest
import torch
from safetensors import safe_open
from test_hidden_layers import network, opened

# An expert that is not done learning: its values do not agree with themselves.
EXPERT = """
seeds = 1
[task]
environment = "gridworld"
[learner]
algorithm = "ql"
approximation = "tabular"
loss = "squared-error"
optimizer = "sgd"
rate = 4.0
gamma = 0.9
explore-from = 0.5
explore-to = 0.5
steps = 600
[probe]
every = 600
episodes = 1
keep = "last"
"""
# Measured before each update, so that what an update leaves is the next measurement's.
STUDY = """
seeds = 1
[task]
environment = "gridworld"
trajectories = "set"
[trajectories]
transitions = 300
expert = "expert"
epsilon = 0.5
[network]
layers = ["linear 8", "tanh", "linear out"]
[learner]
gamma = 0.9
batch = 8
optimizer = "sgd"
rate = 1.0
loss = "squared-error"
updates = 12
target-every = 4
[probe]
every = 1
samples = 400
window = 4
keep = "all"
measures = ["sign_flips", "target_roughness", "td_error.expert"]
[runtime]
precision = "double"
"""
WITHIN = 1e-6  # the values are stored in single precision, and sums are made in another order
GAMMA, WINDOW = 0.9, 4


class Steps:
    """The set, by its files alone."""

    def __init__(self, folder):
        about, parts = json.loads((folder / "trajectories.json").read_text()), []
        for segment in about["segments"]:
            with safe_open(folder / segment["file"], "np") as file:
                parts.append({name: file.get_tensor(name) for name in file.keys()})
        joined = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
        lengths = joined["lengths"]
        self.count = lengths.sum()
        self.episode = np.repeat(np.arange(len(lengths)), lengths)
        self.before = np.arange(self.count) + self.episode  # which observation: an episode has one more
        assert about["observation"]["kept"] == "whole"
        self.seen = torch.from_numpy(joined["observations"].view("<f8"))
        self.values, self.actions = joined["values"].astype(float), joined["actions"]
        self.rewards, self.going = joined["rewards"], 1 - joined["terminations"].astype(float)

    def windows(self, rows):
        """(windows, WINDOW): those that stay in their episodes."""
        all_steps = np.asarray(rows)[:, None] + np.arange(WINDOW)
        inside = all_steps[:, -1] < self.count
        inside[inside] = self.episode[all_steps[inside, 0]] == self.episode[all_steps[inside, -1]]
        return all_steps[inside]


@pytest.fixture(scope="module", params=["dqn", "ql", "mc"])
def run(request, tmp_path_factory, cache):
    from command import Command

    command = Command(tmp_path_factory.mktemp("windows"), cache)
    (command.folder / "expert.toml").write_text(EXPERT)
    command("run", "expert.toml", "--out", "expert")
    copies = "target-every = 4\n"  # no key of the others
    (command.folder / "study.toml").write_text(STUDY if request.param == "dqn" else STUDY.replace(copies, ""))
    command("run", "study.toml", "--set", f"learner.algorithm={request.param}", "--out", "a")
    rows = list(csv.DictReader(io.StringIO(command.export("a"))))
    command("export", "a", "--parameters", rows[0]["run"], "--out", "kept")
    found = {(int(row["step"]), row["measure"], row["split"]): float(row["value"]) for row in rows}
    kept = [opened(command.folder / "kept" / f"{step}.safetensors") for step in range(13)]
    fixed, _ = opened(command.folder / "kept" / "rows.safetensors")
    return request.param, found, kept, fixed, Steps(command.folder / "set")


def outputs(kept, about, prefix, inputs):
    theta = {name.removeprefix(prefix): value for name, value in kept.items() if name.startswith(prefix)}
    with torch.no_grad():
        return network(theta, about)(inputs).numpy()


def targets(steps, kept, about):
    """Of one step, by the network that is bootstrapped from."""
    prefix = "target/" if any(name.startswith("target/") for name in kept) else ""
    after = outputs(kept, about, prefix, steps.seen[steps.before + 1])
    return steps.rewards + GAMMA * steps.going * after.max(1)


def errors(steps, kept, about):
    here = outputs(kept, about, "", steps.seen[steps.before])
    return here[np.arange(steps.count), steps.actions] - targets(steps, kept, about)


def returns(steps, kept, about):
    """What an episode that was cut would earn is guessed by the network."""
    found = targets(steps, kept, about)
    for row in range(steps.count - 2, -1, -1):
        if steps.episode[row] == steps.episode[row + 1]:
            found[row] = steps.rewards[row] + GAMMA * found[row + 1]
    return found


def sampled(kept, fixed, split):
    return (kept if f"{split}/rows" in kept else fixed)[f"{split}/rows"].numpy()


def test_signs_flip_and_targets_are_as_rough_as_numpy_says(run):
    algorithm, found, kept, fixed, steps = run
    flipped = 0
    for step, (tensors, about) in enumerate(kept):
        learned = returns if algorithm == "mc" else targets
        y = learned(steps, tensors, about)
        for split in ("train", "test"):
            windows = steps.windows(sampled(tensors, fixed, split))
            rough = (np.diff(y[windows], axis=1) ** 2).mean() / (2 * y[windows].var())
            assert found[step, "target_roughness", split] == pytest.approx(rough, rel=WITHIN)
            if step == 12:
                assert (step, "sign_flips", split) not in found, "no update follows"
                continue
            flips = np.sign(errors(steps, tensors, about)) != np.sign(errors(steps, *kept[step + 1]))
            here, beside = flips[windows[:, :-1]], flips[windows[:, 1:]]
            assert found[step, "sign_flips", split] == pytest.approx((here != beside).mean(), abs=WITHIN)
            assert found[step, "sign_flips.both", split] == pytest.approx((here & beside).mean(), abs=WITHIN)
            flipped += (here != beside).sum()
    assert flipped > 0


def test_the_experts_own_errors_are_what_numpy_says(run):
    _, found, kept, fixed, steps = run
    every = np.arange(steps.count)
    value = steps.values[steps.before[every], steps.actions]
    error = steps.rewards + GAMMA * steps.going * steps.values[steps.before + 1].max(1) - value
    all_rows = [sampled(kept[0][0], fixed, split) for split in ("train", "test")]
    assert sorted(np.concatenate(all_rows)) == list(every), "all steps are samples here"
    for split, rows in zip(("train", "test"), all_rows):
        size, reward = (np.sqrt((of[rows] ** 2).mean()) for of in (error, steps.rewards))
        assert size > 0
        for step in (0, 12):
            assert found[step, "td_error.expert", split] == pytest.approx(size, rel=WITHIN)
            assert found[step, "td_error.expert.relative", split] == pytest.approx(size / reward, rel=WITHIN)

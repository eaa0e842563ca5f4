"""Measures of hidden layers and parameters, computed again in NumPy and PyTorch from what a run kept."""

import csv
import io
import json

import numpy as np
import pytest
import torch
from safetensors import safe_open
from torch import nn

# Measured before each update, so that what an update leaves is the next measurement's theta.
STUDY = """
seeds = 1
[task]
{task}
[network]
layers = {layers}
[learner]
{learner}
batch = 16
[probe]
every = 1
samples = 24
keep = "all"
measures = ["singular_values", "rank", "dormant", "norm.weights", "norm.gradient", "norm.step"]
[runtime]
precision = "double"
"""
LAYERS = {"linear": nn.Linear, "conv": nn.Conv2d, "layernorm": nn.LayerNorm}
PLAIN = {"leaky": lambda: nn.LeakyReLU(0.01), "relu": nn.ReLU, "tanh": nn.Tanh, "flatten": nn.Flatten}
WITHIN = 1e-9  # in double precision; beside the largest number of an array


@pytest.fixture(autouse=True)
def one_thread():
    """Threads that wait for each other take minutes where a machine is busy."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def opened(path):
    with safe_open(path, "pt") as file:
        return {name: file.get_tensor(name) for name in file.keys()}, json.loads(file.metadata()["crosstalk"])


def network(kept, about):
    layers = []
    for i, line in enumerate(about["layers"]):
        word, *rest = line.split()
        if word in PLAIN:
            layers.append(PLAIN[word]())
            continue
        weight = kept[f"{i}.weight"]
        if word == "layernorm":
            layers.append(nn.LayerNorm(weight.shape))
        elif word == "linear":
            layers.append(nn.Linear(weight.shape[1], weight.shape[0]))
        else:
            stride = int(rest[rest.index("stride") + 1]) if "stride" in rest else 1
            layers.append(nn.Conv2d(weight.shape[1], weight.shape[0], weight.shape[2:], stride=stride))
    made = nn.Sequential(*layers).double()
    made.load_state_dict({name: tensor for name, tensor in kept.items() if "/" not in name})
    return made


def theta_of(net):
    return torch.cat([parameter.detach().flatten() for parameter in net.parameters()]).numpy()


class Exported:
    """A run's rows and arrays by (step, name, split)."""

    def __init__(self, crosstalk, folder, text):
        (crosstalk.folder / "study.toml").write_text(text)
        crosstalk("run", "study.toml", "--out", "results")
        self.rows = {}
        for row in csv.DictReader(io.StringIO(crosstalk.export("results"))):
            self.rows[int(row["step"]), row["measure"], row["split"]] = float(row["value"])
            self.run = row["run"]
        self.arrays, self.labels = {}, {}
        for row in csv.DictReader(io.StringIO(crosstalk("export", "results", "--arrays", "--format", "csv"))):
            key = int(row["step"]), row["array"], row["split"]
            value = float(row["value"]) if row["value"] else np.nan
            self.arrays.setdefault(key, []).append(value)
            self.labels.setdefault(key, []).append(row)
        crosstalk("export", "results", "--parameters", self.run, "--out", "kept")
        self.steps = sorted(int(path.stem) for path in (folder / "kept").glob("*.safetensors") if path.stem.isdigit())
        self.kept = {step: opened(folder / "kept" / f"{step}.safetensors") for step in self.steps}
        fixed = folder / "kept" / "rows.safetensors"
        self.fixed = opened(fixed)[0] if fixed.exists() else {}


def compare(found, computed):
    computed = np.asarray(computed, float)
    np.testing.assert_allclose(found, computed, rtol=0, atol=WITHIN * np.nanmax(np.abs(computed)))


def check_hidden_layers(run, step, split, net, about, inputs):
    at, arrays = (lambda name: run.rows[step, name, split]), (lambda name: run.arrays[step, name, split])
    last = max(i for i, line in enumerate(about["layers"]) if line.startswith("linear"))
    with torch.no_grad():
        values = [inputs]
        for layer in net:
            values.append(layer(values[-1]))
    phi = values[last].flatten(1).numpy()
    s = np.linalg.svd(phi, compute_uv=False)
    compare(arrays("singular_values"), s)
    compare(at("singular_values.largest"), np.linalg.norm(phi, 2))
    compare(at("singular_values.share"), s[0] / s.sum())
    assert at("rank") == np.linalg.matrix_rank(phi / np.sqrt(len(phi)), tol=0.01)
    assert at("rank.srank") == 1 + np.searchsorted(np.cumsum(s) / s.sum(), 0.99)
    p = s[s > 0] / s.sum()
    compare(at("rank.effective"), np.exp(-(p * np.log(p)).sum()))

    scores = []
    for value, line in zip(values[1 : last + 1], about["layers"]):
        if line in ("leaky", "relu", "tanh"):
            size = value.abs().numpy().mean(axis=(0, *range(2, value.ndim)))
            scores.append(size / size.mean())
    together = np.concatenate(scores)
    compare(at("dormant"), (together <= 0.025).mean())
    compare(at("dormant.zero"), (together == 0).mean())
    compare(arrays("dormant"), [(layer <= 0.025).mean() for layer in scores])
    table = np.full((len(scores), max(map(len, scores))), np.nan)
    for row, layer in zip(table, scores):
        row[: len(layer)] = layer
    compare(arrays("dormant.score"), table.flatten())


def check_parameters(run, step, net):
    theta = theta_of(net)
    compare(run.rows[step, "norm.weights", "parameters"], np.linalg.norm(theta))
    layers = [
        torch.nn.utils.parameters_to_vector(layer.parameters()).norm().item()
        for layer in net
        if list(layer.parameters())
    ]
    compare(run.arrays[step, "norm.weights", "parameters"], layers)
    if step == run.steps[-1]:
        assert (step, "norm.step", "parameters") not in run.rows
        return 0
    moved = np.linalg.norm(theta_of(network(*run.kept[step + 1])) - theta)
    if (step, "norm.step", "parameters") not in run.rows:  # an agent's first updates come later
        return 0
    compare(run.rows[step, "norm.step", "parameters"], moved)
    compare(run.rows[step, "norm.step.relative", "parameters"], moved / np.linalg.norm(theta))
    return 1


def check_gradients(run, step, split, net, losses):
    each = []
    for loss in losses:
        gradients = torch.autograd.grad(loss, list(net.parameters()), retain_graph=True)
        each.append(torch.cat([gradient.flatten() for gradient in gradients]).numpy())
    single = np.mean([np.linalg.norm(gradient) for gradient in each])
    np.testing.assert_allclose(
        run.rows[step, "norm.gradient", split], np.linalg.norm(np.mean(each, 0)), atol=WITHIN * single
    )
    compare(run.rows[step, "norm.gradient.single", split], single)


@pytest.mark.parametrize(
    "layers",
    [
        ["conv 4 3 stride 2", "layernorm", "relu", "conv 5 3", "leaky", "flatten", "linear 9", "relu", "linear out"],
        ["flatten", "linear 70", "tanh", "layernorm", "linear out"],
    ],
)
def test_of_a_classifier_they_are_numpys(crosstalk, tmp_path, layers):
    text = STUDY.format(
        task='dataset = "digits"\nexamples = 40', layers=json.dumps(layers), learner="updates = 6\nrate = 0.02"
    )
    run = Exported(crosstalk, tmp_path, text)
    assert len(run.steps) == 7
    moved = 0
    for step, (kept, about) in run.kept.items():
        net = network(kept, about)
        for split in ("train", "test"):
            inputs, labels = (run.fixed[f"{split}/{name}"][:24] for name in ("inputs", "label"))
            check_hidden_layers(run, step, split, net, about, inputs)
            check_gradients(run, step, split, net, nn.functional.cross_entropy(net(inputs), labels, reduction="none"))
        moved += check_parameters(run, step, net)
    assert moved == 6
    assert not any(name.endswith(".rows") for _, name, _ in run.arrays)


def test_of_an_agent_they_are_numpys_and_say_their_transitions(crosstalk, tmp_path):
    layers = ["linear 12", "relu", "linear 8", "relu", "linear out"]
    text = STUDY.format(task='environment = "gridworld"', layers=json.dumps(layers),
                        learner='algorithm = "dqn"\nsteps = 80\nstart = 20\nupdate-every = 1\nloss = "squared-error"\nrate = 0.05')  # fmt: skip
    run = Exported(crosstalk, tmp_path, text)
    moved = looked = 0
    for step, (kept, about) in run.kept.items():
        net = network({name: tensor for name, tensor in kept.items() if not name.startswith("target/")}, about)
        moved += check_parameters(run, step, net)
        if "seen/before" not in kept:
            continue
        looked += 1
        check_hidden_layers(run, step, "seen", net, about, kept["seen/before"])
        values = net(kept["seen/before"]).gather(1, kept["seen/action"])
        check_gradients(run, step, "seen", net, ((values - kept["seen/own.targets"]) ** 2).sum(1))
        for name in ("singular_values.rows", "dormant.rows"):
            assert run.arrays[step, name, "seen"] == kept["seen/rows"].tolist()
        assert [row["axis_0"] for row in run.labels[step, "singular_values", "seen"]][:2] == ["1", "2"]
    assert moved > 10 and looked > 10

"""What reads gradients of all samples at once, computed again by torch.func and NumPy from what runs keep and export alone.

In double precision, to 1e-8 of the largest: sums are made in another order, and eigenvalues are known to rounding of the largest."""

import csv
import io

import numpy as np
import pytest
import torch
from test_documentation import blocks
from torch import nn
from torch.func import functional_call, jacrev, vmap

STUDIES = {
    "classify": """
[task]
dataset = "digits"
examples = 60
[network]
layers = ["flatten", "linear 6", "tanh", "linear out"]
[learner]
updates = 40
[probe]
every = 20
samples = 15
keep = "all"
measures = ["stiffness.within", "stiffness.between", "cosine.batch", "gradient_covariance", "ntk"]
[runtime]
precision = "double"
""",
    "control": """
[task]
environment = "gridworld"
[network]
hidden = 8
[learner]
algorithm = "dqn"
loss = "squared-error"
steps = 400
batch = 16
[probe]
every = 200
samples = 20
offsets = 1
others = 8
episodes = 1
keep = "all"
measures = ["cosine.batch", "gradient_covariance", "ntk", "expected_interference"]
[runtime]
precision = "double"
""",
}


@pytest.fixture(scope="module")
def exported(tmp_path_factory, cache):
    """By study: its rows, its arrays, and its kept files in a folder of that name."""
    from command import Command

    command = Command(tmp_path_factory.mktemp("gradients"), cache)
    found = {}
    for name, text in STUDIES.items():
        (command.folder / f"{name}.toml").write_text(text)
        command("run", f"{name}.toml")
        rows = list(csv.DictReader(io.StringIO(command.export(f"results/{name}"))))
        arrays = list(csv.DictReader(io.StringIO(command("export", f"results/{name}", "--arrays"))))
        command("export", f"results/{name}", "--parameters", rows[0]["run"], "--out", name)
        found[name] = Stored(command.folder / name, rows, arrays)
    return found


class Stored:
    def __init__(self, folder, rows, arrays):
        self.folder = folder
        self.rows = {(int(row["step"]), row["measure"], row["split"]): float(row["value"]) for row in rows}
        self.arrays = {}
        for line in arrays:
            values = self.arrays.setdefault((int(line["step"]), line["array"], line["split"]), [])
            values.append(float(line["value"]))

    def compare(self, step, measure, split, computed):
        assert self.rows[step, measure, split] == pytest.approx(float(computed), rel=1e-8, abs=1e-9), (step, measure, split)

    def compare_array(self, step, name, split, computed):
        computed = np.asarray(computed).ravel()
        stored = np.array(self.arrays[step, name, split])
        np.testing.assert_allclose(stored, computed, rtol=0, atol=1e-8 * np.nanmax(np.abs(computed)), err_msg=name)


@pytest.fixture(scope="module")
def page():
    """The functions of docs/recompute.md that read kept files."""
    names = {}
    for block in blocks("docs/recompute.md", "python")[:2]:
        exec(block, names)
    return names


def cosines(a, b):
    a, b = (nn.functional.normalize(g) for g in (a, b))
    return (a @ b.T).numpy()


def distinct(matrix, same_set):
    return matrix[np.triu_indices(len(matrix), 1)] if same_set else matrix.ravel()


def compare_kernel(stored, step, split, net, inputs):
    theta = {name: value.detach() for name, value in net.named_parameters()}
    each = vmap(jacrev(lambda theta, x: functional_call(net, theta, (x[None],))[0]), in_dims=(None, 0))(theta, inputs)
    jacobian = torch.cat([part.flatten(2) for part in each.values()], 2)  # (n, p, P)
    n, p, _ = jacobian.shape
    flat = jacobian.flatten(0, 1)
    kernel = (flat @ flat.T).numpy()
    spectrum = np.linalg.eigvalsh(kernel)[::-1]
    split = f"{split}-{split}"
    stored.compare_array(step, "ntk.spectrum", split, spectrum)
    stored.compare(step, "ntk", split, np.trace(kernel) / n)
    above = spectrum[spectrum > np.finfo(float).eps * n * p * spectrum[0]]
    assert stored.rows[step, "ntk.below", split] == n * p - len(above)
    condition = spectrum[0] / above[-1]  # of which rounding leaves so much
    assert stored.rows[step, "ntk.condition", split] == pytest.approx(condition, rel=max(1e-8, 1e-14 * condition))
    shares = np.clip(spectrum, 0, None) / np.clip(spectrum, 0, None).sum()
    shares = shares[shares > 0]
    stored.compare(step, "ntk.rank", split, np.exp(-(shares * np.log(shares)).sum()))
    by_output = kernel.reshape(n, p, n, p)
    largest = net(inputs).argmax(1).numpy()
    of_largest = by_output[np.arange(n), largest][:, np.arange(n), largest]
    of_mean = np.einsum("ukvk->uv", by_output) / p
    upper = np.triu_indices(n, 1)
    stored.compare(step, "ntk.maximum", split, np.corrcoef(of_largest[upper], of_mean[upper])[0, 1])


def compare_covariance(stored, step, split, gradients, rows, last):
    order = np.argsort(rows)
    matrix = cosines(gradients[order], gradients[order])
    stored.compare(step, "gradient_covariance", f"{split}-{split}", np.abs(distinct(matrix, True)).mean())
    assert ((step, "gradient_covariance", f"{split}-{split}") in stored.arrays) == last
    if last:
        stored.compare_array(step, "gradient_covariance", f"{split}-{split}", matrix)


def compare_to_batch(stored, step, split, gradients, whole):
    each = cosines(gradients, whole[None])[:, 0]
    stored.compare_array(step, "cosine.batch", split, each)
    stored.compare(step, "cosine.batch", split, each.mean())
    stored.compare(step, "cosine.batch.positive", split, (each > 0).mean())
    stored.compare(step, "cosine.batch.q50", split, np.quantile(each, 0.5))


def test_a_classifiers_are_what_torch_func_and_numpy_give(exported, page):
    stored = exported["classify"]
    rows, _ = page["opened"](stored.folder / "rows.safetensors")
    measured = page["measurements"](stored.folder)
    assert [about["step"] for _, about in measured] == [0, 20, 40]
    for kept, about in measured:
        net, step, n = page["network"](kept, about), about["step"], 15
        gradients, labels = {}, {}
        for split in ("train", "test"):
            every = page["gradients"](net, nn.functional.cross_entropy, rows[f"{split}/inputs"], rows[f"{split}/label"])
            if split == "train":
                whole = every.sum(0)
            gradients[split], labels[split] = every[:n], rows[f"{split}/label"][:n].numpy()
            compare_to_batch(stored, step, split, gradients[split], whole)
            compare_covariance(stored, step, split, gradients[split], np.arange(n), step == 40)
            compare_kernel(stored, step, split, net, rows[f"{split}/inputs"][:n])
        for a, b in (("train", "train"), ("train", "test"), ("test", "test")):
            values = distinct(cosines(gradients[a], gradients[b]), a == b)
            same = distinct(labels[a][:, None] == labels[b], a == b)
            for name, pairs in (("within", values[same]), ("between", values[~same])):
                stored.compare(step, f"stiffness.{name}", f"{a}-{b}", pairs.mean())
                stored.compare(step, f"stiffness.{name}.sign", f"{a}-{b}", np.sign(pairs).mean())
                stored.compare(step, f"stiffness.{name}.q90", f"{a}-{b}", np.quantile(pairs, 0.9))


def test_an_agents_are_what_torch_func_and_numpy_give(exported, page):
    stored = exported["control"]
    measured = [(kept, about) for kept, about in page["measurements"](stored.folder) if "seen/before" in kept]
    assert [about["step"] for _, about in measured] == [200, 400]
    for kept, about in measured:
        net, step = page["network"](kept, about), about["step"]
        loss = lambda outputs, action, target: ((outputs[action] - target) ** 2).sum()  # noqa: E731
        gradients = page["gradients"](net, loss, kept["seen/before"], kept["seen/action"], kept["seen/own.targets"])
        has = gradients.norm(dim=1) > 0
        assert has.all()
        compare_to_batch(stored, step, "seen", gradients, gradients.sum(0))
        compare_covariance(stored, step, "seen", gradients, kept["seen/rows"].numpy(), step == 400)
        compare_kernel(stored, step, "seen", net, kept["seen/before"])
    for split in ("batch", "others"):
        assert (200, "expected_interference", split) in stored.rows
    assert (400, "expected_interference", "others") not in stored.rows  # no update follows

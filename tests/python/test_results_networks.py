"""Networks from Python: their outputs against the engine's, layer by layer, and against what runs have kept."""

import shutil

import crosstalk as ct
import numpy as np
import pytest

torch = pytest.importorskip("torch")

from crosstalk import _torch
from crosstalk.results.network import module_of

try:
    engine = _torch.engine()
except ImportError as reason:
    pytest.skip(f"the engine is not built: {reason}", allow_module_level=True)

NETWORKS = {
    "images": ((4, 32, 32), 14, engine.image_layers(8, 1, 4)),
    "plain": ((21,), 7, engine.plain_layers(64, 2)),
    "atari": ((4, 84, 84), 6, engine.atari_layers(4)),
    "odd": ((3, 11, 9), 4, ["conv 5 3x2 stride 2x1 pad 1", "tanh", "conv 7 2", "relu", "flatten", "linear 6", "tanh", "linear out"]),
    "padded one way": ((2, 7, 9), 3, ["conv 4 3 pad 0x1", "leaky", "flatten", "linear out"]),
    "norms": ((2, 10, 10), 5, ["conv 6 3", "layernorm", "relu", "flatten", "linear 12", "layernorm", "relu", "linear out"]),
    "dueling": ((9,), 4, ["linear 16", "relu", "dueling 8", "relu", "dueling out"]),
    "dueling at once": ((9,), 4, ["layernorm", "dueling out"]),
    "dueling and norms": ((9,), 3, ["dueling 8", "layernorm", "tanh", "dueling 6", "relu", "dueling out"]),
}  # fmt: skip


def parameters(network, dtype, seed=0):
    """(theta, {name: array}) of the engine's segments, drawn."""
    theta = (np.random.default_rng(seed).standard_normal(network.parameters) / 3).astype(dtype)
    named = {
        name: theta[offset : offset + int(np.prod(shape))].reshape(shape) for name, offset, shape in network.segments
    }
    return theta, named


@pytest.mark.parametrize("dtype, close", [(np.float64, 1e-12), (np.float32, 3e-5)])
@pytest.mark.parametrize("name", NETWORKS)
def test_a_networks_outputs_are_the_engines(name, dtype, close):
    shape, outputs, layers = NETWORKS[name]
    network = engine.Network(shape, outputs, layers)
    theta, named = parameters(network, dtype)
    x = np.random.default_rng(1).standard_normal((5, *shape)).astype(dtype)
    module = module_of(layers, named, name)
    with torch.no_grad():
        computed = module(torch.from_numpy(x)).numpy()
    known = network.forward(theta, x)
    assert computed.dtype == known.dtype == dtype and computed.shape == (5, outputs)
    assert np.abs(computed - known).max() <= close * np.abs(known).max()


def test_a_modules_parameters_stand_in_the_engines_order():
    shape, outputs, layers = NETWORKS["dueling and norms"]
    network = engine.Network(shape, outputs, layers)
    theta, named = parameters(network, np.float64)
    module = module_of(layers, named, "")
    assert [name for name, _ in module.named_parameters()] == [name for name, _, _ in network.segments]
    assert (torch.nn.utils.parameters_to_vector(module.parameters()).detach().numpy() == theta).all()


def test_what_cannot_be_rebuilt_is_refused_by_name():
    layers = ["linear 8", "relu", "linear out noisy 0.5"]
    _, named = parameters(engine.Network((3,), 2, layers), np.float64)
    with pytest.raises(
        ct.Error, match="a place: layer 2, 'linear out noisy 0.5', .* drawn at each update. parameters()"
    ):
        module_of(layers, named, "a place")
    with pytest.raises(ct.Error, match="layer 0, 'attention 8', .*: there are conv, linear"):
        module_of(["attention 8"], {}, "a place")


@pytest.fixture(scope="module")
def results(small_study):
    return ct.load(small_study)


def runs_of(results, experiment):
    return results.runs.query("experiment == @experiment")["run"].tolist()


def test_a_runs_network_gives_the_outputs_that_the_run_kept(results):
    for run in runs_of(results, "digits"):
        network, samples = results.module(run), results.samples(run)
        assert next(network.parameters()).dtype == torch.float64 and results.kept_steps(run) == [20]
        kept = samples["train/outputs"]
        with torch.no_grad():
            outputs = network(torch.from_numpy(samples["train/inputs"][: len(kept)])).numpy()
            loss = torch.nn.functional.cross_entropy(
                network(torch.from_numpy(samples["test/inputs"])), torch.from_numpy(samples["test/label"])
            )
        assert np.abs(outputs - kept).max() < 1e-12
        assert abs(loss.item() - results.table("loss", "test").loc[run, 20]) < 1e-12


def test_an_agent_has_a_target_network_at_each_step_that_it_kept(results):
    (run,) = runs_of(results, "window")
    assert results.kept_steps(run) == [0, 60, 120]
    online, target = results.module(run, 60), results.module(run, 60, network="target")
    samples = results.samples(run, 60)
    with torch.no_grad():
        before = torch.from_numpy(samples["train/before"])
        assert np.allclose(online(before).numpy(), samples["train/outputs"], rtol=1e-4, atol=1e-5)
        assert not torch.equal(online(before), target(before)) and next(target.parameters()).dtype == torch.float32
    first, last = results.parameters(run, 0), results.parameters(run)
    assert list(first) == list(last) == [name for name, _ in online.named_parameters()]
    assert any((first[name] != last[name]).any() for name in first)
    assert not any(name.startswith("target") for name in samples)


def test_a_network_of_two_streams_gives_distributions_over_atoms(results):
    (run,) = runs_of(results, "atoms")
    samples = results.samples(run)
    with torch.no_grad():
        outputs = results.module(run)(torch.from_numpy(samples["seen/before"])).numpy()
    assert outputs.shape == (8, 4 * 51) and np.abs(outputs - samples["seen/outputs"]).max() < 1e-6


def test_what_was_not_kept_is_refused_in_words(results, small_study, tmp_path):
    run, (agent,) = runs_of(results, "gridworld")[0], runs_of(results, "window")
    for call, said in {
        (lambda: results.parameters(run)): f"run {run} kept no parameters. Set probe.keep",
        (lambda: results.module(agent, 61)): "kept nothing at step 61; it did at 0, 60, 120",
        (lambda: results.parameters(agent, network="targets")): "did you mean target?",
        (lambda: results.parameters(runs_of(results, "digits")[0], network="target")): "target is no network",
    }.items():
        with pytest.raises(ct.Error) as caught:
            call()
        assert said in str(caught.value) and caught.value.kind == "config"
    shutil.copytree(small_study, tmp_path / "out")
    file = tmp_path / "out/kept" / agent / "60.safetensors"
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.write_bytes(content)
    with pytest.raises(ct.Error, match="60.safetensors is cut short or damaged") as caught:
        ct.load(tmp_path / "out").parameters(agent, 60)
    assert caught.value.kind == "store"

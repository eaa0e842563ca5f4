"""The contractions against other people's per-sample gradients: torch.func's vmap(grad) and BackPACK's BatchGrad."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
from torch import nn  # noqa: E402
from torch.func import functional_call, grad, vmap  # noqa: E402

from crosstalk import _torch  # noqa: E402

try:
    engine = _torch.engine()
except ImportError as reason:
    pytest.skip(f"the engine is not built: {reason}", allow_module_level=True)


def leaky():
    return nn.LeakyReLU(0.01)


NETWORKS = {
    "sarcos": (
        (21,),
        7,
        ["linear 64", "leaky", "linear 64", "leaky", "linear out"],
        lambda: nn.Sequential(nn.Linear(21, 64), leaky(), nn.Linear(64, 64), leaky(), nn.Linear(64, 7)),
    ),
    "image agent": (
        (4, 32, 32),
        14,
        None,
        lambda: nn.Sequential(
            nn.Conv2d(4, 8, 5, 2),
            leaky(),
            nn.Conv2d(8, 16, 3),
            leaky(),
            nn.Conv2d(16, 32, 3),
            leaky(),
            nn.Conv2d(32, 32, 3, padding=1),
            leaky(),
            nn.Flatten(),
            nn.Linear(3200, 32),
            leaky(),
            nn.Linear(32, 14),
        ),
    ),
    "odd": (
        (3, 11, 9),
        4,
        ["conv 5 3x2 stride 2x1 pad 1", "tanh", "conv 7 2", "relu", "flatten", "linear 6", "tanh", "linear out"],
        lambda: nn.Sequential(
            nn.Conv2d(3, 5, (3, 2), (2, 1), 1),
            nn.Tanh(),
            nn.Conv2d(5, 7, 2),
            nn.ReLU(),
            nn.Flatten(),
            nn.Linear(315, 6),
            nn.Tanh(),
            nn.Linear(6, 4),
        ),
    ),
}


def pair(name, dtype):
    """Our network, torch's twin, their common theta, six samples and a cotangent for each."""
    shape, outputs, layers, make = NETWORKS[name]
    torch.manual_seed(3)
    model = make().to(dtype)
    net = engine.Network(list(shape), outputs, layers or engine.image_layers(8, 1, 4))
    theta = torch.cat([p.detach().flatten() for p in model.parameters()])
    return net, model, theta, torch.rand(6, *shape, dtype=dtype), torch.randn(6, outputs, dtype=dtype)


def by_torch_func(model, x, cotangent):
    parameters = {key: p.detach() for key, p in model.named_parameters()}

    def scalar(parameters, x, c):
        return (functional_call(model, parameters, x.unsqueeze(0)).squeeze(0) * c).sum()

    gradients = vmap(grad(scalar), in_dims=(None, 0, 0))(parameters, x, cotangent)
    return torch.cat([g.flatten(1) for g in gradients.values()], 1).numpy()


def by_backpack(model, x, cotangent):
    backpack = pytest.importorskip("backpack")
    from backpack.extensions import BatchGrad

    backpack.extend(model)
    with backpack.backpack(BatchGrad()):
        (model(x) * cotangent).sum().backward()
    return torch.cat([p.grad_batch.flatten(1) for p in model.parameters()], 1).numpy()


def close(value, expected, tolerance):
    assert value.shape == expected.shape
    assert np.abs(value - expected).max() <= tolerance * np.abs(expected).max()


@pytest.mark.parametrize("dtype, tolerance", [(torch.float64, 1e-10), (torch.float32, 1e-4)])
@pytest.mark.parametrize("oracle", [by_torch_func, by_backpack])
@pytest.mark.parametrize("name", NETWORKS)
def test_contractions_equal_those_of_other_peoples_per_sample_gradients(name, oracle, dtype, tolerance):
    net, model, theta, x, cotangent = pair(name, dtype)
    rows = oracle(model, x, cotangent)
    trace = net.trace(theta.numpy(), x.numpy(), cotangent.numpy())
    close(trace.per_sample_gradients(), rows, tolerance)
    close(trace.gradient(), rows.sum(0), tolerance)
    direction = np.random.default_rng(0).normal(size=rows.shape[1]).astype(rows.dtype)
    close(trace.directional(direction), rows @ direction, tolerance)
    for path in ("fastest", "portable"):
        close(trace.gram(path=path), rows @ rows.T, tolerance)
        close(trace.squared_norms(path=path), (rows**2).sum(1), tolerance)
    other = net.trace(theta.numpy(), x[:2].numpy().copy(), cotangent[:2].numpy().copy())
    close(trace.cross_gram(other), rows @ rows[:2].T, tolerance)


@pytest.mark.parametrize("function", ["max", "mean"])
def test_a_named_function_is_the_largest_output_or_their_mean(function):
    net, model, theta, x, _ = pair("sarcos", torch.float64)
    output = model(x)
    cotangent = torch.autograd.grad((output.max(1).values if function == "max" else output.mean(1)).sum(), output)[0]
    rows = by_torch_func(model, x, cotangent)
    close(net.trace(theta.numpy(), x.numpy(), function).gram(), rows @ rows.T, 1e-10)


def test_blocks_under_a_budget_give_the_same_gram():
    net, _, theta, x, _ = pair("image agent", torch.float32)
    x = torch.rand(70, 4, 32, 32).numpy()
    whole = net.trace(theta.numpy(), x, "max").gram()
    close(net.gram_in_blocks(theta.numpy(), x, "max", 40_000_000), whole, 1e-4)


def test_bad_arrays_are_refused_in_a_sentence():
    net, _, theta, x, _ = pair("sarcos", torch.float32)
    with pytest.raises(engine.Error, match="float32 or float64"):
        net.trace(theta.numpy(), x.numpy().astype(np.int64), "max")
    with pytest.raises(engine.Error, match="not contiguous"):
        net.trace(theta.numpy(), np.asfortranarray(x.numpy()), "max")
    with pytest.raises(engine.Error, match='"median" is not one of'):
        net.trace(theta.numpy(), x.numpy(), "median")


def run_python(code):
    root = Path(_torch.__file__).resolve().parents[1]
    return subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(root)!r})\n{code}"], capture_output=True, text=True
    )


def test_the_engine_loads_without_importing_torch():
    done = run_python("from crosstalk import _torch; _torch.engine(); assert 'torch' not in sys.modules")
    assert done.returncode == 0, done.stderr


def test_another_torch_is_refused_before_it_is_loaded(tmp_path):
    (tmp_path / "torch" / "lib").mkdir(parents=True)
    (tmp_path / "torch" / "__init__.py").write_text("")
    (tmp_path / "torch" / "version.py").write_text("__version__ = '1.4.0'\n")
    (tmp_path / "torch" / "lib" / "libtorch_cpu.so").write_bytes(b"")
    done = run_python(
        f"sys.path.insert(0, {str(tmp_path)!r})\nfrom crosstalk import _torch\ntry: _torch.engine()\nexcept ImportError as e: print(e)"
    )
    assert "was built for torch" in done.stdout and "1.4.0" in done.stdout and done.stdout.count("\n") == 1, done.stderr


def test_no_torch_at_all_is_said_in_one_line():
    done = run_python(
        "import importlib.util as u\nfind = u.find_spec\nu.find_spec = lambda name, *a: None if name == 'torch' else find(name, *a)\n"
        "from crosstalk import _torch\ntry: _torch.engine()\nexcept ImportError as e: print(e)"
    )
    assert "pip install torch" in done.stdout and done.stdout.count("\n") == 1, done.stderr

"""Our optimisers against torch.optim: 1,000 steps down a noisy valley, where a mistake would grow."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from crosstalk import _torch  # noqa: E402

try:
    engine = _torch.engine()
except ImportError as reason:
    pytest.skip(f"the engine is not built: {reason}", allow_module_level=True)

THEIRS = {
    "sgd": lambda p, rate, decay: torch.optim.SGD(p, lr=rate, weight_decay=decay),
    "momentum": lambda p, rate, decay: torch.optim.SGD(p, lr=rate, momentum=0.99, weight_decay=decay),
    "rmsprop": lambda p, rate, decay: torch.optim.RMSprop(p, lr=rate, weight_decay=decay),
    "adam": lambda p, rate, decay: torch.optim.Adam(p, lr=rate, weight_decay=decay),
}


def gradient(theta, noise):
    return np.sin(theta) + 0.3 * theta + noise


@pytest.mark.parametrize("decay", [0.0, 1e-4, 0.1])
@pytest.mark.parametrize("kind", THEIRS)
def test_goes_1000_steps_with_torch_optim(kind, decay):
    rate = {"sgd": 0.05, "momentum": 0.01}.get(kind, 1e-3)
    draws = np.random.default_rng(3)
    ours = draws.normal(size=101)
    theirs = torch.tensor(ours, requires_grad=True)
    optimizer = engine.Optimizer(kind, ours, rate=rate, momentum=0.99, weight_decay=decay)
    reference = THEIRS[kind]([theirs], rate, decay)
    for _ in range(1000):
        noise = draws.normal(size=101)
        optimizer.step(ours, gradient(ours, noise))
        theirs.grad = torch.tensor(gradient(theirs.detach().numpy(), noise))
        reference.step()
    expected = theirs.detach().numpy()
    assert np.isfinite(expected).all()
    assert np.abs(ours - expected).max() <= 1e-9 * np.abs(expected).max()


def test_names_the_optimisers_there_are():
    with pytest.raises(engine.Error, match='"adam", "sgd", "momentum", "rmsprop"'):
        engine.Optimizer("adamw", np.zeros(3), rate=0.1)

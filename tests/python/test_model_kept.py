"""crosstalk.gram leaves nothing of the user's changed, and works where the user's loop is."""

import copy
import gc
import random
import weakref

import numpy as np
import pytest

torch = pytest.importorskip("torch")
import crosstalk as ct  # noqa: E402
from model_networks import resnet18, settled  # noqa: E402
from model_oracles import in_the_batch, off, squares  # noqa: E402
from torch import nn  # noqa: E402

FUNCTIONS = {
    "gram": lambda model, x: ct.gram(model, x, squares, check="always"),
    "per layer": lambda model, x: ct.gram(model, x, squares, per_layer=True, check="always"),
    "cross_gram": lambda model, x: ct.cross_gram(model, x, x[:2], squares, check="always"),
    "norms": lambda model, x: ct.norms(model, x, squares, check="always"),
    "per_sample": lambda model, x: ct.per_sample(model, x, squares, check="always"),
    "plan": lambda model, x: ct.plan(model, x, squares, check="always"),
}


class Stashing(nn.Module):
    """A layer without a rule, run again one sample at a time, that keeps its features."""

    def __init__(self):
        super().__init__()
        self.w, self.features = nn.Parameter(torch.randn(3, 6)), None

    def forward(self, x):
        self.features = torch.einsum("nd,od->no", x, self.w)
        return self.features.tanh()


class Keeping(nn.Module):
    """Counts its calls in a buffer and draws at random."""

    def __init__(self):
        super().__init__()
        self.first = nn.utils.parametrizations.spectral_norm(nn.Linear(6, 6))
        self.last, self.times = Stashing(), 0
        self.register_buffer("calls", torch.zeros(()))

    def forward(self, x):
        self.calls += 1
        self.times += 1
        return self.last(self.first(x).tanh() + torch.rand(6))


def everything(model):
    modules = list(model.modules())
    hooks = [
        len(own)
        for module in modules
        for name, own in vars(module).items()
        if name.endswith("_hooks") and own is not None
    ]
    return (
        [(id(p), p._version, p.requires_grad, p.grad) for p in model.parameters()],
        [(id(buffer), buffer.clone()) for buffer in model.buffers()],
        [module.training for module in modules],
        hooks,
        torch.get_rng_state(),
        torch.is_grad_enabled(),
    )


def is_same(one, other):
    if isinstance(one, torch.Tensor):
        return torch.equal(one, other)
    if isinstance(one, (list, tuple)):
        return len(one) == len(other) and all(map(is_same, one, other))
    return one == other


class Drawing(nn.Module):
    """Draws from one of Python's and NumPy's generators, and reads nothing of it."""

    def __init__(self, draw):
        super().__init__()
        self.layer, self.draw = nn.Linear(6, 2), draw

    def forward(self, x):
        self.draw()
        return self.layer(x)


@pytest.mark.parametrize("draw", [random.random, np.random.rand, np.random.randn, lambda: random.gauss(0, 1)])
def test_states_that_a_model_draws_from_elsewhere_stay_call_after_call(draw):
    model, x = Drawing(draw), torch.randn(4, 6)
    for check in ("first", "first", "off", "always", "first"):
        python, numpy = random.getstate(), np.random.get_state()
        ct.gram(model, x, squares, check=check)
        assert random.getstate() == python
        assert all(np.array_equal(one, two) for one, two in zip(np.random.get_state(), numpy))


@pytest.mark.parametrize("is_training", [True, False])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_nothing_of_the_model_is_left_changed(name, is_training):
    model, x = Keeping(), torch.randn(5, 6)
    model.train(is_training)
    model.first.eval()
    model(x)
    features, times = model.last.features, model.times
    before = everything(model)
    with pytest.warns(ct.TraceWarning, match="draws at random"):
        FUNCTIONS[name](model, x)
    assert is_same(before, everything(model))
    assert model.last.features is features and model.times == times


def test_gradients_inputs_and_a_graph_in_progress_stay_as_they_are():
    model, x = settled(resnet18(nn.BatchNorm2d)), torch.randn(3, 3, 8, 8, requires_grad=True)
    twin = copy.deepcopy(model)
    twin(x).pow(2).sum().backward()
    right, right_x = [p.grad for p in twin.parameters()], x.grad.clone()
    x.grad = None
    loss = model(x).pow(2).sum()
    ct.gram(model, x)
    assert x.grad is None and all(p.grad is None for p in model.parameters())
    loss.backward()
    assert all(torch.equal(p.grad, g) for p, g in zip(model.parameters(), right)) and torch.equal(x.grad, right_x)
    kept = [p.grad.clone() for p in model.parameters()]
    ct.gram(model, x)
    assert all(torch.equal(p.grad, g) for p, g in zip(model.parameters(), kept)) and torch.equal(x.grad, right_x)


def test_training_is_bit_identical_with_and_without_it():
    def train(is_measured):
        torch.manual_seed(7)
        model = nn.Sequential(nn.Linear(6, 16), nn.ReLU(), nn.Dropout(0.5), nn.Linear(16, 3))
        optimizer = torch.optim.Adam(model.parameters())
        for _ in range(5):
            x = torch.randn(8, 6)
            if is_measured:
                ct.gram(model, x, "max")
            optimizer.zero_grad()
            squares(model(x)).mean().backward()
            optimizer.step()
        return torch.cat([p.detach().flatten() for p in model.parameters()])

    with pytest.warns(ct.TraceWarning):
        assert torch.equal(train(True), train(False))


def test_hooks_of_the_users_own_on_parameters_hear_nothing_and_change_nothing():
    model, x, heard = nn.Sequential(nn.Linear(6, 5), nn.Tanh(), nn.Linear(5, 3)), torch.randn(5, 6), []
    right = ct.gram(copy.deepcopy(model), x)

    def clip(gradient):
        heard.append(gradient)
        return gradient.clamp(-0.01, 0.01)

    for p in model.parameters():
        p.register_hook(clip)
    assert torch.equal(ct.gram(model, x), right) and not heard
    squares(model(x)).sum().backward()
    assert len(heard) == 4 and max(float(p.grad.abs().max()) for p in model.parameters()) <= 0.01


def test_a_module_with_two_names_keeps_its_parameters():
    """torch.func.functional_call does not give them back (torch 2.13)."""
    inner = nn.Linear(6, 6)
    model = nn.Sequential(inner, nn.Tanh(), inner, Stashing()).double()
    weight, x = inner.weight, torch.randn(4, 6, dtype=torch.double)
    rows = in_the_batch(model, x, "max")
    assert off(ct.gram(nn.Sequential(model), x), rows @ rows.t()) < 1e-10
    zeros = torch.zeros(4, dtype=torch.double)
    ct.td_terms(model, None, (x, zeros, zeros, x, zeros), 0.9)
    assert inner.weight is weight and isinstance(inner.weight, nn.Parameter)


@pytest.mark.parametrize("guard", [torch.no_grad, torch.inference_mode])
def test_it_works_where_gradients_are_off(guard):
    model = nn.Sequential(nn.Linear(6, 5), nn.Tanh(), nn.Linear(5, 3))
    with guard():
        x = torch.randn(5, 6)
        found = ct.gram(model, x)
        assert not torch.is_grad_enabled()
    assert off(found, ct.gram(model, x.clone())) < 1e-6


def test_under_autocast_it_is_the_gradient_of_what_autocast_computes():
    model, x = nn.Sequential(nn.Linear(6, 32), nn.ReLU(), nn.LayerNorm(32), nn.Linear(32, 3)), torch.randn(5, 6)
    exact = ct.gram(model, x, squares)
    with torch.autocast("cpu", torch.bfloat16):
        rows = in_the_batch(model, x, squares)
        found = ct.gram(model, x, squares)
    assert found.dtype == torch.float32
    assert off(found, rows @ rows.t()) < 2e-2 and 1e-5 < off(found, exact) < 5e-2


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_a_model_in_half_precision_is_contracted_in_single(dtype):
    model, x = nn.Sequential(nn.Linear(6, 16), nn.ReLU(), nn.Linear(16, 3)).to(dtype), torch.randn(5, 6).to(dtype)
    rows = in_the_batch(model, x, squares).float()
    found = ct.gram(model, x, squares)
    assert found.dtype == torch.float32 and off(found, rows @ rows.t()) < 2e-2


def test_a_compiled_model_is_run_as_it_is_written():
    model, x = nn.Sequential(nn.Linear(6, 5), nn.Tanh(), nn.Linear(5, 3)), torch.randn(5, 6)
    compiled = torch.compile(model, backend="eager")
    assert off(ct.gram(compiled, x), ct.gram(model, x)) < 1e-6
    inner = nn.Sequential(torch.compile(model, backend="eager"), nn.Linear(3, 2))
    inner(x)
    rows = in_the_batch(inner, x, squares)
    assert off(ct.gram(inner, x, squares), rows @ rows.t()) < 1e-5


@pytest.mark.parametrize("build", [lambda: nn.Linear(64, 64), lambda: nn.Sequential(nn.LSTM(64, 8, batch_first=True))])
def test_no_graph_of_an_earlier_call_stays_alive(build):
    model, x = build(), torch.randn(5, 3, 64)
    f = lambda y: squares(y[0] if isinstance(y, tuple) else y)  # noqa: E731
    alive = []
    for _ in range(3):
        ct.gram(model, x, f)
        gc.collect()
        alive.append(sum(isinstance(each, torch.Tensor) for each in gc.get_objects()))
    assert alive[1] == alive[2]


def test_a_call_needs_no_garbage_collector_to_give_its_memory_back():
    model, x = nn.Sequential(nn.Linear(8, 8), nn.ReLU(), nn.Linear(8, 8)), torch.randn(5, 8)
    ct.gram(model, x)
    gc.collect()
    gc.disable()
    try:
        before = len(gc.get_objects())
        for _ in range(10):
            ct.gram(model, x)
        assert len(gc.get_objects()) - before < 100
    finally:
        gc.enable()


def test_a_model_that_was_measured_can_be_freed():
    model, x = nn.Sequential(nn.Linear(8, 8), nn.LSTM(8, 4, batch_first=True)), torch.randn(5, 3, 8)
    ct.gram(model, x, lambda y: squares(y[0]))
    there = weakref.ref(model)
    del model
    gc.collect()
    assert there() is None


def test_running_statistics_of_a_model_in_training_stay():
    """Batch norm changes them without counting a change."""
    model, x = nn.Sequential(nn.Linear(6, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Linear(8, 2)), torch.randn(9, 6)
    before = copy.deepcopy(model.state_dict())
    ct.dormant(model, x)
    watch = ct.Watch(model, every=1, measures=["policy_churn"], budget=None)
    watch(0, x)
    with watch.update(x):
        pass
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())

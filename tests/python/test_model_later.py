"""What is another at a later call: gradients that were 0, hooks, switches, the order of rows. Right, or refused; never silently wrong."""

import pytest

torch = pytest.importorskip("torch")
import crosstalk as ct  # noqa: E402
from model_oracles import off, one_by_one, squares  # noqa: E402
from torch import nn  # noqa: E402


def zero_inputs():
    return nn.Sequential(nn.Linear(5, 8, bias=False), nn.Linear(8, 3)), torch.zeros(6, 5)


def dead_units():
    model = nn.Sequential(nn.Linear(5, 8), nn.ReLU(), nn.Linear(8, 4, bias=False), nn.Linear(4, 3))
    nn.init.constant_(model[0].bias, -100.0)
    return model, torch.randn(6, 5)


@pytest.mark.parametrize("case", [zero_inputs, dead_units])
def test_a_gradient_that_stays_0_behind_one_that_is_not_is_answered_each_time(case):
    model, x = case()
    model, x = model.double(), x.double()
    rows = one_by_one(model, x, squares)
    for _ in range(3):
        assert off(ct.gram(model, x, squares), rows @ rows.t()) < 1e-10
        assert off(ct.gram(model, x, squares, memory=1e9), rows @ rows.t()) < 1e-10


class Clipped(nn.Module):
    """A hook of the model's own changes the gradient in the middle, once it is large."""

    def __init__(self):
        super().__init__()
        self.a, self.b, self.c = nn.Linear(5, 6), nn.Linear(6, 4), nn.Linear(4, 2)

    def forward(self, x):
        h = self.b(torch.tanh(self.a(x)))
        if h.requires_grad:
            h.register_hook(lambda g: g.clamp(-1, 1))
        return self.c(torch.tanh(h))


@pytest.mark.parametrize("together", [0, 1 << 60])
def test_a_hook_that_begins_to_act_later_is_heard(together, monkeypatch):
    monkeypatch.setattr("crosstalk.model.passes.TOGETHER", together)
    model, x = Clipped().double(), torch.randn(6, 5).double()
    for _ in range(2):
        rows = one_by_one(model, x, squares)
        assert off(ct.gram(model, x, squares), rows @ rows.t()) < 1e-10
        with torch.no_grad():
            model.c.weight.mul_(100)


class Centring(nn.Module):
    def __init__(self):
        super().__init__()
        self.a, self.head = nn.Linear(5, 6), nn.Linear(6, 3)
        nn.init.zeros_(self.head.weight)

    def forward(self, x, mixes=True):
        h = self.a(x)
        return self.head(h - h.mean(0) if mixes else h)


def test_ntk_looks_again_where_a_gradient_was_0():
    model, x = Centring().double(), torch.randn(6, 5).double()
    ct.ntk(model, x)
    nn.init.normal_(model.head.weight)
    with pytest.raises(ct.TraceError, match="layer a"):
        ct.ntk(model, x)


def test_a_switch_among_the_inputs_is_another_call():
    model, x = Centring().double(), torch.randn(6, 5).double()
    nn.init.normal_(model.head.weight)
    ct.gram(model, (x, False), squares)
    with pytest.raises(ct.TraceError, match="layer a"):
        ct.gram(model, (x, True), squares)


class Ordered(nn.Module):
    def __init__(self, order):
        super().__init__()
        self.a, self.b, self.order = nn.Linear(5, 6), nn.Linear(6, 3), order

    def forward(self, x, rows):
        return self.b(self.order(torch.tanh(self.a(x)), rows))


ORDERS = {
    "gather": lambda h, i: h.gather(0, i[:, None].expand(-1, h.shape[1])),
    "take_along_dim": lambda h, i: h.take_along_dim(i[:, None], 0),
    "index_add": lambda h, i: torch.zeros_like(h).index_add(0, i, h),
    "scatter": lambda h, i: torch.zeros_like(h).scatter(0, i[:, None].expand(-1, h.shape[1]), h),
    "embedding": lambda h, i: torch.nn.functional.embedding(i, h),
    "index_copy": lambda h, i: torch.zeros_like(h).index_copy(0, i, h),
    "sort": lambda h, i: h.sort(0).values,
}


@pytest.mark.parametrize("order", ORDERS)
def test_rows_that_keep_their_places_at_first_and_change_them_later_are_refused(order):
    model, rows = Ordered(ORDERS[order]).double(), torch.arange(6)
    x = torch.linspace(-1, 1, 6).double()[:, None].expand(6, 5).contiguous()
    with torch.no_grad():
        model.a.weight.abs_()  # rising along the samples, so that sorting changes nothing
    ct.gram(model, (x, rows), squares, check="first")
    with pytest.raises(ct.TraceError):
        ct.gram(model, (x.flip(0), rows.flip(0)), squares)


def test_a_hook_in_another_ones_place_is_seen():
    model, x = nn.Sequential(nn.Linear(5, 4), nn.Tanh(), nn.Linear(4, 3)), torch.randn(6, 5)
    handle = model[0].register_forward_hook(lambda module, args, output: output * 1)
    ct.gram(model, x, squares)
    handle.remove()
    model[0].register_forward_hook(lambda module, args, output: output - output.mean(0))
    with pytest.raises(ct.TraceError, match="layer 0"):
        ct.gram(model, x, squares)


class Rolled:
    def __init__(self, by):
        self.by = by

    def __call__(self, output):
        return output.roll(self.by, 0)[:, 0]


def test_numbers_in_a_callable_and_in_what_a_closure_holds_make_another_function():
    model, x, held = nn.Linear(5, 3), torch.randn(6, 5), {"by": 0}
    ct.gram(model, x, Rolled(0))
    ct.gram(model, x, lambda output: output.roll(held["by"], 0)[:, 0])
    with pytest.raises(ct.TraceError):
        ct.gram(model, x, Rolled(1))
    functions = [lambda output: output.roll(held["by"], 0)[:, 0] for held["by"] in (0, 1)]
    with pytest.raises(ct.TraceError):
        ct.gram(model, x, functions[0])


class Shared(nn.Module):
    """A mask that all samples share, added to their scores."""

    def __init__(self):
        super().__init__()
        self.q, self.k, self.out = nn.Linear(4, 4), nn.Linear(4, 4), nn.Linear(4, 2)

    def forward(self, x, mask):
        scores = self.q(x) @ self.k(x).transpose(1, 2) + mask
        return self.out((scores.softmax(-1) @ x).mean(1))


@pytest.mark.parametrize("at_once", [1, 2, 4])
def test_a_mask_with_as_many_rows_as_samples_is_not_cut_with_them(at_once, monkeypatch):
    model, x, mask = Shared().double(), torch.randn(6, 6, 4).double(), torch.randn(6, 6).double()
    whole = ct.gram(model, (x, mask), 0)
    monkeypatch.setattr("crosstalk.model.contractions.samples_at_once", lambda *given: at_once)
    assert off(ct.gram(model, (x, mask), 0, memory=1e9), whole) < 1e-10
    watch = ct.Watch(model, function=0, samples=at_once + 1, budget=None)
    assert watch(0, (x, mask))["function_interference"] == pytest.approx(
        float(ct.interference(whole[: at_once + 1, : at_once + 1]).mean)
    )

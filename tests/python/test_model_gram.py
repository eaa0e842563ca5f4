"""crosstalk.gram and its kin on a user's own torch module, against torch.func's vmap of grad."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")
import crosstalk as ct  # noqa: E402
from model_networks import NETWORKS, Transformer, mlp  # noqa: E402
from model_oracles import by_torch_func, off, one_by_one, squares, trained  # noqa: E402
from torch import nn  # noqa: E402

EXACT = 1e-10


def right(model, x, f):
    """torch.func, or a loop where vmap cannot be (nn.LSTM)."""
    return (one_by_one if any(isinstance(each, nn.LSTM) for each in model.modules()) else by_torch_func)(model, x, f)


@pytest.fixture(autouse=True)
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    torch.manual_seed(5)
    yield
    torch.set_num_threads(before)


def as_double(x):
    return tuple(map(as_double, x)) if isinstance(x, tuple) else x.double() if x.is_floating_point() else x


@pytest.fixture(scope="module", params=NETWORKS)
def network(request):
    """A model in double precision, five samples, f, their gradients, and three samples more with their gradients."""
    torch.manual_seed(4)
    build, inputs, f, others = NETWORKS[request.param]
    model, x, other = build().double(), as_double(inputs(5)), as_double((others or inputs)(3))
    return model, x, f, right(model, x, f), other, right(model, other, f)


def test_gram_is_the_inner_products_of_the_samples_gradients(network):
    model, x, f, rows, _, _ = network
    assert off(ct.gram(model, x, f), rows @ rows.t()) < EXACT


def test_gradients_asked_for_together_and_told_one_by_one_are_the_same(network, monkeypatch):
    """Small networks' gradients come at once, large ones' layer by layer (passes.TOGETHER)."""
    model, x, f, rows, _, _ = network
    for most in (0, 1 << 60):
        monkeypatch.setattr("crosstalk.model.passes.TOGETHER", most)
        assert off(ct.gram(model, x, f, check="always"), rows @ rows.t()) < EXACT
        assert off(sum(ct.gram(model, x, f, per_layer=True).values()), rows @ rows.t()) < EXACT


def test_layers_sum_to_gram_and_each_is_its_own_parameters_part(network):
    model, x, f, rows, _, _ = network
    layers = ct.gram(model, x, f, per_layer=True)
    assert off(sum(layers.values()), rows @ rows.t()) < EXACT
    parts, begin, tied = {}, 0, isinstance(model, Transformer)
    for name, p in trained(model).items():
        own = rows[:, begin : begin + p.numel()]
        layer, begin = name.rpartition(".")[0] or name, begin + p.numel()
        parts[layer] = parts.get(layer, 0) + own @ own.t()
    assert list(layers) == list(parts)
    for layer, part in parts.items():
        assert off(layers[layer], part) < EXACT or (tied and part.abs().max() == 0)


def test_cross_gram_takes_another_number_of_samples_of_another_length(network):
    model, x, f, rows, other, columns = network
    assert off(ct.cross_gram(model, x, other, f), rows @ columns.t()) < EXACT
    assert off(ct.cross_gram(model, other, x, f), columns @ rows.t()) < EXACT


def test_cross_gram_takes_another_function_of_the_second_inputs(network):
    model, x, f, rows, other, _ = network
    columns = right(model, other, squares)
    assert off(ct.cross_gram(model, x, other, f, squares), rows @ columns.t()) < EXACT


def test_norms_are_lengths_and_per_sample_are_the_gradients_themselves(network):
    model, x, f, rows, _, _ = network
    assert off(ct.norms(model, x, f), rows.norm(dim=1)) < EXACT
    assert off(ct.per_sample(model, x, f), rows) < EXACT


def test_directional_takes_a_vector_a_list_or_names(network):
    model, x, f, rows, _, _ = network
    v = torch.randn(rows.shape[1], dtype=torch.double)
    pieces = [
        each.view_as(p)
        for each, p in zip(v.split([p.numel() for p in trained(model).values()]), trained(model).values())
    ]
    for direction in (v, pieces, dict(zip(trained(model), pieces)), dict(reversed(list(zip(trained(model), pieces))))):
        assert off(ct.directional(model, x, f, direction), rows @ v) < EXACT


@pytest.mark.parametrize("name", NETWORKS)
def test_single_precision_is_right_to_one_in_ten_thousand(name):
    build, inputs, f, _ = NETWORKS[name]
    model, x = build(), inputs(5)
    found = ct.gram(model, x, f)
    assert found.dtype == torch.float32
    rows = right(model.double(), as_double(x), f)
    assert off(found.double(), rows @ rows.t()) < 1e-4


@pytest.mark.parametrize("name", ["MLP", "transformer", "LSTM", "loose"])
def test_ntk_has_each_pair_of_outputs(name):
    build, inputs, _, _ = NETWORKS[name]
    model, x = build().double(), as_double(inputs(3))
    outputs = model(x).shape[1]
    rows = torch.stack([right(model, x, o) for o in range(outputs)])
    assert off(ct.ntk(model, x), torch.einsum("oni,pmi->nmop", rows, rows)) < EXACT


def test_each_name_of_f_is_what_it_says():
    model, x = mlp().double(), torch.randn(4, 12, dtype=torch.double)
    for f in ("max", "mean", "sum", 0, 3, -1):
        rows = by_torch_func(model, x, f)
        assert off(ct.gram(model, x, f), rows @ rows.t()) < EXACT


def test_inputs_may_be_given_by_name():
    model, x = mlp().double(), torch.randn(4, 12, dtype=torch.double)
    assert torch.equal(ct.gram(model, {"input": x}), ct.gram(model, x))


def test_one_sample_is_enough():
    model, x = mlp().double(), torch.randn(1, 12, dtype=torch.double)
    rows = by_torch_func(model, x, "max")
    assert off(ct.gram(model, x), rows @ rows.t()) < EXACT


class TwoHeads(nn.Module):
    """Both heads read one weight, one of them without the bias."""

    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(6, 4)

    def forward(self, x):
        return self.layer(x), nn.functional.linear(x.sin(), self.layer.weight)


def test_cross_gram_of_two_heads_that_reach_a_layer_in_different_ways():
    model, x = TwoHeads().double(), torch.randn(5, 6, dtype=torch.double)
    first, second = (lambda heads: squares(heads[0])), (lambda heads: squares(heads[1]))
    rows, columns = by_torch_func(model, x, first), by_torch_func(model, x, second)
    assert off(ct.cross_gram(model, x, x, first, second), rows @ columns.t()) < EXACT
    assert off(ct.cross_gram(model, x, x, second, first), columns @ rows.t()) < EXACT


def test_plan_names_each_layer_and_what_is_done_there():
    plan = ct.plan(Transformer().double(), torch.randint(0, 19, (5, 6)))
    kinds = {layer.layer: layer.kind for layer in plan.layers}
    assert kinds["blocks.0.qkv"] == "linear" and kinds["blocks.1.norms.0"] == "layer norm"
    assert next(layer for layer in plan.layers if layer.layer == "embedding").uses == 2
    assert list(plan.to_pandas()["layer"]) == [layer.layer for layer in plan.layers]
    assert "blocks.0.qkv" in repr(plan) and "<table>" in plan._repr_html_()


def test_an_output_may_be_numbered_by_numpy():
    model = mlp()
    inputs = torch.randn(5, next(model.parameters()).shape[1])
    assert torch.equal(ct.gram(model, inputs, np.int64(1)), ct.gram(model, inputs, 1))


class Masked(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer, self.out = nn.TransformerEncoderLayer(8, 2, 16, 0.0, batch_first=True), nn.Linear(8, 2)

    def forward(self, x, mask):
        return self.out(self.layer(x, src_mask=mask).mean(1))


def test_a_mask_of_as_many_positions_as_there_are_samples_is_everybodys():
    model, x = Masked().double(), torch.randn(5, 5, 8).double()
    mask = torch.full((5, 5), -torch.inf).double().triu(1)
    rows = []
    for each in x:
        values = torch.autograd.grad(model(each[None], mask)[0, 0], list(model.parameters()))
        rows.append(torch.cat([value.flatten() for value in values]))
    assert off(ct.gram(model, (x, mask), 0), torch.stack(rows) @ torch.stack(rows).t()) < EXACT

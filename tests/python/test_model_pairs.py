"""What is read of a Gram matrix, of features and of outputs, against NumPy and the definitions of docs/measures.md."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")
import crosstalk as ct  # noqa: E402
from torch import nn  # noqa: E402


@pytest.fixture
def gradients():
    """Nine samples' gradients, one of them 0, and their classes."""
    torch.manual_seed(6)
    rows = torch.randn(9, 5, dtype=torch.double)
    rows[4] = 0
    return rows, torch.tensor([0, 0, 1, 1, 1, 2, 2, 0, 1])


def pairs_of(n):
    return [(u, v) for u in range(n) for v in range(u + 1, n)]


def test_interference_is_the_products_of_distinct_pairs(gradients):
    rows, _ = gradients
    found = ct.interference(rows @ rows.t())
    right = np.array([float(rows[u] @ rows[v]) for u, v in pairs_of(9)])
    assert found.mean == pytest.approx(right.mean(), rel=1e-12) and found.pairs == 36
    for level, value in found.quantiles.items():
        assert value == pytest.approx(np.quantile(right, level), rel=1e-12)
    shares = [found.positive, found.zero, found.negative]
    assert shares == pytest.approx([(right > 0).mean(), (right == 0).mean(), (right < 0).mean()])
    np.testing.assert_allclose(np.sort(found.values.numpy()), np.sort(right), rtol=1e-12)


def test_stiffness_is_the_cosine_and_leaves_out_what_has_no_direction(gradients):
    rows, classes = gradients
    found = ct.stiffness(rows @ rows.t(), classes)
    kept = [(u, v) for u, v in pairs_of(9) if 4 not in (u, v)]
    cosines = {(u, v): float(rows[u] @ rows[v] / rows[u].norm() / rows[v].norm()) for u, v in kept}
    right = np.array(list(cosines.values()))
    assert (found.pairs, found.left_out) == (28, 8)
    assert found.mean == pytest.approx(right.mean()) and found.sign == pytest.approx(np.sign(right).mean())
    within = [value for (u, v), value in cosines.items() if classes[u] == classes[v]]
    between = [value for (u, v), value in cosines.items() if classes[u] != classes[v]]
    assert (found.within, found.between) == pytest.approx((np.mean(within), np.mean(between)))
    assert found.rows()["left_out"] == 8 and found.rows()["q50"] == pytest.approx(np.median(right))


def test_spectrum_has_the_eigenvalues_their_condition_and_their_effective_rank(gradients):
    rows, _ = gradients
    found = ct.spectrum(rows[:4] @ rows[:4].t())
    right = np.linalg.svd(rows[:4].numpy(), compute_uv=False) ** 2
    np.testing.assert_allclose(found.values.numpy(), right, rtol=1e-10)
    shares = right / right.sum()
    assert found.effective_rank == pytest.approx(np.exp(-(shares * np.log(shares)).sum()))
    assert (found.condition, found.share) == pytest.approx((right[0] / right[-1], shares[0]))
    assert ct.spectrum(rows @ rows.t()).condition == float("inf")
    assert ct.spectrum(torch.zeros(3, 3)).effective_rank == 0


def test_rank_is_of_the_singular_values_in_three_ways():
    torch.manual_seed(6)
    features = torch.randn(30, 6) * torch.tensor([5, 1, 0.5, 0.1, 0.005, 0.0])
    found = ct.rank(features)
    s = np.linalg.svd(features.double().numpy(), compute_uv=False)
    p = s[s > 1e-12] / s.sum()
    assert found.rank == (s / np.sqrt(30) > 0.01).sum() == 4
    assert found.srank == next(k for k in range(1, 7) if s[:k].sum() >= 0.99 * s.sum())
    assert found.effective == pytest.approx(np.exp(-(p * np.log(p)).sum()))
    nothing = ct.rank(torch.zeros(4, 3))
    assert (nothing.rank, nothing.srank, nothing.effective) == (0, 0, 0)


def test_dormant_units_are_those_with_a_small_share_of_their_layers_mean():
    torch.manual_seed(6)
    model, x = (
        nn.Sequential(nn.Conv2d(2, 6, 3), nn.ReLU(), nn.Flatten(), nn.Linear(24, 8), nn.ReLU(), nn.Linear(8, 3)),
        torch.randn(7, 2, 4, 4),
    )
    with torch.no_grad():
        model[0].bias[1] = -100  # never speaks
        model[0].weight[2] *= 1e-3
        model[0].bias[2] = 1e-3  # hardly speaks
        model[3].bias[5] = -100
        maps, units = model[:2](x), model[:5](x)
    scores = [maps.abs().mean((0, 2, 3)), units.abs().mean(0)]
    scores = torch.cat([each / each.mean() for each in scores])
    found = ct.dormant(model, x)
    assert found.share == pytest.approx(float((scores <= 0.025).double().mean())) and found.share >= 3 / 14
    assert found.zero == pytest.approx(float((scores == 0).double().mean()))
    assert set(found.rows()) == {"dormant", "dormant.zero", "dormant.1", "dormant.4"}
    assert ct.dormant(model, x, ["4"]).zero == pytest.approx(float((units.abs().sum(0) == 0).double().mean()))


def test_in_a_layer_that_gives_only_zero_every_unit_is_dormant():
    model = nn.Sequential(nn.Linear(4, 5), nn.ReLU())
    with torch.no_grad():
        model[0].bias.fill_(-100)
    found = ct.dormant(model, torch.randn(6, 4))
    assert (found.share, found.zero) == (1, 1)


def test_churn_is_the_share_of_other_best_actions_and_the_mean_change():
    torch.manual_seed(6)
    before = torch.randn(40, 3)
    after = before + 0.5 * torch.randn(40, 3)
    found = ct.churn(before, after)
    assert found.policy == np.mean(before.numpy().argmax(1) != after.numpy().argmax(1)) > 0
    assert found.value == pytest.approx(np.abs(after.double().numpy() - before.double().numpy()).mean())


def test_results_are_shown_as_tables_and_as_pandas(gradients):
    rows, classes = gradients
    gram = rows @ rows.t()
    features = torch.randn(9, 4)
    for found in (
        ct.interference(gram),
        ct.stiffness(gram, classes),
        ct.spectrum(gram),
        ct.rank(features),
        ct.churn(features, features),
    ):
        assert found.to_pandas().to_dict() == pytest.approx(found.rows(), nan_ok=True)
        for name in found.rows():
            assert name in repr(found) and name in found._repr_html_()

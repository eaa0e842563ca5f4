"""What Watch measures, against the functions that measure the same once."""

import crosstalk as ct
import numpy as np
import pytest
import torch
from torch import nn


class Stacked(nn.Module):
    """A parameter that is stacked has no rule: the model as a whole answers for it, called once more by sample."""

    def __init__(self):
        super().__init__()
        self.shift = nn.Parameter(torch.randn(9))
        self.layers = nn.Sequential(nn.Linear(4, 6), nn.ReLU(), nn.Linear(6, 3))

    def forward(self, x):
        return self.layers(x + torch.stack([self.shift[:4], self.shift[4:8]]).sum(0))


@pytest.mark.parametrize("check", ["first", "always", "off"])
def test_units_and_features_are_those_of_one_pass_though_the_checks_make_others(check):
    torch.manual_seed(0)
    model, x = Stacked(), torch.randn(8, 4)
    values = ct.Watch(model, features="layers.2", check=check)(0, x, lambda output: output[:, 0])
    assert values["dormant"] == ct.dormant(model, x).share
    features = model.layers[:2](x + model.shift[:4] + model.shift[4:8])
    assert values["rank.effective"] == pytest.approx(ct.rank(features).effective)
    assert "by itself" in str(ct.plan(model, x))


def trained(is_watched, folder):
    torch.manual_seed(3)
    model = nn.Sequential(nn.Linear(4, 16), nn.Dropout(0.2), nn.ReLU(), nn.Linear(16, 3))
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    watch = ct.Watch(model, every=5, to=folder, budget=None) if is_watched else None
    for step in range(20):
        x, y = torch.randn(32, 4), torch.randn(32)

        def losses(q, n, y=y):
            return (q[:, 0] - y[n]) ** 2

        optimizer.zero_grad()
        losses(model(x), torch.arange(32)).mean().backward()
        if watch is None:
            optimizer.step()
            continue
        watch(step, x, losses)
        with watch.update(x, losses):
            optimizer.step()
    if watch is not None:
        watch.close()
    return torch.cat([p.detach().flatten() for p in model.parameters()])


@pytest.mark.filterwarnings("ignore:the model draws at random")
def test_training_is_the_same_to_the_last_bit_with_a_watch_and_without(tmp_path):
    watched = trained(True, tmp_path / "watched")
    assert torch.equal(watched, trained(False, None))
    rows = ct.load(tmp_path / "watched").rows
    assert sorted(rows[rows.measure == "stiffness"].step) == [0, 5, 10, 15]
    assert set(rows[rows.measure == "loss_difference"].step) == {0, 5, 10, 15}


def test_where_measuring_takes_too_long_the_steps_between_are_doubled_on_one_grid(monkeypatch):
    now = [0.0]
    monkeypatch.setattr("crosstalk.model.watch.time.perf_counter", lambda: now[0])
    monkeypatch.setattr(
        "crosstalk.model.watch.measure", lambda *given: now.__setitem__(0, now[0] + 1.0) or {"rank": 1.0}
    )
    measured = []
    watch = ct.Watch(nn.Linear(2, 2), every=10, to=lambda step, values: measured.append(step), budget=0.05)
    with pytest.warns(ct.TraceWarning, match="budget=0.05"):
        for step in range(400):
            now[0] += 0.2  # an update; a measurement takes as long as five, the budget is one in twenty
            watch(step, torch.zeros(4, 2))
    assert watch.every == 160  # 160 updates take 32, one measurement 1; at 80 it would still be 1 of 17
    assert all(step % 20 == 0 for step in measured[2:]) and len(measured) < 20  # the budget begins with the second


def test_a_watch_says_what_it_cannot_measure():
    watch = ct.Watch(nn.Linear(2, 2), measures="stiffness")
    with pytest.raises(ValueError, match=r"'stiffness' is of a loss: watch\(step, x, loss\)"):
        watch(0, torch.randn(4, 2))
    with pytest.raises(TypeError, match="step=0.5"):
        watch(0.5, torch.randn(4, 2))


class Pair(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(4, 3)

    def forward(self, x):
        return self.layer(x), x


def test_outputs_without_actions_have_no_churn_and_that_is_said_once():
    model, said = Pair(), []
    watch = ct.Watch(
        model,
        every=1,
        function=lambda out: out[0].sum(1),
        measures=["policy_churn", "rank"],
        budget=None,
        to=lambda *each: said.append(each),
    )
    with pytest.warns(ct.TraceWarning, match="the model gives tuple") as warned:
        for step in range(3):
            watch(step, torch.randn(8, 4))
            with watch.update(torch.randn(8, 4)):
                pass
    assert len(warned) == 1 and said


def test_a_watched_run_has_no_module_and_the_message_says_where_parameters_are_to_be_kept(tmp_path):
    with ct.Watch(nn.Linear(4, 3), every=1, to=tmp_path / "loop") as watch:
        watch(0, torch.randn(8, 4))
    results = ct.load(tmp_path / "loop")
    with pytest.raises(ct.Error, match="Save the model in the loop"):
        results.module(results.runs.run[0])


def test_a_loss_whose_gradient_was_0_is_looked_at_again():
    model, x, strength = nn.Linear(4, 3), torch.randn(8, 4), torch.zeros(())
    watch = ct.Watch(model, every=1, budget=None, measures=["loss_interference"])

    def loss(q):
        return strength * (q - q.mean(0)).pow(2).sum(1)

    watch(0, x, loss)
    strength += 1
    with pytest.raises(ct.TraceError):
        watch(1, x, loss)


def test_a_watch_may_be_closed_twice_and_takes_numbers_of_numpys(tmp_path):
    watch = ct.Watch(nn.Linear(4, 3), every=1, to=tmp_path / "loop", seed=np.int64(3))
    watch(np.int64(0), torch.randn(8, 4))
    watch.close()
    watch.close()
    assert ct.load(tmp_path / "loop").runs.seed[0] == 3
    with pytest.raises(TypeError, match="step=True"):
        ct.Watch(nn.Linear(4, 3))(True, torch.randn(8, 4))
    with pytest.raises(ValueError, match="seed=1180591620717411303424"):
        ct.Watch(nn.Linear(4, 3), seed=2**70)

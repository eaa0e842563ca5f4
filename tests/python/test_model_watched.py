"""What Watch measures, against the functions that measure the same once."""

import crosstalk as ct
import pytest
import torch
from torch import nn


class Sliced(nn.Module):
    """A parameter that is read by a slice has no rule: the model as a whole answers for it, called once more by sample."""

    def __init__(self):
        super().__init__()
        self.shift = nn.Parameter(torch.randn(9))
        self.layers = nn.Sequential(nn.Linear(4, 6), nn.ReLU(), nn.Linear(6, 3))

    def forward(self, x):
        return self.layers(x + self.shift[:4])


@pytest.mark.parametrize("check", ["first", "always", "off"])
def test_units_and_features_are_those_of_one_pass_though_the_checks_make_others(check):
    torch.manual_seed(0)
    model, x = Sliced(), torch.randn(8, 4)
    values = ct.Watch(model, features="layers.2", check=check)(0, x, lambda output: output[:, 0])
    assert values["dormant"] == ct.dormant(model, x).share
    features = model.layers[:2](x + model.shift[:4])
    assert values["rank.effective"] == pytest.approx(ct.rank(features).effective)
    assert "by itself" in str(ct.plan(model, x))

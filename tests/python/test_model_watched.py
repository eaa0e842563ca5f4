"""What Watch measures, against the functions that measure the same once."""

import crosstalk as ct
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

"""The lines of docs/own-network.md, and of the README's first screen, run as they stand."""

import re
from pathlib import Path

import crosstalk as ct
import pytest
import torch
from torch import nn

ROOT = Path(__file__).resolve().parents[2]


def blocks(page):
    return re.findall(r"```python\n(.*?)```", (ROOT / page).read_text(), re.S)


@pytest.mark.parametrize("page", ["README.md", "docs/own-network.md"])
def test_the_page_s_lines_run(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 3))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    x = torch.randn(32, 4)
    names = dict(model=model, x=x, steps=3, observations=x, optimizer=optimizer, torch=torch,
                 actions=torch.randint(3, (32,)), targets=torch.randn(32))  # fmt: skip
    text = "".join(blocks(page))
    for p in model.parameters():
        p.grad = torch.zeros_like(p)
    exec(compile(text, page, "exec"), names)  # noqa: S102
    assert names["G"].shape == (32, 32)
    if page.startswith("docs"):
        rows = ct.load("results/mine").rows
        assert {"stiffness", "policy_churn", "loss_difference", "rank", "dormant"} <= set(rows.measure)

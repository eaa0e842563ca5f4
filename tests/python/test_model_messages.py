"""Wrong use of crosstalk.gram and its kin gets a message that says what to do."""

import warnings

import pytest

torch = pytest.importorskip("torch")
import crosstalk as ct  # noqa: E402
from torch import nn  # noqa: E402


def model():
    return nn.Sequential(nn.Linear(6, 5), nn.Tanh(), nn.Linear(5, 3))


def x():
    return torch.randn(4, 6)


def two_of_x():
    return torch.cat([x(), x()])


def frozen():
    return model().requires_grad_(False)


WRONG = {
    "f gives one number": (lambda: ct.gram(model(), x(), lambda q: q.mean()), ValueError, "reduction='none'"),
    "f gives all outputs": (lambda: ct.gram(model(), x(), lambda q: q), ValueError, r"\(4, 3\) where x has 4 samples: \(4,\)"),
    "f gives a number of Python": (lambda: ct.gram(model(), x(), lambda q: 1.0), TypeError, "not a tensor of 4 numbers"),
    "f gives whole numbers": (lambda: ct.gram(model(), x(), lambda q: q.argmax(1)), TypeError, "has no gradient"),
    "f is an unknown name": (lambda: ct.gram(model(), x(), "median"), ValueError, "max, mean, sum"),
    "f is an output that is not there": (lambda: ct.gram(model(), x(), 3), ValueError, "f=3 where the model has 3 outputs"),
    "f is a bool": (lambda: ct.gram(model(), x(), True), TypeError, "f is True: give a name"),
    "f is a tensor": (lambda: ct.gram(model(), x(), torch.zeros(4)), TypeError, "give a name"),
    "a name needs rows of outputs": (lambda: ct.gram(nn.Linear(6, 5), torch.randn(4, 3, 6)), ValueError, "give f as a function"),
    "f is under no_grad": (lambda: ct.gram(model(), x(), torch.no_grad()(lambda q: q.sum(1))), ct.TraceError, "no_grad"),
    "f is detached": (lambda: ct.gram(model(), x(), lambda q: q.detach().sum(1)), ct.TraceError, "detached"),
    "nothing is trained": (lambda: ct.gram(frozen(), x()), ct.TraceError, r"requires_grad_\(\)"),
    "no parameter": (lambda: ct.gram(nn.Tanh(), x()), ct.TraceError, "no parameter"),
    "a complex parameter": (lambda: ct.gram(nn.Linear(6, 3, dtype=torch.cfloat), x(), lambda q: q.abs().sum(1)), ct.TraceError, "weight is complex"),
    "an empty batch": (lambda: ct.gram(model(), torch.zeros(0, 6)), ValueError, "at least one"),
    "a single number": (lambda: ct.gram(model(), torch.tensor(1.0)), ValueError, "its first side counts the samples"),
    "x without tensors": (lambda: ct.gram(model(), [1.0, 2.0]), TypeError, "x holds no torch tensor"),
    "NumPy for x": (lambda: ct.gram(model(), x().numpy()), TypeError, "x holds no torch tensor: it is ndarray"),
    "whole numbers into a linear layer": (lambda: ct.gram(model(), x().long()), TypeError, r"give x.to\(torch.float32\)"),
    "double into single": (lambda: ct.gram(model(), x().double()), TypeError, r"give x.to\(torch.float32\)"),
    "x on another device": (lambda: ct.gram(model(), x().to("meta")), ValueError, "x is on meta where the model is on cpu"),
    "a model on the meta device": (lambda: ct.gram(model().to("meta"), x().to("meta")), ValueError, "to_empty"),
    "no module": (lambda: ct.gram(lambda x: x, x()), TypeError, "not a torch.nn.Module"),
    "an unknown check": (lambda: ct.gram(model(), x(), check="never"), ValueError, '"first", "always", "off"'),
    "not a number": (lambda: ct.gram(model(), x().index_fill(0, torch.tensor([2]), float("nan"))), ct.TraceError, "sample 2 is not finite"),
    "v is too short": (lambda: ct.directional(model(), x(), "max", torch.zeros(7)), ValueError, "7 numbers where the model has 53"),
    "v lacks a name": (lambda: ct.directional(model(), x(), "max", {"0.weight": torch.zeros(5, 6)}), ValueError, "give one tensor for each"),
    "ntk of sequences": (lambda: ct.ntk(nn.Linear(6, 5), torch.randn(4, 3, 6)), ValueError, "5"),
    "a batch that lacks a part": (lambda: ct.td_terms(model(), None, {"states": x()}, 0.9), ValueError, "batch has no 'actions'"),
    "a batch of other lengths": (lambda: ct.td_terms(model(), None, (x(), torch.zeros(3), torch.zeros(4), x(), torch.zeros(4)), 0.9), ValueError, "actions has 3 rows where states have 4"),
    "interference of features": (lambda: ct.interference(torch.zeros(4, 6)), ValueError, r"Gram matrix \(N, N\)"),
    "interference of one sample": (lambda: ct.interference(torch.zeros(1, 1)), ValueError, "pairs of samples"),
    "stiffness without directions": (lambda: ct.stiffness(torch.zeros(3, 3)), ValueError, "of 3 pairs one gradient is 0"),
    "classes of other samples": (lambda: ct.stiffness(torch.eye(3), torch.zeros(4)), ValueError, "3 samples"),
    "rank of maps": (lambda: ct.rank(torch.zeros(4, 2, 3)), ValueError, r"flatten\(1\)"),
    "no activations": (lambda: ct.dormant(nn.Linear(6, 5), x()), ValueError, "name the layers"),
    "an unknown layer": (lambda: ct.dormant(model(), x(), ["7"]), ValueError, "'7' is no module"),
    "churn of other outputs": (lambda: ct.churn(torch.zeros(4, 3), torch.zeros(5, 3)), ValueError, "before and after"),
}  # fmt: skip


@pytest.mark.parametrize("what", WRONG)
def test_the_message_says_what_to_do(what):
    wrong, kind, message = WRONG[what]
    with pytest.raises(kind, match=message):
        wrong()


def test_dropout_in_training_mode_is_warned_of_once_and_not_in_evaluation_mode():
    model, x = nn.Sequential(nn.Linear(6, 5), nn.Dropout(0.5), nn.Linear(5, 3)), torch.randn(4, 6)
    with pytest.warns(ct.TraceWarning, match=r"model.eval\(\)"):
        ct.gram(model, x)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ct.gram(model, x)
        ct.gram(model.eval(), x)


def test_other_noise_is_warned_of_too():
    class Noisy(nn.Module):
        def __init__(self):
            super().__init__()
            self.layer = nn.Linear(6, 3)

        def forward(self, x):
            return self.layer(x + torch.randn_like(x))

    with pytest.warns(ct.TraceWarning, match="draws at random"):
        ct.gram(Noisy(), torch.randn(4, 6))


def test_an_error_of_the_users_model_comes_through_and_leaves_no_hook():
    inner = model()
    with pytest.raises(ZeroDivisionError):
        ct.gram(inner, x(), lambda q: q / (1 // 0))
    assert not any(module._forward_hooks for module in inner.modules())
    ct.gram(inner, x())

"""What can be read past crosstalk: each is right to rounding, or refused by name; none is silently wrong."""

import functools

import pytest

torch = pytest.importorskip("torch")
import crosstalk as ct  # noqa: E402
import torch.nn.functional as F  # noqa: E402
from model_oracles import in_the_batch, off, squares  # noqa: E402
from torch import nn  # noqa: E402
from torch.utils.checkpoint import checkpoint  # noqa: E402

ROWS, SEQUENCE, SQUARE = (lambda: torch.randn(6, 8)), (lambda: torch.randn(6, 5, 8)), (lambda: torch.randn(6, 6, 8))


class Written(nn.Module):
    """A model of the given parts, and a forward written down beside them."""

    def __init__(self, forward, **parts):
        super().__init__()
        for name, part in parts.items():
            setattr(self, name, part)
        self.written = forward

    def forward(self, x):
        return self.written(self, x)


def layer(inputs=8, outputs=8):
    return nn.Linear(inputs, outputs)


def weight(*shape):
    return nn.Parameter(torch.randn(*shape))


def tied():
    first, second = layer(), layer()
    second.weight = first.weight
    return nn.Sequential(first, nn.Tanh(), second)


def attention(**options):
    return Written(
        lambda s, x: s.a(*[x.transpose(0, 1)] * 3)[0].transpose(0, 1), a=nn.MultiheadAttention(8, 2, **options)
    )


class TiedWords(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding, self.out = nn.Embedding(9, 8), nn.Linear(8, 9, bias=False)
        self.out.weight = self.embedding.weight

    def forward(self, x):
        words = (x[..., 0] * 3).long().clamp(-4, 4) + 4
        return self.out(self.embedding(words) + x)


class SecondOrder(nn.Module):
    """The slope of a network by its input: the backward pass reads the weights again."""

    def __init__(self):
        super().__init__()
        self.inner = nn.Sequential(layer(), nn.Tanh(), layer(8, 1))

    def forward(self, x):
        x = x.detach().requires_grad_()
        return torch.autograd.grad(self.inner(x).sum(), x, create_graph=True)[0]


class OwnProduct(torch.autograd.Function):
    @staticmethod
    def forward(context, x, w):
        context.save_for_backward(x, w)
        return x @ w.t()

    @staticmethod
    def backward(context, d):
        x, w = context.saved_tensors
        return d @ w, d.t() @ x


def reused():
    inner = layer()
    return nn.Sequential(inner, nn.Tanh(), nn.LSTM(8, 8, batch_first=True), Written(lambda s, x: x[0]), inner)


RIGHT = {
    "an embedding's weight is the output's": (TiedWords, SEQUENCE),
    "two layers of one weight": (tied, SEQUENCE),
    "the transpose of another layer's weight": (lambda: Written(lambda s, x: F.linear(s.l(x).tanh(), s.l.weight.t()), l=layer()), ROWS),
    "a weight that is read, and whose layer is never called": (lambda: Written(lambda s, x: F.linear(s.k(x), s.l.weight), k=layer(), l=layer()), ROWS),
    "a weight that a function without a rule reads as well": (lambda: Written(lambda s, x: s.l(x) + torch.einsum("nd,pd->np", x.sin(), s.l.weight), l=layer()), ROWS),
    "weights that the backward pass reads": (SecondOrder, ROWS),
    "positions on one side, with a bias": (lambda: Written(lambda s, x: (x.reshape(-1, 8) @ s.w + s.b).view(x.shape[0], -1), w=weight(8, 3), b=weight(3)), SEQUENCE),
    "positions on one side, a layer": (lambda: Written(lambda s, x: s.l(x.reshape(-1, 8)).view(x.shape), l=layer()), SEQUENCE),
    "a layer over (T, N, d) with T = N": (lambda: Written(lambda s, x: s.l(x.transpose(0, 1)).tanh().transpose(0, 1), l=layer()), SQUARE),
    "a layer over (T, N, d)": (lambda: Written(lambda s, x: s.l(x.transpose(0, 1)).tanh().transpose(0, 1), l=layer()), SEQUENCE),
    "batch_first=False with T = N": (attention, SQUARE),
    "batch_first=False": (attention, SEQUENCE),
    "LSTM, batch_first=False, T = N": (lambda: Written(lambda s, x: s.l(x.transpose(0, 1))[0][-1], l=nn.LSTM(8, 4)), SQUARE),
    "activations in place": (lambda: nn.Sequential(layer(), nn.ReLU(True), layer(), nn.SiLU(True), layer()), SEQUENCE),
    "checkpoint, not reentrant": (lambda: Written(lambda s, x: s.b(checkpoint(lambda t: s.a(t).tanh(), x, use_reentrant=False)), a=layer(), b=layer()), SEQUENCE),
    "a compiled script": (lambda: Written(lambda s, x: s.b(s.a(x).tanh()), a=layer(), b=torch.jit.script(layer())), ROWS),
    "a function with its own gradient": (lambda: Written(lambda s, x: OwnProduct.apply(s.l(x), s.w).tanh(), l=layer(), w=weight(5, 8)), ROWS),
    "an LSTM beside a module with two names": (reused, SEQUENCE),
    "a context that no sample has": (lambda: Written(lambda s, x: s.k(x) * s.l(s.c), k=layer(8, 6), l=layer(8, 6), c=torch.randn(8, dtype=torch.double)), ROWS),
    "as many contexts as samples": (lambda: Written(lambda s, x: x @ s.l(s.c).t(), l=layer(), c=torch.randn(6, 8, dtype=torch.double)), ROWS),
    "as many positions as samples": (lambda: Written(lambda s, x: s.l((x + s.p(torch.arange(6))).tanh()), l=layer(), p=nn.Embedding(6, 8)), SQUARE),
    "a part without gradients": (lambda: Written(lambda s, x: s.b(torch.no_grad()(s.a)(x)), a=layer(), b=layer()), SEQUENCE),
    "images of several to a sample": (lambda: Written(lambda s, x: s.c(x.reshape(-1, 1, 2, 4)).view(x.shape[0], -1), c=nn.Conv2d(1, 3, 2)), SEQUENCE),
}  # fmt: skip


@pytest.mark.filterwarnings("ignore:There is a performance drop", "ignore:.*torch.jit.script", "ignore:.*deprecated")
@pytest.mark.parametrize("what", RIGHT)
def test_it_is_right(what):
    torch.manual_seed(1)
    build, inputs = RIGHT[what]
    model, x = build().double(), inputs().double()
    weights = [p.clone() for p in model.parameters()]
    identities = [id(p) for p in model.parameters()]
    rows = in_the_batch(model, x, squares)
    assert off(ct.gram(model, x, squares), rows @ rows.t()) < 1e-10
    assert identities == [id(p) for p in model.parameters()]
    assert all(torch.equal(before, p) for before, p in zip(weights, model.parameters()))


MIXES = {
    "f centres the samples": (lambda: nn.Sequential(layer(), nn.Tanh(), layer()), lambda q: (q - q.mean(0)).pow(2).sum(1)),
    "f compares neighbours": (lambda: nn.Sequential(layer(), nn.Tanh(), layer()), lambda q: (q * q[torch.arange(6) ^ 1]).sum(1)),
    "f compares distant samples": (lambda: nn.Sequential(layer(), nn.Tanh(), layer()), lambda q: (q * q.roll(3, 0)).sum(1)),
    "the model centres samples": (lambda: Written(lambda s, x: s.k((lambda h: h - h.mean(0))(s.l(x))), k=layer(), l=layer()), squares),
    "samples attend to samples": (lambda: Written(lambda s, x: torch.softmax(s.l(x) @ x.t(), 1) @ s.k(x), k=layer(), l=layer()), squares),
    "samples change places inside a layer without a rule": (lambda: Written(lambda s, x: torch.einsum("nd,od->no", x.roll(1, 0), s.w), w=weight(3, 8)), "sum"),
    "a layer without a rule takes the samples' mean": (lambda: Written(lambda s, x: torch.einsum("nd,od->no", x.mean(0, keepdim=True).expand_as(x), s.w), w=weight(3, 8)), 0),
    "batch statistics by function": (lambda: Written(lambda s, x: F.batch_norm(x, None, None, s.w, s.b, True), w=weight(8), b=weight(8)), squares),
}  # fmt: skip


@pytest.mark.parametrize("what", MIXES)
def test_what_mixes_samples_is_refused_by_name(what):
    torch.manual_seed(2)
    build, f = MIXES[what]
    model = build().double()
    with pytest.raises(ct.TraceError, match="^(layer [a-z0-9]|the parameter [a-z])"):
        ct.gram(model, torch.randn(6, 8, dtype=torch.double), f)


@pytest.mark.parametrize("size", [2, 5, 8, 9])
def test_any_two_samples_that_meet_are_found(size):
    model, x = nn.Linear(8, 3).double(), torch.randn(size, 8, dtype=torch.double)
    for one in range(size):
        for other in range(one):

            def f(q, one=one, other=other):
                scalars = q.sum(1)
                return scalars + 0.1 * torch.eye(size, dtype=q.dtype)[one] * scalars[other]

            with pytest.raises(ct.TraceError):
                ct.gram(model, x, f, check="always")


@pytest.mark.parametrize("is_inner", [False, True])
def test_a_reentrant_checkpoint_is_refused_with_the_mend(is_inner):
    """Its parameters have no gradient by autograd.grad: the sum of the trace would agree with it."""

    def forward(s, x):
        x = s.first(x) if is_inner else x.clone().requires_grad_()
        return s.out(checkpoint(lambda t: s.inner(t).tanh(), x, use_reentrant=True))

    model = Written(forward, first=layer(), inner=layer(), out=layer())
    with pytest.raises(ct.TraceError, match="layer inner: .*use_reentrant=False"):
        ct.gram(model, torch.randn(6, 8), squares)


def with_inner(g):
    return lambda q: g(q)


def centred(q):
    return (q - q.mean(0)).pow(2).sum(1)


def test_another_function_in_the_same_lambda_is_checked_anew():
    model, x = nn.Sequential(layer(), nn.Tanh(), layer()), torch.randn(6, 8)
    for wrap in (with_inner, lambda g: functools.partial(lambda g, q: g(q), g)):
        ct.gram(model, x, wrap(squares))
        with pytest.raises(ct.TraceError):
            ct.gram(model, x, wrap(centred))


def test_a_model_whose_switch_was_turned_is_checked_anew():
    model = Written(
        lambda s, x: s.b((lambda h: h - h.mean(0) if s.centres else h)(s.a(x).tanh())),
        a=layer(),
        b=layer(),
        centres=False,
    )
    x = torch.randn(6, 8)
    ct.gram(model, x)
    model.centres = True
    with pytest.raises(ct.TraceError):
        ct.gram(model, x)


@pytest.mark.parametrize("size", [1e-1, 1e-6])
def test_f_that_reads_a_weight_in_a_way_without_a_rule_is_refused_however_little_it_matters(size):
    model = nn.Sequential(layer(), nn.Tanh(), layer())
    with pytest.raises(ct.TraceError, match="f reads the parameter 0.weight"):
        ct.gram(model, torch.randn(6, 8), lambda q: torch.stack([squares(q), size * model[0].weight[:6, 0]]).sum(0))


def test_f_that_adds_a_penalty_of_a_weight_to_each_sample_is_exact():
    model, x = nn.Sequential(layer(), nn.Tanh(), layer()).double(), torch.randn(6, 8, dtype=torch.double)

    def penalised(q):
        return squares(q) + 0.1 * model[0].weight.pow(2).sum()

    rows = torch.stack(
        [
            torch.cat([g.flatten() for g in torch.autograd.grad(value, list(model.parameters()), retain_graph=True)])
            for value in penalised(model(x))
        ]
    )
    assert torch.allclose(ct.per_sample(model, x, penalised), rows, rtol=0, atol=1e-10 * float(rows.abs().max()))


def test_batch_statistics_are_refused_by_name_with_the_mend():
    model = nn.Sequential(nn.Linear(8, 8), nn.BatchNorm1d(8))
    with pytest.raises(ct.TraceError, match=r"1 \(BatchNorm1d\) is in training mode.*eval\(\)"):
        ct.gram(model, torch.randn(6, 8))
    ct.gram(model.eval(), torch.randn(6, 8))


def test_a_gradient_that_is_zero_but_for_rounding_is_not_refused():
    """A GRU in front of a norm that takes its scale away, and a bias that the norm takes away."""
    torch.manual_seed(3)
    model = Written(
        lambda s, x: s.n(s.g(x)[0][:, 0, :1]).tanh() + s.o(x[:, 0]),
        g=nn.GRU(8, 8, batch_first=True),
        n=nn.RMSNorm(1, eps=0.0),
        o=layer(),
    )
    model, x = model.double(), torch.randn(6, 5, 8, dtype=torch.double)
    rows = in_the_batch(model, x, squares)
    assert rows[:, : sum(p.numel() for p in model.g.parameters())].abs().max() < 1e-12
    assert off(ct.gram(model, x, squares), rows @ rows.t()) < 1e-10

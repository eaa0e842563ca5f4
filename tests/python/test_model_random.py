"""Hundreds of random models: each sample's gradient is what it is alone, and no model is refused."""

import pytest

torch = pytest.importorskip("torch")
import crosstalk as ct  # noqa: E402
from model_generator import KINDS, case  # noqa: E402
from model_oracles import by_torch_func, off, one_by_one  # noqa: E402
from torch import nn  # noqa: E402

MODELS = 360


def has_no_gradient(model, x, f):
    try:
        return not one_by_one(model, x, f).any()
    except RuntimeError as error:
        return "does not require grad" in str(error) or "cannot be empty" in str(error)


@pytest.mark.filterwarnings("ignore:There is a performance drop")
@pytest.mark.parametrize("kind", range(len(KINDS)), ids=KINDS)
def test_random_models_have_the_gradients_of_each_sample_alone_and_none_is_refused(kind):
    torch.set_num_threads(1)
    measured, wrong = 0, []
    for seed in range(kind, MODELS, len(KINDS)):
        made = case(seed)
        if has_no_gradient(made.model, made.x, made.f):
            continue
        measured += 1
        rows = one_by_one(made.model, made.x, made.f)
        try:
            found = ct.per_sample(made.model, made.x, made.f)
            gram = ct.gram(made.model, made.x, made.f, check="off")
        except Exception as error:  # noqa: BLE001  to be said together, with the model
            wrong.append(f"{type(error).__name__}: {error}\n{made.description}")
            continue
        if not (off(found, rows) < 1e-10 and off(gram, rows @ rows.t()) < 1e-10):
            wrong.append(f"off by {off(found, rows):.1e} and {off(gram, rows @ rows.t()):.1e}\n{made.description}")
    assert not wrong, f"{len(wrong)} of {measured}\n" + "\n".join(wrong)
    assert measured > 0.8 * MODELS / len(KINDS)


@pytest.mark.filterwarnings("ignore:There is a performance drop")
def test_one_sample_alone_is_what_torch_func_calls_a_sample():
    """The oracle above, against vmap of grad."""
    for seed in range(0, MODELS, 17):
        made = case(seed)
        if any(isinstance(each, (nn.RNNBase, nn.MultiheadAttention)) for each in made.model.modules()):
            continue
        if not has_no_gradient(made.model, made.x, made.f):
            try:
                rows = by_torch_func(made.model, made.x, made.f)
            except RuntimeError:  # what vmap cannot: tensors in place
                continue
            assert off(one_by_one(made.model, made.x, made.f), rows) < 1e-10, made.description

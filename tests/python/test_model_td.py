"""crosstalk.td_terms against the derivative of interference along a step, by torch.func.jvp through autograd."""

import copy

import pytest

torch = pytest.importorskip("torch")
import crosstalk as ct  # noqa: E402
from torch import nn  # noqa: E402
from torch.func import functional_call, grad, jvp  # noqa: E402

N, GAMMA = 5, 0.9


def plain():
    return nn.Sequential(nn.Linear(4, 7), nn.Tanh(), nn.Linear(7, 3))


def reused():
    inner = nn.Linear(7, 7)
    return nn.Sequential(nn.Linear(4, 7), nn.Tanh(), inner, nn.Tanh(), inner, nn.LayerNorm(7), nn.Linear(7, 3))


def part_frozen():
    model = plain()
    model[0].bias.requires_grad_(False)
    return model


def images():
    return nn.Sequential(nn.Conv2d(1, 3, 2), nn.Softplus(), nn.Flatten(), nn.Linear(27, 3))


NETWORKS = {
    "plain": (plain, (4,)),
    "reused": (reused, (4,)),
    "part frozen": (part_frozen, (4,)),
    "images": (images, (1, 4, 4)),
}


@pytest.fixture(params=NETWORKS)
def world(request):
    torch.manual_seed(8)
    build, shape = NETWORKS[request.param]
    model = build().double()
    target = copy.deepcopy(model)
    with torch.no_grad():
        for p in target.parameters():
            p.add_(0.2 * torch.randn_like(p))
    numbers = {"states": torch.randn(N, *shape), "rewards": torch.randn(N), "next_states": torch.randn(N, *shape)}
    batch = {name: each.double() for name, each in numbers.items()}
    return (
        model,
        target,
        batch | {"actions": torch.randint(0, 3, (N,)), "dones": torch.tensor([0.0, 1, 0, 0, 0]).double()},
    )


def derivatives(model, target, batch, follows):
    """(A, B): d/de of rho(A, B) at theta - e d_B g_B. follows: how far what targets are of moves with the network."""
    model, of = copy.deepcopy(model), copy.deepcopy(model if target is None else target)
    theta = {name: p.detach() for name, p in model.named_parameters() if p.requires_grad}
    fixed = {name: p.detach() for name, p in of.named_parameters()}
    best = of(batch["next_states"]).argmax(1)
    live = GAMMA * (1 - batch["dones"])

    def taken(theta, n):
        return functional_call(model, theta, (batch["states"][n : n + 1],), tie_weights=False)[0, batch["actions"][n]]

    def behind(network, values, n):
        return functional_call(network, values, (batch["next_states"][n : n + 1],), tie_weights=False)[0, best[n]]

    def error(theta, e_theta, n):
        """The TD error: Q at theta, the target at what it has become, to first order in the step."""
        return taken(theta, n) - batch["rewards"][n] - live[n] * e_theta(n)

    held = [behind(of, fixed, n).detach() for n in range(N)]
    errors = torch.stack([error(theta, lambda n: held[n], n) for n in range(N)]).detach()
    found = torch.zeros(N, N, dtype=torch.double)
    for b in range(N):
        step = {name: -errors[b] * g for name, g in grad(lambda t, b=b: taken(t, b))(theta).items()}
        for a in range(N):

            def rho(moved, a=a, b=b):
                def target_at(n):
                    if follows == "network":
                        return held[n] + behind(model, moved, n) - behind(model, theta, n).detach()
                    values = {
                        name: p + follows * ((moved[name] - theta[name]) if name in theta else 0)
                        for name, p in fixed.items()
                    }
                    return behind(of, values, n)

                g_a, g_b = (grad(lambda t, n=n: taken(t, n))(moved) for n in (a, b))
                return (
                    error(moved, target_at, a) * error(moved, target_at, b) * sum((g_a[k] * g_b[k]).sum() for k in g_a)
                )

            found[a, b] = jvp(rho, (theta,), (step,))[1]
    return found, errors


def off(found, right):
    return float((found - right).abs().max() / right.abs().max())


@pytest.mark.parametrize("tau", [None, 0.1])
def test_rho_prime_is_the_derivative_along_a_step_with_a_target_that_moves_with_the_network(world, tau):
    model, target, batch = world
    terms = ct.td_terms(model, target, batch, GAMMA, tau=tau)
    right, errors = derivatives(model, target, batch, "network")
    assert off(terms.rho_prime, right) < 1e-9
    assert off(terms.errors, errors) < 1e-9
    right, _ = derivatives(model, target, batch, 0.0 if tau is None else tau)
    assert off(terms.rho_prime_own, right) < 1e-9


def test_without_a_target_network_the_target_is_the_model_itself(world):
    model, _, batch = world
    terms = ct.td_terms(model, None, batch, GAMMA)
    right, _ = derivatives(model, None, batch, "network")
    assert off(terms.rho_prime, right) < 1e-9 and torch.equal(terms.rho_prime, terms.rho_prime_own)


def test_each_term_is_the_one_of_equation_17(world):
    model, target, batch = world
    terms = ct.td_terms(model, target, batch, GAMMA)
    best, states = target(batch["next_states"]).argmax(1), batch["states"]
    g = ct.per_sample(model, states, lambda q: q.gather(1, batch["actions"][:, None])[:, 0])
    ahead = ct.per_sample(model, batch["next_states"], lambda q: q.gather(1, best[:, None])[:, 0])
    ahead = GAMMA * (1 - batch["dones"])[:, None] * ahead
    d, products = terms.errors, g @ g.t()
    assert off(terms.rho, d[:, None] * d * products) < 1e-9
    assert off(terms.r1, d**2 * products * ((g - ahead) @ g.t())) < 1e-9
    assert off(terms.r2, d[:, None] * d * products * ((g - ahead) * g).sum(1)) < 1e-9
    assert off(terms.r1_own, d**2 * products**2) < 1e-9
    assert terms.rows()["rho_prime.r3"] == pytest.approx(float(terms.r3.mean()))


def test_a_batch_is_taken_by_name_or_in_order(world):
    model, target, batch = world
    ordered = tuple(batch[name] for name in ("states", "actions", "rewards", "next_states", "dones"))
    one, other = ct.td_terms(model, target, batch, GAMMA), ct.td_terms(model, target, ordered, GAMMA)
    assert torch.equal(one.r3, other.r3) and torch.equal(one.rho, other.rho)

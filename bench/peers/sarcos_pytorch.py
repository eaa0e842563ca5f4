"""The usual kind of script: one SARCOS run in PyTorch with autograd, torch.optim and vmap, doing the same work as one run
of Crosstalk's study: the same network, batches with replacement, loss, optimiser, and at every `every` updates the errors
on all rows, the normalised errors, and function interference, loss interference and stiffness over the training and test
samples with their quantiles.

    python sarcos_pytorch.py FILE.safetensors HIDDEN DEPTH EXAMPLES SEED [UPDATES EVERY SAMPLES]
"""

import sys
import time

import torch
from safetensors.torch import load_file
from torch import nn
from torch.func import functional_call, grad, vmap

QUANTILES = torch.tensor([0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95])


def make_model(hidden, depth):
    layers = [nn.Linear(21, hidden), nn.LeakyReLU(0.01)]
    for _ in range(depth):
        layers += [nn.Linear(hidden, hidden), nn.LeakyReLU(0.01)]
    layers.append(nn.Linear(hidden, 7))
    for layer in layers:
        if isinstance(layer, nn.Linear):
            nn.init.xavier_uniform_(layer.weight)
            nn.init.zeros_(layer.bias)
    return nn.Sequential(*layers)


def per_sample_gradients(model, function, x, y):
    parameters = {name: value.detach() for name, value in model.named_parameters()}

    def scalar(parameters, x, y):
        return function(functional_call(model, parameters, x.unsqueeze(0)).squeeze(0), y)

    gradients = vmap(grad(scalar), in_dims=(None, 0, 0))(parameters, x, y)
    return torch.cat([g.flatten(1) for g in gradients.values()], 1)


def over_pairs(matrix, within):
    if within:
        rows, columns = torch.triu_indices(len(matrix), len(matrix), 1)
        matrix = matrix[rows, columns]
    flat = matrix.flatten()
    return [flat.mean().item(), *torch.quantile(flat, QUANTILES).tolist(), (flat > 0).float().mean().item()]


def measure(model, train, test, samples, variance):
    rows = []
    with torch.no_grad():
        for x, y in (train, test):
            error = (model(x) - y) ** 2
            rows += [error.mean().item(), (error / variance).mean().item()]
    x = torch.cat([train[0][:samples], test[0][:samples]])
    y = torch.cat([train[1][:samples], test[1][:samples]])
    n = min(samples, len(train[0]))
    for function in (lambda f, y: f.mean(), lambda f, y: ((f - y) ** 2).mean()):
        gradients = per_sample_gradients(model, function, x, y)
        gram = gradients @ gradients.T
        rows += over_pairs(gram[:n, :n], True) + over_pairs(gram[:n, n:], False) + over_pairs(gram[n:, n:], True)
    norms = gram.diagonal().sqrt()
    cosine = gram / norms[:, None] / norms[None, :]
    rows += over_pairs(cosine[:n, :n], True) + over_pairs(cosine[:n, n:], False) + over_pairs(cosine[n:, n:], True)
    return rows


def main(path, hidden, depth, examples, seed, updates=5000, every=250, samples=128):
    torch.set_num_threads(1)
    torch.manual_seed(seed)
    data = load_file(path)
    train = data["train.x"][:examples], data["train.y"][:examples]
    test = data["test.x"], data["test.y"]
    variance = train[1].var(0)
    model = make_model(hidden, depth)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    rows = []
    start = time.perf_counter()
    for step in range(updates):
        if step % every == 0:
            rows.append(measure(model, train, test, samples, variance))
        batch = torch.randint(len(train[0]), (32,))
        loss = ((model(train[0][batch]) - train[1][batch]) ** 2).mean(1).sum()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    print(f"{time.perf_counter() - start:.4f} {rows[-1][0]:.4f} {rows[-1][2]:.4f}")


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))

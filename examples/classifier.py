"""A classifier, and the stiffness of its loss within and between classes while it learns (Fort et al. 2019).

    python examples/classifier.py                       # handwritten digits: about half a minute on one core
    python examples/classifier.py steps=300 every=100 out=results/short

Stiffness is the cosine of the gradients of two samples' losses. Within: the mean over pairs of samples of one class.
Between: over pairs of samples of two classes. It is measured at samples that are trained on, and at others. As in Fort
et al. (2019, "Stiffness: A new perspective on generalization in neural networks") samples of one class are stiff early,
and stiffness falls as the network fits and overfits. The last table has the mean stiffness of each pair of classes.

The digits come with Crosstalk (1,797 images of 8 x 8 pixels, from scikit-learn). Needs nothing else.
"""

import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

import crosstalk as ct


@dataclass
class Args:
    seed: int = 0
    steps: int = 2_000
    every: int = 200
    examples: int = 500  # of the training set
    measured: int = 200  # samples of each set at which stiffness is measured
    rate: float = 1e-3
    batch: int = 64
    out: str = "results/classifier"


def digits(args):
    """Images (N, 1, 8, 8) of 0 to 1 and their digits (N): those to train on, and those to test."""
    file = Path(ct.__file__).parent / "assets" / "digits.csv.gz"
    table = torch.from_numpy(np.loadtxt(file, delimiter=",", dtype=np.float32))
    table = table[torch.randperm(len(table), generator=torch.Generator().manual_seed(args.seed))]
    images, classes = table[:, :64].reshape(-1, 1, 8, 8) / 16, table[:, 64].long()
    n = args.examples
    return (images[:n], classes[:n]), (images[n:], classes[n:])


def stiffness_of(network, images, classes):
    """The cosines of the losses' gradients, and their means within and between classes."""
    gram = ct.gram(network, images, lambda out, n: F.cross_entropy(out, classes[n], reduction="none"))
    return ct.stiffness(gram, classes), gram


def by_classes(gram, classes):
    """(10, 10): the mean stiffness of the samples of two classes. No sample meets itself."""
    lengths = gram.diagonal().sqrt().clamp(min=torch.finfo(gram.dtype).tiny)
    cosines = gram / lengths[:, None] / lengths[None, :]
    cosines.fill_diagonal_(0)
    member = F.one_hot(classes, 10).to(gram.dtype)
    pairs = member.T @ (1 - torch.eye(len(classes))).to(gram.dtype) @ member
    return member.T @ cosines @ member / pairs


def main(args):
    torch.manual_seed(args.seed)
    (images, classes), (test_images, test_classes) = digits(args)
    network = nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.Conv2d(16, 32, 3, stride=2, padding=1), nn.ReLU(),
        nn.Flatten(), nn.Linear(512, 64), nn.ReLU(), nn.Linear(64, 10),
    )  # fmt: skip
    optimizer = torch.optim.Adam(network.parameters(), lr=args.rate)
    m = args.measured
    sets = {"train": (images[:m], classes[:m]), "test": (test_images[:m], test_classes[:m])}

    settings = {"rate": args.rate, "examples": args.examples}
    with ct.Watch(
        network, every=args.every, to=args.out, name="classifier", seed=args.seed, settings=settings
    ) as watch:
        print("  step   loss  test accuracy   stiffness: train within  between   test within  between")
        for step in range(args.steps + 1):
            rows = torch.randint(len(images), (args.batch,))
            x, y = images[rows], classes[rows]
            loss = F.cross_entropy(network(x), y)
            if step % args.every == 0:
                found = {name: stiffness_of(network, *each)[0] for name, each in sets.items()}
                with torch.no_grad():
                    accuracy = float((network(test_images).argmax(1) == test_classes).double().mean())
                values = {"loss": loss.item(), "accuracy.test": accuracy}
                values |= {f"{name}.within": each.within for name, each in found.items()}
                values |= {f"{name}.between": each.between for name, each in found.items()}
                watch.add(step, values)
                train, test = found["train"], found["test"]
                print(
                    f"{step:6} {loss.item():6.3f} {accuracy:14.3f}{train.within:26.3f} {train.between:8.3f}"
                    f"{test.within:14.3f} {test.between:8.3f}"
                )
            optimizer.zero_grad()
            loss.backward()

            def losses(outputs, n):
                return F.cross_entropy(outputs, y[n], reduction="none")

            watch(step, x, losses)
            with watch.update(x, losses):
                optimizer.step()

    _, gram = stiffness_of(network, *sets["test"])
    print("mean stiffness at test samples, class by class:")
    for digit, row in enumerate(by_classes(gram, sets["test"][1]).tolist()):
        print(f"  {digit}  " + " ".join(f"{value:6.3f}" for value in row))
    print(f"to see what else was measured: crosstalk report {args.out}")


if __name__ == "__main__":
    words = dict(word.split("=", 1) for word in sys.argv[1:])
    main(Args(**{name: type(getattr(Args, name))(value) for name, value in words.items()}))

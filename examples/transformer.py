"""A small transformer that learns to repeat a sequence, and which of its layers make samples interfere.

    python examples/transformer.py                      # 400 steps: about 20 seconds on one core
    python examples/transformer.py seed=1 steps=200 every=50 out=results/short

The task: 12 random tokens, a separator, and the same 12 tokens again. The loss of a sequence is the mean cross-entropy
of the tokens of the second half, which can be foretold exactly. The model is a causal pre-norm transformer whose output
layer is its token embedding (tied weights): a parameter that is used twice, whose two gradients are summed before their
inner product is taken.

Now and then the example prints, layer by layer, two numbers of ct.gram(..., per_layer=True), at 32 new sequences:

    share       of the mean squared gradient length, how much is this layer's
    stiffness   the mean cosine of two sequences' gradients by this layer's parameters alone

Needs nothing but torch.
"""

import sys
from dataclasses import dataclass

import torch
from torch import nn
from torch.nn import functional as F

import crosstalk as ct

LENGTH, TOKENS = 12, 16  # the last token separates


@dataclass
class Args:
    seed: int = 0
    steps: int = 400
    every: int = 100
    width: int = 64
    heads: int = 4
    blocks: int = 2
    rate: float = 5e-4
    batch: int = 64
    out: str = "results/transformer"


class Block(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.before_attention, self.before_mlp = nn.LayerNorm(width), nn.LayerNorm(width)
        self.queries_keys_values, self.mix = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.mlp = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width))

    def forward(self, h):  # (N, T, width)
        n, t, width = h.shape
        heads = self.queries_keys_values(self.before_attention(h)).view(n, t, 3, self.heads, width // self.heads)
        q, k, v = heads.permute(2, 0, 3, 1, 4)
        attended = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        h = h + self.mix(attended.transpose(1, 2).reshape(n, t, width))
        return h + self.mlp(self.before_mlp(h))


class Transformer(nn.Module):
    def __init__(self, args):
        super().__init__()
        self.tokens = nn.Embedding(TOKENS, args.width)
        self.places = nn.Parameter(0.1 * torch.randn(2 * LENGTH, args.width))
        self.blocks = nn.ModuleList(Block(args.width, args.heads) for _ in range(args.blocks))
        self.norm = nn.LayerNorm(args.width)
        nn.init.normal_(self.tokens.weight, std=0.1)

    def forward(self, sequence):  # (N, T) -> (N, T, TOKENS)
        h = self.tokens(sequence) + self.places
        for block in self.blocks:
            h = block(h)
        return F.linear(self.norm(h), self.tokens.weight)


def sequences(count, generator):
    """Inputs and what follows each of their tokens, (count, 2 * LENGTH) each."""
    half = torch.randint(TOKENS - 1, (count, LENGTH), generator=generator)
    whole = torch.cat([half, torch.full((count, 1), TOKENS - 1), half], 1)
    return whole[:, :-1], whole[:, 1:]


def repeat_loss(logits, following):
    """(N): the mean cross-entropy of the second half of each sequence."""
    losses = F.cross_entropy(logits.transpose(1, 2), following, reduction="none")
    return losses[:, LENGTH:].mean(1)


def print_layers(model, x, following):
    grams = ct.gram(model, x, lambda logits, n: repeat_loss(logits, following[n]), per_layer=True)
    total = sum(float(gram.diagonal().mean()) for gram in grams.values())
    print(f"    {'layer':34}  share  stiffness")
    for name, gram in grams.items():
        print(f"    {name:34} {float(gram.diagonal().mean()) / total:6.3f} {ct.stiffness(gram).mean:10.3f}")


def main(args):
    torch.manual_seed(args.seed)
    draws = torch.Generator().manual_seed(args.seed)
    new_x, new_following = sequences(32, torch.Generator().manual_seed(args.seed + 1))
    model = Transformer(args)
    optimizer = torch.optim.Adam(model.parameters(), lr=args.rate)
    print(ct.plan(model, new_x, lambda logits: repeat_loss(logits, new_following)))

    # Function interference is of one number of each sequence: the largest logit after its separator.
    watch = ct.Watch(
        model, every=args.every, to=args.out, function=lambda logits: logits[:, LENGTH].max(1).values, samples=32,
        name="transformer", seed=args.seed, settings={"rate": args.rate, "blocks": args.blocks},
    )  # fmt: skip
    with watch:
        for step in range(args.steps + 1):
            x, following = sequences(args.batch, draws)
            loss = repeat_loss(model(x), following).mean()
            optimizer.zero_grad()
            loss.backward()
            if step % args.every == 0:
                print(f"step {step:5}  loss {loss.item():.4f}")
                print_layers(model, new_x, new_following)
            watch(step, x, lambda logits, n: repeat_loss(logits, following[n]))
            with watch.update(new_x, lambda logits, n: repeat_loss(logits, new_following[n])):
                optimizer.step()
    print(f"to see what was measured over the whole run: crosstalk report {args.out}")


if __name__ == "__main__":
    words = dict(word.split("=", 1) for word in sys.argv[1:])
    main(Args(**{name: type(getattr(Args, name))(value) for name, value in words.items()}))

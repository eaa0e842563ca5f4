"""Fitted Q iteration on a dataset of Minari, and how the transitions' losses interfere in each iteration.

    python examples/minari_fitted_q.py                  # CartPole, 60 episodes of a random policy: half a minute
    python examples/minari_fitted_q.py dataset=mine/lunar-lander-v0 iterations=20 out=results/lander

Any dataset with a vector of numbers as observation and a discrete action will do. If the default one is not stored on
this machine, the example collects it first. MINARI_DATASETS_PATH says where Minari stores datasets.

In each iteration the targets r + discount * max_a Q(s') are computed once and then held, while the network is fitted to
them: a regression, whose loss we watch. After it the example prints, at 64 transitions that are fitted and 64 that are
held out,

    stiffness        the mean cosine of the gradients of two transitions' losses: above 0, fitting one helps the other
    interference     grad max_a Q(s) . grad max_a Q(s'), the mean over pairs
    rank             how many directions the last hidden layer uses

Needs Minari with h5py, and Gymnasium: pip install minari h5py gymnasium
"""

import sys
import warnings
from copy import deepcopy
from dataclasses import dataclass

import gymnasium
import minari
import numpy as np
import torch
from minari.data_collector import EpisodeBuffer
from torch import nn
from torch.nn import functional as F

import crosstalk as ct

DEFAULT = "cartpole/random-v0"


@dataclass
class Args:
    dataset: str = DEFAULT
    episodes: int = 60  # of the default dataset, where it is collected
    iterations: int = 10
    updates: int = 400  # of each iteration
    rate: float = 1e-3
    discount: float = 0.99
    batch: int = 128
    seed: int = 0
    out: str = "results/fitted-q"


def collected(args):
    """The default dataset: a random policy in CartPole. minari.DataCollector is the shorter way, but it needs jax."""
    env = gymnasium.make("CartPole-v1")
    env.action_space.seed(args.seed)
    buffers = []
    for episode in range(args.episodes):
        observation, _ = env.reset(seed=args.seed + episode)
        observations, steps = [observation], []
        while not steps or not (steps[-1][2] or steps[-1][3]):
            action = env.action_space.sample()
            observation, reward, terminated, truncated, _ = env.step(action)
            observations.append(observation)
            steps.append((action, reward, terminated, truncated))
        taken, rewards, terminations, truncations = map(np.array, zip(*steps))
        buffers.append(
            EpisodeBuffer(
                observations=np.array(observations), actions=taken, rewards=rewards, terminations=terminations,
                truncations=truncations,
            )
        )  # fmt: skip
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that nobody is named as its author
        return minari.create_dataset_from_buffers(DEFAULT, buffers, env=env, algorithm_name="random policy")


def transitions(dataset, seed):
    """Observations, actions, rewards, next observations and ends of all steps, in random order."""
    episodes = list(dataset.iterate_episodes())
    columns = (
        np.concatenate([each.observations[:-1] for each in episodes]).astype(np.float32),
        np.concatenate([each.actions for each in episodes]).astype(np.int64),
        np.concatenate([each.rewards for each in episodes]).astype(np.float32),
        np.concatenate([each.observations[1:] for each in episodes]).astype(np.float32),
        np.concatenate([each.terminations for each in episodes]).astype(np.float32),
    )
    order = np.random.default_rng(seed).permutation(len(columns[1]))
    return [torch.from_numpy(column[order]) for column in columns]


def main(args):
    torch.manual_seed(args.seed)
    is_there = args.dataset != DEFAULT or DEFAULT in minari.list_local_datasets()
    dataset = minari.load_dataset(args.dataset) if is_there else collected(args)
    observations, actions, rewards, following, ends = transitions(dataset, args.seed)
    held_out, fitted = torch.arange(64), torch.arange(64, len(actions))
    width, choices = observations.shape[1], int(dataset.action_space.n)
    q = nn.Sequential(nn.Linear(width, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, choices))
    optimizer = torch.optim.Adam(q.parameters(), lr=args.rate)

    print(f"{len(actions)} transitions; 64 of them are held out")
    watch = ct.Watch(
        q,
        every=100,
        to=args.out,
        name="fitted-q",
        seed=args.seed,
        settings={"dataset": args.dataset, "rate": args.rate},
    )
    with watch:
        for iteration in range(args.iterations):
            frozen = deepcopy(q)
            with torch.no_grad():
                targets = rewards + args.discount * (1 - ends) * frozen(following).max(1).values

            def loss_of(rows):
                """The losses at these rows of the dataset: a function of the outputs, and of their numbers n."""
                return lambda outputs, n: F.mse_loss(
                    outputs.gather(1, actions[rows[n], None]).squeeze(1), targets[rows[n]], reduction="none"
                )

            for update in range(args.updates):
                rows = fitted[torch.randint(len(fitted), (args.batch,))]
                loss = loss_of(rows)(q(observations[rows]), torch.arange(args.batch)).mean()
                optimizer.zero_grad()
                loss.backward()
                watch(iteration * args.updates + update, observations[rows], loss_of(rows))
                with watch.update(observations[held_out], loss_of(held_out)):
                    optimizer.step()

            words = [f"iteration {iteration + 1:2}  loss {loss.item():8.4f}"]
            for name, rows in (("fitted", fitted[:64]), ("held out", held_out)):
                stiffness = ct.stiffness(ct.gram(q, observations[rows], loss_of(rows)))
                interference = ct.interference(ct.gram(q, observations[rows], "max"))
                words.append(f"{name}: stiffness {stiffness.mean:6.3f} interference {interference.mean:8.3f}")
            rank = ct.rank(q[:-1](observations[held_out])).rank
            print("  ".join(words), f" rank {rank}")
    print(f"to see what was measured in between: crosstalk report {args.out}")


if __name__ == "__main__":
    words = dict(word.split("=", 1) for word in sys.argv[1:])
    main(Args(**{name: type(getattr(Args, name))(value) for name, value in words.items()}))

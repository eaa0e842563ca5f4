"""A DQN in one file that watches its own interference.

    python examples/dqn.py                              # CartPole-v1, 50,000 steps: about two minutes on one core
    python examples/dqn.py seed=1 steps=2000 out=results/short

Every word `name=value` sets one of `Args`. The loop is that of CleanRL's dqn.py: replay, a target network, Adam. Five
lines are Crosstalk's, and marked. Every 500 steps they measure, on 64 transitions of the batch,

    function_interference   grad max_a Q(s) . grad max_a Q(s'), the mean over pairs of transitions
    stiffness               the cosine of the gradients of two transitions' TD losses
    policy_churn            the share of other states whose greedy action the update changes
    rank, dormant, ...      docs/measures.md has them all

They go into the folder `out`, one run for each seed, and some of them onto the screen. Training is the same without
them, to the last bit. Needs Gymnasium: pip install gymnasium
"""

import random
import sys
from collections import deque
from copy import deepcopy
from dataclasses import asdict, dataclass

import crosstalk as ct
import gymnasium
import numpy as np
import torch
from torch import nn
from torch.nn import functional as F


@dataclass
class Args:
    env: str = "CartPole-v1"
    seed: int = 0
    steps: int = 50_000
    rate: float = 2.5e-4
    discount: float = 0.99
    capacity: int = 10_000
    batch: int = 128
    learning_starts: int = 1_000
    train_every: int = 10
    target_every: int = 500
    explore_to: float = 0.05
    explore_steps: int = 25_000
    watch_every: int = 500
    out: str = "results/dqn"


class Replay:
    """The last `capacity` transitions."""

    def __init__(self, capacity, observation_shape, seed):
        self.observations = torch.zeros(capacity, *observation_shape)
        self.next_observations = torch.zeros(capacity, *observation_shape)
        self.actions = torch.zeros(capacity, dtype=torch.long)
        self.rewards = torch.zeros(capacity)
        self.terminal = torch.zeros(capacity)
        self.draws, self.added = np.random.default_rng(seed), 0

    def add(self, observation, action, reward, next_observation, terminated):
        at = self.added % len(self.actions)
        self.observations[at] = torch.as_tensor(observation)
        self.next_observations[at] = torch.as_tensor(next_observation)
        self.actions[at], self.rewards[at], self.terminal[at] = int(action), float(reward), float(terminated)
        self.added += 1

    def sample(self, count, draws=None):
        rows = torch.from_numpy((draws or self.draws).integers(min(self.added, len(self.actions)), size=count))
        columns = (self.observations, self.actions, self.rewards, self.next_observations, self.terminal)
        return tuple(column[rows] for column in columns)


def main(args):
    torch.set_num_threads(1)  # networks this small are slower with more
    torch.manual_seed(args.seed)
    random.seed(args.seed)
    env = gymnasium.wrappers.RecordEpisodeStatistics(gymnasium.make(args.env))
    env.action_space.seed(args.seed)
    sides, actions = env.observation_space.shape, int(env.action_space.n)
    hidden = [nn.Linear(int(np.prod(sides)), 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU()]
    q = nn.Sequential(nn.Flatten(), *hidden, nn.Linear(84, actions))
    target_q = deepcopy(q)
    optimizer = torch.optim.Adam(q.parameters(), lr=args.rate)
    replay = Replay(args.capacity, sides, args.seed)
    others = np.random.default_rng(args.seed + 1)  # draws of its own, so that training draws what it would without

    settings = {name: value for name, value in asdict(args).items() if name not in ("seed", "out")}
    watch = ct.Watch(q, every=args.watch_every, to=args.out, name="dqn", seed=args.seed, settings=settings)  # Crosstalk

    returns = deque(maxlen=20)  # of the last episodes
    observation, _ = env.reset(seed=args.seed)
    for step in range(args.steps):
        explore = max(args.explore_to, 1 - (1 - args.explore_to) * step / args.explore_steps)
        if random.random() < explore:
            action = env.action_space.sample()
        else:
            action = int(q(torch.as_tensor(observation)[None]).argmax())
        next_observation, reward, terminated, truncated, info = env.step(action)
        replay.add(observation, action, reward, next_observation, terminated)
        observation = next_observation
        if terminated or truncated:
            returns.append(float(info["episode"]["r"]))
            observation, _ = env.reset()

        if step < args.learning_starts or step % args.train_every != 0:
            continue
        seen, taken, rewards, following, terminal = replay.sample(args.batch)
        with torch.no_grad():
            target = rewards + args.discount * (1 - terminal) * target_q(following).max(1).values

        def td_loss(outputs, n):
            """The squared TD error of each transition n of the batch."""
            return F.mse_loss(outputs[torch.arange(len(n)), taken[n]], target[n], reduction="none")

        loss = td_loss(q(seen), torch.arange(args.batch)).mean()
        optimizer.zero_grad()
        loss.backward()
        measured = watch(step, seen, td_loss)  # Crosstalk
        elsewhere, *_ = replay.sample(64, others)
        with watch.update(elsewhere):  # Crosstalk: what the update does to transitions that it is not about
            optimizer.step()
        if measured:
            watch.add(step, {"return": np.mean(returns), "loss": loss.item()})  # Crosstalk: your own numbers
            now = watch.last
            print(
                f"step {step:6}  return {now['return']:5.1f}  loss {now['loss']:8.3f}  rank {now['rank']:3.0f}  "
                f"interference {now['function_interference']:8.2f}  stiffness {now['stiffness']:6.3f}  "
                f"churn {now['policy_churn']:6.3f}"
            )
        if step % args.target_every == 0:
            target_q.load_state_dict(q.state_dict())

    watch.close()  # Crosstalk
    print(f"measured every {watch.every} updates at the end")
    print(f"to see them all: crosstalk report {args.out}")


if __name__ == "__main__":
    words = dict(word.split("=", 1) for word in sys.argv[1:])
    main(Args(**{name: type(getattr(Args, name))(value) for name, value in words.items()}))

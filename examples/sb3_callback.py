"""A callback of Stable-Baselines3 that watches the q_net of a DQN.

    python examples/sb3_callback.py                     # CartPole-v1, 20,000 steps: about a minute on one core
    python examples/sb3_callback.py steps=3000 every=500 out=results/short

Copy `WatchCallback` into your own code and give it to `learn`:

    model = DQN("MlpPolicy", "CartPole-v1")
    model.learn(50_000, callback=WatchCallback(every=1_000, out="results/sb3"))

It measures interference and stiffness of the TD loss on transitions of the replay buffer, rank, dormant units, and the
churn of each measured gradient step. The numbers go into a folder, and under crosstalk/ into the logger of
Stable-Baselines3 (so also to its TensorBoard). Training is the same with and without the callback.

Needs Stable-Baselines3, which Crosstalk does not install: pip install stable-baselines3
"""

import sys
from dataclasses import dataclass

import numpy as np
import torch
from stable_baselines3 import DQN
from stable_baselines3.common.callbacks import BaseCallback
from torch.nn import functional as F

import crosstalk as ct


class WatchCallback(BaseCallback):
    """Every `every` environment steps, once learning has begun: what ct.Watch measures of the model's q_net."""

    def __init__(self, every=1_000, out="results/sb3", samples=64, name="sb3-dqn", settings=None):
        super().__init__()
        self.every, self.out, self.samples, self.name, self.settings = every, out, samples, name, settings
        self.due = 0  # the step from which on the next update is measured
        self.update = None  # the one that goes on, where it is measured

    def _init_callback(self):
        self.watch = ct.Watch(
            self.model.q_net,
            every=self.every,
            samples=self.samples,
            to=[self.out, self._record],
            name=self.name,
            seed=self.model.seed or 0,
            settings=self.settings,
        )
        # A callback is not asked around the optimiser's step, so the optimiser itself is.
        optimizer = self.model.policy.optimizer
        self.hooks = [
            optimizer.register_step_pre_hook(lambda *_: self._before_update()),
            optimizer.register_step_post_hook(lambda *_: self._after_update()),
        ]

    def _on_step(self):
        return True

    def _record(self, step, numbers):
        for name, number in numbers.items():
            self.logger.record(f"crosstalk/{name}", number)

    def _before_update(self):
        if self.num_timesteps < self.due:
            return
        self.due = self.num_timesteps + self.every - self.num_timesteps % self.every
        batch = self._transitions()
        with torch.no_grad():
            following = self.model.q_net_target(batch.next_observations).max(1, keepdim=True).values
            target = batch.rewards + (1 - batch.dones) * self.model.gamma * following

        def td_loss(q, n):
            """The loss of DQN.train, of each transition n."""
            return F.smooth_l1_loss(q.gather(1, batch.actions[n]), target[n], reduction="none").squeeze(1)

        self.watch(self.num_timesteps, batch.observations, td_loss)
        self.update = self.watch.update(batch.observations, td_loss)
        self.update.__enter__()

    def _after_update(self):
        if self.update is not None:
            self.update.__exit__(None, None, None)
            self.update = None

    def _transitions(self):
        """Of the replay buffer. It draws from NumPy's random state, which is afterwards as before."""
        state = np.random.get_state()
        batch = self.model.replay_buffer.sample(self.samples)
        np.random.set_state(state)
        return batch

    def _on_training_end(self):
        for hook in self.hooks:
            hook.remove()
        self.watch.close()


@dataclass
class Args:
    env: str = "CartPole-v1"
    seed: int = 0
    steps: int = 20_000
    every: int = 1_000
    out: str = "results/sb3"


def main(args):
    torch.set_num_threads(1)  # networks this small are slower with more
    model = DQN(
        "MlpPolicy", args.env, learning_rate=1e-3, buffer_size=10_000, learning_starts=500, batch_size=64,
        train_freq=4, target_update_interval=500, exploration_fraction=0.3, seed=args.seed, verbose=0,
    )  # fmt: skip
    callback = WatchCallback(args.every, args.out)
    model.learn(args.steps, callback=callback)
    print("the last measurement:")
    for name, number in callback.watch.last.items():
        print(f"  {name:28} {number:.6g}")
    print(f"to see them all: crosstalk report {args.out}")


if __name__ == "__main__":
    words = dict(word.split("=", 1) for word in sys.argv[1:])
    main(Args(**{name: type(getattr(Args, name))(value) for name, value in words.items()}))

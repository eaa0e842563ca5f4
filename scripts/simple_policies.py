#!/usr/bin/env python3
"""What policies that have learned nothing earn in an environment: actions at random, and each action always.

    .venv/bin/python scripts/simple_policies.py minatar:breakout atari:ms_pacman [--episodes 100] [--most-steps 10000]

For each policy the mean of an episode's undiscounted rewards, and its standard error over the episodes. An episode is cut after
--most-steps, or its environment's own limit. Episode i is begun by the seed i, under every policy. Atari games are played as
task.* has them by default: four frames a step, with sticky actions, and the reward is the game's own score."""

from __future__ import annotations

import argparse
import random
import statistics

from crosstalk.environments import Opened, opened, opened_console

FRAMES, STICKY = 4, 0.25  # the defaults of task.frame-skip and task.sticky


class Game:
    """An Atari game, stepped as an Opened environment."""

    first_action, most_steps = 0, None

    def __init__(self, name: str) -> None:
        self.console = opened_console(name, all_actions=False)
        self.actions = len(self.console.actions)

    def reset(self, seed: int) -> None:
        self.console.start()
        self.draw, self.last = random.Random(seed), 0

    def step(self, action: int) -> tuple[None, float, bool, bool, dict]:
        score = 0.0
        for _ in range(FRAMES):
            if self.draw.random() >= STICKY:
                self.last = self.console.actions[action]
            score += self.console.act(self.last)
            if self.console.over():
                break
        return None, score, self.console.over(), False, {}


def earned(world: Opened | Game, policy, seed: int, most_steps: int) -> float:
    """The sum of an episode's rewards."""
    world.reset(seed=seed)
    total = 0.0
    for _ in range(min(most_steps, world.most_steps or most_steps)):
        _, reward, terminated, truncated, _ = world.step(policy())
        total += float(reward)
        if terminated or truncated:
            break
    return total


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("environments", nargs="+", metavar="ENVIRONMENT")
    parser.add_argument("--episodes", type=int, default=100)
    parser.add_argument("--most-steps", type=int, default=10_000)
    options = parser.parse_args()
    if options.episodes < 2:
        parser.error("--episodes: 2 or more, for a standard error")
    draw = random.Random(0)
    for name in options.environments:
        world = Game(name) if name.startswith("atari:") else opened(name, "", "")
        actions = range(world.first_action, world.first_action + world.actions)
        policies = {"random": lambda actions=actions: draw.choice(actions)}
        policies |= {f"always {action}": lambda action=action: action for action in actions}
        for what, policy in policies.items():
            each = [earned(world, policy, seed, options.most_steps) for seed in range(options.episodes)]
            error = statistics.stdev(each) / len(each) ** 0.5
            print(f"{name:26s} {what:10s} {statistics.mean(each):10.3f} +- {error:.3f}", flush=True)


if __name__ == "__main__":
    main()

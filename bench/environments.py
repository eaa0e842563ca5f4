"""Environment steps a second through the engine, beside a plain Python loop over the same environment.

    .venv/bin/python bench/environments.py [--steps 200000] [--rounds 5]

All act at random. Ours is `crosstalk run`, whole: the agent's memory, the checks of what is seen, the checksum by which an
episode is had again, and the coordinator are in it, learning and measuring are not. Its seconds are those of a run less those of
a run of a thousand steps, so that opening the environment is in neither. The plain loop keeps nothing of what it sees. It steps
gymnasium.make's environment without the checker that is on by default, or minatar.Environment, and begins each episode by a seed
of its own, as ours does so that any episode can be had again; "seeded once" is the loop that does not. They take turns; the
median of the ratios is shown."""

from __future__ import annotations

import argparse
import os
import random
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from crosstalk.environments.min_atar import without_pictures

STUDY = """
seeds = 1
[task]
environment = "{environment}"
[network]
layers = ["flatten", "linear out"]
[learner]
steps = {steps}
start = {start}
update-every = 1
batch = 2
explore-from = 1.0
explore-to = 1.0
[probe]
every = 1000000000
samples = 2
measures = ["loss"]
"""


def ours(environment: str, steps: int) -> float:
    """Seconds of one run."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "random.toml").write_text(STUDY.format(environment=environment, steps=steps, start=steps - 2))
        command = [
            sys.executable,
            "-m",
            "crosstalk",
            "run",
            "random.toml",
            "--out",
            "out",
            "--checkpoint-seconds",
            "1e6",
        ]
        quiet = {"check": True, "cwd": folder, "stdout": subprocess.DEVNULL, "env": {**os.environ, "NO_COLOR": "1"}}
        subprocess.run(command, **quiet)
        with sqlite3.connect(Path(folder) / "out/study.sqlite") as store:
            ((seconds,),) = store.execute("SELECT seconds FROM runs").fetchall()
        return seconds


class MinAtar:
    """minatar's own interface, and no more around it than the loop below needs."""

    def __init__(self, game: str):
        with without_pictures():
            import minatar

            self.game = minatar.Environment(game)

    def run(self, steps: int, seeds: bool) -> None:
        draw, game = random.Random(0), self.game
        actions = game.num_actions()
        game.seed(0)
        game.reset()
        for step in range(steps):
            _, terminated = game.act(draw.randrange(actions))
            game.state()
            if terminated:
                if seeds:
                    game.seed(step)
                game.reset()
                game.state()


class Gymnasium:
    def __init__(self, name: str):
        import gymnasium

        self.world = gymnasium.make(name, disable_env_checker=True)

    def run(self, steps: int, seeds: bool) -> None:
        draw, world = random.Random(0), self.world
        actions = int(world.action_space.n)
        world.reset(seed=0)
        for step in range(steps):
            _, _, terminated, truncated, _ = world.step(draw.randrange(actions))
            if terminated or truncated:
                world.reset(seed=step if seeds else None)


def plain(environment: str, steps: int, seeds: bool) -> float:
    """Seconds of a loop."""
    family, _, name = environment.partition(":")
    world = (Gymnasium if family == "gym" else MinAtar)(name)
    begun = time.perf_counter()
    world.run(steps, seeds)
    return time.perf_counter() - begun


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=200_000)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    print("steps a second: medians of turns; a ratio is ours / theirs, above 1 ours is the faster")
    for environment in ("gym:CartPole-v1", "minatar:breakout", "minatar:space_invaders"):
        turns = []
        for _ in range(options.rounds):
            own = ours(environment, options.steps + 1000) - ours(environment, 1000)
            turns.append(
                [options.steps / own] + [options.steps / plain(environment, options.steps, s) for s in (True, False)]
            )
        own, seeded, once = (statistics.median(column) for column in zip(*turns))
        ratios = [statistics.median(turn[0] / turn[i] for turn in turns) for i in (1, 2)]
        print(f"{environment:24s} ours {own:9,.0f}   plain Python {seeded:9,.0f}, ratio {ratios[0]:.2f}   "
              f"seeded once {once:9,.0f}, ratio {ratios[1]:.2f}")  # fmt: skip


if __name__ == "__main__":
    main()

"""Environment steps a second through the engine, beside a plain Python loop over the same environment.

    .venv/bin/python bench/environments.py [--steps 200000] [--rounds 5]

Both act at random. Ours is `crosstalk run`, whole: the agent's memory, the checks of what is seen, the checksum by which an
episode is had again, and the coordinator are in it, learning and measuring are not. Its seconds are those of a run less those of
a run of a thousand steps, so that opening the environment is in neither. They take turns; the median of the ratios is shown."""

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


def opened(environment: str):
    family, _, name = environment.partition(":")
    if family == "gym":
        import gymnasium

        return gymnasium.make(name, disable_env_checker=True)
    from crosstalk.environments.min_atar import game

    return game(name)


def plain(environment: str, steps: int) -> float:
    world = opened(environment)
    draw = random.Random(0)
    actions = int(world.action_space.n)
    begun = time.perf_counter()
    world.reset(seed=0)
    for step in range(steps):
        _, _, terminated, truncated, _ = world.step(draw.randrange(actions))
        if terminated or truncated:
            world.reset(seed=step)
    return time.perf_counter() - begun


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=200_000)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    print("steps a second: medians of turns; the ratio is ours / plain, above 1 ours is the faster")
    for environment in ("gym:CartPole-v1", "minatar:breakout", "minatar:space_invaders"):
        turns = []
        for _ in range(options.rounds):
            own = ours(environment, options.steps + 1000) - ours(environment, 1000)
            turns.append((options.steps / own, options.steps / plain(environment, options.steps)))
        own, beside = (statistics.median(column) for column in zip(*turns))
        ratio = statistics.median(a / b for a, b in turns)
        print(f"{environment:24s} ours {own:9,.0f}   plain Python {beside:9,.0f}   ratio {ratio:.2f}")


if __name__ == "__main__":
    main()

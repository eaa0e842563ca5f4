"""Atari steps a second through the engine, beside a plain Python loop over ale-py that makes the same of a step, and beside
Gymnasium's own wrappers (AtariPreprocessing and FrameStackObservation), which need OpenCV.

    .venv/bin/pip install opencv-python-headless
    .venv/bin/python bench/atari.py [--steps 20000] [--rounds 5] [--games ms_pacman asterix seaquest]

A step is four frames with sticky actions; all act at random. Ours is `crosstalk run`, whole, as bench/environments.py has it: the memory
of 7,056 bytes a step, the checksum and the coordinator are in it, opening the game is in none. The plain loop and the wrappers keep
nothing. They take turns; the median of the ratios is shown."""

from __future__ import annotations

import argparse
import random
import statistics
import time
from collections import deque

import numpy
from environments import ours

SEED = 0


def plain(game: str, steps: int) -> float:
    """Seconds of a loop as one would write it, with OpenCV to resize."""
    import ale_py
    import cv2
    from ale_py import roms

    ale_py.ALEInterface.setLoggerMode(ale_py.LoggerMode.Error)
    ale = ale_py.ALEInterface()
    ale.setInt("random_seed", SEED)
    ale.setFloat("repeat_action_probability", 0.0)
    ale.loadROM(roms.get_rom_path(game))
    actions = list(ale.getMinimalActionSet())
    screen = numpy.empty(ale.getScreenDims(), numpy.uint8)
    draw = random.Random(SEED)

    def picture():
        ale.getScreenGrayscale(screen)
        return cv2.resize(screen, (84, 84), interpolation=cv2.INTER_LINEAR)

    def started():
        ale.reset_game()
        return deque([picture()] * 4, maxlen=4)

    begun = time.perf_counter()
    pictures, last = started(), actions[0]
    for _ in range(steps):
        chosen, reward = actions[draw.randrange(len(actions))], 0
        for frame in range(4):
            if draw.random() >= 0.25:
                last = chosen
            gained = ale.act(last)
            reward += (gained > 0) - (gained < 0)
            if frame == 2:
                before = picture()
        pictures.append(numpy.maximum(before, picture()))
        numpy.stack(pictures)
        if ale.game_over():
            pictures, last = started(), actions[0]
    return time.perf_counter() - begun


def wrapped(game: str, steps: int) -> float:
    """Seconds of Gymnasium's wrappers over ale-py's environment."""
    import ale_py
    import gymnasium

    gymnasium.register_envs(ale_py)
    ale_py.ALEInterface.setLoggerMode(ale_py.LoggerMode.Error)
    name = "".join(part.capitalize() for part in game.split("_"))
    world = gymnasium.make(f"ALE/{name}-v5", frameskip=1, repeat_action_probability=0.25, disable_env_checker=True)
    world = gymnasium.wrappers.AtariPreprocessing(world, noop_max=0, frame_skip=4)
    world = gymnasium.wrappers.FrameStackObservation(world, 4)
    draw, count = random.Random(SEED), int(world.action_space.n)
    world.reset(seed=SEED)
    begun = time.perf_counter()
    for _ in range(steps):
        _, _, terminated, truncated, _ = world.step(draw.randrange(count))
        if terminated or truncated:
            world.reset()
    return time.perf_counter() - begun


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--games", nargs="+", default=["ms_pacman", "asterix", "seaquest"])
    options = parser.parse_args()
    print("frames of the emulator a second, four to a step: medians of turns; above 1 ours is the faster")
    for game in options.games:
        turns = []
        for _ in range(options.rounds):
            own = ours(f"atari:{game}", options.steps + 1000) - ours(f"atari:{game}", 1000)
            turns.append([4 * options.steps / seconds for seconds in
                          (own, plain(game, options.steps), wrapped(game, options.steps))])  # fmt: skip
        own, script, gym = (statistics.median(column) for column in zip(*turns))
        beside_script = statistics.median(a / b for a, b, _ in turns)
        beside_gym = statistics.median(a / c for a, _, c in turns)
        print(f"{game:12s} ours {own:9,.0f}   plain Python {script:9,.0f}   ratio {beside_script:.2f}   "
              f"Gymnasium {gym:9,.0f}   ratio {beside_gym:.2f}")  # fmt: skip


if __name__ == "__main__":
    main()

"""The paper's preprocessing of Atari games, written again in plain Python and NumPy over ale-py: what tests set beside
the engine's. It is told which action each frame of the emulator was given, so that actions that stick are no matter."""

from fractions import Fraction
from functools import cache

import ale_py
import numpy as np
from ale_py import roms


@cache
def weights(extent):
    """(84, extent) whole numbers whose rows sum to 168: where the centre of each of 84 places lies among the centres of
    `extent`, and how near it is to its two neighbours."""
    rows = np.zeros((84, extent), np.int64)
    for i in range(84):
        centre = (Fraction(2 * i + 1, 2)) * extent / 84 - Fraction(1, 2)
        below = centre.numerator // centre.denominator
        share = centre - below
        for place, weight in ((below, 1 - share), (below + 1, share)):
            rows[i, min(max(place, 0), extent - 1)] += int(168 * weight)
    return rows


def resized(screen):
    total = weights(screen.shape[0]) @ screen.astype(np.int64) @ weights(screen.shape[1]).T
    return ((2 * total + 168 * 168) // (2 * 168 * 168)).astype(np.uint8)


def grey_of(rgb):
    return ((rgb.astype(np.int64) @ np.array([299, 587, 114]) + 500) // 1000).astype(np.uint8)


class Twin:
    def __init__(self, game, maximum_first=False, frame_skip=4):
        self.path, self.maximum_first, self.frame_skip = roms.get_rom_path(game), maximum_first, frame_skip

    def reset(self):
        """A new emulator, so that nothing is left of what was played before."""
        ale_py.ALEInterface.setLoggerMode(ale_py.LoggerMode.Error)
        self.ale = ale_py.ALEInterface()
        self.ale.setFloat("repeat_action_probability", 0.0)
        self.ale.setInt("random_seed", 12345)
        self.ale.loadROM(self.path)
        self.ale.reset_game()
        self.pictures = [resized(grey_of(self.ale.getScreenRGB()))] * 4
        return np.stack(self.pictures)

    def step(self, executed):
        """(observation, reward, over, score, frames played)"""
        reward = score = frames = 0
        screens = []
        for action in executed:
            if self.ale.game_over():
                break
            gained = self.ale.act(action)
            reward += (gained > 0) - (gained < 0)
            score += gained
            frames += 1
            screens.append(grey_of(self.ale.getScreenRGB()))
        # Of frames that were no more, the screen is the one at the end.
        screens += [screens[-1]] * (self.frame_skip - frames)
        last = screens[-2:]
        if self.maximum_first:
            newest = resized(np.max(last, axis=0))
        else:
            newest = np.max([resized(screen) for screen in last], axis=0)
        self.pictures = [*self.pictures[1:], newest]
        return np.stack(self.pictures), float(reward), self.ale.game_over(), float(score), frames

"""MinAtar's games (Young and Tian 2019), with the interface that Gymnasium's environments have."""

from __future__ import annotations

import contextlib
import pkgutil
import sys
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

from crosstalk.environments.faults import Refused, needs
from crosstalk.environments.gymnasium_names import nearest


def game(name: str) -> Any:
    minatar = library()
    games = sorted(module.name for module in pkgutil.iter_modules(minatar.environments.__path__))
    if name not in games:
        raise Refused(f"MinAtar has no game {name}{nearest(name, games) or '; there are ' + ', '.join(games)}")
    return Game(minatar.Environment(name))


def library() -> Any:
    try:
        with without_pictures():
            import minatar
            import minatar.environments
    except ImportError as error:
        raise needs("minatar", error) from None
    return minatar


@contextlib.contextmanager
def without_pictures() -> Iterator[None]:
    """MinAtar imports matplotlib and seaborn to draw its games, which takes a second and nobody here looks at; where they
    are missing it says so. Here it finds them missing, and says nothing."""
    import logging

    hidden = [name for name in ("matplotlib", "seaborn") if name not in sys.modules]
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]
    level = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        yield
    finally:
        logging.disable(level)
        for name in hidden:
            del sys.modules[name]


NOTHING: dict = {}  # more to say than the observation


class Game:
    """One game as published: all six actions, sticky ones in one of ten steps, a difficulty that grows."""

    def __init__(self, game: Any) -> None:
        self.game = game
        self.action_space = SimpleNamespace(n=game.num_actions(), start=0)
        self.observation_space = SimpleNamespace(shape=tuple(game.state_shape()), dtype="bool")
        self.sticky = game.sticky_action_prob
        game.seed(0)
        self.seed, self.draw = game.random.seed, game.random.rand
        self.act, self.state = game.env.act, game.env.state

    def reset(self, seed: int) -> tuple[Any, dict]:
        # What the package keeps from one episode to the next: its generator, and the action that a sticky one repeats.
        self.seed(seed)  # the generator that game.seed(seed) would make, without making another
        self.last_action = 0
        self.game.reset()
        return self.state(), NOTHING

    def step(self, action: int) -> tuple[Any, float, bool, bool, dict]:
        """The game's own act() and state(), with the sticky actions of minatar.Environment: a call less each."""
        if self.draw() < self.sticky:
            action = self.last_action
        self.last_action = action
        reward, terminated = self.act(action)
        return self.state(), reward, terminated, False, NOTHING

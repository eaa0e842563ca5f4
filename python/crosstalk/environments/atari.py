"""Atari 2600 games of ale-py, a frame at a time; what a step is and what is seen of it, the engine makes
(src/engine/env/atari.hpp)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy

from crosstalk.environments.faults import NotInstalled, Refused, needs, one_line
from crosstalk.environments.gymnasium_names import nearest

SEED = 0  # of the emulator, which draws from it only for its own sticky actions; ours are drawn elsewhere
ALL_ACTIONS = 18


@dataclass
class Console:
    """A game that has been loaded, and how it is played."""

    start: Callable  # () -> None: the game begins anew
    act: Callable  # (action) -> the frame's score
    over: Callable  # () -> whether the game is over
    played: Callable  # () -> frames since the start
    colours: Callable  # (screen) -> None: the numbers of its colours, into an array
    greys: Callable  # (screen) -> None: what they are in grey, ten times as slow
    memory: Callable  # () -> its 128 bytes
    screens: list[numpy.ndarray]  # two to write into, (height, width)
    actions: list[int]  # to choose from, by the console's numbers
    all_actions: int  # how many numbers there are


def console(game: str, all_actions: bool) -> Console:
    library = ale_py()
    games = list(library.roms.get_all_rom_ids())
    if game not in games:
        raise Refused(f"ale-py {library.__version__} has no game {game}{nearest(game, games) or some_of(games)}")
    ale = loaded(library, game)
    begun = ale.cloneSystemState()

    def start() -> None:
        # Resetting alone lets some games see what was played before, and restoring alone others; both together leave
        # nothing of it in any game of ale-py 0.12 (tests/python/test_atari.py).
        ale.restoreSystemState(begun)
        ale.reset_game()

    height, width = ale.getScreenDims()
    minimal = [action.value for action in ale.getMinimalActionSet()]
    return Console(
        start=start,
        act=ale.act,
        over=ale.game_over,
        played=ale.getEpisodeFrameNumber,
        colours=ale.getScreen,
        greys=ale.getScreenGrayscale,
        memory=ale.getRAM,
        screens=[numpy.zeros((height, width), numpy.uint8) for _ in range(2)],
        actions=list(range(ALL_ACTIONS)) if all_actions else minimal,
        all_actions=ALL_ACTIONS,
    )


def ale_py() -> Any:
    try:
        import ale_py
        import ale_py.roms
    except ImportError as error:
        raise needs("ale_py", error) from None
    return ale_py


def loaded(library: Any, game: str) -> Any:
    """The emulator with the game in it. It heeds every action: stickiness is not its own."""
    path = library.roms.get_rom_path(game)
    if path is None:
        raise NotInstalled(f"ale-py {library.__version__} is here without the game's ROM: pip install -U ale-py")
    if library.ALEInterface.isSupportedROM(path) is None:  # loading it would end the process
        raise Refused(f"ale-py {library.__version__} has the game's ROM and cannot play it: it is for several players")
    library.ALEInterface.setLoggerMode(library.LoggerMode.Error)
    ale = library.ALEInterface()
    ale.setInt("random_seed", SEED)
    ale.setFloat("repeat_action_probability", 0.0)
    try:
        ale.loadROM(path)
    except Exception as error:
        raise Refused(f"its ROM cannot be loaded: {one_line(error)}") from None
    return ale


def some_of(games: list[str]) -> str:
    return f"; there are {len(games)}, {', '.join(games[:3])} and so on"

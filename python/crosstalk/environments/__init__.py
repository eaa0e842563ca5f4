"""Environments that an agent acts in: `gym:NAME`, `minatar:NAME` and `atari:NAME` of task.environment, and classes of
the user's own.

The engine (python/engine_environment.cpp) asks for one by name, is told how to step it and what it shows, and does the
rest. Gymnasium, MinAtar and ale-py are imported when an environment of theirs is asked for: crosstalk does not need them."""

from __future__ import annotations

from importlib import metadata
from typing import Any

from crosstalk.environments.faults import NotInstalled, Refused, shown, told
from crosstalk.environments.neighbours import enter
from crosstalk.environments.spaces import Opened, looked_at

__all__ = ["NotInstalled", "Opened", "Refused", "opened", "opened_console", "shown", "told", "versions"]


def opened(name: str, file: str, sha256: str) -> Opened:
    """The environment that task.environment names, ready to be reset; `file` is where its class lies, if it is the
    user's own. Refused says why it is none that an agent can act in, NotInstalled what to install."""
    family, _, rest = name.partition(":")
    enter(file)
    if family == "minatar":
        from crosstalk.environments.min_atar import game

        return looked_at(game(rest))
    if file:
        from crosstalk.environments.own import instance

        return looked_at(instance(file, rest.rpartition(":")[2], sha256))
    from crosstalk.environments.gymnasium_names import made

    return looked_at(*made(rest))


def opened_console(name: str, all_actions: bool) -> Any:
    """The game that task.environment names, `atari:GAME`, as crosstalk.environments.atari.Console."""
    from crosstalk.environments.atari import console

    return console(name.partition(":")[2], all_actions)


def versions(name: str) -> dict[str, str]:
    """The versions of the packages that play the environment of this name, as far as they are installed."""
    packages = {"atari": ["ale-py"], "minatar": ["MinAtar"], "gym": ["gymnasium"]}
    found = {}
    for package in [*packages.get(name.partition(":")[0], []), "numpy"]:
        try:
            found[package.lower()] = metadata.version(package)
        except metadata.PackageNotFoundError:
            pass
    return found

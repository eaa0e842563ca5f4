"""Gymnasium's environments, by name."""

from __future__ import annotations

import copy
import difflib
import importlib
from typing import Any

from crosstalk.environments.faults import NotInstalled, Refused, needs, told


def library() -> Any:
    try:
        import gymnasium
    except ImportError as error:
        raise needs("gymnasium", error) from None
    if int(gymnasium.__version__.split(".")[0]) < 1:
        raise NotInstalled(f"gymnasium {gymnasium.__version__} is too old, 1.0 is needed: pip install -U gymnasium")
    return gymnasium


def made(name: str) -> tuple[Any, int]:
    """The environment with nothing of Gymnasium's around it, no checkers and no reset of its own after an end; and the
    steps after which it is to be cut, as it is registered (0: none). `MODULE:NAME` imports the module first, which
    registers it."""
    gymnasium = library()
    module, _, plain = name.rpartition(":")
    if module:
        try:
            importlib.import_module(module)
        except Exception as error:
            if isinstance(error, ModuleNotFoundError) and error.name == module.split(".")[0]:
                raise NotInstalled(f"the module {module}, which it comes from, is not installed") from None
            raise Refused(f"the module {module} cannot be imported: {told(error)}") from None
    if plain not in gymnasium.registry:
        raise Refused(
            f"Gymnasium {gymnasium.__version__} has no environment {plain}{nearest(plain, gymnasium.registry)}"
        )
    spec = copy.deepcopy(gymnasium.spec(plain))
    limit, spec.max_episode_steps = spec.max_episode_steps, None  # the engine counts, and keeps the order
    spec.order_enforce = False
    try:
        return gymnasium.make(spec, disable_env_checker=True), limit or 0
    except gymnasium.error.DependencyNotInstalled as error:
        raise NotInstalled(f"a package that it needs is not installed here: {' '.join(str(error).split())}") from None
    except Exception as error:
        raise Refused(f"it cannot be made: {told(error)}") from None


def nearest(name: str, known: Any) -> str:
    """'; did you mean CartPole-v1 or CartPole-v0?'"""
    small = {each.lower(): each for each in known}
    near = difflib.get_close_matches(name.lower(), small, n=3, cutoff=0.6)
    return f"; did you mean {' or '.join(small[each] for each in near)}?" if near else ""

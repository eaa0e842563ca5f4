"""The modules that a class's file imports from beside it. They belong to this file: another one, whose folder has modules
by the same names, must not find them, whichever a worker opens first."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, field
from types import ModuleType


@dataclass
class Surroundings:
    """What imports find while a file's environments are played."""

    path: list[str]  # as the file has it: its own folder first, as for a script, and what else it puts there
    modules: dict[str, ModuleType] = field(default_factory=dict)  # that were loaded from folders of its own


@dataclass
class Present:
    file: str = ""
    path_before: list[str] = field(default_factory=list)
    modules_before: dict[str, ModuleType] = field(default_factory=dict)


known: dict[str, Surroundings] = {}
present = Present()


def enter(file: str) -> None:
    """From now on imports find what `file` has beside it, and nothing of the file before; "": nobody's. It holds until the
    next call, for what a step imports. A worker plays one run at a time, and each run opens its environments anew."""
    if file == present.file:
        return
    if present.file:
        leave()
    if not file:
        return
    present.file, present.path_before, present.modules_before = file, list(sys.path), dict(sys.modules)
    surroundings = known.setdefault(file, Surroundings([os.path.dirname(file), *sys.path]))
    sys.path[:] = surroundings.path
    sys.modules.update(surroundings.modules)


def leave() -> None:
    """Takes the present file's modules away; those who hold them keep them."""
    added = {os.path.abspath(folder) for folder in sys.path if folder not in present.path_before}
    folders = added | {os.path.dirname(present.file)}
    new = {name: module for name, module in sys.modules.items() if present.modules_before.get(name) is not module}
    own = {name for name, module in new.items() if "." not in name and lies_in(module, folders)}
    known[present.file] = Surroundings(
        list(sys.path), {name: module for name, module in new.items() if name.partition(".")[0] in own}
    )
    for name in known[present.file].modules:
        del sys.modules[name]
        if name in present.modules_before:
            sys.modules[name] = present.modules_before[name]
    sys.path[:] = present.path_before
    present.file = ""


def lies_in(module: ModuleType, folders: set[str]) -> bool:
    """Directly: an environment of packages deeper in the folder (.venv) is not the folder's."""
    said = vars(module) if isinstance(module, ModuleType) else {}
    places = list(said.get("__path__") or [said.get("__file__")])
    return all(isinstance(place, str) and os.path.dirname(os.path.abspath(place)) in folders for place in places)

"""To whom Watch says its numbers: a folder, TensorBoard, a function."""

from __future__ import annotations

from os import PathLike
from typing import Any, Protocol

import torch


class Sink(Protocol):
    def say(self, step: int, values: dict[str, float], split: str) -> None: ...
    def close(self) -> None: ...
    def fail(self, message: str) -> None: ...


class Call:
    def __init__(self, function: Any) -> None:
        self.function = function

    def say(self, step: int, values: dict[str, float], split: str) -> None:
        self.function(step, values)

    def close(self) -> None:
        pass

    def fail(self, message: str) -> None:
        pass


class TensorBoard(Call):
    """What has add_scalar(name, number, step)."""

    def say(self, step: int, values: dict[str, float], split: str) -> None:
        for name, value in values.items():
            self.function.add_scalar(f"crosstalk/{name}", value, step)


class Folder:
    """A store that `crosstalk report` shows. Each measurement is durable before training goes on."""

    def __init__(self, folder: str | PathLike, run: dict[str, Any]) -> None:
        from crosstalk._cli import WatchedStore

        self.folder = folder
        self.store = WatchedStore(folder, **run, torch=torch.__version__)
        self._is_open = True

    def __str__(self) -> str:
        return str(self.folder)

    def say(self, step: int, values: dict[str, float], split: str) -> None:
        for name, value in values.items():
            self.store.add(step, name, split, value)
        self.store.commit()

    def close(self) -> None:
        if self._is_open:
            self.store.finish()
        self._is_open = False

    def fail(self, message: str) -> None:
        self.store.fail(message)


def sinks_of(to: Any, run: dict[str, Any]) -> list[Sink]:
    """run: its name, seed and settings, and whether it replaces one that is there (WatchedStore)."""
    if to is None:
        return []
    if isinstance(to, (list, tuple)):
        return [sink for each in to for sink in sinks_of(each, run)]
    if isinstance(to, (str, PathLike)):
        return [Folder(to, run)]
    if hasattr(to, "add_scalar"):
        return [TensorBoard(to)]
    if callable(to):
        return [Call(to)]
    raise TypeError(
        f"to={to!r}: give a folder, a TensorBoard writer, a function of (step, numbers), or a list of these"
    )

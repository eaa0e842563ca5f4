# Written by `make stubs` from the modules' own signatures, as pybind11 3.1 has them.
import collections.abc
import os
import typing
import typing_extensions

version: str
no_contents: str

class ContentsDigest:
    """The digest of bytes that come piece by piece."""
    def __init__(self) -> None: ...
    def add(self, arg0: typing_extensions.Buffer, /) -> None: ...
    def hex(self) -> str:
        """32 hexadecimal digits."""

def has_its_contents(file: os.PathLike | str | bytes) -> bool:
    """Whether a safetensors file states the digest of its contents, and the right one."""

class Error(RuntimeError): ...

class Results:
    """What a results folder holds. Each call raises Error where it is none, or is damaged."""
    def __init__(self, folder: os.PathLike | str | bytes) -> None: ...
    def study(self) -> str:
        """The study's record as JSON."""
    def runs(self) -> str:
        """The runs that the study names, as JSON, sorted by experiment and run."""
    def rows(self) -> dict:
        """Columns, sorted by run, step, measure and split: step and value as arrays; run, measure and split as (words, numbers of words)."""
    def array_forms(self) -> list:
        """[(run, array, split, shape)], sorted; no array is read."""
    def arrays(self, run: str, array: str) -> list:
        """[(step, split, values, axes, classes)] of one run, sorted; axes and classes as JSON."""
    def kept(self, run: str) -> list[tuple[int | None, str]]:
        """[(step or None, file)] that a run has kept."""

def bundle(
    folder: os.PathLike | str | bytes, by: str = "", panel: str = "", where: collections.abc.Sequence[str] = []
) -> str:
    """The tables of a report as JSON (docs/figures.md), by the options of `crosstalk report`."""

class stats:
    @staticmethod
    def pearson(
        arg0: collections.abc.Sequence[typing.SupportsFloat], arg1: collections.abc.Sequence[typing.SupportsFloat], /
    ) -> object: ...
    @staticmethod
    def partial_correlation(
        columns: collections.abc.Sequence[collections.abc.Sequence[typing.SupportsFloat]],
        level: collections.abc.Sequence[typing.SupportsIndex] = [],
    ) -> object: ...
    @staticmethod
    def residuals(
        arg0: collections.abc.Sequence[typing.SupportsFloat],
        arg1: collections.abc.Sequence[collections.abc.Sequence[typing.SupportsFloat]],
        /,
    ) -> list[float]: ...
    @staticmethod
    def quantile(arg0: collections.abc.Sequence[typing.SupportsFloat], arg1: typing.SupportsFloat, /) -> object: ...
    @staticmethod
    def summary(arg0: collections.abc.Sequence[typing.SupportsFloat], /) -> dict: ...
    @staticmethod
    def line(
        arg0: collections.abc.Sequence[typing.SupportsFloat], arg1: collections.abc.Sequence[typing.SupportsFloat], /
    ) -> object: ...
    @staticmethod
    def correlation(
        columns: collections.abc.Sequence[collections.abc.Sequence[typing.SupportsFloat]],
        configuration: collections.abc.Sequence[typing.SupportsIndex],
        level: collections.abc.Sequence[typing.SupportsIndex] = [],
        share: typing.SupportsFloat = 0.9,
    ) -> object: ...
    @staticmethod
    def pooled_correlation(
        columns: collections.abc.Sequence[collections.abc.Sequence[typing.SupportsFloat]],
        configuration: collections.abc.Sequence[typing.SupportsIndex],
        level: collections.abc.Sequence[typing.SupportsIndex] = [],
        share: typing.SupportsFloat = 0.9,
    ) -> object: ...
    @staticmethod
    def mean(
        columns: collections.abc.Sequence[collections.abc.Sequence[typing.SupportsFloat]],
        configuration: collections.abc.Sequence[typing.SupportsIndex],
        level: collections.abc.Sequence[typing.SupportsIndex] = [],
        share: typing.SupportsFloat = 0.9,
    ) -> object: ...
    @staticmethod
    def median(
        columns: collections.abc.Sequence[collections.abc.Sequence[typing.SupportsFloat]],
        configuration: collections.abc.Sequence[typing.SupportsIndex],
        level: collections.abc.Sequence[typing.SupportsIndex] = [],
        share: typing.SupportsFloat = 0.9,
    ) -> object: ...
    @staticmethod
    def slope(
        columns: collections.abc.Sequence[collections.abc.Sequence[typing.SupportsFloat]],
        configuration: collections.abc.Sequence[typing.SupportsIndex],
        level: collections.abc.Sequence[typing.SupportsIndex] = [],
        share: typing.SupportsFloat = 0.9,
    ) -> object: ...
    @staticmethod
    def line_heights(
        x: collections.abc.Sequence[typing.SupportsFloat],
        y: collections.abc.Sequence[typing.SupportsFloat],
        configuration: collections.abc.Sequence[typing.SupportsIndex],
        at: collections.abc.Sequence[typing.SupportsFloat],
    ) -> list[object]: ...
    @staticmethod
    def difference(
        arg0: collections.abc.Sequence[collections.abc.Sequence[typing.SupportsFloat]],
        arg1: collections.abc.Sequence[typing.SupportsIndex],
        arg2: collections.abc.Sequence[collections.abc.Sequence[typing.SupportsFloat]],
        arg3: collections.abc.Sequence[typing.SupportsIndex],
        /,
    ) -> object:
        """r of the first two columns minus r of the others, with its interval."""
    @staticmethod
    def t_quantile(arg0: typing.SupportsFloat, arg1: typing.SupportsIndex, /) -> float: ...
    @staticmethod
    def bootstrap_correlation(
        columns: collections.abc.Sequence[collections.abc.Sequence[typing.SupportsFloat]],
        configuration: collections.abc.Sequence[typing.SupportsIndex],
        name: str,
        resamples: typing.SupportsIndex = 2000,
    ) -> object: ...
    @staticmethod
    def interquartile_mean(arg0: collections.abc.Sequence[typing.SupportsFloat], /) -> object: ...
    @staticmethod
    def interquartile_interval(
        tasks: collections.abc.Sequence[collections.abc.Sequence[typing.SupportsFloat]],
        name: str,
        resamples: typing.SupportsIndex = 2000,
    ) -> object: ...
    @staticmethod
    def simulate_coverage(
        quantity: str,
        configurations: typing.SupportsIndex,
        seeds: typing.SupportsIndex,
        within: typing.SupportsFloat,
        r: typing.SupportsFloat = 0.5,
        levels: typing.SupportsIndex = 1,
        opposite: bool = False,
        heavy: bool = False,
        trials: typing.SupportsIndex = 2000,
        resamples: typing.SupportsIndex = 0,
    ) -> tuple[float, float, float, float]:
        """How often the 90% interval holds the truth, lies wholly above, wholly below it; and that of resampled runs holds it."""

class WatchedStore:
    """A run in the results folder of a watched training loop: docs/watched.md."""
    def __init__(
        self,
        folder: os.PathLike | str | bytes,
        name: str,
        seed: typing.SupportsIndex = 0,
        settings: dict = {},
        replace: bool = False,
        torch: str = "",
    ) -> None: ...
    @property
    def run(self) -> str:
        """The run's identifier, 16 hexadecimal digits."""
    def add(self, step: typing.SupportsIndex, measure: str, split: str, value: typing.SupportsFloat) -> None:
        """A number of the run; it may be nan or infinite."""
    def add_array(
        self,
        step: typing.SupportsIndex,
        measure: str,
        split: str,
        values: typing_extensions.Buffer,
        shape: collections.abc.Sequence[typing.SupportsIndex],
        axes_json: str = "",
    ) -> None:
        """An array of the run, float64 and row by row; axes_json as the store has them (base/rows.hpp)."""
    def commit(self) -> None:
        """Makes durable what was added."""
    def finish(self) -> None:
        """The run is done; the folder is free for the next one."""
    def fail(self, message: str) -> None:
        """The run has failed; what was added stays."""

def main() -> int: ...

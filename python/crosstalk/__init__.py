"""Crosstalk measures interference and generalisation in supervised and in reinforcement learning."""

TYPE_CHECKING = False  # a type checker takes it for typing's, whose import costs more than the command's start
if TYPE_CHECKING:
    from crosstalk._cli import Error as Error
    from crosstalk.results.loading import load as load
    from crosstalk.results.results import Results as Results
    from crosstalk.results.running import run as run

# Each public name and the module that has it: loaded when the name is asked for, so that a child of the command, which
# asks for none, loads nothing.
_PUBLIC = {
    "Error": "crosstalk._cli",
    "Results": "crosstalk.results.results",
    "load": "crosstalk.results.loading",
    "run": "crosstalk.results.running",
}


def __getattr__(name: str) -> object:
    if name == "__version__":  # as it was compiled
        from crosstalk._cli import version

        return version
    if name not in _PUBLIC:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_PUBLIC[name]), name)


def __dir__() -> list[str]:
    return sorted([*globals(), "__version__", *_PUBLIC])

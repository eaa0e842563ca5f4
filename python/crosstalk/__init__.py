"""Crosstalk measures interference and generalisation in supervised and in reinforcement learning."""


def __getattr__(name: str) -> str:
    """`crosstalk.__version__`, as it was compiled. Asked for when it is wanted: a child does not need the module."""
    if name != "__version__":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from crosstalk._cli import version

    return version

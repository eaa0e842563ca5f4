"""python drive.py TARGET [libFuzzer's options and folders]: Atheris drives one target of this folder."""

import importlib
import sys

import atheris

with atheris.instrument_imports(include=["crosstalk"]):
    import crosstalk.data.own
    import crosstalk.data.sets  # noqa: F401

target, *options = sys.argv[1:]
atheris.Setup([sys.argv[0], *options], importlib.import_module(target).read)
atheris.Fuzz()

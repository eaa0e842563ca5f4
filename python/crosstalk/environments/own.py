"""A class of the user's own, from a file beside the study: `gym:./room.py:Room`."""

from __future__ import annotations

import hashlib
import os
import stat
import sys
from types import ModuleType
from typing import Any

from crosstalk.environments.faults import Refused, needs, told
from crosstalk.environments.gymnasium_names import nearest


def instance(file: str, name: str, sha256: str) -> Any:
    module = module_of(file, sha256)
    made = getattr(module, name, None)
    shown = os.path.basename(file)
    if made is None:
        classes = [each for each, value in vars(module).items() if isinstance(value, type)]
        raise Refused(f"{shown} has no class {name}{nearest(name, classes)}")
    if not isinstance(made, type):
        raise Refused(f"{name} in {shown} is no class but a {type(made).__name__}: name the environment's class")
    try:
        return made()
    except Exception as error:
        raise Refused(f"{name}() cannot be made: {told(error, file)}") from None


def module_of(file: str, sha256: str) -> ModuleType:
    """The file as a module, run once. It finds its neighbours as a script does: its folder comes first
    (neighbours.py)."""
    known = f"crosstalk_own_{hashlib.sha256(f'{sha256} {file}'.encode(errors='surrogateescape')).hexdigest()[:16]}"
    if known in sys.modules:
        return sys.modules[known]
    shown = os.path.basename(file)
    source = source_of(file)
    if hashlib.sha256(source).hexdigest() != sha256:
        raise Refused(f"{shown} has been changed since this command began: run it again")
    module = ModuleType(known)
    module.__file__ = file
    sys.modules[known] = module
    try:
        exec(compile(source, file, "exec"), vars(module))
    except BaseException as error:
        del sys.modules[known]
        if isinstance(error, ModuleNotFoundError) and error.name == "gymnasium":
            raise needs("gymnasium", error) from None
        raise Refused(f"{shown} cannot be imported: {told(error, file)}") from None
    return module


def source_of(file: str) -> bytes:
    """A pipe or a device is not opened: that might never come back."""
    try:
        if not stat.S_ISREG(os.stat(file).st_mode):
            raise Refused(f"cannot read {file}: it is no regular file")
        with open(file, "rb") as stream:
            return stream.read()
    except OSError as error:
        raise Refused(f"cannot read {file}: {error.strerror}") from None

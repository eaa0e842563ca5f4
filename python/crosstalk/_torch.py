"""Finds the torch wheel and loads its C++ libraries, without importing torch (1.5 s): the engine needs no more.

A module that was built for another torch would load and then fail in strange ways, or not at all, so versions are
compared first: libtorch's C++ interface holds within a minor version."""

from __future__ import annotations

import ctypes
import importlib
import importlib.util
import mmap
import re
from pathlib import Path
from types import ModuleType

# In the order in which they depend on each other; those that a wheel lacks (CUDA's, in a CPU wheel) are passed over.
LIBRARIES = (
    "libgomp*.so*",
    "libtorch_global_deps.so",
    "libc10.so",
    "libtorch_cpu.so",
    "libc10_cuda.so",
    "libtorch_cuda.so",
    "libtorch.so",
)


class TorchError(ImportError):
    """There is no torch that this build can use; the message says which is needed."""


def torch_folder() -> Path:
    spec = importlib.util.find_spec("torch")
    folders = list(spec.submodule_search_locations or []) if spec else []
    if spec and spec.origin and not folders:
        raise TorchError(
            f"torch is {spec.origin}, not the installed one: take its folder off PYTHONPATH, or give the file another name"
        )
    if not folders or not (Path(folders[0]) / "lib" / "libtorch_cpu.so").exists():
        raise TorchError("crosstalk needs torch, and this environment has none: `pip install torch` first")
    return Path(folders[0])


def torch_version(folder: Path) -> str:
    found = re.search(r"__version__ = '([^']+)'", (folder / "version.py").read_text())
    return found.group(1) if found else "unknown"


def built_for(module: Path) -> str:
    """The torch version that an extension module was compiled against, read from the file without loading it."""
    with open(module, "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        found = re.search(rb"crosstalk built for torch ([0-9][0-9A-Za-z.+]*)", content)
        return found.group(1).decode() if found else "unknown"


def minor(version: str) -> list[str]:
    return version.split("+")[0].split(".")[:2]


def refuse_another(there: str, folder: Path) -> None:
    """Raises TorchError, in one line, unless the engine was built for this minor version of torch."""
    spec = importlib.util.find_spec("crosstalk._engine")
    if spec is None or spec.origin is None:
        raise TorchError(
            "crosstalk was installed without its engine (crosstalk._engine): install it again with `pip install .`"
        )
    needed = built_for(Path(spec.origin))
    if minor(needed) != minor(there):
        raise TorchError(
            f"this crosstalk was built for torch {needed}, but {folder} has torch {there}: "
            f"`pip install torch=={'.'.join(minor(needed))}.*`, or build crosstalk again against this one"
        )


def check(torch: ModuleType) -> None:
    """Raises TorchError where the torch that is imported is not the one that the engine was built for."""
    refuse_another(str(torch.__version__), Path(str(torch.__file__)).parent)


def load() -> None:
    """Loads libtorch for crosstalk._engine; raises TorchError, in one line, where it is not there or is another."""
    folder = torch_folder()
    refuse_another(torch_version(folder), folder)
    for pattern in LIBRARIES:
        for library in sorted((folder / "lib").glob(pattern)):
            ctypes.CDLL(str(library), mode=ctypes.RTLD_GLOBAL)


def engine() -> ModuleType:
    """crosstalk._engine, with libtorch loaded for it."""
    load()
    return importlib.import_module("crosstalk._engine")

"""The wheel's requirements: what the Python parts import, and torch in the minor version that it is built against.

libtorch's C++ interface changes between minor versions, so the wheel names the one it was compiled with. There must be
a torch in the environment before the build; which one (CPU or CUDA, gigabytes apart) is the user's choice."""

import importlib.metadata
import re
import sysconfig
from pathlib import Path

PYTHON = [
    "numpy>=1.26",
    "scipy>=1.11",
    "safetensors>=0.4",
    "pillow>=10",
    "pandas>=2.1",
    "altair>=5.5",
    "vl-convert-python>=1.7",
]


def torch_version() -> str:
    site = Path(sysconfig.get_path("platlib"))  # not sys.path: an isolated build does not see the environment there
    found = (
        re.search(r"__version__ = '([^']+)'", (site / "torch" / "version.py").read_text())
        if (site / "torch" / "version.py").exists()
        else None
    )
    if found:
        return found.group(1)
    try:
        return importlib.metadata.version("torch")
    except importlib.metadata.PackageNotFoundError:
        raise SystemExit(
            "crosstalk is built against torch, and this environment has none: `pip install torch` first"
        ) from None


def dynamic_metadata(settings, project):
    major, minor = torch_version().split(".")[:2]
    return {"dependencies": [*PYTHON, f"torch=={major}.{minor}.*"]}

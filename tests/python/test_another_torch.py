"""crosstalk is built for one minor version of torch: what it requires, and what it says where it meets another."""

import importlib.metadata
import os
import subprocess
import sys
from pathlib import Path

import pytest
from crosstalk import _torch
from crosstalk._namesakes import DISTRIBUTION

PACKAGE = Path(_torch.__file__).resolve().parent

if not list(PACKAGE.glob("_engine*.so")):
    pytest.skip("the engine is not built", allow_module_level=True)


def needed():
    (engine,) = PACKAGE.glob("_engine*.so")
    return ".".join(_torch.minor(_torch.built_for(engine)))


@pytest.fixture
def python(tmp_path):
    """python(version, *words): Python with a folder `torch` of this version first on its path, whose libraries are empty."""

    def run(version, *words):
        folder = tmp_path / "torch"
        (folder / "lib").mkdir(parents=True)
        (folder / "lib" / "libtorch_cpu.so").touch()
        (folder / "version.py").write_text(f"__version__ = '{version}'\n")
        (folder / "__init__.py").write_text("from torch.version import __version__\n")
        path = {**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), str(PACKAGE.parent)])}
        return subprocess.run(
            [sys.executable, *words], env=path, stdin=subprocess.DEVNULL, capture_output=True, text=True
        )

    return run


def test_the_package_requires_the_minor_version_that_it_was_built_for():
    required = importlib.metadata.requires(DISTRIBUTION)
    assert f"torch=={needed()}.*" in required


def test_a_worker_names_both_versions_and_the_mend(python, tmp_path):
    done = python("1.4.0", "-m", "crosstalk._worker")
    assert done.returncode == 1
    assert f"but {tmp_path / 'torch'} has torch 1.4.0: `pip install torch=={needed()}.*`" in done.stderr
    assert done.stderr.count("\n") == 1 and not done.stdout


CHECK = "import torch; from crosstalk import _torch; _torch.check(torch)"


def test_an_imported_torch_is_refused_by_its_version(python, tmp_path):
    done = python("1.4.0", "-c", CHECK)
    last = done.stderr.splitlines()[-1]
    assert last.startswith("crosstalk._torch.TorchError: this crosstalk was built for torch")
    assert f"but {tmp_path / 'torch'} has torch 1.4.0" in last


def test_an_imported_torch_of_the_same_minor_version_is_taken(python):
    done = python(f"{needed()}.99+cu999", "-c", CHECK)
    assert done.returncode == 0, done.stderr


def test_the_engine_loads_beside_a_torch_that_is_imported():
    code = "import torch; from crosstalk import _torch; _torch.check(torch); _torch.engine()"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True,
                          env={**os.environ, "PYTHONPATH": str(PACKAGE.parent)})  # fmt: skip
    assert done.returncode == 0, done.stderr

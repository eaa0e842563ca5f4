"""What docs/cpp.md shows, typed as a reader would type it: the library is installed into a folder, and a program outside the tree is
built with it and run."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "cpp.md").read_text(encoding="utf-8")
PROGRAM = ROOT / "tests" / "package"
CMAKE = Path(sys.executable).with_name("cmake")

_torch = pytest.importorskip("crosstalk._torch")
if not (ROOT / "build/wheel/libcrosstalk_engine.a").exists():
    pytest.skip("there is no build in build/wheel: `make install` makes it", allow_module_level=True)


def blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.S)


def call(*words, **where):
    return subprocess.run(words, capture_output=True, text=True, timeout=600, **where)


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    """A folder with .venv and build as Crosstalk's own has them, a home, and the page's program; the library is installed."""
    folder = tmp_path_factory.mktemp("cpp")
    (folder / "build").mkdir()
    (folder / "build/wheel").symlink_to(ROOT / "build/wheel")
    (folder / ".venv").symlink_to(Path(sys.executable).parents[1])
    (folder / "inner-products").mkdir()
    for name, language in (("CMakeLists.txt", "cmake"), ("main.cpp", "cpp")):
        (folder / "inner-products" / name).write_text(*blocks(language))
    type_in(folder, blocks("sh")[0])
    return folder


def type_in(folder, block):
    done = call("bash", "-e", "-c", block, cwd=folder, env={**os.environ, "HOME": str(folder)})
    assert done.returncode == 0, f"{block}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def configured(desk, torch):
    """What CMake says of the program where torch is in this folder."""
    given = [f"-DCMAKE_PREFIX_PATH={desk / 'crosstalk-library'}", f"-DCROSSTALK_TORCH_DIR={torch}"]
    done = call(CMAKE, "-S", PROGRAM, "-B", desk / torch.name, *given)
    return done.returncode, " ".join(done.stderr.split())


def test_the_page_shows_the_program_that_is_tested():
    assert blocks("cmake") == [(PROGRAM / "CMakeLists.txt").read_text()]
    assert blocks("cpp") == [(PROGRAM / "main.cpp").read_text()]


def test_a_program_outside_the_tree_computes_inner_products_of_gradients(desk):
    said = type_in(desk, blocks("sh")[1]).splitlines()
    assert [len(line.split()) for line in said[-6:-1]] == [5] * 5
    assert "largest difference" in said[-1]


def test_the_installed_package_names_no_folder_of_this_machine(desk):
    texts = "".join(file.read_text() for file in (desk / "crosstalk-library/lib/cmake/crosstalk").glob("*.cmake"))
    assert "crosstalk::engine" in texts
    assert str(ROOT) not in texts and str(desk) not in texts and "/usr/lib" not in texts


def test_headers_include_only_what_is_installed(desk):
    headers = desk / "crosstalk-library/include/crosstalk"
    names = {name for file in headers.rglob("*.hpp") for name in re.findall(r'#include "(.+)"', file.read_text())}
    assert "nn/network.hpp" in names
    assert not [name for name in names if not (headers / name).exists()]


def test_another_minor_version_of_torch_is_refused(desk):
    other = desk / "other-torch"
    (other / "lib").mkdir(parents=True)
    (other / "lib/libtorch_cpu.so").touch()
    (other / "version.py").write_text("__version__ = '1.4.0'\n")
    status, said = configured(desk, other)
    assert status != 0
    assert f"but {other} has torch 1.4.0: `pip install torch==" in said


def test_another_patch_of_torch_is_taken(desk):
    same = desk / "same-torch"
    same.mkdir()
    torch = _torch.torch_folder()
    for name in ("include", "lib"):
        (same / name).symlink_to(torch / name)
    minor = ".".join(_torch.minor(_torch.torch_version(torch)))
    (same / "version.py").write_text(f"__version__ = '{minor}.99'\n")
    assert configured(desk, same)[0] == 0


def test_a_folder_without_torch_is_refused(desk):
    status, said = configured(desk, desk / "no-torch")
    assert status != 0
    assert f"there is no torch in {desk / 'no-torch'}" in said

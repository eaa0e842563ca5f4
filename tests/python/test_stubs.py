"""The types of the extension modules, python/crosstalk/*.pyi, are those of the modules that are built."""

import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "python" / "crosstalk"
pytest.importorskip("pybind11")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("stubs")
    done = subprocess.run([sys.executable, ROOT / "scripts/stubs.py", folder], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.mark.parametrize("name", ["_cli.pyi", "_engine.pyi"])
def test_the_stubs_are_those_of_the_modules(name, made):
    head, there = (PACKAGE / name).read_text().split("\n", 1)
    head_now, now = (made / name).read_text().split("\n", 1)
    if head_now != head:
        pytest.skip(f"another pybind11 writes signatures in other words; of {name}: {head} Now: {head_now}")
    assert there == now, "`make stubs` writes the files again"


def stub_of(monkeypatch, **docs):
    """What scripts/stubs.py makes of functions with these docstrings."""
    monkeypatch.syspath_prepend(ROOT / "scripts")
    import stubs

    module = ModuleType("imagined")
    for name, doc in docs.items():
        function = lambda: None  # noqa: E731
        function.__doc__ = doc
        setattr(module, name, function)
    return stubs.stub(module)


def test_an_overloaded_function_has_a_signature_for_each(monkeypatch):
    doc = "f(*args, **kwargs)\nOverloaded function.\n\n1. f(x: int) -> int\n\nOf one.\n\n2. f(x: str, *, y: float = 1.5) -> str\n"
    assert stub_of(monkeypatch, f=doc).split("\n", 1)[1].splitlines() == [
        "import typing",
        "",
        "@typing.overload",
        "def f(x: int) -> int: ...",
        "@typing.overload",
        "def f(x: str, *, y: float = 1.5) -> str: ...",
    ]


def test_a_signature_that_names_a_type_of_cpp_is_refused(monkeypatch):
    with pytest.raises(SystemExit, match="g has a signature that is not Python.*Pass.*\nBind its classes before"):
        stub_of(monkeypatch, g="g(arg0: crosstalk::Pass) -> None\n")

"""What the installed package says of itself, and how it is built and found."""

import importlib.metadata
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import crosstalk
import pytest
from crosstalk._namesakes import DISTRIBUTION

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def test_the_version_is_one_everywhere():
    said = subprocess.run([sys.executable, "-m", "crosstalk", "--version"], capture_output=True, text=True, check=True)
    installed = importlib.metadata.version(DISTRIBUTION)
    assert {crosstalk.__version__, installed, said.stdout.split()[1], PROJECT["version"]} == {PROJECT["version"]}
    with pytest.raises(AttributeError, match="no_such"):
        crosstalk.no_such  # noqa: B018


def test_the_package_has_a_name_of_its_own_and_no_page_installs_anothers():
    assert PROJECT["name"] == DISTRIBUTION != "crosstalk"
    assert PROJECT["scripts"].keys() == {"crosstalk"}
    pages = [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")]
    assert len(pages) > 10
    assert not [page.name for page in pages if re.search(r"pip install (\S+ )*crosstalk(?![-\w])", page.read_text())]


def test_every_module_of_the_tree_is_installed():
    source = ROOT / "python"
    modules = {str(file.relative_to(source)) for file in (source / "crosstalk").rglob("*.py")}
    assert modules <= {str(file) for file in importlib.metadata.files(DISTRIBUTION)}


def test_the_package_has_its_types_and_no_file_of_the_cpp_library():
    names = [file.name for file in importlib.metadata.files(DISTRIBUTION)]
    assert {"py.typed", "_engine.pyi", "_cli.pyi"} <= set(names)
    assert not [name for name in names if Path(name).suffix in (".a", ".hpp", ".def", ".cmake", ".cpp")]


def test_the_line_that_make_prints_lets_a_shell_find_the_command():
    if not (ROOT / ".venv/bin/crosstalk").exists():
        pytest.skip("it is not installed into .venv")
    make = ["make", "-s", "-f", "Makefile", "--eval", "said: ; $(say_path)", "said"]
    plain = {**os.environ, "PATH": "/usr/local/bin:/usr/bin:/bin"}
    said = subprocess.run(make, cwd=ROOT, env=plain, capture_output=True, text=True, check=True).stdout
    (line,) = re.findall(r"export PATH=.*", said)
    found = subprocess.run(["bash", "-c", f"{line}; command -v crosstalk"], env=plain, capture_output=True, text=True)
    assert found.stdout.strip() == str(ROOT / ".venv/bin/crosstalk")
    found = {**plain, "PATH": f"{ROOT / '.venv/bin'}:{plain['PATH']}"}
    assert not subprocess.run(make, cwd=ROOT, env=found, capture_output=True, text=True, check=True).stdout


def test_the_progress_of_a_build_is_shown_without_a_terminal_and_its_end_when_it_fails(tmp_path):
    def build(script):
        command = [sys.executable, ROOT / "scripts/build-progress", tmp_path / "log", "bash", "-c", script]
        return subprocess.run(command, capture_output=True, text=True)

    good = build('for i in 1 2 3; do echo "[$i/3] Building $i.cpp"; done; echo noise')
    assert good.returncode == 0 and "3 of 3 steps" in good.stdout and "noise" not in good.stdout
    assert "noise" in (tmp_path / "log").read_text()
    bad = build("echo '[1/3] Building 1.cpp'; echo 'error: no such thing'; exit 7")
    assert bad.returncode == 7 and "error: no such thing" in bad.stderr and str(tmp_path / "log") in bad.stderr

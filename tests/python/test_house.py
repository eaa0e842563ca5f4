"""The house's own rules: a folder includes only folders above it in its half, a file has one subject and is read in one
sitting, and nothing unfinished stays."""

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ENGINE = ["base", "tensor", "nn", "trace", "data", "env", "replay", "learn", "measure", "run"]
DESK = ["base", "study", "store", "work", "cluster", "stats", "figures", "cli"]


def tracked(*patterns):
    names = subprocess.run(["git", "ls-files", *patterns], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [ROOT / name for name in names.split()]


def sources():
    return tracked("src/**/*.cpp", "src/**/*.hpp")


def folder_of(path):
    """The folder within its half, src/HALF/FOLDER; base stands alone."""
    half, *rest = path.relative_to(ROOT / "src").parts
    return half if half == "base" else rest[0]


def test_a_folder_includes_only_folders_above_it():
    wrong = []
    for path in sources():
        half = DESK if "desk" in path.relative_to(ROOT / "src").parts else ENGINE
        above = half[: half.index(folder_of(path)) + 1]
        wrong += [f"{path.relative_to(ROOT)} includes {name}/"
                  for name in re.findall(r'#include "(\w+)/', path.read_text()) if name not in above]  # fmt: skip
    assert not wrong


def test_the_desk_does_not_know_libtorch():
    of_torch = re.compile(r"#include <(ATen|c10|torch)/")
    assert not [p.name for p in sources() if folder_of(p) in DESK and of_torch.search(p.read_text())]


def test_the_library_never_prints_or_exits():
    loud = re.compile(r"std::cout|std::cerr|\bprintf\(|\bstd::exit\(|\babort\(")
    silent = [p for p in sources() if folder_of(p) != "cli" and not p.name.endswith("_main.cpp")]
    assert not [str(p.relative_to(ROOT)) for p in silent if loud.search(p.read_text())]


def test_a_file_is_read_in_one_sitting():
    files = sources() + tracked("python/**/*.py", "python/*.cpp", "bench/*.py")
    assert not [str(p.relative_to(ROOT)) for p in files if len(p.read_text().splitlines()) > 350]


def test_the_files_that_the_documentation_names_are_there():
    path = re.compile(r"\b(?:src|python/crosstalk|studies|tests|bench|cmake)/[\w/.-]*\.(?:cpp|hpp|py|toml|js)\b")
    pages = [
        page for page in tracked("docs/*.md", "*.md") if page.name != "extending.md"
    ]  # its examples are yet to be written
    named = {(page.name, name) for page in pages for name in path.findall(page.read_text()) if "NAME" not in name}
    assert len(named) > 40
    assert not sorted(f"{page}: {name}" for page, name in named if not (ROOT / name).exists())


def test_nothing_unfinished_is_left():
    marks = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
    assert not [str(p.relative_to(ROOT)) for p in sources() + tracked("python/**/*.py") if marks.search(p.read_text())]

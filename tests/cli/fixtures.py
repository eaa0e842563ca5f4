"""What tests of the command begin with: a command, a study to give it, and one that is done."""

import importlib.util

import pytest
from command import STUDY, Command


def missing():
    if importlib.util.find_spec("crosstalk") is None:
        return "__init__"
    for part in ("_cli", "_worker", "_engine", "data"):
        if importlib.util.find_spec(f"crosstalk.{part}") is None:
            return part
    return None


def skip_what_is_not_built(items, folder):
    """Marks the tests below the folder where a part of the command is not there."""
    part = missing()
    for item in items:
        if part and folder in item.path.parents:
            item.add_marker(pytest.mark.skip(reason=f"crosstalk.{part} is not built or not on PYTHONPATH"))


@pytest.fixture(scope="session")
def cache(tmp_path_factory):
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def crosstalk(tmp_path, cache):
    return Command(tmp_path, cache)


@pytest.fixture
def study(tmp_path):
    """Writes a study of four short runs (or of the updates given) and returns its file."""

    def write(updates=200, name="small", text=STUDY):
        file = tmp_path / f"{name}.toml"
        file.write_text("seeds = 2\n" + text.format(updates=updates))
        return file

    return write


@pytest.fixture(scope="session")
def finished(tmp_path_factory, cache):
    """A results folder of the short study that is done, and its command; not to be changed."""
    folder = tmp_path_factory.mktemp("finished")
    (folder / "small.toml").write_text("seeds = 2\n" + STUDY.format(updates=200))
    command = Command(folder, cache)
    command("run", "small.toml", "--out", "results", "--jobs", "1")
    return command, folder / "results"

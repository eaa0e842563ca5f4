"""The command as a user has it: `python -m crosstalk` in a process of its own, on studies of a second."""

import importlib.util
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

STUDY = """
[task]
dataset = "california"
examples = 200
[network]
hidden = [4, 8]
depth = 1
[learner]
updates = {updates}
[probe]
every = 50
samples = 16
"""


def missing():
    for part in ("_cli", "_worker", "_engine", "data"):
        if importlib.util.find_spec(f"crosstalk.{part}") is None:
            return part
    return None


def pytest_collection_modifyitems(items):
    part = missing()
    here = Path(__file__).parent
    for item in items:
        if part and here in item.path.parents:
            item.add_marker(pytest.mark.skip(reason=f"crosstalk.{part} is not built or not on PYTHONPATH"))


class Command:
    """`crosstalk ARGUMENTS` in a folder, with its own cache of data."""

    def __init__(self, folder, cache):
        self.folder = folder
        self.environment = {**os.environ, "XDG_CACHE_HOME": str(cache), "NO_COLOR": "1"}

    def start(self, *arguments, **more):
        settings = dict(stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=self.folder, env=self.environment,
                        start_new_session=True)  # fmt: skip
        return subprocess.Popen([sys.executable, "-m", "crosstalk", *map(str, arguments)], **{**settings, **more})

    def __call__(self, *arguments, status=0, **more):
        process = self.start(*arguments, **more)
        out, err = process.communicate(timeout=600)
        assert status is None or process.returncode == status, f"status {process.returncode}\n{out}\n{err}"
        assert "Traceback" not in (err or "") and "terminate called" not in (err or ""), err
        return out if status == 0 else (err or "")

    def export(self, folder):
        return self("export", folder, "--format", "csv")

    def kill(self, process, number=signal.SIGKILL):
        """A signal to the whole process group: the coordinator and its workers."""
        try:
            os.killpg(process.pid, number)
        except ProcessLookupError:
            pass

    def kill_after(self, seconds, *arguments):
        """Runs, and kills the whole group unless it has ended before; true when it was killed."""
        process = self.start(*arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            process.wait(seconds)
            return False
        except subprocess.TimeoutExpired:
            self.kill(process)
            process.wait()
            return True


def wait_for(condition, seconds=120):
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "it did not happen"
        time.sleep(0.02)


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

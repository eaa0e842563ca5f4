"""Where the tests find real data, and how they ask the data commands."""

import os
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from local_server import serving

ROOT = Path(__file__).resolve().parents[2]
if str(ROOT / "python") not in sys.path:  # the tree's own package, installed or not
    sys.path.append(str(ROOT / "python"))


@pytest.fixture(scope="session")
def test_data():
    """A folder with california/, sarcos/, cifar10/, svhn/, digits/ in the official formats: CROSSTALK_TEST_DATA, or
    shared/data beside the checkout, if there is one."""
    folder = Path(os.environ.get("CROSSTALK_TEST_DATA") or ROOT.parent / "shared" / "data")
    if not folder.is_dir():
        pytest.skip("there are no real data files: CROSSTALK_TEST_DATA names the folder that has them")
    return folder


@pytest.fixture
def server():
    """What tests/python/local_server.py serves, and how badly it behaves."""
    with serving() as world:
        yield world


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """An empty cache of the test's own."""
    folder = tmp_path / "cache"
    monkeypatch.setenv("CROSSTALK_CACHE", str(folder))
    return folder


@pytest.fixture(scope="session")
def warm_cache(tmp_path_factory):
    """One cache for the tests that read real data, so that each set is converted once."""
    return tmp_path_factory.mktemp("warm-cache")


@pytest.fixture
def ask(monkeypatch):
    """ask(command, **request): the reply; a failure as its text. `asking` keys with an underscore stand
    for a dash."""
    from crosstalk.data.__main__ import reply_to

    def asking(command, **request):
        status, reply = reply_to(
            command,
            {key.replace("_", "-") if key != "base_url" else key: value for key, value in request.items()},
        )
        if status == 0:
            return reply
        assert status == 3 and set(reply) == {"error"}
        message = reply["error"]["message"]
        assert message and "Traceback" not in message and "failed within itself" not in message
        return SimpleNamespace(**reply["error"])

    return asking


@pytest.fixture
def tensors():
    from safetensors.numpy import load_file

    return lambda reply: load_file(reply["file"])


@pytest.fixture
def datasets(tmp_path, monkeypatch):
    """The folder of Minari's datasets, empty."""
    monkeypatch.setenv("MINARI_DATASETS_PATH", str(tmp_path / "minari"))
    (tmp_path / "minari").mkdir()
    return tmp_path / "minari"


@pytest.fixture(scope="session")
def small_study(tmp_path_factory):
    """A results folder with classifiers that keep their parameters, an agent with a target network, and two algorithms in two
    environments: what tests/python/small_study.py says."""
    import small_study

    return small_study.run(tmp_path_factory.mktemp("small"))

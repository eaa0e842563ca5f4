"""`crosstalk trajectories export` and `import`: what was collected goes to Minari and comes back as the same files."""

import numpy as np
import pytest

minari = pytest.importorskip("minari", reason="minari is not installed: make .venv/minari")
pytest.importorskip("h5py", reason="h5py is not installed: make .venv/minari")
pytest.importorskip("gymnasium")


@pytest.fixture
def datasets(crosstalk, tmp_path, monkeypatch):
    """The folder of Minari's datasets, for the command and for the test."""
    (tmp_path / "minari").mkdir()
    crosstalk.environment["MINARI_DATASETS_PATH"] = str(tmp_path / "minari")
    monkeypatch.setenv("MINARI_DATASETS_PATH", str(tmp_path / "minari"))
    return tmp_path / "minari"


def collect(crosstalk, environment, *more, out="set"):
    asked = ("--env", environment, "--policy", "random", "--transitions", "300", "--seed", "1", "--out", out)
    crosstalk("trajectories", "collect", *asked, *more)


def files_of(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.suffix == ".safetensors"}


@pytest.mark.parametrize("environment", ["gym:CartPole-v1", "minatar:breakout", "gym:FrozenLake-v1"])
def test_what_was_collected_comes_back_from_minari_as_the_same_files(environment, crosstalk, datasets):
    pytest.importorskip("minatar")
    collect(crosstalk, environment)
    assert "each number is the same" in crosstalk("trajectories", "export", "set", "--minari", "tests/some-v0")
    crosstalk("trajectories", "import", "tests/some-v0", "--out", "back")
    assert files_of(crosstalk.folder / "back") == files_of(crosstalk.folder / "set")


def test_an_atari_set_has_executed_actions_and_memory_in_minari(crosstalk, datasets):
    pytest.importorskip("ale_py")
    sets = ("--set", "task.frame-skip=20", "--ram")
    collect(crosstalk, "atari:asterix", *sets)
    crosstalk("trajectories", "export", "set", "--minari", "tests/asterix-v0")
    for episode in minari.load_dataset("tests/asterix-v0"):
        steps = len(episode)
        assert episode.observations.shape == (steps + 1, 84, 84) and episode.observations.dtype == np.uint8
        assert episode.infos["executed"].shape == (steps, 20) and episode.infos["ram"].shape == (steps + 1, 128)
        assert (np.sign(episode.rewards) <= np.sign(episode.infos["scores"])).all()
    crosstalk("trajectories", "import", "tests/asterix-v0", "--out", "back")
    assert files_of(crosstalk.folder / "back") == files_of(crosstalk.folder / "set")


def test_the_reader_in_python_reads_what_the_engine_has_written(crosstalk):
    from crosstalk.trajectories.reading import read_set

    collect(crosstalk, "gym:CartPole-v1")
    found = read_set(crosstalk.folder / "set")
    assert sum(len(episode) for episode in found.episodes()) == found.steps <= 300
    assert "not there" in crosstalk("trajectories", "export", "none", "--minari", "tests/some-v0", status=3)

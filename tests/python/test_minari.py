"""Sets of trajectories as datasets of Minari, and datasets of Minari as sets."""

import hashlib
import json
import os
import re
import subprocess
import sys
import types
from pathlib import Path

import numpy
import pytest
from crosstalk.trajectories.reading import read_set
from trajectory_sets import ACTIONS, FORMS, arrays_of, written

minari = pytest.importorskip("minari", reason="minari is not installed: make .venv/minari")
h5py = pytest.importorskip("h5py", reason="h5py is not installed: make .venv/minari")
gymnasium = pytest.importorskip("gymnasium")

from minari_sets import ask, made  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]


def exported(tmp_path, form, name="tests/some-v0", **kept):
    episodes = written(tmp_path / "set", form, **kept)
    assert "each number is the same to the last bit" in ask("export", folder=tmp_path / "set", minari=name)["text"]
    return episodes


@pytest.mark.parametrize("name", FORMS)
def test_an_exported_set_has_the_same_bits_in_minari_and_in_h5py(name, tmp_path, datasets):
    form = FORMS[name]
    episodes = exported(tmp_path, form)
    dataset = minari.load_dataset("tests/some-v0")
    assert (dataset.total_episodes, dataset.total_steps) == (3, 11) and not dataset.storage.jpeg_encoding
    assert isinstance(dataset.action_space, gymnasium.spaces.Discrete) and dataset.action_space.n == ACTIONS
    seeds = [about["seed"] for about in dataset.storage.get_episode_metadata(range(3))]
    assert seeds == [episode.seed for episode in episodes]
    with h5py.File(datasets / "tests/some-v0/data/main_data.hdf5") as file:
        for number, (ours, theirs) in enumerate(zip(episodes, dataset.iterate_episodes(), strict=True)):
            plain = file[f"episode_{number}"]
            seen = form.arrays(ours.observations)
            assert theirs.observations.dtype == plain["observations"].dtype == seen.dtype
            assert theirs.observations.tobytes() == plain["observations"][()].tobytes() == seen.tobytes()
            assert all(dataset.observation_space.contains(one) for one in theirs.observations)
            for part in ("actions", "rewards", "terminations", "truncations"):
                values = getattr(ours, part)
                assert getattr(theirs, part).tobytes() == plain[part][()].tobytes() == values.tobytes()
            for part in ("executed", "ram", "scores", "values"):
                values = getattr(ours, part)
                assert theirs.infos[part].dtype == values.dtype and theirs.infos[part].shape == values.shape
                assert theirs.infos[part].tobytes() == plain["infos"][part][()].tobytes() == values.tobytes()


@pytest.mark.parametrize("name", FORMS)
def test_a_set_that_is_exported_and_imported_is_the_same_file_for_file(name, tmp_path, datasets):
    exported(tmp_path, FORMS[name])
    reply = ask("import", from_="tests/some-v0", out=tmp_path / "back")
    assert reply["notices"] == [] and "3 episodes, 11 steps of atari:ms_pacman" in reply["text"]
    for file in ("trajectories.json", "000000.safetensors"):
        assert (tmp_path / "back" / file).read_bytes() == (tmp_path / "set" / file).read_bytes()


def test_the_metadata_say_what_made_the_set_and_that_an_observation_is_one_frame(tmp_path, datasets):
    exported(tmp_path, FORMS["frames"])
    metadata = minari.load_dataset("tests/some-v0").storage.metadata
    about = json.loads((tmp_path / "set/trajectories.json").read_text())
    kept = metadata["crosstalk"]["about"]
    assert kept == {name: part for name, part in about.items() if name != "segments"}
    assert kept["observation"]["history"] == 4 and "last 4 of its episode" in metadata["description"]


def test_the_python_of_the_page_on_trajectories_reads_a_set_and_its_dataset(tmp_path, datasets, monkeypatch):
    form = FORMS["frames"]
    episode = written(tmp_path / "pacman", form)[1]
    ask("export", folder=tmp_path / "pacman", minari="crosstalk/pacman-v0")
    pages = (ROOT / "docs/trajectories.md").read_text()
    frames = form.arrays(episode.observations)
    seen = [[frames[max(0, time - back)] for back in (3, 2, 1, 0)] for time in range(len(frames))]
    monkeypatch.chdir(tmp_path)
    names = {}
    blocks = re.findall(r"```python\n(.*?)```", pages, re.S)
    assert len(blocks) == 6
    for block in blocks:
        exec(block, names)
        if "observations" in names:
            assert (names["observations"] == seen).all() and names["observations"].shape[1:] == (4, 84, 84)
        if "dataset" not in names and "pacman" not in names:
            assert (names["frames"] == frames).all() and (names["rewards"] == episode.rewards).all()
    best = episode.values[1:].max(axis=1) * [0.99] * (1 - episode.terminations)
    assert (names["values"] == episode.values).all() and names["targets"] == pytest.approx(episode.rewards + best)
    assert len(names["preferred"]) == len(episode)
    assert (names["frames"] == frames).all() and names["about"]["observation"]["history"] == 4


def test_the_experts_file_goes_to_minari_and_back(tmp_path, datasets):
    content = b"theta"
    policy = {"kind": "expert", "file": "expert.safetensors", "sha256": hashlib.sha256(content).hexdigest()}
    written(tmp_path / "set", FORMS["single"], policy=policy)
    (tmp_path / "set/expert.safetensors").write_bytes(content)
    ask("export", folder=tmp_path / "set", minari="tests/expert-v0")
    beside = datasets / "tests/expert-v0/data/expert.safetensors"
    assert beside.read_bytes() == content
    ask("import", from_="tests/expert-v0", out=tmp_path / "back")
    assert (tmp_path / "back/expert.safetensors").read_bytes() == content
    beside.write_bytes(b"another")
    reply = ask("import", from_="tests/expert-v0", out=tmp_path / "again")
    assert (
        "its parameters are not" in " ".join(reply["notices"]) and not (tmp_path / "again/expert.safetensors").exists()
    )
    (tmp_path / "set/expert.safetensors").write_bytes(b"another")
    reply = ask("export", folder=tmp_path / "set", minari="tests/expert-v1")
    assert "expert.safetensors is gone or damaged" in " ".join(reply["notices"])
    assert not (datasets / "tests/expert-v1/data/expert.safetensors").exists()


def test_what_minari_does_not_give_back_to_the_last_bit_is_not_written(tmp_path, datasets, monkeypatch):
    written(tmp_path / "set", FORMS["frames"])
    give = minari.MinariDataset.iterate_episodes

    def altered(self):
        for episode in give(self):
            episode.observations[-1, 83, 83] ^= 1
            yield episode

    monkeypatch.setattr(minari.MinariDataset, "iterate_episodes", altered)
    error = ask("export", folder=tmp_path / "set", minari="tests/some-v0")
    assert "other observations for episode 0" in error.message and "nothing was exported" in error.message
    assert not list(datasets.iterdir())


def test_a_name_that_is_taken_or_none_is_refused(tmp_path, datasets):
    exported(tmp_path, FORMS["single"])
    assert "is there already" in ask("export", folder=tmp_path / "set", minari="tests/some-v0").message
    for name in ("../x-v0", "/x-v0", "a/x-v0", "tests/x", "tests/x.y-v0", "tests/../x-v0", "", "x" * 300 + "-v0"):
        assert "is no ID" in ask("export", folder=tmp_path / "set", minari=name).message
    assert minari.list_local_datasets().keys() == {"tests/some-v0"}


def test_a_damaged_set_is_not_exported(tmp_path, datasets):
    written(tmp_path / "set", FORMS["single"])
    (tmp_path / "set/000000.safetensors").write_bytes(b"x")
    assert "000000.safetensors has 1 byte" in ask("export", folder=tmp_path / "set", minari="tests/some-v0").message
    assert not list(datasets.iterdir())


@pytest.fixture
def small_disk(tmp_path):
    """Mounts a disk of so many bytes; its folder."""
    disk = tmp_path / "disk"

    def mounted(size):
        disk.mkdir()
        command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", disk]
        if subprocess.run(command, capture_output=True, check=False).returncode != 0:
            pytest.skip("a small disk may not be mounted here")
        return disk

    yield mounted
    if os.path.ismount(disk):
        subprocess.run(["umount", disk], check=True)


@pytest.mark.parametrize("size", ["16k", "100k", "3m"])
def test_a_disk_that_is_full_while_a_set_is_exported_holds_nothing_of_it(size, tmp_path, small_disk, monkeypatch):
    written(tmp_path / "set", FORMS["frames"], lengths=(50,) * 10)  # 4 MB as a dataset
    disk = small_disk(size)
    monkeypatch.setenv("MINARI_DATASETS_PATH", str(disk))
    error = ask("export", folder=tmp_path / "set", minari="tests/some-v0")
    assert error.kind == "environment" and not list(disk.iterdir())
    assert error.message == f"{disk}/tests/some-v0: the disk is full; nothing is left there. Free some space."


def test_a_disk_that_is_full_while_a_dataset_is_imported_holds_nothing_of_it(tmp_path, datasets, small_disk):
    exported(tmp_path, FORMS["frames"], lengths=(50,) * 10)
    disk = small_disk("1m")
    error = ask("import", from_="tests/some-v0", out=disk / "set")
    assert error.kind == "environment" and not list(disk.iterdir())
    assert error.message == f"{disk}/set: the disk is full; nothing is left there. Free some space."


def test_the_death_of_what_writes_a_dataset_is_told_and_leaves_nothing(tmp_path, datasets):
    written(tmp_path / "set", FORMS["frames"], lengths=(50,) * 10)
    asked = json.dumps({"folder": str(tmp_path / "set"), "minari": "tests/some-v0"})
    most = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20,) * 2); "
    called = "import sys; from crosstalk.trajectories.__main__ import *; serving.serve('a test', COMMANDS, ['export'])"
    done = subprocess.run(
        [sys.executable, "-c", most + called], input=asked, capture_output=True, text=True, timeout=60
    )
    assert "nothing is left there" in json.loads(done.stdout)["error"]["message"] and not list(datasets.iterdir())


# What Minari made from Gymnasium.


@pytest.fixture
def tree_map(monkeypatch):
    """DataCollector adds a step to its lists by jax's tree_map; here is one for steps without nested parts."""

    def mapped(change, tree, *others):
        if isinstance(tree, dict):
            return {name: mapped(change, part, *(other[name] for other in others)) for name, part in tree.items()}
        return change(tree, *others)

    jax, tree_util = types.ModuleType("jax"), types.ModuleType("jax.tree_util")
    jax.tree_util, tree_util.tree_map = tree_util, mapped
    monkeypatch.setitem(sys.modules, "jax", jax)
    monkeypatch.setitem(sys.modules, "jax.tree_util", tree_util)


def played(environment, seeds, draw):
    """(observations, actions, rewards) of an episode for each seed."""
    for seed in seeds:
        seen, actions, rewards = [environment.reset(seed=seed)[0]], [], []
        ended = False
        while not ended:
            actions.append(int(draw.integers(environment.action_space.n)))
            observation, reward, terminated, truncated, _ = environment.step(actions[-1])
            seen.append(observation)
            rewards.append(reward)
            ended = terminated or truncated
        yield numpy.array(seen), actions, rewards


def collected(name, seeds, dataset, **options):
    environment = minari.DataCollector(gymnasium.make(name), **options)
    episodes = list(played(environment, seeds, numpy.random.default_rng(5)))
    environment.create_dataset(
        dataset, author="a", author_email="b", code_permalink="c", algorithm_name="d", description="e", eval_env=name
    )
    environment.close()
    return episodes


@pytest.mark.parametrize("name, kept, infos", [("CartPole-v1", "single", False), ("FrozenLake-v1", "index", True)])
def test_a_dataset_that_minari_collected_in_gymnasium_is_imported_bit_for_bit(
    name, kept, infos, tmp_path, datasets, tree_map
):
    seeds = [3, 2**63 - 1, 2**64 - 1]
    episodes = collected(name, seeds, "gym/some-v0", record_infos=infos)
    reply = ask("import", from_="gym/some-v0", out=tmp_path / "set")
    assert "the seed of 1 episode is not known, or not below 2^63" in " ".join(reply["notices"])
    assert ("infos left out, for which a set has no place: prob" in " ".join(reply["notices"])) == infos
    found = read_set(tmp_path / "set")
    assert found.about["environment"] == f"gym:{name}" and found.form.kept == kept and found.about["lossy"] is False
    assert found.about["policy"] == {"kind": "imported", "from": "gym/some-v0"}
    for episode, (seen, actions, rewards), seed in zip(found.episodes(), episodes, [3, 2**63 - 1, -1], strict=True):
        arrays = found.form.arrays(episode.observations)
        assert arrays.tobytes() == seen.tobytes() and arrays.dtype == seen.dtype
        assert (episode.actions.tolist(), episode.rewards.tolist(), episode.seed) == (actions, rewards, seed)
        assert (episode.terminations | episode.truncations).nonzero()[0].tolist() == [len(actions) - 1]


def test_the_file_itself_can_be_imported_and_exported_again(tmp_path, datasets, tree_map):
    collected("CartPole-v1", [1, 2], "gym/some-v0")
    ask("import", from_=datasets / "gym/some-v0/data/main_data.hdf5", out=tmp_path / "set")
    ask("export", folder=tmp_path / "set", minari="gym/again-v0")
    first, again = minari.load_dataset("gym/some-v0"), minari.load_dataset("gym/again-v0")
    for one, other in zip(first.iterate_episodes(), again.iterate_episodes(), strict=True):
        for part in ("observations", "actions", "rewards", "terminations", "truncations"):
            assert (getattr(one, part) == getattr(other, part)).all()
    assert again.recover_environment().spec.id == "CartPole-v1"


pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")
Box, Discrete = gymnasium.spaces.Box, gymnasium.spaces.Discrete


@pytest.mark.parametrize("shape", [(40, 50), (36, 48, 3)])
def test_images_that_were_stored_as_jpeg_are_imported_as_minari_gives_them_and_said_to_be_lossy(
    shape, tmp_path, datasets
):
    images = numpy.random.default_rng(1).integers(0, 256, (4, *shape)).astype(numpy.uint8)
    dataset = made(Box(0, 255, shape, numpy.uint8), images)
    reply = ask("import", from_="tests/made-v0", out=tmp_path / "set")
    found = read_set(tmp_path / "set")
    (episode,) = found.episodes()
    seen = found.form.arrays(episode.observations)
    assert "stored as JPEG, which loses detail" in " ".join(reply["notices"]) and found.about["lossy"] is True
    assert (seen == dataset[0].observations).all() and (seen != images).any()


@pytest.mark.parametrize("type", ["bool", "uint8", "int8", "uint16", "int64", "float16", "float32", "float64"])
def test_observations_of_each_type_of_number_are_kept_exactly(type, tmp_path, datasets):
    draw = numpy.random.default_rng(1)
    numbers = (draw.normal(size=(5, 6)) if type.startswith("float") else draw.integers(0, 2, (5, 6))).astype(type)
    low = 0 if type == "bool" or type.startswith("u") else -100
    made(Box(low, 1 if type == "bool" else 100, (6,), type), numbers)
    ask("import", from_="tests/made-v0", out=tmp_path / "set")
    found = read_set(tmp_path / "set")
    (episode,) = found.episodes()
    assert (found.form.arrays(episode.observations) == numbers).all()


def test_the_first_action_and_the_first_index_become_nought(tmp_path, datasets):
    made(Discrete(9, start=-3), numpy.array([-3, 5, 0]), actions=numpy.array([7, 6]), action_space=Discrete(2, start=6))
    ask("import", from_="tests/made-v0", out=tmp_path / "set")
    found = read_set(tmp_path / "set")
    (episode,) = found.episodes()
    assert found.form.arrays(episode.observations).tolist() == [0, 8, 3] and episode.actions.tolist() == [1, 0]


def test_an_episode_without_an_end_is_left_out_and_a_set_of_none_is_refused(tmp_path, datasets):
    none = numpy.zeros(2, bool)
    whole = minari.data_collector.EpisodeBuffer(
        observations=numpy.zeros((2, 3)), actions=numpy.zeros(1, int), rewards=numpy.zeros(1),
        terminations=numpy.ones(1, bool), truncations=numpy.zeros(1, bool),
    )  # fmt: skip
    made(Box(-1, 1, (3,), float), numpy.zeros((3, 3)), terminations=none, more=[whole])
    reply = ask("import", from_="tests/made-v0", out=tmp_path / "set")
    assert "1 episode without an end left out" in " ".join(reply["notices"]) and read_set(tmp_path / "set").steps == 1
    made(Box(-1, 1, (3,), float), numpy.zeros((3, 3)), name="tests/none-v0", terminations=none)
    assert "has an end" in ask("import", from_="tests/none-v0", out=tmp_path / "none").message
    assert not (tmp_path / "none").exists()


def test_a_dataset_that_was_changed_since_its_export_is_no_longer_said_to_be_that_set(tmp_path, datasets):
    exported(tmp_path, FORMS["frames"], kept=())
    draw = numpy.random.default_rng(9)
    more = minari.data_collector.EpisodeBuffer(
        observations=arrays_of(FORMS["frames"], 2, draw), actions=numpy.zeros(1, int), rewards=numpy.zeros(1),
        terminations=numpy.ones(1, bool), truncations=numpy.zeros(1, bool),
    )  # fmt: skip
    minari.load_dataset("tests/some-v0").update_dataset_from_buffer([more])
    reply = ask("import", from_="tests/some-v0", out=tmp_path / "back")
    about = read_set(tmp_path / "back").about
    assert "no longer as crosstalk exported it" in " ".join(reply["notices"])
    assert about["policy"]["kind"] == "imported" and about["observation"]["history"] == 4 and about["episodes"] == 4


@pytest.mark.parametrize("missing", ["minari", "h5py"])
def test_without_minari_one_line_says_what_to_install(missing, tmp_path, datasets):
    (tmp_path / "site").mkdir()
    (tmp_path / "site/sitecustomize.py").write_text(f"import sys\nsys.modules[{missing!r}] = None\n")
    written(tmp_path / "set", FORMS["single"])
    for command, request in (
        ("export", {"folder": str(tmp_path / "set"), "minari": "tests/a-v0"}),
        ("import", {"from": "tests/a-v0", "out": str(tmp_path / "out")}),
    ):
        done = subprocess.run(
            [sys.executable, "-m", "crosstalk.trajectories", command],
            input=json.dumps(request), capture_output=True, text=True, timeout=60,
            env={**os.environ, "PYTHONPATH": str(tmp_path / "site")},
        )  # fmt: skip
        message = json.loads(done.stdout)["error"]["message"]
        assert done.returncode == 3 and f"needs {missing}, which is not installed: pip install" in message

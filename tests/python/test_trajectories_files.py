"""Sets of trajectories on disk, written and read in Python."""

import hashlib
import json
import shutil

import numpy
import pytest
from crosstalk.data.errors import DataError
from crosstalk.trajectories import folders, writing
from crosstalk.trajectories.reading import read_set
from safetensors.numpy import load_file, save_file
from trajectory_sets import ACTIONS, FORMS, arrays_of, bits_of, episode_of, rewritten, written


def refused(folder):
    """Why a set cannot be read: a message that names the place, and is no trace."""
    with pytest.raises(DataError) as refusal:
        for _ in read_set(folder).episodes():
            pass
    message = refusal.value.message
    assert str(folder) in message and "Error" not in message and len(message) < 600
    return message


@pytest.mark.parametrize("name", FORMS)
def test_a_set_is_read_again_bit_for_bit(name, tmp_path):
    episodes = written(tmp_path / "set", FORMS[name])
    assert bits_of(read_set(tmp_path / "set").episodes()) == bits_of(episodes)


@pytest.mark.parametrize("name", FORMS)
def test_records_are_the_arrays_that_they_were_made_of(name):
    form = FORMS[name]
    arrays = arrays_of(form, 5, numpy.random.default_rng(2))
    records = form.records(arrays)
    assert records.dtype == numpy.uint8 and records.shape == (5, form.record_bytes)
    again = form.arrays(records)
    assert again.dtype == arrays.dtype and again.tobytes() == arrays.tobytes()


def test_bits_lie_in_records_as_the_engine_has_them():
    form = FORMS["bits"]
    arrays = arrays_of(form, 2, numpy.random.default_rng(3))
    for record, array in zip(form.records(arrays), arrays):
        assert [record[i // 8] >> (i % 8) & 1 for i in range(300)] == array.reshape(-1).tolist()


def test_segments_are_cut_between_episodes_and_the_digest_of_the_steps_does_not_know_where(tmp_path, monkeypatch):
    episodes = written(tmp_path / "one", FORMS["single"], (5, 6, 7, 8))
    monkeypatch.setattr(writing, "SEGMENT_BYTES", 3000)
    written(tmp_path / "many", FORMS["single"], (5, 6, 7, 8))
    one, many = read_set(tmp_path / "one"), read_set(tmp_path / "many")
    assert len(one.about["segments"]) == 1 < len(many.about["segments"])
    assert bits_of(one.episodes()) == bits_of(many.episodes()) == bits_of(episodes)
    entry = many.about["segments"][1]
    tensors = load_file(tmp_path / "many" / entry["file"])
    assert tensors["lengths"].sum() == entry["steps"] and len(tensors["lengths"]) == entry["episodes"]


def test_what_was_not_kept_is_not_there(tmp_path):
    written(tmp_path / "set", FORMS["single"], kept=())
    about = json.loads((tmp_path / "set/trajectories.json").read_text())
    assert (about["frames"], about["ram"], about["scores"], about["discount of values"]) == (0, 0, None, None)
    assert not {"scores", "executed", "ram", "values"} & set(load_file(tmp_path / "set/000000.safetensors"))
    assert all(episode.ram is None for episode in read_set(tmp_path / "set").episodes())


def cut_short(folder):
    file = folder / "000000.safetensors"
    file.write_bytes(file.read_bytes()[:-5])


def flip(folder):
    file = folder / "000000.safetensors"
    content = bytearray(file.read_bytes())
    content[-9] ^= 4
    file.write_bytes(content)


def without_set(folder):
    (folder / "trajectories.json").unlink()


def segment(**changed):
    return lambda folder: rewritten(folder, lambda about: about["segments"][0].update(changed))


def said(**changed):
    names = {"discount": "discount of values"}
    return lambda folder: rewritten(
        folder, lambda about: about.update({names.get(n, n): v for n, v in changed.items()})
    )


DAMAGE = {
    "a segment cut short": (cut_short, "000000.safetensors has"),
    "a flipped bit": (flip, "its SHA-256 is another"),
    "a missing segment": (lambda folder: (folder / "000000.safetensors").unlink(), "is not there"),
    "no trajectories.json": (without_set, "holds no trajectories.json"),
    "no folder": (shutil.rmtree, "is not there"),
    "another JSON": (lambda folder: (folder / "trajectories.json").write_text("[1"), "is no JSON"),
    "a list": (lambda folder: (folder / "trajectories.json").write_text("[1]"), "is no JSON object"),
    "a deep JSON": (lambda folder: (folder / "trajectories.json").write_text("[" * 100_000), "is no JSON"),
    "another thing": (said(what="a study"), 'says "what" is "a study"'),
    "a later format": (said(format=2), "is of format"),
    "one that is being collected": (said(complete=False), "is not complete"),
    "no segments": (said(segments=[]), "no whole episode"),
    "a path out of the folder": (segment(file="../000000.safetensors"), "which is no file of its folder"),
    "an absolute path": (segment(file="/etc/passwd"), "which is no file of its folder"),
    "other counts": (said(steps=12), "counts 12 steps where its segments have 11"),
    "a count that is none": (said(steps="11"), "where a count is expected"),
    "segments that count wrongly": (segment(episodes=0), "counts the steps and episodes"),
    "no digest": (segment(sha256=7), "has no SHA-256"),
    "a form that is none": (said(observation={"kept": "letters"}), "which is no form that there is"),
    "a form of other sizes": (
        said(observation={"kept": "single", "extents": [5], "channels_last": False, "history": 1}),
        "where uint8 (14 x 20) is expected",
    ),
    "fewer actions": (said(actions=2), "(14 x 2) is expected"),
    "values that are not there": (lambda folder: without_values(folder), "has no values"),
    "episodes of other lengths": (
        lambda folder: with_changed(folder, lambda tensors: tensors["lengths"].__setitem__(0, 4)),
        "do not add up to 11 steps",
    ),
    "a seed below -1": (
        lambda folder: with_changed(folder, lambda tensors: tensors["seeds"].__setitem__(1, -2)),
        "has the seed -2 where 0 or more, or -1 for none, is expected",
    ),
}


def without_values(folder):
    shutil.rmtree(folder)
    written(folder, FORMS["single"], kept=("scores",))
    said(discount=0.9)(folder)


def with_changed(folder, change):
    """A segment whose digest is right and whose arrays are wrong."""
    file = folder / "000000.safetensors"
    tensors = load_file(file)
    change(tensors)
    save_file(tensors, file)
    sha256 = hashlib.sha256(file.read_bytes()).hexdigest()
    segment(bytes=file.stat().st_size, sha256=sha256)(folder)


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_set_is_refused_and_the_message_says_what_is_wrong(damage, tmp_path):
    written(tmp_path / "set", FORMS["single"])
    change, expected = DAMAGE[damage]
    change(tmp_path / "set")
    assert expected in refused(tmp_path / "set")


WRONG = {
    "rewards that are not finite": (
        lambda episode: episode.rewards.__setitem__(1, numpy.nan),
        "rewards that are not finite",
    ),
    "values that are not finite": (
        lambda episode: episode.values.__setitem__((1, 1), numpy.inf),
        "values that are not",
    ),
    "an action that there is not": (lambda episode: episode.actions.__setitem__(1, ACTIONS), "an action beyond 0 to 8"),
    "an end in the middle": (lambda episode: episode.truncations.__setitem__(1, 1), "goes on after step 2"),
    "no end": (lambda episode: (episode.truncations.fill(0), episode.terminations.fill(0)), "has no end"),
    "a mark that is neither": (lambda episode: episode.truncations.__setitem__(1, 7), "neither 0 nor 1"),
    "an observation that is not finite": (
        lambda episode: episode.observations.__setitem__((2, slice(0, 4)), 255),
        "an observation with a number that is not finite",
    ),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_an_episode_with_a_number_that_cannot_be_is_refused(wrong, tmp_path):
    (tmp_path / "set").mkdir()
    writer = writing.Writer(tmp_path / "set", FORMS["single"], ACTIONS)
    episode = episode_of(FORMS["single"], 4, numpy.random.default_rng(1))
    change, expected = WRONG[wrong]
    change(episode)
    writer.add(episode)
    writer.finish({"environment": "gym:a", "discount of values": 0.9})
    assert expected in refused(tmp_path / "set")


def test_a_folder_appears_whole_or_not_at_all(tmp_path):
    with pytest.raises(KeyboardInterrupt), folders.appearing(tmp_path / "new/a", "") as partial:
        (partial / "file").write_text("x")
        raise KeyboardInterrupt
    assert not list(tmp_path.iterdir())
    with folders.appearing(tmp_path / "deep/a", "") as partial:
        (partial / "file").write_text("x")
        assert not (tmp_path / "deep/a").exists()
    assert (tmp_path / "deep/a/file").read_text() == "x"
    with pytest.raises(DataError, match="is there already. Another name"):
        with folders.appearing(tmp_path / "deep/a", "Another name"):
            pass


def test_what_a_killed_process_left_is_removed_and_what_another_writes_is_not(tmp_path):
    (tmp_path / f"{folders.UNFINISHED}1-left").mkdir()
    (tmp_path / f"{folders.UNFINISHED}1-left/file").write_text("x")
    with folders.appearing(tmp_path / "a", "") as first, folders.appearing(tmp_path / "b", "") as second:
        assert first.exists() and second.exists()
        assert not (tmp_path / f"{folders.UNFINISHED}1-left").exists()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "b"]

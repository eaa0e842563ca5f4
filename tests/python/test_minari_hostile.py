"""What cannot be imported from Minari: what a set has no place for, damaged files, and files that were made to do harm."""

import json
import os
import random
import re
import shutil

import numpy
import pytest
from crosstalk.data import child, limits
from crosstalk.data.errors import DataError
from test_data_mutants import EACH, answers
from trajectory_sets import FORMS

minari = pytest.importorskip("minari", reason="minari is not installed: make .venv/minari")
h5py = pytest.importorskip("h5py", reason="h5py is not installed: make .venv/minari")
gymnasium = pytest.importorskip("gymnasium")
from minari_sets import ask, made, request_in_child  # noqa: E402

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")
Box, Discrete = gymnasium.spaces.Box, gymnasium.spaces.Discrete


REFUSED = {
    "continuous actions": (dict(action_space=Box(-1, 1, (2,)), actions=numpy.zeros((2, 2), "f4")), "its actions are Box"),
    "several actions": (
        dict(action_space=gymnasium.spaces.MultiDiscrete([2, 2]), actions=numpy.zeros((2, 2), int)),
        "its actions are MultiDiscrete",
    ),
    "observations by name": (dict(space=gymnasium.spaces.Dict(a=Discrete(2)), observations={"a": numpy.zeros(3, int)}),
                             "its observations are Dict"),
    "texts": (dict(space=gymnasium.spaces.Text(5), observations=["a", "b", "c"]), "its observations are Text"),
    "four dimensions": (dict(space=Box(0, 1, (2, 2, 2, 2)), observations=numpy.zeros((3, 2, 2, 2, 2), "f4")),
                        "have the shape"),
    "no dimension": (dict(space=Box(0, 1, ()), observations=numpy.zeros(3, "f4")), "have the shape"),
    "an action beyond": (dict(actions=numpy.array([0, 5])), "an action beyond 0 to 1"),
    "an index beyond": (dict(space=Discrete(2), observations=numpy.array([0, 1, 2])), "an observation beyond 0 to 1"),
    "whole numbers beyond 2^53": (
        dict(space=Box(0, 2**62, (2,), numpy.int64), observations=numpy.full((3, 2), 2**53 + 1)),
        "beyond 2^53",
    ),
    "an end in the middle": (dict(terminations=numpy.array([True, True])), "goes on after step 1"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_a_set_cannot_hold_is_refused_by_name(case, tmp_path, datasets):
    options, expected = REFUSED[case]
    options = {"space": Box(-1, 1, (3,)), "observations": numpy.zeros((3, 3), "f4"), **options}
    observations = options.pop("observations")
    if isinstance(observations, dict):
        buffer = dict(terminations=numpy.array([False, True]))
        steps = 2
        minari.create_dataset_from_buffers(
            "tests/made-v0",
            [minari.data_collector.EpisodeBuffer(
                observations=observations, actions=numpy.zeros(steps, int), rewards=numpy.zeros(steps),
                truncations=numpy.zeros(steps, bool), **buffer,
            )],
            observation_space=options["space"],
            action_space=Discrete(2),
        )  # fmt: skip
    else:
        made(options.pop("space"), observations, **options)
    (tmp_path / "into").mkdir()
    error = child.answer(request_in_child(datasets / "tests/made-v0/data", tmp_path / "into"))["error"]
    assert error["kind"] == "data" and expected in error["message"]


# Hostile files.


MENDS = "again in Minari|[Gg]ive another|[Gg]et .* again|A set has|-U minari$|with minari"


@pytest.fixture
def box(tmp_path, datasets):
    """A dataset of Minari's, and what to change in its file or its metadata; then why it cannot be imported, as the
    child that reads it says."""
    made(Box(-100, 100, (3,), numpy.float64), numpy.arange(12.0).reshape(4, 3), infos={"why": numpy.arange(3)})
    data = datasets / "tests/made-v0/data"

    def why(change=None, **metadata):
        if change:
            with h5py.File(data / "main_data.hdf5", "a") as file:
                change(file, file["episode_0"])
        if metadata:
            about = json.loads((data / "metadata.json").read_text())
            (data / "metadata.json").write_text(json.dumps({**about, **metadata}))
        error = child.answer(request_in_child(data, tmp_path / "into"))["error"]
        assert error["kind"] == "data" and str(data) in error["message"] and "\n" not in error["message"]
        assert not (tmp_path / "into/trajectories.json").exists()
        assert re.search(MENDS, error["message"]) and ".." not in error["message"]
        return error["message"]

    (tmp_path / "into").mkdir()
    why.data = data
    return why


def replaced(name, **options):
    """Puts another array in the place of one."""

    def change(file, episode):
        del episode[name]
        episode.create_dataset(name, **options)

    return change


def linked(name, link):
    def change(file, episode):
        del episode[name]
        episode[name] = link

    return change


def external(file, episode):
    del episode["rewards"]
    episode.create_dataset("rewards", (3,), "f8", external=[("/etc/passwd", 0, 24)])


def virtual(file, episode):
    layout = h5py.VirtualLayout((3,), "f8")
    layout[:] = h5py.VirtualSource("/etc/passwd", "x", (3,))
    del episode["rewards"]
    episode.create_virtual_dataset("rewards", layout)


def references(file, episode):
    del episode["actions"]
    episode.create_dataset("actions", (3,), h5py.ref_dtype)[:] = [episode.ref] * 3


def circle(file, episode):
    episode["infos/again"] = episode["infos"]


def set_to(name, place, value):
    return lambda file, episode: episode[name].__setitem__(place, value)


HOSTILE = {
    "huge dimensions": (replaced("rewards", shape=(2**40,), dtype="f8", chunks=(1024,)), "claims to be"),
    "huge observations": (replaced("observations", shape=(4, 2**40), dtype="f8", chunks=(1, 64)), "claims to be"),
    "huge infos": (replaced("infos/why", shape=(2**40,), dtype="f8", chunks=(1024,)), "claims to be"),
    "huge compressed": (replaced("rewards", shape=(2**40,), dtype="f8", compression="gzip"), "claims to be"),
    "a soft link": (linked("rewards", h5py.SoftLink("/episode_0/actions")), "is a link to another place"),
    "a link out of the file": (linked("rewards", h5py.ExternalLink("/etc/passwd", "/")), "is a link to another file"),
    "a link out of the file among infos": (linked("infos/why", h5py.ExternalLink("a.h5", "/")), "link to another file"),
    "an episode that is a link": (
        lambda file, episode: (file.move("episode_0", "other"), file.__setitem__("episode_0", h5py.SoftLink("/other"))),
        "holds 2 episodes where its metadata.json counts 1",
    ),
    "external storage": (external, "lies in another file"),
    "a virtual array": (virtual, "lies in another file"),
    "groups without end": (circle, "groups in groups without end"),
    "unequal lengths": (replaced("rewards", data=numpy.zeros(2)), "has the shape (2) where (3) is expected"),
    "too few observations": (replaced("observations", data=numpy.zeros((3, 3))), "where (4 x 3) is expected"),
    "wider observations": (replaced("observations", data=numpy.zeros((4, 5))), "where (4 x 3) is expected"),
    "a scalar": (replaced("actions", data=1), "has the shape"),
    "nothing": (replaced("actions", data=h5py.Empty("i8")), "is no array"),
    "no steps": (replaced("actions", data=numpy.zeros(0, int)), "has the shape"),
    "NaN rewards": (set_to("rewards", 1, numpy.nan), "rewards that are not finite"),
    "infinite observations": (set_to("observations", (1, 1), numpy.inf), "a number that is not finite"),
    "texts as rewards": (replaced("rewards", data=["a", "b", "c"]), "is of the type"),
    "records as rewards": (replaced("rewards", data=numpy.zeros(3, [("a", "f8")])), "is of the type"),
    "references as actions": (references, "is of the type"),
    "real actions": (replaced("actions", data=numpy.zeros(3)), "is of the type"),
    "complex rewards": (replaced("rewards", data=numpy.zeros(3, complex)), "is of the type"),
    "marks that are neither": (replaced("truncations", data=numpy.array([0, 256, 0])), "neither 0 nor 1"),
    "no rewards": (lambda file, episode: episode.__delitem__("rewards"), "episode_0/rewards is not there"),
    "no episode": (lambda file, episode: file.__delitem__("episode_0"), "holds 0 episodes"),
    "an array as an episode": (
        lambda file, episode: (file.__delitem__("episode_0"), file.create_dataset("episode_0", data=[1])),
        "is no group",
    ),
    "a group as an array": (
        lambda file, episode: (episode.__delitem__("rewards"), episode.create_group("rewards")),
        "is no array",
    ),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_a_hostile_file_is_refused_in_one_line(case, box):
    change, expected = HOSTILE[case]
    assert expected in box(change)


def test_a_refused_file_leaves_nothing(box, tmp_path):
    message = box(set_to("rewards", 1, numpy.nan))
    assert ask("import", from_="tests/made-v0", out=tmp_path / "set").message == message
    assert not (tmp_path / "set").exists() and not list(tmp_path.glob(".crosstalk*"))


def claim(**changed):
    """What crosstalk says of the set that it exported, of the dataset in the box."""
    about = dict(environment="a", observation=FORMS["whole"].described(), actions=2, frames=0, ram=0, scores=None)
    made = {"policy": {"kind": "random"}, "task": {}, "seed": 1, "requested": 9, "versions": {}, "lossy": False}
    return {"about": {**about, **made, "discount of values": None, **changed}}


METADATA = {
    "other counts": (dict(total_steps=4), "holds 3 steps where its metadata.json counts 4"),
    "more episodes": (dict(total_episodes=10**18), "holds 1 episode where"),
    "a count that is none": (dict(total_episodes="1"), "where a count is expected"),
    "no episodes": (dict(total_episodes=0), "nothing to import"),
    "another format": (dict(data_format="arrow"), "only hdf5 is read"),
    "another version": (dict(minari_version="9.9.9"), "is of version"),
    "no space": (dict(observation_space=None), "names no observation_space"),
    "a space that is none": (dict(observation_space="[]"), "which is no space"),
    "a space that is no JSON": (dict(action_space="{"), "is no JSON"),
    "a huge space": (
        dict(observation_space=json.dumps(dict(type="Box", dtype="uint8", shape=[2**40], low=0, high=1))),
        "have the shape",
    ),
    "a space of another type": (
        dict(observation_space=json.dumps(dict(type="Box", dtype="(1000000000,)f8", shape=[3], low=0, high=1))),
        "where numbers are needed",
    ),
    "no choice": (dict(action_space=json.dumps(dict(type="Discrete", n=0, start=0))), "Discrete(0)"),
    "a claim that crosstalk made it": (dict(crosstalk=[1]), "which crosstalk did not write"),
    "a claim of other observations": (
        dict(crosstalk={"about": {"environment": "a", "observation": FORMS["frames"].described(), "actions": 2}}),
        "is not what its spaces say",
    ),
    "a claim with a record that is none": (dict(crosstalk=claim(observation={"kept": "x"})), "which is no form"),
    "a claim without frames": (dict(crosstalk=claim(frames=None)), 'says "frames" is "None" where a count is expected'),
    "a claim of a policy that is none": (dict(crosstalk=claim(policy=[1])), 'says "policy" of crosstalk\'s set is'),
    "a claim of a policy without a kind": (dict(crosstalk=claim(policy={"kind": 1})), 'says "policy"'),
    "a claim of a task that is none": (dict(crosstalk=claim(task="x")), 'says "task" of crosstalk\'s set is "x"'),
    "a claim of half a seed": (dict(crosstalk=claim(seed=0.5)), 'says "seed" of crosstalk\'s set is "0.5"'),
    "a claim of a seed below nought": (dict(crosstalk=claim(seed=-1)), 'says "seed" of crosstalk\'s set is "-1"'),
    "a claim of a seed that is true": (dict(crosstalk=claim(seed=True)), 'says "seed" of crosstalk\'s set is "True"'),
    "a claim of another discount than there is": (
        dict(crosstalk=claim(**{"discount of values": 5})),
        'says "discount of values" of crosstalk\'s set is "5"',
    ),
    "a claim of half a request": (dict(crosstalk=claim(requested="9")), 'says "requested" of crosstalk\'s set is "9"'),
    "a claim that may be lossy": (dict(crosstalk=claim(lossy="no")), 'says "lossy" of crosstalk\'s set is "no"'),
    "a claim of versions that are none": (dict(crosstalk=claim(versions=1)), 'says "versions" of crosstalk\'s set is "1"'),
    "a claim of a class that is none": (dict(crosstalk=claim(**{"class": 1})), 'says "class" is no text'),
    "a claim of infos that are not there": (
        dict(crosstalk=claim(ram=128)),
        "has no infos ram as crosstalk writes them.",
    ),
}


@pytest.mark.parametrize("case", METADATA)
def test_metadata_that_are_not_of_the_file_are_refused(case, box):
    changed, expected = METADATA[case]
    assert expected in box(**changed)


def test_a_file_that_is_cut_short_missing_or_no_file_is_refused(box, tmp_path):
    file = box.data / "main_data.hdf5"
    content = file.read_bytes()
    for size in (0, 100, len(content) // 2, len(content) - 1):
        file.write_bytes(content[:size])
        assert "damaged" in box()

    def why():
        return ask("import", from_="tests/made-v0", out=tmp_path / "set").message

    file.unlink()
    assert "is not there" in why()
    os.mkfifo(file)
    assert "is not a plain file" in why()
    file.unlink()
    file.write_bytes(content)
    (box.data / "metadata.json").write_text("[")
    assert "is no JSON" in box()
    (box.data / "metadata.json").unlink()
    assert "which says what the numbers are" in why()
    error = ask("import", from_=box.data, out=tmp_path / "set")
    assert "is a folder" in error.message
    shutil.copy(file, tmp_path / "other.hdf5")
    assert "beside it" in ask("import", from_=tmp_path / "other.hdf5", out=tmp_path / "set").message


def test_an_unknown_name_is_answered_with_the_nearest(box, tmp_path):
    error = ask("import", from_="tests/mad-v0", out=tmp_path / "set")
    assert "did you mean tests/made-v0?" in error.message and "minari download" in error.message
    assert "is no ID" in ask("import", from_="../made-v0", out=tmp_path / "set").message


def test_a_folder_that_is_not_empty_is_not_written_into(box, tmp_path):
    (tmp_path / "set").mkdir()
    assert ask("import", from_="tests/made-v0", out=tmp_path / "set")["path"] == str(tmp_path / "set")
    error = ask("import", from_="tests/made-v0", out=tmp_path / "set")
    assert error.kind == "config" and "is there already. Give another --out" in error.message


@pytest.mark.parametrize("name, share", [("main_data.hdf5", 1.7), ("metadata.json", 0.7)])
def test_changed_bytes_give_a_result_or_a_message(name, share, box, tmp_path):
    file, count = box.data / name, int(share * EACH)
    content, draw = file.read_bytes(), random.Random(8)
    filled = [place for place, byte in enumerate(content) if byte]  # most of a small HDF5 file is room for more
    contents = [content]
    for _ in range(count):
        mutant = bytearray(content)
        for _ in range(draw.choice([1, 1, 2, 4])):
            mutant[draw.choice(filled)] ^= 1 << draw.randrange(8)
        contents.append(bytes(mutant))
    outcomes = {"read": 0, "refused": 0, "crashed": 0}
    for number, (status, reply) in enumerate(answers(request_in_child(box.data, tmp_path / "into"), contents, file)):
        try:
            limits.understand(status, reply, "", str(file), 20)
        except DataError as error:
            assert number > 0 and "Traceback" not in error.message and str(box.data) in error.message
            outcomes["refused" if status == 0 else "crashed"] += 1
        else:
            outcomes["read"] += 1
    print(name, outcomes)
    assert sum(outcomes.values()) == count + 1 and outcomes["refused"] > count // 5 and outcomes["read"] > 0

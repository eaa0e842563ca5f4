"""Sets of trajectories for tests: random steps of each form that an observation can have, written by the package."""

import json

import numpy
from crosstalk.trajectories.episode import Episode
from crosstalk.trajectories.form import Form
from crosstalk.trajectories.writing import Writer

ACTIONS = 9
FORMS = {
    "frames": Form("bytes", (84, 84), history=4),
    "bits": Form("bits", (10, 10, 3), channels_last=True),
    "single": Form("single", (4,)),
    "whole": Form("whole", (3,)),
    "index": Form("index", (37,)),
}


def arrays_of(form, count, draw):
    if form.kept == "index":
        return draw.integers(0, form.extents[0], count)
    if form.kept in ("bits", "bytes"):
        return draw.integers(0, 2 if form.kept == "bits" else 256, (count, *form.extents)).astype(form.dtype)
    return draw.normal(size=(count, *form.extents)).astype(form.dtype)


def episode_of(form, steps, draw, kept=("scores", "executed", "ram", "values"), terminated=True):
    ends = numpy.zeros(steps, numpy.uint8)
    ends[-1] = 1
    none = numpy.zeros(steps, numpy.uint8)
    parts = {
        "scores": draw.integers(0, 500, steps).astype(numpy.float64),
        "executed": draw.integers(0, 18, (steps, 4)),
        "ram": draw.integers(0, 256, (steps + 1, 128)).astype(numpy.uint8),
        "values": draw.normal(size=(steps + 1, ACTIONS)).astype(numpy.float32),
    }
    return Episode(
        observations=form.records(arrays_of(form, steps + 1, draw)),
        actions=draw.integers(0, ACTIONS, steps),
        rewards=draw.normal(size=steps),
        terminations=ends if terminated else none,
        truncations=none if terminated else ends,
        seed=int(draw.integers(0, 2**31)),
        **{name: parts[name] for name in kept},
    )


def written(folder, form, lengths=(3, 1, 7), seed=1, kept=("scores", "executed", "ram", "values"), **about):
    """A set in a new folder; its episodes."""
    folder.mkdir()
    draw = numpy.random.default_rng(seed)
    writer = Writer(folder, form, ACTIONS)
    episodes = [episode_of(form, steps, draw, kept, number % 2 == 0) for number, steps in enumerate(lengths)]
    for episode in episodes:
        writer.add(episode)
    made = {
        "environment": "atari:ms_pacman",
        "task": {"task.sticky": 0.25},
        "policy": {"kind": "random"},
        "seed": 1,
        "requested": sum(lengths),
        "versions": {"crosstalk": "0"},
        "lossy": False,
        "discount of values": 0.99 if "values" in kept else None,
    }
    writer.finish({**made, **about})
    return episodes


def rewritten(folder, change):
    """trajectories.json, changed."""
    file = folder / "trajectories.json"
    about = json.loads(file.read_text())
    change(about)
    file.write_text(json.dumps(about))


def bits_of(episodes):
    """All that a set holds, as bytes that can be compared."""
    return [
        (
            episode.seed,
            {name: (array.dtype.str, array.shape, array.tobytes()) for name, array in episode.parts().items()},
        )
        for episode in episodes
    ]

"""The windowed image task from Python: an episode, and calls that have no meaning are refused."""

import numpy as np
import pytest
from crosstalk import _torch

try:
    engine = _torch.engine()
except ImportError as reason:
    pytest.skip(f"the engine is not built: {reason}", allow_module_level=True)


@pytest.fixture
def task(warm_cache, monkeypatch, ask):
    monkeypatch.setenv("CROSSTALK_CACHE", str(warm_cache))
    reply = ask("prepare", dataset="digits", kind="classify", source="files", target="")
    return engine.Windowed(reply["file"], "train")


def test_an_episode_ends_with_the_right_class(task):
    first = task.reset(3)
    assert first.shape == (4, 32, 32)
    wrong, right = (task.labels[3] + 1) % 10, task.labels[3]
    second, reward, named, timed_out = task.step(wrong, 1)
    assert (round(reward, 9), named, timed_out) == (-0.05, False, False)
    assert np.any(first != second)
    assert task.step(right, 0)[1:] == (1.0, True, False)


def test_there_is_no_step_before_an_episode_or_after_its_end(task):
    with pytest.raises(engine.Error, match=r"reset\(image\)"):
        task.step(0, 0)
    task.reset(0)
    task.step(task.labels[0], 0)
    with pytest.raises(engine.Error, match="has ended"):
        task.step(0, 0)
    task.reset(0)
    for _ in range(20):
        timed_out = task.step((task.labels[0] + 1) % 10, 0)[3]
    assert timed_out
    with pytest.raises(engine.Error, match="has ended"):
        task.step(0, 0)
    task.reset(1)
    task.step((task.labels[1] + 1) % 10, 0)


@pytest.mark.parametrize(
    "guess, move, what", [(-1, 0, "guess -1"), (10, 0, "guess 10"), (0, -1, "move -1"), (0, 4, "move 4")]
)
def test_what_is_no_class_or_no_move_is_refused_and_changes_nothing(task, guess, move, what):
    task.reset(2)
    wrong = (task.labels[2] + 1) % 10
    with pytest.raises(engine.Error, match=what):
        task.step(guess, move)
    steps = [task.step(wrong, 0)[3] for _ in range(20)]
    assert steps == [False] * 19 + [True]


def test_an_image_that_is_not_there_is_refused(task):
    for image in (-1, len(task.labels)):
        with pytest.raises(engine.Error, match=f"no image {image}"):
            task.reset(image)

"""Atari games as the engine has them, beside a plain script over ale-py (atari_twin.py). With CROSSTALK_ATARI_STEPS=5000 and
CROSSTALK_ATARI_GAMES=all the same is asked of as many steps, and of every game."""

import os

import numpy as np
import pytest
from crosstalk import _torch

ale_py = pytest.importorskip("ale_py")
from ale_py import roms
from atari_twin import Twin, resized

try:
    engine = _torch.engine()
except ImportError as reason:
    pytest.skip(f"the engine is not built: {reason}", allow_module_level=True)

GAMES = ("ms_pacman", "asterix", "seaquest")
STEPS = int(os.environ.get("CROSSTALK_ATARI_STEPS", "100"))
EVERY = os.environ.get("CROSSTALK_ATARI_GAMES") == "all"
SEVERAL_PLAYERS = ("combat", "joust", "maze_craze", "warlords")
# Of these something is left after reset_game alone, or after restoreSystemState alone (found by trying all).
REMEMBERING = ("amidar", "assault", "ice_hockey", "qbert", "tetris")
REMEMBERED = [game for game in roms.get_all_rom_ids() if game not in SEVERAL_PLAYERS] if EVERY else REMEMBERING


def opened(game, **rules):
    return engine.Environment(f"atari:{game}", **rules)


def bytes_of(observation):
    shown = np.rint(observation * 255).astype(np.uint8)
    assert np.array_equal(shown / 255, observation), "an observation is bytes / 255"
    return shown


def same_as_the_twin(ours, twin, steps, seed, choose):
    """Plays on until so many steps are over; how many episodes ended."""
    ends, over = 0, True
    for _ in range(steps):
        if over:
            assert np.array_equal(bytes_of(ours.reset(seed + ends)), twin.reset())
        observation, reward, over, truncated = ours.step(choose())
        shown, signs, ended, score, frames = twin.step(ours.executed + [0] * (twin.frame_skip - len(ours.executed)))
        assert np.array_equal(bytes_of(observation), shown)
        assert (reward, over, truncated, ours.score) == (signs, ended, False, score)
        assert len(ours.executed) == frames and ours.memory == twin.ale.getRAM().tobytes()
        ends += over
    return ends


@pytest.mark.parametrize("sticky", [0.25, 0.0])
@pytest.mark.parametrize("game", GAMES)
def test_a_game_is_seen_frame_by_frame_as_a_plain_script_over_ale_py_sees_it(game, sticky):
    ours = opened(game, sticky=sticky)
    assert ours.bytes == 84 * 84 and ours.unrepeatable is None
    draw = np.random.default_rng(5)
    ends = same_as_the_twin(ours, Twin(game), STEPS, 100, lambda: int(draw.integers(ours.actions)))
    assert ends > 0 or STEPS < 2000


@pytest.mark.parametrize("frame_skip", [1, 2, 30])
def test_a_step_of_other_lengths_ends_where_the_game_does(frame_skip):
    ours, draw = opened("asterix", frame_skip=frame_skip), np.random.default_rng(1)
    steps = 60 if frame_skip < 30 else 100
    ends = same_as_the_twin(ours, Twin("asterix", frame_skip=frame_skip), steps, 3, lambda: int(draw.integers(9)))
    assert ends > 0 or frame_skip < 30


def test_the_maximum_may_come_before_the_resizing_and_is_then_larger_in_places():
    first, last = opened("ms_pacman", maximum_first=True), opened("ms_pacman")
    draw = np.random.default_rng(2)
    same_as_the_twin(first, Twin("ms_pacman", maximum_first=True), 60, 9, lambda: int(draw.integers(9)))
    first.reset(1), last.reset(1)
    larger = 0
    for action in draw.integers(9, size=100):
        one, other = first.step(int(action))[0], last.step(int(action))[0]
        assert (one >= other).all(), "the larger of means is at most the mean of what is larger"
        larger += (one > other).any()
    assert larger > 0


def test_a_screen_of_any_height_is_resized_by_the_written_formula():
    draw = np.random.default_rng(3)
    for height, width in ((210, 160), (214, 160), (220, 160), (230, 160), (250, 160), (84, 84), (97, 131)):
        screens = draw.integers(0, 256, (20, height, width), np.uint8)
        screens[10:] = screens[10]
        for screen in screens[11:]:  # in a few rows another
            screen[draw.integers(height, size=3)] = draw.integers(256, size=width)
        assert np.array_equal(engine.resized(screens), [resized(screen) for screen in screens])
    assert (engine.resized(np.full((1, 210, 160), 255, np.uint8)) == 255).all()


def test_actions_stick_for_a_quarter_of_the_frames_and_the_first_may_be_to_do_nothing():
    ours, draw = opened("ms_pacman", frame_skip=2), np.random.default_rng(4)
    minimal = [action.value for action in minimal_actions("ms_pacman")]
    stuck = frames = 0
    firsts = set()
    for episode in range(120):
        ours.reset(episode)
        last = 0
        for step in range(3):
            chosen = int(draw.integers(1, 9))
            ours.step(chosen)
            for action in ours.executed:
                assert action in (minimal[chosen], last)
                if minimal[chosen] != last:
                    frames += 1
                    stuck += action == last
                last = action
            if step == 0:
                firsts.add(ours.executed[0] == 0)
    assert firsts == {True, False}
    assert abs(stuck / frames - 0.25) < 4 * (0.25 * 0.75 / frames) ** 0.5


def minimal_actions(game):
    twin = Twin(game)
    twin.reset()
    return twin.ale.getMinimalActionSet()


def test_always_sticky_does_nothing_for_ever_and_never_sticky_does_as_it_is_told():
    always, never = opened("asterix", sticky=1.0), opened("asterix", sticky=0.0)
    for each in (always, never):
        each.reset(0)
        each.step(3)
    assert always.executed == [0] * 4 and never.executed == [minimal_actions("asterix")[3].value] * 4


def test_all_18_actions_are_there_by_a_key():
    assert opened("asterix").actions == 9 and opened("asterix", all_actions=True).actions == 18
    ours = opened("asterix", all_actions=True, sticky=0.0)
    ours.reset(0)
    ours.step(17)
    assert ours.executed == [17] * 4


@pytest.mark.parametrize("game", REMEMBERED)
def test_an_episode_is_its_seeds_alone_whatever_was_played_before(game):
    used, fresh = opened(game), opened(game)
    for length in (30, 80):
        draw = np.random.default_rng(length)
        used.reset(99)
        for _ in range(length):
            if used.step(int(draw.integers(used.actions)))[2]:
                break
        assert np.array_equal(used.reset(7), fresh.reset(7)), game
        for _ in range(40):
            action = int(draw.integers(used.actions))
            (seen, *outcome), (shown, *other) = used.step(action), fresh.step(action)
            assert outcome == other and np.array_equal(seen, shown) and used.memory == fresh.memory
            if outcome[1]:
                break


def test_200_episodes_that_are_saved_in_the_middle_and_had_again_go_on_as_if_nothing_had_been():
    restored = 0
    for game in ("ms_pacman", "asterix", "seaquest", "qbert", "ice_hockey"):
        kept, other = opened(game), opened(game)
        for seed in range(40):
            draw = np.random.default_rng(seed)
            actions = draw.integers(kept.actions, size=int(draw.integers(1, 25)) + 4)
            kept.reset(seed)
            for action in actions[:-4]:
                kept.step(int(action))
            assert other.load(kept.save())
            assert np.array_equal(other.observation, kept.observation) and other.memory == kept.memory
            for action in actions[-4:]:
                seen, shown = other.step(int(action)), kept.step(int(action))
                assert np.array_equal(seen[0], shown[0]) and seen[1:] == shown[1:]
                assert other.executed == kept.executed and other.score == kept.score
            restored += 1
    assert restored == 200


@pytest.mark.parametrize(
    "name, words",
    [
        ("atari:ms_packman", "has no game ms_packman; did you mean ms_pacman"),
        ("atari:MsPacman", "has no game MsPacman; did you mean ms_pacman"),
        ("atari:combat", "cannot play it: it is for several players"),
        ("atari:zzz", "has no game zzz; there are "),
    ],
)
def test_a_game_that_is_not_there_is_refused_with_the_nearest(name, words):
    with pytest.raises(engine.Error) as caught:
        engine.Environment(name)
    assert caught.value.kind == "config" and words in str(caught.value), str(caught.value)
    assert "\n" not in str(caught.value)

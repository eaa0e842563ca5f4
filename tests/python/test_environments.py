"""Environments that are written in Python, as the engine has them: what it sees, how episodes are had again, and what is
refused in which words."""

import hashlib
import os
import sys
import textwrap

import numpy as np
import pytest
from crosstalk import _torch

gymnasium = pytest.importorskip("gymnasium")
minatar = pytest.importorskip("minatar")
try:
    engine = _torch.engine()
except ImportError as reason:
    pytest.skip(f"the engine is not built: {reason}", allow_module_level=True)

GAMES = ("asterix", "breakout", "freeway", "seaquest", "space_invaders")


def episode(environment, seed, choose, most=300):
    """[(observation, reward, terminated, truncated)], of actions that `choose` gives."""
    seen = [(environment.reset(seed), 0.0, False, False)]
    while not (seen[-1][2] or seen[-1][3]) and len(seen) <= most:
        seen.append(environment.step(choose()))
    return seen


def same(one, other):
    return len(one) == len(other) and all(
        np.array_equal(a[0], b[0]) and a[1:] == b[1:] for a, b in zip(one, other, strict=True)
    )


def actions_of(count, seed):
    random = np.random.default_rng(seed)
    return lambda: int(random.integers(count))


class Plain:
    """Gymnasium's environment as anyone would use it, with an observation as a network takes it."""

    def __init__(self, name, as_seen):
        self.environment, self.as_seen = gymnasium.make(name), as_seen

    def reset(self, seed):
        return self.as_seen(self.environment.reset(seed=seed)[0])

    def step(self, action):
        seen, reward, terminated, truncated, _ = self.environment.step(action)
        return self.as_seen(seen), float(reward), terminated, truncated


@pytest.mark.parametrize(
    "name, as_seen",
    [
        ("CartPole-v1", lambda seen: seen.astype(float)),
        ("Acrobot-v1", lambda seen: seen.astype(float)),
        ("FrozenLake-v1", lambda seen: np.eye(16)[seen]),
    ],
)
def test_the_engine_sees_what_gymnasium_shows(name, as_seen):
    ours, plain = engine.Environment(f"gym:{name}"), Plain(name, as_seen)
    assert ours.actions == plain.environment.action_space.n and ours.unrepeatable is None
    for seed in range(5):
        choose = [actions_of(ours.actions, seed) for _ in range(2)]
        assert same(episode(ours, seed, choose[0]), episode(plain, seed, choose[1]))


def test_a_time_limit_truncates_and_does_not_terminate():
    ours = engine.Environment("gym:MountainCar-v0")
    last = episode(ours, 1, lambda: 1)[-1]
    assert last[2:] == (False, True)


@pytest.mark.parametrize("name", GAMES)
def test_a_game_of_minatar_is_seen_channels_first_and_kept_in_bits(name):
    ours, game = engine.Environment(f"minatar:{name}"), minatar.Environment(name)
    assert ours.bytes == (100 * game.n_channels + 7) // 8
    game.seed(5)
    game.reset()
    assert np.array_equal(ours.reset(5), game.state().transpose(2, 0, 1))
    choose = actions_of(6, 0)
    for _ in range(40):
        action = choose()
        reward, over = game.act(action)
        seen, *outcome = ours.step(action)
        assert np.array_equal(seen, game.state().transpose(2, 0, 1)) and outcome == [reward, over, False]
        if over:
            break


@pytest.mark.parametrize("name", [f"minatar:{game}" for game in GAMES] + ["gym:CartPole-v1"])
def test_an_episode_forgets_all_that_came_before_its_reset(name):
    used, fresh = engine.Environment(name), engine.Environment(name)
    for seed in range(5):
        episode(used, 100 + seed, actions_of(used.actions, seed))
        choose = [actions_of(used.actions, seed) for _ in range(2)]
        assert same(episode(used, seed, choose[0]), episode(fresh, seed, choose[1]))


def test_200_episodes_that_are_saved_in_the_middle_and_had_again_go_on_as_if_nothing_had_been():
    restored = 0
    for name in ["gym:CartPole-v1"] * 5 + [f"minatar:{game}" for game in GAMES]:
        kept, other = engine.Environment(name), engine.Environment(name)
        for seed in range(20):
            random = np.random.default_rng(seed)
            choose = actions_of(kept.actions, random.integers(1 << 30))
            whole = episode(kept, seed, choose)
            actions = actions_of(kept.actions, np.random.default_rng(seed).integers(1 << 30))
            chosen = [actions() for _ in whole[1:]]
            cut = int(random.integers(len(whole)))
            kept.reset(seed)
            for action in chosen[:cut]:
                kept.step(action)
            assert other.load(kept.save())
            assert np.array_equal(other.observation, whole[cut][0])
            rest = [other.step(action) for action in chosen[cut:]]
            assert same(rest, whole[cut + 1 :])
            restored += 1
    assert restored == 200


@pytest.fixture
def own(tmp_path):
    """An environment of the user's own: `own(reset=..., step=..., more=...)` are lines of its class."""

    def make(reset="return self.seen(), {}", step="return self.seen(), 1.0, False, False, {}", more="", **changes):
        said = {"reset": reset, "step": step, "more": more, "actions": "Discrete(2)",
                "seen": "Box(-9, 9, (2,), numpy.float32)"} | changes  # fmt: skip
        file = tmp_path / "room.py"
        file.write_text(
            textwrap.dedent("""\
                import gymnasium, numpy
                from gymnasium.spaces import Box, Discrete, MultiDiscrete

                class Room(gymnasium.Env):
                    action_space = {actions}
                    observation_space = {seen}
                    steps = 0
                    def seen(self):
                        return numpy.array([self.steps, 0.5], self.observation_space.dtype)
                    def reset(self, *, seed=None, options=None):
                        super().reset(seed=seed)
                        self.steps = 0
                        {reset}
                    def step(self, action):
                        self.steps += 1
                        {step}
                {more}
            """).format(**said)
        )
        sha256 = hashlib.sha256(file.read_bytes()).hexdigest()
        return engine.Environment("gym:./room.py:Room", str(file), sha256, 50)

    return make


def refusal(make, *arguments, **changes):
    with pytest.raises(engine.Error) as caught:
        make(*arguments, **changes)
    said = str(caught.value)
    assert "\n" not in said and "Traceback" not in said
    return caught.value.kind, said


@pytest.mark.parametrize(
    "changes, words",
    [
        ({"step": "return 1 / 0"}, "step 1 of the episode with seed 1 raised ZeroDivisionError: division by zero (room.py:16)"),
        ({"reset": "raise KeyError('door')"}, "reset with seed 1 raised KeyError: 'door' (room.py:13)"),
        ({"step": "return self.seen(), float('nan'), False, False, {}"}, "the reward nan, which is not finite"),
        ({"step": "return self.seen(), 'much', False, False, {}"}, " gives a reward that is a str, no number"),
        ({"step": "return self.seen() / numpy.float32(0), 1.0, False, False, {}"}, "shows inf at place 0 of its observation"),
        ({"step": "return self.seen()[:1], 1.0, False, False, {}"},
         " shows float32 (1) where its observation_space declares float32 (2)"),
        ({"step": "return self.seen().astype(float), 1.0, False, False, {}"}, " shows float64 (2)"),
        ({"step": "return [1.0, 2.0], 1.0, False, False, {}"}, " shows a list where"),
        ({"step": "return self.seen(), 1.0, False, {}"}, " gives no (observation, reward, terminated, truncated, info)"),
        ({"reset": "return self.seen()"}, " gives no pair (observation, info)"),
        ({"seen": "Discrete(4)", "reset": "return 0, {}", "step": "return 4, 0.0, False, False, {}"},
         " shows 4 where its observation_space declares 4 numbers from 0 on"),
        ({"step": "return self.seen(), 1.0, str(False), False, {}"},
         "gives terminated = 'False', a str, where True or False is needed"),
        ({"step": "return self.seen(), 1.0, False, None, {}"}, "gives truncated = None, a NoneType, where"),
        ({"step": "return self.seen(), 1.0, numpy.str_('False'), False, {}"}, "gives terminated = "),
        ({"step": "return self.seen(), 1.0, numpy.array([True, False]), False, {}"}, "gives terminated = array([ True, False])"),
        ({"step": "raise type('Mute', (Exception,), {'__str__': lambda self: 1 / 0})"},
         "raised Mute (its text cannot be taken) (room.py:16)"),
        ({"step": "raise ValueError(chr(0xD800) + chr(27))"}, r"raised ValueError: \ud800\x1b (room.py:16)"),
        ({"step": "return self.seen(), 1.0 if self.steps < 3 else 1 / 0, False, False, {}"},
         "step 3 of the episode with seed "),
        ({"step": "raise SystemExit(3)"}, " raised SystemExit: 3 (room.py:16)"),
    ],
)  # fmt: skip
def test_what_fails_while_it_plays_is_told_with_its_place(own, changes, words):
    kind, said = refusal(own, **changes)
    assert kind == "environment" and said.startswith("gym:./room.py:Room: ") and words in said, said


@pytest.mark.parametrize(
    "changes, words",
    [
        ({"actions": "Box(-1, 1, (1,), numpy.float32)"}, "where one discrete choice is needed"),
        ({"actions": "MultiDiscrete([2, 2])"}, "where one discrete choice is needed"),
        ({"seen": "Box(0, 1, (2, 2), numpy.float32)"}, "have the shape (2, 2)"),
        ({"actions": "Discrete(65537)"}, "action_space Discrete(65537) has 65,537 actions, where 1 to 65,536 can be"),
        ({"more": "Room.action_space.n = 0"}, "action_space Discrete(0) has 0 actions, where 1 to 65,536 can be"),
        ({"seen": "Discrete(2**24)"},
         "observation_space Discrete(16777216) has 16,777,216 values, where 1 to 1,000,000 can be"),
        ({"seen": "gymnasium.spaces.Text(3)"}, "where a Box of numbers or Discrete(n) is needed"),
        ({"more": "    def __init__(self):\n        raise OSError('no map')"}, "Room() cannot be made: OSError: no map (room.py:18)"),
        ({"more": "def broken(:"}, "room.py cannot be imported: SyntaxError"),
        ({"more": "import no_such_module"}, "room.py cannot be imported: ModuleNotFoundError: No module named 'no_such_module' (room.py:17)"),
    ],
)  # fmt: skip
def test_what_is_no_environment_for_an_agent_is_refused_before_anything_runs(own, changes, words):
    kind, said = refusal(own, **changes)
    assert kind == "config" and said.startswith('task.environment = "gym:./room.py:Room": ') and words in said, said


@pytest.mark.parametrize(
    "name, words",
    [
        ("gym:CartPol-v1", "has no environment CartPol-v1; did you mean CartPole-v1"),
        ("gym:Pendulum-v1", "where one discrete choice is needed"),
        ("minatar:brakout", "has no game brakout; did you mean breakout?"),
        ("minatar:pong", "has no game pong; there are asterix, breakout"),
    ],
)
def test_a_name_that_nobody_has_is_refused_with_the_nearest(name, words):
    kind, said = refusal(engine.Environment, name)
    assert kind == "config" and words in said, said


def test_a_class_that_is_not_in_its_file_is_refused_and_so_is_a_file_that_has_been_changed(own, tmp_path):
    own()
    file = tmp_path / "room.py"
    sha256 = hashlib.sha256(file.read_bytes()).hexdigest()
    kind, said = refusal(engine.Environment, "gym:./room.py:Rom", str(file), sha256)
    assert kind == "config" and "room.py has no class Rom; did you mean Room?" in said
    assert "has been changed since" in refusal(engine.Environment, "gym:./room.py:Room", str(file), "0" * 64)[1]


def test_one_that_takes_no_notice_of_its_seed_is_found_out_and_is_never_played_again(own):
    moody = own(
        reset="self.np_random, _ = gymnasium.utils.seeding.np_random(); return self.np_random.random(2, numpy.float32), {}"
    )
    assert "shows another episode when it is reset with the same seed" in moody.unrepeatable
    moody.reset(3)
    assert not moody.load(moody.save())


def test_numbers_in_double_precision_lose_nothing_and_images_get_their_channels_first(own):
    third = own(seen="Box(-9, 9, (2,), float)", reset="return numpy.array([1 / 3, 1e-300]), {}")
    assert third.reset(1).tolist() == [1 / 3, 1e-300] and third.bytes == 16
    pixels = "numpy.arange(24, dtype=numpy.uint8).reshape(2, 4, 3)"
    image = own(seen="Box(0, 255, (2, 4, 3), numpy.uint8)", reset=f"return {pixels}, {{}}", step=f"return {pixels}[::-1], 0, True, False, {{}}")  # fmt: skip
    plain = np.arange(24).reshape(2, 4, 3)
    assert np.array_equal(image.reset(1), plain.transpose(2, 0, 1) / 255) and image.bytes == 24
    assert np.array_equal(image.step(0)[0], plain[::-1].transpose(2, 0, 1) / 255)
    stacked = own(seen="Box(0, 1, (4, 9, 9), bool)", reset="return numpy.ones((4, 9, 9), bool), {}",
                  step="return numpy.ones((4, 9, 9), bool), 0, True, False, {}")  # fmt: skip
    assert stacked.reset(1).shape == (4, 9, 9)


def test_an_end_may_be_any_truth_and_whole_numbers_of_one_size_are_the_same_whatever_they_are_called(own):
    for end in ("1", "numpy.bool_(True)", "self.steps > 0", "numpy.array([True])", "numpy.float32(1)"):
        room = own(step=f"return self.seen(), 1.0, {end}, False, {{}}")
        room.reset(0)
        assert room.step(0)[2:] == (True, False)
    room = own(seen="Box(-9, 9, (2,), numpy.longlong)", reset="return numpy.array([7, 2], 'l'), {}")
    assert room.reset(0).tolist() == [7, 2]


def test_an_action_that_there_is_not_is_refused(own):
    room = own()
    room.reset(0)
    for action in (-1, 2):
        with pytest.raises(engine.Error, match="there are 0 to 1"):
            room.step(action)


@pytest.fixture
def beside(tmp_path):
    """`beside(folder, **files)` writes files into a folder; `X` of its env.py, opened, earns what its neighbours say."""

    def write(folder, **files):
        (tmp_path / folder).mkdir()
        for name, text in files.items():
            (tmp_path / folder / f"{name}.py").write_text(text)

        def earned():
            file = tmp_path / folder / "env.py"
            room = engine.Environment(
                f"gym:{folder}/env.py:X", str(file), hashlib.sha256(file.read_bytes()).hexdigest(), 9
            )
            room.reset(0)
            return room.step(0)[1]

        return earned

    return write


NEIGHBOURS = """
import gymnasium, numpy, sys
{imports}
class X(gymnasium.Env):
    action_space = gymnasium.spaces.Discrete(2)
    observation_space = gymnasium.spaces.Discrete(2)
    def reset(self, *, seed=None, options=None):
        return 0, {{}}
    def step(self, action):
        {late}
        return 0, {reward}, True, False, {{}}
"""


@pytest.mark.parametrize("order", ["ab", "ba", "aabba"])
@pytest.mark.parametrize(
    "imports, late, reward",
    [
        ("import level", "", "level.PAYS"),
        ("", "import level", "level.PAYS"),  # in the middle of a step
        ("import level", "import level as again", "level.PAYS if again is level else -1"),
        ("from rooms import small", "import rooms.small", "rooms.small.PAYS"),  # a folder without __init__.py
        ("sys.path.insert(0, __file__.replace('env.py', 'rooms'))\nimport small", "", "small.PAYS"),
    ],
)
def test_each_class_finds_its_own_neighbours_whichever_is_opened_first(beside, tmp_path, order, imports, late, reward):
    env = NEIGHBOURS.format(imports=imports, late=late or "pass", reward=reward)  # the same text in both folders
    pays = {"a": 1.0, "b": 5.0}
    rooms = {}
    for folder, paid in pays.items():
        rooms[folder] = beside(folder, env=env, level=f"PAYS = {paid}")
        (tmp_path / folder / "rooms").mkdir()
        (tmp_path / folder / "rooms/small.py").write_text(f"PAYS = {paid}")
    engine.Environment("minatar:breakout")  # has no folder
    before = list(sys.path)
    assert [rooms[each]() for each in order] == [pays[each] for each in order]
    engine.Environment("minatar:breakout")
    assert sys.path == before and not {"level", "rooms", "rooms.small", "small"} & set(sys.modules)


def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "room.py")
    kind, said = refusal(engine.Environment, "gym:room.py:Room", str(tmp_path / "room.py"), "0" * 64)
    assert kind == "config" and "room.py: it is no regular file" in said

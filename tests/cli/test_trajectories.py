"""Trajectories on disk, as a user collects them and looks at them."""

import json
import os
import random
import re
import shutil
import signal
import subprocess

import numpy
import pytest
import torch
from command import Command, wait_for
from safetensors.numpy import load_file

pytest.importorskip("gymnasium")
pytest.importorskip("minatar")

AGENT = """
seeds = 1
[task]
environment = "gym:CartPole-v1"
[network]
layers = ["linear 16", "tanh", "linear out"]
[learner]
algorithm = "{algorithm}"
steps = {steps}
[probe]
every = {steps}
samples = 8
episodes = 1
keep = "last"
"""
RANDOM = ("--policy", "random", "--seed", "1", "--transitions")


TABLE = """
seeds = 1
[task]
environment = "gridworld"
[learner]
algorithm = "ql"
approximation = "tabular"
loss = "squared-error"
optimizer = "sgd"
rate = 4.0
explore-from = 0.5
explore-to = 0.5
steps = 6000
[probe]
every = 6000
keep = "last"
[runtime]
precision = "double"
"""


def files_of(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.name != ".lock"}


def about_of(folder):
    return json.loads((folder / "trajectories.json").read_text())


def columns_of(folder):
    """All segments' columns, one behind the other."""
    segments = [load_file(folder / segment["file"]) for segment in about_of(folder)["segments"]]
    return {name: numpy.concatenate([segment[name] for segment in segments]) for name in segments[0]}


@pytest.fixture
def collect(crosstalk):
    def run(environment, transitions, *more, out="set", **settings):
        return crosstalk("trajectories", "collect", "--env", environment, *RANDOM, str(transitions), "--out", out, *more,
                         **settings)  # fmt: skip

    return run


@pytest.fixture(scope="module")
def cartpole(tmp_path_factory, cache):
    """A set of CartPole's, and its command; not to be changed."""
    command = Command(tmp_path_factory.mktemp("cartpole"), cache)
    command("trajectories", "collect", "--env", "gym:CartPole-v1", *RANDOM, "3000", "--out", "set")
    return command, command.folder / "set"


@pytest.fixture
def copied(crosstalk, cartpole):
    shutil.copytree(cartpole[1], crosstalk.folder / "set")
    return crosstalk.folder / "set"


def kept_by(command, algorithm, steps=1500):
    """The file that a short run of this algorithm keeps."""
    study = command.folder / f"{algorithm}.toml"
    study.write_text(AGENT.format(algorithm=algorithm, steps=steps))
    command("run", study, "--out", algorithm)
    (file,) = (command.folder / algorithm).glob(f"kept/*/{steps}.safetensors")
    return file


@pytest.fixture(scope="module")
def expert(tmp_path_factory, cache):
    return kept_by(Command(tmp_path_factory.mktemp("expert"), cache), "dqn")


def test_the_doctor_says_that_a_folder_holds_trajectories_and_reads_every_file(crosstalk, copied):
    said = crosstalk("doctor", "set")
    assert said.startswith("what          a set of stored trajectories\nenvironment   gym:CartPole-v1\n")
    assert said.split("\n", 1)[1] == crosstalk("trajectories", "info", "set", "--check")
    file = copied / "000000.safetensors"
    content = bytearray(file.read_bytes())
    content[-9] ^= 4
    file.write_bytes(content)
    assert "000000.safetensors does not have the contents" in crosstalk("doctor", "set", status=3)


def test_what_a_set_says_of_its_steps_is_compared_with_them(crosstalk, copied):
    about = about_of(copied)
    for changed, said in [
        ({"actions": 1}, "holds an action beyond 0 to 0"),
        ({"discount of values": 0.9}, "000000.safetensors has no values"),
        ({"scores": {"mean": 1.0}}, "000000.safetensors has no scores"),
        ({"observation": {**about["observation"], "extents": [5]}}, "000000.safetensors has observations of"),
    ]:
        (copied / "trajectories.json").write_text(json.dumps({**about, **changed}))
        assert crosstalk("trajectories", "info", "set")  # looks at no steps
        for look in (("trajectories", "info", "set", "--check"), ("doctor", "set")):
            assert said in " ".join(crosstalk(*look, status=3).split()), changed


def test_a_new_study_of_a_set_runs_as_it_is_written(crosstalk, copied):
    written = crosstalk("study", "new", "values.toml", "--trajectories", "set")
    assert "crosstalk run values.toml" in written
    assert '\ntrajectories = "set"\n' in (crosstalk.folder / "values.toml").read_text()
    short = ("--set", "learner.updates=2", "--set", "probe.every=2", "--set", "seeds=1")
    crosstalk("run", "values.toml", *short)
    assert "value_churn" in crosstalk("export", "results/values", "--format", "csv")
    said = crosstalk("study", "new", "other.toml", "--trajectories", "set", "--dataset", "digits", status=2)
    assert "--trajectories set needs no data, and --dataset digits was given too; leave one out" in said


@pytest.mark.parametrize("environment, transitions, more", [
    ("gym:CartPole-v1", 30_000, ()), ("atari:pong", 1_200, ("--ram", "--set", "task.episode-steps=150")),
])  # fmt: skip
def test_a_set_whose_collecting_was_killed_at_random_moments_has_the_bytes_of_an_undisturbed_one(
    crosstalk, collect, environment, transitions, more
):
    if environment.startswith("atari:"):
        pytest.importorskip("ale_py")
    collect(environment, transitions, *more, out="whole")
    often = (*more, "--checkpoint-seconds", "0.05")
    there, moments, killed = crosstalk.folder / "killed", random.Random(1), 0
    for _ in range(2):
        before = about_before(there)
        process = crosstalk.start("trajectories", "collect", "--env", environment, *RANDOM, str(transitions), "--out",
                                  "killed", *often, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # fmt: skip
        wait_for(lambda: process.poll() is not None or about_before(there) != before)  # noqa: B023
        killed += not wait(process, moments.uniform(0, 0.1))
        crosstalk.kill(process)
        process.wait()
    assert killed > 0, "each ended before its kill came"
    collect(environment, transitions, *often, out="killed")
    assert files_of(there) == files_of(crosstalk.folder / "whole")


def about_before(folder):
    try:
        return (folder / "trajectories.json").stat().st_mtime_ns
    except FileNotFoundError:
        return None


def wait(process, seconds):
    try:
        process.wait(seconds)
        return True
    except subprocess.TimeoutExpired:
        return False


def test_its_files_hold_whole_episodes_as_gymnasium_plays_them(cartpole):
    import gymnasium

    columns, about = columns_of(cartpole[1]), about_of(cartpole[1])
    assert about["complete"] and about["steps"] == len(columns["actions"]) <= 3000
    assert about["episodes"] == len(columns["lengths"]) == len(columns["seeds"])
    assert about["task"]["task.episode-steps"] and not {"task.sticky", "task.source", "task.width"} & set(about["task"])
    assert columns["lengths"].sum() == about["steps"]
    seen = columns["observations"].view(numpy.float32)
    assert len(seen) == about["steps"] + about["episodes"]
    game = gymnasium.make("CartPole-v1")
    step = moment = 0
    for length, seed in zip(columns["lengths"][:20], columns["seeds"]):
        shown, _ = game.reset(seed=int(seed))
        for _ in range(length):
            assert (seen[moment] == shown).all()
            shown, reward, terminated, truncated, _ = game.step(int(columns["actions"][step]))
            assert columns["rewards"][step] == reward
            assert (columns["terminations"][step], columns["truncations"][step]) == (terminated, truncated)
            step, moment = step + 1, moment + 1
        assert (seen[moment] == shown).all()
        moment += 1
    assert 0.45 < columns["actions"].mean() < 0.55


def test_a_games_memory_and_frames_are_those_of_the_console(crosstalk, collect):
    ale_py = pytest.importorskip("ale_py")
    collect("atari:breakout", 700, "--ram", "--set", "task.sticky=0.25")
    columns, about = columns_of(crosstalk.folder / "set"), about_of(crosstalk.folder / "set")
    assert about["frames"] == 4 and about["ram"] == 128 and about["versions"]["ale-py"] == ale_py.__version__
    console = ale_py.ALEInterface()
    console.setFloat("repeat_action_probability", 0.0)
    console.loadROM(ale_py.roms.get_rom_path("breakout"))
    step = moment = stuck = 0
    chosen = console.getMinimalActionSet()
    for length in columns["lengths"]:
        console.reset_game()
        assert (columns["ram"][moment] == console.getRAM()).all()
        for _ in range(length):
            executed = [action for action in columns["executed"][step] if action >= 0]
            score = sum(console.act(int(action)) for action in executed)
            stuck += any(action != chosen[columns["actions"][step]].value for action in executed)
            step, moment = step + 1, moment + 1
            assert columns["scores"][step - 1] == score
            assert (columns["ram"][moment] == console.getRAM()).all()
        assert console.game_over()
        moment += 1
    assert 0.1 < stuck / step < 0.5


def test_an_expert_acts_by_its_values_which_are_stored_beside_what_it_saw(crosstalk, expert):
    crosstalk("trajectories", "collect", "--env", "gym:CartPole-v1", "--expert", expert, "--epsilon", "0.2", "--transitions",
              "4000", "--seed", "3", "--out", "set")  # fmt: skip
    folder = crosstalk.folder / "set"
    columns, about, theta = columns_of(folder), about_of(folder), load_file(expert)
    assert (folder / "expert.safetensors").read_bytes() == expert.read_bytes()
    seen = torch.from_numpy(columns["observations"].view(numpy.float32))
    linear = torch.nn.functional.linear
    parameter = {name: torch.from_numpy(value) for name, value in theta.items()}
    first, last = (number for number in ("0", "2"))
    hidden = torch.tanh(linear(seen, shaped(parameter[f"{first}.weight"], 16, 4), parameter[f"{first}.bias"]))
    values = linear(hidden, shaped(parameter[f"{last}.weight"], 2, 16), parameter[f"{last}.bias"])
    assert torch.allclose(torch.from_numpy(columns["values"]), values, atol=1e-5)
    before = numpy.delete(
        columns["values"], columns["lengths"].cumsum() + numpy.arange(len(columns["lengths"])), axis=0
    )
    greedy = (before.argmax(1) == columns["actions"]).mean()
    assert abs(greedy - 0.9) < 4 * (0.9 * 0.1 / len(before)) ** 0.5  # half of the random actions are the same
    policy = about["policy"]
    assert (policy["kind"], policy["epsilon"], policy["algorithm"]) == ("expert", 0.2, "dqn")
    assert about["discount of values"] is not None
    said = crosstalk("trajectories", "info", "set", "--check")
    assert "an expert, epsilon 0.2" in said and policy["run"] in said
    (folder / "expert.safetensors").write_bytes(b"another")
    assert "expert.safetensors is gone or damaged" in crosstalk("trajectories", "info", "set", "--check", status=3)


def shaped(weight, outputs, inputs):
    return weight if weight.shape == (outputs, inputs) else weight.T


def test_an_expert_of_another_kind_is_refused_by_name(crosstalk, expert, cartpole, tmp_path):
    def refused(environment, file, *more, status=2):
        said = crosstalk("trajectories", "collect", "--env", environment, "--expert", file, "--transitions", "500", "--seed",
                         "1", "--out", "set", *more, status=status)  # fmt: skip
        assert not (crosstalk.folder / "set").exists()
        return " ".join(said.split())

    assert "learned in gym:CartPole-v1, and is to play gym:Acrobot-v1" in refused("gym:Acrobot-v1", expert)
    policy = kept_by(crosstalk, "reinforce")
    assert "learned by reinforce, whose outputs are no values" in refused("gym:CartPole-v1", policy)
    whole = expert.read_bytes()
    broken = tmp_path / "broken.safetensors"
    broken.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    assert "broken.safetensors" in (said := refused("gym:CartPole-v1", broken, status=3)) and "is damaged" in said
    broken.write_bytes(whole[:-20])
    assert "cut short" in refused("gym:CartPole-v1", broken, status=3)
    steps = next(cartpole[1].glob("0*.safetensors"))
    assert "is no file of a measurement that was kept" in refused("gym:CartPole-v1", steps, status=3)


def test_the_same_command_says_that_the_set_is_there_and_another_recipe_is_refused(crosstalk, collect, copied):
    before = files_of(copied)
    (copied / ".lock").unlink()
    assert "there already" in collect("gym:CartPole-v1", 3000)
    said = collect("gym:CartPole-v1", 4000, status=2)
    assert "requested is 4000, and was 3000" in said and "seed" not in said
    assert not (copied / ".lock").exists()  # nothing is written into a whole set, so that it may lie on a disk for reading
    said = collect("gym:Acrobot-v1", 3000, "--set", "task.episode-steps=70", status=2)
    assert "environment is" in said and "task.episode-steps is 70" in said
    assert files_of(copied) == before


def test_ctrl_c_ends_it_and_the_same_command_goes_on(crosstalk, collect):
    command = (
        "trajectories",
        "collect",
        "--env",
        "minatar:asterix",
        *RANDOM,
        "30000",
        "--checkpoint-seconds",
        "0.05",
        "--out",
    )
    process = crosstalk.start(*command, "set")
    wait_for(lambda: process.poll() is not None or (crosstalk.folder / "set/trajectories.json").exists())
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130, out + err
    assert "stopped" in out and "the same command goes on" in out
    about = about_of(crosstalk.folder / "set")
    assert not about["complete"]
    assert "complete      no" in crosstalk("trajectories", "info", "set")
    crosstalk(*command, "set")
    crosstalk(*command, "whole")
    assert files_of(crosstalk.folder / "set") == files_of(crosstalk.folder / "whole")


def test_two_at_once_in_one_folder(crosstalk, collect):
    process = crosstalk.start(
        "trajectories", "collect", "--env", "gym:CartPole-v1", *RANDOM, "100000000", "--out", "set"
    )
    wait_for(lambda: (crosstalk.folder / "set/.lock").exists() and (crosstalk.folder / "set/.lock").read_text())
    said = " ".join(collect("gym:CartPole-v1", 100, status=5).split())
    assert f"process {process.pid} on" in said and "`crosstalk trajectories info set`" in said
    assert f"process {process.pid} on" in crosstalk("trajectories", "info", "set")
    crosstalk.kill(process)
    process.wait()


def test_a_full_disk_ends_it_in_words_and_it_goes_on_once_there_is_room(crosstalk, collect):
    small = crosstalk.folder / "small"
    small.mkdir()
    mount = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=200k", "tmpfs", small], check=False, capture_output=True
    )
    if mount.returncode != 0:
        pytest.skip("a small disk may not be mounted here")
    try:
        often = ("--checkpoint-seconds", "0.01")
        said = " ".join(collect("gym:CartPole-v1", 20_000, *often, out="small/set", status=5).split())
        assert "small/set" in said and "No space left on device. Make room and run the same command again." in said
        assert "transitions" in crosstalk("trajectories", "info", "small/set")
        subprocess.run(["mount", "-o", "remount,size=20m", small], check=True)
        collect("gym:CartPole-v1", 20_000, out="small/set")
        collect("gym:CartPole-v1", 20_000, out="whole")
        assert files_of(small / "set") == files_of(crosstalk.folder / "whole")
    finally:
        subprocess.run(["umount", small], check=True)


def test_info_says_the_spread_of_the_episodes_and_the_size_on_the_disk(cartpole):
    command, folder = cartpole
    said = command("trajectories", "info", "set")
    lengths = columns_of(folder)["lengths"]
    returns = re.search(r"^return +(\S+) \(deviation (\S+); (\S+) to (\S+)\)$", said, re.MULTILINE).groups()
    exact = (lengths.mean(), lengths.std(ddof=1), lengths.min(), lengths.max())
    assert [float(number) for number in returns] == pytest.approx(exact, rel=0.01)
    assert f"\nepisodes      {len(lengths):,}\n" in said and "\nmemory        none\n" in said
    assert re.search("^digest +[0-9a-f]{64}$", said, re.MULTILINE) and "complete      yes" in said
    assert "as their digests say" in command("trajectories", "info", "set", "--check")


def test_info_names_a_damaged_file(crosstalk, copied):
    file = copied / "000000.safetensors"
    whole = file.read_bytes()
    file.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    assert crosstalk("trajectories", "info", "set")  # looks at no contents
    said = " ".join(crosstalk("trajectories", "info", "set", "--check", status=3).split())
    assert "000000.safetensors does not have the contents that its digest stands for" in said
    file.write_bytes(whole[:-1])
    assert "bytes long where" in crosstalk("trajectories", "info", "set", status=3)
    file.unlink()
    assert "cannot be read" in crosstalk("trajectories", "info", "set", status=3)
    (copied / "trajectories.json").write_text("{}")
    assert 'does not say "what"' in crosstalk("trajectories", "info", "set", status=3)
    assert "holds no trajectories.json" in crosstalk("trajectories", "info", ".", status=3)
    assert "is not there" in crosstalk("trajectories", "info", "nowhere", status=3)


@pytest.mark.parametrize("arguments, said", [
    (("--env", "baird", "--policy", "random"), "trajectories are collected in"),
    (("--env", "gym:Nothing-v0", "--policy", "random"), "has no environment Nothing-v0"),
    (("--env", "gym:CartPole-v1"), "say who acts"),
    (("--env", "gym:CartPole-v1", "--policy", "random", "--expert", "a"), "say who acts"),
    (("--env", "gym:CartPole-v1", "--policy", "cunning"), "--policy cunning"),
    (("--env", "gym:CartPole-v1", "--policy", "random", "--epsilon", "0.1"), "--epsilon goes with --expert"),
    (("--env", "gym:CartPole-v1", "--policy", "random", "--ram"), "no console whose memory"),
    (("--env", "gym:CartPole-v1", "--policy", "random", "--set", "learner.rate=1"), "keys of the task"),
    (("--env", "gym:CartPole-v1", "--policy", "random", "--set", "task.sticky=0.5"), "task.sticky"),
    (("--env", "gym:CartPole-v1", "--policy", "random", "--set", "task.episode-steps=[1,2]"), "one value"),
    (("--env", "gym:CartPole-v1", "--policy", "random", "--set", "task.environment=a"), "--env"),
    (("--env", "gym:nofile.py:Nobody", "--policy", "random"), "nofile.py"),
])  # fmt: skip
def test_what_cannot_be_collected_is_refused_and_leaves_no_folder(crosstalk, arguments, said):
    process = crosstalk.start(
        "trajectories", "collect", *arguments, "--transitions", "500", "--seed", "1", "--out", "set"
    )
    _, error = process.communicate(timeout=60)
    text = " ".join(error.split())
    assert process.returncode in (2, 4) and said in text, text
    assert not (crosstalk.folder / "set").exists()


def test_a_folder_of_something_else_is_left_alone(crosstalk, collect):
    (crosstalk.folder / "set").mkdir()
    (crosstalk.folder / "set/thesis.txt").write_text("mine")
    assert "thesis.txt" in collect("gym:CartPole-v1", 100, status=5)
    assert os.listdir(crosstalk.folder / "set") == ["thesis.txt"]


def test_fewer_transitions_than_an_episode_has_are_refused(crosstalk, collect):
    assert "Ask for more, or give a smaller task.episode-steps." in collect("gym:CartPole-v1", 3, status=2)
    said = collect("random-walk", 1, status=2)
    assert "--transitions 1: the first episode" in said and "task.episode-steps" not in said
    assert not (crosstalk.folder / "set").exists()


def test_a_class_of_ones_own_can_be_played(crosstalk, collect):
    (crosstalk.folder / "arms.py").write_text(
        "import gymnasium, numpy\n"
        "class Arms(gymnasium.Env):\n"
        "    action_space = gymnasium.spaces.Discrete(2)\n"
        "    observation_space = gymnasium.spaces.Box(0, 1, (2, 3, 2), numpy.float32)\n"
        "    def reset(self, *, seed=None, options=None):\n"
        "        super().reset(seed=seed)\n"
        "        return self.np_random.random((2, 3, 2), numpy.float32), {}\n"
        "    def step(self, action):\n"
        "        return self.np_random.random((2, 3, 2), numpy.float32), float(action), self.np_random.random() < 0.2, False, {}\n"
    )
    collect("gym:arms.py:Arms", 500)
    about = about_of(crosstalk.folder / "set")
    assert about["observation"]["extents"] == [2, 3, 2] and about["observation"]["kept"] == "single"
    assert about["task"] and "task.environment" not in about["task"]
    assert "there already" in collect("gym:arms.py:Arms", 500)
    file = crosstalk.folder / "arms.py"
    file.write_text(file.read_text() + "# another\n")
    assert "class is" in collect("gym:arms.py:Arms", 500, status=2)


def test_files_of_ones_own_are_left_alone_in_a_folder_that_is_no_set(crosstalk, tmp_path):
    folder = tmp_path / "mine"
    folder.mkdir()
    own = {"gathered-notes.txt": "notes", "000000.safetensors": "weights"}
    for name, text in own.items():
        (folder / name).write_text(text)
    random = ("--env", "gym:CartPole-v1", "--policy", "random", "--transitions", "200", "--seed", "1")
    refused = crosstalk("trajectories", "collect", *random, "--out", folder, status=5)
    assert "it is no set of trajectories, or has lost that file" in refused
    assert {path.name: path.read_text() for path in folder.iterdir()} == own


def test_a_set_that_has_lost_what_says_what_it_is_is_left_alone(crosstalk, collect, tmp_path):
    collect("gym:CartPole-v1", 200)
    folder = tmp_path / "set"
    (folder / "trajectories.json").unlink()
    left = {path.name: path.read_bytes() for path in folder.iterdir()}
    said = collect("gym:CartPole-v1", 200, status=5)
    assert "has lost that file. Put it back" in said
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == left


def test_a_complete_set_needs_its_expert_no_more(crosstalk, expert, tmp_path):
    shutil.copy(expert, tmp_path / "mine.safetensors")
    command = ("trajectories", "collect", "--env", "gym:CartPole-v1", "--expert", "mine.safetensors", "--transitions",
               "300", "--seed", "3", "--out", "set")  # fmt: skip
    crosstalk(*command)
    (tmp_path / "mine.safetensors").unlink()
    assert "there already" in crosstalk(*command)
    shutil.copy(expert, tmp_path / "mine.safetensors")
    (tmp_path / "set" / "expert.safetensors").unlink()
    os.mkfifo(tmp_path / "set" / "expert.safetensors")  # nobody waits for who writes it
    assert "there already" in crosstalk(*command)
    assert "is gone or damaged" in crosstalk("trajectories", "info", "set", "--check", status=3)
    (tmp_path / "mine.safetensors").unlink()
    (tmp_path / "set" / "trajectories.json").unlink()
    assert "mine.safetensors is not there" in crosstalk(*command, status=2)


def test_an_exact_environment_is_collected_and_its_table_has_the_true_values(crosstalk, tmp_path):
    """Cells of a 5 x 5 grid as unit vectors, zeros once the goal is reached. The values of a table that was learned there are
    those of the shortest way: -(1 - gamma^n) / (1 - gamma) with n steps to go from the cell behind an action. In double precision
    and with a step of half the way they are exact to far below 1e-9; the file keeps them in single precision, hence 1e-5."""
    (tmp_path / "table.toml").write_text(TABLE)
    crosstalk("run", "table.toml")
    crosstalk("trajectories", "collect", "--env", "gridworld", "--expert", "results/table", "--epsilon", "0.5", "--transitions", "400",
              "--seed", "1", "--out", "set")  # fmt: skip
    held = columns_of(tmp_path / "set")
    shown = held["observations"].copy().view(numpy.float64).reshape(-1, 24)
    ends = numpy.cumsum(held["lengths"] + 1) - 1
    ended = held["terminations"][numpy.cumsum(held["lengths"]) - 1] == 1
    assert (shown[ends[ended]] == 0).all() and ended.any()
    inside = numpy.ones(len(shown), bool)
    inside[ends[ended]] = False
    assert (shown[inside].sum(1) == 1).all()
    assert (held["rewards"] == -1).all()
    cells = shown[inside].argmax(1)
    row, column = cells // 5, cells % 5
    moves = [(-1, 0), (1, 0), (0, -1), (0, 1)]
    for action, (down, right) in enumerate(moves):
        to_go = 8 - numpy.clip(row + down, 0, 4) - numpy.clip(column + right, 0, 4) + 1
        expected = -(1 - 0.99**to_go) / (1 - 0.99)
        assert numpy.abs(held["values"][inside][:, action] - expected).max() < 1e-5
    said = crosstalk("trajectories", "collect", "--env", "gridworld", "--expert", "results/table", "--set", "task.width=4",
                     "--transitions", "400", "--seed", "1", "--out", "other", status=2)  # fmt: skip
    assert "learned with task.width = 5, and is to play with 4" in " ".join(said.split())
    crosstalk("run", "table.toml", "--set", "task.width=[2, 5]", "--set", "learner.steps=300", "--set", "probe.every=300", "--out", "two")
    crosstalk("trajectories", "collect", "--env", "gridworld", "--expert", "two", "--set", "task.width=5", "--transitions", "900",
              "--seed", "1", "--out", "wide")  # fmt: skip
    assert about_of(tmp_path / "wide")["task"]["task.width"] == 5  # though those of two columns earn more

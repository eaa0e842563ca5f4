"""Studies in Atari games, as a user runs them."""

import pytest

pytest.importorskip("ale_py")

SHORT = """
seeds = 1
[task]
environment = "atari:asterix"
frame-skip = 20
[network]
layers = ["conv 8 8 stride 8", "relu", "flatten", "linear 16", "relu", "linear out"]
[learner]
steps = {steps}
start = 50
update-every = 4
replay = {replay}
explore-after = 0
explore-steps = 100
target-every = 10
[probe]
every = 100
samples = 4
episodes = 1
"""


@pytest.fixture
def short(tmp_path):
    def write(steps=200, replay=100):
        file = tmp_path / "short.toml"
        file.write_text(SHORT.format(steps=steps, replay=replay))
        return file

    return write


NOISY = '["conv 8 8 stride 8", "relu", "flatten", "linear 16 noisy 0.5", "relu", "linear out noisy 0.5"]'
STORED = """
seeds = 1
[task]
trajectories = "set"
[network]
layers = ["conv 8 8 stride 8", "relu", "flatten", "linear 16", "relu", "linear out"]
[learner]
algorithm = "dqn"
updates = 400
target-every = 20
[probe]
every = 100
samples = 4
"""


@pytest.mark.parametrize("replay", [100, 10_000], ids=["in the checkpoint", "in files beside it"])
@pytest.mark.parametrize(
    "learner", [(), ("--set", "learner.algorithm=rainbow", "--set", f"network.layers={NOISY}")], ids=["dqn", "rainbow"]
)
def test_a_run_killed_at_random_moments_ends_with_the_rows_of_an_undisturbed_one(crosstalk, short, learner, replay):
    killed, whole = crosstalk.killed_and_whole(short(400, replay), *learner, times=2, seed=2, every=0.1)
    assert killed == whole
    assert not list((crosstalk.folder / "killed" / "checkpoints").iterdir())


def test_a_killed_run_from_stored_steps_ends_with_the_rows_of_an_undisturbed_one(crosstalk, tmp_path):
    crosstalk("trajectories", "collect", "--env", "atari:asterix", "--policy", "random", "--set", "task.frame-skip=20",
              "--transitions", "400", "--seed", "1", "--out", "set")  # fmt: skip
    (tmp_path / "stored.toml").write_text(STORED)
    killed, whole = crosstalk.killed_and_whole(tmp_path / "stored.toml", times=2, seed=2, every=0.1)
    assert killed == whole


def test_its_return_is_the_games_own_score_and_the_clipped_one_stands_beside(crosstalk, short):
    crosstalk("run", short(), "--set", "probe.episodes=2", "--out", "a")
    rows = [line.split(",") for line in crosstalk.export("a").splitlines()]
    values = {
        name: [float(row[-1]) for row in rows if name in row] for name in ("return", "return.clipped", "return.random")
    }
    assert len(values["return"]) == len(values["return.clipped"]) == 3 and len(values["return.random"]) == 1
    # Each thing that is caught in Asterix is worth 50 points or more and one in the clipped return.
    assert all(own >= 50 * clipped for own, clipped in zip(values["return"], values["return.clipped"]))
    assert values["return.random"][0] > 0


def test_the_usual_network_learns_from_what_is_seen(crosstalk, short):
    said = ["--set", 'network.layers=["by-observation"]', "--set", "learner.steps=120", "--set", "learner.start=64"]
    crosstalk("run", short(), *said, "--set", "probe.every=60", "--out", "a")
    assert ",td_error,seen," in crosstalk.export("a")


@pytest.mark.parametrize(
    "change, words",
    [
        ("task.environment=atari:asterx", "has no game asterx; did you mean asterix"),
        ("task.sticky=1.5", "a number from 0 to 1"),
        ("task.frame-skip=0", "an integer from 1"),
        ("task.environment=gym:CartPole-v1", "task.frame-skip counts only with task.environment = "),
    ],
)
def test_what_cannot_be_played_is_refused_before_anything_runs(crosstalk, short, change, words):
    said = crosstalk("run", short(), "--set", change, "--out", "a", status=2)
    assert words in said and said.count("crosstalk: ") == 1

"""Agents from the command line: interrupted or not, their rows are the same; what they cannot run on is refused."""

import shutil

import pytest
from command import wait_for
from test_refusals import refused
from test_run import rows_of

STUDY = """
[task]
dataset = "{dataset}"
kind = "windowed"
examples = 20
[network]
hidden = 2
depth = 0
[learner]
algorithm = "{algorithm}"
steps = {steps}
{more}
[probe]
every = 100
samples = 16
episodes = 8
"""
DOUBLE_DQN = "start = 50\nbatch = 16\nreplay = 300\nexplore-steps = 400"


@pytest.fixture
def agent(crosstalk):
    """Writes a study of one agent; its file's name."""

    def write(algorithm="double-dqn", steps=1500, dataset="digits"):
        more = DOUBLE_DQN if algorithm == "double-dqn" else "rate = 1e-3"
        text = STUDY.format(algorithm=algorithm, steps=steps, dataset=dataset, more=more)
        (crosstalk.folder / f"{algorithm}.toml").write_text(text)
        return f"{algorithm}.toml"

    return write


def test_who_learns_from_another_agents_life_is_killed_and_goes_on_to_the_same_rows(crosstalk, agent):
    file, often = agent(steps=2500), ("--checkpoint-seconds", "0.05", "--jobs", "2")
    behaviours = ("--set", 'task.behaviour=["life", "shuffled", "final"]')
    crosstalk("run", file, *behaviours, "--out", "undisturbed")
    killed = sum(
        crosstalk.kill_after(seconds, "run", file, *behaviours, "--out", "a", *often) for seconds in (1.2, 1.8, 2.6)
    )
    said = crosstalk("run", file, *behaviours, "--out", "a", *often)
    assert killed > 0, said
    assert crosstalk.export("a") == crosstalk.export("undisturbed")
    (life,) = (crosstalk.folder / "a/checkpoints/lives").iterdir()  # the three learn from one agent
    assert life.read_bytes() == next((crosstalk.folder / "undisturbed/checkpoints/lives").iterdir()).read_bytes()
    others = ("--set", 'learner.algorithm=["mc", "td-lambda", "reg"]', "--set", "task.behaviour=final")
    text = (crosstalk.folder / file).read_text().replace('algorithm = "double-dqn"\n', "")
    (crosstalk.folder / "others.toml").write_text(text)
    assert "3 of 3 runs are done" in crosstalk("run", "others.toml", *others, "--out", "b")


@pytest.mark.parametrize("algorithm", ["double-dqn", "reinforce"])
def test_kills_at_odd_moments_leave_the_same_rows(crosstalk, agent, algorithm):
    file, often = agent(algorithm, steps=6000), ("--checkpoint-seconds", "0.05")  # long enough to be killed
    crosstalk("run", file, "--out", "undisturbed")
    killed = sum(crosstalk.kill_after(seconds, "run", file, "--out", "a", *often) for seconds in (0.8, 1.3, 1.7, 2.1))
    said = crosstalk("run", file, "--out", "a", *often)
    assert killed > 0, said
    wanted = crosstalk.export("undisturbed")
    assert crosstalk.export("a") == wanted
    measures = {row["measure"] for row in rows_of(wanted)}
    assert {
        "reward",
        "reward.blind",
        "first_guess",
        "gap",
        "gap_accuracy",
        "gap_first_guess",
        "policy_churn",
        "stiffness.zero",
    } <= measures
    assert ("value_churn" in measures) == (algorithm == "double-dqn")
    interference = {int(row["step"]) for row in rows_of(wanted) if row["measure"] == "function_interference"}
    assert 0 not in interference and {1400, 6000} <= interference  # from the first update to after the last
    assert max(int(row["step"]) for row in rows_of(wanted) if row["measure"] == "policy_churn") == 5900


def test_the_observations_of_the_published_code_make_other_runs(crosstalk, agent):
    crosstalk("run", agent(steps=300), "--set", "task.observation=[paper,aliased]", "--out", "a")
    ends = {row["task.observation"]: row["value"] for row in rows_of(crosstalk.export("a"))
            if row["measure"] == "loss" and row["split"] == "train" and row["step"] == "200"}  # fmt: skip
    assert len(ends) == 2 and ends["paper"] != ends["aliased"]


def test_every_loss_of_a_td_error_is_learned_by_to_the_end(crosstalk, agent):
    crosstalk("run", agent(steps=300), "--set", "learner.loss=[smooth-l1,squared-error,huber]", "--out", "a")
    ends = {row["learner.loss"]: float(row["value"]) for row in rows_of(crosstalk.export("a"))
            if row["measure"] == "value_churn" and row["split"] == "train" and row["step"] == "200"}  # fmt: skip
    assert set(ends) == {"smooth-l1", "squared-error", "huber"} and all(0 < end < 10 for end in ends.values())
    assert len(set(ends.values())) == 3, "two of them learn the same"
    assert {row["step"] for row in rows_of(crosstalk.export("a"))} == {"0", "100", "200", "300"}


def test_images_of_another_shape(crosstalk, agent):
    from PIL import Image

    for split, count in (("train", 24), ("test", 4)):
        for kind in ("cats", "dogs"):
            folder = crosstalk.folder / "pets" / split / kind
            folder.mkdir(parents=True)
            for i in range(count):
                Image.new("RGB", (16, 16), (i, 0, 0)).save(folder / f"{i}.png")
    refused(crosstalk, "run", agent(dataset="./pets"), "--out", "a", kind=2, words=["3 x 16 x 16", "3 x 32 x 32"])
    assert not (crosstalk.folder / "a").exists(), "something was begun"


def test_more_seeds_than_images_and_a_replay_smaller_than_a_batch(crosstalk, agent):
    refused(crosstalk, "run", agent(), "--set", "task.examples=2000", "--out", "a", kind=2,
            words=["task.examples = 2,000", "1,437 training rows"])  # fmt: skip
    refused(crosstalk, "run", agent(), "--set", "learner.replay=10", "--out", "a", kind=2,
            words=["learner.replay", "10", "16"])  # fmt: skip
    refused(crosstalk, "run", agent(), "--set", "task.dataset=california", "--out", "a", kind=2,
            words=["windowed", "california", "digits"])  # fmt: skip
    assert not (crosstalk.folder / "a").exists(), "something was begun"


def test_checkpoints_that_are_cut_or_of_another_configuration(crosstalk, agent):
    for out, steps in (("a", 200_000), ("b", 300_000)):
        process = crosstalk.start("run", agent(steps=steps), "--out", out, "--checkpoint-seconds", "0.05")
        wait_for(lambda: list((crosstalk.folder / out / "checkpoints").glob("*.safetensors")))
        crosstalk.kill(process)
        process.communicate()
    (a,), (b,) = (list((crosstalk.folder / out / "checkpoints").glob("*.safetensors")) for out in ("a", "b"))
    whole = a.read_bytes()
    shutil.copy(b, a)
    said = crosstalk("run", agent(steps=200_000), "--out", "a", status=None)
    assert "is a checkpoint of run" in said and b.name.split(".")[0] in said and "Remove it" in said, said
    a.write_bytes(whole[: len(whole) // 2])
    process = crosstalk.start("run", agent(steps=200_000), "--out", "a")
    said = next(line for line in process.stderr if "begun anew" in line)
    crosstalk.kill(process)
    process.communicate()
    assert str(a) in said and "cut short" in said, said

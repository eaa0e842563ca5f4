"""Studies in environments from Python, as a user runs them."""

import os
import re
from pathlib import Path

import pytest
from command import checkpoints, wait_for

pytest.importorskip("gymnasium")
pytest.importorskip("minatar")

PAGE = (Path(__file__).resolve().parents[2] / "docs/environments.md").read_text()
SHORT = """
seeds = 1
[task]
environment = "{environment}"
[learner]
steps = {steps}
start = 100
batch = 32
explore-after = 0
explore-steps = 500
[probe]
every = 400
samples = 16
episodes = 2
"""
MOODY = """
import gymnasium, numpy
class Moody(gymnasium.Env):
    action_space = gymnasium.spaces.Discrete(2)
    observation_space = gymnasium.spaces.Box(0, 1, (1,), float)
    random = numpy.random.default_rng()
    def reset(self, *, seed=None, options=None):
        return self.random.random(1), {}
    def step(self, action):
        return self.random.random(1), float(action), self.random.random() < 0.02, False, {}
"""


ARMS = """
import gymnasium, numpy
class Arms(gymnasium.Env):
    action_space = gymnasium.spaces.Discrete(2)
    observation_space = gymnasium.spaces.Box(0, 1, (16,), numpy.float32)
    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)  # the level says which action pays, and shows noise that is its own
        self.pays = int(self.np_random.integers(2))
        self.seen = self.np_random.integers(2, size=16).astype(numpy.float32)
        return self.seen, {}
    def step(self, action):
        return self.seen, float(action == self.pays), True, False, {}
"""


@pytest.fixture
def written(tmp_path):
    """Writes a study in an environment, and files beside it."""

    def write(environment, steps=1500, **files):
        for name, text in files.items():
            (tmp_path / f"{name}.py").write_text(text)
        file = tmp_path / "short.toml"
        file.write_text(SHORT.format(environment=environment, steps=steps))
        return file

    return write


@pytest.mark.parametrize("environment", ["gym:CartPole-v1", "minatar:breakout"])
def test_a_run_killed_at_random_moments_ends_with_the_rows_of_an_undisturbed_one(crosstalk, written, environment):
    killed, whole = crosstalk.killed_and_whole(written(environment, 4000), times=3, seed=1, every=0.05)
    assert killed == whole
    assert ",return,evaluation," in whole


def test_a_run_that_another_version_of_its_environment_goes_on_with_is_marked(crosstalk, written, tmp_path):
    file = written("gym:CartPole-v1", 20000)
    options = ("--out", "a", "--jobs", "1", "--checkpoint-seconds", "0.2")
    process = crosstalk.start("run", file, *options)
    wait_for(lambda: checkpoints(tmp_path / "a"))
    process.kill()
    process.wait()
    known = re.search(r"packages (gymnasium \S+ \+ numpy [^\s,]+)", crosstalk("doctor", "a", status=None))[1]
    another = tmp_path / "another/gymnasium-99.0.dist-info"
    another.mkdir(parents=True)
    (another / "METADATA").write_text("Metadata-Version: 2.1\nName: gymnasium\nVersion: 99.0\n")
    path = f"{another.parent}:{crosstalk.environment.get('PYTHONPATH', '')}"
    out, err = crosstalk.start("run", "a", *options[2:], env=crosstalk.environment | {"PYTHONPATH": path}).communicate()
    assert "1 of 1 run is done" in out, out + err
    assert "1 was gone on with by other versions of torch or of an environment's packages" in crosstalk("status", "a")
    assert "packages gymnasium 99.0 + numpy" in crosstalk("doctor", "a") and "99.0" not in known


def blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


def test_an_environment_of_ones_own_goes_from_nothing_to_a_report_as_the_page_says(crosstalk):
    (room,) = [text for text in blocks("python") if "class Room" in text]
    (study,) = [text for text in blocks("toml") if "room.py" in text]
    (crosstalk.folder / "room.py").write_text(room)
    (crosstalk.folder / "room.toml").write_text(study)
    crosstalk("run", "room.toml")
    crosstalk("report", "results/room", "--format", "html")
    page = (crosstalk.folder / "results/room/report.html").read_text()
    assert "gym:room.py:Room" in page
    returns = [line for line in crosstalk.export("results/room").splitlines() if ",return,evaluation," in line]
    assert float(returns[-1].rsplit(",", 1)[1]) == pytest.approx(0.7), "the way to the door is learned: 1 - 3 x 0.1"
    assert "SHA-256" in crosstalk("doctor", "results/room")
    # Another file by the same name is another environment.
    (crosstalk.folder / "room.py").write_text(room.replace("-0.1", "-0.2"))
    said = crosstalk("run", "results/room", status=3)
    assert "is not what these results were computed with" in said and "Room" in said
    (crosstalk.folder / "room.py").unlink()
    said = crosstalk("run", "room.toml", "--out", "again", status=2)
    assert "room.py" in said and "begins at the study file's folder" in said


def test_a_study_that_is_joined_finds_the_class_beside_the_file_that_names_it(crosstalk, written):
    inner = crosstalk.folder / "inner"
    inner.mkdir()
    written("gym:./moody.py:Moody").rename(inner / "short.toml")
    (inner / "moody.py").write_text(MOODY)
    (crosstalk.folder / "outer.toml").write_text('include = ["inner/short.toml"]\n')
    assert '"gym:inner/moody.py:Moody"' in crosstalk("study", "show", "outer.toml")
    crosstalk("run", "outer.toml", "--set", "learner.steps=300", "--out", "a")


def test_levels_that_say_nothing_of_others_are_learned_by_heart_and_the_gap_says_how_far(crosstalk, written):
    study = written("gym:./arms.py:Arms", arms=ARMS)
    few = ("--set", "task.train-levels=4", "--set", "probe.episodes=100", "--set", "seeds=2")
    crosstalk("run", study, *few, "--out", "few")
    rows = {}
    for line in crosstalk.export("few").splitlines()[1:]:
        run, _, _, step, measure, split, value = line.split(",")[:7]
        rows[run, int(step), measure, split] = float(value)
    gaps = {key: value for key, value in rows.items() if key[2] == "gap"}
    assert len(gaps) == 2 * 5, "at 0, 400, 800, 1,200 and 1,500"
    for (run, step, _, split), gap in gaps.items():
        train, test = (rows[run, step, "return", half] for half in ("train", "test"))
        assert split == "train-test" and gap == pytest.approx(train - test, abs=1e-12)
        if step == 1500:  # each of four levels is known; of the others as many pay by either action
            assert train == 1 and 0.3 < test < 0.7
    for half in ("train", "test"):
        assert sum(key[1:] == (0, "return.random", half) for key in rows) == 2
    said = crosstalk("run", study, "--set", "task.environment=gridworld", *few, "--out", "grid", status=2)
    assert "task.train-levels counts only where an episode's seed is its level" in said


def test_one_that_takes_no_notice_of_its_seed_is_said_once_and_is_gone_on_with(crosstalk, written):
    study = written("gym:./moody.py:Moody", moody=MOODY)
    process = crosstalk.start("run", study, "--set", "seeds=2", "--set", "learner.steps=3000", "--out", "a", "--jobs", "1",
                              "--checkpoint-seconds", "0.05")  # fmt: skip
    wait_for(lambda: list((crosstalk.folder / "a/checkpoints").glob("*.safetensors")))
    crosstalk.kill(process)
    process.communicate()
    process = crosstalk.start("run", study, "--set", "seeds=2", "--set", "learner.steps=3000", "--out", "a")
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, out + err
    assert (out + err).count("shows another episode when it is reset with the same seed") == 1
    assert "2 act in an environment that begins other episodes by the same seed" in crosstalk("status", "a")


def test_a_package_that_is_missing_is_said_once_with_what_to_install(crosstalk, written, tmp_path, monkeypatch):
    for package, environment in (
        ("gymnasium", "gym:CartPole-v1"),
        ("minatar", "minatar:breakout"),
        ("ale_py", "atari:asterix"),
    ):
        hidden = tmp_path / f"without-{package}"
        hidden.mkdir()
        (hidden / f"{package}.py").write_text(
            f"raise ModuleNotFoundError('No module named {package}', name='{package}')"
        )
        monkeypatch.setitem(crosstalk.environment, "PYTHONPATH", str(hidden))
        said = crosstalk("run", written(environment), "--set", "seeds=3", "--out", package, status=4)
        said_so = f"{package} is not installed: pip install {package.replace('_', '-')}"
        assert said.count(said_so) == 1


@pytest.mark.parametrize(
    "environment, words",
    [
        ("gym:CartPol-v1", "did you mean CartPole-v1"),
        ("gym:Pendulum-v1", "where one discrete choice is needed"),
        ("minatar:pong", "MinAtar has no game pong; there are asterix"),
        ("gym:", 'task.environment = "gym:"'),
        ("gim:CartPole-v1", '"gym:NAME", "minatar:NAME" or "atari:NAME" is expected'),
        ("gym:./moody.py", "which class of the file"),
        ("gym:./nowhere.py:Moody", "nowhere.py"),
        ("gym:./moody.py:Mody", "moody.py has no class Mody; did you mean Moody?"),
    ],
)
def test_what_is_not_there_is_refused_before_anything_runs(crosstalk, written, environment, words):
    said = crosstalk("run", written(environment, moody=MOODY), "--set", "seeds=3", "--out", "a", status=2)
    assert words in said and said.count("crosstalk: ") == 1
    assert "done" not in crosstalk("status", "a", status=None) or "0 of" in crosstalk("status", "a", status=None)


def test_tables_of_states_and_features_are_for_exact_environments(crosstalk, written):
    for approximation, goes_with in (("tabular", "random-walk"), ("linear", "baird")):
        said = crosstalk("run", written("gym:CartPole-v1"), "--set", f"learner.approximation={approximation}", status=2)
        assert "goes only with task.environment = " in said and goes_with in said


def test_an_image_without_a_usual_network_is_refused_with_the_key_that_says_one(crosstalk, written):
    picture = MOODY.replace("(1,), float", "(12, 12, 3), numpy.uint8").replace(
        "self.random.random(1)", "self.random.integers(0, 255, (12, 12, 3), numpy.uint8)"
    )
    said = crosstalk("run", written("gym:./moody.py:Moody", moody=picture), status=2)
    assert "images of 3 x 12 x 12" in said and "network.layers = [" in said
    layers = '["conv 4 3 stride 2", "relu", "flatten", "linear out"]'
    crosstalk(
        "run", written("gym:./moody.py:Moody", 300, moody=picture), "--set", f"network.layers={layers}", "--out", "a"
    )


def test_evaluation_episodes_that_were_cut_are_said_once_and_in_the_report(crosstalk, written):
    endless = MOODY.replace("self.random.random() < 0.02", "False")
    for folder, text, cut in (("a", endless, True), ("b", MOODY.replace("0.02", "0.9"), False)):
        study = written("gym:./moody.py:Moody", 500, moody=text)
        less = ("--set", "seeds=2", "--set", "task.episode-steps=40", "--jobs", "1", "--out", folder)
        process = crosstalk.start("run", study, *less)
        out, err = process.communicate(timeout=120)
        assert process.returncode == 0, out + err
        assert (out + err).count("evaluation episodes were cut after task.episode-steps = 40 steps") == cut
        assert ("= 40 steps, first at step 0: their return is what was earned until then" in out + err) == cut
        assert ("2 have evaluation episodes that were cut" in crosstalk("status", folder)) == cut
        crosstalk("report", folder, "--format", "html")
        page = (crosstalk.folder / folder / "report.html").read_text()
        assert ("in 2 runs evaluation episodes were cut" in page) == cut


def test_an_algorithm_sweep_says_what_else_differs_before_it_begins_and_in_its_report(crosstalk, written):
    study = written("gym:./moody.py:Moody", 300, moody=MOODY)
    sweep = ("--set", 'learner.algorithm=["dqn", "residual"]')
    process = crosstalk.start("run", study, *sweep, "--out", "a")
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0 and err.count("note: also differ with learner.algorithm (") == 1, out + err
    (said,) = [line for line in err.splitlines() if line.startswith("  learner.loss: ")]
    for algorithm in ("dqn", "residual"):
        shown = crosstalk("study", "show", study, "--set", f"learner.algorithm={algorithm}")
        (loss,) = [line.split()[1] for line in shown.splitlines() if line.startswith("learner.loss ")]
        assert f"{loss} ({algorithm})" in said
    crosstalk("report", "a", "--format", "html")
    page = (crosstalk.folder / "a/report.html").read_text()
    assert "also differ with" in page and said.strip() in page.replace("&quot;", '"').replace("&#34;", '"')
    held = crosstalk.start("run", study, *sweep, "--set", "learner.loss=squared-error", "--plan")
    assert "learner.loss" not in held.communicate(timeout=120)[1]


BESIDE = ARMS.replace("float(action == self.pays)", "level.PAYS").replace("import gymnasium", "import level, gymnasium")


@pytest.mark.parametrize("order", [("a", "b"), ("b", "a")])
def test_classes_of_two_folders_have_their_own_neighbours_whatever_the_number_of_jobs(crosstalk, written, order):
    pays = {"a": 1.0, "b": 5.0}
    for folder, paid in pays.items():
        (crosstalk.folder / folder).mkdir()
        (crosstalk.folder / folder / "arms.py").write_text(BESIDE)
        (crosstalk.folder / folder / "level.py").write_text(f"PAYS = {paid}\n")
    names = ", ".join(f'"gym:{folder}/arms.py:Arms"' for folder in order)
    crosstalk(
        "run", written("gym:a/arms.py:Arms", 300), "--set", f"task.environment=[{names}]", "--out", "one", "--jobs", "1"
    )
    rows = [line for line in crosstalk.export("one").splitlines() if ",return,evaluation," in line]
    found = {folder: {float(line.split(",")[6]) for line in rows if f"gym:{folder}/" in line} for folder in pays}
    assert found == {folder: {paid} for folder, paid in pays.items()}, rows


@pytest.mark.parametrize(
    "name, example", [("gym:", "gym:CartPole-v1"), ("gym", "gym:CartPole-v1"), ("minatar:", "minatar:breakout")]
)
def test_a_family_alone_is_told_that_a_name_goes_behind_it(crosstalk, written, name, example):
    said = crosstalk("run", written(name), status=2)
    assert f'the name of an environment goes behind it: "{example}"' in said and "did you mean" not in said


def test_a_pipe_in_the_place_of_a_class_is_not_waited_for(crosstalk, written):
    os.mkfifo(crosstalk.folder / "arms.py")
    assert "arms.py cannot be read: it is no regular file" in crosstalk("run", written("gym:arms.py:Arms"), status=2)


DIVIDES = "def share(of):\n    return of / 0\n" + MOODY.replace("self.random.random() < 0.02", "share(1) < 0.5")


def test_a_step_that_raises_fails_its_run_with_the_place_and_the_log_has_the_way_there(crosstalk, written):
    process = crosstalk.start("run", written("gym:./moody.py:Moody", moody=DIVIDES), "--out", "a")
    out, err = process.communicate(timeout=120)
    assert process.returncode == 1 and "Traceback" not in out + err, out + err
    (line,) = [line for line in out.splitlines() if "ZeroDivisionError" in line]
    said = re.search(
        r"Moody: step 1 of the episode with seed \d+ raised ZeroDivisionError: division by zero \(moody.py:", line
    )[0]
    assert line.startswith("failed") and "a/logs" in out and said in crosstalk("status", "a")
    log = (crosstalk.folder / "a/logs/worker-0.log").read_text()
    run = log.rindex("Traceback (most recent call last):")
    for words in (
        "in step",
        "share(1) < 0.5",
        "in share",
        "return of / 0",
        "ZeroDivisionError: division by zero",
        said,
    ):
        assert words in log[run:], f"{words} is missing, or stands before what led to it"
        run = log.index(words, run)
    assert "crosstalk/environments" not in log


def test_a_class_that_was_mended_is_taken_while_no_run_of_it_is_done(crosstalk, written):
    study = written("gym:./moody.py:Moody", moody=DIVIDES)
    crosstalk("run", study, "--out", "a", "--set", "probe.keep=all", status=1)
    written("gym:./moody.py:Moody", moody=MOODY.replace("numpy.random.default_rng()", "numpy.random.default_rng(1)"))
    process = crosstalk.start("run", "a")
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0 and "1 of 1 run is done" in out, out + err
    (note,) = [line for line in err.splitlines() if "has been changed" in line]
    assert f"{crosstalk.folder}/moody.py" in note and "all begin anew" in note
    with_rows = crosstalk.export("a")
    written("gym:./moody.py:Moody", moody=MOODY)
    for _ in range(2):
        said = crosstalk("run", "a", status=3)
        assert f"{crosstalk.folder}/moody.py is not what these results were computed with" in said
        assert "--out" in said and "former file back" in said and "--data" not in said
        assert len(set(re.findall(r"\b[0-9a-f]{16}\b", said))) == 2
    assert crosstalk.export("a") == with_rows


def test_what_a_run_has_of_the_former_file_is_forgotten_with_the_former_file(crosstalk, written):
    seeded = (
        MOODY.replace("    random = numpy.random.default_rng()\n", "    steps = 0\n")
        .replace("return self.random.random(1), {}", "super().reset(seed=seed); return self.np_random.random(1), {}")
        .replace("self.random.", "self.np_random.")
    )
    failing = seeded.replace("    def step(self, action):\n", "    def step(self, action):\n        self.steps += 1\n"
                             "        assert self.steps < 1000\n")  # fmt: skip
    study, often = (
        written("gym:./moody.py:Moody", moody=failing),
        ("--set", "probe.keep=all", "--checkpoint-seconds", "0.004"),
    )
    crosstalk("run", study, "--out", "a", *often, status=1)
    assert checkpoints(crosstalk.folder / "a") and crosstalk.export("a").count(",return,evaluation,") > 1
    written("gym:./moody.py:Moody", moody=seeded.replace("0.02", "0.05"))
    crosstalk("run", study, "--out", "a", *often)
    crosstalk("run", study, "--out", "fresh", *often)
    assert crosstalk.export("a") == crosstalk.export("fresh")


def test_a_study_that_its_environment_refuses_leaves_no_runs_that_wait(crosstalk, written):
    (crosstalk.folder / "mine").mkdir()
    (crosstalk.folder / "mine/notes.txt").write_text("mine")
    for out in ("new", "mine"):
        said = crosstalk("run", written("gym:Pendulum-v1"), "--out", out, status=2)
        assert "its actions are Box" in said
    assert not (crosstalk.folder / "new").exists()
    assert [each.name for each in (crosstalk.folder / "mine").iterdir()] == ["notes.txt"]


FORKS = """
import os
from room import Room as Plain
class Room(Plain):
    steps = 0
    def step(self, action):
        Room.steps += 1
        if Room.steps == 300:
            os.fork()  # and the copy goes on here too
        return super().step(action)
"""


def test_the_copy_that_an_environment_forks_does_not_speak_for_its_worker(crosstalk, written):
    (room,) = [text for text in blocks("python") if "class Room" in text]
    crosstalk("run", written("gym:./room.py:Room", room=room), "--out", "plain")
    crosstalk("run", written("gym:./forks.py:Room", room=room, forks=FORKS), "--out", "forked")
    values = [re.findall(r",(\d+,\w+,\w+,.*)", crosstalk.export(each)) for each in ("plain", "forked")]
    assert values[0] and values[0] == values[1]
    assert "the copy ends" in (crosstalk.folder / "forked/logs/worker-0.log").read_text()

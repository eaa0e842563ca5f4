"""What a new user meets in the first hour: slips of the pen, help, and what the next step is."""

import re
import shlex
from pathlib import Path

import pytest
from test_completion import all_commands, options_in

OWN = '[task]\ndataset = "mine.csv"\ntarget = "y"\n[learner]\nupdates = {updates}\n[network]\nhidden = 4\n'


@pytest.mark.parametrize(("typed", "answer"), [
    ("rnu study.toml", "rnu: there is no such command; did you mean run?"),
    ("stauts results", "did you mean status?"),
    ("study shwo", "study shwo: there is no such command; did you mean show?"),
    ("xyzzy", "there are run, report, status"),
    ("quick.toml", "to run a study: crosstalk run quick.toml"),
    ("run study.toml --ouut x", "--ouut: `crosstalk run` has no such option; did you mean --out?"),
    ("run --scael=short study.toml", "did you mean --scale?"),
    ("run study.toml --check 3", "did you mean --checkpoint-seconds?"),
    ("--verison", "did you mean --version?"),
    ("status a b", "not expected: b"),
])  # fmt: skip
def test_a_misspelt_command_or_option_is_answered_with_the_nearest(crosstalk, typed, answer):
    said = crosstalk(*typed.split(), status=2)
    assert answer in said and "--help` says what can be given" in said


def test_each_command_has_examples_of_its_own_which_use_options_that_it_has(crosstalk):
    commands = {" ".join(["crosstalk", *words]): text for words, text in all_commands(crosstalk)}
    for command, text in commands.items():
        examples = [
            line.split("#")[0] for line in text.partition("Examples:\n")[2].splitlines() if "crosstalk " in line
        ]
        assert examples, command
        for example in examples:
            assert command in example, example
            its = max((name for name in commands if f"{name} " in f"{example} "), key=len)
            assert set(re.findall(r"\s(--[\w-]+)", example)) <= options_in(commands[its]), example


def test_study_show_leaves_out_what_does_not_count(crosstalk):
    def keys(*arguments):
        return set(re.findall(r"^([a-z]+\.[\w-]+) ", crosstalk("study", "show", *arguments), re.M))

    every = keys("digits/digits-ddqn", "--all")
    assert keys("quickstart/california", "--all") == every
    supervised, agents = keys("quickstart/california"), keys("digits/digits-ddqn")
    assert not {"learner.steps", "probe.episodes", "learner.gamma", "task.source", "learner.momentum"} & supervised
    assert {"learner.updates", "learner.beta1", "task.normalise"} <= supervised - agents | {"learner.beta1"}
    assert {"learner.steps", "learner.gamma"} <= agents and "learner.entropy" not in agents
    swept = keys("quickstart/california", "--set", 'learner.optimizer=["adam","momentum"]')
    assert {"learner.momentum", "learner.beta1"} <= swept and "learner.alpha" not in swept


def test_the_status_of_a_study_file_is_that_of_its_results_and_its_next_command_can_be_pasted(crosstalk, study):
    file = study(20, name="my study")
    said = crosstalk("status", file.name, status=5)
    assert "results/my study" in said and f"crosstalk run {shlex.quote(file.name)}" in said
    crosstalk("run", file.name)
    said = crosstalk("status", file.name)
    assert "4 of 4 runs done" in said
    line = said.partition("next:  ")[2].strip()
    assert shlex.split(line) == ["crosstalk", "report", "results/my study"]


def test_one_run_is_not_many(crosstalk, study):
    file = study(20, text=OWN.replace("mine.csv", "california").replace('target = "y"\n', ""))
    asked = ("run", file, "--set", "seeds=1", "--out", "a")
    assert "1 of 1 run is done" in crosstalk(*asked)
    assert "its one run is done, nothing to do" in crosstalk(*asked)
    assert "1 of 1 run done" in crosstalk("status", "a")
    assert "scale" not in crosstalk("doctor", "a")


def test_too_few_rows_of_a_users_own_table_are_not_to_be_fetched(crosstalk, study):
    (crosstalk.folder / "mine.csv").write_text("a,y\n" + "".join(f"{i},{i * i}\n" for i in range(80)))
    said = crosstalk("run", study(20, text=OWN), "--set", "task.examples=5000", status=2)
    assert "task.examples = 5,000: mine.csv has " in said and "training rows" in said
    assert "fetch" not in said and "cache" not in said.lower() and "--set task.examples=all" in said


def test_the_plan_says_what_the_runs_take_on_disk(crosstalk, study):
    text = '[task]\ndataset = "digits"\nexamples = 150\n[network]\nhidden = 4\n[learner]\nupdates = {updates}\n' \
           '[probe]\nevery = 2\nsamples = 96\n'  # fmt: skip
    file = study(60, text=text)
    said = crosstalk("run", file, "--plan")
    number, unit = re.search(r"([\d.]+) (KB|MB) on disk", said).groups()
    crosstalk("run", file, "--out", "a")
    taken = (crosstalk.folder / "a/study.sqlite").stat().st_size
    assert 0.75 < float(number) * {"KB": 1e3, "MB": 1e6}[unit] / taken < 1.25


def test_a_new_study_needs_a_name(crosstalk):
    assert "nothing is given" in crosstalk("study", "new", "", status=2)
    (crosstalk.folder / "there").mkdir()
    assert "there/ is a folder" in crosstalk("study", "new", "there/", status=2)
    assert not list(crosstalk.folder.glob("**/*.toml"))


def test_control_characters_of_a_files_name_do_not_reach_the_terminal(crosstalk, study):
    name = "a\x1b[31mb"
    study(20, name=name)
    said = (
        crosstalk("run", f"{name}.toml")
        + crosstalk("status", f"results/{name}")
        + crosstalk("doctor", f"results/{name}")
    )
    said += crosstalk("study", "show", f"{name}.toml") + crosstalk("study", "new", "c\x1bd.toml")
    assert "\x1b" not in said and "\\x1b" in said
    pasted = re.findall(r"crosstalk report (\$'.*')", said)
    assert pasted and set(pasted) == {"$'results/a\\033[31mb'"}


def test_a_seed_offset_beyond_all_seeds_is_repeated_as_it_was_typed(crosstalk, study):
    said = crosstalk("run", study(), "--seed-offset", "9" * 30, status=2)
    assert "9" * 30 in said and "9,007,199,254,740,991" in said


def test_a_data_folder_whose_name_is_too_long_is_a_wrong_option(crosstalk, study):
    said = crosstalk("run", study(), "--data", "d" * 5000, status=2)
    assert "too long" in said and len(said) < 300


def test_a_rule_that_is_wrong_is_answered_with_one_that_is_right(crosstalk, study):
    file = study(20)
    file.write_text(file.read_text() + "[[claim]]\nsentence = \"It is so.\"\nrule = 'interference > gap'\n")
    said = crosstalk("study", "show", file, status=2)
    right = re.search(r"\(a right rule: (.*)\)\n", said).group(1)
    file.write_text(file.read_text().replace("interference > gap", right))
    crosstalk("study", "show", file)


def test_the_guides_claim_stands_in_a_sound_study(crosstalk):
    guide = (Path(__file__).resolve().parents[2] / "docs/guide.md").read_text()
    (text,) = [block for block in re.findall(r"```toml\n(.*?)```", guide, re.S) if "[[claim]]" in block]
    (crosstalk.folder / "claimed.toml").write_text(text)
    assert "18 configurations" in crosstalk("study", "show", "claimed.toml")

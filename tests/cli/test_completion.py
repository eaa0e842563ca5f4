"""What `crosstalk completion SHELL` prints is loaded by that shell and asked as a user's Tab asks it."""

import re
import shutil
import subprocess

import pytest

ASK = """
source words.bash
COMP_WORDS=("$@")
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
_crosstalk
printf '%s\\n' "${COMPREPLY[@]}"
"""


@pytest.fixture
def in_bash(crosstalk):
    """The words that bash offers for the last one of `crosstalk WORDS`."""
    (crosstalk.folder / "words.bash").write_text(crosstalk("completion", "bash"))

    def ask(*words):
        done = subprocess.run(["bash", "-c", ASK, "bash", "crosstalk", *words], cwd=crosstalk.folder, capture_output=True,
                              text=True, check=True)  # fmt: skip
        assert done.stderr == ""
        return done.stdout.split("\n")[:-1] if done.stdout.strip() else []

    return ask


def commands_in(text):
    block = text.partition("Subcommands:\n")[2].partition("\n\n")[0]
    return re.findall(r"^  (\S+)  ", block, re.M)


def options_in(text):
    return set(re.findall(r"^  (?:-\w,)?(--[\w-]+)", text, re.M))


def all_commands(crosstalk):
    """(words, help) of crosstalk itself, of each command, and of each command of these."""
    text = crosstalk("--help")
    yield [], text
    for command in commands_in(text):
        text = crosstalk(command, "--help")
        yield [command], text
        for inner in commands_in(text):
            yield [command, inner], crosstalk(command, inner, "--help")


def test_bash_offers_each_command_and_option_that_the_help_has(crosstalk, in_bash):
    found = 0
    for words, text in all_commands(crosstalk):
        assert set(commands_in(text)) <= set(in_bash(*words, "")), words
        assert options_in(text) <= set(in_bash(*words, "-")), words
        found += len(options_in(text))
    assert found > 40


def test_bash_offers_names_of_studies_keys_data_sets_and_files(crosstalk, in_bash):
    (crosstalk.folder / "my study.toml").write_text("")
    (crosstalk.folder / "results").mkdir()
    assert "paper/sarcos" in in_bash("run", "pap") and in_bash("run", "my") == ["my study.toml"]
    assert in_bash("run", "x", "--set", "learner.opt") == ["learner.optimizer="]
    assert in_bash("run", "x", "--set", "learner.optimizer", "=", "ad") == []
    assert in_bash("run", "x", "--out", "") == in_bash("run", "x", "--out", "=", "re") == ["results"]
    assert in_bash("status", "") == ["results"] and in_bash("run", "x", "--jobs", "") == []
    assert in_bash("data", "fetch", "s") == ["sarcos", "svhn"] == in_bash("study", "new", "x", "--dataset", "s")
    assert in_bash("report", "results", "--format", "h") == ["html"] and in_bash("completion", "f") == ["fish"]


def test_bash_has_it_ready_for_the_command_after_the_documented_line(crosstalk):
    (crosstalk.folder / "words.bash").write_text(crosstalk("completion", "bash"))
    line = 'eval "$(cat words.bash)"; complete -p crosstalk'
    done = subprocess.run(["bash", "-c", line], cwd=crosstalk.folder, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "complete -F _crosstalk crosstalk"


def test_fish_offers_the_same(crosstalk):
    if not shutil.which("fish"):
        pytest.skip("fish is not installed")
    (crosstalk.folder / "words.fish").write_text(crosstalk("completion", "fish"))

    def ask(line):
        done = subprocess.run(["fish", "-c", "source words.fish; complete -C $argv", line], cwd=crosstalk.folder,
                              capture_output=True, text=True, check=True)  # fmt: skip
        return {answer.split("\t")[0] for answer in done.stdout.splitlines()}

    for words, text in all_commands(crosstalk):
        assert set(commands_in(text)) <= ask(" ".join(["crosstalk", *words, ""])), words
        assert options_in(text) <= ask(" ".join(["crosstalk", *words, "--"])), words
    assert "learner.optimizer=" in ask("crosstalk run x --set learner.opt")


def test_zsh_takes_it_with_and_without_a_folder_of_functions(crosstalk):
    if not shutil.which("zsh"):
        pytest.skip("zsh is not installed")
    (crosstalk.folder / "_crosstalk").write_text(crosstalk("completion", "zsh"))
    for load in ('eval "$(cat _crosstalk)"', "fpath=($PWD $fpath); compinit -D -u"):
        line = f"autoload -U compinit; compinit -D -u; {load}; print $_comps[crosstalk]"
        done = subprocess.run(
            ["zsh", "-f", "-c", line], cwd=crosstalk.folder, capture_output=True, text=True, check=True
        )
        assert (done.stdout.strip(), done.stderr) == ("_crosstalk", "")

"""Machines that are set up in their own way: a Python that prints, modules in the place of others, names that are no
UTF-8, little memory, small disks, files that are none."""

import os
import subprocess

import pytest
from command import Command

LATIN = os.fsdecode(b"Jos\xe9")  # as a file system of another age has it


@pytest.fixture
def strange(tmp_path, cache):
    """strange(NAME=VALUE): the command in this environment."""

    def make(**environment):
        command = Command(tmp_path, cache)
        command.environment |= {name: str(value) for name, value in environment.items()}
        return command

    return make


def written(folder, name, text):
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(text)
    return folder


def said_by(command, *arguments, statuses):
    process = command.start(*arguments, text=False)
    out, err = (part.decode() for part in process.communicate(timeout=120))
    assert process.returncode in statuses, out + err
    assert "Traceback" not in err and "fault of the program" not in err, err
    return out + err


def test_a_python_that_prints_when_it_starts_changes_nothing(strange, study, finished, tmp_path):
    site = written(tmp_path / "site", "sitecustomize.py", "print('Loading site defaults')\n")
    command = strange(PYTHONPATH=site, XDG_CACHE_HOME=tmp_path / "new")  # so that the data are converted too
    command("run", study(), "--out", "a", "--jobs", "2")
    assert command.export("a").replace("Loading site defaults\n", "") == finished[0].export(finished[1])
    assert "california" in command("data", "list")
    assert "a/figures/" in command("report", "a", "--format", "csv")


@pytest.mark.parametrize("module", ["numpy", "json"])
def test_a_file_in_the_place_of_a_module_that_the_report_needs_is_named(strange, finished, tmp_path, module):
    own = written(tmp_path / "own", f"{module}.py", "print('my first chart')\n")
    said = said_by(strange(PYTHONPATH=own), "report", finished[1], "--out", "b", statuses=[4])
    assert f"{module} is {own / module}.py, not the installed one" in said and "off PYTHONPATH" in said, said


@pytest.mark.parametrize("text", ["import sys; sys.exit(0)", "import altair; altair.Chart(1)"])
def test_such_a_file_may_do_what_it_likes(strange, finished, tmp_path, text):
    own = written(tmp_path / "own", "altair.py", text + "\n")
    said = said_by(strange(PYTHONPATH=own), "report", finished[1], "--out", "b", statuses=[4])
    assert f"altair is {own / 'altair.py'}, not the installed one" in said, said


@pytest.mark.parametrize("module", ["json", "ctypes", "torch"])
def test_such_a_file_is_named_where_data_are_read_and_where_a_worker_starts(strange, study, tmp_path, module):
    own = written(tmp_path / "own", f"{module}.py", "")
    said = said_by(
        strange(PYTHONPATH="own", XDG_CACHE_HOME=tmp_path / "new"), "run", study(), "--out", "a", statuses=[4]
    )
    assert f"{module} is {own / module}.py, not the installed one" in said and "damaged" not in said, said


def test_a_module_that_stands_in_for_nothing_is_not_blamed(strange, finished, tmp_path):
    own = written(tmp_path / "own", "my_charts.py", "")
    strange(PYTHONPATH=own)("report", finished[1], "--out", "b", "--format", "csv")


@pytest.mark.parametrize("gigabytes", ["0.01"])
def test_too_little_memory_to_read_data_says_which_setting_to_raise(strange, study, tmp_path, gigabytes):
    command = strange(CROSSTALK_DATA_MEMORY_GB=gigabytes, XDG_CACHE_HOME=tmp_path / "new")
    said = said_by(command, "run", study(), "--out", "a", statuses=[3])
    assert f"more than the {gigabytes} GB" in said and "Set CROSSTALK_DATA_MEMORY_GB higher" in said, said
    assert "damaged" not in said, said


def test_a_name_that_is_no_utf8_is_refused_with_its_bytes(strange, study, tmp_path):
    study()
    crosstalk = strange()
    for arguments in (
        ["run", "small.toml", "--out", LATIN],
        ["status", LATIN],
        ["run", LATIN],
        [LATIN],
        ["run", "--" + LATIN],
    ):
        assert "Jos\\xe9 is not UTF-8" in said_by(crosstalk, *arguments, statuses=[2])
    (tmp_path / LATIN).mkdir()
    os.rename(tmp_path / "small.toml", tmp_path / LATIN / "small.toml")
    inside = Command(tmp_path / LATIN, crosstalk.environment["XDG_CACHE_HOME"])
    assert "Jos\\xe9/ is not UTF-8" in said_by(inside, "run", "small.toml", "--out", "a", statuses=[2])
    assert "4 runs" in said_by(inside, "study", "show", "small.toml", statuses=[0])


@pytest.mark.parametrize("name", ["HOME", "CROSSTALK_CACHE"])
def test_a_cache_whose_name_is_no_utf8_is_refused_with_its_bytes(strange, study, tmp_path, name):
    command = strange()
    del command.environment["XDG_CACHE_HOME"]
    command.environment[name] = str(tmp_path / LATIN)
    said = said_by(command, "run", study(), "--out", "a", statuses=[4])
    assert "Jos\\xe9" in said and "CROSSTALK_CACHE" in said, said
    assert "Jos\\xe9" in said_by(command, "data", "list", statuses=[0])


def test_a_folder_for_temporary_files_may_have_any_name(strange, finished, tmp_path):
    (tmp_path / LATIN).mkdir()
    strange(TMPDIR=tmp_path / LATIN)("verify", finished[1], "--runs", "1")


def test_the_language_of_the_system_changes_no_name(strange, study, tmp_path):
    (tmp_path / "été & co.toml").write_text(study().read_text())
    command = strange(LC_ALL="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0", PYTHONIOENCODING="ascii")
    assert "crosstalk report 'results/été & co'" in said_by(command, "run", "été & co.toml", statuses=[0])
    assert "crosstalk report 'results/été & co'" in said_by(command, "status", "results/été & co", statuses=[0])
    assert "results/été & co/figures/" in said_by(
        command, "report", "results/été & co", "--format", "csv", statuses=[0]
    )


@pytest.mark.parametrize("kind", ["long", "deep", "loop"])
def test_a_place_that_cannot_be_is_refused_with_a_mend(strange, study, tmp_path, kind):
    crosstalk, file = strange(), study()
    place = {"long": "a" * 256, "deep": "b/" * 2500, "loop": "loop"}[kind]
    (tmp_path / "loop").symlink_to("loop")
    said = said_by(crosstalk, "run", file, "--out", place, statuses=[5])
    assert "cannot be a results folder" in said and "Give another --out" in said and len(said) < 500, said
    for command in ("status", "export", "doctor", "report", "verify"):
        assert len(said_by(crosstalk, command, place, statuses=[5])) < 600
    assert len(said_by(crosstalk, "run", place, statuses=[2])) < 600
    for arguments in (["run", file, "--data", place], ["data", "list", "--data", place]):
        said = said_by(crosstalk, *arguments, statuses=[2, 4])
        assert "[Errno" not in said and len(said) < 600, said


def test_what_is_no_plain_file_is_refused_at_once(strange, study, tmp_path):
    crosstalk, file = strange(), study()
    for name in ("pipe.toml", "pipe.html", "pipe.csv", "pipe.npz"):
        os.mkfifo(tmp_path / name)
    (tmp_path / "zero.html").symlink_to("/dev/zero")
    (tmp_path / "kernel.csv").symlink_to("/proc/kmsg")
    (tmp_path / "includes.toml").write_text('include = ["pipe.toml"]\n')
    for source in ("pipe.toml", "pipe.html", "zero.html", "/dev/zero", "/proc/kmsg"):
        assert "not a plain file" in said_by(crosstalk, "run", source, statuses=[2])
    assert "pipe.toml: this is a pipe" in said_by(crosstalk, "run", "includes.toml", statuses=[2])
    for data in ("pipe.csv", "kernel.csv"):
        asked = ["run", file, "--out", "a", "--set", f"task.dataset=./{data}", "--set", "task.target=y"]
        assert "not a plain file" in said_by(crosstalk, *asked, statuses=[3])
    asked = ["run", file, "--out", "a", "--set", "task.dataset=./pipe.npz"]
    assert "not a plain file" in said_by(crosstalk, *asked, statuses=[3])
    assert "no such folder" in said_by(crosstalk, "run", file, "--data", "/dev/zero", statuses=[2])
    (tmp_path / "store").mkdir()
    os.mkfifo(tmp_path / "store" / "study.sqlite")
    for command in ("status", "export", "doctor", "report"):
        said_by(crosstalk, command, "store", statuses=[5])


def test_a_report_of_a_file_holds_no_results(strange, study):
    assert "holds no results" in said_by(strange(), "report", study(), statuses=[5])


def test_a_disk_on_which_a_checkpoint_finds_no_room_ends_the_study(strange, study, tmp_path):
    (tmp_path / "disk").mkdir()
    if subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=100k", "tmpfs", tmp_path / "disk"], capture_output=True
    ).returncode:
        pytest.skip("a small disk may not be mounted here")
    try:
        said = said_by(strange(), "run", study(), "--out", "disk/a", "--checkpoint-seconds", "0",
                       "--set", "network.hidden=[1000]", "--jobs", "1", statuses=[5])  # fmt: skip
        assert "safetensors cannot be written" in said and "Make room" in said, said
    finally:
        subprocess.run(["umount", tmp_path / "disk"], check=True)

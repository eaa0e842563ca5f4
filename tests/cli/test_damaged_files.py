"""Damage in our own files, and a cache that goes meanwhile: the rows are those of an undisturbed run, or it is said what to
do.

CROSSTALK_FLIPS=100 python -m pytest tests/cli/test_damaged_files.py    flips so many random bits each, in place of two"""

import os
import random
import shutil
import signal

import pytest
from command import Command, wait_for

FLIPS = int(os.environ.get("CROSSTALK_FLIPS", "2"))


def flip(path, bit):
    content = bytearray(path.read_bytes())
    content[bit // 8] ^= 1 << bit % 8
    path.write_bytes(content)


def flip_any(path, generator):
    bit = generator.randrange(8 * path.stat().st_size)
    flip(path, bit)
    return f"bit {bit % 8} of byte {bit // 8}"


@pytest.fixture
def crosstalk(tmp_path):
    """The command with a cache that may be damaged."""
    return Command(tmp_path, tmp_path / "cache")


def run(crosstalk, *arguments, status=0):
    """Output and standard error of a run."""
    process = crosstalk.start("run", *arguments)
    out, err = process.communicate(timeout=600)
    assert process.returncode == status and "Traceback" not in err, f"{process.returncode}\n{out}\n{err}"
    return out, err


def conversion(crosstalk):
    (path,) = (crosstalk.folder / "cache/crosstalk/converted").glob("*.safetensors")
    return path


def test_a_flipped_bit_in_converted_data_is_found_and_the_data_are_made_again(crosstalk, study):
    one = (study(100), "--jobs", "1", "--set", "network.hidden=4", "--set", "seeds=1")
    run(crosstalk, *one, "--out", "sound")
    wanted, path, generator = crosstalk.export("sound"), conversion(crosstalk), random.Random(1)
    sound = path.read_bytes()
    for trial in range(FLIPS):
        where = flip_any(path, generator)
        _, said = run(crosstalk, *one, "--out", f"flipped-{trial}")
        assert f"{path} is damaged: it is converted again" in said, where
        assert crosstalk.export(f"flipped-{trial}") == wanted, where
        assert path.read_bytes() == sound, where


def test_a_flipped_bit_in_a_checkpoint_is_found_and_its_run_begins_anew(crosstalk, study):
    file = study(30_000)
    one = (file, "--jobs", "1", "--set", "network.hidden=4", "--set", "seeds=1")
    run(crosstalk, *one, "--out", "sound")
    process = crosstalk.start("run", *one, "--out", "stopped", "--checkpoint-seconds", "0.01")
    kept = crosstalk.folder / "stopped/checkpoints"
    wait_for(lambda: list(kept.glob("*.safetensors")) or process.poll() is not None)
    crosstalk.kill(process, signal.SIGTERM)
    process.communicate(timeout=60)
    assert process.returncode == 143 and list(kept.glob("*.safetensors")), "it was not stopped in time"
    generator = random.Random(2)
    for trial in range(FLIPS):
        out = f"flipped-{trial}"
        shutil.copytree(crosstalk.folder / "stopped", crosstalk.folder / out)
        (path,) = (crosstalk.folder / out / "checkpoints").glob("*.safetensors")
        where = flip_any(path, generator)
        _, said = run(crosstalk, *one, "--out", out)
        assert f"its checkpoint {path} " in said and "begun anew" in said, where + said
        assert crosstalk.export(out) == crosstalk.export("sound"), where
    out, said = run(crosstalk, *one, "--out", "stopped")
    assert "from step" in out and "begun anew" not in said
    assert crosstalk.export("stopped") == crosstalk.export("sound")


@pytest.mark.parametrize("what", ["a pipe", "a folder"])
def test_what_stands_in_a_checkpoints_place_and_is_no_file_is_named(crosstalk, study, what):
    one = (study(30_000), "--jobs", "1", "--set", "network.hidden=4", "--set", "seeds=1", "--out", "a")
    process = crosstalk.start("run", *one, "--checkpoint-seconds", "0.01")
    kept = crosstalk.folder / "a/checkpoints"
    wait_for(lambda: list(kept.glob("*.safetensors")) or process.poll() is not None)
    crosstalk.kill(process, signal.SIGTERM)
    process.communicate(timeout=60)
    (path,) = kept.glob("*.safetensors")
    path.unlink()
    if what == "a pipe":
        os.mkfifo(path)
    else:
        path.mkdir()
    process = crosstalk.start("run", *one)
    try:
        out, err = process.communicate(timeout=60)
    finally:
        crosstalk.kill(process)  # where it waits for who writes into the pipe
    assert process.returncode != 0 and "Traceback" not in err, out + err
    assert f"{path} is {what}, where a file is expected. Remove it to begin this run anew." in out + err, out + err


def test_a_cache_that_is_removed_between_two_runs_is_made_again(crosstalk, study):
    process = crosstalk.start("run", study(15_000), "--out", "a", "--jobs", "1")
    for line in process.stdout:
        if line.startswith("done"):
            break
    shutil.rmtree(crosstalk.folder / "cache")
    out, err = process.communicate(timeout=600)
    assert process.returncode == 0 and "4 of 4 runs are done" in out, out + err
    assert "No such file or directory; made again" in err, err
    run(crosstalk, study(15_000), "--out", "undisturbed", "--jobs", "2")
    assert crosstalk.export("a") == crosstalk.export("undisturbed")


def test_a_source_that_is_another_one_by_then_is_an_error_and_no_other_rows(crosstalk, study):
    table = crosstalk.folder / "mine.csv"
    table.write_text("a,b\n" + "".join(f"{row},{row * row % 17}\n" for row in range(60)))
    text = '[task]\ndataset = "mine.csv"\ntarget = "b"\n[learner]\nupdates = {updates}\n[probe]\nevery = 1000\n'
    text += '[sweep]\n"network.hidden" = [4, 8]\n'
    process = crosstalk.start("run", study(30_000, text=text), "--out", "a", "--jobs", "1")
    for line in process.stdout:
        if line.startswith("done"):
            break
    table.write_text(table.read_text() + "60,1\n")
    shutil.rmtree(crosstalk.folder / "cache")
    out, err = process.communicate(timeout=600)
    assert process.returncode == 1 and " of 4 runs are done, " in out, out + err
    assert "mine.csv is not what these results were computed with" in out, out


def test_verify_and_plan_make_damaged_data_again(finished, tmp_path):
    command, folder = finished
    crosstalk = Command(command.folder, tmp_path / "cache")
    crosstalk("run", "small.toml", "--plan")
    (path,) = (tmp_path / "cache/crosstalk/converted").glob("*.safetensors")
    for arguments in (("verify", folder, "--runs", "1"), ("run", "small.toml", "--plan")):
        flip(path, 8 * path.stat().st_size - 5)
        process = crosstalk.start(*arguments)
        out, err = process.communicate(timeout=600)
        assert process.returncode == 0 and f"{path} is damaged: it is converted again" in err, out + err
    assert "1 of 1 runs came out the same" in crosstalk("verify", folder, "--runs", "1")


def test_data_verify_names_a_damaged_conversion(crosstalk, study):
    run(crosstalk, study(100), "--plan")
    path = conversion(crosstalk)
    flip(path, 8 * path.stat().st_size - 5)
    said = crosstalk("data", "verify", "digits", status=3)
    assert f"{path} is damaged" in said and "may be removed" in said, said
    path.unlink()
    crosstalk("data", "verify", "digits")


def test_what_a_killed_worker_had_begun_to_write_goes_with_the_next_call(finished, tmp_path):
    command, folder = finished
    shutil.copytree(folder, tmp_path / "a")
    (tmp_path / "a/checkpoints/0123456789abcdef.safetensors.partial").write_bytes(b"half")
    (tmp_path / "a/checkpoints/notes.partial").write_bytes(b"of another")
    command("run", tmp_path / "a")
    assert [path.name for path in (tmp_path / "a/checkpoints").iterdir()] == ["notes.partial"]

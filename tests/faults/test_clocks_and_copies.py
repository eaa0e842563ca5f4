"""A clock of the day that jumps, and a results folder that is copied while a study writes to it."""

import csv
import io
import shutil
import subprocess

from faulty import library


def rows(text):
    return {tuple(row.items()) for row in csv.DictReader(io.StringIO(text))}


def test_a_clock_that_jumps_by_hours_changes_no_row_and_ends_no_run(crosstalk, study, tmp_path):
    file = study(3000)
    jumping = {**crosstalk.environment, "LD_PRELOAD": library("jumping_clock", tmp_path), "CLOCK_PERIOD": "0.2"}
    often = ("--checkpoint-seconds", "0.05", "--jobs", "2")
    crosstalk("run", file, "--out", "steady", "--jobs", "2")
    for seconds in (1.0, 1.5):
        process = crosstalk.start("run", file, "--out", "a", *often, env=jumping)
        try:
            process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            crosstalk.kill(process)
            process.communicate()
    said = crosstalk("run", file, "--out", "a", *often, env=jumping)
    assert "4 of 4 runs are done" in said or "all 4 runs are done" in said  # on a fast machine before the kill
    assert crosstalk.export("a") == crosstalk.export("steady")
    crosstalk("report", "a", "--format", "csv", env=jumping)
    spent = crosstalk("status", "a")
    assert "hour" not in spent and " h of work" not in spent, spent


def test_a_copy_of_a_folder_that_is_written_to_is_whole_or_refused_in_words(crosstalk, study):
    file = study(4000)
    process = crosstalk.start("run", file, "--out", "a", "--checkpoint-seconds", "0.02", "--jobs", "2")
    copies = []
    while process.poll() is None:
        if (crosstalk.folder / "a/study.sqlite").exists():
            name = f"copy-{len(copies)}"
            subprocess.run(
                ["cp", "-r", "a", name], cwd=crosstalk.folder, stderr=subprocess.DEVNULL, check=False
            )  # files go meanwhile
            copies.append(name)
    out, err = process.communicate()
    assert process.returncode == 0 and copies, out + err
    whole = crosstalk.export("a")
    for name in copies[:: max(1, len(copies) // 6)]:
        read = crosstalk.start("export", name)
        out, err = read.communicate()
        assert read.returncode in (0, 5), err
        if read.returncode == 5:
            assert f"{name}/study.sqlite" in err and ("copy" in err or "crosstalk run" in err), err
        else:
            assert rows(out) <= rows(whole), name
        resumed = crosstalk.start("run", name, "--jobs", "2")
        out, err = resumed.communicate()
        if resumed.returncode == 5:
            assert f"{name}/study.sqlite" in err and "copy" in err, err
        else:
            assert resumed.returncode == 0 and crosstalk.export(name) == whole, out + err
        shutil.rmtree(crosstalk.folder / name)

"""What is damaged in a results folder is found and named, and never passes for a result."""

import random
import shutil
import sqlite3
import struct

import pytest
from command import wait_for

ONE_NETWORK = """
[task]
dataset = "california"
examples = 200
[network]
depth = 1
[learner]
updates = {updates}
[probe]
every = 500
samples = 16
"""


@pytest.fixture
def copied(crosstalk, finished):
    """A copy of the finished study, to be damaged; its file, and its export while it was sound."""
    command, folder = finished
    shutil.copytree(folder, crosstalk.folder / "a")
    return crosstalk.folder / "a/study.sqlite", command.export(folder)


def try_export(crosstalk, folder):
    """The export, or nothing where it is refused as damaged."""
    process = crosstalk.start("export", folder)
    out, err = process.communicate()
    assert process.returncode in (0, 5) and "of the program itself" not in err, err
    return out if process.returncode == 0 else None


def test_rows_that_are_gone_are_missed_and_computed_anew(crosstalk, copied):
    file, before = copied
    with sqlite3.connect(file) as store:
        (run,) = store.execute("SELECT run FROM runs WHERE number = 2").fetchone()
        store.execute("DELETE FROM rows WHERE run = 2 AND step >= 100")
    for command in ("export", "status", "doctor", "verify", "report"):
        said = crosstalk(command, "a", status=5)
        assert run in said and " of its " in said and "crosstalk run a" in said, said
    process = crosstalk.start("run", "a", "--jobs", "1")
    out, err = process.communicate()
    assert process.returncode == 0 and f"run {run} is damaged" in err and "1 run to do of 4" in out, out + err
    assert crosstalk.export("a") == before
    assert "nothing to do" in crosstalk("run", "a")
    assert "sound" in crosstalk("doctor", "a")


def test_a_flipped_bit_of_a_row_is_found(crosstalk, copied):
    file, before = copied
    value = float(before.splitlines()[50].split(",")[6])
    stored = struct.pack(">d", value)
    content = file.read_bytes()
    assert stored in content
    file.write_bytes(content.replace(stored, stored[:7] + bytes([stored[7] ^ 1])))
    assert "not those that were stored" in crosstalk("export", "a", status=5)
    assert "not those that were stored" in crosstalk("doctor", "a", status=5)
    crosstalk("run", "a", "--jobs", "1")
    assert crosstalk.export("a") == before


def test_a_flipped_bit_anywhere_is_named_or_changes_nothing(crosstalk, copied):
    file, before = copied
    content = file.read_bytes()
    dice = random.Random(11)
    for _ in range(12):
        place, bit = dice.randrange(len(content)), dice.randrange(8)
        file.write_bytes(content[:place] + bytes([content[place] ^ 1 << bit]) + content[place + 1 :])
        assert try_export(crosstalk, "a") in (None, before), f"bit {bit} of byte {place}"


def test_a_page_that_is_damaged_is_named_without_sqlites_own_words(crosstalk, copied):
    file, _ = copied
    sound, found = file.read_bytes(), 0
    for page in range(4096, min(len(sound), 10 * 4096), 4096):
        file.write_bytes(sound[:page] + b"\xff" * 200 + sound[page + 200 :])
        process = crosstalk.start("doctor", "a")
        out, err = process.communicate()
        said = out + err
        assert "\\n" not in said and "***" not in said and "returns error" not in said and "Traceback" not in said, said
        found += process.returncode == 5 and "is damaged: SQLite's check of the whole file finds fault (" in said
    assert found


@pytest.mark.parametrize("sql", ["DROP TABLE meta", "DROP TABLE arrays", "ALTER TABLE runs DROP COLUMN seconds",
                                 "UPDATE meta SET value = '[]' WHERE key = 'study'"])  # fmt: skip
def test_a_store_that_lacks_a_part_is_damaged(crosstalk, copied, sql):
    file, _ = copied
    with sqlite3.connect(file) as store:
        store.execute(sql)
    for command in ("run", "status", "export", "doctor", "verify", "report"):
        said = crosstalk(command, "a", status=5)
        assert "study.sqlite" in said and "damaged" in said and "copy" in said, said


def test_an_interrupted_run_does_not_go_on_from_damaged_rows(crosstalk, study):
    file = study(40_000, text=ONE_NETWORK)
    crosstalk("run", file, "--out", "whole", "--jobs", "1")
    process = crosstalk.start("run", file, "--out", "a", "--jobs", "1", "--checkpoint-seconds", "0.2")
    wait_for(lambda: list(crosstalk.folder.glob("a/checkpoints/*.safetensors")))
    crosstalk.kill(process)
    process.communicate()
    with sqlite3.connect(crosstalk.folder / "a/study.sqlite") as store:
        store.execute("UPDATE rows SET value = value + 1 WHERE step = 0 AND run = 1")
    process = crosstalk.start("run", "a", "--jobs", "1")
    out, err = process.communicate()
    assert process.returncode == 0 and "is damaged" in err, out + err
    assert crosstalk.export("a") == crosstalk.export("whole")


def test_verify_names_another_arithmetic_as_the_cause(crosstalk, study):
    text = '[task]\ndataset = "digits"\nexamples = 40\n[network]\nhidden = 4\n[learner]\nupdates = {updates}\n'
    crosstalk("run", study(40, text=text), "--out", "a", "--set", "seeds=1", "--jobs", "1")
    assert "arithmetic" in crosstalk("doctor", "a")
    crosstalk.environment["MKL_CBWR"] = "COMPATIBLE"
    process = crosstalk.start("verify", "a", "--jobs", "1")
    out, err = process.communicate()
    if process.returncode == 0:
        pytest.skip("this torch computes without MKL")
    assert "arithmetic was " in out and "MKL, oneDNN or the processor differ" in out, out + err


def test_a_command_that_waits_for_another_program_says_so(crosstalk, copied):
    file, before = copied
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    process = crosstalk.start("export", "a")
    assert process.stderr.readline() == "waiting: another program holds a/study.sqlite\n"
    other.execute("COMMIT")
    assert process.communicate()[0] == before

"""What cannot be run is refused in one message that names thing, value, place and mend; nothing stored is lost."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys

import pytest
from command import wait_for


def refused(crosstalk, *arguments, kind, words):
    said = crosstalk(*arguments, status=kind)
    assert said.startswith("crosstalk: ") or "\ncrosstalk: " in said, said
    for word in words:
        assert word in said, f"{word!r} is not in: {said}"


def test_more_examples_than_rows(crosstalk, study):
    refused(crosstalk, "run", study(), "--set", "task.examples=[100,30000]", "--out", "a",
            kind=2, words=["task.examples", "30,000", "california", "training rows"])  # fmt: skip
    assert not (crosstalk.folder / "a").exists(), "something was begun"


def test_words_of_the_command_line(crosstalk, study):
    refused(crosstalk, "rum", kind=2, words=["rum", "--help"])
    refused(crosstalk, "run", kind=2, words=["FILE"])
    refused(crosstalk, "run", study(), "--jobs", "0", kind=2, words=["--jobs"])
    refused(crosstalk, "run", "no-such.toml", kind=2, words=["no-such"])
    refused(crosstalk, "run", study(), "--set", "network.hiden=4", kind=2, words=["network.hiden", "network.hidden"])
    refused(crosstalk, "status", "nowhere", kind=5, words=["nowhere", "holds no results"])
    refused(crosstalk, "export", "nowhere", kind=5, words=["nowhere"])


def test_another_study_in_the_folder(crosstalk, study, finished):
    _, folder = finished
    shutil.copytree(folder, crosstalk.folder / "a")
    refused(crosstalk, "run", study(name="other"), "--out", "a", kind=5, words=["small", "other", "--out"])
    refused(crosstalk, "run", "a", "--set", "seeds=3", kind=2, words=["results folder", "study file"])


def test_a_garbage_store(crosstalk, study):
    (crosstalk.folder / "a").mkdir()
    (crosstalk.folder / "a/study.sqlite").write_bytes(b"garbage " * 1000)
    for arguments in (("run", study(), "--out", "a"), ("status", "a"), ("export", "a")):
        refused(crosstalk, *arguments, kind=5, words=["study.sqlite", "no results file", "--out"])
    refused(crosstalk, "doctor", "a", kind=5, words=["study.sqlite", "not a database", "copy"])
    assert (crosstalk.folder / "a/study.sqlite").read_bytes() == b"garbage " * 1000


def test_a_store_of_another_version(crosstalk, study, finished):
    _, folder = finished
    shutil.copytree(folder, crosstalk.folder / "a")
    with sqlite3.connect(crosstalk.folder / "a/study.sqlite") as store:
        store.execute("PRAGMA user_version = 7")
    for arguments in (("run", study(), "--out", "a"), ("status", "a")):
        refused(crosstalk, *arguments, kind=5, words=["format 7", "doctor", "--out"])
    assert "7 (this crosstalk: 1)" in crosstalk("doctor", "a")


def test_other_data_than_before(crosstalk, study):
    table = crosstalk.folder / "mine.csv"
    lines = ["a,b,y"] + [f"{i * 0.01},{i % 7},{i % 5 + 0.1 * i}" for i in range(300)]
    table.write_text("\n".join(lines))
    file = study(
        50, text='[task]\ndataset = "mine.csv"\ntarget = "y"\n[learner]\nupdates = {updates}\n[network]\nhidden = 4\n'
    )
    crosstalk("run", file, "--out", "a")
    before = crosstalk.export("a")
    table.write_text("\n".join(lines[:-1] + ["1,2,3"]))
    refused(crosstalk, "run", file, "--out", "a", "--set", "seeds=3", kind=3, words=["mine.csv", "SHA-256", "--out"])
    assert crosstalk.export("a") == before


def test_two_at_work_on_one_folder(crosstalk, study):
    process = crosstalk.start("run", study(4_000_000), "--out", "a")
    wait_for(lambda: (crosstalk.folder / "a/study.sqlite").exists())
    refused(crosstalk, "run", study(4_000_000), "--out", "a", kind=5, words=[f"process {process.pid}", "working on it"])
    assert "being worked on" in crosstalk("status", "a")
    crosstalk.kill(process)
    process.wait()


def test_a_place_that_cannot_be_written(crosstalk, study):
    (crosstalk.folder / "file").write_text("")
    refused(crosstalk, "run", study(), "--out", "file/below", kind=5, words=["file/below", "--out"])
    if os.geteuid() == 0:
        refused(crosstalk, "run", study(), "--out", "/proc/crosstalk", kind=5, words=["/proc/crosstalk", "--out"])
        return
    (crosstalk.folder / "closed").mkdir(mode=0o500)
    refused(crosstalk, "run", study(), "--out", "closed/a", kind=5, words=["closed/a", "permission"])


def test_a_full_disk(crosstalk, study, tmp_path):
    small = tmp_path / "disk"
    small.mkdir()
    mount = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=300k", "tmpfs", small], capture_output=True)
    if mount.returncode != 0:
        pytest.skip("a small disk may not be mounted here")
    try:
        file = study(200)
        refused(crosstalk, "run", file, "--out", small / "a", "--set", "probe.every=1", "--set", "seeds=4",
                kind=5, words=["study.sqlite", "room"])  # fmt: skip
        assert "runs done" in crosstalk("status", small / "a"), "what was stored is not readable"
        crosstalk.export(small / "a")
    finally:
        subprocess.run(["umount", small], check=True)


def test_a_device_that_is_not_there(crosstalk, study):
    import torch

    if torch.cuda.is_available():
        pytest.skip("there is a GPU here")
    refused(crosstalk, "run", study(), "--out", "a", "--device", "cuda", kind=4, words=["cuda", "cpu"])


def test_help_is_light():
    code = "import sys; sys.argv = ['crosstalk', '--help']; from crosstalk import _cli; _cli.main(); " \
           "heavy = {'torch', 'numpy', 'scipy', 'pandas'} & set(sys.modules); maps = open('/proc/self/maps').read(); " \
           "sys.exit(str(heavy) if heavy else 'libtorch' if 'libtorch' in maps else 0)"  # fmt: skip
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "Examples" in done.stdout


def test_studies_that_are_too_much(crosstalk, study):
    digits = '[task]\ndataset = "digits"\n'
    much = {
        "sweep": "seeds = 100000\n" + digits + "[sweep]\nnetwork.hidden = " + str(list(range(1, 1001))),
        "parts": digits + "a" + ".a" * 20000 + " = 1\n",
        "brackets": digits + "x = " + "[" * 100000 + "\n",
        "value": digits + "[network]\nhidden = [" + "1, " * 200000 + "1]\n",
        "utf16": "".join(letter + "\0" for letter in digits),
    }
    words = {"sweep": ["sweep.toml:1:", "100,000 runs"], "parts": ["parts.toml:3:"], "brackets": ["brackets.toml:3:"],
             "value": ["value.toml:4:", "..."], "utf16": ["UTF-16"]}  # fmt: skip
    for name, text in much.items():
        (crosstalk.folder / f"{name}.toml").write_text(text)
        for command in ("run", "study show"):
            said = crosstalk(*command.split(), f"{name}.toml", status=2)
            assert all(word in said for word in words[name]) and len(said) < 600, said
    refused(crosstalk, "study", "show", study(), "--set", "network.layers=" + "[" * 100000, kind=2, words=["brackets"])
    refused(crosstalk, "study", "show", study(), "--set", "network.hidden=" + "9" * 100000, kind=2, words=["..."])
    assert not (crosstalk.folder / "results").exists()


def test_what_is_no_plain_file_is_no_study(crosstalk):
    os.mkfifo(crosstalk.folder / "pipe.toml")
    (crosstalk.folder / "zero.toml").symlink_to("/dev/zero")
    (crosstalk.folder / "both.toml").write_text('include = ["pipe.toml", "zero.toml"]\n')
    for name in ("pipe", "zero"):
        refused(crosstalk, "run", f"{name}.toml", kind=2, words=[f"{name}.toml", "not a plain file"])
    refused(crosstalk, "study", "show", "both.toml", kind=2, words=["both.toml:1: include: pipe.toml", "zero.toml"])


def test_a_report_that_was_tampered_with(crosstalk, finished):
    _, folder = finished
    with sqlite3.connect(folder / "study.sqlite") as store:
        record = json.loads(store.execute("SELECT value FROM meta WHERE key = 'study'").fetchone()[0])
    record["runs"] = []

    def page(text):
        mark = '<script type="application/json" id="crosstalk-study">'
        (crosstalk.folder / "report.html").write_text(f"<html>{mark}{text}</script></html>")
        process = crosstalk.start("run", "report.html")
        err = process.communicate(timeout=60)[1]
        assert process.returncode in (2, 5), err
        return err

    file = record["files"][0]
    for change in ({"files": [{**file, "path": ".."}]}, {"files": "none"}, {"files": [{**file, "text": 3}]},
                   {"options": {**record["options"], "seed_offset": 1e300}}, {"options": []}, {"schema": "x"},
                   {"files": [{**file, "text": "a" + ".a" * 20000 + " = 1"}]}):  # fmt: skip
        said = page(json.dumps({**record, **change}))
        assert said.startswith("crosstalk: report.html") and len(said) < 600 and "json." not in said, said
    assert "damaged study" in page("[" * 100000)
    assert not (crosstalk.folder / "results").exists()

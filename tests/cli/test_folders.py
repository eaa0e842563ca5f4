"""Whose results a folder holds: a changed study, another one of the same name, and results of an older schema."""

import json
import re
import shutil
import sqlite3

import pytest
from command import STUDY


def refused(crosstalk, *arguments, words):
    said = crosstalk(*arguments, status=5)
    for word in words:
        assert word in said, f"{word!r} is not in: {said}"
    return said


def runs_in(crosstalk, folder):
    return len({line.split(",")[0] for line in crosstalk.export(folder).splitlines()[1:]})


def copied(finished, crosstalk, name="a"):
    shutil.copytree(finished[1], crosstalk.folder / name)


def change_record(folder, change):
    """Writes the study record of a store as `change` makes it; no digest of what was there stays."""
    with sqlite3.connect(folder / "study.sqlite") as store:
        record = json.loads(store.execute("SELECT value FROM meta WHERE key = 'study'").fetchone()[0])
        change(record)
        store.execute("UPDATE meta SET value = ? WHERE key = 'study'", [json.dumps(record)])
        store.execute("DELETE FROM meta WHERE key LIKE 'contents%'")
    return record


def test_finished_runs_that_a_changed_study_does_not_name_are_not_retired_without_a_word(crosstalk, study, finished):
    copied(finished, crosstalk)
    before = (crosstalk.folder / "a/study.sqlite").read_bytes()
    changed = ("run", study(), "--out", "a", "--set", "network.hidden=8")
    refused(crosstalk, *changed, words=["a holds 2 finished runs", "small.toml, with these options, does not name",
                                        "--out a-2", "--retire"])  # fmt: skip
    refused(crosstalk, "run", study(), "--out", "a", "--seed-offset", "10", words=["4 finished runs", "--out a-2"])
    assert (crosstalk.folder / "a/study.sqlite").read_bytes() == before
    crosstalk(*changed, "--retire")
    assert "2 older runs" in crosstalk("status", "a") and runs_in(crosstalk, "a") == 2
    assert "nothing to do" in crosstalk(*changed), "what was retired is asked for again"
    assert "nothing to do" in crosstalk("run", "a")
    # The retired ones come back with the study that names them; now nothing leaves.
    assert "nothing to do" in crosstalk("run", study(), "--out", "a")
    assert runs_in(crosstalk, "a") == 4


def test_a_longer_sweep_and_more_seeds_go_on_without_a_word(crosstalk, study, finished):
    copied(finished, crosstalk)
    more = ("--set", "network.hidden=[4,8,2]", "--set", "seeds=3")
    assert "5 runs to do of 9" in crosstalk("run", study(), "--out", "a", *more)


def test_two_files_of_one_name_do_not_share_a_folder(crosstalk):
    for folder, width in (("width", 4), ("rate", 2)):
        (crosstalk.folder / folder).mkdir()
        text = "seeds = 1\n" + STUDY.format(updates=20).replace("[4, 8]", f"[{width}]")
        (crosstalk.folder / folder / "config.toml").write_text(text)
    crosstalk("run", "width/config.toml")
    said = refused(crosstalk, "run", "rate/config.toml",
                   words=["results/config holds 1 finished run of width/config.toml that rate/config.toml does not name"])  # fmt: skip
    (proposed,) = re.findall(r"--out (\S+)", said)
    assert proposed == "results/rate-config"
    crosstalk("run", "rate/config.toml", "--out", proposed)
    assert "nothing to do" in crosstalk("run", "width/config.toml")
    shutil.copytree(crosstalk.folder / "width", crosstalk.folder / "moved")
    assert "nothing to do" in crosstalk("run", "moved/config.toml"), "the same study from another place"
    assert "--out results/rate-config-2" in refused(crosstalk, "run", "rate/config.toml", words=[])


def test_a_table_of_the_same_name_in_another_folder_is_other_data(crosstalk):
    for folder, factor in (("one", 1), ("two", 2)):
        (crosstalk.folder / folder).mkdir()
        lines = [f"{i * 0.01},{i % 7},{i % 5 + factor * i}" for i in range(60)]
        (crosstalk.folder / folder / "mine.csv").write_text("\n".join(["a,b,y", *lines]))
        (crosstalk.folder / folder / "s.toml").write_text(
            'task.dataset = "mine.csv"\ntask.target = "y"\nlearner.updates = 5\nnetwork.hidden = 2\nprobe.samples = 4\n'
        )
    crosstalk("run", "one/s.toml")
    said = crosstalk("run", "two/s.toml", status=3)
    assert "SHA-256" in said and "--out" in said
    assert "nothing to do" in crosstalk("run", "one/s.toml")


def test_a_table_that_is_another_one_since_is_told_though_all_runs_are_done(crosstalk):
    table = crosstalk.folder / "mine.csv"
    table.write_text("\n".join(["a,y", *(f"{i % 7},{i % 5}" for i in range(60))]))
    (crosstalk.folder / "s.toml").write_text(
        'task.dataset = "mine.csv"\ntask.target = "y"\nlearner.updates = 5\nnetwork.hidden = 2\nprobe.samples = 4\n'
    )
    crosstalk("run", "s.toml")
    table.write_text(table.read_text() + "\n3,4")
    assert "mine.csv is not what these results were computed with" in crosstalk("run", "s.toml", status=3)
    table.unlink()
    assert "nothing to do" in crosstalk("run", "s.toml"), "what is done needs no data"


def test_a_study_whose_name_and_scale_make_the_folder_of_another_is_refused_with_a_free_one(crosstalk, study):
    text = STUDY + "[scale.b]\nseeds = 1\n"
    crosstalk("run", study(20, name="a", text=text), "--scale", "b")
    said = refused(crosstalk, "run", study(20, name="a-b"), words=["results/a-b holds another study: a,"])
    (proposed,) = re.findall(r"--out (results/\S+?)\.\n", said + "\n")
    assert not (crosstalk.folder / proposed).exists()


def test_a_run_that_failed_before_its_first_row_is_let_go(crosstalk, study):
    text = '[task]\ndataset = "california"\nexamples = 50\n[learner]\nupdates = {updates}\n'
    wrong = '[network]\nlayers = ["conv 4 3", "flatten", "linear out"]\n'
    crosstalk("run", study(5, text=text + wrong), "--out", "a", status=None)
    crosstalk("run", study(5, text=text + wrong.replace('"conv 4 3", ', "")), "--out", "a")


@pytest.mark.parametrize("schema", [1, 2])
def test_results_of_an_older_schema_are_read_and_not_gone_on_with(crosstalk, study, finished, schema):
    copied(finished, crosstalk)
    exported = crosstalk.export("a")
    record = change_record(crosstalk.folder / "a", lambda record: record.update(schema=schema))
    made = f"made by schema {schema}; this is schema 3"
    words = [f"a was {made}. Give a new --out, or `crosstalk doctor a` says what is in it."]
    refused(crosstalk, "run", study(), "--out", "a", words=words)
    refused(crosstalk, "run", study(), "--out", "a", "--retire", words=words)
    refused(crosstalk, "run", "a", words=words)
    refused(crosstalk, "verify", "a", words=[f"{made}, which gives other numbers"])
    assert crosstalk.export("a") == exported
    assert "4 of 4 runs done" in crosstalk("status", "a")
    assert f"schema {schema} (this crosstalk: 3)" in crosstalk("doctor", "a")
    assert "report.html" in crosstalk("report", "a", "--format", "html")
    with sqlite3.connect(crosstalk.folder / "a/study.sqlite") as store:
        store.execute("UPDATE runs SET status = 0 WHERE number = 1")
    assert "not gone on with" in crosstalk("status", "a")
    # The report's study is run anew, and says so.
    process = crosstalk.start("run", "a/report.html", "--out", "b")
    out, err = process.communicate(timeout=600)
    assert process.returncode == 0 and made in err, out + err
    assert "4 of 4 runs done" in crosstalk("status", "b") and record["name"] in crosstalk("status", "b")


def test_results_of_a_newer_schema_are_not_gone_on_with_either(crosstalk, study, finished):
    copied(finished, crosstalk)
    change_record(crosstalk.folder / "a", lambda record: record.update(schema=4))
    refused(crosstalk, "run", study(), "--out", "a", words=["a was made by schema 4; this is schema 3"])
    crosstalk("report", "a", "--format", "html")
    refused(crosstalk, "run", "a/report.html", "--out", "b", words=["report.html", "schema 4", "schema 3"])


def test_a_report_over_another_studys_report_says_so(crosstalk, study, finished):
    copied(finished, crosstalk)
    crosstalk("run", study(20, name="other"), "--out", "b")
    crosstalk("report", "a", "--out", "page", "--format", "html")

    def notes(folder):
        process = crosstalk.start("report", folder, "--out", "page", "--format", "html")
        out, err = process.communicate(timeout=600)
        assert process.returncode == 0, out + err
        return err

    assert "page/report.html was the report of another study, small; it is replaced" in notes("b")
    assert "another study" not in notes("b")

"""A study from the command line: run, go on, export, verify."""

import csv
import fcntl
import io
import json
import os
import re
import select
import signal
import sqlite3
import subprocess

from command import wait_for


def rows_of(table):
    return list(csv.DictReader(io.StringIO(table)))


def test_two_jobs_give_what_one_gives(crosstalk, study, finished):
    crosstalk("run", study(), "--out", "two", "--jobs", "2")
    command, folder = finished
    assert crosstalk.export("two") == command.export(folder)


def test_the_export_is_the_long_table(finished):
    command, folder = finished
    table = command.export(folder)
    assert table.splitlines()[0] == "run,experiment,seed,step,measure,split,value,network.hidden"
    rows = rows_of(table)
    assert {row["seed"] for row in rows} == {"0", "1"} and {row["network.hidden"] for row in rows} == {"4", "8"}
    assert {row["experiment"] for row in rows} == {"small"}
    assert {int(row["step"]) for row in rows} == {0, 50, 100, 150, 200}
    for measure in ("squared_error", "loss", "gap", "function_interference", "loss_interference", "stiffness"):
        assert any(row["measure"] == measure for row in rows), measure
    key = [(row["run"], int(row["step"]), row["measure"], row["split"]) for row in rows]
    assert key == sorted(key) and len(set(key)) == len(key)
    assert all(re.fullmatch("[0-9a-f]{16}", row["run"]) for row in rows)


def test_a_finished_study_has_nothing_to_do(finished):
    command, folder = finished
    before = command.export(folder)
    assert "nothing to do" in command("run", "small.toml", "--out", folder)
    assert "nothing to do" in command("run", folder)
    assert "4 of 4 runs done" in command("status", folder)
    assert command.export(folder) == before


def test_an_edited_study_runs_what_is_missing(crosstalk, study):
    crosstalk("run", study(50), "--out", "a", "--set", "network.hidden=[4]")
    first = crosstalk.export("a")
    said = crosstalk("run", study(50), "--out", "a", "--set", "network.hidden=[4,8]")
    assert "2 runs to do of 4" in said
    assert set(rows["run"] for rows in rows_of(first)) < set(rows["run"] for rows in rows_of(crosstalk.export("a")))


def test_kills_at_odd_moments_leave_the_same_rows(crosstalk, study):
    often = ("--jobs", "2", "--checkpoint-seconds", "0.05")
    file = study(3000)
    crosstalk("run", file, "--out", "undisturbed")
    killed = sum(
        crosstalk.kill_after(seconds, "run", file, "--out", "a", *often) for seconds in (0.3, 1, 1.5, 2, 2.5, 3)
    )
    said = crosstalk("run", file, "--out", "a", *often)
    assert killed > 0, said
    assert crosstalk.export("a") == crosstalk.export("undisturbed")


def test_a_worker_that_is_killed_costs_its_run_alone_and_the_next_call_mends_it(crosstalk, study):
    file, less = study(2_000_000), ("--set", "network.hidden=4", "--set", "probe.every=100_000")
    process = crosstalk.start("run", file, "--out", "a", "--jobs", "1", *less)
    wait_for(lambda: "1 running" in crosstalk("status", "a", status=None))
    worker = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(process.pid)], capture_output=True, text=True
    ).stdout.split()
    subprocess.run(["kill", "-SEGV", worker[0]], check=True)
    out, err = process.communicate(timeout=600)
    assert process.returncode == 1 and "failed" in out and "signal 11" in out, out + err
    assert "1 failed" in crosstalk("status", "a")
    crosstalk("run", file, "--out", "a", *less)
    assert "2 of 2 runs done" in crosstalk("status", "a")


def test_an_interrupt_stops_cleanly_and_says_how_to_go_on(crosstalk, study):
    file = study(4_000_000)
    process = crosstalk.start("run", file, "--out", "a", "--jobs", "2")
    wait_for(lambda: (crosstalk.folder / "a/study.sqlite").exists() and "running" in crosstalk("status", "a"))
    crosstalk.kill(process, signal.SIGINT)  # as a terminal does: to the whole group
    out, err = process.communicate(timeout=120)
    assert process.returncode == 130, out + err
    assert "go on with:  crosstalk run a" in out and "Traceback" not in err
    assert list((crosstalk.folder / "a/checkpoints").glob("*.safetensors")), "no checkpoint was written"
    assert "interrupted" in crosstalk("status", "a")


def test_an_interrupt_while_configurations_are_timed_begins_nothing(crosstalk, study):
    process = crosstalk.start("run", study(4_000_000), "--out", "a", "--jobs", "2")
    wait_for(lambda: (crosstalk.folder / "a/study.sqlite").exists())  # a worker takes longer to start
    crosstalk.kill(process, signal.SIGINT)
    out, err = process.communicate(timeout=120)
    assert process.returncode == 130, out + err
    assert "0 of 4 runs are done" in out and "go on with:  crosstalk run a" in out and "Traceback" not in err
    assert "interrupted" not in crosstalk("status", "a"), "a run was begun"


def test_a_single_run_says_how_long_it_takes(crosstalk, study):
    said = crosstalk("run", study(50), "--out", "a", "--set", "seeds=1", "--set", "network.hidden=4", "--jobs", "1")
    assert "small: 1 run, 1 job, about " in said


def forget_contents(store):
    """As a crosstalk left it that kept no digests of what it stored."""
    store.execute("DELETE FROM meta WHERE key LIKE 'contents%'")


def test_verify_recomputes_and_finds_what_was_changed(crosstalk, study):
    crosstalk("run", study(100), "--out", "a")
    assert "4 of 4 runs came out the same to the last bit" in crosstalk("verify", "a", "--runs", "4")
    with sqlite3.connect(crosstalk.folder / "a/study.sqlite") as store:
        store.execute("UPDATE rows SET value = value + 1e-9 WHERE run = 1 AND step = 50")
        forget_contents(store)
    process = crosstalk.start("verify", "a", "--runs", "4")
    out, err = process.communicate()
    assert process.returncode == 1 and "DIFFERENT" in out and "3 of 4" in out, out + err
    process = crosstalk.start("verify", "a", "--runs", "4")
    process.stdout.close()  # as `| head` does: the status still tells
    assert process.wait(300) == 1, process.stderr.read()


def test_verify_compares_arrays_too(crosstalk, study):
    text = '[task]\ndataset = "digits"\nexamples = 40\n[network]\nhidden = 2\n[learner]\nupdates = {updates}\n'
    crosstalk("run", study(20, text=text), "--out", "a")
    assert "2 of 2 runs came out the same" in crosstalk("verify", "a")
    with sqlite3.connect(crosstalk.folder / "a/study.sqlite") as store:
        store.execute("UPDATE arrays SET value = zeroblob(length(value)) WHERE run = 2")
        forget_contents(store)
    process = crosstalk.start("verify", "a")
    out, err = process.communicate()
    assert process.returncode == 1 and "the array function_gram is stored otherwise" in out, out + err


def test_a_plan_times_each_configuration_and_runs_nothing(crosstalk, study):
    said = crosstalk("run", study(), "--out", "a", "--plan")
    assert "4 runs of 2 configurations" in said and "--jobs" in said and "on disk" in said
    assert not (crosstalk.folder / "a").exists()


def test_a_plan_marks_what_it_could_not_time(crosstalk, study):
    text = '[task]\ndataset = "california"\nexamples = 50\n[learner]\nupdates = {updates}\n[sweep]\n'
    layers = '"network.layers" = [["linear out"], ["conv 4 3", "flatten", "linear out"]]\n'
    said = crosstalk("run", study(50, text=text + layers), "--plan")
    (line,) = [line for line in said.splitlines() if "conv 4 3" in line]
    assert line.split()[-6:] == ["?"] * 6, said
    assert "4 runs of 2 configurations" in said and "Without the 2 runs that could not be timed" in said


def test_a_report_with_its_study_inside_can_be_run(crosstalk, study):
    crosstalk("run", study(50), "--out", "a")
    with sqlite3.connect(crosstalk.folder / "a/study.sqlite") as store:
        inside = json.loads(store.execute("SELECT value FROM meta WHERE key = 'study'").fetchone()[0])
    text = json.dumps(inside).replace("<", "\\u003c")
    page = f'<html><body><script type="application/json" id="crosstalk-study">{text}</script></body></html>'
    (crosstalk.folder / "report.html").write_text(page)
    crosstalk("run", "report.html", "--out", "b")
    assert crosstalk.export("a") == crosstalk.export("b")
    (crosstalk.folder / "report.html").write_text("<html>nothing</html>")
    assert "no study inside" in crosstalk("run", "report.html", status=2)
    inside["runs"]["number"] -= 1
    page = page.replace(text, json.dumps(inside).replace("<", "\\u003c"))
    (crosstalk.folder / "report.html").write_text(page)
    said = crosstalk("run", "report.html", status=5)
    assert "report.html: " in said and "do not follow from its text" in said and "--out" in said
    assert "belong to a study file" in crosstalk("run", "report.html", "--set", "seeds=1", status=2)


def test_a_run_whose_output_closes_goes_on(crosstalk, study):
    process = crosstalk.start("run", study(), "--out", "a")
    process.stdout.close()
    process.stderr.read()
    assert process.wait(300) == 0
    assert "4 of 4 runs done" in crosstalk("status", "a")


def test_export_into_head_ends_in_silence(finished):
    command, folder = finished
    process = command.start("export", folder)
    process.stdout.readline()
    process.stdout.close()
    assert process.stderr.read() == ""
    assert process.wait(60) in (0, 141)


def test_an_output_that_takes_nothing_more_is_an_error(finished):
    command, folder = finished
    with open("/dev/full", "w") as full:
        said = command("export", folder, stdout=full, status=4)
    assert "cannot be written" in said and "No space left" in said


def test_an_interrupt_ends_an_export_at_once(finished):
    command, folder = finished
    reading, writing = os.pipe()
    fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, 4096)
    process = command.start("export", folder, stdout=writing)
    assert select.select([reading], [], [], 600)[0]  # it has begun to write, and nobody reads
    process.send_signal(signal.SIGINT)
    assert process.wait(60) == -signal.SIGINT
    assert process.stderr.read() == ""
    os.close(reading)
    os.close(writing)

"""Signals as terminals, batch systems and people send them: to the whole group, to one worker, at any moment."""

import os
import pty
import signal
import subprocess
import time

import pytest
from command import Command, wait_for

ENDINGS = {"SIGINT": 130, "SIGTERM": 143, "SIGHUP": 129, "SIGUSR1": 138}


def children(process, module):
    """The process numbers of its children that run this module."""
    listed = subprocess.run(["ps", "-o", "pid=,args=", "--ppid", str(process.pid)], capture_output=True, text=True)
    return [int(line.split()[0]) for line in listed.stdout.splitlines() if module in line]


def is_running(crosstalk, folder):
    return "running" in crosstalk("status", folder, status=None)


def assert_that_nobody_is_left(process):
    def is_over():
        try:
            os.killpg(process.pid, 0)
        except ProcessLookupError:
            return True
        return False

    wait_for(is_over, 20)


def test_the_end_of_the_terminal_stops_as_an_interrupt_does(crosstalk, study):
    terminal, ours = pty.openpty()
    process = crosstalk.start(
        "run", study(4_000_000), "--out", "a", "--jobs", "2", stdin=ours, stdout=ours, stderr=ours
    )
    os.close(ours)
    wait_for(lambda: is_running(crosstalk, "a"))
    process.send_signal(signal.SIGHUP)  # the shell's; the system's follows
    os.close(terminal)  # from here on all that is written there fails
    crosstalk.kill(process, signal.SIGHUP)
    assert process.wait(120) == 129
    assert list((crosstalk.folder / "a/checkpoints").glob("*.safetensors")), "no checkpoint was written"
    assert "interrupted" in crosstalk("status", "a")
    assert_that_nobody_is_left(process)


def test_a_signal_that_comes_twice_at_once_still_leaves_a_checkpoint(crosstalk, study):
    process = crosstalk.start("run", study(4_000_000), "--out", "a", "--jobs", "1")
    wait_for(lambda: is_running(crosstalk, "a"))
    process.send_signal(signal.SIGTERM)  # as `timeout` does
    crosstalk.kill(process, signal.SIGTERM)
    out, err = process.communicate(timeout=120)
    assert process.returncode == 143, out + err
    assert list((crosstalk.folder / "a/checkpoints").glob("*.safetensors")), "no checkpoint was written"


def test_a_batch_system_s_two_signals_are_one_stop(crosstalk, study):
    process = crosstalk.start("run", study(4_000_000), "--out", "a", "--jobs", "1")
    wait_for(lambda: is_running(crosstalk, "a"))
    process.send_signal(signal.SIGUSR1)  # Slurm's, before the time limit
    time.sleep(0.05)
    process.send_signal(signal.SIGTERM)  # and at it
    out, err = process.communicate(timeout=120)
    assert process.returncode == 138 and "stopping at once" not in out, out + err
    assert list((crosstalk.folder / "a/checkpoints").glob("*.safetensors")), "no checkpoint was written"


def test_a_run_that_ignores_the_end_of_the_terminal_goes_on_with_its_workers(crosstalk, study):
    process = crosstalk.start("run", study(100_000), "--out", "a", "--set", "network.hidden=4", "--set", "probe.every=10_000",
                              preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN))  # fmt: skip
    wait_for(lambda: children(process, "crosstalk._worker"))
    crosstalk.kill(process, signal.SIGHUP)
    wait_for(lambda: process.poll() is not None or is_running(crosstalk, "a"))
    crosstalk.kill(process, signal.SIGHUP)
    out, err = process.communicate(timeout=300)
    assert process.returncode == 0 and "2 of 2 runs are done" in out, out + err


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_worker_that_is_ended_while_it_starts_costs_nothing(crosstalk, study, number):
    process = crosstalk.start("run", study(), "--out", "a", "--jobs", "1")
    found = []
    wait_for(lambda: found.extend(children(process, "crosstalk._worker")) or found)
    os.kill(found[0], number)
    out, err = process.communicate(timeout=300)
    assert process.returncode == 0 and "4 of 4 runs are done" in out, out + err


@pytest.mark.parametrize("name", ENDINGS)
def test_a_signal_while_data_are_prepared_ends_all_and_leaves_nothing(tmp_path, study, name):
    crosstalk = Command(tmp_path, tmp_path / "cache")
    process = crosstalk.start("run", study(), "--out", "a")
    assert "converting" in process.stderr.readline()
    crosstalk.kill(process, getattr(signal, name))
    out, err = process.communicate(timeout=60)
    assert process.returncode == ENDINGS[name] and "Traceback" not in err and "stopped" in err, out + err
    assert_that_nobody_is_left(process)
    assert not list((tmp_path / "cache").rglob(".partial*")) and not (tmp_path / "a").exists()


@pytest.mark.parametrize("name", ENDINGS)
def test_a_signal_while_a_report_is_made_ends_all_and_leaves_nothing_half_written(finished, tmp_path, name):
    command, folder = finished
    out = tmp_path / "out"
    process = command.start("report", folder, "--out", out)
    wait_for(lambda: (out / "figures").exists())
    command.kill(process, getattr(signal, name))
    said, err = process.communicate(timeout=60)
    assert process.returncode == ENDINGS[name] and err == "crosstalk: stopped\n", said + err
    assert_that_nobody_is_left(process)
    assert not [path for path in out.rglob(".*")]


def test_what_is_suspended_goes_on(crosstalk, study):
    process = crosstalk.start("run", study(), "--out", "a", "--jobs", "2")
    for condition in (lambda: process.stderr, lambda: children(process, "crosstalk._worker")):
        wait_for(condition)
        crosstalk.kill(process, signal.SIGTSTP)
        time.sleep(0.2)
        crosstalk.kill(process, signal.SIGCONT)
    out, err = process.communicate(timeout=300)
    assert process.returncode == 0 and "4 of 4 runs are done" in out, out + err


def test_a_quit_leaves_no_process_and_the_same_command_goes_on(crosstalk, study):
    file, less = study(20_000), ("--out", "a", "--jobs", "2", "--set", "probe.every=5_000")
    process = crosstalk.start("run", file, *less)
    wait_for(lambda: process.poll() is not None or is_running(crosstalk, "a"))
    crosstalk.kill(process, signal.SIGQUIT)
    process.communicate(timeout=60)
    assert_that_nobody_is_left(process)
    crosstalk("run", file, *less)
    assert "4 of 4 runs done" in crosstalk("status", "a")


def test_what_a_killed_verification_leaves_behind_goes_with_the_next_one(finished, tmp_path):
    command, folder = finished
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    own = Command(command.folder, command.environment["XDG_CACHE_HOME"])
    own.environment["TMPDIR"] = str(scratch)
    process = own.start("verify", folder)
    wait_for(lambda: list(scratch.iterdir()))
    own.kill(process)
    process.communicate()
    assert list(scratch.iterdir()), "it had ended before"
    own("verify", folder)
    assert not list(scratch.iterdir())

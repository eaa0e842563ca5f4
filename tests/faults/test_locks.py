"""File systems that have no locks, that grant each lock and hold none, and that lock for one machine alone."""

import errno

import pytest
from command import wait_for
from faulty import library


@pytest.fixture
def locking(crosstalk, tmp_path):
    """locking(NAME=VALUE): the environment of a command on a file system that locks so (locks.c)."""
    preloaded = library("locks", tmp_path)

    def make(**how):
        return {**crosstalk.environment, "LD_PRELOAD": preloaded, **how}

    return make


@pytest.mark.parametrize("refusal", ["ENOLCK", "ENOSYS", "EOPNOTSUPP"])
def test_a_file_system_without_locks_is_named(crosstalk, study, finished, locking, refusal):
    environment = locking(LOCKS=str(getattr(errno, refusal)), LOCKS_OF=" fcntl ")
    for arguments in (("status", finished[1]), ("run", finished[1]), ("run", study(), "--out", "b")):
        said = crosstalk(*arguments, status=5, env=environment)
        assert "study.sqlite" in said and "has no locks" in said and "--out" in said, said


@pytest.mark.parametrize("which", [" flock ", " fcntl ", " flock fcntl "])
def test_a_file_system_whose_locks_hold_nothing_is_refused_before_anything_is_stored(crosstalk, study, locking, which):
    said = crosstalk("run", study(), "--out", "a", status=5, env=locking(LOCKS="lie", LOCKS_OF=which))
    assert "a/.lock: its file system grants a lock that is held already" in said and "--out" in said, said
    assert not (crosstalk.folder / "a/study.sqlite").exists()
    crosstalk("run", study(), "--out", "a")


@pytest.fixture
def machines(locking, tmp_path):
    """The environments of two machines, each of which locks for itself."""
    for name in ("node1", "node2"):
        (tmp_path / name).mkdir()
    return [locking(LOCKS=str(tmp_path / name), LOCKS_HOST=name) for name in ("node1", "node2")]


def test_of_two_machines_with_locks_of_their_own_the_first_one_gives_way_and_no_row_is_lost(crosstalk, study, machines):
    first, second = machines
    file, more = study(60_000), ("--set", "probe.every=5000", "--jobs", "1")
    crosstalk("run", file, *more, "--out", "undisturbed")
    process = crosstalk.start("run", file, *more, "--out", "a", env=first)
    wait_for(lambda: process.poll() is not None or "running" in crosstalk("status", "a", status=None, env=first))
    crosstalk("run", file, *more, "--out", "a", env=second)
    out, err = process.communicate(timeout=120)
    assert process.returncode == 5, out + err
    assert "on node2 has begun to work on it as well" in err and "locks do not hold between the two" in err, err
    assert crosstalk.export("a") == crosstalk.export("undisturbed")
    assert "sound" in crosstalk("doctor", "a")


def test_who_looks_from_another_machine_with_locks_of_its_own_undoes_nothing(crosstalk, study, machines):
    first, second = machines
    file, often = study(4000), ("--checkpoint-seconds", "0.02", "--jobs", "1")
    crosstalk("run", file, "--out", "undisturbed", "--jobs", "1")
    process = crosstalk.start("run", file, *often, "--out", "a", env=first)
    wait_for(lambda: process.poll() is not None or (crosstalk.folder / "a/study.sqlite").exists())
    read = []
    while process.poll() is None:
        looking = crosstalk.start("status" if len(read) % 2 else "export", "a", env=second)
        _, err = looking.communicate()
        read.append(looking.returncode)
        assert read[-1] == 0 or (read[-1] == 5 and "Or nothing is wrong: process" in err and "on node1" in err), err
    out, err = process.communicate()
    assert process.returncode == 0 and 0 in read, f"{read}\n{out}\n{err}"
    assert crosstalk.export("a") == crosstalk.export("undisturbed")
    assert "sound" in crosstalk("doctor", "a")


def test_a_command_that_ended_leaves_no_name_in_the_lock(finished):
    assert (finished[1] / ".lock").read_bytes() == b""

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


def test_of_two_machines_with_locks_of_their_own_the_first_one_gives_way_and_no_row_is_lost(
    crosstalk, study, locking, tmp_path
):
    first, second = (
        locking(LOCKS=str(tmp_path / name), LOCKS_HOST=name)
        for name in ("node1", "node2")
        if not (tmp_path / name).mkdir()
    )
    file = study(60_000)
    more = ("--set", "probe.every=5000", "--jobs", "1")
    crosstalk("run", file, *more, "--out", "undisturbed")
    process = crosstalk.start("run", file, *more, "--out", "a", env=first)
    wait_for(lambda: process.poll() is not None or "running" in crosstalk("status", "a", status=None, env=first))
    crosstalk("run", file, *more, "--out", "a", env=second)
    out, err = process.communicate(timeout=120)
    assert process.returncode == 5, out + err
    assert "on node2 has begun to work on it as well" in err and "locks do not hold between the two" in err, err
    assert crosstalk.export("a") == crosstalk.export("undisturbed")
    assert "damaged" not in crosstalk("doctor", "a")


def test_a_command_that_ended_leaves_no_name_in_the_lock(finished):
    assert (finished[1] / ".lock").read_bytes() == b""

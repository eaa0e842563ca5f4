"""Limits of memory, as batch systems and containers set them: a run that is too large fails in words, and the others go on."""

import os
import resource
from contextlib import contextmanager
from pathlib import Path

import pytest

STUDY = """
[task]
dataset = "california"
examples = 200
[network]
depth = 2
[learner]
updates = {updates}
[probe]
every = 50
samples = 16
[sweep]
"network.hidden" = [4, 20000]
"""
LIMIT = 900 << 20  # of bytes; a command and two workers need less, and the larger network has 1.6 GB of parameters


@contextmanager
def memory_group(name):
    """A control group of that memory, and what a child calls to enter it; skips where none can be made."""
    own = dict(line.split(":", 2)[1:] for line in Path("/proc/self/cgroup").read_text().splitlines())
    if "memory" in own:
        group, limits = Path(f"/sys/fs/cgroup/memory{own['memory']}") / name, ("memory.limit_in_bytes",)
    else:
        group, limits = Path(f"/sys/fs/cgroup{own.get('', '/')}") / name, ("memory.max", "memory.swap.max")
    try:
        group.mkdir()
    except OSError as error:
        pytest.skip(f"no control group can be made: {error}")
    try:
        for limit, value in zip(limits, (LIMIT, 0), strict=False):
            (group / limit).write_text(str(value))
        yield lambda: (group / "cgroup.procs").write_text(str(os.getpid()))
    except OSError as error:
        pytest.skip(f"a control group cannot limit memory here: {error}")
    finally:
        group.rmdir()


def failed_alone(crosstalk, out):
    assert "2 of 4 runs are done, 2 failed" in out, out
    said = crosstalk("status", "a")
    assert "2 of 4 runs done" in said and "2 failed" in said, said
    return [line for line in out.splitlines() if line.startswith("failed")]


def test_under_a_limit_of_the_process_a_run_that_is_too_large_fails_and_the_others_go_on(crosstalk, study):
    def limit():
        resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))

    process = crosstalk.start("run", study(100, text=STUDY), "--out", "a", "--jobs", "1", preexec_fn=limit)
    out, err = process.communicate(timeout=300)
    assert process.returncode == 1, out + err
    for line in failed_alone(crosstalk, out):
        assert "too little memory for this run" in line and "Give fewer --jobs, a smaller network" in line, line


def test_in_a_control_group_of_little_memory_a_run_that_is_too_large_fails_and_the_others_go_on(crosstalk, study):
    with memory_group(f"crosstalk-test-{os.getpid()}") as enter:
        process = crosstalk.start("run", study(100, text=STUDY), "--out", "a", "--jobs", "2", preexec_fn=enter)
        out, err = process.communicate(timeout=300)
    assert process.returncode == 1, out + err
    for line in failed_alone(crosstalk, out):
        assert "signal 9" in line and "memory ran out" in line and "fewer --jobs" in line, line

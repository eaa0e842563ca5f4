"""Foreign formats are read in a process of its own, with limits on time and memory: this is the side that
starts it.

A reader that crashes, hangs or swells on a damaged file ends that process, and its end becomes a data
error."""

import contextlib
import json
import math
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from crosstalk.data.errors import DataError, counted, too_little_memory

GIGABYTE = 1 << 30
SMALLEST = GIGABYTE  # with less, what reads a file may die before it can say why
OF_MEMORY = ("MemoryError", "bad_alloc", "annot allocate memory", "Memory allocation", "failed to map segment")


def limits(source_bytes):
    """(bytes of memory, seconds) for a source of this size; CROSSTALK_DATA_MEMORY_GB and
    CROSSTALK_DATA_SECONDS replace them."""
    physical = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    memory = min(3 * GIGABYTE + 20 * source_bytes, max(physical, GIGABYTE))
    seconds = 120 + source_bytes // 1_000_000
    return int(setting("CROSSTALK_DATA_MEMORY_GB", memory / GIGABYTE) * GIGABYTE), setting(
        "CROSSTALK_DATA_SECONDS", seconds
    )


def setting(name, otherwise):
    text = os.environ.get(name, "")
    try:
        value = float(text) if text else otherwise
    except ValueError:
        value = -1
    if not 0 < value < 1e9:
        raise DataError(f"{name} = {text} is not a number above 0 and below 1e9.", "environment")
    return value


def environment_of_child():
    """In which a child finds this package, and computes on one core."""
    package_root = str(Path(__file__).resolve().parents[2])
    path = os.pathsep.join([package_root, *filter(None, [os.environ.get("PYTHONPATH")])])
    return {**os.environ, "PYTHONPATH": path, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}


def ask(operation, request, subject, source_bytes=0):
    """What the child answers to `operation`. `subject` is what its death would be about."""
    memory, seconds = limits(source_bytes)
    text = json.dumps({**request, "operation": operation, "memory_bytes": memory, "seconds": seconds})
    environment = environment_of_child()
    # The answer has a file of its own: what a module of the user's prints stands among the errors.
    with tempfile.TemporaryFile() as errors, tempfile.TemporaryFile() as reply:
        environment["CROSSTALK_REPLIES"] = str(reply.fileno())
        # -P: a file named numpy.py in the current folder is not what we import.
        child = subprocess.Popen(
            [sys.executable, "-P", "-X", "utf8", "-m", "crosstalk.data.child"],
            stdin=subprocess.PIPE,
            stdout=errors,
            stderr=errors,
            pass_fds=[reply.fileno()],
            env=environment,
        )
        try:
            if not ends(child, text.encode(), 3 * seconds):
                raise too_long(subject, 3 * seconds)
        finally:
            with contextlib.suppress(OSError):
                child.kill()
            child.wait()
        errors.seek(0, os.SEEK_END)
        errors.seek(max(0, errors.tell() - 2000))
        reply.seek(0)
        said = errors.read().decode(errors="replace")
        return understand(child.returncode, reply.read(), said, subject, seconds, memory)


def ends(child, text, seconds):
    """Whether the child ends in this time, looked at every second: where all of us are suspended for an hour, that
    counts as one."""
    while seconds > 0:
        try:
            child.communicate(text, timeout=min(1, seconds))
            return True
        except subprocess.TimeoutExpired:
            seconds -= 1
            text = None  # it is given once
    return False


def understand(status, reply, errors, subject, seconds, memory=math.inf):
    """The child's answer, or the error that its answer or its end stands for."""
    try:
        answer = json.loads(reply)
    except ValueError:
        answer = None
    if isinstance(answer, dict) and (status == 0 or "error" in answer):
        if "error" in answer:
            raise DataError(answer["error"]["message"], answer["error"]["kind"])
        return answer["answer"]
    if status == -signal.SIGXCPU:
        raise too_long(subject, seconds)
    if memory < SMALLEST or (memory < math.inf and any(word in errors for word in OF_MEMORY)):
        raise too_little_memory(subject, memory)
    last = next((line.strip() for line in reversed(errors.splitlines()) if line.strip()), "")
    if status < 0:
        how = (
            f"was ended by signal {signal.Signals(-status).name}"
            if -status in set(signal.Signals)
            else f"ended with {status}"
        )
    else:
        how = f"ended with status {status}"
    raise DataError(
        f"{subject} cannot be read: the process that reads it {how}{f' ({last[:200]})' if last else ''}.\n"
        "The file is damaged, or there is too little memory for it."
    )


def too_long(subject, seconds):
    return DataError(
        f"{subject}: reading it takes longer than {counted(int(seconds) or 1, 'second')}. A damaged file "
        "can do that; for one that "
        "is truly so large,\nset CROSSTALK_DATA_SECONDS higher."
    )

"""Foreign formats are read in a process of its own, with limits on time and memory: this is the side that
starts it.

A reader that crashes, hangs or swells on a damaged file ends that process, and its end becomes a data
error."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from crosstalk.data.errors import DataError, counted

GIGABYTE = 1 << 30


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
        raise DataError(f"{name} = {text} is not a number above 0.", "environment")
    return value


def ask(operation, request, subject, source_bytes=0):
    """What the child answers to `operation`. `subject` is what its death would be about."""
    memory, seconds = limits(source_bytes)
    text = json.dumps({**request, "operation": operation, "memory_bytes": memory, "seconds": seconds})
    package_root = str(Path(__file__).resolve().parents[2])
    path = os.pathsep.join([package_root, *filter(None, [os.environ.get("PYTHONPATH")])])
    environment = {**os.environ, "PYTHONPATH": path, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    with tempfile.TemporaryFile() as errors:
        # -P: a file named numpy.py in the current folder is not what we import.
        child = subprocess.Popen(
            [sys.executable, "-P", "-m", "crosstalk.data.child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            env=environment,
        )
        try:
            reply, _ = child.communicate(text.encode(), timeout=3 * seconds)
        except subprocess.TimeoutExpired:
            raise too_long(subject, 3 * seconds) from None
        finally:
            with contextlib.suppress(OSError):
                child.kill()
            child.wait()
            child.stdout.close()
        errors.seek(0, os.SEEK_END)
        errors.seek(max(0, errors.tell() - 2000))
        return understand(child.returncode, reply, errors.read().decode(errors="replace"), subject, seconds)


def understand(status, reply, errors, subject, seconds):
    """The child's answer, or the error that its answer or its end stands for."""
    try:
        answer = json.loads(reply)
    except ValueError:
        answer = None
    if status == 0 and isinstance(answer, dict):
        if "error" in answer:
            raise DataError(answer["error"]["message"], answer["error"]["kind"])
        return answer["answer"]
    if status == -signal.SIGXCPU:
        raise too_long(subject, seconds)
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

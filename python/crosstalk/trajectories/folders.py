"""A folder that is there whole or not at all."""

import contextlib
import errno
import fcntl
import os
import shutil
from pathlib import Path

from crosstalk.data.errors import DataError

UNFINISHED = ".crosstalk-unfinished-"
PROBE_BYTES = 1 << 20  # less than this is left on a disk where a file could not be written


def refuse_taken(path, mend):
    """Where something stands in the way; an empty folder does not."""
    path = Path(path)
    if path.is_symlink() or (path.exists() and not (path.is_dir() and not any(path.iterdir()))):
        raise DataError(f"{path} is there already. {mend}", "config")


@contextlib.contextmanager
def appearing(path, mend):
    """A new folder beside `path`, which becomes `path` when the block ends well and is removed otherwise. It is locked
    meanwhile: what a killed process left is removed by the next one, what another one writes is not. `mend`: what to
    do where `path` is taken or cannot be written."""
    path = Path(path)
    refuse_taken(path, mend)
    is_new = not path.parent.exists()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        remove_abandoned(path.parent)
        with begun(path) as partial:
            yield partial
            os.rename(partial, path)
            flush(path.parent)
    except OSError as error:
        raise of_writing(error, path, mend) from None
    finally:
        if is_new:
            with contextlib.suppress(OSError):  # what came into it stays
                path.parent.rmdir()


@contextlib.contextmanager
def begun(path):
    partial = path.parent / f"{UNFINISHED}{os.getpid()}-{os.urandom(4).hex()}"
    with contextlib.ExitStack() as stack:
        stack.callback(shutil.rmtree, partial, ignore_errors=True)
        while True:
            partial.mkdir(exist_ok=True)
            descriptor = os.open(partial, os.O_RDONLY | os.O_DIRECTORY)
            stack.callback(os.close, descriptor)
            with contextlib.suppress(OSError):  # a file system without locks: then nothing looks abandoned either
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if partial.exists():  # before it was locked it looked abandoned
                break
        yield partial


def remove_abandoned(parent):
    for partial in parent.glob(UNFINISHED + "*"):
        with contextlib.suppress(OSError):
            descriptor = os.open(partial, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(partial, ignore_errors=True)
            finally:
                os.close(descriptor)


def flush(path):
    """A file, or the names in a folder: they are on the disk when it returns, where the file system can say so."""
    with contextlib.suppress(OSError):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def refuse_full(folder):
    """OSError where the file system of `folder` takes no more: libraries do not always say so."""
    probe = folder / ".probe"
    try:
        with open(probe, "wb") as file:
            file.write(os.urandom(PROBE_BYTES))
            file.flush()
            os.fsync(file.fileno())
    finally:
        with contextlib.suppress(OSError):
            probe.unlink()


def of_writing(error, path, mend):
    """What an OSError means to the one who named `path`."""
    if error.errno in (errno.ENOTEMPTY, errno.EEXIST):
        return DataError(f"{path} is there already. {mend}", "config")
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return DataError(f"{path}: the disk is full; nothing is left there. Free some space.", "environment")
    said = (error.strerror or str(error)).lower()
    return DataError(f"{path} cannot be written ({said}). {mend}", "environment")

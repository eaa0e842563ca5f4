"""The cache: where it is, checksums of sources, and files that appear whole or not at all."""

import contextlib
import errno
import fcntl
import hashlib
import json
import os
import pwd
import stat
import time
from pathlib import Path

from crosstalk.data.errors import DataError, of_operating_system

REMEMBERED_BYTES = 4 << 20  # from this size on a checksum is remembered


def root():
    """CROSSTALK_CACHE, else XDG_CACHE_HOME/crosstalk, else ~/.cache/crosstalk."""
    if named := os.environ.get("CROSSTALK_CACHE"):
        return at_home(named)
    if base := os.environ.get("XDG_CACHE_HOME"):
        return at_home(base) / "crosstalk"
    return at_home("~/.cache/crosstalk")


def at_home(path):
    """The path with ~ replaced: by HOME, else by what passwd says; a container's user may have neither."""
    try:
        if path.split("/")[0] == "~":
            home = os.environ.get("HOME") or pwd.getpwuid(os.getuid()).pw_dir
            path = home + path[1:]
        return Path(path).expanduser().absolute()
    except (KeyError, RuntimeError):
        raise DataError(
            f"{path}: this user has no home folder (HOME is not set, and passwd names none), so there is no place for "
            "the cache. Set CROSSTALK_CACHE to a folder that can be written.",
            "environment",
        ) from None


def sources_folder():
    """Where `fetch` puts what it fetched: sarcos/, cifar10/, svhn/."""
    return root() / "data"


def folder(name):
    """A folder of the cache, made where there is none."""
    path = root() / name
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise of_operating_system(error, path) from None
    return path


@contextlib.contextmanager
def appearing(path):
    """A temporary name beside `path`, which becomes `path` when the block ends well and nothing otherwise.
    It is locked meanwhile, so that what a killed process left can be told from what another one is
    writing, and removed."""
    remove_abandoned(path.parent)
    with contextlib.ExitStack() as stack:
        partial = begin(path, stack)
        try:
            yield partial
            os.replace(partial, path)
            with contextlib.suppress(OSError):  # the name is durable too, where the file system can say so
                parent = os.open(path.parent, os.O_RDONLY)
                try:
                    os.fsync(parent)
                finally:
                    os.close(parent)
        except OSError as error:
            raise of_operating_system(error, path.parent) from None


def begin(path, stack):
    """The name of a new file beside `path`, locked. The stack removes and closes it; it knows the name before the file
    is there, for a signal may end us between the two."""
    while True:
        partial = path.parent / f".partial-{os.getpid()}-{os.urandom(4).hex()}-{path.name}"
        stack.callback(partial.unlink, missing_ok=True)
        try:
            file = stack.enter_context(open(partial, "x+b"))
            fcntl.flock(file, fcntl.LOCK_EX)
        except OSError as error:
            raise of_operating_system(error, partial.parent) from None
        # Before it was locked it looked abandoned, and another process may have removed it.
        if partial.exists():
            return partial


def remove_abandoned(parent):
    """Removes what processes that were killed had begun."""
    for partial in parent.glob(".partial-*"):
        with contextlib.suppress(OSError), open(partial, "rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            partial.unlink()


def compute_digests(path):
    """SHA-256 and MD5 (some of the official checksums are) in one pass."""
    sha256, md5 = hashlib.sha256(), hashlib.md5(usedforsecurity=False)
    try:
        if not is_plain(os.stat(path)):
            raise DataError(f"{path} is not a plain file: it is a pipe, a device or a file of the kernel's.")
        with open(path, "rb") as file:
            while block := file.read(1 << 20):
                sha256.update(block)
                md5.update(block)
    except OSError as error:
        raise unreadable(path, error) from None
    return {"sha256": sha256.hexdigest(), "md5": md5.hexdigest()}


def is_plain(about):
    """Of what os.stat says: a file that is read from its beginning to its end. Some of those in /proc never end."""
    kernels = [os.stat(folder) for folder in ("/proc", "/sys") if os.path.ismount(folder)]
    return stat.S_ISREG(about.st_mode) and about.st_dev not in [kernel.st_dev for kernel in kernels]


def unreadable(path, error):
    if error.errno == errno.EISDIR:
        return DataError(f"{path} is a folder where a file is expected.")
    return DataError(f"{path} cannot be read ({(error.strerror or str(error)).lower()}).")


def remembered(place, state, compute):
    """What `compute` gives for `place`, kept in the cache for as long as `state` (sizes and times) stays
    the same."""
    record = record_of(place)
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        seal, text = record.read_text().split("\n", 1)
        kept = json.loads(text)
        if seal == seal_of(text) and kept["place"] == str(place) and kept["state"] == state:
            return kept["digests"]
    digests = compute()
    with contextlib.suppress(DataError):  # a checksum that cannot be kept is computed again
        folder("checksums")
        with appearing(record) as partial:
            text = json.dumps({"place": str(place), "state": state, "digests": digests})
            partial.write_text(f"{seal_of(text)}\n{text}")
    return digests


def record_of(place):
    name = hashlib.sha256(str(place).encode("utf-8", "surrogateescape")).hexdigest()[:32]
    return root() / "checksums" / f"{name}.json"


def seal_of(text):
    """A damaged record would make other data of a file that is sound."""
    return hashlib.sha256(text.encode()).hexdigest()


def forget(path):
    """Has a file's checksum computed when it is next asked for."""
    with contextlib.suppress(OSError):
        record_of(Path(path).absolute()).unlink()


def digests(path):
    """{"sha256", "md5"} of a file; of a big one remembered by (path, size, mtime_ns)."""
    path = Path(path).absolute()
    try:
        about = path.stat()
    except OSError as error:
        raise unreadable(path, error) from None
    # A file just written may change again within one tick of its clock.
    settled = time.time_ns() - about.st_mtime_ns > 2_000_000_000
    if about.st_size < REMEMBERED_BYTES or not settled:
        return compute_digests(path)
    return remembered(path, [about.st_size, about.st_mtime_ns], lambda: compute_digests(path))

"""Files that come into being together: each is written whole beside its place, and all get their names at the end, the page
last. A report that is stopped or finds no room leaves the files of the one before as they were."""

import os
import secrets
import time
from pathlib import Path

UNFINISHED = ".unfinished-"
LEFT_BEHIND = 3600  # seconds after which a file of no name is of a report that was killed


class WriteError(Exception):
    """A file cannot be written; the message names it, the reason and the mend."""


def _reason(error, path):
    if isinstance(error, (FileExistsError, NotADirectoryError)):
        return WriteError(
            f"the report cannot be written: {path.parent} is no folder. Move it away, or give another --out."
        )
    mend = "Give an --out where there is room and permission to write."
    return WriteError(f"the report cannot be written: {path}: {error.strerror or error}. {mend}")


class Files:
    """`with Files(folder) as files: files.put("figures/a.svg", bytes)`: there when the block ends, or none of them."""

    def __init__(self, folder):
        self.folder, self._waiting, self._unwanted = Path(folder), [], []
        self._ending = UNFINISHED + secrets.token_hex(4)

    def put(self, name, content):
        path = self.folder / name
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            temporary = path.with_name(f".{path.name}{self._ending}")
            self._waiting.append((temporary, path))  # before it is there: a signal between the two would leave it
            with open(temporary, "xb") as stream:
                stream.write(content)
            os.chmod(temporary, 0o644)
        except OSError as error:
            raise _reason(error, path) from error

    def drop(self, name):
        """What an earlier report left under this name does not belong to this one."""
        self._unwanted.append(self.folder / name)

    @property
    def names(self):
        return [str(path.relative_to(self.folder)) for _, path in self._waiting]

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        try:
            if kind is None:
                self._name_all()
        finally:
            for temporary, _ in self._waiting:
                temporary.unlink(missing_ok=True)

    def _name_all(self):
        for _, path in self._waiting:
            if path.is_dir():
                raise WriteError(
                    f"the report cannot be written: {path} is a folder. Move it away, or give another --out."
                )
        for temporary, path in self._waiting:
            try:
                os.replace(temporary, path)
            except OSError as error:
                raise _reason(error, path) from error
        for path in self._unwanted:
            if path.is_file():
                path.unlink(missing_ok=True)
        for place in {path.parent for _, path in self._waiting}:
            _sweep(place)


def _sweep(place):
    """Removes what a killed report left; a young file may be another report's that is being written."""
    for left in place.glob(f".*{UNFINISHED}*"):
        try:
            if time.time() - left.stat().st_mtime > LEFT_BEHIND:
                left.unlink()
        except OSError:
            continue  # gone by now, or another user's

"""From what a study says (task.dataset, --data) to the files that it means, and their checksums."""

import hashlib
import os
from dataclasses import dataclass, field
from pathlib import Path

from crosstalk.data import cache
from crosstalk.data.errors import DataError, did_you_mean, quoted
from crosstalk.data.found import find_known, search_folders, unread
from crosstalk.data.names import has_ending
from crosstalk.data.own import OWN
from crosstalk.data.sets import KNOWN

PACKED = (".gz", ".zip", ".tar", ".tgz", ".bz2", ".xz", ".7z", ".zst")


@dataclass
class Source:
    name: str  # of the set, or of the user's file
    reader: str  # key of KNOWN or OWN
    files: dict  # {role: path} as its converter takes them
    paths: list  # every source file
    options: dict
    verifiable: bool = False
    notices: list = field(default_factory=list)  # about what was found and is not read
    digests: dict = field(default_factory=dict)  # {path: {"sha256", "md5"}}

    @property
    def sha256(self):
        """Of the one file; of several, the SHA-256 of the lines "sha256  name" in the names' order."""
        if len(self.digests) == 1:
            return next(iter(self.digests.values()))["sha256"]
        base = os.path.commonpath([os.path.dirname(path) for path in self.digests])
        lines = sorted(
            f"{digests['sha256']}  {os.path.relpath(path, base)}\n" for path, digests in self.digests.items()
        )
        return hashlib.sha256("".join(lines).encode("utf-8", "surrogateescape")).hexdigest()

    @property
    def bytes(self):
        return sum(size for size, _ in self.state())

    def state(self):
        """Size and time of each file: equal before and after, or the file changed meanwhile."""
        try:
            return [(stat.st_size, stat.st_mtime_ns) for stat in map(os.stat, self.paths)]
        except OSError as error:
            raise cache.unreadable(error.filename, error) from None

    def digests_of(self, path):
        return known_digests(KNOWN[self.reader], path) if self.verifiable else cache.digests(path)

    def read_digests(self):
        if len(self.paths) <= 16:
            self.digests = {path: self.digests_of(path) for path in self.paths}
            return
        # A folder of images: one record for all, so that ten thousand files cost ten thousand stats.
        place = "\n".join(self.paths)
        together = cache.remembered(
            place,
            [list(pair) for pair in self.state()],
            lambda: [cache.compute_digests(p)["sha256"] for p in self.paths],
        )
        self.digests = {path: {"sha256": sha256} for path, sha256 in zip(self.paths, together)}


def known_digests(known, path):
    """Checksums of a file; of a packed one that the package ships, those of what it holds."""
    digests = cache.digests(path)
    content = (known.packed or {}).get(digests["sha256"])
    return {"sha256": content} if content else digests


def known_source(known, request):
    files, folder = find_known(known, request.get("data"))
    options = {key: request[key] for key in known.options if request.get(key) is not None}
    notices = unread(known, request.get("data"), files, folder)
    if not files:
        places = "\n  ".join(str(folder) for folder in search_folders(known, request.get("data")))
        message = (
            f"{known.name} is not here: none of its files is in\n  {places}\n`crosstalk data fetch "
            f"{known.name}` gets it; --data DIR names a folder that has {known.name}/."
        )
        raise DataError("\n".join([message, *notices]))
    try:
        files = known.choose(files, options)
    except DataError as error:
        raise DataError("\n".join([error.message, *notices]), error.kind) from None
    return Source(known.name, known.name, files, list(files.values()), options, verifiable=True, notices=notices)


def own_path(request):
    """(path, path of the same name in the current folder where that is another file). A relative path is
    relative to the study's folder, also where it comes from the command line."""
    dataset = request["dataset"]
    try:
        path = Path(request.get("base") or ".").expanduser() / Path(dataset).expanduser()
    except RuntimeError:
        raise DataError(f"task.dataset = {quoted(dataset)}: there is no such user.", "config") from None
    path = Path(os.path.normpath(path.absolute()))
    here = Path(os.path.normpath(Path(dataset).absolute()))
    try:
        other = not dataset.startswith("~") and here.exists() and not (path.exists() and path.samefile(here))
        path.exists()
    except OSError as error:
        raise DataError(f"task.dataset = {quoted(dataset)}: {(error.strerror or str(error)).lower()}.") from None
    return path, here if other else None


def format_of(dataset, path):
    """The format that a name says; what is there must be of it."""
    own = next((own for own in OWN.values() if own.matches(dataset)), None)
    if own is None and path.is_dir():
        own = next(own for own in OWN.values() if own.folder)
    if path.is_dir() and not own.folder:
        raise DataError(
            f'task.dataset = "{dataset}" is a folder, and its name ends as a file\'s does. For a folder of images '
            f'put a slash behind it: task.dataset = "{dataset}/".'
        )
    if path.is_file() and (own is None or own.folder):
        if dataset.endswith("/"):
            raise DataError(f'task.dataset = "{dataset}" is a file: take the slash behind it away.', "config")
        packed = "Unpack it first. " if has_ending(path.name, *PACKED) else ""
        raise DataError(
            f'task.dataset = "{dataset}": {path.suffix or "a file without an ending"} is not a format '
            f"that is read. {packed}It is one of {accepted()}."
        )
    if not path.is_dir() and not path.is_file():
        raise DataError(f"{path} is not a plain file: it is a pipe or a device.")
    return own


def accepted():
    return ", ".join([*KNOWN, *(own.what for own in OWN.values())])


def own_source(request):
    dataset = request["dataset"]
    path, here = own_path(request)
    if not path.exists():
        word = not any(mark in dataset for mark in "./\\")
        reason = f"is not a data set{did_you_mean(dataset, KNOWN)}" if word else f"is not there: {path}."
        if here:
            reason += f" A path is relative to the study's folder; for the one in the current folder write {here}."
        raise DataError(f'task.dataset = "{dataset}" {reason} It is one of {accepted()}.', "config" if word else "data")
    own = format_of(dataset, path)
    check_kind(dataset, own.kind, request.get("kind"))
    options = {key: request[key] for key in own.options if request.get(key) is not None}
    try:
        paths, notices = own.look(path)
    except OSError as error:
        raise cache.unreadable(error.filename, error) from None
    if here:
        notices = [*notices, f"{path} is read, not {here}: a path is relative to the study's folder."]
    return Source(str(path), own.name, {"all": str(path)}, [str(file) for file in paths], options, notices=notices)


def resolve(request):
    """The Source that a request names."""
    dataset = request.get("dataset")
    if not isinstance(dataset, str) or not dataset or "\0" in dataset:
        raise DataError(
            f"task.dataset names no data set; it is one of {', '.join(KNOWN)}, or a file or folder.", "config"
        )
    known = KNOWN.get(dataset)
    check_kind(dataset, known.kind if known else None, request.get("kind"))
    return known_source(known, request) if known else own_source(request)


def check_kind(dataset, of_set, asked):
    if asked not in (None, "", "classify", "regress"):
        raise DataError(f'task.kind = "{asked}" is not known; it is "classify" or "regress".', "config")
    if of_set and asked and asked != of_set:
        raise DataError(f'task.kind = "{asked}": {dataset} is for task.kind = "{of_set}".', "config")

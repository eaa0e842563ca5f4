"""From what a study says (task.dataset, --data) to the files that it means, and their checksums."""

import hashlib
import os
from dataclasses import dataclass, field
from pathlib import Path

from crosstalk.data import cache
from crosstalk.data.errors import DataError, did_you_mean
from crosstalk.data.own import OWN
from crosstalk.data.sets import KNOWN


@dataclass
class Source:
    name: str  # of the set, or of the user's file
    reader: str  # key of KNOWN or OWN
    files: dict  # {role: path} as its converter takes them
    paths: list  # every source file
    options: dict
    verifiable: bool = False
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


def search_folders(known, data):
    """Where a known set is looked for, in this order."""
    given = [Path(data).expanduser().absolute() / known.name] if data else []
    return [*given, cache.sources_folder() / known.name]


def find_known(known, data):
    """(files, folder) of what is there: in --data, in the cache, in the package; ({}, None) for nothing."""
    if data and not Path(data).expanduser().is_dir():
        raise DataError(f"--data {data}: there is no such folder.", "config")
    for folder in search_folders(known, data):
        try:
            files = known.find(folder)
        except OSError as error:
            mend = "Give yourself the right to read it, or let CROSSTALK_CACHE or --data name another folder."
            raise DataError(f"{folder} cannot be read ({error.strerror}). {mend}", "environment") from None
        if files:
            return files, folder
    return known.shipped_files(), None


def known_source(known, request):
    files, _ = find_known(known, request.get("data"))
    options = {key: request[key] for key in known.options if request.get(key) is not None}
    if not files:
        places = "\n  ".join(str(folder) for folder in search_folders(known, request.get("data")))
        raise DataError(
            f"{known.name} is not here: none of its files is in\n  {places}\n`crosstalk data fetch "
            f"{known.name}` gets it; --data DIR "
            f"names a folder that has {known.name}/."
        )
    files = known.choose(files, options)
    return Source(known.name, known.name, files, list(files.values()), options, verifiable=True)


def own_source(request):
    dataset = request["dataset"]
    path = Path(request.get("base") or ".").expanduser() / Path(dataset).expanduser()
    path = Path(os.path.normpath(path.absolute()))
    accepted = ", ".join([*KNOWN, *(own.what for own in OWN.values())])
    if not path.exists():
        word = not any(mark in dataset for mark in "./\\")
        reason = f"is not a data set{did_you_mean(dataset, KNOWN)}" if word else f"is not there: {path}."
        raise DataError(f'task.dataset = "{dataset}" {reason} It is one of {accepted}.', "config" if word else "data")
    own = next((own for own in OWN.values() if own.matches(path)), None)
    if own is None:
        raise DataError(
            f'task.dataset = "{dataset}": {path.suffix or "a file without an ending"} is not a format '
            f"that is read. It is one of {accepted}."
        )
    check_kind(dataset, own.kind, request.get("kind"))
    options = {key: request[key] for key in own.options if request.get(key) is not None}
    if not path.is_dir() and not path.is_file():
        raise DataError(f"{path} is not a file.")
    try:
        paths = [str(file) for file in own.files(path)]
    except OSError as error:
        raise cache.unreadable(error.filename, error) from None
    return Source(str(path), own.name, {"all": str(path)}, paths, options)


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

"""Whether a file is the official one: by the built-in checksums, or, for what came out of an archive whose
checksum was right, by those that `fetch` wrote down then (verified.json in the cache's folder of the set)."""

import json

from crosstalk.data import cache
from crosstalk.data.sets import KNOWN


def record_path(name):
    return cache.sources_folder() / name / "verified.json"


def recorded(name):
    try:
        record = json.loads(record_path(name).read_text())
        return record if isinstance(record, dict) else {}
    except (OSError, ValueError):
        return {}


def record(name, digests):
    """{file name: sha256} of files that came out of a verified archive."""
    cache.folder(f"data/{name}")
    with cache.appearing(record_path(name)) as partial:
        partial.write_text(json.dumps({**recorded(name), **digests}, indent=1))


def expected(name, path):
    """[(algorithm, checksum)] that a file may have; none where only its archive's checksum is known."""
    known, file = KNOWN[name], str(path).rsplit("/", 1)[-1].lower()
    sums = [("sha256", (known.checksums or {}).get(file)), ("sha256", recorded(name).get(file))]
    sums += [(item.algorithm, item.digest) for item in known.downloads if item.name == file]
    return [(algorithm, digest) for algorithm, digest in sums if digest]


def is_verified(name, path, digests):
    return any(digests.get(algorithm) == digest for algorithm, digest in expected(name, path))

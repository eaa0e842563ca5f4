"""`prepare`: the converted file of a data set, made where the cache has none."""

import hashlib
import json
import sys
from pathlib import Path

from crosstalk.data import cache, limits
from crosstalk.data.converted import read_header, summary
from crosstalk.data.errors import DataError
from crosstalk.data.names import readable
from crosstalk.data.source import resolve
from crosstalk.data.verified import is_verified


def code_digest():
    """Of the code that converts: another version of it makes its own files."""
    here = Path(__file__).parent
    digest = hashlib.sha256()
    shared = [here / name for name in ("converted.py", "order.py", "precision.py")]
    for path in sorted([*here.glob("sets/*.py"), *here.glob("own/*.py"), *shared]):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def converted_path(source):
    """Named after the checksum of the sources, the options that shape the result, and the code."""
    identity = json.dumps(
        [source.reader, source.name, source.sha256, sorted(source.files), source.options, code_digest()],
        sort_keys=True,
    )
    stem = "".join(letter if letter.isascii() and letter.isalnum() else "-" for letter in Path(source.name).stem)[:40]
    return cache.folder("converted") / f"{stem}-{hashlib.sha256(identity.encode()).hexdigest()[:20]}.safetensors"


def convert(source, path):
    before = source.state()
    subject = next(iter(source.files.values())) if len(source.files) == 1 else source.name
    description = {
        "name": readable(source.name),
        "sha256": source.sha256,
        "sources": [
            {"file": readable(Path(path).name), "sha256": digests["sha256"]}
            for path, digests in list(source.digests.items())[:16]
        ],
    }
    print(f"converting {subject}", file=sys.stderr, flush=True)
    with cache.appearing(path) as partial:
        request = {
            "set": source.reader,
            "files": source.files,
            "options": source.options,
            "description": description,
        }
        limits.ask("convert", {**request, "subject": subject, "out": str(partial)}, subject, source.bytes)
        if source.state() != before:
            raise DataError(f"{subject} changed while it was read. Run the command again.")


def prepare(request):
    source = resolve(request)
    source.read_digests()
    path = converted_path(source)
    if read_header(path) is None:
        convert(source, path)
    header = read_header(path)
    if header is None:
        raise DataError(
            f"{path} is not whole although it was just written. Run `crosstalk doctor`, or look at the disk.",
            "environment",
        )
    verified = source.verifiable and all(
        is_verified(source.name, path, digests) for path, digests in source.digests.items()
    )
    found = summary(*header)
    return {
        "dataset": request["dataset"],
        "file": str(path),
        "sha256": source.sha256,
        **found,
        "notices": source.notices + found["notices"],
        "verified": verified,
    }

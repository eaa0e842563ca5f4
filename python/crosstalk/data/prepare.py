"""`prepare`: the converted file of a data set, made where the cache has none."""

import hashlib
import json
import sys
from pathlib import Path

from crosstalk.data import cache, limits
from crosstalk.data.converted import is_whole, read_header, summary
from crosstalk.data.errors import DataError
from crosstalk.data.names import readable
from crosstalk.data.sets import KNOWN
from crosstalk.data.sets.known import ASSETS
from crosstalk.data.source import resolve
from crosstalk.data.verified import expected, is_verified


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


def convert_anew(source, path):
    """Of a file that is missing, or damaged. The cache may be removed at any time: once more, where that
    happened while it was written."""
    if path.exists():
        print(f"{path} is damaged: it is converted again", file=sys.stderr, flush=True)
    try:
        convert(source, path)
    except DataError:
        if path.parent.exists():
            raise
        cache.folder(path.parent.name)
        convert(source, path)


def prepare(request):
    source = resolve(request)
    source.read_digests()
    check_own_copies(source)
    path = converted_path(source)
    for folder in (path.parent, cache.root() / "checksums", *cache.sources_folder().glob("*")):
        cache.remove_abandoned(folder)
    if not is_whole(path):
        convert_anew(source, path)
    header = read_header(path)
    if header is None:
        raise DataError(
            f"{path} is not whole although it was just written. Run `crosstalk doctor`, or look at the disk.",
            "environment",
        )
    reply = {"dataset": request["dataset"], "file": str(path), "sha256": source.sha256, **summary(*header)}
    reply["notices"] = source.notices + reply["notices"]
    known = source.digests if source.verifiable else ()
    altered = [path for path in known if expected(source.name, path) and not is_official(source, path)]
    if altered and (reply["train_rows"], reply["test_rows"]) == KNOWN[source.name].rows:
        files = ", ".join(altered)
        more = f"`crosstalk data verify {source.name}` says more"
        reply["notices"] += [f"all rows are here, but the checksum of {files} is not the official one's; {more}"]
    return {**reply, "verified": source.verifiable and all(is_official(source, path) for path in known)}


def is_official(source, path):
    return is_verified(source.name, path, source.digests[path])


def check_own_copies(source):
    """What `fetch` brought, or the package has, was right then: it is no other data, but damaged."""
    for path in source.digests if source.verifiable else ():
        fetched = Path(path).parent == cache.sources_folder() / source.name
        if not (fetched or Path(path).parent == ASSETS) or not expected(source.name, path) or is_official(source, path):
            continue
        mend = f"`crosstalk data fetch {source.name}` gets it again" if fetched else "Install crosstalk again"
        raise DataError(
            f"{path} is damaged: its SHA-256 is\n{source.digests[path]['sha256']}, which is not the official file's.\n"
            f"{mend}; a file of your own belongs into a folder for --data."
        )

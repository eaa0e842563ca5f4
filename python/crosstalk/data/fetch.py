"""`fetch`: the files of the built-in list, into the cache (or DIR/NAME where `data` names one)."""

import contextlib
import os
import sys
from pathlib import Path

from crosstalk.data import cache, limits, verified
from crosstalk.data.download import download, is_loopback
from crosstalk.data.errors import DataError, of_operating_system
from crosstalk.data.listing import report, sets_of
from crosstalk.data.sets import KNOWN


def fetch(request):
    """The rows that `list` has for the sets, after fetching what was not there."""
    names = sets_of(request)
    if not names:
        names = [known.name for known in KNOWN.values() if known.downloads]
    fetched = []
    for name in names:
        known = KNOWN[name]
        if not known.downloads:
            print(f"{name} ships with the package: there is nothing to fetch", file=sys.stderr, flush=True)
            continue
        folder = target_folder(request, name)
        for item in known.downloads:
            fetched += fetch_one(request, known, item, folder)
    return {**report(names, request.get("data")), "fetched": fetched}


def target_folder(request, name):
    folder = (
        Path(request["data"]).expanduser().absolute() / name if request.get("data") else cache.sources_folder() / name
    )
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise of_operating_system(error, folder) from None
    return folder


def source_of(request, item):
    """(url, algorithm, checksum): the built-in ones. Tests name a server on this machine, and its files'
    checksums."""
    base = request.get("base_url")
    if not base:
        return item.url, item.algorithm, item.digest
    if not is_loopback(base):
        raise DataError(
            f"base_url = {base}: only a server on this machine may stand in for the built-in list.", "config"
        )
    algorithm, _, digest = (
        (request.get("checksums") or {}).get(item.name, f"{item.algorithm}:{item.digest}").partition(":")
    )
    return f"{base.rstrip('/')}/{item.name}", algorithm, digest


def fetch_one(request, known, item, folder):
    url, algorithm, digest = source_of(request, item)
    if all(is_right(known, folder / file, item, algorithm, digest) for file in item.yields):
        print(f"{known.name}: {', '.join(item.yields)} already there", file=sys.stderr, flush=True)
        return []
    for file in item.yields:
        if (folder / file).exists() and request.get("data"):
            raise DataError(
                f"{folder / file} is there, but it is not known to be the official file. Move it away, "
                "or fetch without --data."
            )
    target = folder / item.name
    if not (item.members and target.exists() and cache.digests(target).get(algorithm) == digest):
        download(url, target, algorithm, digest)
    if item.members:
        unpack(known, item, target, folder)
        target.unlink(missing_ok=True)
    return [str(folder / file) for file in item.yields]


def is_right(known, path, item, algorithm, digest):
    if not path.is_file():
        return False
    digests = cache.digests(path)
    if item.members:
        return verified.recorded(known.name).get(path.name) == digests["sha256"]
    return digests.get(algorithm) == digest


def unpack(known, item, archive, folder):
    """The archive's members under their own names, once all of them are whole."""
    print(f"unpacking {archive.name}", file=sys.stderr, flush=True)
    try:
        with contextlib.ExitStack() as stack:
            partial = {
                member: str(stack.enter_context(cache.appearing(folder / file)))
                for member, file in zip(item.members, item.yields)
            }
            request = {
                "archive": str(archive),
                "members": partial,
                "member_bytes": item.member_bytes,
                "subject": str(archive),
            }
            limits.ask("unpack", {**request, "out": str(folder)}, str(archive), os.path.getsize(archive))
            digests = {
                Path(file).name: cache.compute_digests(path)["sha256"]
                for file, path in zip(item.yields, partial.values())
            }
    except DataError as error:
        if error.kind == "data":
            archive.unlink(missing_ok=True)
        raise
    verified.record(known.name, digests)

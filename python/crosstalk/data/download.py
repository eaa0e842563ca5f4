"""One file over TLS: resumable, checked before it gets its name."""

import contextlib
import fcntl
import hashlib
import http.client
import ipaddress
import os
import socket
import ssl
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

from crosstalk.data.errors import DataError, megabytes, of_operating_system

SECONDS = 60  # that a server may be silent
TRIES = 5  # in a row that bring nothing
MOST_BYTES = 2 << 30
BLOCK = 1 << 18


def is_loopback(url):
    host = urllib.parse.urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class SameSafety(urllib.request.HTTPRedirectHandler):
    """A redirection may not lead from TLS to plain text, nor from this machine's own server elsewhere."""

    def redirect_request(self, request, response, code, message, headers, new_url):
        safe = is_loopback(new_url) if is_loopback(request.full_url) else new_url.startswith("https://")
        if not safe:
            raise DataError(
                f"{request.full_url} redirects to {new_url}, which is not https: refused. Nothing was fetched.",
                "environment",
            )
        return super().redirect_request(request, response, code, message, headers, new_url)


def opener(url):
    handlers = [SameSafety(), urllib.request.HTTPSHandler(context=ssl.create_default_context())]
    if is_loopback(url):
        handlers.append(urllib.request.ProxyHandler({}))
    elif not url.startswith("https://"):
        raise DataError(f"{url} is not https: refused.", "environment")
    return urllib.request.build_opener(*handlers)


class Progress:
    """Says how far it is, once a second at most."""

    def __init__(self, name):
        self.name, self.last = name, 0.0

    def say(self, done, total, at_end=False):
        if time.monotonic() - self.last < 1 and not at_end:
            return
        self.last = time.monotonic()
        of_total = f" of {megabytes(total)} ({100 * done // total}%)" if total else ""
        print(f"{self.name}: {megabytes(done)}{of_total}", file=sys.stderr, flush=True)


def total_size(response, begun):
    """Of the whole file, or 0 where the server does not say."""
    length = response.headers.get("Content-Length") or ""
    return begun + int(length) if length.isdecimal() else 0


def receive(url, part, progress):
    """Adds what the server gives to the open file `part`. Returns whether the server says that it is
    whole; raises OSError or HTTPException when the line breaks."""
    begun = part.seek(0, os.SEEK_END)
    request = urllib.request.Request(
        url, headers={"User-Agent": "crosstalk", **({"Range": f"bytes={begun}-"} if begun else {})}
    )
    with opener(url).open(request, timeout=SECONDS) as response:
        resumed = response.status == 206 and (response.headers.get("Content-Range") or "").startswith(f"bytes {begun}-")
        if begun and not resumed:  # this server knows no ranges: from the start
            begun = 0
            part.seek(0)
            part.truncate()
        total = total_size(response, begun)
        if total > MOST_BYTES:
            raise DataError(
                f"{url} declares {megabytes(total)}, more than any of the data sets has. Nothing was fetched.",
                "environment",
            )
        while block := response.read(BLOCK):
            write(part, block)
            begun += len(block)
            progress.say(begun, total)
            if begun > (total or MOST_BYTES):
                raise DataError(
                    f"{url} sends more than {megabytes(total or MOST_BYTES)}. Run the command again.",
                    "environment",
                )
        progress.say(begun, total, at_end=True)
        return begun == total or not total


def write(part, block):
    try:
        part.write(block)
        part.flush()
    except OSError as error:
        raise of_operating_system(error, part.name) from None


def digest_of(part, algorithm):
    part.seek(0)
    digest = hashlib.new(algorithm, usedforsecurity=False)
    while block := part.read(1 << 20):
        digest.update(block)
    return digest.hexdigest()


def of(failure):
    """What urllib wraps."""
    reason = getattr(failure, "reason", failure)
    return reason if isinstance(reason, OSError) else failure


def refused(url, failure):
    """A failure that trying again at once does not change."""
    untrusted = isinstance(of(failure), ssl.SSLCertVerificationError)
    why = "certificate verify failed" if untrusted else getattr(of(failure), "strerror", None) or of(failure)
    return DataError(
        f"{url} cannot be fetched: {why}. Try later, or fetch the file by hand and name its folder with --data DIR.",
        "environment",
    )


def given_up(url, failure, size):
    if not size:
        return refused(url, failure)
    why = getattr(of(failure), "strerror", None) or of(failure)
    kept = f"{megabytes(size)} are kept; the same command goes on from there."
    return DataError(f"{url}: {why}. {kept}", "environment")


def fill(url, part, progress):
    """Until the server says that the file is whole. Each broken line is taken up where it broke."""
    in_vain = 0
    while True:
        before = part.seek(0, os.SEEK_END)
        try:
            if receive(url, part, progress):
                return
            failure = ConnectionError("the line was cut")
        except urllib.error.HTTPError as answer:
            if answer.code == 416:  # nothing beyond what is here: the checksum tells whether it is whole
                return
            if answer.code < 500 and answer.code != 429:
                raise refused(url, answer) from None
            failure = answer
        except (OSError, http.client.HTTPException) as broken:
            if isinstance(of(broken), (ssl.SSLCertVerificationError, socket.gaierror)):
                raise refused(url, broken) from None
            failure = broken
        after = part.seek(0, os.SEEK_END)
        in_vain = 0 if after > before else in_vain + 1
        if in_vain == TRIES:
            raise given_up(url, failure, after)
        time.sleep(0 if after > before else min(2**in_vain, 8) * (0.01 if is_loopback(url) else 1))


def download(url, target, algorithm, expected):
    """`target` with the right checksum; meanwhile TARGET.part, which a later call goes on with."""
    path = target.with_name(target.name + ".part")
    try:
        part = open(path, "ab+")
    except OSError as error:
        raise of_operating_system(error, path) from None
    with part:
        try:
            fcntl.flock(part, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise DataError(f"{path} is being fetched by another process. Wait for it.", "environment") from None
        resumed = part.seek(0, os.SEEK_END) > 0
        try:
            fill(url, part, Progress(target.name))
        finally:
            if part.seek(0, os.SEEK_END) == 0:
                path.unlink(missing_ok=True)
        if part.seek(0, os.SEEK_END) == 0:
            raise DataError(
                f"{url} gives an empty file. Try later, or fetch the file by hand and name its folder with --data DIR.",
                "environment",
            )
        found = digest_of(part, algorithm)
        if found != expected and resumed:  # what was begun may have been of another file: once more
            part.truncate(0)
            fill(url, part, Progress(target.name))
            found = digest_of(part, algorithm)
        if found != expected:
            size = part.seek(0, os.SEEK_END)
            with contextlib.suppress(OSError):
                path.unlink()
            raise DataError(
                f"{target.name} from {url} ({megabytes(size)}) has the {algorithm.upper()}\n{found} "
                f"where\n{expected} is expected. It is "
                "damaged or another file, and was removed. Run the command again;\nif that does not "
                "help, fetch the file by hand and name "
                "its folder with --data DIR."
            )
        os.fsync(part.fileno())
        os.replace(path, target)

"""In the child: the expected members of an archive, read one by one. Nothing is extracted by the names in
the archive."""

import os
import tarfile
import zlib
from pathlib import Path

from crosstalk.data.errors import DataError, counted, quoted, reason

MOST_MEMBERS = 1000


def check(path, member, folder):
    """By rules of our own, and by Python's data filter where there is one (from 3.11.4 on): no absolute
    paths, no `..`, no links that lead outside, no devices."""
    for name in (member.name, *[member.linkname] * (member.issym() or member.islnk())):
        if ".." in name.split("/") or name.startswith("/"):
            raise refused(path, member, "its path leads outside")
    if not (member.isreg() or member.isdir() or member.issym() or member.islnk()):
        raise refused(path, member, "it is a device")
    if hasattr(tarfile, "data_filter"):
        try:
            tarfile.data_filter(member, str(folder))
        except tarfile.FilterError as error:
            raise refused(path, member, str(error)) from None


def refused(path, member, reason):
    return DataError(
        f"{path}: the member {quoted(member.name, 80)} is refused: {reason}.\nNothing was unpacked. This "
        "is not the official archive."
    )


def copy(path, archive, member, target, most_bytes):
    if not member.isreg() or member.size > most_bytes:
        what = (
            f"has {counted(member.size, 'byte')}, at most {most_bytes:,} are expected"
            if member.isreg()
            else "is no plain file"
        )
        raise refused(path, member, what)
    with archive.extractfile(member) as source, open(target, "wb") as file:
        left = member.size
        while left and (block := source.read(min(left, 1 << 20))):
            file.write(block)
            left -= len(block)
        file.flush()
        os.fsync(file.fileno())
    if left:
        raise DataError(f"{path}: the member {quoted(member.name, 80)} is cut short. The archive is damaged.")


def perform(request):
    """Writes {member: file to write} in request["members"]; every member's path is checked before the
    first is written."""
    path, members = request["archive"], request["members"]
    folder = Path(next(iter(members.values()))).parent
    try:
        with tarfile.open(path, "r:*") as archive:
            for number, member in enumerate(archive):
                check(path, member, folder)
                if number >= MOST_MEMBERS:
                    raise DataError(f"{path} has more than {MOST_MEMBERS:,} members. This is not the official archive.")
        found = set()
        with tarfile.open(path, "r:*") as archive:
            for member in archive:
                if member.name in members and member.name not in found:
                    copy(path, archive, member, members[member.name], request["member_bytes"])
                    found.add(member.name)
    except (tarfile.TarError, EOFError, zlib.error) as error:
        raise DataError(f"{path} is not a whole archive ({reason(error)}).") from None
    if missing := sorted(set(members) - found):
        raise DataError(f"{path} does not have {missing[0]}. This is not the official archive.")
    return {}

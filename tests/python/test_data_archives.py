"""Archives that are fetched: unpacked by their expected members, refused where they are hostile."""

import io
import tarfile
from pathlib import Path

import pytest
from local_server import files_in, sha256

from crosstalk.data import archive
from crosstalk.data.errors import DataError


def packed(members, compression="gz"):
    """An archive of {path: bytes, or a prepared TarInfo}."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=f"w:{compression}") as file:
        for name, content in members.items():
            if isinstance(content, tarfile.TarInfo):
                file.addfile(content)
                continue
            info = tarfile.TarInfo(name)
            info.size = len(content)
            file.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


@pytest.fixture
def cifar(server, test_data, cache):
    """An archive laid out as the official one, of the records at hand."""
    names = [f"data_batch_{number}.bin" for number in range(1, 6)] + ["test_batch.bin"]
    server.members = {
        f"cifar-10-batches-bin/{name}": (test_data / "cifar10" / name).read_bytes()[: 3073 * 10] for name in names
    }
    server.members["cifar-10-batches-bin/readme.html"] = b"<html>"

    def offer(extra=None, content=None):
        content = packed({**server.members, **(extra or {})}) if content is None else content
        server.files = {"cifar-10-binary.tar.gz": content}
        return {
            "datasets": ["cifar10"],
            "base_url": server.url,
            "checksums": {"cifar-10-binary.tar.gz": sha256(content)},
        }

    server.offer = offer
    return server


def test_an_archive_is_unpacked_by_its_expected_members(cifar, cache, ask):
    request = cifar.offer()
    row = ask("fetch", **request)["datasets"][0]
    assert (row["train_rows"], row["test_rows"]) == (50, 10) and row["verified"] == "partial, verified"
    assert files_in(cache / "data" / "cifar10") == sorted(
        [*(Path(name).name for name in cifar.members if ".bin" in name), "verified.json"]
    )
    assert ask("prepare", dataset="cifar10")["verified"] is True
    cifar.requests.clear()
    assert ask("fetch", **request)["fetched"] == [] and cifar.requests == []


def member(name, kind=tarfile.REGTYPE, link=""):
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, link
    return info


BATCH = "cifar-10-batches-bin/data_batch_1.bin"
HOSTILE = {
    "dots": ({"../../escaped": b"x"}, '"../../escaped" is refused'),
    "dots within": ({"cifar-10-batches-bin/../../../escaped": b"x"}, "is refused"),
    "absolute": ({"/escaped": b"x"}, '"/escaped" is refused'),
    "link out": ({"link": member("link", tarfile.SYMTYPE, "/etc/passwd")}, '"link" is refused'),
    "link as batch": (
        {BATCH: member(BATCH, tarfile.SYMTYPE, "readme.html")},
        "data_batch_1.bin.* is refused: is no plain file",
    ),
    "device": ({"null": member("null", tarfile.CHRTYPE)}, '"null" is refused'),
    "too large": ({BATCH: bytes(30_730_001)}, "has 30,730,001 bytes, at most 30,730,000 are expected"),
    "many": ({f"file{number}": b"" for number in range(1001)}, "more than 1,000 members"),
}


@pytest.mark.parametrize("extra, message", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_archive_is_refused_and_nothing_of_it_stays(extra, message, cifar, cache, tmp_path):
    content = packed({**cifar.members, **extra})
    folder = tmp_path / "deep" / "deeper" / "cifar10"
    folder.mkdir(parents=True)
    (folder / "hostile.tar.gz").write_bytes(content)
    names = [name for name in cifar.members if name.endswith(".bin")]
    request = {
        "archive": str(folder / "hostile.tar.gz"),
        "members": {n: str(folder / Path(n).name) for n in names},
        "member_bytes": 30_730_000,
    }
    with pytest.raises(DataError, match=message):
        archive.perform(request)
    assert not (tmp_path / "escaped").exists() and not Path("/escaped").exists()


def test_a_hostile_archive_ends_the_fetch_and_leaves_only_the_folder(cifar, cache, ask):
    error = ask("fetch", **cifar.offer({"../../../escaped": b"x"}))
    assert error.kind == "data" and "is refused" in error.message and "Nothing was unpacked" in error.message
    assert files_in(cache / "data" / "cifar10") == [] and not list(cache.rglob("escaped"))


def test_an_archive_that_lacks_a_batch_or_is_none_is_refused(cifar, cache, ask):
    del cifar.members["cifar-10-batches-bin/data_batch_3.bin"]
    assert "does not have cifar-10-batches-bin/data_batch_3.bin" in ask("fetch", **cifar.offer()).message
    assert "is not a whole archive" in ask("fetch", **cifar.offer(content=b"no archive at all")).message
    whole = packed(cifar.members)
    assert "is not a whole archive" in ask("fetch", **cifar.offer(content=whole[: len(whole) // 2])).message
    assert files_in(cache / "data" / "cifar10") == []

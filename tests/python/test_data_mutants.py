"""Hundreds of damaged files of each format: every one gives a result or a message, none a hang, a crash or
a trace.

Each is read by the child's own code under the child's own limits, in a process forked for them.

CROSSTALK_MUTANTS=3000 python -m pytest tests/python/test_data_mutants.py    makes so many of each format"""

import gzip
import io
import json
import os
import random
import select
import signal
import tarfile

import numpy as np
import pytest

from crosstalk.data import child, limits
from crosstalk.data.converted import is_whole, read_header
from crosstalk.data.prepare import prepare
from crosstalk.data.errors import DataError

EACH = int(os.environ.get("CROSSTALK_MUTANTS", "150"))
SECONDS = 20


def matlab(compressed):
    import scipy.io

    buffer = io.BytesIO()
    table = np.random.default_rng(3).normal(size=(12, 28))
    scipy.io.savemat(buffer, {"sarcos_inv_test": table}, do_compression=compressed)
    return buffer.getvalue()


def street_view():
    import scipy.io

    buffer = io.BytesIO()
    pixels = np.arange(32 * 32 * 3 * 205, dtype=np.uint8).reshape(32, 32, 3, 205)
    scipy.io.savemat(
        buffer, {"X": pixels, "y": (np.arange(205)[:, None] % 10 + 1).astype(np.uint8)}, do_compression=True
    )
    return buffer.getvalue()


def arrays(save):
    buffer = io.BytesIO()
    save(buffer, x=np.random.default_rng(3).normal(size=(9, 4)), y=np.arange(9.0))
    return buffer.getvalue()


def image():
    from PIL import Image

    buffer = io.BytesIO()
    Image.fromarray(np.random.default_rng(3).integers(0, 256, (9, 7, 3), np.uint8)).save(buffer, "PNG")
    return buffer.getvalue()


def archive():
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as file:
        for name in ("folder/a.bin", "folder/b.bin"):
            info = tarfile.TarInfo(name)
            info.size = 3000
            file.addfile(info, io.BytesIO(bytes(range(250)) * 12))
    return buffer.getvalue()


TABLE = ("acid,sugar,quality\n" + "".join(f"{row},{row * row % 7}.5,{row % 3}\n" for row in range(30))).encode()

# name of the file, what it begins as, the request that reads it
FORMATS = {
    "mat": (
        "sarcos_inv_test.mat",
        lambda: matlab(False),
        {"set": "sarcos", "options": {"source": "test-file", "train-rows": 5}},
    ),
    "mat compressed": (
        "sarcos_inv_test.mat",
        lambda: matlab(True),
        {"set": "sarcos", "options": {"train-rows": 5}},
    ),
    "mat of images": ("train", street_view, {"set": "svhn", "options": {}}),
    "csv": ("all", lambda: TABLE, {"set": "csv", "options": {"target": "quality", "kind": "regress"}}),
    "csv of classes": (
        "all",
        lambda: TABLE,
        {"set": "csv", "options": {"target": "quality", "kind": "classify"}},
    ),
    "npz": ("all", lambda: arrays(np.savez), {"set": "npz", "options": {"kind": "regress"}}),
    "npz compressed": (
        "all",
        lambda: arrays(np.savez_compressed),
        {"set": "npz", "options": {"kind": "classify"}},
    ),
    "png": ("png", image, {"set": "png-folder", "options": {}}),
    "cifar": (
        "data_batch_1.bin",
        lambda: b"".join(bytes([label]) + bytes(3072) for label in range(3)),
        {"set": "cifar10", "options": {}},
    ),
    "digits": (
        "digits.csv.gz",
        lambda: gzip.compress(b"\n".join(b",".join([b"7"] * 64 + [b"%d" % (row % 10)]) for row in range(400))),
        {"set": "digits", "options": {}},
    ),
    "tar": ("archive", archive, {}),
}


def mutated(content, generator):
    """One to four changes, more of them near the beginning, where a file says what it is."""
    content = bytearray(content)
    for _ in range(generator.choice([1, 1, 1, 2, 4])):
        reach = len(content) if generator.random() < 0.5 else min(len(content), 300)
        place, length = generator.randrange(reach or 1), generator.choice([1, 2, 4, 8, 40])
        change = generator.randrange(6)
        if change == 0:
            del content[place:]
        elif change == 1 and content:
            content[place] ^= 1 << generator.randrange(8)
        elif change == 2:
            content[place : place + length] = generator.choice([b"\xff", b"\x00", b"\x7f", b"9"]) * length
        elif change == 3:
            del content[place : place + length]
        elif change == 4:
            content[place:place] = generator.randbytes(length)
        else:
            content[place : place + 4] = generator.choice([2**31 - 1, 2**32 - 1, 14, 15, 1 << 20]).to_bytes(4, "little")
    return bytes(content)


def request_for(role, path, request, folder):
    if role == "archive":
        members = {f"folder/{name}.bin": str(folder / name) for name in "ab"}
        return {
            "operation": "unpack",
            "archive": str(path),
            "members": members,
            "member_bytes": 5000,
            "subject": str(path),
        }
    files = {role: str(path)}
    if role == "png":
        files = {"all": str(folder / "photos")}
    if request["set"] == "cifar10":
        files["test_batch.bin"] = str(path)
    return {
        "operation": "convert",
        **request,
        "files": files,
        "subject": str(path),
        "out": str(folder / "out"),
        "description": {"name": "x"},
    }


def place_of(role, folder):
    if role != "png":
        return folder / ("mine" if role in ("all", "train") else role)
    for name in ("cat", "dog"):
        (folder / "photos" / "train" / name).mkdir(parents=True)
        for number in range(2):
            (folder / "photos" / "train" / name / f"{number}.png").write_bytes(image())
    return folder / "photos" / "train" / "cat" / "0.png"


def read_all(requests, contents, path, writer):
    """In the forked process: each content in turn, one line of reply each."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    child.limit(8 << 30, 10 * SECONDS)  # the test's process is larger than a fresh child
    with os.fdopen(writer, "w") as replies:
        for content in contents:
            path.write_bytes(content)
            print(json.dumps(child.answer({**requests, "memory_bytes": 8 << 30})), file=replies, flush=True)


def answers(request, contents, path):
    """(status as Popen has it, reply) for each content; a crash costs the process and is the reply of its
    content."""
    done = 0
    while done < len(contents):
        reader, writer = os.pipe()
        process = os.fork()
        if process == 0:
            try:
                os.close(reader)
                read_all(request, contents[done:], path, writer)
            finally:
                os._exit(0)
        os.close(writer)
        with os.fdopen(reader, "rb", buffering=0) as replies:
            rest = b""
            while True:
                if not select.select([replies], [], [], SECONDS)[0]:
                    os.kill(process, signal.SIGKILL)
                    os.waitpid(process, 0)
                    pytest.fail(f"it hangs on {contents[done]!r}")
                block = replies.read(1 << 16)
                *lines, rest = (rest + block).split(b"\n")
                for line in lines:
                    done += 1
                    yield 0, line
                if not block:
                    break
        status = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
        if done < len(contents):
            done += 1
            yield status, b""


@pytest.mark.parametrize("name", FORMATS)
def test_damaged_files_give_a_result_or_a_message(name, tmp_path):
    import scipy.io  # noqa: F401  once, before the fork
    from PIL import Image  # noqa: F401

    role, make, base = FORMATS[name]
    content, generator = make(), random.Random(name)
    path = place_of(role, tmp_path)
    request = request_for(role, path, base, tmp_path)
    contents = [content] + [mutated(content, generator) for _ in range(EACH)]
    outcomes = {"read": 0, "refused": 0, "crashed": 0}
    for number, (status, reply) in enumerate(answers(request, contents, path)):
        try:
            limits.understand(status, reply, "", str(path), SECONDS)
        except DataError as error:
            assert number > 0, error.message
            outcomes["refused" if status == 0 else "crashed"] += 1
            assert (
                error.kind in ("data", "config") and "Traceback" not in error.message and 20 < len(error.message) < 900
            )
            assert str(tmp_path) in error.message or "task." in error.message
        else:
            outcomes["read"] += 1
    assert sum(outcomes.values()) == len(contents) and outcomes["refused"] > EACH // 5 and outcomes["read"] > 0, (
        outcomes
    )
    assert "out" not in request or read_header(tmp_path / "out") is not None
    print(name, outcomes)


@pytest.mark.parametrize("name", ["csv", "npz", "npz compressed", "png"])
def test_the_cache_holds_whole_files_alone_whatever_was_read(name, tmp_path, cache):
    """The whole way of the command, for one file in forty."""
    role, make, base = FORMATS[name]
    own = {"csv": "mine.csv", "npz": "mine.npz"}.get(name.split()[0])
    path = tmp_path / own if own else place_of(role, tmp_path)
    dataset = str(path) if own else f"{tmp_path}/photos/"
    content, generator = make(), random.Random(name)
    outcomes = {"read": 0, "refused": 0}
    for number in range(1 + max(6, EACH // 40)):
        path.write_bytes(mutated(content, generator) if number else content)
        try:
            reply = prepare({"dataset": dataset, **base["options"]})
        except DataError as error:
            assert number > 0, error.message
            assert error.kind in ("data", "config") and 20 < len(error.message) < 900
            outcomes["refused"] += 1
        else:
            assert is_whole(reply["file"])
            outcomes["read"] += 1
        left = [file for file in cache.rglob("*") if file.is_file() and file.parent.name == "converted"]
        assert all(is_whole(file) for file in left) and len(left) <= outcomes["read"], left
    assert outcomes["read"] > 0 and outcomes["refused"] > 0, outcomes

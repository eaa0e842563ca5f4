"""What is converted once stays converted, nothing half written stays, and the limits of the child hold."""

import errno
import fcntl
import json
import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from crosstalk.data import cache as store
from crosstalk.data import child, limits
from crosstalk.data.converted import is_whole, read_header
from crosstalk.data.errors import DataError, of_operating_system

PACKAGES = Path(store.__file__).parents[2]  # where the package that is tested lies, with its extension modules


@pytest.fixture
def wine(tmp_path):
    path = tmp_path / "wine.csv"
    path.write_text("a,b,y\n" + "".join(f"{row},{row * row % 7},{row % 5}\n" for row in range(20)))
    return {"dataset": "wine.csv", "base": str(tmp_path), "target": "y", "kind": "regress"}


def begin(command, request=None, **options):
    """`python -m crosstalk.data COMMAND` as a process of its own, as the command line starts it."""
    environment = {**os.environ, "PYTHONPATH": str(PACKAGES), **options.pop("env", {})}
    process = subprocess.Popen(
        [sys.executable, "-m", "crosstalk.data", command],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment,
        text=True,
        **options,
    )
    process.stdin.write(request if isinstance(request, str) else json.dumps(request))
    process.stdin.close()
    process.stdin = None
    return process


def left(cache):
    return [path for path in cache.rglob("*") if path.is_file() and ".partial" in path.name]


def test_a_conversion_is_made_once_and_found_again(wine, cache, ask, capsys):
    first = ask("prepare", **wine)
    assert "converting" in capsys.readouterr().err
    made = os.stat(first["file"])
    again = ask("prepare", **wine)
    assert again == first and os.stat(first["file"]).st_ino == made.st_ino and capsys.readouterr().err == ""
    assert Path(first["file"]).parent == cache / "converted" and not left(cache)


def test_another_content_or_another_option_is_another_conversion(wine, cache, ask, tmp_path):
    first = ask("prepare", **wine)
    shared = ask("prepare", **wine, test_share=0.5)
    (tmp_path / "wine.csv").write_text((tmp_path / "wine.csv").read_text() + "9,9,9\n")
    changed = ask("prepare", **wine)
    assert len({first["file"], shared["file"], changed["file"]}) == 3
    assert (
        changed["sha256"] != first["sha256"] == shared["sha256"] and changed["train_rows"] + changed["test_rows"] == 21
    )


def test_the_same_source_converts_to_the_same_bytes(wine, cache, ask):
    path = Path(ask("prepare", **wine)["file"])
    before = path.read_bytes()
    path.unlink()
    assert Path(ask("prepare", **wine)["file"]).read_bytes() == before


def test_a_converted_file_that_was_cut_is_made_again(wine, cache, ask):
    path = Path(ask("prepare", **wine)["file"])
    whole = path.read_bytes()
    for damaged in (b"", whole[:5], whole[:-1], b"\xff" * 64, whole[:8] + b"[]" + whole[10:]):
        path.write_bytes(damaged)
        assert read_header(path) is None
    for damaged in (b"", whole[:-1]):
        path.write_bytes(damaged)
        assert Path(ask("prepare", **wine)["file"]).read_bytes() == whole


def test_a_converted_file_with_a_flipped_bit_anywhere_is_made_again_and_that_is_said(wine, cache, ask, capsys):
    path = Path(ask("prepare", **wine)["file"])
    whole = path.read_bytes()
    assert is_whole(path)
    for bit in range(0, 8 * len(whole), 37):
        path.write_bytes(whole[: bit // 8] + bytes([whole[bit // 8] ^ 1 << bit % 8]) + whole[bit // 8 + 1 :])
        assert not is_whole(path), bit
    capsys.readouterr()
    assert Path(ask("prepare", **wine)["file"]).read_bytes() == whole
    assert f"{path} is damaged: it is converted again\nconverting " in capsys.readouterr().err


def test_names_that_look_like_a_digest_change_nothing(cache, ask, tmp_path):
    zeros = "0" * 32
    (tmp_path / "odd.csv").write_text(f'{zeros},"""contents"":""{zeros}""",y\n' + "1,2,3\n4,5,7\n2,9,1\n8,4,4\n7,1,3\n")
    reply = ask("prepare", dataset="odd.csv", base=str(tmp_path), target="y", kind="regress")
    assert is_whole(reply["file"]) and read_header(reply["file"])[1]["features"][0] == zeros


def test_a_cache_that_is_removed_while_data_are_converted_is_made_again(wine, cache, ask, monkeypatch):
    import shutil

    whole = limits.ask
    times = []

    def ask_and_remove(*arguments):
        times.append(1)
        if len(times) == 1:
            shutil.rmtree(cache)
        return whole(*arguments)

    monkeypatch.setattr(limits, "ask", ask_and_remove)
    assert is_whole(ask("prepare", **wine)["file"]) and len(times) == 2


def test_what_a_killed_conversion_left_goes_with_the_next_prepare(wine, cache, ask):
    ask("prepare", **wine)
    for place in ("converted", "checksums", "data/cifar10"):
        store.folder(place)
        (cache / place / ".partial-1-abandoned").write_bytes(b"half")
    ask("prepare", **wine)
    assert not left(cache)


def test_the_converted_file_begins_as_the_engine_expects(wine, cache, ask):
    path = Path(ask("prepare", **wine)["file"])
    content = path.read_bytes()
    header = json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])
    about = json.loads(header["__metadata__"]["crosstalk"])
    assert set(header) == {"__metadata__", "train.x", "train.y", "test.x", "test.y"} and list(
        header["__metadata__"]
    ) == ["crosstalk", "contents"]
    assert {
        "name",
        "kind",
        "classes",
        "outputs",
        "divide",
        "target_variance",
        "features",
        "sha256",
        "sources",
    } <= set(about)
    assert about["features"] == ["a", "b"] and about["target_variance"] is None and header["train.x"]["dtype"] == "F32"


def test_what_a_killed_process_left_is_removed_and_what_another_writes_is_not(cache, tmp_path):
    folder = store.folder("converted")
    (folder / ".partial-1-abandoned").write_bytes(b"half")
    with open(folder / ".partial-2-being-written", "wb") as busy:
        fcntl.flock(busy, fcntl.LOCK_EX)
        with store.appearing(folder / "whole") as partial:
            partial.write_bytes(b"all")
        assert sorted(path.name for path in folder.iterdir()) == [".partial-2-being-written", "whole"]


def test_a_checksum_is_remembered_until_the_file_changes(cache, tmp_path, monkeypatch):
    path = tmp_path / "big"
    path.write_bytes(bytes(5 << 20))
    os.utime(path, ns=(1, 1))
    first = store.digests(path)
    monkeypatch.setattr(store, "compute_digests", lambda path: {"sha256": "computed again"})
    assert store.digests(path) == first
    os.utime(path, ns=(2, 2))
    assert store.digests(path) == {"sha256": "computed again"}


def test_a_damaged_record_of_a_checksum_is_not_believed(cache, tmp_path):
    path = tmp_path / "big"
    path.write_bytes(bytes(5 << 20))
    os.utime(path, ns=(1, 1))
    first = store.digests(path)
    (record,) = (cache / "checksums").iterdir()
    whole = record.read_text()
    record.write_text(whole.replace(first["sha256"], "f" + first["sha256"][1:]))
    assert record.read_text() != whole and store.digests(path) == first


def test_a_failure_leaves_nothing_in_the_cache(wine, cache, ask, tmp_path):
    (tmp_path / "wine.csv").write_text("a,y\n1,word\n")
    assert "wine.csv:2" in ask("prepare", **wine).message
    assert not [path for path in cache.rglob("*") if path.is_file()]


def test_a_cache_that_cannot_be_written_is_named_with_the_mend(wine, tmp_path, ask, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("CROSSTALK_CACHE", str(tmp_path / "file" / "cache"))
    error = ask("prepare", **wine)
    assert (
        error.kind == "environment" and str(tmp_path / "file") in error.message and "CROSSTALK_CACHE" in error.message
    )
    monkeypatch.setenv("CROSSTALK_CACHE", "/proc/crosstalk")
    assert "/proc/crosstalk" in ask("prepare", **wine).message


def test_a_full_disk_is_said_to_be_full_and_leaves_nothing(wine, cache, tmp_path):
    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (300, 300))

    store.folder("converted")
    process = begin("prepare", wine, preexec_fn=limit)
    reply, errors = process.communicate(timeout=60)
    error = json.loads(reply)["error"]
    assert (
        process.returncode == 3
        and error["kind"] == "environment"
        and "a limit on the size of files is reached" in error["message"]
    )
    assert not [path for path in cache.rglob("*") if path.is_file()] and "Traceback" not in errors
    assert "the disk is full. Free some space" in of_operating_system(OSError(errno.ENOSPC, ""), "/cache").message
    assert (
        "has no locks. Let CROSSTALK_CACHE" in of_operating_system(OSError(errno.ENOLCK, "No locks"), "/cache").message
    )


def test_memory_is_limited(tmp_path, cache, monkeypatch, ask):
    import numpy as np

    np.savez_compressed(tmp_path / "mine.npz", x=np.zeros((3000, 3000), np.float32), y=np.arange(3000))
    monkeypatch.setenv("CROSSTALK_DATA_MEMORY_GB", "0.18")
    error = ask("prepare", dataset="mine.npz", base=str(tmp_path), kind="regress")
    assert error.kind == "data" and "mine.npz: reading it takes more than the 0.18 GB of memory" in error.message
    assert "CROSSTALK_DATA_MEMORY_GB" in error.message


def test_a_wait_that_was_suspended_counts_as_the_second_that_it_was_to_take():
    waits = []

    class Reader:  # each wait of a second finds the clock hours ahead, the third one the answer
        def communicate(self, text, timeout):
            waits.append((text, timeout))
            if len(waits) % 3:
                raise subprocess.TimeoutExpired("reader", timeout)

    assert limits.ends(Reader(), b"request", 3)
    assert waits == [(b"request", 1), (None, 1), (None, 1)]
    assert not limits.ends(Reader(), b"request", 2)


def stand_in(tmp_path, monkeypatch, code):
    """A child that does something else."""
    script = tmp_path / "python"
    script.write_text(f"#!{sys.executable}\n{code}\n")
    script.chmod(0o755)
    monkeypatch.setattr(limits.sys, "executable", str(script))


@pytest.mark.parametrize(
    "code, message",
    {
        "import time; time.sleep(60)": "takes longer than 0.9 seconds|takes longer than 1 second",
        "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)": "was ended by signal SIGSEGV",
        "import os, signal; os.kill(os.getpid(), signal.SIGXCPU)": "takes longer than 1 second",
        "import os, signal; os.kill(os.getpid(), signal.SIGKILL)": "was ended by signal SIGKILL",
        "import sys; print('half a reply'); sys.exit('out of luck')": r"ended with status 1 \(out of luck\)",
        "print('{')": "ended with status 0",
    }.items(),
)
def test_a_child_that_crashes_or_hangs_is_a_data_error(code, message, tmp_path, cache, monkeypatch):
    stand_in(tmp_path, monkeypatch, code)
    monkeypatch.setenv("CROSSTALK_DATA_SECONDS", "0.3" if "sleep" in code else "20")
    with pytest.raises(DataError, match=message if "XCPU" not in code else "takes longer than 20 seconds") as error:
        limits.ask("convert", {}, "wine.csv")
    assert error.value.kind == "data" and "wine.csv" in str(error.value)


def test_processor_time_is_limited():
    reader, writer = os.pipe()
    process = os.fork()
    if process == 0:
        child.limit(4 << 30, 1)
        while True:
            pass
    os.close(reader), os.close(writer)
    _, status = os.waitpid(process, 0)
    assert os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGXCPU


@pytest.mark.parametrize("name", ["CROSSTALK_DATA_SECONDS", "CROSSTALK_DATA_MEMORY_GB"])
def test_a_limit_that_is_no_number_is_named(name, monkeypatch):
    for text in ("many", "0", "-1", "nan"):
        monkeypatch.setenv(name, text)
        with pytest.raises(DataError, match=f"{name} = {text} is not a number above 0"):
            limits.limits(1)


def test_four_at_once_make_one_file(wine, cache):
    processes = [begin("prepare", wine) for _ in range(4)]
    replies = [process.communicate(timeout=60)[0] for process in processes]
    assert len(set(replies)) == 1 and not left(cache)
    assert len(list((cache / "converted").iterdir())) == 1


def test_ended_by_a_signal_it_leaves_no_half_file_and_no_child(tmp_path, cache):
    lines = "".join(f"{row},{row % 7},{row % 5}\n" for row in range(400_000))
    (tmp_path / "long.csv").write_text("a,b,y\n" + lines)
    process = begin("prepare", {"dataset": "long.csv", "base": str(tmp_path), "target": "y", "kind": "regress"})
    for _ in range(300):
        if left(cache):
            break
        time.sleep(0.02)
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    child_pid = children.read_text().split() if children.exists() else []
    process.send_signal(signal.SIGTERM)
    reply, errors = process.communicate(timeout=30)
    assert process.returncode == 143 and reply == "" and "Traceback" not in errors
    assert not left(cache)
    for _ in range(300):  # one that had just been started ends by itself: nobody writes its request
        if not any(Path(f"/proc/{pid}").exists() for pid in child_pid):
            return
        time.sleep(0.02)
    pytest.fail("the child goes on")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no json",
        "[1]",
        "null",
        '"digits"',
        "[" * 100_000,
        '{"dataset": 3}',
        '{"dataset": "a\\u0000b"}',
        "{}",
    ],
)
def test_a_request_that_is_none_gets_a_reply_without_a_trace(text, cache):
    process = begin("prepare", text)
    reply, errors = process.communicate(timeout=30)
    assert process.returncode == 3 and json.loads(reply)["error"]["message"] and "Traceback" not in errors


def test_an_unknown_command_gets_the_nearest(cache, ask):
    assert "did you mean verify?" in ask("verfiy").message


def test_a_module_in_the_current_folder_is_not_imported_by_the_reader(wine, cache, tmp_path, monkeypatch, ask):
    (tmp_path / "numpy.py").write_text("raise SystemExit('the wrong numpy')")
    monkeypatch.chdir(tmp_path)
    assert ask("prepare", **wine)["train_rows"] == 16


def test_a_source_that_changes_meanwhile_is_not_kept(wine, cache, tmp_path, monkeypatch, ask):
    monkeypatch.setattr(limits, "ask", lambda *arguments: (tmp_path / "wine.csv").write_text("other"))
    assert "wine.csv changed while it was read. Run the command again." in ask("prepare", **wine).message
    assert not [path for path in cache.rglob("*") if path.is_file()]

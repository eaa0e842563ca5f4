"""What goes wrong while a report is made is one sentence that names the cause, and what was there before stays."""

import importlib.metadata
import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest
import synthetic_bundle

from crosstalk.report import __main__ as command
from crosstalk.report import faults, files, fonts, paper
from crosstalk.report.files import Files, WriteError

PACKAGE = Path(command.__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def bundle():
    whole = synthetic_bundle.build(grams=False)
    whole["figures"] = [figure for figure in whole["figures"] if figure["name"] in ("figure2", "figure9")]
    return whole


def ask(folder, bundle, capsys, *options):
    """(status, reply)"""
    (folder / "bundle.json").write_text(json.dumps(bundle))
    status = command.main(["--bundle", str(folder / "bundle.json"), "--out", str(folder / "out"), *options])
    return status, json.loads(capsys.readouterr().out)


def child(folder, modules, *options):
    """The reply of a process of its own, with the user's modules on PYTHONPATH."""
    for name, text in modules.items():
        (folder / name).write_text(text)
    arguments = [
        sys.executable,
        "-P",
        "-m",
        "crosstalk.report",
        "--bundle",
        "-",
        "--out",
        str(folder / "out"),
        *options,
    ]
    reading, replies = os.pipe()
    environment = {
        **os.environ,
        "CROSSTALK_REPLIES": str(replies),
        "PYTHONPATH": f"{folder}{os.pathsep}{PACKAGE}{os.pathsep}{os.environ.get('PYTHONPATH', '')}",
    }
    done = subprocess.run(
        arguments, env=environment, input="{}", capture_output=True, text=True, timeout=100, pass_fds=[replies]
    )
    os.close(replies)
    with os.fdopen(reading) as stream:
        reply = json.load(stream)
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode, reply, done.stderr + done.stdout


def test_a_figure_that_cannot_be_drawn_is_named_and_everything_else_is_written(tmp_path, capsys, bundle, monkeypatch):
    draw = paper.FIGURES["figure2"]
    formats = ["--formats", "html,svg,csv"]
    assert ask(tmp_path, bundle, capsys, *formats)[1]["files"].count("figures/figure2.svg") == 1

    def broken(tables, look):
        raise KeyError("a column of " + draw.__module__ + "\nand more")

    monkeypatch.setitem(paper.FIGURES, "figure2", broken)
    status, reply = ask(tmp_path, bundle, capsys, *formats)
    assert (
        status == 0
        and reply["incomplete"].startswith("figure2 could not be drawn: ")
        and "KeyError" in reply["incomplete"]
    )
    assert {"figures/figure2-points.csv", "figures/figure9.svg", "report.html"} <= set(reply["files"])
    assert not (tmp_path / "out" / "figures" / "figure2.svg").exists(), "the former report's figure is not this one's"
    page = (tmp_path / "out" / "report.html").read_text()
    assert page.count("This figure could not be drawn (") == 2, "in the page, and in the script that says so of others"
    assert 'href="figures/figure9.svg"' in page and 'href="figures/figure2.svg"' not in page


def test_a_report_that_finds_no_room_leaves_the_former_one_as_it_was(tmp_path, capsys, bundle, monkeypatch):
    formats = ["--formats", "html,csv"]
    assert ask(tmp_path, bundle, capsys, *formats)[0] == 0
    before = {path.name: path.read_bytes() for path in (tmp_path / "out").rglob("*") if path.is_file()}
    chmod = os.chmod

    def full(path, mode):
        if Path(path).name.startswith(".figure9"):
            raise OSError(28, "No space left on device")
        chmod(path, mode)

    monkeypatch.setattr(files.os, "chmod", full)
    status, reply = ask(tmp_path, {**bundle, "notes": ["another report"]}, capsys, *formats)
    assert status == 3 and reply["error"]["kind"] == "environment"
    assert "figure9.csv: No space left on device" in reply["error"]["message"]
    assert {path.name: path.read_bytes() for path in (tmp_path / "out").rglob("*") if path.is_file()} == before


def test_files_that_were_begun_get_no_name_when_a_report_is_stopped(tmp_path):
    (tmp_path / "report.html").write_text("former")
    with pytest.raises(KeyboardInterrupt), Files(tmp_path) as made:
        made.put("figures/a.svg", b"new")
        made.put("report.html", b"new")
        raise KeyboardInterrupt
    assert [path.name for path in tmp_path.rglob("*")] == ["report.html", "figures"]
    assert (tmp_path / "report.html").read_text() == "former"


def test_what_a_killed_report_left_is_removed_by_a_later_one_and_a_young_file_is_not(tmp_path):
    old, young = tmp_path / ".a.svg.unfinished-x", tmp_path / ".a.svg.unfinished-y"
    for left in (old, young):
        left.write_text("half")
    os.utime(old, (time.time() - 1e5,) * 2)
    with Files(tmp_path) as made:
        made.put("a.svg", b"whole")
    assert sorted(path.name for path in tmp_path.iterdir()) == [young.name, "a.svg"]


@pytest.mark.parametrize("place", ["report.html", "figures/claims.csv"])
def test_a_folder_where_a_file_belongs_is_named_before_anything_is_written(tmp_path, place):
    (tmp_path / place).mkdir(parents=True)
    with pytest.raises(WriteError, match=f"{place} is a folder"), Files(tmp_path) as made:
        made.put("figures/first.svg", b"x")
        made.put(place, b"x")
    assert not (tmp_path / "figures" / "first.svg").exists()


def test_a_file_where_a_folder_belongs_is_named(tmp_path):
    (tmp_path / "figures").write_text("")
    with pytest.raises(WriteError, match="figures is no folder"), Files(tmp_path) as made:
        made.put("figures/first.svg", b"x")


@pytest.mark.parametrize(
    ("module", "text"),
    [
        ("altair.py", "SCHEMA = 1\n"),
        ("altair.py", "raise RuntimeError('not for import')\n"),
        ("altair.py", "import sys\nsys.exit('a script')\n"),
        ("textwrap.py", "import no_such_module\n"),
        ("copy.py", "def copy(x: return x\n"),
        ("argparse.py", "parser = 1 / 0\n"),
        ("json.py", "import jsonn\n"),
    ],
)
def test_a_module_of_the_users_that_stands_for_another_is_named_with_its_file(tmp_path, module, text):
    status, reply, _ = child(tmp_path, {module: text})
    assert status == 3 and reply["error"]["kind"] == "environment"
    assert str(tmp_path / module) in reply["error"]["message"] and "PYTHONPATH" in reply["error"]["message"]


def test_what_a_library_prints_does_not_stand_in_the_reply(tmp_path):
    status, reply, said = child(tmp_path, {"sitecustomize.py": "import atexit, builtins\natexit.register(print, 'bye')\n"
                                           "import sys\nsys.modules['colours'] = None\n"}, "--formats", "csv")  # fmt: skip
    assert status == 0 and reply == {"files": [], "notes": []} and "bye" in said


def test_a_package_that_is_missing_is_named_with_its_mend():
    try:
        import no_such_package  # noqa: F401
    except ImportError as error:
        kind, message = faults.sentence(error)
    assert kind == "environment" and "pip install no_such_package" in message and sys.executable in message


def test_a_package_that_is_too_old_is_named_with_its_version(monkeypatch):
    monkeypatch.setattr(importlib.metadata, "requires", lambda name: ["altair>=5.5", "numpy>=1.26"])
    monkeypatch.setattr(importlib.metadata, "version", lambda name: {"altair": "4.2.2"}.get(name, "2.1.0"))
    kind, message = faults.sentence(AttributeError("module 'altair' has no attribute 'SCHEMA_URL'"))
    assert (
        kind == "environment"
        and message.startswith("altair 4.2.2 is too old")
        and "pip install 'altair>=5.5'" in message
    )


def test_a_fault_of_our_own_is_one_line_with_its_place():
    try:
        json.loads("x" * 10_000 + "\n" * 3)
    except ValueError as error:
        kind, message = faults.sentence(type(error)("a" * 10_000 + "\nb", "", 0).with_traceback(error.__traceback__))
    assert len(message) < 400 and re.search(r"decoder\.py:\d+\)", message)


def test_a_character_that_no_font_has_is_found_by_drawing_and_the_note_names_its_script_and_mend():
    assert fonts.missing("Aβж−→é \u0301\u200d\u202e\n") == [], (
        "the renderer's own font has these, or they have no shape"
    )
    assert fonts.missing("a\ue123\U000f0000") == ["\ue123", "\U000f0000"], "nobody's characters"
    said = fonts.note(["宽", "度", "한", "ह", "🧠"])
    for word in (
        "Chinese (宽度)",
        "Korean (한)",
        "Devanagari (ह)",
        "signs or emoji (🧠)",
        "apt install fonts-noto-cjk fonts-noto-core",
    ):
        assert word in said
    assert fonts.note([]) == "" and "\n" not in said


@pytest.mark.parametrize("formats", ["png", "pdf", "svg"])
def test_a_report_says_which_characters_are_boxes_in_its_pictures(tmp_path, capsys, bundle, formats):
    text = json.dumps({**bundle, "figures": bundle["figures"][:1]}).replace("digits", "digits\\ue123")
    status, reply = ask(tmp_path, json.loads(text), capsys, "--formats", formats)
    assert status == 0 and len(reply["notes"]) == (formats != "svg")
    assert all("\ue123" in note and "empty boxes" in note for note in reply["notes"])


def test_a_folder_whose_name_is_not_utf8_gets_its_report(tmp_path):
    folder = os.fsencode(tmp_path) + b"/caf\xe9"
    arguments = [sys.executable, "-m", "crosstalk.report", "--bundle", "-", "--out", folder, "--formats", "latex"]
    environment = {**os.environ, "PYTHONPATH": f"{PACKAGE}{os.pathsep}{os.environ.get('PYTHONPATH', '')}"}
    done = subprocess.run(arguments, env=environment, input=b"{}", capture_output=True, timeout=100)
    assert json.loads(done.stdout) == {"files": ["figures/macros.tex"], "notes": []}, done.stderr
    assert os.path.getsize(folder + b"/figures/macros.tex") > 0

"""`crosstalk` is another package's name on PyPI: doctor says when that one stands in the way."""

import subprocess
import sys
from pathlib import Path

import pytest


@pytest.fixture
def doctor(crosstalk):
    def ask(**environment):
        crosstalk.environment |= {name: str(value) for name, value in environment.items()}
        return crosstalk("doctor")

    return ask


def test_another_distribution_of_the_name_is_named_with_its_place_and_the_mend(doctor, tmp_path):
    about = tmp_path / "site" / "crosstalk-0.3.1.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: Crosstalk\nVersion: 0.3.1\n")
    said = doctor(PYTHONPATH=tmp_path / "site")
    assert f"in the way: the package crosstalk 0.3.1 in {tmp_path / 'site'}" in said
    assert f"{sys.executable} -m pip uninstall crosstalk" in said and "worker     torch" in said


def test_a_module_that_is_imported_in_our_place_is_named(crosstalk):
    (crosstalk.folder / "crosstalk.py").write_text("")
    command = Path(sys.executable).with_name("crosstalk")  # `python -m crosstalk` would run that file
    done = subprocess.run([command, "doctor"], cwd=crosstalk.folder, capture_output=True, text=True, check=True)
    assert f"in the way: {crosstalk.folder / 'crosstalk.py'}" in done.stdout
    assert "mend it:  work in another folder" in done.stdout


def test_another_command_that_comes_first_is_named_with_the_line_that_puts_ours_before_it(doctor, tmp_path):
    other = tmp_path / "bin" / "crosstalk"
    other.parent.mkdir()
    other.write_text("#!/bin/sh\necho another\n")
    other.chmod(0o755)
    said = doctor(PATH=f"{other.parent}:/usr/bin:/bin")
    assert f"in the way: {other}" in said and "export PATH=" in said and f"command    {other}" in said


def test_a_command_that_is_not_on_the_path_is_told_with_the_line_that_mends_it(doctor):
    said = doctor(PATH="/usr/bin:/bin")
    assert "command    not on PATH. For this shell: export PATH=" in said and "in the way" not in said

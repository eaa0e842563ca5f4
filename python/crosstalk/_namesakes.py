"""What else has our name: on PyPI `crosstalk` is another's package. A child of `crosstalk doctor`; one request in (which
says nothing), one reply out: where the command is found, and what stands in its way, each with its mend."""

from __future__ import annotations

import os
import shlex
import sys
from pathlib import Path

from crosstalk import _child

DISTRIBUTION = "crosstalk-interference"  # as pyproject.toml has it
HERE = Path(__file__).resolve().parent


def is_ours(package: Path) -> bool:
    """Whether the folder is a crosstalk of ours, be it another copy."""
    return (package / Path(__file__).name).is_file()


def distributions() -> list[dict]:
    """Installed packages of the name `crosstalk`."""
    from importlib import metadata

    found = []
    for each in metadata.distributions():
        if (each.metadata["Name"] or "").lower() != "crosstalk":
            continue
        place = Path(str(each.locate_file(""))).resolve()
        mend = f"{shlex.quote(sys.executable)} -m pip uninstall crosstalk"
        if place == HERE.parent:
            mend += ", then install this one again: the two have files of the same names"
        found.append({"what": f"the package crosstalk {each.version} in {place}, which is another's", "mend": mend})
    return found


def modules(folders: list[str]) -> list[dict]:
    """The `crosstalk` that a Python which looks into these folders, in this order, takes in place of ours."""
    for folder in map(Path, folders):
        for file in (folder / "crosstalk" / "__init__.py", folder / "crosstalk.py"):
            if not file.is_file():
                continue
            if file.parent.resolve() == HERE or is_ours(file.parent):
                return []
            what = f"{file}, which `import crosstalk` takes in place of {HERE}"
            return [{"what": what, "mend": f"work in another folder, or take {folder} off PYTHONPATH"}]
    return []


def commands(path: str) -> tuple[str, list[dict]]:
    """The command's place on PATH in words, and another's that comes first."""
    ours = Path(sys.executable).absolute().parent
    mend = f'export PATH={shlex.quote(str(ours))}:"$PATH"'
    for folder in filter(None, path.split(os.pathsep)):
        file = Path(folder, "crosstalk")
        if not (file.is_file() and os.access(file, os.X_OK)):
            continue
        with open(file, "rb") as stream:
            if b"crosstalk._cli" in stream.read(4096):
                return str(file), []
        return str(file), [{"what": f"{file}, the first `crosstalk` on PATH, which is another's", "mend": mend}]
    return f"not on PATH. For this shell: {mend}", []


def reply() -> dict:
    command, in_the_way = commands(os.environ.get("PATH", ""))
    in_the_way += modules([os.getcwd(), *sys.path])
    return {"command": command, "in_the_way": in_the_way + distributions()}


def main() -> None:
    answers = _child.replies()
    with _child.guarded("it cannot be told what else has the name"):
        sys.stdin.read()
        _child.send(answers, reply())


if __name__ == "__main__":
    main()

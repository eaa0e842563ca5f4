"""crosstalk.run: the command `crosstalk run` as a child of this process, and its results."""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import crosstalk

from .failures import failure
from .loading import load
from .results import Results

KINDS = {1: "runs", 2: "config", 3: "data", 4: "environment", 5: "store", 6: "numeric"}  # of the command's exit codes
NEXT = re.compile(r"^next:  crosstalk report (.+)$", re.MULTILINE)  # the command's last line, with the folder


def run(
    study: str | os.PathLike[str],
    *,
    scale: str | None = None,
    set: Mapping[str, object] | None = None,
    seed_offset: int | None = None,
    jobs: int | None = None,
    data: str | os.PathLike[str] | None = None,
    device: str | None = None,
    out: str | os.PathLike[str] | None = None,
    quiet: bool = False,
) -> Results:
    """Runs a study, or resumes it, and returns its results. It is `crosstalk run`, in a process of its own.

    `study`: a study file, the name of a shipped study, or a results folder that is to go on. `set`: keys with their
    values, {"network.hidden": [8, 16], "learner.rate": 1e-3}; a list is an axis of a sweep. `jobs`: runs at a time
    (default: the physical cores). `out`: the results folder (default: results/STUDY, or results/STUDY-SCALE, in the
    working folder). `quiet`: what the command says is not shown.

    Raises crosstalk.Error with the command's message. Its `kind` says what was wrong: "config" (the study or an option),
    "data", "environment", "store" (the results folder), "numeric", or "runs": some runs failed, and those that are done
    can be loaded. A diverged run is a result, no error. A KeyboardInterrupt lets the running runs write a checkpoint
    first; the same call goes on there, and a second interrupt stops at once.
    """
    options = {"scale": scale, "seed-offset": seed_offset, "jobs": jobs, "data": data, "device": device, "out": out}
    command = [sys.executable, "-P", "-X", "utf8", "-m", "crosstalk", "run", os.fspath(study)]
    for name, value in options.items():
        if value is not None:
            command += [f"--{name}", os.fspath(value) if isinstance(value, os.PathLike) else str(value)]
    for key, value in (set or {}).items():
        command += ["--set", f"{key}={_as_toml(value)}"]
    status, said = _ended(command, quiet)
    if status != 0:
        raise failure(KINDS.get(status, "environment"), _message(status, said))
    return load(shlex.split(NEXT.findall(said)[-1])[0])


def _as_toml(value: object) -> str:
    """JSON is TOML for texts, numbers, truth values and lists of these. NumPy's numbers and arrays are Python's first."""
    return json.dumps(value, ensure_ascii=False, default=lambda other: other.tolist())


def _environment() -> dict[str, str]:
    """In which the child finds this very package, also one that is not installed."""
    home = Path(crosstalk.__file__).resolve().parent.parent
    if home.name in ("site-packages", "dist-packages"):
        return dict(os.environ)
    before = os.environ.get("PYTHONPATH")
    return {**os.environ, "PYTHONPATH": os.pathsep.join([str(home), before] if before else [str(home)])}


def _ended(command: list[str], quiet: bool) -> tuple[int, str]:
    """The child's exit code and all that it said, which is shown meanwhile."""
    lines: list[str] = []
    interrupted = False
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=_environment(),
        encoding="utf-8", errors="replace"
    ) as child:  # fmt: skip
        assert child.stdout is not None
        while True:
            try:
                for line in child.stdout:
                    lines.append(line)
                    if not quiet:
                        print(line, end="", flush=True)
                break
            except KeyboardInterrupt:
                interrupted = True
                # A terminal has sent it to the child too: the command takes two within a tenth of a second for one.
                child.send_signal(signal.SIGINT)
    if interrupted:
        raise KeyboardInterrupt
    return child.returncode, "".join(lines)


def _message(status: int, said: str) -> str:
    """What the command complained of; otherwise the last that it said."""
    complaint = re.findall(r"^crosstalk: (.*(?:\n {11}.*)*)", said, re.MULTILINE)
    if complaint:
        return re.sub(r"\n {11}", "\n", complaint[-1])
    if status < 0:
        return f"crosstalk run was ended by signal {-status} ({signal.Signals(-status).name}). The same call goes on."
    last = [line for line in said.splitlines() if line.strip() and not line.startswith("next:")]
    return "\n".join(last[-3:]) or f"crosstalk run ended with exit code {status}, without a word."

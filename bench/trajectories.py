"""A million Atari transitions on disk: what they take there, and what a process takes that draws batches of them.

    .venv/bin/python bench/trajectories.py [--game ms_pacman] [--collected 10000] [--transitions 1000000] [--batch 32] [--copy]

Collects that many transitions by random actions, with the console's memory, and makes a set of `--transitions` of them: its
segments are links to those collected, so that the disk need not have room for all. With --copy they are copies, and the time of
opening is that of a real set, whose files are all read once. A process of its own then opens the set and
draws batches for some seconds; then DQNs of the paper's network learn from it, one alone and two workers beside each other. What counts
is RssAnon, memory that is a process's own: the pages of the files are shared by all workers, and the system takes them back when it
needs room."""

from __future__ import annotations

import argparse
import json
import math
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

LARGEST_ON_DISK = 8e9  # of a million
LARGEST_IN_MEMORY = 1e9
LARGEST_SHARE = 0.05  # of an update: drawing its batch
# A run draws into memory that it has; the Python function makes new tensors, whose pages would be given back and cleared each time.
KEEP_PAGES = {"MALLOC_MMAP_THRESHOLD_": str(1 << 30), "MALLOC_TRIM_THRESHOLD_": str(1 << 32)}
STUDY = """
[task]
trajectories = "{set}"
[learner]
algorithm = "dqn"
updates = {updates}
[probe]
every = {updates}
samples = 2
measures = ["loss"]
"""
DRAWS = """
import json, random, sys, time
import torch
from crosstalk import _engine
def anonymous():
    return next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("RssAnon")) * 1024
before, began = anonymous(), time.monotonic()
steps = _engine.Trajectories(sys.argv[1])
opened, most, batches = time.monotonic(), 0, 0
draw = random.Random(0)
while time.monotonic() < opened + 5:
    rows = [draw.randrange(steps.steps) for _ in range(int(sys.argv[2]))]
    steps.draw(rows), steps.draw(rows, after=True)
    batches += 1
    most = max(most, anonymous()) if batches % 50 == 1 else most
print(json.dumps({"steps": steps.steps, "opening": opened - began, "batch": 5 / batches, "most": most, "more": most - before}))
"""


def collected(game: str, transitions: int, folder: Path) -> dict:
    began = time.monotonic()
    command = [sys.executable, "-m", "crosstalk", "trajectories", "collect", "--env", f"atari:{game}", "--policy", "random",
               "--ram", "--transitions", str(transitions), "--seed", "1", "--out", str(folder)]  # fmt: skip
    subprocess.run(command, check=True)
    about = json.loads((folder / "trajectories.json").read_text())
    print(f"collected {about['steps']:,} transitions, {about['steps'] / (time.monotonic() - began):.0f} a second")
    return about


def multiply(about: dict, transitions: int, folder: Path, to: Path, put: Callable) -> None:
    """A set of so many transitions out of the same segments, again and again."""
    to.mkdir()
    segments = []
    for _ in range(math.ceil(transitions / about["steps"])):
        for segment in about["segments"]:
            name = f"{len(segments):06}.safetensors"
            put(folder / segment["file"], to / name)
            segments.append({**segment, "file": name})
    total = {name: sum(segment[name] for segment in segments) for name in ("steps", "episodes")}
    (to / "trajectories.json").write_text(json.dumps({**about, **total, "segments": segments}))


def anonymous(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:  # it has ended
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("RssAnon")), 0)


def learn(
    folder: Path, trajectories: Path, updates: int, workers: int, text: str = STUDY
) -> tuple[float, list[int]]:
    """The seconds of a run, and the most RssAnon of each worker."""
    folder.mkdir(exist_ok=True)
    out, study = folder / f"{updates}-{workers}", folder / "study.toml"
    study.write_text(text.format(set=trajectories, updates=updates))
    command = [
        sys.executable,
        "-m",
        "crosstalk",
        "run",
        str(study),
        "--set",
        f"seeds={workers}",
        "--jobs",
        str(workers),
        "--out",
        str(out),
    ]
    most: dict[str, int] = {}
    running = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while running.poll() is None:
        for pid in Path(f"/proc/{running.pid}/task/{running.pid}/children").read_text().split():
            most[pid] = max(most.get(pid, 0), anonymous(int(pid)))
        time.sleep(0.05)
    if running.returncode != 0:
        raise SystemExit(f"{' '.join(command)} ended with {running.returncode}")
    with sqlite3.connect(out / "study.sqlite") as store:
        seconds = max(second for (second,) in store.execute("select seconds from runs"))
    return seconds, sorted(most.values())[-workers:]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--game", default="ms_pacman")
    parser.add_argument("--collected", type=int, default=10_000)
    parser.add_argument("--transitions", type=int, default=1_000_000)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--copy", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        few, many = Path(name) / "few", Path(name) / "many"
        about = collected(options.game, options.collected, few)
        multiply(about, options.transitions, few, many, shutil.copyfile if options.copy else os.link)
        disk = sum(segment["bytes"] for segment in about["segments"]) / about["steps"] * 1e6
        done = subprocess.run(
            [sys.executable, "-c", DRAWS, many, str(options.batch)],
            capture_output=True,
            text=True,
            check=True,
            env=os.environ | KEEP_PAGES,
        )
        update = (learn(Path(name), many, 250, 1)[0] - learn(Path(name), many, 50, 1)[0]) / 200
        of_workers = learn(Path(name), many, 100, 2)[1]
    drawn = json.loads(done.stdout)
    share = drawn["batch"] / update
    print(f"a million transitions on disk: {disk / 1e9:.2f} GB, {'under' if disk < LARGEST_ON_DISK else 'OVER'} 8 GB")
    print(f"opening {drawn['steps']:,} of them: {drawn['opening']:.1f} s, once in a process; a batch of {options.batch}, before and "
          f"after: {drawn['batch'] * 1e3:.2f} ms")  # fmt: skip
    print(f"RssAnon of the process that draws: {drawn['most'] / 1e6:.0f} MB, {drawn['more'] / 1e6:.0f} MB more than before the set was "
          f"opened, {'under' if drawn['most'] < LARGEST_IN_MEMORY else 'OVER'} 1 GB")  # fmt: skip
    print(f"an update of a DQN from it: {update * 1e3:.1f} ms, of which drawing its batch is {share:.1%}, "
          f"{'under' if share < LARGEST_SHARE else 'OVER'} {LARGEST_SHARE:.0%}")  # fmt: skip
    print(f"RssAnon of two workers that learn from it: {' and '.join(f'{most / 1e6:.0f} MB' for most in of_workers)}, "
          f"{'under' if max(of_workers) < LARGEST_IN_MEMORY else 'OVER'} 1 GB each")  # fmt: skip
    return int(
        disk >= LARGEST_ON_DISK or max(drawn["most"], *of_workers) >= LARGEST_IN_MEMORY or share >= LARGEST_SHARE
    )


if __name__ == "__main__":
    sys.exit(main())

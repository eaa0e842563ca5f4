"""A SARCOS study on the test file, 18 runs of 5,000 updates with 20 measurements each, the whole command with 2 jobs, per
run, beside the usual kind of PyTorch script (peers/sarcos_pytorch.py) doing one of those runs on one thread, whole commands
too, two at a time. What the script takes without its start (loading torch and the data) stands beside it."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from timing import Line, duration

STUDY = """
seeds = 3
[task]
dataset = "sarcos"
source = "test-file"
[sweep]
network.hidden = [16, 32, 64]
network.depth = [0, 1]
"""
RUNS = 18
HERE = Path(__file__).resolve().parent


def sarcos_study(context) -> Line | None:
    work = "a SARCOS run, of a study of 18"
    command = Path(sys.executable).with_name("crosstalk")
    data = os.environ.get("CROSSTALK_TEST_DATA", str(HERE.parent.parent / "shared/data"))
    if not command.exists() or not (Path(data) / "sarcos/sarcos_inv_test.mat").exists():
        context.skip(work, "it takes the installed command, and CROSSTALK_TEST_DATA with sarcos/sarcos_inv_test.mat")
        return None
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "CROSSTALK_CACHE": folder}
        study = Path(folder) / "sarcos.toml"
        study.write_text(STUDY)
        ours = []
        for repeat in range(3):  # the first also converts the data
            start = time.perf_counter()
            subprocess.run([command, "run", study, "--out", Path(folder) / f"r{repeat}", "--jobs", "2", "--data", data],
                           check=True, capture_output=True, env=environment)  # fmt: skip
            ours.append((time.perf_counter() - start) / RUNS)
        file = next(Path(folder).rglob("*.safetensors"))
        usual = {shape: _pair(file, shape) for shape in ("16 0", "64 1")}
    peers = {f"PyTorch script, {shape.replace(' ', ' hidden, depth ')}": whole for shape, (whole, _) in usual.items()}
    line = Line(work, statistics.median(ours), peers, "PyTorch script, 16 hidden, depth 0", 1 / 20)
    for shape, (_, training) in usual.items():
        line.notes.append(f"the script's training alone, {shape.replace(' ', ' hidden, depth ')}: {duration(training)}, "
                          f"{line.ours / training:.3f}")  # fmt: skip
    line.notes.append("two at a time in both; ours is the whole command, with starting and storing, over its 18 runs")
    return line


def _pair(file, shape):
    """Seconds a run, where two run at a time: of the whole command, and of its training and measuring alone."""
    script = [sys.executable, HERE / "peers/sarcos_pytorch.py", file, *shape.split(), "3560"]
    start = time.perf_counter()
    both = [subprocess.Popen([*script, str(seed)], stdout=subprocess.PIPE, text=True) for seed in (0, 1)]
    training = max(float(one.communicate()[0].split()[0]) for one in both)
    return (time.perf_counter() - start) / 2, training / 2

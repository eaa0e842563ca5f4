"""One SARCOS update (64 hidden, depth 1, batch 32, Adam), one thread: the C++ program crosstalk-bench-update times ours
beside plain C++ autograd and plain ATen, and prints JSON."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from timing import Line


def sarcos_update(context) -> Line | None:
    programs = sorted(Path(context.build).rglob("crosstalk-bench-update"))
    if not programs:
        context.skip("one SARCOS update", f"there is no crosstalk-bench-update below {context.build}: build it with -DCROSSTALK_BENCH=ON")
        return None
    report = json.loads(subprocess.run([programs[0]], check=True, capture_output=True, text=True).stdout)
    seconds = {name.replace("_", " "): value * 1e-6 for name, value in report["microseconds"].items()}
    line = Line("one SARCOS update, one thread", seconds.pop("ours"), seconds, next(iter(seconds), ""), None, report.get("gflop"))
    line.notes.append(f"target 25 us: {'reached' if line.ours <= 25e-6 else 'not reached'}")
    return line

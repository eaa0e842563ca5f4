"""One SARCOS update (64 hidden, depth 1, batch 32, Adam), one thread: the C++ program crosstalk-bench-update times ours
beside plain C++ autograd and plain ATen, in turns, and prints JSON."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from timing import Line

REACH = 25e-6  # seconds, where plain C++ autograd takes 360


def sarcos_update(context) -> Line | None:
    programs = sorted(Path(context.build).rglob("crosstalk-bench-update"))
    if not programs:
        context.skip(
            "one SARCOS update",
            f"there is no crosstalk-bench-update below {context.build}: build it with -DCROSSTALK_BENCH=ON",
        )
        return None
    done = subprocess.run([programs[0]], capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"bench: {programs[0]} failed: {done.stderr.strip() or done.stdout[-300:]}")
    report = json.loads(done.stdout)
    medians = {name: value * 1e-6 for name, value in report["microseconds"].items()}
    ours = medians.pop("ours")
    peers = {"plain C++ autograd": medians.pop("C++_autograd"), "plain ATen": medians.pop("plain_ATen")}
    line = Line("one SARCOS update, one thread", ours, peers, "plain C++ autograd", REACH / 360e-6, report["gflop"])
    line.notes.append(
        f"{REACH * 1e6:.0f} us to reach: {'reached' if ours <= REACH else 'NOT REACHED'}; of processor time, "
        f"best round {report['least']['ours']:.1f} us"
    )
    return line

"""A Double DQN update with the two steps before it (batch 128), one thread, beside its bare passes through the network:
the C++ program crosstalk-bench-agent times both in turns, what measuring adds, and a checkpoint with a full replay."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from timing import Line, duration

REACH = 1.15  # times the bare passes
PROBE_SHARE = 0.05  # of the training between two measurements


def agent_update(context) -> Line | None:
    work = "a Double DQN update, one thread"
    programs = sorted(Path(context.build).rglob("crosstalk-bench-agent"))
    if not programs:
        context.skip(
            work, f"there is no crosstalk-bench-agent below {context.build}: build it with -DCROSSTALK_BENCH=ON"
        )
        return None
    done = subprocess.run([programs[0]], capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"bench: {programs[0]} failed: {done.stderr.strip() or done.stdout[-300:]}")
    report = json.loads(done.stdout)
    small, large = report["networks"]
    line = Line(work, small["update_seconds"], {"bare passes": small["bare_seconds"]}, "bare passes", REACH)
    ratio = large["update_seconds"] / large["bare_seconds"]
    line.notes.append(f"16 hidden, depth 1: {duration(large['update_seconds'])} beside {duration(large['bare_seconds'])}, "
                      f"{ratio:.3f}, target {REACH} {'reached' if ratio <= REACH else 'NOT REACHED'}")  # fmt: skip
    for each in report["networks"]:
        reached = "reached" if each["probe_share"] <= PROBE_SHARE else "NOT REACHED"
        line.notes.append(f"{each['hidden']} hidden, depth {each['depth']}: the default probe adds {each['probe_share']:.1%} "
                          f"(target {PROBE_SHARE:.0%} {reached}), its episodes {each['episodes_share']:.1%}")  # fmt: skip
    kept = report["checkpoint"]
    line.notes.append(
        f"a checkpoint with {kept['transitions']:,} transitions: {kept['bytes'] / 1e6:.1f} MB in {duration(kept['seconds'])}"
    )
    return line

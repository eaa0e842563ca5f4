"""The bench: ours and the peers, interleaved in one run, in one table. `make bench` calls it.

    python bench/run.py [--build DIR] [--threads 2] [--only WORD]... [--json FILE] [--no-plan]

A row is one function that takes the context and returns a Line, or says why not (context.skip); it is added to ROWS."""

from __future__ import annotations

import argparse
import dataclasses
import json
import platform
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = (
    [str(HERE), str(HERE.parent / "python")]
    if (HERE.parent / "python/crosstalk").exists() and list((HERE.parent / "python/crosstalk").glob("_engine*.so"))
    else [str(HERE)]
)

import torch  # noqa: E402

import agent  # noqa: E402
import gram  # noqa: E402
import hessian  # noqa: E402
import own_network  # noqa: E402
import plan  # noqa: E402
import start  # noqa: E402
import study  # noqa: E402
import update  # noqa: E402
from timing import Line, duration, gemm_peak  # noqa: E402

ROWS = [
    gram.agent,
    gram.atari,
    gram.sarcos,
    own_network.mlp_row,
    own_network.atari_row,
    hessian.third_term,
    update.sarcos_update,
    agent.agent_update,
    study.sarcos_study,
    start.help_text,
]


@dataclasses.dataclass
class Context:
    build: Path
    threads: int
    skipped: list[str] = dataclasses.field(default_factory=list)

    def skip(self, work: str, why: str) -> None:
        self.skipped.append(f"{work}: {why}")


def show(line: Line, peak: float) -> None:
    share = f"{line.gflop / line.ours / peak:.0%} of the GEMM peak ({line.gflop:.3g} GFLOP)" if line.gflop else ""
    print(f"{line.work:34s} {'ours':28s} {duration(line.ours):>10s}          {share}")
    for name, seconds in line.peers.items():
        aim = ""
        if name == line.against and line.target is not None:
            reached = line.ours / seconds <= line.target
            aim = f"target {line.target:g} {'reached' if reached else 'NOT REACHED'}"
        print(f"{'':34s} {name:28s} {duration(seconds):>10s}  {line.ours / seconds:6.3f}  {aim}")
    for note in line.notes:
        print(f"{'':34s} {note}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=Path, default=HERE.parent / "build/release")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--only", action="append", help="rows whose name holds this word")
    parser.add_argument("--json", type=Path, help="write the table here too")
    parser.add_argument("--no-plan", action="store_true", help="leave the cost model out")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    context = Context(options.build, options.threads)
    peak = gemm_peak()
    print(
        f"torch {torch.__version__}, {options.threads} threads, {platform.machine()}, GEMM peak {peak:.0f} GFLOPS; "
        "medians, interleaved; the ratio is ours / theirs\n"
    )
    lines = []
    for row in ROWS:
        if options.only and not any(word in f"{row.__module__}.{row.__name__}" for word in options.only):
            continue
        line = row(context)
        if line:
            show(line, peak if "one thread" not in line.work else peak / options.threads)
            lines.append(line)
    for reason in context.skipped:
        print(f"not run: {reason}")
    if not options.no_plan and not options.only:
        print("\nThe Gram's cost model beside the clock")
        print("\n".join(plan.table()))
    if options.json:
        options.json.write_text(
            json.dumps(
                {
                    "torch": torch.__version__,
                    "threads": options.threads,
                    "peak_gflops": peak,
                    "lines": [dataclasses.asdict(line) for line in lines],
                    "skipped": context.skipped,
                },
                indent=1,
            )
        )


if __name__ == "__main__":
    main()

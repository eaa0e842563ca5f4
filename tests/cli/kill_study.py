"""Kills a study at random moments, again and again, and compares its rows with an undisturbed one's.

    python tests/cli/kill_study.py [--kills 20] [--study FILE] [--jobs 2] [--updates 3000] [--seed 0]

Each SIGKILL goes to the whole process group, at a random moment between the start and a little more than the time the
whole study takes. When the study ends before its kill came, that counts as no kill and the study begins anew."""

import argparse
import random
import sys
import tempfile
import time
from pathlib import Path

from command import STUDY, Command


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--study", help="a study file (default: four small runs on california)")
    parser.add_argument("--jobs", default="2")
    parser.add_argument("--updates", type=int, default=3000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    random.seed(options.seed)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        crosstalk = Command(folder, folder / "cache")
        (folder / "small.toml").write_text("seeds = 2\n" + STUDY.format(updates=options.updates))
        study = Path(options.study).resolve() if options.study else folder / "small.toml"
        begun = time.monotonic()
        crosstalk("run", study, "--out", "undisturbed", "--jobs", options.jobs)
        whole = time.monotonic() - begun
        wanted = crosstalk.export("undisturbed")
        print(f"undisturbed: {whole:.1f} s, {len(wanted.splitlines()) - 1} rows")
        killed = rounds = 0
        often = ("--checkpoint-seconds", "0.05")  # so that most kills come between two checkpoints
        while killed < options.kills:
            out = f"killed-{rounds}"
            while killed < options.kills and crosstalk.kill_after(
                random.uniform(0.05, whole), "run", study, "--out", out, "--jobs", options.jobs, *often
            ):
                killed += 1
            crosstalk("run", study, "--out", out, "--jobs", options.jobs, *often)
            same = crosstalk.export(out) == wanted
            rounds += 1
            print(f"round {rounds}: {killed} kills so far, rows {'identical' if same else 'DIFFERENT'}", flush=True)
            if not same:
                return 1
    print(f"{killed} SIGKILLs of the whole group in {rounds} studies: every exported row identical")
    return 0


if __name__ == "__main__":
    sys.exit(main())

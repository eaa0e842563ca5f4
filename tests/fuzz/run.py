"""Drives the fuzz targets, and prints a line for each: executions, seconds, crashes. `make fuzz` calls it.

python tests/fuzz/run.py BUILD [--seconds 60] [--target NAME ...] [--jobs 1]

BUILD holds tests/fuzz/fuzz-NAME of the C++ targets; those of Python are tests/fuzz/python/NAME.py. What libFuzzer learns
stays in BUILD/corpus/NAME; an input that is a finding is BUILD/found/NAME-..., and then the status is 1."""

import argparse
import os
import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HERE = Path(__file__).resolve().parent
LIMITS = ["-timeout=60", "-report_slow_units=60", "-rss_limit_mb=4096", "-max_len=65536"]
SANITIZERS = {
    "ASAN_OPTIONS": "abort_on_error=1:allocator_may_return_null=1:detect_leaks=0",  # libtorch keeps what it made
    "UBSAN_OPTIONS": "print_stacktrace=1:halt_on_error=1",
    "OMP_NUM_THREADS": "1",
}
FOREIGN = "foreign"  # readers that are not ours, in their limited process
FOREIGN_TESTS = ["tests/python/test_data_mutants.py", "tests/python/test_minari_hostile.py"]


def commands(build):
    """The command of each target, by name."""
    found = {path.name.removeprefix("fuzz-"): [str(path)] for path in sorted((build / "tests" / "fuzz").glob("fuzz-*"))}
    drive = [sys.executable, str(HERE / "python" / "drive.py")]
    try:
        import atheris  # noqa: F401
    except ImportError:
        print("Atheris is not installed (make .venv/atheris): the readers in Python are left out")
        return found
    names = sorted(path.stem for path in (HERE / "python").glob("*.py") if "def read(data)" in path.read_text())
    return found | {name: [*drive, name] for name in names}


def said(log, pattern):
    """The last number that libFuzzer gives for it."""
    found = re.findall(pattern, log)
    return int(found[-1]) if found else 0


def fuzz(name, command, build, seconds):
    """Runs one target for so long, and says its line; whether nothing was found."""
    learned, found = build / "corpus" / name, build / "found"
    for folder in (learned, found):
        folder.mkdir(parents=True, exist_ok=True)
    begin, before = time.monotonic(), set(found.glob(f"{name}-*"))
    options = [f"-max_total_time={seconds}", "-print_final_stats=1", f"-artifact_prefix={found}/{name}-", *LIMITS]
    log = build / f"{name}.log"
    with open(log, "w") as output:
        status = subprocess.run(
            [*command, *options, str(learned), str(HERE / "corpus" / name)],
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**os.environ, **SANITIZERS},
        ).returncode
    text = log.read_text(errors="replace")
    executions = said(text, r"stat::number_of_executed_units: (\d+)") or said(text, r"(?m)^#(\d+)\t")
    inputs = sorted(set(found.glob(f"{name}-*")) - before)
    crashes = len(inputs) or int(status != 0)
    print(f"{name:<13}{executions:>12,} executions{time.monotonic() - begin:>7,.0f} s{crashes:>4} crashes", flush=True)
    for path in inputs:
        print(f"             {path}: {log} says how", flush=True)
    if status != 0 and not inputs:
        print(f"             it ended with status {status}: see {log}", flush=True)
    return crashes == 0


def read_foreign(seconds):
    """Mutated files of foreign formats, about twenty a second, each in its limited process."""
    begin, each = time.monotonic(), max(150, 20 * seconds)
    status = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-s", "-p", "no:faulthandler", *FOREIGN_TESTS],
        cwd=HERE.parents[1],
        env={**os.environ, "CROSSTALK_MUTANTS": str(each)},
    ).returncode
    print(
        f"{FOREIGN:<13}{each:>12,} files of each format{time.monotonic() - begin:>7,.0f} s{int(status != 0):>4} crashes"
    )
    return status == 0


def main():
    options = argparse.ArgumentParser()
    options.add_argument("build", type=lambda text: Path(text).resolve())
    options.add_argument("--seconds", type=int, default=60)
    options.add_argument("--target", action="append", default=[])
    options.add_argument("--jobs", type=int, default=1)
    given = options.parse_args()
    known = commands(given.build)
    unknown = [name for name in given.target if name not in (*known, FOREIGN)]
    if unknown or not known:
        sys.exit(f"there is no fuzz target {', '.join(unknown)}; there are: {', '.join([*known, FOREIGN])}")
    chosen = given.target or [*known, FOREIGN]
    with ThreadPoolExecutor(given.jobs) as pool:
        jobs = [pool.submit(fuzz, name, known[name], given.build, given.seconds) for name in chosen if name != FOREIGN]
        sound = [job.result() for job in jobs]
    if FOREIGN in chosen:
        sound.append(read_foreign(given.seconds))
    return int(not all(sound))


if __name__ == "__main__":
    sys.exit(main())

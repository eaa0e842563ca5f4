"""The C++ tests under a sanitizer, one after another: each is compiled, run, and told in a line.

python tests/sanitized.py asan|tsan [TEST ...]      TEST: the name of a test's program, such as desk_store_test

asan: AddressSanitizer and UndefinedBehaviorSanitizer, all tests, those of the desk first.
tsan: ThreadSanitizer, what reads and writes of several threads and processes: study, store, work and replay."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from run import ROOT, run_behaviour

OPTIONS = {
    "asan": {
        # A test asks for more memory than there is: that is to be refused, as it is without the sanitizer.
        "ASAN_OPTIONS": "detect_stack_use_after_return=1:strict_string_checks=1:allocator_may_return_null=1",
        "LSAN_OPTIONS": f"suppressions={ROOT}/tests/sanitizers/leaks.supp:print_suppressions=0",
        "UBSAN_OPTIONS": "print_stacktrace=1",
    },
    "tsan": {
        "TSAN_OPTIONS": f"suppressions={ROOT}/tests/sanitizers/threads.supp:second_deadlock_stack=1:print_suppressions=0"
    },
}
THREADED = {
    "desk": ("contents", "coordinator", "export", "json", "preparation", "session", "store", "stored_studies", "study"),
    "engine": ("records", "stored", "storing", "trajectories"),
}


def names(sanitizer):
    """Of the tests' programs, as tests/CMakeLists.txt names them."""
    if sanitizer == "tsan":
        return [f"{half}_{name}_test" for half, all_of_it in THREADED.items() for name in all_of_it]
    tests = [path for half in ("desk", "engine") for path in sorted((ROOT / "tests" / half).glob("*_test.cpp"))]
    corpora = ["desk_corpus_test", "engine_corpus_test"]
    return corpora[:1] + [f"{path.parent.name}_{path.stem}" for path in tests] + corpora[1:]


def built(build, name):
    log = build / f"{name}.build.log"
    with open(log, "w") as output:
        command = [Path(sys.executable).with_name("cmake"), "--build", build, "--target", name]
        if subprocess.run(command, stdout=output, stderr=subprocess.STDOUT).returncode != 0:
            print(f"{name}: it does not compile; {log} says why", flush=True)
            return None
    return build / "tests" / name


def main(sanitizer, *chosen):
    build = ROOT / "build" / sanitizer
    os.environ.update(OPTIONS[sanitizer], OMP_NUM_THREADS="1")
    if sanitizer == "tsan" and shutil.which("setarch") and "CROSSTALK_FIXED_ADDRESSES" not in os.environ:
        # Where the kernel draws addresses from a wider range than the sanitizer knows, it cannot start.
        os.environ["CROSSTALK_FIXED_ADDRESSES"] = "1"
        os.execvp("setarch", ["setarch", "-R", sys.executable, *sys.argv])
    totals = [0, 0, 0]
    with tempfile.TemporaryDirectory() as folder:
        for name in chosen or names(sanitizer):
            begin, executable = time.monotonic(), built(build, name)
            result = run_behaviour(executable, Path(folder)) if executable else (0, 1, 0)
            passed, failed, skipped = result
            seconds = time.monotonic() - begin
            print(f"{name:<36}{passed:>5} passed{failed:>4} failed{skipped:>4} skipped{seconds:>7.0f} s", flush=True)
            totals = [total + number for total, number in zip(totals, result)]
    print(f"{sanitizer}: {totals[0]} passed, {totals[1]} failed, {totals[2]} skipped")
    return int(totals[1] > 0)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

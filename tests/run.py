"""Runs every test there is and ends with one line, `N passed, N failed, N skipped`, summed over the runners.

python tests/run.py BUILD [FILE ...]        BUILD holds tests/desk_* and tests/engine_*, one GoogleTest executable a behaviour;
                                            FILE: tests in Python that mostly wait, as those of a queue do: they run while all
                                            others do, and what they print comes at the end
"""

import json
import os
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as xml
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def environment():
    """CROSSTALK_TEST_DATA, and where it is not set a folder shared/data beside the checkout, if there is one."""
    beside = ROOT.parent / "shared" / "data"
    extra = {"CROSSTALK_TEST_DATA": str(beside)} if beside.is_dir() and "CROSSTALK_TEST_DATA" not in os.environ else {}
    return {**os.environ, **extra}


def run_behaviour(executable, folder):
    """Passed, failed and skipped tests of one executable; one that dies counts as a failure."""
    result = folder / f"{executable.name}.json"
    finished = subprocess.run(
        [executable, f"--gtest_output=json:{result}", "--gtest_brief=1"], cwd=ROOT, env=environment()
    )
    if not result.exists():
        print(f"{executable.name} died with status {finished.returncode}")
        return 0, 1, 0
    cases = [case for suite in json.loads(result.read_text())["testsuites"] for case in suite["testsuite"]]
    failed = sum("failures" in case for case in cases)
    skipped = sum(case.get("result") == "SKIPPED" for case in cases)
    return len(cases) - failed - skipped, failed or int(finished.returncode != 0), skipped


def run_pytest(folder, tests, output=None):
    result = folder / f"{Path(tests[0]).stem}.xml"
    finished = subprocess.run(
        [sys.executable, "-m", "pytest", *tests, f"--junitxml={result}", "-rs", "--durations=10"],
        cwd=ROOT,
        env=environment(),
        stdout=output,
        stderr=output,
    )
    if not result.exists():
        return 0, 1, 0
    suite = xml.parse(result).getroot().find("testsuite")
    count = {name: int(suite.get(name)) for name in ("tests", "failures", "errors", "skipped")}
    failed = count["failures"] + count["errors"]
    return (
        count["tests"] - failed - count["skipped"],
        failed or int(finished.returncode not in (0, 5)),
        count["skipped"],
    )


def main(build, *more):
    executables = sorted(path for path in (Path(build) / "tests").glob("*_test") if os.access(path, os.X_OK))
    if not executables:
        sys.exit(f"there are no test executables in {build}/tests: `make test` builds them")
    totals = [0, 0, 0]
    with tempfile.TemporaryDirectory() as name, ThreadPoolExecutor() as pool:
        folder = Path(name)
        with open(folder / "waiting.log", "w+") as words:
            waiting = pool.submit(run_pytest, folder, more, words) if more else None
            results = [run_behaviour(executable.resolve(), folder) for executable in executables]
            results.append(run_pytest(folder, ["tests"]))
            if waiting:
                results.append(waiting.result())
                print((folder / "waiting.log").read_text(errors="replace"), end="", flush=True)
    for result in results:
        totals = [total + number for total, number in zip(totals, result)]
    print(f"{totals[0]} passed, {totals[1]} failed, {totals[2]} skipped")
    return int(totals[1] > 0)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

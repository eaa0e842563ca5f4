"""Disks, locks and clocks that fail: libraries (*.c here) that the command loads before the system's own."""

import mmap
import subprocess
from pathlib import Path

SOURCES = Path(__file__).parent
ALL = ("write", "pwrite", "fsync", "ftruncate", "fallocate", "rename")


def library(name, folder):
    """SOURCES/NAME.c, compiled into the folder."""
    made = Path(folder) / f"{name}.so"
    source = SOURCES / f"{name}.c"
    subprocess.run(["g++", "-x", "c", "-O1", "-shared", "-fPIC", source, "-o", made, "-ldl"], check=True)
    return str(made)


class FailingCalls:
    """Lets calls that write below a folder fail. `calls` and `said` tell of the last run in `environment(...)`: how many such
    calls there were, and which of them failed, as "CALL PATH"."""

    def __init__(self, scratch, below):
        self._library = library("failing_calls", scratch)
        self._below = Path(below).resolve()
        self._count = Path(scratch) / "calls"

    def environment(self, at=0, how=0, times=1, calls=ALL):
        """The `at`-th call fails with the error `how`, and `times` - 1 after it; 0: none does."""
        self._count.write_bytes(bytes(mmap.PAGESIZE))
        Path(f"{self._count}.said").write_text("")
        return {
            "LD_PRELOAD": self._library,
            "FAULTS_BELOW": str(self._below),
            "FAULTS_COUNT": str(self._count),
            "FAULTS_AT": str(at),
            "FAULTS_FOR": str(times),
            "FAULTS_HOW": str(how),
            "FAULTS_CALLS": f" {' '.join(calls)} ",
        }

    @property
    def calls(self):
        return int.from_bytes(self._count.read_bytes()[:8], "little")

    @property
    def said(self):
        return Path(f"{self._count}.said").read_text().splitlines()

"""python -m recompute RESULTS [KEYS]: compares every table and every number of the report in a results folder of one study. KEYS: what
`report --by` was given, where it was."""

import shutil
import sys
from pathlib import Path

from .whole import Second


def main(folder, by=None):
    beside = Path(sys.executable).with_name("crosstalk")
    keys = None if by is None else [key for key in by.split(",") if key != "none"]
    second = Second(folder, folder, str(beside) if beside.exists() else shutil.which("crosstalk"), keys)
    faults, numbers, claims = second.of_tables(), 0, []
    if not faults:  # the page prints the files' numbers: one fault in them would be many there
        page = second.of_page()
        of_claims, claims = second.of_claims()
        faults, numbers = page.faults + of_claims, page.seen
    print(*faults, f"{second.cells:,} cells of {len(second.made)} tables and {numbers:,} numbers of the page; {len(claims)} claims; "
                   f"{len(faults)} faults", sep="\n")  # fmt: skip
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))

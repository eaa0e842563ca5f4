"""How long the command takes to say its help, beside importing torch."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from timing import Line, interleaved


def help_text(context) -> Line | None:
    command = Path(sys.executable).parent / "crosstalk"
    if not command.exists():
        context.skip("crosstalk --help", f"there is no {command}: `make install` first")
        return None

    def run(*words):
        return lambda: subprocess.run(words, check=True, stdout=subprocess.DEVNULL)

    seconds = interleaved(
        {
            "ours": run(command, "--help"),
            "import torch": run(sys.executable, "-c", "import torch"),
            "python -c pass": run(sys.executable, "-c", "pass"),
        },
        12,
        11,
    )
    return Line("crosstalk --help", seconds.pop("ours"), seconds, "import torch", 0.1)

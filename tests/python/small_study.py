"""A small study with something of everything that a results folder may hold, run once for all tests of it."""

import io
import subprocess
import sys

import pandas as pd

FILES = {
    "digits": """
title = "digits"
seeds = 2
task = { dataset = "digits", examples = 60 }
learner.updates = 20
probe = { every = 10, samples = 16, keep = "last", measures = ["loss", "gap", "function_interference", "stiffness", "gradient_covariance"] }
runtime.precision = "double"
sweep = { "network.hidden" = [2, 3] }
""",
    "window": """
title = "window"
task = { dataset = "digits", kind = "windowed", examples = 20 }
network = { hidden = 2, depth = 0 }
learner = { algorithm = "double-dqn", steps = 120, start = 40, batch = 8 }
probe = { every = 60, samples = 16, episodes = 4, keep = "all" }
""",
    "atoms": """
title = "atoms"
task = { environment = "gridworld", kind = "control" }
network.layers = ["dueling 8", "relu", "dueling out"]
learner = { algorithm = "rainbow", steps = 60, batch = 8, start = 16, explore-from = 1.0, explore-to = 0.1 }
probe = { every = 60, samples = 8, keep = "last", measures = ["loss"] }
""",
}
FILES |= {
    environment: f"""
title = "{environment}"
seeds = 2
task = {{ environment = "{environment}", kind = "control" }}
network.hidden = 4
learner = {{ steps = 120, batch = 8, start = 16 }}
probe = {{ every = 40, samples = 12, episodes = 3, measures = ["return", "td_error", "loss_difference"] }}
sweep = {{ "learner.algorithm" = ["dqn", "ql"] }}
"""
    for environment in ("gridworld", "random-walk")
}
FILES["small"] = "include = [" + ", ".join(f'"{name}.toml"' for name in FILES) + "]\n"


def crosstalk(*arguments, folder):
    command = [sys.executable, "-m", "crosstalk", *map(str, arguments)]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300, check=False)


def run(folder):
    """The results folder of the study, made in `folder`."""
    for name, text in FILES.items():
        (folder / f"{name}.toml").write_text(text)
    done = crosstalk("run", "small.toml", "--jobs", 2, "--out", "out", folder=folder)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder / "out"


def _numbers(column):
    """A column's texts as Python reads them, to the last bit; where one is no number, as they are."""
    try:
        return column if column.name == "run" else column.map(lambda cell: float(cell) if cell else float("nan"))
    except ValueError:
        return column


def table_from(text):
    """A CSV; an empty cell is not a number, or an empty text."""
    return pd.read_csv(io.StringIO(text), dtype=str, keep_default_na=False).apply(_numbers)


def exported(results, *options):
    """What `crosstalk export` prints of them."""
    done = crosstalk("export", results, *options, folder=results.parent)
    assert done.returncode == 0, done.stderr
    return table_from(done.stdout)

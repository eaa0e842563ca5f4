"""`check`: whether a set's episodes are what its trajectories.json says they are, so that a run can learn from them."""

import sys

from crosstalk.data.errors import counted
from crosstalk.trajectories.reading import read_set

STEPS_A_LINE = 500_000  # that are read between two lines about how far it is


def check(request):
    trajectories = read_set(request["folder"])
    done = 0
    for episode in trajectories.episodes():
        before, done = done, done + len(episode)
        if before // STEPS_A_LINE < done // STEPS_A_LINE:
            print(f"{done:,} of {trajectories.steps:,} steps looked at", file=sys.stderr, flush=True)
    return {"text": f"{counted(done, 'step')} as they should be", "path": str(trajectories.folder), "notices": []}

"""python -m crosstalk.trajectories COMMAND: what `crosstalk trajectories export` and `import` ask
(crosstalk/data/serving.py says how).

export   {"folder": a set's folder, "minari": "NAMESPACE/NAME-v0"}
check    {"folder": a set's folder}: each episode is read and looked at
import   {"from": the ID of a Minari dataset or its main_data.hdf5, "out": the folder to make}

All reply with {"text": what was done, "path": where it is now, "notices": what there is to know of it}. `export` asks
a process of its own to `write` the dataset."""

from crosstalk import _child

with _child.guarded("the trajectories cannot be exchanged"):
    import sys

    from crosstalk.data import serving

COMMANDS = {
    "check": "crosstalk.trajectories.checking:check",
    "export": "crosstalk.trajectories.exporting:export",
    "write": "crosstalk.trajectories.minari_writing:perform",
    "import": "crosstalk.trajectories.importing:import_set",
}


def reply_to(command, request):
    return serving.reply_to("crosstalk trajectories", COMMANDS, command, request)


if __name__ == "__main__":
    with _child.guarded("the trajectories cannot be exchanged"):
        status = serving.serve("crosstalk trajectories", COMMANDS, sys.argv[1:])
    sys.exit(status)

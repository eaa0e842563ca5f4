"""`import`: a dataset of Minari as a set. A child process with limits on time and memory reads the foreign file
(minari_reading.py); this is the side that starts it."""

import os
import sys
from pathlib import Path

from crosstalk.data import limits
from crosstalk.data.cache import is_plain
from crosstalk.data.errors import DataError, counted, quoted
from crosstalk.data.names import has_ending, readable
from crosstalk.trajectories import minari_names
from crosstalk.trajectories.folders import appearing, refuse_taken
from crosstalk.trajectories.minari_names import ABOUT_FILE, DATA_FILE

TAKEN = "Give another --out."


def import_set(request):
    refuse_taken(request["out"], TAKEN)
    minari_names.require("crosstalk trajectories import")
    source = request["from"]
    folder = data_folder(source)
    file = folder / DATA_FILE
    before = states(folder)
    print(f"reading {file}", file=sys.stderr, flush=True)
    with appearing(request["out"], TAKEN) as partial:
        asked = {
            "data": str(folder),
            "into": str(partial),
            "target": str(request["out"]),
            "named": readable(source),
            "subject": str(file),
        }
        answer = limits.ask("import-minari", asked, str(file), before[DATA_FILE][0])
        if states(folder) != before:
            raise DataError(f"{file} changed while it was read. Run the command again.")
    held = f"{counted(answer['episodes'], 'episode')}, {counted(answer['steps'], 'step')}"
    text = f"{request['out']} holds {held} of {answer['environment']}, from {file}."
    return {"text": text, "path": request["out"], "notices": answer["notices"]}


def data_folder(source):
    """The folder with the two files of the dataset that is meant."""
    if has_ending(source, ".hdf5", ".h5") or os.path.lexists(source):
        path = Path(source).absolute()
        if path.is_dir() or path.name != DATA_FILE:
            what = "a folder" if path.is_dir() else quoted(path.name)
            raise DataError(
                f"{path} is {what}; a Minari dataset is a {DATA_FILE} with its {ABOUT_FILE} beside it. Give that "
                f"{DATA_FILE}, or the ID of a dataset that Minari has.",
                "config",
            )
        folder = path.parent
    else:
        folder = minari_names.folder_of(source) / "data"
        if not folder.is_dir():
            raise minari_names.not_here(source)
    return folder


def states(folder):
    """{file: (bytes, time)} of both files, which must be plain ones."""
    found = {}
    for name in (ABOUT_FILE, DATA_FILE):
        path = folder / name
        try:
            about = path.stat()
        except FileNotFoundError:
            missing = "" if name == DATA_FILE else ", which says what the numbers are"
            raise DataError(
                f"{path} is not there. A Minari dataset is a {DATA_FILE} with its {ABOUT_FILE} beside it{missing}. "
                "Copy it there, or give another dataset."
            ) from None
        except OSError as error:
            raise DataError(
                f"{path} cannot be read ({(error.strerror or str(error)).lower()}). Give yourself the right to read it."
            ) from None
        if not is_plain(about):
            raise DataError(
                f"{path} is not a plain file: it is a folder, a pipe, a device or a file of the kernel's. Give "
                "another one."
            )
        found[name] = (about.st_size, about.st_mtime_ns)
    return found

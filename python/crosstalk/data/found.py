"""Where the files of a known set are, and what lies there that is not read."""

import errno
from pathlib import Path

from crosstalk.data import cache
from crosstalk.data.errors import DataError
from crosstalk.data.names import has_ending, readable

DATA_ENDINGS = (".mat", ".bin", ".csv", ".npz", ".npy", ".data", ".h5", ".pkl", ".gz", ".tgz", ".tar", ".zip")


def given_folders(known, data):
    """Folders of DIR that have the set's name, or that its archive has, in capitals or not; DIR/NAME first."""
    place, names = Path(data).absolute(), (known.name, *known.folders)
    there = [path for path in sorted(place.iterdir()) if path.name.lower() in names and path.is_dir()]
    exact = [path for path in there if path.name == known.name]
    return [*exact, *(path for path in there if path not in exact)] or [place / known.name]


def data_folder(data):
    """DIR of --data, with ~ replaced."""
    try:
        place = Path(data).expanduser()
    except RuntimeError:
        place = Path(data)
    try:
        is_there = place.is_dir()
    except OSError as error:
        if error.errno != errno.ENAMETOOLONG:
            raise
        shown = str(data) if len(str(data)) <= 60 else f"{str(data)[:60]}..."
        raise DataError(f"--data {shown}: this name is too long for a folder's.", "config") from None
    if not is_there:
        raise DataError(f"--data {data}: there is no such folder.", "config")
    return place


def search_folders(known, data):
    """Where a known set is looked for, in this order."""
    given = given_folders(known, data_folder(data)) if data else []
    return [*given, cache.sources_folder() / known.name]


def find_known(known, data):
    """(files, folder) of what is there: in --data, in the cache, in the package; ({}, None) for nothing."""
    folder = data
    try:
        for folder in search_folders(known, data):
            if files := known.find(folder):
                return files, folder
    except OSError as error:
        mend = "Give yourself the right to read it, or let CROSSTALK_CACHE or --data name another folder."
        raise DataError(f"{folder} cannot be read ({error.strerror}). {mend}", "environment") from None
    return known.shipped_files(), None


def unread(known, data, files, used):
    """What stands in --data under the set's name and is not read, or stands there under another name; the
    folder that the `files` are `used` from."""
    if not data:
        return []
    place = data_folder(data)
    notices, folders = [], [folder for folder in given_folders(known, place) if folder.is_dir()]
    for folder in folders:
        others = [path.name for path in sorted(folder.iterdir()) if is_left(path, files)]
        if folder == used and not others:
            continue
        names = ", ".join(others[:5]) + ", ..." * (len(others) > 5) or "nothing that is read"
        instead = "" if folder == used or not files else f"; {where(used)} are used"
        notices.append(
            f"{folder} has {names}{' that is not read' * bool(others)}: the files of {known.name} are named "
            f"{', '.join(known.names)}{instead}."
        )
    if not folders and (itself := known.find(place)):
        first = Path(next(iter(itself.values()))).name
        notices.append(f"{place} has {first} itself; --data names the folder above it, which has {known.name}/.")
    notices += [
        f"{place / name} is not read: it is {what}." for name, what in known.not_read.items() if (place / name).is_dir()
    ]
    return [readable(notice) for notice in notices]


def where(used):
    return f"the files in {used}" if used else "the package's own data"


def is_left(path, files):
    if path.name.startswith(".") or str(path) in files.values():
        return False
    return has_ending(path.name, *DATA_ENDINGS) and not path.is_dir()

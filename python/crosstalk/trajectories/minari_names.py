"""Minari itself, the names of its datasets, and where it keeps them."""

import contextlib
import importlib
import importlib.metadata
import os
import re
from pathlib import Path

from crosstalk.data.errors import DataError, did_you_mean, quoted

OLDEST = (0, 5, 4)  # the first that can write images without loss
DATA_FILE, ABOUT_FILE = "main_data.hdf5", "metadata.json"
DAMAGED = "It is damaged, or Minari did not write it: get the dataset again, or write it again in Minari."
IS_MADE_OF = "letters, digits, - and _, and ends in a version: NAMESPACE/NAME-v0"


def require(what):
    """minari, and h5py beside it; what is missing is named with the line that installs it."""
    for package in ("minari", "h5py"):
        try:
            importlib.import_module(package)
        except ModuleNotFoundError as error:
            if error.name != package:
                raise
            raise DataError(
                f"{what} needs {package}, which is not installed: pip install 'minari>=0.5.4' h5py", "environment"
            ) from None
    version = importlib.metadata.version("minari")
    if tuple(int(part) for part in re.findall(r"\d+", version)[:3]) < OLDEST:
        raise DataError(
            f"minari {version} is too old: images without loss need 0.5.4. pip install -U minari", "environment"
        )
    return importlib.import_module("minari")


def root():
    """The folder that Minari keeps its datasets in: MINARI_DATASETS_PATH, or one at home."""
    from minari.storage import get_dataset_path

    return Path(get_dataset_path()).absolute()


def checked_id(name):
    """(namespace or None, name, version) of a dataset's ID."""
    from minari.dataset.minari_dataset import parse_dataset_id

    with contextlib.suppress(ValueError, TypeError):
        if len(name) <= 200:
            return parse_dataset_id(name)
    raise DataError(
        f"{quoted(name, 80)} is no ID of a Minari dataset. An ID has two letters or more before the /, consists of "
        f"{IS_MADE_OF}",
        "config",
    )


def folder_of(name):
    """The folder of a dataset here, with its data in data/."""
    checked_id(name)
    return root() / name


def known_here(most=1000):
    """IDs of the datasets that Minari has here; the first of them."""
    found = []
    for folder, below, files in os.walk(root()):
        below[:] = sorted(each for each in below if not each.startswith("."))
        if os.path.basename(folder) == "data" and ABOUT_FILE in files:
            found.append(os.path.relpath(os.path.dirname(folder), root()))
        if len(found) == most:
            break
    return found


def not_here(name):
    return DataError(
        f"Minari has no dataset {name} in {root()}{did_you_mean(name, known_here())}\n"
        f"`minari download {name}` gets one that others have published; MINARI_DATASETS_PATH names another folder.",
        "config",
    )

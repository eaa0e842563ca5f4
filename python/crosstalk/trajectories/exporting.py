"""`export`: a set as a dataset of Minari, written by another process (minari_writing.py), and read back before it gets
its name."""

import contextlib
import json
import os
import signal
import subprocess
import sys

import numpy

from crosstalk.data.errors import DataError, counted, megabytes
from crosstalk.data.limits import environment_of_child
from crosstalk.trajectories import minari_names
from crosstalk.trajectories.episode import TYPES
from crosstalk.trajectories.folders import appearing, flush, refuse_full
from crosstalk.trajectories.reading import EXPERT, read_set

TAKEN = "Give another name or version with --minari, or remove it: `minari delete {}`"


def export(request):
    trajectories = read_set(request["folder"])
    minari_names.require("crosstalk trajectories export")
    name = request["minari"]
    namespace = minari_names.checked_id(name)[0]
    path = minari_names.root() / name
    mend = TAKEN.format(name)
    with appearing(path, mend) as partial:
        asked = {"folder": str(trajectories.folder), "minari": name, "into": str(partial / "data")}
        write_apart({**asked, "target": str(path), "mend": mend}, partial)
        read_back(trajectories, partial / "data")
        for file in (partial / "data").iterdir():
            flush(file)
    name_the_namespace(namespace)
    size = sum(file.stat().st_size for file in path.rglob("*") if file.is_file())
    text = (
        f"{trajectories.folder} is the Minari dataset {name}: "
        f"{counted(trajectories.about['episodes'], 'episode')}, {counted(trajectories.steps, 'step')}, "
        f"{megabytes(size)} in {path}.\nRead back by Minari, each number is the same to the last bit."
    )
    return {"text": text, "path": str(path), "notices": list(lacking(trajectories))}


def lacking(trajectories):
    """What of the set is not in the dataset."""
    if trajectories.policy.get("kind") == "expert" and trajectories.expert() is None:
        yield (
            f"{trajectories.folder / EXPERT} is gone or damaged, so the dataset has the expert's values and not its "
            "parameters. Copy it again from where it was kept, and export the set once more."
        )


def write_apart(asked, partial):
    """Has the dataset written by a process of its own: HDF5 can crash where it closes a file that cannot be written."""
    reading, writing = os.pipe()
    child = subprocess.Popen(
        [sys.executable, "-P", "-X", "utf8", "-m", "crosstalk.trajectories", "write"],
        stdin=subprocess.PIPE,
        pass_fds=[writing],
        env={**environment_of_child(), "CROSSTALK_REPLIES": str(writing)},
    )
    os.close(writing)
    try:
        with open(reading, "rb") as replies:
            with contextlib.suppress(BrokenPipeError), child.stdin:
                child.stdin.write(json.dumps(asked).encode())
            reply = replies.read()
        child.wait()
    finally:
        child.kill()
        child.wait()
    if child.returncode != 0:
        error = json.loads(reply)["error"] if reply else {"kind": "environment", "message": death(child, asked)}
        if error["kind"] != "data":
            refuse_full(partial)
        raise DataError(error["message"], error["kind"])


def death(child, asked):
    code = child.returncode
    how = f"was ended by signal {signal.Signals(-code).name}" if code < 0 else f"ended with status {code}"
    return (
        f"{asked['target']} cannot be written: the process that does it {how}; nothing is left there. There may be too "
        "little memory for it, or a limit on the size of files (ulimit -f)."
    )


def read_back(trajectories, folder):
    """DataError where Minari does not give the same numbers again."""
    import minari

    dataset = minari.MinariDataset(folder)
    seeds = (about.get("seed", -1) for about in dataset.storage.get_episode_metadata(dataset.episode_indices))
    print("reading it back", file=sys.stderr, flush=True)
    read = zip(trajectories.episodes(), dataset.iterate_episodes(), seeds, strict=True)
    for number, (episode, copy, seed) in enumerate(read):
        infos = copy.infos or {}
        found = {
            "observations": trajectories.form.records(copy.observations),
            **{name: infos.get(name) for name in ("executed", "ram", "scores", "values")},
            **{name: getattr(copy, name) for name in ("actions", "rewards", "terminations", "truncations")},
        }
        for part, array in episode.parts().items():
            if not same_bits(array, found[part], TYPES[part]) or seed != episode.seed:
                raise DataError(
                    f"Minari gives other {part} for episode {number:,} than {trajectories.folder} holds, so nothing "
                    "was exported. Please report it with the version of minari.",
                    "environment",
                )


def same_bits(array, found, kind):
    if found is None or found.shape != array.shape:
        return False
    return numpy.ascontiguousarray(found.astype(kind)).tobytes() == numpy.ascontiguousarray(array).tobytes()


def name_the_namespace(namespace):
    from minari.namespace import create_namespace, list_local_namespaces

    if namespace is not None and namespace not in list_local_namespaces():
        create_namespace(namespace)

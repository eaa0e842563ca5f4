"""Reads a set's folder: every file is checked against trajectories.json before its numbers are looked at."""

import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path

import numpy

from crosstalk.data import cache
from crosstalk.data.errors import DataError, counted, quoted, reason, shape_text
from crosstalk.trajectories.episode import OF_OBSERVATIONS, TYPES, UNKNOWN_SEED, Episode
from crosstalk.trajectories.form import form_of

ABOUT = "trajectories.json"
EXPERT = "expert.safetensors"  # a copy of the parameters of who played
WHAT = "crosstalk trajectories"
FORMAT = 1
MOST_BYTES = 1 << 28  # of trajectories.json
MOST_ACTIONS = 1_000_000
MEND = "It is damaged: make the set again with another --out"
NO_SET = "Give a folder that `crosstalk trajectories collect` or `import` made."


@dataclass
class Set:
    """A set that is complete. `about`: all of trajectories.json."""

    folder: Path
    about: dict
    form: object
    actions: int
    frames: int  # of a step; 0 where the actions of frames were not kept
    ram: int  # bytes of an observation's; 0 where it was not kept

    @property
    def steps(self):
        return self.about["steps"]

    @property
    def policy(self):
        """What is known of who played; {} where nothing is."""
        policy = self.about.get("policy")
        return policy if isinstance(policy, dict) else {}

    def expert(self):
        """The file of the expert that played, as it was; None where there is none, or another."""
        return expert_in(self.folder, self.policy)

    def episodes(self):
        """Each Episode in turn; a segment's file is checked when its first one is asked for."""
        for entry in self.about["segments"]:
            yield from self.segment(entry)

    def segment(self, entry):
        path = self.folder / entry["file"]
        tensors = self.tensors(path, entry)
        lengths, seeds = tensors.pop("lengths"), tensors.pop("seeds")
        step = seen = 0
        for length, seed in zip(lengths.tolist(), seeds.tolist()):
            of = {True: slice(seen, seen + length + 1), False: slice(step, step + length)}
            episode = Episode(
                seed=seed, **{name: array[of[name in OF_OBSERVATIONS]] for name, array in tensors.items()}
            )
            fault = episode.faults(self.form, self.actions)
            fault = fault or self.form.faults(self.form.arrays(episode.observations))
            if fault:
                raise DataError(f"{path}: the episode with seed {seed:,} {fault}. {MEND}.")
            yield episode
            step, seen = step + length, seen + length + 1

    def tensors(self, path, entry):
        from safetensors import SafetensorError
        from safetensors.numpy import load_file

        if not path.is_file():
            raise DataError(f"{path} is not there. {MEND}, or put the file back.")
        if (size := path.stat().st_size) != entry["bytes"]:
            raise DataError(f"{path} has {counted(size, 'byte')} where {entry['bytes']:,} were written. {MEND}.")
        if cache.compute_digests(path)["sha256"] != entry["sha256"]:
            raise DataError(f"{path} is not what was written: its SHA-256 is another. {MEND}.")
        try:
            tensors = load_file(path)
        except SafetensorError as error:
            raise DataError(f"{path} cannot be read ({reason(error)}). {MEND}.") from None
        self.check(path, entry, tensors)
        return {name: tensors[name] for name in self.expected(entry)}

    def expected(self, entry):
        """{name: (type, shape)} of a segment's tensors."""
        steps, episodes = entry["steps"], entry["episodes"]
        widths = {"observations": (self.form.record_bytes,), "executed": (self.frames,), "ram": (self.ram,)}
        kept = dict.fromkeys(TYPES)
        for name, is_kept in (("executed", self.frames), ("ram", self.ram), *self.more()):
            if not is_kept:
                del kept[name]
        widths["values"] = (self.actions,)
        expected = {
            name: (TYPES[name], (steps + episodes if name in OF_OBSERVATIONS else steps, *widths.get(name, ())))
            for name in kept
        }
        return {**expected, "lengths": (numpy.int64, (episodes,)), "seeds": (numpy.int64, (episodes,))}

    def more(self):
        yield "scores", self.about["scores"] is not None
        yield "values", self.about["discount of values"] is not None

    def check(self, path, entry, tensors):
        if more := sorted(set(tensors) - set(self.expected(entry))):
            raise DataError(f"{path} has {more[0]}, of which {ABOUT} says that there is none. {MEND}.")
        for name, (kind, shape) in self.expected(entry).items():
            if name not in tensors:
                raise DataError(f"{path} has no {name}. {MEND}.")
            found = tensors[name]
            if found.dtype != kind or found.shape != shape:
                raise DataError(
                    f"{path} has {name} of {found.dtype} ({shape_text(found.shape)}) where "
                    f"{numpy.dtype(kind)} ({shape_text(shape)}) is expected. {MEND}."
                )
        lengths = tensors["lengths"]
        if (lengths < 1).any() or (lengths > entry["steps"]).any() or lengths.sum() != entry["steps"]:
            raise DataError(f"{path}: the lengths of its episodes do not add up to {entry['steps']:,} steps. {MEND}.")
        if (least := tensors["seeds"].min()) < UNKNOWN_SEED:
            raise DataError(
                f"{path} has the seed {least:,} where 0 or more, or {UNKNOWN_SEED} for none, is expected. {MEND}."
            )


def expert_in(folder, policy):
    """The copy of an expert's parameters in a folder, where it is the one that `policy` names; else None."""
    file = Path(folder) / EXPERT
    is_its = policy.get("kind") == "expert" and file.is_file()
    return file if is_its and cache.compute_digests(file)["sha256"] == policy.get("sha256") else None


def read_set(folder):
    """The set in a folder, as a Set, without its segments."""
    folder = Path(folder)
    file = folder / ABOUT
    if not folder.is_dir():
        raise DataError(f"{folder} is {'no folder' if folder.exists() else 'not there'}. {NO_SET}")
    if not file.is_file():
        raise DataError(f"{folder} holds no {ABOUT}. {NO_SET}")
    about = about_in(file)
    if about.get("what") != WHAT:
        raise DataError(f'{file} says "what" is {quoted(about.get("what"))}, not {WHAT}. {NO_SET}')
    if about.get("format") != FORMAT:
        raise DataError(
            f"{file} is of format {quoted(about.get('format'))}; this version of crosstalk reads format {FORMAT}. "
            "Use the version that wrote it."
        )
    if about.get("complete") is not True:
        raise DataError(
            f"{folder} is not complete: its collecting has not ended. The `crosstalk trajectories collect` that began "
            "it goes on where it stopped."
        )
    check_totals(about, file)
    form = form_of(about.get("observation"), file, f"{MEND}.")
    actions, frames, ram = (count_in(about, name, file) for name in ("actions", "frames", "ram"))
    if not 1 <= actions <= MOST_ACTIONS:
        raise DataError(f'{file} says "actions" is {actions:,}. {MEND}.')
    return Set(folder, about, form, actions, frames, ram)


def about_in(file):
    if file.stat().st_size > MOST_BYTES:
        raise DataError(f"{file} is over 256 MiB long. {MEND}.")
    try:
        about = json.loads(file.read_bytes())
    except (ValueError, RecursionError):
        raise DataError(f"{file} is no JSON. {MEND}.") from None
    if not isinstance(about, dict):
        raise DataError(f"{file} is no JSON object. {MEND}.")
    missing = [name for name in ("environment", "scores", "discount of values", "segments") if name not in about]
    if missing:
        raise DataError(f'{file} does not say "{missing[0]}". {MEND}.')
    return about


def count_in(part, name, file, mend=f"{MEND}."):
    value = part.get(name) if isinstance(part, dict) else None
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= 1 << 48:
        raise DataError(f'{file} says "{name}" is {quoted(value)} where a count is expected. {mend}')
    return value


def check_totals(about, file):
    segments = about["segments"]
    if not isinstance(segments, list) or not segments:
        raise DataError(f"{file} lists no segments, so it holds no whole episode. {MEND}.")
    for entry in segments:
        name = entry.get("file") if isinstance(entry, dict) else None
        if not isinstance(name, str) or not re.fullmatch(r"[\w-][\w.-]{0,199}", name):
            raise DataError(f"{file} names the segment {quoted(name)}, which is no file of its folder. {MEND}.")
        digits = entry.get("sha256")
        if not isinstance(digits, str) or len(digits) != 2 * hashlib.sha256().digest_size:
            raise DataError(f"{file} has no SHA-256 of {name}. {MEND}.")
        if not count_in(entry, "episodes", file) <= count_in(entry, "steps", file) or not entry["episodes"]:
            raise DataError(f"{file} counts the steps and episodes of {name} wrongly. {MEND}.")
        count_in(entry, "bytes", file)
    for name in ("steps", "episodes"):
        if count_in(about, name, file) != (total := sum(entry[name] for entry in segments)):
            raise DataError(f"{file} counts {about[name]:,} {name} where its segments have {total:,}. {MEND}.")

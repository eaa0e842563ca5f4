"""In the child: what a Minari dataset's metadata say of where it came from. One that crosstalk exported is the same set
again, as long as its steps are the same."""

import json
import re
import shutil
from dataclasses import replace

import gymnasium

import crosstalk
from crosstalk.data.errors import DataError, quoted
from crosstalk.trajectories.form import form_of
from crosstalk.trajectories.minari_names import ABOUT_FILE, DAMAGED
from crosstalk.trajectories.reading import EXPERT, count_in, expert_in

MOST_COUNT = 1 << 64
# The parts of trajectories.json that say how a set was made, and what must be so of each. What it says of the files
# themselves, the writer knows.
MADE_BY = {
    "environment": lambda name: isinstance(name, str),
    "policy": lambda policy: isinstance(policy, dict) and isinstance(policy.get("kind"), str),
    "task": lambda task: isinstance(task, dict),
    "seed": lambda seed: seed is None or is_count(seed),
    "requested": lambda steps: steps is None or is_count(steps),
    "versions": lambda versions: isinstance(versions, dict),
    "discount of values": lambda gamma: gamma is None or (type(gamma) in (int, float) and 0 <= gamma <= 1),
    "lossy": lambda lossy: isinstance(lossy, bool),
}
OF_A_CLASS = "class"  # the SHA-256 of its file; not every set has one


def is_count(value):
    return type(value) is int and 0 <= value < MOST_COUNT


class Origin:
    """`form`, `actions`: as the dataset's spaces have them. `data`: its folder."""

    def __init__(self, metadata, form, actions, data):
        self.metadata, self.data, self.notices, self.is_same = metadata, data, [], False
        self.form, self.actions = form, actions
        self.claimed = self.claim(data / ABOUT_FILE)
        if self.claimed:
            self.form = replace(form, history=form_of(self.claimed["observation"], data / ABOUT_FILE, DAMAGED).history)

    def claim(self, file):
        """trajectories.json as it was when crosstalk exported the dataset; None of any other."""
        mine = self.metadata.get("crosstalk")
        if mine is None:
            return None
        about = mine.get("about") if isinstance(mine, dict) else None
        if not isinstance(about, dict):
            raise DataError(f'{file} says "crosstalk" is {quoted(mine)}, which crosstalk did not write. {DAMAGED}')
        form = form_of(about.get("observation"), file, DAMAGED)
        if replace(form, history=1) != self.form or count_in(about, "actions", file, DAMAGED) != self.actions:
            raise DataError(f"{file}: what it says of crosstalk's set is not what its spaces say. {DAMAGED}")
        for name in ("frames", "ram"):
            count_in(about, name, file, DAMAGED)
        for name, is_sound in MADE_BY.items():
            if name not in about or not is_sound(about[name]):
                raise DataError(
                    f'{file} says "{name}" of crosstalk\'s set is {quoted(about.get(name))}, which crosstalk did not '
                    f"write. {DAMAGED}"
                )
        if not isinstance(about.get(OF_A_CLASS, ""), str):
            raise DataError(f'{file} says "{OF_A_CLASS}" is no text. {DAMAGED}')
        return about

    def kept_infos(self):
        """{name: its shape beside the rows} of what crosstalk wrote among the infos."""
        about = self.claimed or {}
        shapes = {
            "executed": (about.get("frames"),),
            "ram": (about.get("ram"),),
            "scores": (),
            "values": (self.actions,),
        }
        is_kept = {
            "executed": about.get("frames"),
            "ram": about.get("ram"),
            "scores": about.get("scores") is not None,
            "values": about.get("discount of values") is not None,
        }
        return {name: shape for name, shape in shapes.items() if is_kept[name]}

    def about(self, digest, named, is_jpeg):
        """What trajectories.json shall say of its making. `digest`: of the steps as they were read."""
        if self.claimed and self.metadata["crosstalk"].get("steps_sha256") == digest:
            self.is_same = True
            return {name: part for name, part in self.claimed.items() if name in (*MADE_BY, OF_A_CLASS)}
        about = {
            "environment": self.environment(named),
            "task": {},
            "policy": {"kind": "imported", "from": named},
            "seed": None,
            "requested": self.metadata["total_steps"],
            "versions": {"crosstalk": crosstalk.__version__, "minari": self.metadata["minari_version"]},
            "discount of values": None,
            "lossy": is_jpeg,
        }
        if self.claimed:
            self.notices.append("it is no longer as crosstalk exported it: how it was made is not known any more.")
            about |= {name: self.claimed.get(name) for name in ("environment", "discount of values")}
            about["lossy"] = self.claimed.get("lossy") is not False
        return about

    def environment(self, named):
        """gym:NAME where that is all that the environment was; else the dataset's own name."""
        try:
            spec = json.loads(self.metadata.get("env_spec") or "null")
        except (ValueError, TypeError, RecursionError):
            spec = None
        name = spec.get("id") if isinstance(spec, dict) else None
        if isinstance(name, str) and re.fullmatch(r"(?:[\w.-]{1,100}/)?[\w.-]{1,100}", name):
            usual = getattr(gymnasium.registry.get(name), "kwargs", {})
            if not spec.get("additional_wrappers") and spec.get("kwargs", {}) == usual:
                return f"gym:{name}"
        own = self.metadata.get("dataset_id")
        return f"minari:{own if isinstance(own, str) and len(own) <= 200 else named}"

    def copy_expert(self, folder, about):
        """The file of the expert that played, where it stands beside the data and is the one that is named."""
        policy = about["policy"] if isinstance(about.get("policy"), dict) else {}
        if not self.is_same or policy.get("kind") != "expert":
            return
        if file := expert_in(self.data, policy):
            shutil.copyfile(file, folder / EXPERT)
        else:
            self.notices.append(
                f"{EXPERT} is not beside the data: the expert's values are here, its parameters are not."
            )

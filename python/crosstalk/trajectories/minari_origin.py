"""In the child: what a Minari dataset's metadata say of where it came from. One that crosstalk exported is the same set
again, as long as its steps are the same."""

import json
import re
import shutil
from dataclasses import replace

import gymnasium

import crosstalk
from crosstalk.data import cache
from crosstalk.data.errors import DataError, quoted
from crosstalk.trajectories.form import form_of
from crosstalk.trajectories.minari_names import ABOUT_FILE, DAMAGED
from crosstalk.trajectories.reading import EXPERT, count_in

# What trajectories.json says of the files themselves, which the writer knows.
OF_FILES = "what format observation actions frames ram returns scores steps episodes complete".split()

MOST_SEED = 1 << 64
# What must be so of the parts that say who played.
MADE_BY = {
    "policy": lambda policy: isinstance(policy, dict) and isinstance(policy.get("kind"), str),
    "task": lambda task: isinstance(task, dict),
    "seed": lambda seed: seed is None or (type(seed) is int and 0 <= seed < MOST_SEED),
}


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
        if not isinstance(about, dict) or not isinstance(about.get("environment"), str):
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
            return {name: part for name, part in self.claimed.items() if name not in OF_FILES}
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
        file = self.data / EXPERT
        if file.is_file() and cache.compute_digests(file)["sha256"] == policy.get("sha256"):
            shutil.copyfile(file, folder / EXPERT)
        else:
            self.notices.append(
                f"{EXPERT} is not beside the data: the expert's values are here, its parameters are not."
            )

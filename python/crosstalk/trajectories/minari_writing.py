"""In a process of its own: a set as a dataset of Minari, written by Minari itself."""

import hashlib
import json
import shutil
import sys
from pathlib import Path

import numpy

from crosstalk.data.child import end_with_parent
from crosstalk.trajectories.folders import of_writing
from crosstalk.trajectories.reading import read_set


def perform(request):
    end_with_parent()
    try:
        write(read_set(request["folder"]), request["minari"], Path(request["into"]))
    except OSError as error:
        raise of_writing(error, request["target"], request["mend"]) from None
    return {}


def write(trajectories, name, folder):
    import minari
    from minari.dataset.minari_storage import MinariStorage

    storage = MinariStorage.new(
        folder,
        observation_space=observation_space(trajectories.form),
        action_space=discrete(trajectories.actions),
        env_spec=environment_spec(trajectories.about["environment"]),
        jpeg_encoding=False,
    )
    digest = hashlib.sha256()
    storage.update_episodes(buffers(trajectories, digest))
    about = {each: part for each, part in trajectories.about.items() if each not in ("segments", "collector")}
    storage.update_metadata(
        {
            "dataset_id": name,
            "minari_version": minari.__version__,
            "algorithm_name": str(trajectories.policy.get("algorithm", trajectories.policy.get("kind", ""))),
            "description": description(trajectories),
            "crosstalk": {"about": about, "steps_sha256": digest.hexdigest()},
        }
    )
    if expert := trajectories.expert():
        shutil.copyfile(expert, folder / expert.name)


def buffers(trajectories, digest):
    """Minari's own episodes, one after the other."""
    from minari.data_collector import EpisodeBuffer

    done = 0
    for episode in trajectories.episodes():
        episode.add_to(digest)
        yield EpisodeBuffer(
            seed=None if episode.seed < 0 else episode.seed,
            observations=trajectories.form.arrays(episode.observations),
            actions=episode.actions,
            rewards=episode.rewards,
            terminations=episode.terminations.astype(bool),
            truncations=episode.truncations.astype(bool),
            infos=infos_of(episode),
        )
        before, done = done, done + len(episode)
        if before // 50_000 < done // 50_000:
            print(f"{done:,} of {trajectories.steps:,} steps written", file=sys.stderr, flush=True)


def infos_of(episode):
    named = {name: getattr(episode, name) for name in ("executed", "ram", "scores", "values")}
    return {name: array for name, array in named.items() if array is not None} or None


def observation_space(form):
    from gymnasium.spaces import Box

    if form.kept == "index":
        return discrete(form.extents[0])
    low, high = {"bits": (0, 1), "bytes": (0, 255)}.get(form.kept, (-numpy.inf, numpy.inf))
    return Box(low, high, form.extents, form.dtype.type)


def discrete(count):
    from gymnasium.spaces import Discrete

    return Discrete(count)


def environment_spec(environment):
    """So that Minari can make the environment again; None where only crosstalk can."""
    import gymnasium

    family, _, name = environment.partition(":")
    return gymnasium.spec(name) if family == "gym" and name in gymnasium.registry else None


def description(trajectories):
    about, form = trajectories.about, trajectories.form
    text = f"{about['environment']}, collected by crosstalk. Policy: {json.dumps(about.get('policy'))}."
    if form.history > 1:
        text += (
            f" An observation here is one frame. What the agent saw is the last {form.history} of its episode, the "
            "first one repeated before the beginning."
        )
    return text

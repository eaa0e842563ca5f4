"""`export`: a set as a dataset of Minari, written by Minari itself, and read back before it gets its name."""

import hashlib
import json
import shutil
import sys

import numpy

from crosstalk.data.errors import DataError, counted, megabytes
from crosstalk.trajectories import minari_names
from crosstalk.trajectories.episode import TYPES
from crosstalk.trajectories.folders import appearing, flush
from crosstalk.trajectories.reading import read_set

EXPERT = "expert.safetensors"
TAKEN = "Give another name or version with --minari, or remove it: `minari delete {}`"


def export(request):
    trajectories = read_set(request["folder"])
    minari = minari_names.require("crosstalk trajectories export")
    name = request["minari"]
    namespace = minari_names.checked_id(name)[0]
    path = minari_names.root() / name
    with appearing(path, TAKEN.format(name)) as partial:
        write(trajectories, name, partial / "data", minari.__version__)
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
    return {"text": text, "path": str(path), "notices": []}


def write(trajectories, name, folder, version):
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
            "minari_version": version,
            "algorithm_name": str(policy_of(about).get("algorithm", policy_of(about).get("kind", ""))),
            "description": description(trajectories),
            "crosstalk": {"about": about, "steps_sha256": digest.hexdigest()},
        }
    )
    if policy_of(about).get("kind") == "expert" and (expert := trajectories.folder / EXPERT).is_file():
        shutil.copyfile(expert, folder / EXPERT)


def policy_of(about):
    policy = about.get("policy")
    return policy if isinstance(policy, dict) else {}


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


def name_the_namespace(namespace):
    from minari.namespace import create_namespace, list_local_namespaces

    if namespace is not None and namespace not in list_local_namespaces():
        create_namespace(namespace)

"""In the child: a dataset of Minari, read by Minari, into the files of a set."""

import contextlib
import json
from pathlib import Path

from crosstalk.data.errors import DataError, counted, cut, listed, quoted, reason
from crosstalk.trajectories.folders import of_writing
from crosstalk.trajectories.minari_names import ABOUT_FILE, DAMAGED, DATA_FILE
from crosstalk.trajectories.minari_origin import Origin
from crosstalk.trajectories.minari_spaces import actions_in, observations_in

MOST_METADATA = 64 << 20  # bytes


def perform(request):
    data = Path(request["data"])
    file = data / DATA_FILE
    metadata = read_metadata(data / ABOUT_FILE)
    observations, choices = (look(metadata, data / ABOUT_FILE) for look in (observations_in, actions_in))
    try:
        reading = Reading(data, metadata, observations, choices)
        return reading.write(Path(request["into"]), request)
    except OSError as error:  # h5py's: the writer's own are told apart below
        raise DataError(f"{file} cannot be read ({reason(error)}). {DAMAGED}") from None


def read_metadata(file):
    if file.stat().st_size > MOST_METADATA:
        raise DataError(f"{file} is over 64 MiB long. {DAMAGED}")
    try:
        metadata = json.loads(file.read_bytes())
    except (ValueError, RecursionError):
        raise DataError(f"{file} is no JSON. {DAMAGED}") from None
    if not isinstance(metadata, dict):
        raise DataError(f"{file} is no JSON object. {DAMAGED}")
    if metadata.get("data_format") != "hdf5":
        raise DataError(
            f"{file} says that its data are {quoted(metadata.get('data_format'))}; only hdf5 is read. Write it again in "
            'Minari with data_format="hdf5".'
        )
    for name in ("total_episodes", "total_steps"):
        value = metadata.get(name)
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            raise DataError(f"{file} says {name} is {quoted(value)} where a count is expected. {DAMAGED}")
    if metadata["total_episodes"] == 0:
        raise DataError(f"{file} counts no episodes, so there is nothing to import. Give another one.")
    return metadata


def storage_in(data):
    from minari.dataset.minari_storage import MinariStorage

    try:
        return MinariStorage.read(data)
    except MemoryError:
        raise
    except Exception as error:  # of whatever class a damaged space makes Minari and Gymnasium raise
        raise DataError(f"{data / ABOUT_FILE}: Minari cannot use its spaces ({reason(error)}). {DAMAGED}") from None


class Reading:
    """A dataset whose layout has been checked. `choices`: how many actions there are, and the first one's number."""

    def __init__(self, data, metadata, observations, choices):
        import h5py
        import minari
        from minari.dataset.minari_storage import is_image_space

        from crosstalk.trajectories.minari_layout import Layout

        version = metadata.get("minari_version")
        if version not in minari.supported_dataset_versions:
            raise DataError(
                f"{data / ABOUT_FILE} is of version {quoted(version)} of Minari, which minari {minari.__version__} does "
                "not read: pip install -U minari"
            )
        self.data, self.metadata, self.observations, self.choices = data, metadata, observations, choices
        self.file, self.episodes = data / DATA_FILE, metadata["total_episodes"]
        self.storage = storage_in(data)
        self.is_jpeg = self.storage.jpeg_encoding and is_image_space(self.storage.observation_space)
        layout = Layout(self.file, observations, self.is_jpeg)
        with h5py.File(self.file, "r") as opened:
            layout.check(opened, self.episodes)
        if layout.steps != metadata["total_steps"]:
            raise DataError(
                f"{self.file} holds {counted(layout.steps, 'step')} where its {ABOUT_FILE} counts "
                f"{metadata['total_steps']:,}. {DAMAGED}"
            )
        self.origin = Origin(metadata, observations.form, choices[0], data)
        self.left_out = layout.infos - set(self.origin.kept_infos())
        self.unended = self.unseeded = 0

    def write(self, folder, request):
        from crosstalk.trajectories.writing import Writer

        writer = Writer(folder, self.origin.form, self.choices[0])
        every = range(self.episodes)
        read = zip(self.storage.get_episodes(every), self.storage.get_episode_metadata(every))
        for number, (found, about) in enumerate(read):
            episode = self.episode(found, about, number)
            if (fault := episode.faults(self.origin.form, self.choices[0])) == "has no end":
                self.unended += 1
                continue
            if fault:
                raise self.wrong(number, fault)
            self.unseeded += episode.seed < 0
            with written_to(request["target"]):
                writer.add(episode)
        if self.unended == self.episodes:
            raise DataError(
                f"{self.file}: none of its {counted(self.episodes, 'episode')} has an end. A set has whole "
                "ones: give another dataset."
            )
        about = self.origin.about(writer.digest.hexdigest(), request["named"], self.is_jpeg)
        with written_to(request["target"]):
            whole = writer.finish(about)
            self.origin.copy_expert(folder, about)
        return {
            "episodes": whole["episodes"],
            "steps": whole["steps"],
            "environment": whole["environment"],
            "notices": self.origin.notices + self.notices(),
        }

    def wrong(self, number, fault):
        return DataError(
            f"{self.file}: episode_{number} {fault}. A set cannot hold that: write the dataset again in Minari "
            "without this episode."
        )

    def episode(self, found, about, number):
        import numpy

        from crosstalk.trajectories.episode import UNKNOWN_SEED, Episode

        seen = found["observations"]
        if seen.shape[1:] != self.observations.form.shape:
            raise self.wrong(number, f"has observations of the shape {seen.shape[1:]}")
        try:
            records = self.observations.records(seen)
        except ValueError as error:
            raise self.wrong(number, error) from None
        seed = about.get("seed")
        marks = {name: found[name].astype(numpy.int64) for name in ("terminations", "truncations")}
        if any(((mark < 0) | (mark > 1)).any() for mark in marks.values()):
            raise self.wrong(number, "holds a mark of an end that is neither 0 nor 1")
        return Episode(
            observations=records,
            actions=found["actions"].astype(numpy.int64) - self.choices[1],
            rewards=found["rewards"].astype(numpy.float64),
            seed=seed if seed is not None and 0 <= seed < 1 << 63 else UNKNOWN_SEED,
            **{name: mark.astype(numpy.uint8) for name, mark in marks.items()},
            **self.kept_infos(found["infos"] or {}, len(found["actions"]), number),
        )

    def kept_infos(self, infos, steps, number):
        """What crosstalk wrote among the infos, in its own types."""
        from crosstalk.trajectories.episode import OF_OBSERVATIONS, TYPES

        kept = {}
        for name, width in self.origin.kept_infos().items():
            array = infos.get(name)
            shape = (steps + (name in OF_OBSERVATIONS), *width)
            if getattr(array, "shape", None) != shape or array.dtype != TYPES[name]:
                raise self.wrong(number, f"has no infos {name} as crosstalk writes them")
            kept[name] = array
        return kept

    def notices(self):
        notices = []
        if self.is_jpeg:
            notices.append(
                "its observations were stored as JPEG, which loses detail: the set is marked as lossy. What the agent "
                "saw was not exactly this."
            )
        if self.unended:
            notices.append(f"{counted(self.unended, 'episode')} without an end left out: a set has whole episodes.")
        if self.unseeded:
            notices.append(f"the seed of {counted(self.unseeded, 'episode')} is not known, or not below 2^63.")
        if self.left_out:
            notices.append(f"infos left out, for which a set has no place: {cut(listed(sorted(self.left_out)), 200)}.")
        return notices


@contextlib.contextmanager
def written_to(path):
    """An OSError in here is of the disk, not of the file that is read."""
    try:
        yield
    except OSError as error:
        raise of_writing(error, path, "Give another --out.") from None

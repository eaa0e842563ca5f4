"""Writes a set's folder: whole episodes into segments, trajectories.json last."""

import hashlib
import json
import os

import numpy

from crosstalk.trajectories.episode import TYPES
from crosstalk.trajectories.reading import ABOUT, FORMAT, WHAT

SEGMENT_BYTES = 64 << 20  # of whole episodes, from which on a segment is closed


class Writer:
    """Into a folder that is there and has no set yet. All episodes keep the same parts."""

    def __init__(self, folder, form, actions):
        self.folder, self.form, self.actions = folder, form, actions
        self.waiting, self.waiting_bytes, self.entries = [], 0, []
        self.frames = self.ram = 0
        self.has_scores = self.has_values = False
        self.digest = hashlib.sha256()  # of all steps, however they are cut

    def add(self, episode):
        self.frames = 0 if episode.executed is None else episode.executed.shape[1]
        self.ram = 0 if episode.ram is None else episode.ram.shape[1]
        self.has_scores, self.has_values = episode.scores is not None, episode.values is not None
        episode.add_to(self.digest)
        self.waiting.append(episode)
        self.waiting_bytes += episode.nbytes()
        if self.waiting_bytes >= SEGMENT_BYTES:
            self.close_segment()

    def close_segment(self):
        from safetensors.numpy import save

        from crosstalk.data.converted import with_contents

        episodes, self.waiting, self.waiting_bytes = self.waiting, [], 0
        parts = [episode.parts() for episode in episodes]
        tensors = {
            name: numpy.concatenate([part[name] for part in parts]).astype(TYPES[name], copy=False) for name in parts[0]
        }
        tensors["lengths"] = numpy.array([len(episode) for episode in episodes], numpy.int64)
        tensors["seeds"] = numpy.array([episode.seed for episode in episodes], numpy.int64)
        content = with_contents(memoryview(save(tensors, metadata={"crosstalk": WHAT})))
        name = f"{len(self.entries):06}.safetensors"
        write_whole(self.folder / name, content)
        digest = hashlib.sha256()
        for piece in content:
            digest.update(piece)
        self.entries.append(
            {
                "file": name,
                "steps": int(tensors["lengths"].sum()),
                "episodes": len(episodes),
                "bytes": sum(len(piece) for piece in content),
                "contents": contents_in(content[0]),
                "sha256": digest.hexdigest(),
            }
        )

    def finish(self, about):
        """`about`: what made it, beside what the writer itself knows. Returns all of trajectories.json."""
        if self.waiting:
            self.close_segment()
        counts = {name: sum(entry[name] for entry in self.entries) for name in ("steps", "episodes")}
        held = {
            "observation": self.form.described(),
            "actions": self.actions,
            "frames": self.frames,
            "ram": self.ram,
            "scores": self.has_scores or None,
        }
        whole = {"what": WHAT, "format": FORMAT, "discount of values": None, **about, **held, "complete": True}
        whole |= {**counts, "segments": self.entries}
        write_whole(self.folder / ABOUT, [json.dumps(whole, indent=1).encode() + b"\n"])
        return whole


def contents_in(header):
    """The digest that a file's header states (crosstalk/data/converted.py)."""
    return json.loads(bytes(header[8:]))["__metadata__"]["contents"]


def write_whole(path, pieces):
    """On the disk when it returns: a name alone is not yet."""
    with open(path, "wb") as file:
        file.writelines(pieces)
        file.flush()
        os.fsync(file.fileno())

"""Writes a set's folder: whole episodes into segments, trajectories.json last. What the engine would write of the same
episodes (src/engine/replay/storing.cpp, src/engine/tensor/safetensors_write.cpp) is written byte for byte."""

import hashlib
import json
import math
import os
import struct

import numpy

from crosstalk.trajectories.episode import TYPES
from crosstalk.trajectories.reading import ABOUT, FORMAT, WHAT

SEGMENT_BYTES = 64 << 20  # of gathered episodes, from which on a segment is cut
IN_HEADERS = {"float64": "F64", "int64": "I64", "float32": "F32", "uint8": "U8"}


class Writer:
    """Into a folder that is there and has no set yet. All episodes keep the same parts."""

    def __init__(self, folder, form, actions):
        self.folder, self.form, self.actions = folder, form, actions
        self.gathered, self.gathered_bytes, self.segments = [], 0, []
        self.returns, self.scores = [], []  # of each episode
        self.frames = self.ram = 0
        self.digest = hashlib.sha256()  # of all steps, however they are cut

    def add(self, episode):
        self.frames = 0 if episode.executed is None else episode.executed.shape[1]
        self.ram = 0 if episode.ram is None else episode.ram.shape[1]
        self.returns.append(summed(episode.rewards))
        if episode.scores is not None:
            self.scores.append(summed(episode.scores))
        episode.add_to(self.digest)
        self.gathered.append(episode)
        self.gathered_bytes += episode.nbytes() + 16  # with its length and seed
        if self.gathered_bytes >= SEGMENT_BYTES:
            self.cut()

    def cut(self):
        episodes, self.gathered, self.gathered_bytes = self.gathered, [], 0
        parts = [episode.parts() for episode in episodes]
        tensors = {
            name: numpy.concatenate([part[name] for part in parts]).astype(TYPES[name], copy=False) for name in parts[0]
        }
        tensors["lengths"] = numpy.array([len(episode) for episode in episodes], numpy.int64)
        tensors["seeds"] = numpy.array([episode.seed for episode in episodes], numpy.int64)
        pieces, contents = encoded(tensors)
        name = f"{len(self.segments):06}.safetensors"
        write_whole(self.folder / name, pieces)
        digest = hashlib.sha256()
        for piece in pieces:
            digest.update(piece)
        self.segments.append(
            {
                "file": name,
                "steps": int(tensors["lengths"].sum()),
                "episodes": len(episodes),
                "bytes": sum(len(piece) for piece in pieces),
                "contents": contents,
                "sha256": digest.hexdigest(),
            }
        )

    def finish(self, about):
        """`about`: what made it, beside what the writer itself knows. Returns all of trajectories.json."""
        if self.gathered:
            self.cut()
        held = {
            "what": WHAT,
            "format": FORMAT,
            "complete": True,
            "observation": self.form.described(),
            "actions": self.actions,
            "frames": self.frames,
            "ram": self.ram,
            "returns": summary(self.returns),
            "scores": summary(self.scores),
            "segments": self.segments,
        }
        held |= {name: sum(entry[name] for entry in self.segments) for name in ("steps", "episodes")}
        whole = {**about, **held}
        text = json.dumps(whole, indent=1, sort_keys=True, ensure_ascii=False)
        write_whole(self.folder / ABOUT, [text.encode("utf-8", "backslashreplace") + b"\n"])
        return whole


def encoded(tensors):
    """(a safetensors file in pieces, the digest of its contents that its header states), the widest numbers first."""
    from crosstalk._cli import ContentsDigest, no_contents

    ordered = sorted(sorted(tensors.items()), key=lambda item: -item[1].itemsize)
    header, at = {"__metadata__": {"contents": no_contents, "what": WHAT}}, 0
    for name, array in ordered:
        header[name] = {"dtype": IN_HEADERS[str(array.dtype)], "shape": list(array.shape)}
        header[name]["data_offsets"] = [at, at := at + array.nbytes]
    text = json.dumps(header, sort_keys=True, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    begin = struct.pack("<Q", len(text)) + text
    pieces = [numpy.ascontiguousarray(array).reshape(-1).view(numpy.uint8).data for _, array in ordered]
    digest = ContentsDigest()
    for piece in (begin, *pieces):
        digest.add(piece)
    return [begin.replace(no_contents.encode(), digest.hex().encode(), 1), *pieces], digest.hex()


def summed(numbers):
    """In the order of the steps."""
    return float(numpy.add.accumulate(numbers)[-1])


def summary(numbers):
    """Mean, deviation over one less than there are, least and most; None where there are none."""
    if not numbers:
        return None
    mean = summed(numbers) / len(numbers)
    squares = summed([(number - mean) * (number - mean) for number in numbers])
    deviation = math.sqrt(squares / (len(numbers) - 1)) if len(numbers) > 1 else None
    return {"mean": mean, "deviation": deviation, "least": min(numbers), "most": max(numbers)}


def write_whole(path, pieces):
    """On the disk when it returns: a name alone is not yet."""
    with open(path, "wb") as file:
        file.writelines(pieces)
        file.flush()
        os.fsync(file.fileno())

"""A data set as the engine reads it: one safetensors file with train.x, train.y, test.x, test.y and a text
about them."""

import json
import os
import struct
from dataclasses import dataclass, field

from crosstalk.data import precision
from crosstalk.data.errors import DataError, counted, cut, listed, shape_text

TENSORS = ("test.x", "test.y", "train.x", "train.y")


@dataclass
class Converted:
    """x: uint8 or real numbers, images (N, C, H, W) or tables (N, d). y: int64 (N) for classes, real numbers (N,
    outputs) otherwise. Real numbers are kept as float32 where that holds each of them, else as float64."""

    train_x: object
    train_y: object
    test_x: object
    test_y: object
    classes: list | None = None  # their names
    divide: float = 1  # what the engine divides x by
    target_variance: list | None = None  # of each output over all rows of the source
    features: list | None = None
    notices: list = field(default_factory=list)

    def __post_init__(self):
        told = []
        if self.train_x.dtype.kind == "f" and len(self.train_x) and len(self.test_x):
            self.train_x, self.test_x = precision.kept(self.train_x, self.test_x)
            images = self.train_x.ndim == 4
            told += precision.notices(
                self.train_x,
                self.test_x,
                lambda place: precision.column_name(self.features, place, images),
                self.divide,
            )
        if self.train_y.dtype.kind == "f" and len(self.train_y) and len(self.test_y):
            self.train_y, self.test_y = precision.kept(self.train_y, self.test_y)
            one = self.train_y.shape[1] == 1
            told += precision.notices(
                self.train_y, self.test_y, lambda place: "the target" if one else f"column {place} of the targets"
            )
        if self.classes:
            trained = set(self.train_y.tolist())
            untrained = [name for place, name in enumerate(self.classes) if place not in trained]
            told += [f"no training row is of the class {listed(untrained, 10)}."] if untrained else []
        self.notices = [*self.notices, *told]

    def check(self):
        """A converter that breaks the contract is our mistake; saying so beats a wrong number later."""
        kinds = ("int64",) if self.classes else ("float32", "float64")
        for x, y in ((self.train_x, self.train_y), (self.test_x, self.test_y)):
            fits = x.ndim in (2, 4) and x.shape[1:] == self.train_x.shape[1:]
            fits = fits and str(x.dtype) in ("uint8", "float32", "float64")
            if not fits or str(y.dtype) not in kinds or len(x) != len(y) or y.ndim != (1 if self.classes else 2):
                raise DataError(
                    f"the conversion made {x.dtype} {shape_text(x.shape)} and {y.dtype} {shape_text(y.shape)}."
                )
            if len(x) == 0:
                raise DataError("there must be at least one row to train on and one to test on.")

    def write(self, path, description):
        import numpy
        from safetensors.numpy import save

        self.check()
        about = {
            **description,
            "kind": "classify" if self.classes else "regress",
            "classes": self.classes,
            "outputs": len(self.classes) if self.classes else int(self.train_y.shape[1]),
            "divide": self.divide,
            "target_variance": self.target_variance,
            "features": self.features,
            "notices": self.notices,
        }
        arrays = (self.test_x, self.test_y, self.train_x, self.train_y)
        tensors = {name: numpy.ascontiguousarray(array) for name, array in zip(TENSORS, arrays)}
        content = save(tensors, metadata={"crosstalk": json.dumps(about)})
        with open(path, "wb") as file:  # not save_file, which writes another file beside it and renames that
            file.writelines(with_contents(memoryview(content)))
            file.flush()
            os.fsync(file.fileno())


def with_contents(content):
    """A safetensors file's bytes, (header, rest), with the digest of its contents among the metadata
    (src/base/contents.hpp)."""
    from crosstalk._cli import ContentsDigest, no_contents

    end = 8 + struct.unpack_from("<Q", content)[0]
    header = json.loads(bytes(content[8:end]))
    header["__metadata__"]["contents"] = no_contents
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    begin = struct.pack("<Q", len(text)) + text
    digest = ContentsDigest()
    digest.add(begin)
    digest.add(content[end:])
    spelled = '"contents":"{}"'.format
    return begin.replace(spelled(no_contents).encode(), spelled(digest.hex()).encode()), content[end:]


def is_whole(path):
    """Whether a file has the contents that its digest stands for: a flipped bit anywhere is found."""
    from crosstalk._cli import has_its_contents

    return has_its_contents(path)


def made_before_digests(path):
    """Whether an earlier version wrote it: its metadata are the description alone."""
    try:
        with open(path, "rb") as file:
            (length,) = struct.unpack("<Q", file.read(8))
            return length < 1 << 24 and list(json.loads(file.read(length))["__metadata__"]) == ["crosstalk"]
    except (OSError, ValueError, KeyError, TypeError, struct.error):
        return False


def read_header(path):
    """(tensors, description) of a converted file, or None where its header is damaged or the file is cut.
    Needs no numpy: this is the warm path."""
    try:
        with open(path, "rb") as file:
            (length,) = struct.unpack("<Q", file.read(8))
            header = json.loads(file.read(length)) if length < 1 << 24 else {}
            size = file.seek(0, os.SEEK_END)
        description = json.loads(header.pop("__metadata__")["crosstalk"])
        whole = set(header) == set(TENSORS) and size == 8 + length + max(h["data_offsets"][1] for h in header.values())
        return (header, description) if whole else None
    except (OSError, ValueError, KeyError, TypeError, struct.error):
        return None


def summary(header, description):
    """The part of a reply that says what is in the file."""
    shapes = {name: tensor["shape"] for name, tensor in header.items()}
    return {
        "train_rows": shapes["train.x"][0],
        "test_rows": shapes["test.x"][0],
        "kind": description["kind"],
        "classes": description["classes"],
        "outputs": description["outputs"],
        "input_shape": shapes["train.x"][1:],
        "notices": description["notices"],
    }


def check_classes(y, classes, what, mend):
    """Where all rows to train on are of one class there is nothing to be told apart."""
    if len(found := set(y.tolist())) == 1:
        name = cut(classes[found.pop()])
        raise DataError(
            f"{what}: all {counted(len(y), 'training row')} are of the class {name}; there must be two classes or "
            f"more.\n{mend}"
        )


def rows_notice(what, found, whole):
    """The plain notice that a file is partial."""
    return f"{what}: {counted(found, 'row')} of the {whole:,} of the whole data set."

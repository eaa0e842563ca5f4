"""A data set as the engine reads it: one safetensors file with train.x, train.y, test.x, test.y and a text
about them."""

import json
import os
import struct
from dataclasses import dataclass, field

from crosstalk.data.errors import DataError, counted, shape_text

TENSORS = ("test.x", "test.y", "train.x", "train.y")


@dataclass
class Converted:
    """x: uint8 or float32, images (N, C, H, W) or tables (N, d). y: int64 (N) for classes, float32 (N,
    outputs) otherwise."""

    train_x: object
    train_y: object
    test_x: object
    test_y: object
    classes: list | None = None  # their names
    divide: float = 1  # what the engine divides x by
    target_variance: list | None = None  # of each output over all rows of the source
    features: list | None = None
    notices: list = field(default_factory=list)

    def check(self):
        """A converter that breaks the contract is our mistake; saying so beats a wrong number later."""
        kind = "int64" if self.classes else "float32"
        for x, y in ((self.train_x, self.train_y), (self.test_x, self.test_y)):
            fits = str(x.dtype) in ("uint8", "float32") and x.ndim in (2, 4) and x.shape[1:] == self.train_x.shape[1:]
            if not fits or str(y.dtype) != kind or len(x) != len(y) or y.ndim != (1 if self.classes else 2):
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
            file.write(content)
            file.flush()
            os.fsync(file.fileno())


def read_header(path):
    """(tensors, description) of a converted file, or None where it is not whole. Needs no numpy: this is
    the warm path."""
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


def rows_notice(what, found, whole):
    """The plain notice that a file is partial."""
    return f"{what}: {counted(found, 'row')} of the {whole:,} of the whole data set."

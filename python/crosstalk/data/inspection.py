"""In the child: what a converted file really holds: ranges, classes, and rows that stand more than once."""

import hashlib

from crosstalk.data.errors import DataError, quoted


def hashes(*arrays):
    """One hash a row of the arrays side by side, in single precision; equal rows have equal hashes (and 0 and -0 are
    equal)."""
    single = [array.astype("float32") if array.dtype.kind == "f" else array for array in arrays]
    parts = [array.reshape(len(array), -1) + array.dtype.type(0) for array in single]
    return [
        hashlib.blake2b(b"".join(part[row].tobytes() for part in parts), digest_size=16).digest()
        for row in range(len(parts[0]))
    ]


def repeats(train, test):
    """Rows of the test set that stand in the training set, and rows that repeat one of their own split."""
    trained = set(train)
    return {
        "test_in_train": sum(row in trained for row in test),
        "within_train": len(train) - len(trained),
        "within_test": len(test) - len(set(test)),
    }


def span(array):
    return [float(array.min()), float(array.max())]


def perform(request):
    import numpy
    from safetensors.numpy import load_file

    tensors = load_file(request["file"])
    x, y = ({split: tensors[f"{split}.{what}"] for split in ("train", "test")} for what in ("x", "y"))
    for name, array in tensors.items():
        if array.dtype.kind == "f" and not numpy.isfinite(array).all():
            raise DataError(f"{request['file']}: {quoted(name)} holds a number that is not finite.")
    classes = request["classes"]
    if classes:
        for split in ("train", "test"):
            if y[split].min() < 0 or y[split].max() >= classes:
                raise DataError(f"{request['file']}: {split}.y holds a class beyond 0 to {classes - 1}.")
    return {
        "x": repeats(hashes(x["train"]), hashes(x["test"])),
        "x_and_y": repeats(hashes(x["train"], y["train"]), hashes(x["test"], y["test"])),
        "x_range": span(numpy.concatenate([span(x["train"]), span(x["test"])])),
        "y_range": span(numpy.concatenate([span(y["train"]), span(y["test"])])),
        "rows_of_classes": numpy.bincount(y["train"], minlength=classes).tolist() if classes else None,
        "x_shape": list(x["train"].shape[1:]),
    }

"""MATLAB 5 files, with the variables and the shapes that a data set has, and a word about everything else."""

import os

from crosstalk.data.errors import DataError, commas, megabytes, quoted, reason, shape_text

NUMBERS = ("double", "single", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64")


def variables(path, mend):
    """{name: (shape, class)}; DataError when the file is no MATLAB 5 file. Reads headers, not numbers."""
    import scipy.io

    size = os.path.getsize(path)
    with open(path, "rb") as file:
        begin = file.read(128)
        file.seek(512 if size > 520 else 0)
        deeper = file.read(8)
    if size == 0:
        raise DataError(f"{path} is empty (0 bytes) where a MATLAB file is expected.\n{mend}")
    if b"\x89HDF\r\n\x1a\n" in (begin[:8], deeper) or begin.startswith(b"MATLAB 7.3"):
        raise DataError(f'{path} is a MATLAB 7.3 file (HDF5) where MATLAB 5 is expected: save it with "-v7".\n{mend}')
    if not begin.startswith(b"MATLAB 5.0 MAT-file") or begin[126:128] not in (b"IM", b"MI"):
        start = quoted(begin[:16].decode("latin-1"))
        raise DataError(f"{path} is not a MATLAB file: it begins with {start} ({megabytes(size)}).\n{mend}")
    try:
        return {name: (shape, kind) for name, shape, kind in scipy.io.whosmat(path)}
    except MemoryError:
        raise
    except Exception as error:  # SciPy's classes for a damaged file are many, and change
        raise damaged(path, error, mend) from None


def numbers(path, name, fits, expected, mend):
    """The array `name`. `fits(shape)` says whether it may have this shape; `expected` says which in words."""
    import scipy.io

    found = variables(path, mend)
    if name not in found:
        others = (
            ", ".join(f"{other} ({shape_text(shape)})" for other, (shape, _) in list(found.items())[:5]) or "nothing"
        )
        raise DataError(f"{path} holds {others} where {name} is expected: {expected}.\nIt is another file. {mend}")
    shape, kind = found[name]
    if kind not in NUMBERS:
        raise DataError(
            f"{path} holds {name} as {kind} where numbers are expected: {expected}.\nIt is another file. {mend}"
        )
    if not fits(shape):
        raise DataError(
            f"{path} holds {shape_text(shape)} numbers where {expected}.\nIt is cut short or another one. {mend}"
        )
    # No file is longer than deflate can make it: a thousandth of what it declares.
    declared, size = os.path.getsize(path) * 1040, 1
    for length in shape:
        size *= length
    if size > declared:
        raise DataError(
            f"{path} declares {shape_text(shape)} numbers in {commas(os.path.getsize(path))} bytes. It "
            f"is damaged.\n{mend}"
        )
    try:
        array = scipy.io.loadmat(path, variable_names=[name])[name]
    except MemoryError:
        raise
    except Exception as error:
        raise damaged(path, error, mend) from None
    if array.shape != tuple(shape) or array.dtype.kind not in "fiu":
        raise DataError(
            f"{path} holds {array.dtype} {shape_text(array.shape)} where {expected}.\nIt is damaged. {mend}"
        )
    return array


def damaged(path, error, mend):
    return DataError(
        f"{path} ({commas(os.path.getsize(path))} bytes) cannot be read to its end ({reason(error)}).\n"
        f"It is cut short or damaged. {mend}"
    )

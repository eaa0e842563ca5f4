"""FILE.npz: arrays x and y, and x_test and y_test where there is a test set. Nothing pickled is ever
loaded."""

import zipfile

from crosstalk.data.converted import Converted
from crosstalk.data.errors import DataError, commas, quoted, reason, shape_text
from crosstalk.data.names import has_ending
from crosstalk.data.order import order, split
from crosstalk.data.own.format import Format, test_share
from crosstalk.data.own.labels import classes_of, single_precision, split_rows

MEND = 'Write it so: numpy.savez("FILE.npz", x=inputs, y=targets).'

LARGE = 16  # beyond what standardised images hold


def header(path, archive, name):
    """(shape, dtype) of an array, from the first bytes of its member. Its size is checked before anything
    is allocated."""
    from numpy.lib import format as npy

    member = archive.getinfo(name + ".npy")
    with archive.open(member) as file:
        version = npy.read_magic(file)
        read = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}.get(version)
        if read is None:
            raise DataError(
                f"{path}: {name} is in .npy version {version[0]}.{version[1]}, which holds structures. {MEND}"
            )
        shape, _, dtype = read(file)
        begin = file.tell()
    if dtype.hasobject:
        raise DataError(
            f"{path}: {name} holds pickled Python objects, which could run any code: refused. Save "
            "arrays of numbers or of "
            f"text:\n{MEND}"
        )
    if dtype.kind not in "biufUS" or dtype.fields:
        raise DataError(f"{path}: {name} holds {quoted(dtype)} where numbers are expected. {MEND}")
    size = dtype.itemsize
    for length in shape:
        size *= length
    if size != member.file_size - begin or size > 1040 * member.compress_size + 1040:
        raise DataError(
            f"{path}: {name} declares {shape_text(shape)} of {dtype} in {commas(member.compress_size)} "
            "bytes. The file is "
            "damaged."
        )
    return shape, dtype


def load(path):
    """{name: array} of x, y and, where they are, x_test and y_test."""
    import numpy

    try:
        with zipfile.ZipFile(path) as archive:
            names = [name.removesuffix(".npy") for name in archive.namelist() if name.endswith(".npy")]
            wanted = [name for name in ("x", "y", "x_test", "y_test") if name in names]
            for name in ("x", "y", *("x_test", "y_test") * any(name.endswith("_test") for name in wanted)):
                if name not in names:
                    raise DataError(
                        f"{path} holds {', '.join(quoted(found) for found in names[:10]) or 'no arrays'} "
                        "where x and y are "
                        f"expected: {name} is not there. {MEND}"
                    )
            for name in wanted:
                header(path, archive, name)
        with numpy.load(path, allow_pickle=False) as arrays:
            return {name: arrays[name] for name in wanted}
    except (DataError, MemoryError):
        raise
    except zipfile.BadZipFile as error:
        raise DataError(f"{path} is not a whole .npz file ({reason(error)}). {MEND}") from None
    except Exception as error:  # NumPy's and zlib's complaints about a damaged file are of many classes
        raise DataError(f"{path} cannot be read ({reason(error)}). It is damaged.") from None


def images(name, x):
    """(N, C, H, W), and a notice where the channels came last."""
    if x.ndim == 3:
        return x[:, None], None
    if x.shape[3] <= 4 < x.shape[1]:
        return x.transpose(0, 3, 1, 2), f"{name} {shape_text(x.shape)} is read as images with their channels last."
    return x, None


def undivided(name, x):
    """A word on images whose numbers look like pixels and are not divided: a network at them hardly learns."""
    if not max(x.max(), abs(x.min())) > LARGE:
        return None
    return (
        f"{name} holds {x.dtype} from {x.min():.4g} to {x.max():.4g}, which is not divided: only whole numbers from 0 "
        'to 255 are read as pixels. With task.normalise = "none", and by an agent, they are taken as they are; '
        "numpy.uint8 images, or x / 255, are not so large."
    )


def inputs(path, name, x):
    """(uint8 or float32 inputs, what they are divided by, notice)"""
    import numpy

    if x.ndim not in (2, 3, 4) or 0 in x.shape or x.dtype.kind in "US":
        raise DataError(
            f"{path}: {name} is {shape_text(x.shape) or 'one number'} of {x.dtype} where a table (N, "
            "features) or images (N, H, W), "
            "(N, C, H, W) or\n(N, H, W, C) are expected."
        )
    notice = None
    if x.ndim > 2:
        x, notice = images(name, x)
        if x.dtype.kind in "iu" and x.min() >= 0 and x.max() <= 255:
            return x.astype(numpy.uint8), 255, notice
        notice = " ".join(filter(None, [notice, undivided(name, x)])) or None
    return single_precision(x, lambda place: f"{path}: {name}[{', '.join(map(str, place))}]"), 1, notice


def targets(path, name, y, kind):
    """Labels as a list of texts, or a float32 table."""
    import numpy

    if kind == "classify":
        if y.ndim == 2 and y.shape[1] == 1:
            y = y[:, 0]
        if y.ndim != 1:
            raise DataError(
                f"{path}: {name} is {shape_text(y.shape)} where one label a row is expected. From one "
                "column a class: "
                "y.argmax(axis=1)."
            )
        if y.dtype.kind == "S":
            y = numpy.char.decode(y, "utf-8", "replace")
        if y.dtype.kind == "f" and not numpy.isfinite(y).all():
            raise DataError(f"{path}: {name}[{numpy.argmin(numpy.isfinite(y))}] is not a finite number.")
        return [str(int(label)) if y.dtype.kind == "b" else str(label) for label in y.tolist()]
    if y.dtype.kind in "US":
        raise DataError(
            f"{path}: {name} holds words, such as {quoted(y.reshape(-1)[0]) if y.size else ''}, where "
            "numbers are expected. For "
            'words to be told apart:\ntask.kind = "classify".'
        )
    if y.ndim not in (1, 2) or 0 in y.shape:
        raise DataError(
            f"{path}: {name} is {shape_text(y.shape) or 'one number'} where (N) or (N, outputs) is expected."
        )
    y = single_precision(y, lambda place: f"{path}: {name}[{', '.join(map(str, place))}]")
    return y.reshape(len(y), -1)


def convert(files, options):
    import numpy

    path, kind = files["all"], options.get("kind")
    arrays = load(path)
    x, divide, notice = inputs(path, "x", arrays["x"])
    y = targets(path, "y", arrays["y"], kind)
    tests = 0
    if "x_test" in arrays:
        test_x, test_divide, _ = inputs(path, "x_test", arrays["x_test"])
        test_y = targets(path, "y_test", arrays["y_test"], kind)
        if test_x.shape[1:] != x.shape[1:]:
            raise DataError(
                f"{path}: x is {shape_text(arrays['x'].shape)} and x_test {shape_text(arrays['x_test'].shape)}; their rows "
                "must have one shape."
            )
        if test_divide != divide:
            spans = {
                name: f"{arrays[name].dtype} from {arrays[name].min():g} to {arrays[name].max():g}"
                for name in ("x", "x_test")
            }
            raise DataError(
                f"{path}: x holds {spans['x']} and x_test {spans['x_test']}. Whole numbers from 0 to 255 are read as pixels and "
                "divided by 255, all others as they are: give both of one kind."
            )
        if len(test_x) != len(test_y):
            raise DataError(
                f"{path}: x_test has {len(test_x):,} rows and y_test {len(test_y):,}; they must be as many."
            )
    if len(x) != len(y):
        raise DataError(f"{path}: x has {len(x):,} rows and y {len(y):,}; they must be as many.")
    if "x_test" in arrays:
        tests = len(test_x)
        if kind != "classify" and test_y.shape[1:] != y.shape[1:]:
            raise DataError(f"{path}: y has {y.shape[1]} columns and y_test {test_y.shape[1]}; they must be as many.")
        x = numpy.concatenate([x, test_x])
        y = y + test_y if kind == "classify" else numpy.concatenate([y, test_y])
    classes = None
    if kind == "classify":
        y, classes = classes_of(y, f"{path}: y")
    elif (y.min(axis=0) == y.max(axis=0)).any():
        column = int((y.min(axis=0) == y.max(axis=0)).argmax())
        raise DataError(f"{path}: column {column} of y is {y[0, column]:g} in every row: there is nothing to predict.")
    if tests:
        rows = len(x) - tests
        train, test = order(rows), [rows + row for row in order(tests)]
    else:
        train, test = split(len(x), test_share(options), path)
    notices = [notice] if notice else []
    if x.ndim == 2:
        constant = int((x.min(axis=0) == x.max(axis=0)).sum())
        notices += [f"{constant} of the {x.shape[1]} columns of x never change."] * (constant > 0)
    return Converted(*split_rows(x, y, train, test), classes=classes, divide=divide, notices=notices)


FORMAT = Format("npz", "FILE.npz", lambda name: has_ending(name, ".npz"), convert)

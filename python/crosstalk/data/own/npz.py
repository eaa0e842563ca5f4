"""FILE.npz: arrays x and y, and x_test and y_test where there is a test set. Nothing pickled is ever
loaded."""

import zipfile

from crosstalk.data.converted import Converted, check_classes
from crosstalk.data.errors import DataError, commas, counted, listed, quoted, reason, shape_text
from crosstalk.data.names import has_ending
from crosstalk.data.order import order, split
from crosstalk.data.own.format import Format, no_test_share, test_share
from crosstalk.data.own.labels import check_targets, classes_of, split_rows
from crosstalk.data.precision import in_double, within_single

WRITTEN_AS = {"b": "whole", "i": "whole", "u": "whole", "f": "real", "U": "text", "S": "text"}
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
    """({name: array} of x, y and, where they are, x_test and y_test, notices)"""
    import numpy

    try:
        with zipfile.ZipFile(path) as archive:
            names = [name.removesuffix(".npy") for name in archive.namelist() if name.endswith(".npy")]
            wanted = [name for name in ("x", "y", "x_test", "y_test") if name in names]
            if twice := [name for name in wanted if names.count(name) > 1]:
                raise DataError(f"{path} holds {quoted(twice[0])} twice: which of the two is meant? {MEND}")
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
            others = [quoted(name) for name in names if name not in wanted]
            return {name: arrays[name] for name in wanted}, [f"not read: {listed(others, 8)}."] if others else []
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
        return []
    return [
        f"{name} holds {x.dtype} from {x.min():.4g} to {x.max():.4g}, which is not divided: only whole numbers from 0 "
        'to 255 are read as pixels. With task.normalise = "none" they are taken as they are; '
        "numpy.uint8 images, or x / 255, are not so large."
    ]


def entry_of(path, name):
    return lambda place: f"{path}: {name}[{', '.join(map(str, place))}]"


def inputs(path, name, x):
    """(inputs as bytes or real numbers, what they are divided by, notices)"""
    import numpy

    if x.ndim not in (2, 3, 4) or 0 in x.shape or x.dtype.kind in "US":
        raise DataError(
            f"{path}: {name} is {shape_text(x.shape) or 'one number'} of {x.dtype} where a table (N, "
            "features) or images (N, H, W), "
            "(N, C, H, W) or\n(N, H, W, C) are expected."
        )
    within_single(x, entry_of(path, name))
    told = []
    if x.ndim > 2:
        x, notice = images(name, x)
        told = [notice] if notice else []
        if x.dtype.kind in "iu" and x.min() >= 0 and x.max() <= 255:
            return x.astype(numpy.uint8), 255, told
        told += undivided(name, x)
    column = "channel" if x.ndim == 4 else "column"
    x, losses = in_double(x, lambda place: f"{column} {place} of {name}")
    return x, 1, told + losses


def targets(path, name, y, kind):
    """(labels as a list of texts, or a table of real numbers; notices)"""
    if kind == "classify":
        return labels(path, name, y), []
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
    y, losses = in_double(
        within_single(y, entry_of(path, name)),
        lambda column: f"column {column} of {name}" if y.ndim == 2 else name,
    )
    return y.reshape(len(y), -1), losses


def labels(path, name, y):
    """Each label as the text that says it exactly."""
    import numpy

    if y.ndim == 2 and y.shape[1] == 1:
        y = y[:, 0]
    if y.ndim != 1 or not len(y):
        raise DataError(
            f"{path}: {name} is {shape_text(y.shape) or 'one value'} where one label a row is expected. From one column a "
            "class: y.argmax(axis=1)."
        )
    if y.dtype.kind == "S":
        return [decoded(path, name, row, label) for row, label in enumerate(y.tolist())]
    if y.dtype.kind == "f":
        wrong = numpy.flatnonzero(~numpy.isfinite(y))
        if len(wrong):
            raise DataError(
                f"{path}: {name}[{wrong[0]}] is {y[wrong[0]]}, where a label is expected. Fill it in, or leave the row out."
            )
        return [str(label) for label in y + y.dtype.type(0)]  # 0 and -0 are one number
    return [str(label) for label in (y.astype(int) if y.dtype.kind == "b" else y).tolist()]


def decoded(path, name, row, label):
    try:
        return label.decode("utf-8")
    except UnicodeDecodeError:
        raise DataError(
            f"{path}: {name}[{row}] holds the bytes {quoted(label)}, which are no UTF-8 text. Save labels as str."
        ) from None


def check_pair(path, arrays, names):
    """x and y, or x_test and y_test, as they are in the file: of as many rows."""
    rows = [len(arrays[name]) if arrays[name].ndim else 0 for name in names]
    if rows[0] != rows[1]:
        raise DataError(f"{path}: {names[0]} has {rows[0]:,} rows and {names[1]} {rows[1]:,}; they must be as many.")


def check_like(path, arrays, divides, kind):
    """The test set has rows like those to train on."""
    x, y, test_x, test_y = (arrays[name] for name in ("x", "y", "x_test", "y_test"))
    if test_x.shape[1:] != x.shape[1:]:
        raise DataError(
            f"{path}: x is {shape_text(x.shape)} and x_test {shape_text(test_x.shape)}; their rows must have one shape."
        )
    if divides[0] != divides[1]:
        spans = [f"{array.dtype} from {array.min():g} to {array.max():g}" for array in (x, test_x)]
        raise DataError(
            f"{path}: x holds {spans[0]} and x_test {spans[1]}. Whole numbers from 0 to 255 are read as pixels and "
            "divided by 255, all others as they are: give both of one kind."
        )
    if kind == "classify" and WRITTEN_AS[y.dtype.kind] != WRITTEN_AS[test_y.dtype.kind]:
        raise DataError(
            f"{path}: y holds labels of {y.dtype} and y_test of {test_y.dtype}, so that no two of them are written alike. "
            "Give both of one type."
        )
    widths = [array.size // max(len(array), 1) for array in (y, test_y)]
    if widths[0] != widths[1]:
        raise DataError(f"{path}: y has {widths[0]} columns and y_test {widths[1]}; they must be as many.")


def joined(path, arrays, kind, notices):
    """(inputs, targets, what inputs are divided by) of all rows, those of a test set of its own last."""
    import numpy

    x, y, divides = [], [], []
    for names in (("x", "y"), ("x_test", "y_test"))[: len(arrays) // 2]:
        part, divide, told = inputs(path, names[0], arrays[names[0]])
        answers, losses = targets(path, names[1], arrays[names[1]], kind)
        check_pair(path, arrays, names)
        notices += told + losses
        x.append(part)
        y.append(answers)
        divides.append(divide)
    if len(x) > 1:
        check_like(path, arrays, divides, kind)
    return numpy.concatenate(x), sum(y, []) if kind == "classify" else numpy.concatenate(y), divides[0]


def convert(files, options):
    path, kind = files["all"], options.get("kind")
    arrays, notices = load(path)
    x, y, divide = joined(path, arrays, kind, notices)
    rows = len(arrays["x"])
    if "x_test" in arrays:
        no_test_share(options, f"{path} has a test set of its own, x_test and y_test")
        if rows < 2:
            raise DataError(f"{path}: x has {counted(rows, 'row')} to train on; there must be two or more.")
        train, test = order(rows), [rows + row for row in order(len(x) - rows)]
    else:
        train, test = split(len(x), test_share(options), path)
    classes = None
    if kind == "classify":

        def place_of(row):
            return entry_of(path, "y" if row < rows else "y_test")((row if row < rows else row - rows,))

        y, classes, told = classes_of(y, f"{path}: y", place_of)
        notices += [f"y: {sentence}" for sentence in told]
        check_classes(y[train], classes, f"{path}: y", "Let rows of other classes train.")
    else:
        check_targets(y, train, lambda column: f"{path}: column {column} of y")
    if x.ndim == 2:
        constant = int((x.min(axis=0) == x.max(axis=0)).sum())
        notices += [f"{constant} of the {x.shape[1]} columns of x never change."] * (constant > 0)
    return Converted(*split_rows(x, y, train, test), classes=classes, divide=divide, notices=notices)


FORMAT = Format("npz", "FILE.npz", lambda name: has_ending(name, ".npz"), convert)

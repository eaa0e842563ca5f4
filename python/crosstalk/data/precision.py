"""In which precision a converted file keeps numbers, and what a run in single precision loses of them.

Single precision has seven digits. A Unix time has ten, and once it is rounded no scaling brings its seconds back: so
a file keeps double precision wherever single would change a number, and the engine scales in double before it rounds
(src/engine/data/scaling.cpp). What is lost then all the same is said."""

from crosstalk.data.errors import DataError, counted, cut

LARGEST = 3.4028234663852886e38  # of single precision
MOST_SENTENCES = 4


def within_single(table, name_of):
    """The table; an error names the first entry that is no finite number in single precision."""
    import numpy

    if table.dtype.kind != "f":
        return table
    wrong = ~numpy.isfinite(table)
    if table.dtype.itemsize > 4:
        wrong |= abs(table) > LARGEST
    if wrong.any():
        place = tuple(numpy.argwhere(wrong)[0])
        raise DataError(
            f"{name_of(place)} is {table[place]:g}, where a finite number within 3.4e38 is expected.\n"
            "Fill it in, or leave the row out."
        )
    return table


def kept(*arrays):
    """The arrays in single precision where that holds each of their numbers exactly, else in double."""
    import numpy

    if all(array.dtype == numpy.float32 for array in arrays):
        return arrays
    with numpy.errstate(over="ignore"):
        single = [array.astype(numpy.float32) for array in arrays]
    if all((rounded == array).all() for rounded, array in zip(single, arrays)):
        return single
    return [array.astype(numpy.float64) for array in arrays]


def single_where_distinct(table):
    """A table of doubles in single precision where no two numbers of a column become one by it, else as it is. For
    the known sets, whose numbers are published with few digits: they stay what they have always been."""
    import numpy

    single = table.astype(numpy.float32)
    columns = zip(table.T, single.T)
    same = all(len(numpy.unique(column)) == len(numpy.unique(rounded)) for column, rounded in columns)
    return single if same else table


def matters(distinct, merged):
    """Whether it is worth a word that some neighbours among the sorted distinct values became one: a quarter of them, or
    values a ten-thousandth of the middle half's width apart. Among enough random numbers, some are always nearer."""
    import numpy

    if not merged.any():
        return False
    low, high = numpy.percentile(distinct, [25, 75])
    return merged.sum() > len(distinct) / 4 or (distinct[1:] - distinct[:-1])[merged].max() > 1e-4 * (high - low)


def shift_and_scale(values):
    """Mean and deviation as src/engine/data/scaling.cpp has them."""
    import numpy

    if values.min() == values.max():
        return values[0], 1.0
    mean = values.mean()
    largest = abs(values - mean).max()
    return mean, numpy.sqrt((((values - mean) / largest) ** 2).mean()) * largest


def ways_of(train, images, low, high, divide):
    """{task.normalise: (shift, scale)} of one column, whose table spans low to high."""
    ways = {"none": (0.0, divide), "global": (low, high - low or 1.0), "per-feature": shift_and_scale(train)}
    if images:
        del ways["global"]
    return ways


def columns_of(array):
    """Each column of a table, each channel of images, as one row of doubles."""
    for place in range(array.shape[1]):
        yield array[:, place].reshape(-1).astype("float64")


def sentence(name, distinct, left):
    """'column time: single precision keeps 4 of 400 distinct values with task.normalise = "none", ...' or None where all
    that matters is kept. `left` is {task.normalise: how many of them, or None for all}."""
    losing = {way: number for way, number in left.items() if number is not None}
    if not losing:
        return None
    (first, number), *others = losing.items()
    text = f"{name}: single precision keeps {number:,} of {counted(distinct, 'distinct value')} with task.normalise = "
    text += f'"{first}"' + "".join(f', {n:,} with "{way}"' for way, n in others)
    keeping = [f'"{way}"' for way in left if way not in losing]
    if keeping:
        return f"{text}, and all with {' or '.join(keeping)}."
    return f'{text}. runtime.precision = "double" keeps more.'


def notices(train, test, name_of, divide=1):
    """What single precision loses of the columns of a table (N, d), or the channels of images (N, C, H, W), once they
    are scaled in double by the training rows. `name_of(column)` says which."""
    import numpy

    low, high, said = float(train.min()), float(train.max()), []
    for place, (seen, unseen) in enumerate(zip(columns_of(train), columns_of(test))):
        distinct = numpy.unique(numpy.concatenate([seen, unseen]))
        left, vanished = {}, 0
        with numpy.errstate(over="ignore", under="ignore"):
            for way, (shift, scale) in ways_of(seen, train.ndim == 4, low, high, divide).items():
                single = ((distinct - shift) / scale).astype(numpy.float32)
                merged = single[1:] == single[:-1]
                left[way] = len(distinct) - int(merged.sum()) if matters(distinct, merged) else None
                if way == "none":
                    vanished = int(((single == 0) & (distinct != 0)).sum())
        text = sentence(name_of(place), len(distinct), left)
        if not text and vanished:
            text = (
                f"{name_of(place)}: {counted(vanished, 'value')} nearer to 0 than single precision tells apart "
                f'{"is" if vanished == 1 else "are"} 0 with task.normalise = "none".'
            )
        said += [text] if text else []
    return few(said, "columns lose distinct values likewise")


def in_double(array, name_of):
    """(an array of numbers of any type in single or double precision, exactly where that is possible; notices)"""
    import numpy

    small = array.dtype.itemsize <= (2 if array.dtype.kind in "iu" else 4)
    result = array.astype(numpy.float32 if small else numpy.float64)
    if array.dtype.itemsize < 8 or array.dtype == numpy.float64 or not array.size:
        return result, []
    whole = array.dtype.kind in "iu"
    if array.max() < 2**53 and array.min() > -(2**53) if whole else (result == array).all():
        return result, []
    table = array.reshape(len(array), -1) if array.ndim < 3 else array
    rounded, said = result.reshape(table.shape), []
    for place in range(table.shape[1]):
        distinct, left = (len(numpy.unique(of[:, place])) for of in (table, rounded))
        if left < distinct:
            said.append(in_double_sentence(name_of(place), distinct, left))
    return result, few(said, "columns lose distinct values likewise")


def in_double_sentence(name, distinct, left):
    verb = "is" if left == 1 else "are"
    return (
        f"{name}: of {counted(distinct, 'distinct value')} {left:,} {verb} left: double precision has 15 to 17 digits."
    )


def few(sentences, more):
    """A table of a thousand columns does not get a thousand notices."""
    if len(sentences) <= MOST_SENTENCES:
        return sentences
    return [*sentences[: MOST_SENTENCES - 1], f"{len(sentences) - MOST_SENTENCES + 1:,} more {more}."]


def column_name(features, place, images):
    """What a notice calls a column of x."""
    if images:
        return f"channel {place} of x"
    return f"column {cut(features[place])}" if features else f"column {place} of x"

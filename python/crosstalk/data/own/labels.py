"""Targets of the user's own data: classes from sorted distinct labels, or columns of numbers."""

from crosstalk.data.errors import DataError, commas, counted, quoted


def as_number(text):
    """The number that a text is, or None. What Python alone would take, such as 1_000, is none."""
    try:
        return None if "_" in text else float(text)
    except ValueError:
        return None


def classes_of(labels, what):
    """(class of each row as int64, names of the classes): distinct labels, numbers by size, words by their
    letters."""
    import numpy

    numbers = [as_number(label) for label in labels]
    if None in numbers:
        names = sorted(set(labels))
        index = {name: place for place, name in enumerate(names)}
        codes = [index[label] for label in labels]
    else:
        values = sorted(set(numbers))
        index = {value: place for place, value in enumerate(values)}
        codes = [index[value] for value in numbers]
        names = [str(int(value)) if value == int(value) else repr(value) for value in values]
    if len(names) < 2:
        raise DataError(f"{what} is {quoted(names[0])} in every row; there must be two classes or more.")
    if len(names) > 10 and 2 * len(names) > len(labels):
        raise DataError(
            f"{what} has {commas(len(names))} distinct values in {counted(len(labels), 'row')}: these "
            "are hardly classes.\n"
            'For a number to be predicted: task.kind = "regress".'
        )
    return numpy.array(codes, numpy.int64), names


def single_precision(table, name_of):
    """float32, or an error naming the first entry that is no finite number there."""
    import numpy

    with numpy.errstate(over="ignore", invalid="ignore"):
        single = table.astype(numpy.float32)
    wrong = numpy.argwhere(~numpy.isfinite(single))
    if len(wrong):
        value = table[tuple(wrong[0])]
        raise DataError(
            f"{name_of(tuple(wrong[0]))} is {value}, where a finite number within 3.4e38 is expected.\n"
            "Fill it in, or leave the row out."
        )
    return single


def split_rows(x, y, train, test):
    return x[train], y[train], x[test], y[test]

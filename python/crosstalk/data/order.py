"""The order that data are shuffled into, and the split of data that come without a test set.

Row i's place follows from the SHA-256 of "crosstalk i": the rows are sorted by it. No generator of any
library is asked, so the split stays the same for good, on every machine."""

import hashlib

from crosstalk.data.errors import DataError, counted


def order(count):
    """0 to count - 1, shuffled."""
    return sorted(range(count), key=lambda row: hashlib.sha256(b"crosstalk %d" % row).digest())


def held_out(count, share):
    """How many of `count` rows are for the test, at least one where there are two."""
    return min(max(int(share * count + 0.5), 1), count - 1)


def split(count, share, what):
    """Rows to train on and rows to test on, both shuffled."""
    if count < 2:
        raise DataError(f"{what} has {counted(count, 'row')}; training and test need one each.")
    rows = order(count)
    train = count - held_out(count, share)
    if train < 2:
        raise DataError(
            f"{what}: 1 training row is left of {count:,}, since task.test-share = {share:g} holds out "
            f"{counted(count - train, 'row')}. Give a smaller share, or more rows."
        )
    return rows[:train], rows[train:]


def split_by_class(labels, share):
    """The same, with `share` of each class held out; a class of one row is trained on."""
    rows, left = order(len(labels)), {}
    for label in set(labels):
        total = labels.count(label)
        left[label] = total - held_out(total, share) if total > 1 else 1
    train, test = [], []
    for row in rows:
        (train if left[labels[row]] > 0 else test).append(row)
        left[labels[row]] -= 1
    return train, test

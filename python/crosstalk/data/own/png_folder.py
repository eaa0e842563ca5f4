"""FOLDER/train/CLASS/*.png and, where there is a test set, FOLDER/test/CLASS/*.png: images of one size."""

from crosstalk.data.converted import Converted
from crosstalk.data.errors import DataError, counted
from crosstalk.data.names import has_ending
from crosstalk.data.order import order, split_by_class
from crosstalk.data.own.format import Format, test_share
from crosstalk.data.own.layout import listed
from crosstalk.data.own.png import decode, header


def one_size(entries, headers):
    """(width, height), which all images have."""
    sizes = [size[:2] for size in headers]
    usual = max(set(sizes), key=lambda size: (sizes.count(size), size))
    for size, (_, path) in zip(sizes, entries):
        if size != usual:
            raise DataError(
                f"{path} is {size[0]} x {size[1]} pixels where the others are {usual[0]} x {usual[1]}. "
                "Scale it, or take it out."
            )
    return usual


def convert(files, options):
    import numpy

    folder = files["all"]
    splits = listed(folder).splits
    entries = [entry for split in splits.values() for entry in split]
    headers = [header(path) for _, path in entries]
    width, height = one_size(entries, headers)
    mode = "L" if all(grey for _, _, grey in headers) else "RGB"
    x = numpy.empty((len(entries), 3 if mode == "RGB" else 1, height, width), numpy.uint8)
    transparent = animated = 0
    for row, (_, path) in enumerate(entries):
        x[row], is_transparent, is_animated = decode(path, mode, (height, width))
        transparent += is_transparent
        animated += is_animated
    labels = [label for label, _ in entries]
    classes = sorted(set(labels))
    index = {name: place for place, name in enumerate(classes)}
    y = numpy.array([index[label] for label in labels], numpy.int64)
    if "test" in splits:
        rows = len(splits["train"])
        train, test = order(rows), [rows + row for row in order(len(entries) - rows)]
    else:
        train, test = split_by_class(labels, test_share(options))
    if not test:
        raise DataError(
            f"{folder}: no class has two images, so that none can be held out to test. Add images, or a folder test/."
        )
    notices = []
    grey = sum(grey for _, _, grey in headers)
    if mode == "RGB" and grey:
        notices.append(f"{counted(grey, 'grey image')} among coloured ones, read as coloured.")
    if transparent:
        notices.append(f"the transparency of {counted(transparent, 'image')} is left out.")
    if animated:
        notices.append(f"of {counted(animated, 'animated image')} the still picture is read.")
    return Converted(x[train], y[train], x[test], y[test], classes=classes, divide=255, notices=notices)


def look(path):
    layout = listed(path)
    return [str(image) for split in layout.splits.values() for _, image in split], layout.notices


FORMAT = Format(
    "png-folder",
    "a folder with train/CLASS/*.png",
    matches=lambda name: "/" in name and not has_ending(name, ".csv", ".npz"),
    convert=convert,
    look=look,
    options=("test-share",),
    kind="classify",
    folder=True,
)

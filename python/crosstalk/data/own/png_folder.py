"""FOLDER/train/CLASS/*.png and, where there is a test set, FOLDER/test/CLASS/*.png: images of one size."""

import struct
from pathlib import Path

from crosstalk.data.converted import Converted
from crosstalk.data.errors import DataError, commas, counted, quoted, reason
from crosstalk.data.order import order, split_by_class
from crosstalk.data.own.format import Format, test_share

BEGIN = b"\x89PNG\r\n\x1a\n"
GREY = (0,)  # PNG's colour types without colour and without transparency
MOST_PIXELS = 4096 * 4096


def classes_in(folder):
    return sorted(path.name for path in folder.iterdir() if path.is_dir() and not path.name.startswith("."))


def images_in(folder):
    return sorted(
        path
        for path in folder.iterdir()
        if path.suffix.lower() == ".png" and not path.name.startswith(".") and path.is_file()
    )


def listed(folder):
    """{split: [(class, path)]}; DataError where the folder is not laid out as it should be."""
    folder = Path(folder)
    if not (folder / "train").is_dir():
        there = ", ".join(sorted(path.name for path in folder.iterdir())[:8]) or "nothing"
        raise DataError(
            f"{folder} holds {there} where train/CLASS/*.png is expected (and test/CLASS/*.png, where "
            "there is a test set)."
        )
    splits = {}
    for split in ("train", "test"):
        if not (folder / split).is_dir():
            continue
        names = classes_in(folder / split)
        splits[split] = [(name, path) for name in names for path in images_in(folder / split / name)]
        for name in names:
            if not any(label == name for label, _ in splits[split]):
                raise DataError(
                    f"{folder / split / name} has no .png file. Put the class's images there, or take the folder away."
                )
        if not names:
            raise DataError(
                f"{folder / split} has no folders: one for each class is expected, {folder / split}/CLASS/*.png."
            )
    trained = {label for label, _ in splits["train"]}
    if len(trained) < 2:
        raise DataError(f"{folder / 'train'} has one class, {next(iter(trained))}; there must be two or more.")
    for label, path in splits.get("test", []):
        if label not in trained:
            raise DataError(
                f"{path}: the class {label} is not in {folder / 'train'}, which has {', '.join(sorted(trained)[:10])}."
            )
    return splits


def header(path):
    """(width, height, grey) from a PNG's first bytes, before anything is decoded."""
    with open(path, "rb") as file:
        begin = file.read(29)
    if len(begin) < 29 or not begin.startswith(BEGIN) or begin[12:16] != b"IHDR":
        what = "is empty" if not begin else f"begins with {quoted(begin[:8].decode('latin-1'))}"
        raise DataError(f"{path} {what}: it is not a PNG image. Take it out, or convert it.")
    width, height, depth, colour = struct.unpack(">IIBB", begin[16:26])
    if depth > 8:
        raise DataError(f"{path} has {depth} bits for each colour where 8 are expected. Convert it to 8.")
    if not 0 < width * height <= MOST_PIXELS:
        raise DataError(
            f"{path} declares {commas(width)} x {commas(height)} pixels; at most {commas(MOST_PIXELS)} in all are read."
        )
    return width, height, colour in GREY


def decode(path, mode, size):
    import numpy
    from PIL import Image

    try:
        with Image.open(path, formats=["PNG"]) as image:
            dropped = image.mode in ("RGBA", "LA") or "transparency" in image.info
            pixels = numpy.asarray(image.convert("RGB" if mode == "RGB" else "L"))
    except MemoryError:
        raise
    except Exception as error:  # Pillow's complaints about a damaged image are of many classes
        raise DataError(f"{path} cannot be decoded ({reason(error)}). It is cut short or damaged.") from None
    if pixels.shape[:2] != size:
        raise DataError(f"{path} is not of the size that its header says. It is damaged.")
    return (pixels.transpose(2, 0, 1) if mode == "RGB" else pixels[None]), dropped


def convert(files, options):
    import numpy

    folder = files["all"]
    splits = listed(folder)
    entries = [entry for split in splits.values() for entry in split]
    headers = [header(path) for _, path in entries]
    sizes = [size[:2] for size in headers]
    usual = max(set(sizes), key=lambda size: (sizes.count(size), size))
    for size, (_, path) in zip(sizes, entries):
        if size != usual:
            raise DataError(
                f"{path} is {size[0]} x {size[1]} pixels where the others are {usual[0]} x {usual[1]}. "
                "Scale it, or take it out."
            )
    mode = "L" if all(grey for _, _, grey in headers) else "RGB"
    width, height = usual
    x = numpy.empty((len(entries), 3 if mode == "RGB" else 1, height, width), numpy.uint8)
    transparent = 0
    for row, (_, path) in enumerate(entries):
        x[row], dropped = decode(path, mode, (height, width))
        transparent += dropped
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
    if mode == "RGB" and any(grey for _, _, grey in headers):
        grey = sum(grey for _, _, grey in headers)
        notices.append(f"{counted(grey, 'grey image')} among coloured ones, read as coloured.")
    if transparent:
        notices.append(f"the transparency of {counted(transparent, 'image')} is left out.")
    return Converted(x[train], y[train], x[test], y[test], classes=classes, divide=255, notices=notices)


FORMAT = Format(
    "png-folder",
    "a folder with train/CLASS/*.png",
    matches=lambda path: path.is_dir(),
    convert=convert,
    files=lambda path: [str(image) for split in listed(path).values() for _, image in split],
    options=("test-share",),
    kind="classify",
)

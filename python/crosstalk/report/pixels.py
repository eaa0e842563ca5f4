"""Images for the page: matrices and thumbnails as PNG in data URIs, and the pixels of a converted dataset's rows."""

import base64
import io
import json
import struct
from pathlib import Path

import numpy as np
from PIL import Image

from ..charts.theme import blend

# Negative to positive, its lightness falling all the way: yellow, grey, blue. Legible in grey and by every kind of eye.
DIVERGING = ["#F6DA4B", "#CDBB6A", "#9C9A94", "#5B6C93", "#0A2A6B"]


SAMPLE = 200  # training images, from the first on, that say what range the numbers have; rows are shuffled


class NoPixels(Exception):
    """The images cannot be shown; the message says why."""


def png_uri(array):
    buffer = io.BytesIO()
    Image.fromarray(array).save(buffer, "PNG", optimize=True)
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()


def coloured(matrix, limit):
    """The matrix as RGB, -limit to limit; what lies beyond has the end's colour. Not finite: white."""
    palette = np.array(
        [[int(blend(DIVERGING, i / 255)[j : j + 2], 16) for j in (1, 3, 5)] for i in range(256)], np.uint8
    )
    share = np.clip(np.nan_to_num(matrix, nan=0.0) / (2 * limit) + 0.5, 0, 1)
    picture = palette[np.round(share * 255).astype(int)]
    picture[~np.isfinite(matrix)] = 255
    return picture


def thumbnails(file, rows):
    """({row: data URI}, what there is to say about them) of training images, read from the converted safetensors
    without loading the rest of it."""
    if not file or not Path(file).is_file():
        raise NoPixels(
            f"The images are not shown: the converted data ({file or 'no file named'}) are gone from this machine."
        )
    try:
        with open(file, "rb") as stream:
            (length,) = struct.unpack("<Q", stream.read(8))
            if length > 100_000_000:
                raise ValueError("no safetensors header")
            entry = json.loads(stream.read(length))["train.x"]
            if len(entry["shape"]) != 4:
                raise ValueError("train.x holds no images")
            images = {row: _read(stream, entry, 8 + length, row) for row in rows}
            sample = [_read(stream, entry, 8 + length, row) for row in range(min(SAMPLE, entry["shape"][0]))]
    except (OSError, ValueError, KeyError, TypeError, struct.error) as error:
        raise NoPixels(f"The images are not shown: {file} cannot be read ({error}).") from error
    low, high, note = _range([*images.values(), *sample])
    if images and next(iter(images.values())).shape[0] not in (1, 3):
        note += f" Of {entry['shape'][1]} channels the first is shown."
    return {row: _uri(image, low, high) for row, image in images.items()}, note.strip()


def _read(stream, entry, begin, row):
    """The image (channels, height, width) of a row."""
    shape, kind = entry["shape"], np.dtype({"U8": np.uint8, "F32": "<f4", "F64": "<f8"}[entry["dtype"]])
    if not 0 <= row < shape[0]:
        raise ValueError(f"there is no row {row}")
    size = int(np.prod(shape[1:])) * kind.itemsize
    stream.seek(begin + entry["data_offsets"][0] + row * size)
    return np.frombuffer(stream.read(size), kind).reshape(shape[1:])


def _range(images):
    """(black, white, what to say): bytes and numbers from 0 to 1 are pixels as they are, larger ones up to 255 are
    pixels too; others have no black of their own, and get the least and the largest of these images."""
    if not images or images[0].dtype == np.uint8:
        return 0, 255, ""
    low, high = min(float(image.min()) for image in images), max(float(image.max()) for image in images)
    if low >= 0 and high <= 1:
        return 0, 1, ""
    if low >= 0 and 16 < high <= 255:
        return 0, 255, "Shown from 0 (black) to 255 (white)."
    return low, high, f"The images’ numbers are no pixels: shown from {low:.3g} (black) to {high:.3g} (white)."


def _uri(image, low, high):
    if image.dtype != np.uint8:
        share = (image.astype(float) - low) / ((high - low) or 1)
        image = (np.clip(share, 0, 1) * 255).round().astype(np.uint8)
    image = image.transpose(1, 2, 0)
    return png_uri(np.ascontiguousarray(image[..., 0] if image.shape[2] != 3 else image))

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
    """{row: data URI} of training images, read from the converted safetensors without loading the rest of it."""
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
            shape, begin = entry["shape"], 8 + length + entry["data_offsets"][0]
            kind = np.dtype({"U8": np.uint8, "F32": "<f4"}[entry["dtype"]])
            if len(shape) != 4:
                raise ValueError("train.x holds no images")
            size = int(np.prod(shape[1:])) * kind.itemsize
            found = {}
            for row in rows:
                if not 0 <= row < shape[0]:
                    raise ValueError(f"there is no row {row}")
                stream.seek(begin + row * size)
                found[row] = _uri(np.frombuffer(stream.read(size), kind).reshape(shape[1:]))
            return found
    except (OSError, ValueError, KeyError, TypeError, struct.error) as error:
        raise NoPixels(f"The images are not shown: {file} cannot be read ({error}).") from error


def _uri(image):
    if image.dtype != np.uint8:
        image = (np.clip(image, 0, 1) * 255).round().astype(np.uint8)
    image = image.transpose(1, 2, 0)
    return png_uri(np.ascontiguousarray(image[..., 0] if image.shape[2] != 3 else image))

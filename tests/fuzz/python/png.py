"""A PNG image in a folder of images, one of them changed."""

import functools
import struct
import zlib

import reading
from crosstalk.data.own import OWN
from crosstalk.data.own.png import BEGIN, decode, header


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def image(width, height):
    rows = b"".join(b"\0" + bytes(3 * width) for _ in range(height))
    return (
        BEGIN
        + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


@functools.cache
def folder():
    """Two classes of two images of 4 x 3 pixels."""
    for name in ("a", "b"):
        for number in range(2):
            path = reading.file(f"photos/train/{name}/{number}.png", image(4, 3))
    return path.parents[2]


def with_its_checksums(data):
    """The chunks with the checksums that belong to them: what stands behind that check is reached only so."""
    parts, at = [data[:8]], 8
    while at + 12 <= len(data):
        (length,) = struct.unpack(">I", data[at : at + 4])
        if at + 12 + length > len(data):
            break
        parts.append(chunk(data[at + 4 : at + 8], data[at + 8 : at + 8 + length]))
        at += 12 + length
    return b"".join(parts) + data[at:]


def read_picture(path):
    width, height, grey = header(path)
    if width * height > 1 << 20:
        return  # a picture that is declared large may be large
    for mode in ("RGB", "L") if grey else ("RGB",):
        pixels, _, _ = decode(path, mode, (height, width))
        assert pixels.shape == (3 if mode == "RGB" else 1, height, width)


def read(data):
    for content in (data, with_its_checksums(data)):
        path = folder() / "train" / "a" / "0.png"
        path.write_bytes(content)
        if reading.is_taken(read_picture, str(path)):
            reading.is_taken(reading.convert, OWN["png-folder"], {"all": str(folder())}, {})

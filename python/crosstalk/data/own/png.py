"""One PNG image. Only the chunks that make the picture are decoded: texts, colour profiles and animations are
passed over, whatever their size, since a library's limits on them are not about the picture."""

import io
import struct
import zlib

from crosstalk.data.errors import DataError, commas, quoted, reason

BEGIN = b"\x89PNG\r\n\x1a\n"
OTHERS = {b"\xff\xd8\xff": "a JPEG", b"GIF8": "a GIF", b"BM": "a BMP", b"II*\0": "a TIFF", b"MM\0*": "a TIFF"}
GREY = 0  # the colour type without colour and without transparency
DEPTHS = {0: (1, 2, 4, 8), 2: (8,), 3: (1, 2, 4, 8), 4: (8,), 6: (8,)}  # bits for each colour, by colour type
WITH_ALPHA, OF_PALETTE = (4, 6), 3
PICTURE = (b"IHDR", b"PLTE", b"IDAT", b"IEND")
MOST_PIXELS = 4096 * 4096


def header(path):
    """(width, height, grey) from a PNG's first bytes, before anything is decoded."""
    with open(path, "rb") as file:
        begin = file.read(29)
    if len(begin) < 29 or not begin.startswith(BEGIN) or begin[12:16] != b"IHDR":
        raise DataError(f"{path} {what_it_is(begin)}: it is not a PNG image. Take it out, or convert it.")
    width, height, depth, colour = struct.unpack(">IIBB", begin[16:26])
    if depth == 16:
        raise DataError(f"{path} has {depth} bits for each colour where 8 are expected. Convert it to 8.")
    if depth not in DEPTHS.get(colour, ()):
        raise DataError(f"{path} declares {depth} bits and the colour type {colour}, which no PNG has. It is damaged.")
    if not 0 < width * height <= MOST_PIXELS:
        raise DataError(
            f"{path} declares {commas(width)} x {commas(height)} pixels; at most {commas(MOST_PIXELS)} in all are read."
        )
    return width, height, colour == GREY


def what_it_is(begin):
    if not begin:
        return "is empty"
    other = next((name for mark, name in OTHERS.items() if begin.startswith(mark)), None)
    begins = f"begins with {quoted(begin[:8].decode('latin-1'))}"
    return f"{begins}, as {other} image does" if other else begins


def undecodable(path, why):
    return DataError(f"{path} cannot be decoded ({why}). It is cut short or damaged.")


def chunks(path, data):
    """(kind, the whole chunk) of each, to the end of the image."""
    at = len(BEGIN)
    while True:
        length, kind = struct.unpack(">I4s", data[at : at + 8]) if at + 12 <= len(data) else (len(data), b"")
        end = at + 12 + length
        if end > len(data):
            raise undecodable(path, "it ends before its picture does")
        yield kind, data[at:end]
        if kind == b"IEND":
            return
        at = end


def picture(path):
    """(the file without what is not its picture, whether it is transparent, whether it is animated)"""
    with open(path, "rb") as file:
        data = file.read()
    kept, kinds = [BEGIN], set()
    for kind, chunk in chunks(path, data):
        kinds.add(kind)
        if kind in PICTURE:
            if zlib.crc32(chunk[4:-4]) != int.from_bytes(chunk[-4:], "big"):
                raise undecodable(path, f"the checksum of its chunk {kind.decode()} is wrong")
            kept.append(chunk)
        elif not kind[0] & 0x20:  # by the format's rule a chunk that no reader may pass over
            raise undecodable(path, f"it has a chunk {quoted(kind.decode('latin-1'))} that PNG does not know")
    if data[25] == OF_PALETTE and b"PLTE" not in kinds:
        raise undecodable(path, "it has no palette")
    return b"".join(kept), data[25] in WITH_ALPHA or b"tRNS" in kinds, b"acTL" in kinds


def decode(path, mode, size):
    """(pixels (channels, height, width), whether it is transparent, whether it is animated)"""
    import numpy
    from PIL import Image

    content, transparent, animated = picture(path)
    try:
        with Image.open(io.BytesIO(content), formats=["PNG"]) as image:
            pixels = numpy.asarray(image.convert("RGB" if mode == "RGB" else "L"))
    except MemoryError:
        raise
    except Exception as error:  # Pillow's complaints about a damaged image are of many classes
        raise undecodable(path, reason(error)) from None
    if pixels.shape[:2] != size:
        raise DataError(f"{path} is not of the size that its header says. It is damaged.")
    return (pixels.transpose(2, 0, 1) if mode == "RGB" else pixels[None]), transparent, animated

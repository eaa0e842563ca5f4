"""Frames as the coordinator and its workers send them (src/base/message.hpp): four bytes of length, then CBOR, of
which this has what their messages need."""

import struct


def frame(message):
    body = cbor(message)
    return struct.pack("<I", len(body)) + body


def read_frame(stream):
    """The next message; None at the end."""
    length = stream.read(4)
    return uncbor(stream.read(struct.unpack("<I", length)[0]))[0] if len(length) == 4 else None


def head(kind, number):
    return struct.pack(">BQ", kind << 5 | 27, number)


def cbor(value):
    if value is None:
        return b"\xf6"
    if isinstance(value, bool):
        return b"\xf5" if value else b"\xf4"
    if isinstance(value, int):
        return head(0, value) if value >= 0 else head(1, -1 - value)
    if isinstance(value, float):
        return struct.pack(">Bd", 0xFB, value)
    if isinstance(value, str):
        return head(3, len(value.encode())) + value.encode()
    if isinstance(value, list):
        return head(4, len(value)) + b"".join(map(cbor, value))
    return head(5, len(value)) + b"".join(cbor(key) + cbor(item) for key, item in value.items())


def uncbor(data, at=0):
    """The value that begins at `at`, and where it ends."""
    kind, low = data[at] >> 5, data[at] & 31
    at += 1
    if kind == 7:
        if low == 27:
            return struct.unpack_from(">d", data, at)[0], at + 8
        if low == 26:
            return struct.unpack_from(">f", data, at)[0], at + 4
        return {20: False, 21: True, 22: None}[low], at
    size = {24: 1, 25: 2, 26: 4, 27: 8}.get(low, 0)
    number = int.from_bytes(data[at : at + size], "big") if size else low
    at += size
    if kind == 0:
        return number, at
    if kind == 1:
        return -1 - number, at
    if kind in (2, 3):
        part = data[at : at + number]
        return part.decode() if kind == 3 else part, at + number
    items = []
    for _ in range(number * (kind - 3)):
        item, at = uncbor(data, at)
        items.append(item)
    return (items if kind == 4 else dict(zip(items[::2], items[1::2], strict=True))), at

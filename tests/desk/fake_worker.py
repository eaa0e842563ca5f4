"""A worker that speaks the coordinator's frames and does as its run's configuration says; for the coordinator's tests.

    fake_worker.py [--broken]        configuration: {"act": what to do, "rows": how many}"""

import os
import struct
import sys
import time


def cbor(value):
    """The little CBOR that is needed here."""

    def head(kind, number):
        return struct.pack(">BQ", kind << 5 | 27, number)

    if value is None:
        return b"\xf6"
    if isinstance(value, bool):
        return b"\xf5" if value else b"\xf4"
    if isinstance(value, int):
        return head(0, value) if value >= 0 else head(1, -1 - value)
    if isinstance(value, float):
        return struct.pack(">Bd", 0xFB, value)
    if isinstance(value, str):
        text = value.encode()
        return head(3, len(text)) + text
    if isinstance(value, list):
        return head(4, len(value)) + b"".join(map(cbor, value))
    return head(5, len(value)) + b"".join(cbor(key) + cbor(item) for key, item in value.items())


def uncbor(data, at=0):
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
    return (items if kind == 4 else dict(zip(items[::2], items[1::2]))), at


def send(message):
    body = cbor(message)
    os.write(1, struct.pack("<I", len(body)) + body)


def receive():
    head = sys.stdin.buffer.read(4)
    if len(head) < 4:
        sys.exit(0)
    return uncbor(sys.stdin.buffer.read(struct.unpack("<I", head)[0]))[0]


def work(task):
    run, act = task["run"], task["configuration"].get("act", "")
    if act == "crash":
        print("fake: out of luck", file=sys.stderr, flush=True)
        os.kill(os.getpid(), 11)
    if act == "exit":
        sys.exit(7)
    if act == "hang":
        time.sleep(1000)
    if act == "garbage":
        os.write(1, b"hello, this is no frame at all" * 10)
        time.sleep(1000)
    if act == "nonsense":
        send({"event": "rows", "run": run, "rows": [["x"]], "arrays": []})
        time.sleep(1000)
    if act == "failed":
        return send({"event": "finished", "run": run, "status": "failed", "kind": "data", "message": "no such rows", "seconds": 0.5})
    value = 2.0 if act == "other" else 1.0
    for step in range(task["configuration"].get("rows", 3)):
        send({"event": "progress", "run": run, "step": step, "of": 3})
        send({"event": "rows", "run": run, "rows": [[step, "loss", "train", value + step]], "arrays": []})
        if act == "slow":
            send({"event": "flush", "run": run})
            answer = receive()
            if answer["do"] == "stop":
                return send({"event": "finished", "run": run, "status": "stopped", "seconds": 0.5, "resumed_at": 0})
            time.sleep(0.02)
    if act == "checkpoint":
        send({"event": "flush", "run": run})
        assert receive()["do"] == "durable"
        with open(task["checkpoint"], "w") as file:
            file.write("so far")
        os.kill(os.getpid(), 9)
    if act == "diverged":
        return send({"event": "finished", "run": run, "status": "diverged", "kind": "numeric", "message": "loss is nan at step 2", "seconds": 0.5})
    send({"event": "finished", "run": run, "status": "done", "seconds": 0.5, "resumed_at": 0})


if "--broken" in sys.argv:
    sys.exit("crosstalk: torch is not installed")
isa = next((word[6:] for word in sys.argv if word.startswith("--isa=")), "AVX2")
send({"event": "ready", "torch": "2.13.0", "isa": isa, "pid": os.getpid()})
while True:
    asked = receive()
    if asked["do"] == "run":
        work(asked)
    if asked["do"] == "time":
        send({"event": "timed", "run": asked["run"], "update_seconds": 0.001, "probe_seconds": 0.25, "row_bytes": 100})
    if asked["do"] == "stop":
        sys.exit(0)

"""A worker that speaks the coordinator's frames and does as its run's configuration says; for the coordinator's tests.

fake_worker.py [--broken] [--killed=FILE] [--leaves=FILE]
configuration: {"act": what to do, "rows": how many}; what is done once only leaves FILE behind"""

import os
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from wire import frame, read_frame  # noqa: E402


replies = int(os.environ["CROSSTALK_REPLIES"])


def send(message):
    os.write(replies, frame(message))


def receive():
    message = read_frame(sys.stdin.buffer)
    if message is None:
        sys.exit(0)
    return message


def write_checkpoint(task):
    """A safetensors file without tensors: the length of its header, then the header, which the test made."""
    header = task["configuration"]["header"].encode()
    with open(task["checkpoint"], "wb") as file:
        file.write(len(header).to_bytes(8, "little") + header)


FAILURES = {
    "failed": {"kind": "data", "message": "no such rows"},
    "no memory": {"kind": "environment", "message": "too little memory"},
    "full disk": {"kind": "store", "message": "a.safetensors cannot be written", "unwritten": True},
    "no file": {"kind": "data", "message": "no such file", "unusable": "data", "wrong": "is not there"},
    "damaged": {"kind": "data", "message": "damaged", "unusable": "checkpoint", "wrong": "is damaged"},
    "no device": {"kind": "environment", "message": "no such GPU", "nowhere": True},
}


def fail(run, act):
    send({"event": "finished", "run": run, "status": "failed", "seconds": 0.5} | FAILURES[act])


def failure_of(task):
    act, kept = task["configuration"].get("act", ""), Path(task["checkpoint"])
    if act == "needs data" and not os.path.exists(task["data"]["file"]):
        return "no file"
    if kept.exists() and kept.read_bytes()[8:] != task["configuration"]["header"].encode():
        return "damaged"
    return act if act in FAILURES else None


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
        os.write(replies, b"hello, this is no frame at all" * 10)
        time.sleep(1000)
    if act == "nonsense":
        send({"event": "rows", "run": run, "rows": [["x"]], "arrays": []})
        time.sleep(1000)
    if failure := failure_of(task):
        return fail(run, failure)
    if act == "dies without data" and not os.path.exists(task["data"]["file"]):
        os.kill(os.getpid(), 7)
    if act == "says all" or packages:
        send({"event": "network", "run": run, "parameters": 113, "multiply_adds": 96, "packages": packages})
    value = 2.0 if act == "other" else 1.0
    first = 1 if os.path.exists(task["checkpoint"]) else 0
    for step in range(first, task["configuration"].get("rows", 3)):
        send({"event": "progress", "run": run, "step": step, "of": 3})
        send({"event": "rows", "run": run, "rows": [[step, "loss", "train", value + step]], "arrays": []})
        if act == "slow":
            send({"event": "flush", "run": run, "step": step + 1})
            answer = receive()
            if answer["do"] == "stop":
                return send({"event": "finished", "run": run, "status": "stopped", "seconds": 0.5, "resumed_at": 0})
            time.sleep(0.02)
        if act in ("checkpoint", "stopped") and step == 0:
            send({"event": "flush", "run": run, "step": 1})
            assert receive()["do"] == "durable"
            write_checkpoint(task)
    if act == "checkpoint":
        os.kill(os.getpid(), 9)
    if act == "stopped" and first == 0:
        send({"event": "finished", "run": run, "status": "stopped", "seconds": 0.5, "resumed_at": 0})
        sys.exit(0)
    if act == "diverged":
        return send(
            {
                "event": "finished",
                "run": run,
                "status": "diverged",
                "kind": "numeric",
                "message": "loss is nan at step 2",
                "seconds": 0.5,
            }
        )
    send({"event": "finished", "run": run, "status": "done", "seconds": 0.5, "resumed_at": 0})


if "--broken" in sys.argv:
    sys.exit("crosstalk: torch is not installed")


def once(option):
    """True the first time that a worker with this option asks."""
    file = next((word.partition("=")[2] for word in sys.argv if word.startswith(option + "=")), None)
    if file is None or os.path.exists(file):
        return False
    Path(file).touch()
    return True


if once("--killed"):
    os.kill(os.getpid(), 15)
if "--always-killed" in sys.argv:
    os.kill(os.getpid(), 9)
isa = next((word[6:] for word in sys.argv if word.startswith("--isa=")), "AVX2")
packages = next((word[11:] for word in sys.argv if word.startswith("--packages=")), "")
arithmetic = next((word[13:] for word in sys.argv if word.startswith("--arithmetic=")), "0000")
send({"event": "ready", "torch": "2.13.0", "isa": isa, "arithmetic": arithmetic, "pid": os.getpid()})
if once("--leaves"):
    sys.exit(0)
while True:
    asked = receive()
    if asked["do"] == "run":
        work(asked)
    if asked["do"] == "describe" and (failure := failure_of(asked)):
        fail(asked["run"], failure)
    elif asked["do"] == "describe":
        send({"event": "described", "run": asked["run"], "parameters": 113, "multiply_adds": 96})
    if asked["do"] == "time" and (failure := failure_of(asked)):
        fail(asked["run"], failure)
    elif asked["do"] == "time":
        answer = {
            "event": "timed",
            "run": asked["run"],
            "update_seconds": 0.001,
            "probe_seconds": 0.25,
            "row_bytes": 100,
        }
        if asked["configuration"].get("act") == "says all":
            answer |= {"checkpoint_bytes": 4096, "checkpoint_seconds": 0.002}
            answer |= {"methods": "0.linear 8  outer\n"} if asked.get("debug") else {}
        send(answer)
    if asked["do"] == "stop":
        sys.exit(0)

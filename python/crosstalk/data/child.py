"""The process that reads foreign formats, under limits that it sets for itself before it imports anything
large."""

from crosstalk import _child

with _child.guarded("the data cannot be read"):
    import contextlib
    import ctypes
    import errno
    import json
    import os
    import resource
    import signal
    import sys

    from crosstalk.data.errors import DataError, of_operating_system, reason, too_little_memory

OPERATIONS = {
    "convert": "crosstalk.data.convert",
    "count": "crosstalk.data.count",
    "import-minari": "crosstalk.trajectories.minari_reading",
    "inspect": "crosstalk.data.inspection",
    "unpack": "crosstalk.data.archive",
}


def limit(memory_bytes, seconds):
    def lower(which, value):
        hard = resource.getrlimit(which)[1]
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)
        # A system without this limit still has the others and the clock.
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(which, (value, hard))

    lower(resource.RLIMIT_AS, int(memory_bytes))
    lower(resource.RLIMIT_CPU, max(1, int(seconds)))
    lower(resource.RLIMIT_CORE, 0)


def end_with_parent():
    """Where the kernel can do it: nobody waits for the answer of a child whose parent is gone."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG


def answer(request):
    """{"answer": ...} or {"error": {"kind", "message"}}, whatever the file does to the library that reads
    it."""
    subject = request.get("subject", "the data")
    try:
        import importlib

        module = importlib.import_module(OPERATIONS[request["operation"]])
        return {"answer": module.perform(request)}
    except DataError as error:
        return failure(error)
    except Exception as error:
        return failure(understood(error, request, subject))


def understood(error, request, subject):
    """What the exception means to the one who gave the file."""
    if _child.is_of_memory(error) or getattr(error, "errno", None) == errno.ENOMEM:
        return too_little_memory(subject, request["memory_bytes"])
    if _child.hidden_modules(error):
        return DataError(f"{subject} cannot be read: {_child.explained(error)}", "environment")
    if isinstance(error, OSError):
        if "out" in request and error.filename in (None, request["out"]):
            return of_operating_system(error, os.path.dirname(request["out"]))
        return DataError(f"{subject} cannot be read ({error.strerror or error}).")
    # A reader's own complaint about a damaged file, of whatever class it is.
    return DataError(f"{subject} cannot be read ({reason(error)}). It is damaged.")


def failure(error):
    return {"error": {"kind": error.kind, "message": error.message}}


def main():
    end_with_parent()
    request = json.load(sys.stdin.buffer)
    replies = _child.replies()
    limit(request["memory_bytes"], request["seconds"])
    _child.send(replies, answer(request))


if __name__ == "__main__":
    with _child.guarded("the data cannot be read"):
        main()

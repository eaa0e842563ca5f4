"""The process that reads foreign formats, under limits that it sets for itself before it imports anything
large."""

import contextlib
import ctypes
import json
import os
import resource
import signal
import sys

from crosstalk.data.errors import DataError, of_operating_system, reason

OPERATIONS = {
    "convert": "crosstalk.data.convert",
    "count": "crosstalk.data.count",
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
    except MemoryError:
        gigabytes = request["memory_bytes"] / (1 << 30)
        return failure(
            DataError(
                f"{subject}: reading it takes more than the {gigabytes:.3g} GB of memory that it may "
                "have. A damaged file can do that;\n"
                "for one that is truly so large, set CROSSTALK_DATA_MEMORY_GB higher."
            )
        )
    except OSError as error:
        if "out" in request and error.filename in (None, request["out"]):
            return failure(of_operating_system(error, os.path.dirname(request["out"])))
        return failure(DataError(f"{subject} cannot be read ({error.strerror or error})."))
    except Exception as error:  # a reader's own complaint about a damaged file, of whatever class it is
        return failure(DataError(f"{subject} cannot be read ({reason(error)}). It is damaged."))


def failure(error):
    return {"error": {"kind": error.kind, "message": error.message}}


def main():
    end_with_parent()
    request = json.load(sys.stdin)
    reply = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what a library prints is not the reply
    limit(request["memory_bytes"], request["seconds"])
    json.dump(answer(request), reply)
    reply.close()


if __name__ == "__main__":
    main()

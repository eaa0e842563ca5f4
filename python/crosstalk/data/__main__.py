"""python -m crosstalk.data COMMAND: one JSON request on standard input, one JSON reply on standard output."""

import importlib
import json
import os
import signal
import sys

from crosstalk.data.errors import DataError, did_you_mean

COMMANDS = {
    "prepare": "crosstalk.data.prepare",
    "list": "crosstalk.data.listing",
    "fetch": "crosstalk.data.fetch",
    "verify": "crosstalk.data.verify",
}
FAILED = 3


def reply_to(command, request):
    """(exit status, reply); every failure is a reply, none a trace."""
    try:
        if command not in COMMANDS:
            raise DataError(
                f"crosstalk data {command} is not known{did_you_mean(command, COMMANDS)} It is one of "
                f"{', '.join(COMMANDS)}.",
                "config",
            )
        if not isinstance(request, dict):
            raise DataError("the request is not a JSON object.", "config")
        module = importlib.import_module(COMMANDS[command])
        return 0, getattr(module, {"list": "list_sets"}.get(command, command))(request)
    except DataError as error:
        return FAILED, {"error": {"kind": error.kind, "message": error.message}}
    except (OSError, ImportError) as error:
        return FAILED, {"error": {"kind": "environment", "message": f"{error}."}}
    except Exception as error:  # a mistake of ours: its place is worth more than a trace
        place = error.__traceback__
        while place.tb_next:
            place = place.tb_next
        where = f"{os.path.basename(place.tb_frame.f_code.co_filename)}:{place.tb_lineno}"
        reason = f"{type(error).__name__}: {error}, {where}"
        message = f"crosstalk data {command} failed within itself ({reason}). Please report it."
        return FAILED, {"error": {"kind": "environment", "message": message}}


def main(arguments):
    # A raised exit, so that what is half done is cleaned up.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    try:
        try:
            request = json.load(sys.stdin) if not sys.stdin.isatty() else {}
        except (ValueError, RecursionError):
            request = None  # which no command takes
        status, reply = reply_to(arguments[0] if arguments else "", request)
        json.dump(reply, sys.stdout)
        sys.stdout.write("\n")
        sys.stdout.flush()
        return status
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 141


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

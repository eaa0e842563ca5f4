"""python -m crosstalk.data COMMAND: one JSON request on standard input, one JSON reply on the descriptor that
CROSSTALK_REPLIES names, or on standard output."""

from crosstalk import _child

with _child.guarded("the data cannot be looked at"):
    import importlib
    import json
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
    except OSError as error:
        about = f"{error.filename} cannot be used" if error.filename else f"crosstalk data {command} cannot go on"
        message = f"{about}: {(error.strerror or str(error)).lower()}. See to that path, and to the right to use it."
        return FAILED, {"error": {"kind": "environment", "message": message}}
    except Exception as error:  # not of the data: a file in a module's place, too little memory, a mistake of ours
        message = f"crosstalk data {command} failed within itself: {_child.explained(error)}"
        return FAILED, {"error": {"kind": "environment", "message": message}}


def main(arguments):
    _child.clean_up_when_ended()
    replies = _child.replies()
    try:
        try:
            request = json.load(sys.stdin.buffer) if not sys.stdin.isatty() else {}
        except (ValueError, RecursionError):
            request = None  # which no command takes
        status, reply = reply_to(arguments[0] if arguments else "", request)
        _child.send(replies, reply)
        return status
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        return 141


if __name__ == "__main__":
    with _child.guarded("the data cannot be looked at"):
        status = main(sys.argv[1:])
    sys.exit(status)

"""How a child answers: one JSON request on standard input, one JSON reply on the descriptor that CROSSTALK_REPLIES
names, or on standard output."""

import importlib
import json
import sys

from crosstalk import _child
from crosstalk.data.errors import DataError, did_you_mean


def reply_to(program, commands, command, request):
    """(exit status, reply); every failure is a reply, none a trace. `commands`: "module:function" of each."""
    try:
        if command not in commands:
            raise DataError(
                f"{program} {command} is not known{did_you_mean(command, commands)} It is one of "
                f"{', '.join(commands)}.",
                "config",
            )
        if not isinstance(request, dict):
            raise DataError("the request is not a JSON object.", "config")
        module, _, function = commands[command].partition(":")
        return 0, getattr(importlib.import_module(module), function)(request)
    except DataError as error:
        return _child.STATUS, {"error": {"kind": error.kind, "message": error.message}}
    except OSError as error:
        about = f"{error.filename} cannot be used" if error.filename else f"{program} {command} cannot go on"
        message = f"{about}: {(error.strerror or str(error)).lower()}. See to that path, and to the right to use it."
        return _child.STATUS, {"error": {"kind": "environment", "message": message}}
    except Exception as error:  # not of the data: a file in a module's place, too little memory, a mistake of ours
        message = f"{program} {command} failed within itself: {_child.explained(error)}"
        return _child.STATUS, {"error": {"kind": "environment", "message": message}}


def serve(program, commands, arguments):
    """Answers the one request of this process; its exit status."""
    _child.clean_up_when_ended()
    replies = _child.replies()
    try:
        try:
            request = json.load(sys.stdin.buffer) if not sys.stdin.isatty() else {}
        except (ValueError, RecursionError):
            request = None  # which no command takes
        status, reply = reply_to(program, commands, arguments[0] if arguments else "", request)
        _child.send(replies, reply)
        return status
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        return 141

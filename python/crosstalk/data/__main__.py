"""python -m crosstalk.data COMMAND: what `crosstalk data` and studies ask about data sets (serving.py says how)."""

from crosstalk import _child

with _child.guarded("the data cannot be looked at"):
    import sys

    from crosstalk.data import serving

COMMANDS = {
    "prepare": "crosstalk.data.prepare:prepare",
    "list": "crosstalk.data.listing:list_sets",
    "fetch": "crosstalk.data.fetch:fetch",
    "verify": "crosstalk.data.verify:verify",
}


def reply_to(command, request):
    return serving.reply_to("crosstalk data", COMMANDS, command, request)


if __name__ == "__main__":
    with _child.guarded("the data cannot be looked at"):
        status = serving.serve("crosstalk data", COMMANDS, sys.argv[1:])
    sys.exit(status)

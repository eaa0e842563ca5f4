"""python -m crosstalk.report --bundle FILE --out DIR [--formats html,svg,png,pdf,csv,latex] [--width IN] [--font-size PT]

The child of `crosstalk report`: the bundle comes as a file or on standard input, one JSON reply goes to the descriptor
that CROSSTALK_REPLIES names, or to standard output. What draws is loaded where a failure to load it becomes the reply."""

from crosstalk import _child

with _child.guarded("the report cannot be made"):
    import argparse
    import json
    import sys

    from . import faults

FORMATS = ("html", "svg", "png", "pdf", "csv", "latex")


class RequestError(Exception):
    """What is asked for cannot be made."""


def parse(arguments):
    parser = argparse.ArgumentParser(prog="crosstalk.report", description="Writes a report from a bundle.")
    parser.add_argument("--bundle", required=True, help="a file, or - for standard input")
    parser.add_argument("--out", required=True)
    parser.add_argument(
        "--formats", default="html,svg,png,csv", type=lambda text: [t.strip() for t in text.split(",") if t.strip()]
    )
    parser.add_argument("--width", default=6.5, type=float, help="of paper figures, in inches")
    parser.add_argument("--font-size", default=9.0, type=float, help="of paper figures, in points")
    options = parser.parse_args(arguments)
    unknown = [name for name in options.formats if name not in FORMATS]
    if unknown:
        raise RequestError(f"--format {', '.join(unknown)} is none that a report has; there are {', '.join(FORMATS)}.")
    if not 1.5 <= options.width <= 40:
        raise RequestError(f"--width {options.width:g}: between 1.5 and 40 inches are possible.")
    if not 4 <= options.font_size <= 40:
        raise RequestError(f"--font-size {options.font_size:g}: between 4 and 40 points are possible.")
    return options


def _failed(kind, message):
    return {"error": {"kind": kind, "message": message}}


def reply_to(arguments):
    """{"files": [...], "notes": [...]}, names relative to --out; with "incomplete", a sentence, where a figure could not be drawn;
    or {"error": {"kind", "message"}}."""
    try:
        options = parse(arguments)
        from . import bundle, files, write  # with them come Altair and NumPy
    except RequestError as error:
        return _failed("config", str(error))
    except Exception as error:
        return _failed(*faults.sentence(error))
    except SystemExit as error:
        if _child.hidden_modules(error):  # a program of the user's was loaded as a module
            return _failed(*faults.sentence(error))
        raise
    try:
        read = bundle.read(sys.stdin.buffer if options.bundle == "-" else options.bundle)
        return write.write(read, options)
    except bundle.BundleError as error:
        return _failed("store", str(error))
    except files.WriteError as error:
        return _failed("environment", str(error))
    except Exception as error:
        return _failed(*faults.sentence(error))


def main(arguments=None, replies=None):
    """The reply on a descriptor or on standard output; status 3 where it is an error."""
    reply = reply_to(arguments)
    for note in reply.get("notes", []):
        print(note, file=sys.stderr)
    print(json.dumps(reply)) if replies is None else _child.send(replies, reply)
    return 3 if "error" in reply else 0


if __name__ == "__main__":
    with _child.guarded("the report cannot be made"):
        _child.clean_up_when_ended()
        status = main(replies=_child.replies())
    sys.exit(status)

"""python -m crosstalk.report --bundle FILE --out DIR [--formats html,svg,png,pdf,csv,latex] [--width IN] [--font-size PT]

The child of `crosstalk report`: the bundle comes as a file or on standard input, one JSON reply goes to the descriptor
that CROSSTALK_REPLIES names, or to standard output."""

from crosstalk import _child

with _child.imports("the report cannot be made"):
    import argparse
    import json
    import os
    import signal
    import sys
    import tempfile
    from pathlib import Path

    from . import claims, latex, page, paper
    from .bundle import BundleError, read

FORMATS = ("html", "svg", "png", "pdf", "csv", "latex")


def put(path, content):
    """Writes the file whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


class RequestError(Exception):
    """What is asked for cannot be made."""


def parse(arguments):
    parser = argparse.ArgumentParser(prog="crosstalk.report", description="Writes a report from a bundle.")
    parser.add_argument("--bundle", required=True, help="a file, or - for standard input")
    parser.add_argument("--out", required=True, type=Path)
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


def write(bundle, options):
    """Writes what is asked; the paths of all files, the page last."""
    folder, names, files = options.out / "figures", {}, []
    for figure in bundle.drawn:
        names[figure.name] = paper.write(figure, bundle, folder, options.formats, options.width, options.font_size, put)
        files += [folder / name for name in names[figure.name]]
    if "csv" in options.formats and bundle.claims.rows:
        put(folder / "claims.csv", paper.csv_of(claims.as_table(bundle.claims.rows)).encode())
        files.append(folder / "claims.csv")
    if "latex" in options.formats:
        put(folder / "macros.tex", latex.macros(bundle).encode())
        files.append(folder / "macros.tex")
        if bundle.claims.rows:
            put(folder / "claims.tex", latex.claims(bundle.claims.rows).encode())
            files.append(folder / "claims.tex")
    if "html" in options.formats:
        put(options.out / "report.html", page.render(bundle, names).encode())
        files.append(options.out / "report.html")
    return [str(file) for file in files]


def main(arguments=None, replies=None):
    """Answers with one JSON object: {"files": [...]} or {"error": {"kind", "message"}} and status 3, on a descriptor or
    on standard output."""
    try:
        options = parse(arguments)
        reply = {"files": write(read(sys.stdin if options.bundle == "-" else options.bundle), options)}
    except RequestError as error:
        reply = {"error": {"kind": "config", "message": str(error)}}
    except BundleError as error:
        reply = {"error": {"kind": "store", "message": str(error)}}
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        reply = {"error": {"kind": "environment", "message": f"the report cannot be written: {where}{error.strerror or error}. "
                                                             "Give an --out where there is room and permission to write."}}  # fmt: skip
    except Exception as error:  # a file of the user's in a module's place, too little memory, a mistake of ours
        reply = {"error": {"kind": "environment", "message": f"the report cannot be made: {_child.explained(error)}"}}
    print(json.dumps(reply)) if replies is None else _child.send(replies, reply)
    return 3 if "error" in reply else 0


if __name__ == "__main__":
    # A raised exit, so that what is half written is removed.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    sys.exit(main(replies=_child.replies()))

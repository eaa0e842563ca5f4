"""python -m crosstalk.report --bundle FILE --out DIR [--formats html,svg,png,pdf,csv,latex] [--width IN] [--font-size PT]"""

import argparse
import os
import sys
import tempfile
from pathlib import Path

from . import latex, page, paper
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


def parse(arguments):
    parser = argparse.ArgumentParser(prog="crosstalk.report", description="Writes a report from a bundle.")
    parser.add_argument("--bundle", required=True)
    parser.add_argument("--out", required=True, type=Path)
    parser.add_argument("--formats", default="html,svg,png,csv", type=lambda text: [t.strip() for t in text.split(",")])
    parser.add_argument("--width", default=6.5, type=float, help="of paper figures, in inches")
    parser.add_argument("--font-size", default=9.0, type=float, help="of paper figures, in points")
    options = parser.parse_args(arguments)
    unknown = [name for name in options.formats if name not in FORMATS]
    if unknown:
        parser.error(f"{', '.join(unknown)} is no format of a report; there are {', '.join(FORMATS)}")
    if not 1.5 <= options.width <= 40:
        parser.error(f"--width {options.width:g}: between 1.5 and 40 inches are possible")
    if not 4 <= options.font_size <= 40:
        parser.error(f"--font-size {options.font_size:g}: between 4 and 40 points are possible")
    return options


def main(arguments=None):
    options = parse(arguments)
    try:
        bundle = read(options.bundle)
        folder = options.out / "figures"
        files = {}
        for figure in bundle.figures:
            files[figure.name] = paper.write(figure, bundle, folder, options.formats, options.width, options.font_size, put)
        if "latex" in options.formats:
            put(folder / "macros.tex", latex.macros(bundle).encode())
        if "html" in options.formats:
            put(options.out / "report.html", page.render(bundle, files).encode())
    except (BundleError, OSError) as error:
        print(f"{error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""A report's files, in the formats that are asked for."""

from . import claims, faults, fonts, latex, page, paper
from .cells import csv_of
from .files import Files


def _figures(bundle, options, files):
    """Puts the figures' tables and pictures; (names of each figure's files, why some could not be drawn, what is written in PNG
    and PDF)."""
    names, failed, written = {}, {}, ""
    formats = [name for name in paper.PICTURES if name in options.formats]
    for figure in bundle.drawn:
        made = paper.tables(figure) if "csv" in options.formats else {}
        try:
            svg = paper.drawn(figure, bundle, options.width, options.font_size) if formats else None
            made |= paper.pictures(figure.name, svg, formats) if svg else {}
            written += fonts.characters_of(svg) if svg and formats != ["svg"] else ""
        except MemoryError:
            raise
        except Exception as error:
            failed[figure.name] = error
            for name in formats:
                files.drop(f"figures/{figure.name}.{name}")
        for name, content in made.items():
            files.put(f"figures/{name}", content)
        names[figure.name] = list(made)
    return names, failed, written


def _incomplete(failed):
    """The sentence on figures that could not be drawn, and why the first could not."""
    _, why = faults.sentence(next(iter(failed.values())))
    return f"{', '.join(failed)} could not be drawn: {why} All else is written."


def write(bundle, options):
    """Writes what is asked, all or nothing: {"files", "notes"}, the page last; with "incomplete" where a figure is missing."""
    with Files(options.out) as files:
        names, failed, written = _figures(bundle, options, files)
        if "csv" in options.formats and bundle.claims.rows:
            files.put("figures/claims.csv", csv_of(claims.as_table(bundle.claims.rows)).encode())
        if "latex" in options.formats:
            files.put("figures/macros.tex", latex.macros(bundle).encode())
            if bundle.claims.rows:
                files.put("figures/claims.tex", latex.claims(bundle.claims.rows).encode())
        if "html" in options.formats:
            files.put("report.html", page.render(bundle, names, failed).encode())
        note = fonts.note(fonts.missing(written))
        reply = {"files": files.names, "notes": [note] if note else []}
    return reply | ({"incomplete": _incomplete(failed)} if failed else {})

"""One self-contained page. Nothing in it asks the network: its policy forbids that to the browser too."""

from importlib import resources

from ..charts import theme
from . import claims, compare, correlations, figures, grams, headline, library, matrices, overview, runs, study, words
from .markup import Markup, script_json, tag

POLICY = ("default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval'; style-src 'unsafe-inline'; img-src data: blob:; "
          "base-uri 'none'; form-action 'none'")  # fmt: skip
NAVIGATION = {"compare": "A and B", "results": "Results", "figures": "Figures", "correlations": "Correlations", "grams": "Images", "matrices": "Matrices",
              "claims": "Claims", "what": "What was run", "runs": "Runs", "failed": "Failed", "study": "Study", "cite": "Cite"}  # fmt: skip


def _resource(name):
    return resources.files(__package__).joinpath(name).read_text(encoding="utf-8")


def _script(source):
    return Markup("<script>" + source.replace("</script", "<\\/script").replace("<!--", "<\\!--") + "</script>")


def _style(bundle):
    light, dark = figures.variables(bundle)
    return Markup(
        f"<style>:root{{{light}}}\n@media (prefers-color-scheme: dark){{:root:not([data-theme=light]){{{dark}}}}}\n"
        f":root[data-theme=dark]{{{dark}}}\n{_resource('page.css')}</style>"
    )


def _data(bundle, drawn, specs):
    """Everything the page's script needs: each table once, as arrays; charts draw from the same rows."""
    tables = {figure.name: {name: {"columns": table.columns, "rows": table.rows} for name, table in figure.tables.items()}
              for figure in bundle.drawn}  # fmt: skip
    return {"tables": tables, "panels": drawn, "specs": specs, "config": theme.config(12, paper=False),
            "main": theme.READINGS[0].name, "measurements": theme.MEASUREMENTS, "interferences": theme.INTERFERENCES,
            "dark": theme.dark_colours(figures.ramps(bundle)), "runs": runs.columns_and_rows(bundle)}  # fmt: skip


def document(title, bundle, parts, data, embedded_study=None, with_charts=True):
    """The page around its parts, a dictionary of section names."""
    shown = {name: part for name, part in parts.items() if part}
    links = [tag("a", NAVIGATION[name], href=f"#{name}") for name in shown if name in NAVIGATION]
    body = [
        tag("a", "Skip to the results", href="#main", class_="skip"),
        shown.pop("header"),
        tag("nav", *links, aria_label="Sections"),
        tag(
            "noscript",
            tag(
                "p",
                "Charts and the table of runs need scripts; the same figures lie beside this page in figures/.",
                class_="notice",
            ),
        ),  # fmt: skip
        tag("main", *shown.values(), id="main"),
        tag(
            "footer",
            tag("p", f"Made by Crosstalk {bundle.version}. This page is complete in itself and asks no network."),
        ),
    ]
    charts = _script(library.text()) if with_charts else ""
    return "<!doctype html>\n" + tag("html",
        tag("head",
            tag("meta", charset="utf-8"),
            tag("meta", http_equiv="Content-Security-Policy", content=POLICY),
            tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
            tag("meta", name="color-scheme", content="light dark"),
            tag("meta", name="generator", content=f"crosstalk {bundle.version}"),
            tag("link", rel="icon", href="data:,"),
            tag("title", title),
            script_json("crosstalk-study", embedded_study) if embedded_study else "",
            _style(bundle)),
        tag("body", *body, script_json("crosstalk-data", data), charts, _script(_resource("page.js"))),
        lang="en")  # fmt: skip


def render(bundle, files, failed):
    """The report's page. `files`: {figure: names of the files beside it}; `failed`: {figure: why it could not be drawn}, to which
    those are added that the page cannot draw."""
    panels, specs = figures.specifications(bundle, failed)
    parts = {
        "header": overview.header(bundle),
        "compare": compare.render(bundle, panels.get("comparison", {}), files.get("comparison", []), failed),
        "results": headline.render(bundle),
        "figures": figures.render(bundle, files, panels, failed),
        "correlations": correlations.render(bundle),
        "grams": grams.render(bundle),
        "matrices": matrices.render(bundle),
        "claims": claims.render(bundle),
        "what": overview.render(bundle),
        "runs": runs.render(bundle),
        "failed": runs.failures(bundle),
        "study": study.render(bundle),
        "cite": study.citation(bundle),
    }
    title = f"{words.listed(dict.fromkeys(overview.titles(bundle)))} · Crosstalk report"
    inside = bundle.studies[0].get("json") if bundle.studies else None
    return document(title, bundle, parts, _data(bundle, panels, specs), inside)

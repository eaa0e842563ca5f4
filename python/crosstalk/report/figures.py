"""The figures' section: a toolbar that all charts obey, and a figure each with caption, alternative text and notes."""

import re

from ..charts import theme
from ..charts.panel import Look
from . import faults, words
from .markup import Markup, by_reading, details, join, section, tag, with_code
from .paper import panels_of

PATHS = {
    "circle": "M-4,0a4,4 0 1,0 8,0a4,4 0 1,0 -8,0",
    "square": "M-3.6,-3.6h7.2v7.2h-7.2z",
    "triangle-up": "M0,-4.6L4.4,3.6H-4.4z",
    "triangle-down": "M0,4.6L4.4,-3.6H-4.4z",
    "triangle-right": "M4.6,0L-3.6,-4.4V4.4z",
    "triangle-left": "M-4.6,0L3.6,-4.4V4.4z",
    "diamond": "M0,-5L4.2,0L0,5L-4.2,0z",
    "cross": "M-4.4,-1.5h2.9v-2.9h3v2.9h2.9v3h-2.9v2.9h-3v-2.9h-2.9z",
}

_NUMBERED = re.compile(r"figure([A-Z]?)(\d+)")  # those that the paper has


def swatch(variable, shape, dash):
    dashes = f' stroke-dasharray="{" ".join(map(str, dash))}"' if dash else ""
    mark = f'<path d="{PATHS[shape]}" transform="translate(15 7)" fill="var({variable})"/>' if shape else ""
    return Markup(f'<svg width="30" height="14" viewBox="0 0 30 14" aria-hidden="true">'
                  f'<line x1="1" x2="29" y1="7" y2="7" stroke="var({variable})" stroke-width="2"{dashes}/>{mark}</svg>')  # fmt: skip


def ramps(bundle):
    """How many numbers of examples, or lines with a number, a figure may have: its ramp has as many colours."""
    return range(1, max(len(bundle.sizes), bundle.most_lines) + 1)


def _variable(colour):
    return "--s" + colour.removeprefix("#")


def variables(bundle):
    """CSS variables of the experiments' and the sizes' colours, for light and for dark."""
    dark = theme.dark_colours(ramps(bundle))
    light = {f"--c{i}": theme.style(i)["colour"] for i in range(len(bundle.experiments))}
    light |= {_variable(colour): colour for colour in theme.EXPERIMENT_COLOURS}
    light |= {_variable(colour): colour for count in ramps(bundle) for colour in theme.ramp(count)}
    light["--ink"] = theme.INK
    as_css = lambda pairs: "".join(f"{name}:{value};" for name, value in pairs.items())  # noqa: E731
    return as_css(light), as_css({name: dark.get(value, value) for name, value in light.items()})


def _keys(entries, group, variable):
    """`variable(i, colour)`: the CSS variable of an entry's colour."""
    buttons = [tag("button", swatch("--ink" if entry["colour"] == theme.INK else variable(i, entry["colour"]), entry["shape"], entry["dash"]), tag("span", entry["label"]), type="button",
                   class_="key", aria_pressed="false", data_isolate=entry["label"], data_group=group)
               for i, entry in enumerate(entries)]  # fmt: skip
    return tag("div", *buttons, class_="keys", role="group", aria_label="Press to look at one alone")


def _choice(name, legend, options):
    radios = [tag("label", tag("input", type="radio", name=name, value=value, checked=i == 0), tag("span", label))
              for i, (value, label) in enumerate(options.items())]  # fmt: skip
    return tag("fieldset", tag("legend", legend), *radios, class_="choice")


def _readings(figure, bundle, specs, numbers):
    """The figure's panels by reading; their charts go into `specs`, each different one once."""
    readings, known = {}, {}
    for reading in theme.READINGS:
        same = figure.told_apart(reading)
        if same not in known:
            panels, _ = panels_of(figure, Look(bundle.experiments, bundle.sizes, reading))
            known[same] = []
            for panel in panels:
                number = numbers.setdefault(repr(panel.chart), len(specs))
                if number == len(specs):
                    specs.append(panel.chart)
                known[same].append({"title": panel.title, "height": panel.height, "spec": number, "key": panel.key})
        if known[same]:
            readings[reading.name] = known[same]
    return readings


def specifications(bundle, failed):
    """(figures, specs): for each figure its panels by reading, and the charts. A figure that cannot be drawn has no panels and
    is added to `failed`: the page is written without it."""
    figures, specs, numbers = {}, [], {}
    for figure in bundle.drawn:
        try:
            figures[figure.name] = {} if figure.name in failed else _readings(figure, bundle, specs, numbers)
        except MemoryError:
            raise
        except Exception as error:
            figures[figure.name], failed[figure.name] = {}, error
    return figures, specs


def _links(files):
    if not files:
        return ""
    links = [tag("a", file.rsplit(".", 1)[1].upper() if file.count("-") == 0 else file, href=f"figures/{file}")
             for file in files]  # fmt: skip
    return tag("p", "For paper, beside this page: ", join(links, " · "), class_="links")


def _no_chart(figure, failed):
    if figure.name in failed:
        return tag(
            "p",
            f"This figure could not be drawn ({faults.cut(failed[figure.name])}); its numbers are below.",
            class_="notice",
        )
    return tag("p", "There is no chart for this figure; its numbers are below.")


def _said(figure, readings):
    """What the figure shows, for each reading. A reading that it lacks shows the main one's picture, and so its words."""
    main = theme.READINGS[0]

    def words_of(reading):
        said = figure.said(main if readings and reading.name not in readings else reading)
        return tag("p", tag("strong", "What it shows. "), with_code(said), class_="said") if said else ""

    return by_reading(words_of, theme.READINGS)


def figure(figure, readings, files, failed, shared=()):
    """One figure of the page; `readings`: its panels by reading; `shared`: notes that stand elsewhere."""
    drawn = next(iter(readings.values()), None)
    key = drawn[0]["key"] if drawn else []
    chart = tag("div", class_="panels", data_figure=figure.name, role="img",
                aria_label=figure.said(theme.READINGS[0]) or figure.caption or figure.title)  # fmt: skip
    label = f"{_short_name(figure)} of the paper" if _NUMBERED.fullmatch(figure.name) else ""
    own = [tag("li", with_code(note)) for note in figure.notes if note not in shared]
    notes = tag("ul", *own, class_="notes") if own else ""
    tables = [details(f"Numbers: {name} ({words.count(len(table.rows), 'row')})",
                      tag("div", class_="numbers", data_figure=figure.name, data_table=name))
              for name, table in figure.tables.items()]  # fmt: skip
    return tag("figure",
        tag("h3", figure.title, tag("span", label, class_="paper-number")),
        _keys(key, figure.name, lambda _, colour: _variable(colour)) if key else "",
        chart if drawn else _no_chart(figure, failed),
        tag("p", class_="shown", hidden=True),
        tag("figcaption", _said(figure, readings), tag("p", with_code(figure.caption), class_="caption"), notes),
        _links(files), tag("div", *tables, class_="tables"), id=figure.name)  # fmt: skip


def render(bundle, files, drawn, failed):
    """`files`: names of the paper files of each figure; `drawn`: its panels by reading, from `specifications`."""
    if not bundle.figures:
        return ""
    look = Look(bundle.experiments, bundle.sizes)
    has_readings = any(part for one in bundle.figures for part in one.told_apart(theme.READINGS[0]))
    choices = tag("div", _choice("measurement", "A run’s point is its", theme.MEASUREMENTS),
                  _choice("interference", "Interference is", theme.INTERFERENCES), class_="choices")  # fmt: skip
    toolbar = tag("div", _keys(look.key(), "experiment", lambda i, _: f"--c{i}"), choices if has_readings else "",
                  class_="toolbar", id="toolbar")  # fmt: skip
    shared = _shared_notes(bundle.figures)
    figures = [figure(one, drawn[one.name], files.get(one.name, []), failed, shared) for one in bundle.figures]
    explained = "Press a name to look at one experiment alone."
    of_readings = (
        " What is chosen here holds for the results and tables too. “Best test error” "
        "is what stopping early would have kept, chosen on the test set as an oracle would. Train–train and train–test are means "
        "over pairs of samples; stiffness is the cosine of their loss gradients, function stiffness that of their function gradients."
    )
    notes = [tag("li", tag("strong", which, ": "), with_code(note)) for note, which in shared.items()]
    return section("figures", "Figures", toolbar, tag("p", explained + (of_readings if has_readings else ""), class_="quiet small"),
                   tag("ul", *notes, class_="notes", id="shared-notes") if notes else "", *figures)  # fmt: skip


def _shared_notes(figures):
    """{note: of which figures}: notes that would stand under several stand once."""
    holders = {}
    for one in figures:
        for note in one.notes:
            holders.setdefault(note, []).append(one)
    every = len(figures)
    return {note: "All figures" if len(those) == every else words.listed(_short_name(one) for one in those)
            for note, those in holders.items() if len(those) > 1}  # fmt: skip


def _short_name(figure):
    number = _NUMBERED.fullmatch(figure.name)
    return f"Figure {'.'.join(filter(None, number.groups()))}" if number else figure.title

"""HTML from Python without a way to forget escaping: what is not Markup is text."""

import html
import json
import re


class Markup(str):
    """Text that is HTML already."""


def text(value):
    return value if isinstance(value, Markup) else Markup(html.escape(str(value), quote=True))


def join(parts, between=""):
    return Markup(text(between).join(text(part) for part in parts if part is not None and part != ""))


def tag(name, /, *children, **attributes):
    """<name ...>children</name>. Attributes: class_ for class, data_x for data-x; None and False leave one out."""
    pairs = []
    for key, value in attributes.items():
        if value is None or value is False:
            continue
        key = key.rstrip("_").replace("_", "-")
        pairs.append(f" {key}" if value is True else f' {key}="{html.escape(str(value), quote=True)}"')
    opening = f"<{name}{''.join(pairs)}>"
    if name in ("meta", "img", "br", "input", "hr", "link"):
        return Markup(opening)
    return Markup(f"{opening}{join(children)}</{name}>")


def with_code(content):
    """Text in which what stands between backticks is code."""
    parts = re.split(r"`([^`\n]+)`", str(content))
    return join([tag("code", part) if at % 2 else text(part) for at, part in enumerate(parts)])


def by_reading(render, readings):
    """`render(reading)` for each of them, of which the page shows that of the chosen reading: the same content once, with the names
    of its readings; "" gives nothing. Without scripts the first reading's is seen."""
    names = {}
    for reading in readings:
        names.setdefault(render(reading), []).append(reading.name)
    return join([tag("div", content, data_readings=" ".join(those), hidden=readings[0].name not in those)
                 for content, those in names.items() if content])  # fmt: skip


def section(identifier, title, *children):
    return tag("section", tag("h2", title, id=identifier + "-title"), *children, id=identifier,
               aria_labelledby=identifier + "-title")  # fmt: skip


def table(head, rows, caption=None, numbers=()):
    """A table in a box of its own that scrolls where the page is narrower, its
    title outside it. `numbers`: columns set to the right."""

    def align(i):
        return "number" if i in numbers else None

    body = [tag("tr", *(tag("th" if i == 0 else "td", cell, class_=align(i), scope="row" if i == 0 else None)
                        for i, cell in enumerate(row))) for row in rows]  # fmt: skip
    header = tag("tr", *(tag("th", cell, class_=align(i), scope="col") for i, cell in enumerate(head)))
    whole = tag("table", tag("thead", header), tag("tbody", *body), aria_label=caption)
    box = tag("div", whole, class_="scroll", tabindex="0", role="region", aria_label=caption or "table")
    return tag("div", tag("p", caption, class_="table-title") if caption else "", box, class_="table")


def details(summary, *children, **attributes):
    return tag("details", tag("summary", summary), *children, **attributes)


def script_json(identifier, value):
    """Data for the page's script. No `<` is left in it, so that nothing in the data can end the script."""
    content = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    content = (
        content.replace("<", "\\u003c")
        .replace(">", "\\u003e")
        .replace("\u2028", "\\u2028")
        .replace("\u2029", "\\u2029")
    )
    return Markup(f'<script type="application/json" id="{html.escape(identifier)}">{content}</script>')

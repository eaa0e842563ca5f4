"""LaTeX that a paper takes in: each fact of a figure as a macro (r, the ends of its intervals and n), the claims as a table."""

import unicodedata

from . import macro_names

# What both pdflatex and xelatex set, whatever font there is; the signs are those of our own sentences.
SPECIAL = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "<": r"\textless{}",
           ">": r"\textgreater{}", "|": r"\textbar{}", "−": r"\ensuremath{-}", "≥": r"\ensuremath{\ge}",
           "≤": r"\ensuremath{\le}", "×": r"\ensuremath{\times}", "–": "--", "’": "'", "“": "``", "”": "''",
           "`": r"\textasciigrave{}", "[": "{[}", "]": "{]}", "*": "{*}",  # bare, these may be read as arguments of a row's end
           **{sign: "\\" + sign for sign in "#$%&_{}"}}  # fmt: skip
LATIN = 0x250  # beyond it pdflatex needs a package for the script


def _value(key, value):
    if value is None:
        return r"\mbox{--}"
    if key.rsplit("/", 1)[-1] in ("n", "configurations") or (isinstance(value, int) and not isinstance(value, bool)):
        return r"\ensuremath{" + f"{value:,.0f}".replace(",", "{,}") + "}"
    if isinstance(value, float):
        return r"\ensuremath{" + _decimal(value) + "}"
    return _escaped(str(value))


def _decimal(value):
    """Two places for what is of a correlation's size, three digits otherwise."""
    if value != 0 and abs(value) < 0.01 or abs(value) >= 1000:
        mantissa, exponent = f"{value:.2e}".split("e")
        return rf"{mantissa} \times 10^{{{int(exponent)}}}"
    text = f"{value:.2f}"
    return text.lstrip("-") if float(text) == 0 else text


def _escaped(text):
    """One line of text: what is no character of print (a line's end, a control) becomes a space."""
    printed = "".join(" " if unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") else c for c in str(text or ""))
    return "".join(SPECIAL.get(c, c) for c in " ".join(printed.split()))


def _in_comment(text):
    return "".join(c if c.isprintable() else " " for c in str(text))


def _hint(text):
    """What a file says first where pdflatex alone cannot set it."""
    set_by_latex = "".join(line for line in text.splitlines(True) if not line.startswith("%"))
    if all(ord(c) < LATIN for c in set_by_latex):
        return ""
    return ("% This file has text in other than Latin letters: set it with xelatex or lualatex and a font that has them\n"
            "% (\\usepackage{fontspec}, \\setmainfont{...}); pdflatex needs a package of the script's, such as CJKutf8.\n")  # fmt: skip


def _defined(bundle):
    """(figure, key, LaTeX) of every fact; ends of an interval make a third, both in brackets."""
    for name, facts in [(figure.name, figure.facts) for figure in bundle.drawn] + [("claims", bundle.claims.facts)]:
        for key, value in facts.items():
            if isinstance(value, (dict, list)):
                continue
            yield name, key, _value(key, value)
            low = facts.get(key[: -len("high")] + "low") if key.endswith("/high") else None
            if low is not None and value is not None:
                interval = rf"\ensuremath{{[{_decimal(low)}, {_decimal(value)}]}}"
                yield name, key[: -len("high")] + "interval", interval


def macros(bundle):
    """The text of macros.tex."""
    defined = list(_defined(bundle))
    names = macro_names.of_facts([(figure, key) for figure, key, _ in defined], bundle)
    lines = [f"% {_in_comment(f'{figure} {key}')}\n\\newcommand{{\\{name}}}{{{value}}}\n"
             for name, (figure, key, value) in zip(names, defined, strict=True)]  # fmt: skip
    text = "".join(lines)
    return ("% Numbers of this report, as macros: \\input{figures/macros.tex}. Above each, the fact's own name.\n"
            f"% Written by crosstalk {bundle.version}. All names begin with ct{macro_names.of_report(bundle)}, so that a paper\n"
            "% can have the numbers of several reports.\n" + _hint(text) + "\n" + text)  # fmt: skip


def claims(rows):
    """The text of claims.tex: the claims that were tested, as a tabular."""
    tested = [row for row in rows if row["verdict"] != "not tested"]
    body = [
        " & ".join(_escaped(row[key]) for key in ("sentence", "source", "verdict", "shows")) + r" \\" for row in tested
    ]
    text = "\n".join([r"\begin{tabular}{p{0.32\linewidth}p{0.14\linewidth}p{0.13\linewidth}p{0.31\linewidth}}", r"\hline",
                      r"claim & source & verdict & what the runs show \\", r"\hline", *body, r"\hline", r"\end{tabular}", ""])  # fmt: skip
    return _hint(text) + text

"""Each fact of a figure as a LaTeX macro: r, the ends of its intervals and n. A macro's name may hold letters only, so
digits are spelt: `figure2`, `digits/nT=100/r` becomes \\ctFigureTwoDigitsNTOneHundredR."""

import re

ONES = ("Zero One Two Three Four Five Six Seven Eight Nine Ten Eleven Twelve Thirteen Fourteen Fifteen Sixteen Seventeen "
        "Eighteen Nineteen").split()  # fmt: skip
TENS = "Zero Ten Twenty Thirty Forty Fifty Sixty Seventy Eighty Ninety".split()


def spelt(digits):
    """ "44484" -> FortyFourThousandFourHundredEightyFour; leading zeros are spelt one by one."""
    zeros = len(digits) - len(digits.lstrip("0"))
    if zeros:
        rest = digits[zeros:]
        return "Zero" * zeros + (spelt(rest) if rest else "")
    number = int(digits)
    if number >= 10**9:
        return "".join(ONES[int(digit)] for digit in digits)
    for size, word in ((10**6, "Million"), (1000, "Thousand"), (100, "Hundred")):
        if number >= size:
            rest = number % size
            return spelt(str(number // size)) + word + (spelt(str(rest)) if rest else "")
    if number < 20:
        return ONES[number]
    return TENS[number // 10] + (ONES[number % 10] if number % 10 else "")


def macro_name(figure, key):
    words = []
    for part in re.findall(r"[A-Za-z]+|[0-9]+|[^A-Za-z0-9]+", f"{figure} {key}"):
        if part[0].isdigit():
            words.append(spelt(part))
        elif part.isascii() and part.isalpha():
            words.append(part[0].upper() + part[1:])
        elif part == ".":
            words.append("Point")
    return "ct" + "".join(words)


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
    special = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "<": r"\textless{}",
               ">": r"\textgreater{}", "|": r"\textbar{}"}  # fmt: skip
    return "".join(special.get(c) or ("\\" + c if c in "#$%&_{}" else c) for c in text)


def macros(bundle):
    """The text of macros.tex. Two keys whose names would be one get an A, B, ... behind."""
    lines = ["% Numbers of this report, as macros: \\input{figures/macros.tex}. Above each, the fact's own name.",
             f"% Written by crosstalk {bundle.version}.", ""]  # fmt: skip
    used = set()

    def define(figure, key, text):
        name = macro_name(figure, key)
        for letter in [""] + [chr(c) for c in range(ord("A"), ord("Z") + 1)]:
            if name + letter not in used:
                name += letter
                break
        else:
            raise ValueError(f"more than 26 facts are called {name}")
        used.add(name)
        comment = " ".join(f"{figure} {key}".split())
        lines.append(f"% {comment}\n\\newcommand{{\\{name}}}{{{text}}}")

    for name, facts in [(figure.name, figure.facts) for figure in bundle.drawn] + [("claims", bundle.claims.facts)]:
        for key, value in facts.items():
            if isinstance(value, (dict, list)):
                continue
            define(name, key, _value(key, value))
            if key.endswith("/high") and (low := facts.get(key[: -len("high")] + "low")) is not None:
                if value is not None:
                    define(
                        name, key[: -len("high")] + "interval", rf"\ensuremath{{[{_decimal(low)}, {_decimal(value)}]}}"
                    )
    return "\n".join(lines) + "\n"


def claims(rows):
    """The text of claims.tex: the claims that were tested, as a tabular."""
    tested = [row for row in rows if row["verdict"] != "not tested"]
    body = [
        " & ".join(_escaped(row[key]) for key in ("sentence", "source", "verdict", "shows")) + r" \\" for row in tested
    ]
    return "\n".join([r"\begin{tabular}{p{0.32\linewidth}p{0.14\linewidth}p{0.13\linewidth}p{0.31\linewidth}}", r"\hline",
                      r"claim & source & verdict & what the runs show \\", r"\hline", *body, r"\hline", r"\end{tabular}", ""])  # fmt: skip

"""What the facts of a report are called as LaTeX macros. A macro's name may hold letters only, so digits are spelt: `digits/nT=100/r`
of figure1 becomes ctFigureOneDigitsNTOneHundredR, behind `ct` the name of the study.

A name that a user chose (of a study, an experiment) may lose by that what tells it from another: "a-b" and "a_b", two names in
Chinese. Each such name gets five letters more that depend on it alone: a macro never comes to mean another experiment because one
was added."""

import hashlib
import re
from collections import Counter

ONES = ("Zero One Two Three Four Five Six Seven Eight Nine Ten Eleven Twelve Thirteen Fourteen Fifteen Sixteen Seventeen "
        "Eighteen Nineteen").split()  # fmt: skip
TENS = "Zero Ten Twenty Thirty Forty Fifty Sixty Seventy Eighty Ninety".split()
NUMBERS = {word.lower() for word in [*ONES, *TENS, "Hundred", "Thousand", "Million"]}
# Names that nothing else is spelt as: small letters in parts with one hyphen between, digits at the end of a part.
PLAIN = re.compile(r"[a-z]+[0-9]*(-[a-z]+[0-9]*)*")


def spelt(digits):
    """ "44484" -> FortyFourThousandFourHundredEightyFour; leading zeros are spelt one by one."""
    zeros = len(digits) - len(digits.lstrip("0"))
    if zeros:
        rest = digits[zeros:]
        return "Zero" * zeros + (spelt(rest) if rest else "")
    if len(digits) > 9:
        return "".join(ONES[int(digit)] for digit in digits)
    number = int(digits)
    for size, word in ((10**6, "Million"), (1000, "Thousand"), (100, "Hundred")):
        if number >= size:
            rest = number % size
            return spelt(str(number // size)) + word + (spelt(str(rest)) if rest else "")
    if number < 20:
        return ONES[number]
    return TENS[number // 10] + (ONES[number % 10] if number % 10 else "")


def in_letters(text):
    """The text's ASCII letters and digits, a capital at each part."""
    words = []
    for part in re.findall(r"[A-Za-z]+|[0-9]+|[^A-Za-z0-9]+", text):
        if part[0] in "0123456789":
            words.append(spelt(part))
        elif part.isascii() and part.isalpha():
            words.append(part[0].upper() + part[1:])
        elif part == ".":
            words.append("Point")
    return "".join(words)


def mark(text):
    """Five letters of a digest: the same for the same text on every machine."""
    number = int.from_bytes(hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:8])
    letters = "".join(chr(ord("a") + number // 26**place % 26) for place in range(5))
    return letters.capitalize()


def of_user(name):
    """A name that a user chose, so that no two names are spelt as one."""
    plain = PLAIN.fullmatch(name) and not NUMBERS & set(re.findall("[a-z]+", name))
    return in_letters(name) + ("" if plain else mark(name))


def of_report(bundle):
    """The study's name with its scale, as its folder is called; with the folder's name, where that is another one."""
    said = []
    for study in bundle.studies:
        name, folder = str(study.get("name") or ""), str(study.get("folder") or "")
        name += f"-{study['scale']}" if name and study.get("scale") else ""
        said.append(f"{name} in {folder}" if name and folder and folder != name else name or folder)
    return of_user(" + ".join(said)) if any(said) else ""


def _of_fact(key, names):
    """`names`: those that users chose. They stand between strokes, and before a comma in a claim's group: `digits, 20 examples`."""
    chosen = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True) if name)
    parts = re.split(rf"(?:(?<=/)|(?<=^))({chosen})(?=[/,]|$)", key) if chosen else [key]
    spelled = []
    for place, part in enumerate(parts):
        if place % 2:
            spelled.append(of_user(part))
        else:
            spelled += [in_letters(word) + ("" if word.isascii() else mark(word)) for word in part.split("/")]
    return "".join(spelled)


def of_facts(facts, bundle):
    """The macros' names of [(figure, key)], in that order: all different."""
    names = {*bundle.experiments, *(str(study.get("name") or "") for study in bundle.studies)}
    before = "ct" + of_report(bundle)
    called = [before + in_letters(figure) + _of_fact(key, names) for figure, key in facts]
    times = Counter(called)
    whole = [name if times[name] == 1 else name + mark(f"{figure} {key}")
             for name, (figure, key) in zip(called, facts, strict=True)]  # fmt: skip
    twice = [name for name, count in Counter(whole).items() if count > 1]
    if twice:
        raise ValueError(f"two facts would be the macro {twice[0]}")
    return whole

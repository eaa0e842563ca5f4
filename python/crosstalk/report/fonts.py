"""Which characters of a figure no font here has. SVG and the page keep them as text; in PNG and PDF each would be an empty box.

What draws PNG and PDF takes its fonts from the system, and a font of its own for Latin, Greek and Cyrillic. It does not say what
it misses, so it is asked by drawing: a character that comes out as one does that no font can have is missing."""

import html
import io
import re
import unicodedata

import numpy as np
import vl_convert
from PIL import Image

from ..charts import theme

NOBODYS = "\U0010ffff"  # no character, and none ever
CELL, FONT = 40, 20  # pixels
# By the first words of its characters' Unicode names: a script, and Debian's package of fonts for it.
SCRIPTS = {"CJK": ("Chinese", "fonts-noto-cjk"), "HIRAGANA": ("Japanese", "fonts-noto-cjk"), "KATAKANA": ("Japanese", "fonts-noto-cjk"),
           "HANGUL": ("Korean", "fonts-noto-cjk"), "BOPOMOFO": ("Chinese", "fonts-noto-cjk"), "FULLWIDTH": ("Chinese", "fonts-noto-cjk"),
           "IDEOGRAPHIC": ("Chinese", "fonts-noto-cjk")}  # fmt: skip
OTHERS = ("fonts-noto-core", "fonts-symbola")  # scripts of letters; signs and emoji


def _may_be_missing(character):
    """A mark stands on a letter, blanks and controls have no shape, and ASCII is always there."""
    kind = unicodedata.category(character)
    return not character.isascii() and kind[0] not in "MZ" and kind not in ("Cc", "Cf", "Cs")


def _cells(characters):
    """Each character drawn alone: pixels (CELL, CELL, 4)."""
    texts = "".join(f'<text x="{CELL * i + 8}" y="28" font-family="{theme.SANS}" font-size="{FONT}">{html.escape(one)}</text>'
                    for i, one in enumerate(characters))  # fmt: skip
    size = f'width="{CELL * len(characters)}" height="{CELL}"'
    png = vl_convert.svg_to_png(f'<svg xmlns="http://www.w3.org/2000/svg" {size}>{texts}</svg>', scale=1, ppi=72)
    pixels = np.asarray(Image.open(io.BytesIO(png)).convert("RGBA"))
    return [pixels[:, CELL * i : CELL * (i + 1)] for i in range(len(characters))]


def missing(characters, at_once=200):
    """Those of the characters that no font here has, in their order."""
    asked = [one for one in dict.fromkeys(characters) if _may_be_missing(one)]
    found = []
    for start in range(0, len(asked), at_once):
        part = asked[start : start + at_once]
        box, *cells = _cells([NOBODYS, *part])
        found += [
            one for one, cell in zip(part, cells, strict=True) if np.array_equal(cell, box) or not cell[..., 3].any()
        ]
    return found


def characters_of(svg):
    """What the SVG writes."""
    return html.unescape("".join(re.findall(r">([^<>]+)<", svg)))


def _script(character):
    """(name, Debian's package)"""
    named = unicodedata.name(character, "")
    first = re.split("[ -]", named)[0]
    if first in SCRIPTS:
        return SCRIPTS[first]
    letter = unicodedata.category(character)[0] == "L"
    return (first.capitalize() if letter and first else "signs or emoji", OTHERS[0 if letter else 1])


def note(characters):
    """What to say of characters that are missing, with the mend; "" where there are none."""
    if not characters:
        return ""
    scripts = {}
    for one in characters:
        scripts.setdefault(_script(one), []).append(one)
    said = [f"{name} ({''.join(those[:5])}{' ...' if len(those) > 5 else ''})" for (name, _), those in scripts.items()]
    packages = " ".join(dict.fromkeys(package for _, package in scripts))
    return (f"note: no font on this machine has these characters: {', '.join(said)}. They are empty boxes in PNG and PDF; the page and SVG "
            f"have them as text. Install a font that has them (on Debian and Ubuntu: apt install {packages}) and write the report again.")  # fmt: skip

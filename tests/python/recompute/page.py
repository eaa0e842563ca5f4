"""A report's page as text: a tree of its elements, without scripts; and sentences with numbers in them, compared with what stands there."""

import re
from html.parser import HTMLParser

EMPTY = {"meta", "link", "input", "br", "img", "hr"}
BLOCKS = {
    "p",
    "li",
    "td",
    "th",
    "summary",
    "h1",
    "h2",
    "h3",
    "h4",
    "dt",
    "dd",
    "button",
    "label",
    "legend",
    "text",
    "pre",
}
# Numbers of rules, of figures' names and of literature: they are no results.
FIXED = re.compile(r"90%|\|r\| = 0\.3|below 0\.3|0\.9 times|mean 0|standard deviation 1|error of 1 is|20 steps|98% quantile|(?:al\.|Berseth|Fort) 20\d\d|"
                   r"Figure (?:D\.)?\d+|Fig\. \d+|of ten one|1 − reward|SHA-256")  # fmt: skip
NUMBER = r"[-−]?\d[\d,]*(?:\.\d+)?(?:e[-+−]?\d+)?"


class Element:
    def __init__(self, tag, attributes, parent):
        self.tag, self.attributes, self.parent, self.children = tag, attributes, parent, []

    @property
    def classes(self):
        return (self.attributes.get("class") or "").split()

    @property
    def text(self):
        return re.sub(r"\s+", " ", self._text()).strip()

    def _text(self):
        return "".join(
            one if isinstance(one, str) else one._text()
            for one in self.children
            if not isinstance(one, Element) or one.tag not in ("script", "style")
        )

    def all(self, tag=None, css=None, **attributes):
        """The elements within this one, in the page's order."""
        for child in self.children:
            if isinstance(child, Element):
                if (
                    tag in (None, child.tag)
                    and css in (None, *child.classes)
                    and attributes.items() <= child.attributes.items()
                ):
                    yield child
                yield from child.all(tag, css, **attributes)

    def one(self, *args, **attributes):
        return next(self.all(*args, **attributes))

    @property
    def above(self):
        element = self
        while element.parent is not None:
            element = element.parent
            yield element

    def inherited(self, attribute):
        """The nearest value of an attribute, from here upwards; None where there is none."""
        return next((one.attributes[attribute] for one in (self, *self.above) if attribute in one.attributes), None)


class _Reader(HTMLParser):
    def __init__(self):
        super().__init__()
        self.root = self.at = Element("page", {}, None)

    def handle_starttag(self, tag, attributes):
        element = Element(tag, dict(attributes), self.at)
        self.at.children.append(element)
        if tag not in EMPTY:
            self.at = element

    def handle_endtag(self, tag):
        if tag not in EMPTY and self.at.parent is not None:
            self.at = self.at.parent

    def handle_data(self, data):
        self.at.children.append(data)


def parse(text):
    reader = _Reader()
    reader.feed(text)
    return reader.root


def blocks(element):
    """The pieces of text that stand by themselves, none of them within another."""
    for child in element.children:
        if isinstance(child, str) or child.tag in ("script", "style"):
            continue
        inner = any(one.tag in BLOCKS for one in child.all())
        is_text = any(isinstance(one, str) and one.strip() for one in child.children)
        if is_text or child.tag in BLOCKS and not inner:
            yield child
        else:
            yield from blocks(child)


# ---- sentences: text with numbers, each of which stands between two of these marks as repr gives it
MARK = "\x00"
WORDS = "\x01"  # any words without a digit


def number(value):
    """A number of a sentence that is to be compared, however many digits the page prints of it."""
    return f"{MARK}{float(value)!r}{MARK}"


def printed(text):
    """(value, half a unit of its last digit) of a number as the page has it."""
    plain = text.replace(",", "").replace("−", "-")
    mantissa, _, power = plain.partition("e")
    digits = len(mantissa.partition(".")[2])
    return float(plain), 0.5 * 10.0 ** (int(power or 0) - digits)


def says(text, sentence):
    """Whether a text is the sentence, its numbers those of the sentence to the digits that are printed."""
    parts = sentence.split(MARK)
    pattern = "".join(
        f"({NUMBER})" if i % 2 else re.escape(part).replace(WORDS, r"[^\d]*?") for i, part in enumerate(parts)
    )
    found = re.fullmatch(pattern, text)
    if found is None:
        return False
    for shown, value in zip(found.groups(), parts[1::2], strict=True):
        read, half = printed(shown)
        if abs(read - float(value)) > half * (1 + 1e-6):
            return False
    return True


def readable(sentence):
    return re.sub(f"{MARK}([^{MARK}]*){MARK}", lambda one: f"[{float(one[1]):.6g}]", sentence).replace(WORDS, "...")

"""docs/extending.md as what it asks of a reader: for each extension the files to be added, the lines to be put into files that
are there, the studies to be written and the commands to be typed. Each fenced block stands below a sentence that says which."""

import re
from dataclasses import dataclass, field

HEADING = re.compile(r"^## An? (.+?):", re.M)
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.M | re.S)
PLACES = {  # the end of the sentence before a block
    "new": re.compile(r"new file, `([^`]+)`:$"),
    "before": re.compile(r"in `([^`]+)`, before `([^`]+)`:$"),
    "instead": re.compile(r"in `([^`]+)`, in place of `([^`]+)`:$"),
    "end": re.compile(r"at the end of `([^`]+)`:$"),
    "study": re.compile(r"study, `([^`]+)`.*:$"),
}


class Wrong(Exception):
    """The page cannot be followed; its text says where and why."""


@dataclass
class Step:
    place: str  # one of PLACES, or "type"
    path: str
    anchor: str  # of the line before which, or in place of which
    text: str
    line: int  # of the page


@dataclass
class Extension:
    name: str  # "environment", "data set"
    steps: list = field(default_factory=list)

    def having(self, *places):
        return [step for step in self.steps if step.place in places]

    @property
    def files(self):
        return len(self.having("new"))

    @property
    def lines(self):
        """Lines, and entries in braces, in files that are there."""
        return sum(_count(step) for step in self.having("before", "instead", "end"))


def _count(step):
    lines = [line for line in step.text.splitlines() if line.strip()]
    text = step.text.strip()
    depths, depth = [], 0
    for sign in text.removesuffix(","):
        depth += {"{": 1, "}": -1}.get(sign, 0)
        depths.append(depth)
    is_entry = text.startswith("{") and text.endswith("},") and depths.index(0) == len(depths) - 1
    return 1 if is_entry else len(lines)


def _step(language, text, before, line):
    if language == "sh":
        return Step("type", "", "", text, line)
    sentence = " ".join(before.strip().rpartition("\n\n")[2].split())
    for place, pattern in PLACES.items():
        if found := pattern.search(sentence):
            return Step(place, *(*found.groups(), "")[:2], text, line)
    raise Wrong(f"line {line}: the sentence above this block does not say where it goes: ... {sentence[-60:]}")


def read(text):
    """The extensions of a page, in its order."""
    extensions = []
    headings = list(HEADING.finditer(text))
    for heading, after in zip(headings, [*headings[1:], None], strict=True):
        extension, last = Extension(heading[1]), heading.end()
        for block in BLOCK.finditer(text, heading.end(), after.start() if after else len(text)):
            line = text.count("\n", 0, block.start()) + 1
            extension.steps.append(_step(block[1], block[2], text[last : block.start()], line))
            last = block.end()
        extensions.append(extension)
    return extensions


def follow(step, tree):
    """Does in a tree what the step says; a study, and what is typed, are not of the tree."""
    path = tree / step.path
    if step.place == "new":
        if path.exists():
            raise Wrong(f"line {step.line}: {step.path} is there already")
        path.write_text(step.text, encoding="utf-8")
        return
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    if step.place == "end":
        lines.append(step.text)
    else:
        at = [i for i, line in enumerate(lines) if step.anchor in line]
        if len(at) != 1:
            raise Wrong(f"line {step.line}: {step.path} has {len(at)} lines with {step.anchor} where 1 is expected")
        lines[at[0] : at[0] + (step.place == "instead")] = [step.text]
    path.write_text("".join(lines), encoding="utf-8")

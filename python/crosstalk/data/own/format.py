"""What a format of the user's own data is."""

from collections.abc import Callable
from dataclasses import dataclass

from crosstalk.data.errors import DataError


@dataclass(frozen=True)
class Format:
    """`matches(name)`: by the name alone, as src/desk/study/datasets.cpp decides too; `look(path)`: the source
    files, and what there is to notice about them; `convert({"all": path}, options)` a Converted."""

    name: str
    what: str  # as a message says it: "FILE.csv"
    matches: Callable
    convert: Callable
    look: Callable = lambda path: ([path], [])
    options: tuple[str, ...] = ("kind", "test-share")
    kind: str | None = None  # where it can be one alone
    folder: bool = False  # not a file


DEFAULT_TEST_SHARE = 0.2  # as src/desk/study/keys_task.cpp has it


def no_test_share(options, has_its_own):
    """task.test-share has nothing to say where there is a test set; the default is not a word of the user's."""
    share = options.get("test-share")
    if share is not None and share != DEFAULT_TEST_SHARE:
        raise DataError(f"task.test-share = {share}: {has_its_own}. Leave task.test-share out.", "config")


def test_share(options):
    """task.test-share, between 0 and 1."""
    share = options.get("test-share")
    share = DEFAULT_TEST_SHARE if share is None else share
    if isinstance(share, bool) or not isinstance(share, (int, float)) or not 0 < share < 1:
        raise DataError(f"task.test-share = {share}: it is a share between 0 and 1, such as 0.2.", "config")
    return share

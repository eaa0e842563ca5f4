"""What a known data set is: its files, where they come from, what they should be, and how they are read."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ASSETS = Path(__file__).resolve().parents[2] / "assets"


@dataclass(frozen=True)
class Download:
    """One file of the built-in list. An archive has members, which alone are unpacked."""

    url: str
    algorithm: str
    digest: str
    members: tuple[str, ...] = ()  # their paths in the archive; the last part is the file's name here
    member_bytes: int = 0  # the most that one may have

    @property
    def name(self):
        return self.url.rsplit("/", 1)[1]

    @property
    def yields(self):
        return tuple(member.rsplit("/", 1)[1] for member in self.members) or (self.name,)


@dataclass(frozen=True)
class Known:
    """`find(folder)` gives {role: file} of what is there; `choose(files, options)` the ones that a request
    needs, or says what is missing; `convert(files, options)` a Converted; `count(files)` the rows to train
    on and to test on."""

    name: str
    kind: str
    title: str
    licence: str
    rows: tuple[int, int]  # of the whole set
    find: Callable
    convert: Callable
    count: Callable
    choose: Callable = lambda files, options: files
    options: tuple[str, ...] = ()  # the keys of a request that shape the result
    downloads: tuple[Download, ...] = ()
    checksums: dict | None = None  # {file name: sha256} where they are known without a download
    shipped: tuple[str, str] | None = None  # (role, file in the package's assets)
    packed: dict | None = None  # {sha256 of a packed file: of what it holds}, so that both are the same data

    def shipped_files(self):
        return {self.shipped[0]: str(ASSETS / self.shipped[1])} if self.shipped else {}


def named(*names):
    """A `find` for sets whose files have fixed names: the role is the name."""

    def find(folder):
        return {name: str(folder / name) for name in names if (folder / name).is_file()}

    return find

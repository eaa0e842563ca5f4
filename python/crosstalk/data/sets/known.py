"""What a known data set is: its files, where they come from, what they should be, and how they are read."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from crosstalk.data.names import has_ending

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
    names: tuple[str, ...]  # of its files
    find: Callable
    convert: Callable
    count: Callable
    choose: Callable = lambda files, options: files
    folders: tuple[str, ...] = ()  # other names of the folder that has its files, in small letters
    not_read: dict = field(default_factory=dict)  # {folder of another version of it: what that is}
    options: tuple[str, ...] = ()  # the keys of a request that shape the result
    downloads: tuple[Download, ...] = ()
    checksums: dict | None = None  # {file name: sha256} where they are known without a download
    shipped: tuple[str, str] | None = None  # (role, file in the package's assets)
    packed: dict | None = None  # {sha256 of a packed file: of what it holds}, so that both are the same data

    def shipped_files(self):
        return {self.shipped[0]: str(ASSETS / self.shipped[1])} if self.shipped else {}


def named(*names):
    """A `find` for sets whose files have fixed names: the role is the name. In capitals they are taken too,
    where the name itself is not there."""

    def find(folder):
        return {name: str(path) for name in names if (path := file_named(folder, name))}

    return find


def file_named(folder, name):
    if (folder / name).is_file():
        return folder / name
    return next((path for path in files_in(folder) if path.name.lower() == name), None)


def files_beginning(folder, begin, ending):
    return [path for path in files_in(folder) if path.name.lower().startswith(begin) and has_ending(path.name, ending)]


def files_in(folder):
    return sorted(path for path in folder.iterdir() if path.is_file()) if folder.is_dir() else []

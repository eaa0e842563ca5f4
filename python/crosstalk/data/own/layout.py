"""How a folder of images is laid out: FOLDER/train/CLASS/*.png, and test/ or, where there is none, val/.

What is not read is counted: a morning is lost on images that are not there without a word."""

import unicodedata
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from crosstalk.data.errors import DataError, counted, did_you_mean
from crosstalk.data.names import has_ending, readable

ROLES = {"train": ("train", "training"), "test": ("test", "testing"), "val": ("val", "valid", "validation")}
LITTER = ("__macosx", "@eadir", "$recycle.bin", "lost+found")  # folders that systems and archives leave
OTHER_IMAGES = (".jpg", ".jpeg", ".bmp", ".gif", ".tif", ".tiff", ".webp", ".ppm", ".pgm", ".heic", ".avif", ".jp2")
NOWHERE = "link that leads nowhere"


@dataclass
class Layout:
    splits: dict  # {"train": [(class, path)], and "test" where there is a test set}
    notices: list


class PassedOver:
    """What is not read, counted by what it is."""

    def __init__(self, root):
        self.root, self.files, self.folders = root, Counter(), []

    def add(self, path, beside=False):
        if path.is_dir():
            self.folders.append(str(path.relative_to(self.root)))
        else:
            self.files[(kind_of(path), beside and has_ending(path.name, ".png"))] += 1

    def take(self, other):
        self.files += other.files
        self.folders += other.folders

    def text(self):
        """ "8 .jpg files and the folder train/.cache"; empty for nothing."""
        parts = []
        for (kind, beside), number in sorted(self.files.items()):
            plural = kind.replace("link that leads", "links that lead") if kind == NOWHERE else kind_plural(kind)
            parts.append(counted(number, kind, plural) + " beside the class folders" * beside)
        for folder in self.folders[:4]:
            parts.append(f"the folder {folder}")
        if more := self.folders[4:]:
            parts.append(counted(len(more), "more folder"))
        return ", ".join(parts[:-1]) + " and " * (len(parts) > 1) + parts[-1] if parts else ""

    def mend(self):
        others = any(kind.split()[0] in OTHER_IMAGES for kind, _ in self.files)
        return " Convert images of other formats to PNG." if others else ""


def kind_of(path):
    """What a path that is no folder is, as it is counted."""
    if not path.exists():
        return NOWHERE
    if path.name.startswith("."):
        return "hidden file"
    if not path.is_file():
        return "pipe, socket or device"
    ending = path.suffix.lower()
    usual = ending[1:].isalnum() and ending.isascii() and len(ending) <= 8
    return f"{ending} file" if usual else "other file"


def kind_plural(kind):
    return kind.removesuffix("file") + "files" if kind.endswith("file") else "pipes, sockets or devices"


def role_of(name):
    return next((role for role, names in ROLES.items() if name.lower() in names), None)


def refuse_dead(path):
    if path.is_symlink() and not path.exists():
        target = path.readlink()
        raise DataError(f"{path} is a link to {target}, which is not there. Mount or mend it, or take the link away.")


def halves(folder, passed):
    """{"train", "test", "val": path} of what is there."""
    found = {}
    for path in sorted(folder.iterdir()):
        role = role_of(path.name)
        if role:
            refuse_dead(path)
        if not role or not path.is_dir():
            passed.add(path)
            continue
        if role in found:
            raise DataError(
                f"{folder} has both {found[role].name}/ and {path.name}/: which one is meant? Rename the other."
            )
        found[role] = path
    if "train" not in found:
        there = ", ".join(sorted(path.name for path in folder.iterdir())[:8]) or "nothing"
        raise DataError(
            f"{folder} holds {there} where train/CLASS/*.png is expected (and test/CLASS/*.png, where "
            "there is a test set)."
        )
    return found


def class_folders(half, passed):
    """{class: folder}. A class is its folder's name, composed (NFC): macOS decomposes names, others do not."""
    found = {}
    for path in sorted(half.iterdir()):
        if path.name.startswith(".") or path.name.lower() in LITTER:
            passed.add(path)
            continue
        refuse_dead(path)
        if not path.is_dir():
            passed.add(path, beside=True)
            continue
        if readable(path.name) != path.name:
            raise DataError(f"{path}: the name of this class's folder is not UTF-8. Rename the folder.")
        name = unicodedata.normalize("NFC", path.name)
        if name in found:
            both = " and ".join(ascii(folder.name) for folder in (found[name], path))
            raise DataError(
                f"{half} has two folders for the class {name}: {both}, the same letters written with other "
                "code points. Put their images into one."
            )
        found[name] = path
    if not found:
        beside = passed.text()
        raise DataError(
            f"{half} has no folders: one for each class is expected, {half}/CLASS/*.png."
            + f" Not read: {beside}." * bool(beside)
        )
    return found


def images_in(folder, passed):
    here, images = PassedOver(passed.root), []
    for path in sorted(folder.iterdir()):
        if has_ending(path.name, ".png") and not path.name.startswith(".") and path.is_file():
            images.append(path)
        else:
            here.add(path)
    if not images:
        but = here.text()
        raise DataError(
            f"{folder} has no .png file{f', but {but}' if but else ''}. Put the class's images there, or take the "
            f"folder away.{here.mend()}"
        )
    passed.take(here)
    return images


def listed(folder):
    """The Layout of a folder; DataError where it is not laid out as it should be."""
    folder = Path(folder)
    passed, notices = PassedOver(folder), []
    found = halves(folder, passed)
    test = found.get("test") or found.get("val")
    if "val" in found and "test" not in found:
        notices.append(f"{test.name}/ is the test set: there is no test/.")
    elif "val" in found:
        notices.append(f"{found['val'].name}/ is not used: {test.name}/ is the test set.")
    splits, classes = {}, {}
    for split, half in (("train", found["train"]), ("test", test)):
        if half:
            classes[split] = class_folders(half, passed)
            splits[split] = [
                (name, image) for name, path in classes[split].items() for image in images_in(path, passed)
            ]
    check_classes(classes, found["train"])
    if alone := [name for name in classes["train"] if name not in classes.get("test", classes["train"])]:
        few = ", ".join(alone[:10]) + ", ..." * (len(alone) > 10)
        notices.append(f"{test.name}/ has no images of {counted(len(alone), 'class', 'classes')}: {few}.")
    if text := passed.text():
        notices.append(f"not read: {text}.{passed.mend()}")
    return Layout(splits, [readable(notice) for notice in notices])


def check_classes(classes, train):
    trained = classes["train"]
    if len(trained) < 2:
        raise DataError(f"{train} has one class, {next(iter(trained))}; there must be two or more.")
    for name, path in classes.get("test", {}).items():
        if name not in trained:
            raise DataError(
                f"{path}/: the class {name} is not in {train}, which has {', '.join(sorted(trained)[:10])}"
                f"{did_you_mean(name, trained)}"
            )

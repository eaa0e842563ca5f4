"""`verify`: checksums, shapes and ranges, rows that stand in both splits, and damage among the converted files.

A row counts as repeated where all of x is equal, bit for bit, in single precision, as a network sees it."""

import sys

from crosstalk.data import cache, limits
from crosstalk.data.converted import is_whole, made_before_digests
from crosstalk.data.errors import DataError, commas, counted, shape_text
from crosstalk.data.listing import entry, sets_of
from crosstalk.data.prepare import prepare
from crosstalk.data.sets import KNOWN
from crosstalk.data.source import find_known
from crosstalk.data.table import table
from crosstalk.data.verified import expected


def verify(request):
    """Checks each set that is here (or each that is asked for), and fails where one is not what it should
    be."""
    asked = sets_of(request)
    entries = []
    wrong, old = damaged_conversions()
    for name in asked or KNOWN:
        forget_checksums(KNOWN[name], request.get("data"))
        shown = entry(KNOWN[name], request.get("data"))
        if shown["files"]:
            try:
                check(shown, request)
            except DataError as error:
                wrong.append(error.message)
                continue
        elif name in asked:
            wrong.append(f"{name} is not here: {shown['notices'][0]}.")
        entries.append(shown)
    if wrong:
        raise DataError("\n".join(wrong))
    return {"datasets": entries, "text": text(entries) + old}


def damaged_conversions():
    """(what is wrong with files of the cache's converted/, a line on those that are only old)."""
    files = [path for path in sorted((cache.root() / "converted").glob("*.safetensors")) if not is_whole(path)]
    old = [path for path in files if made_before_digests(path)]
    wrong = [
        f"{path} is damaged: it does not have the contents that its digest stands for. It may be removed; a run "
        "that needs it\nmakes it again."
        for path in files
        if path not in old
    ]
    several = counted(len(old), "file"), "was" if len(old) == 1 else "were", cache.root() / "converted"
    return wrong, "{} that {} converted by an earlier version may be removed from {}\n".format(*several) if old else ""


def forget_checksums(known, data):
    """A disk that loses a bit leaves a file's time as it was: what is remembered by it is of no use here."""
    for path in find_known(known, data)[0].values():
        cache.forget(path)


def check(shown, request):
    name = shown["name"]
    own = {key: request[key] for key in ("data", "source", "train-rows") if request.get(key) is not None}
    if name == "sarcos" and "source" not in own and "sarcos_inv.mat" not in shown["files"]:
        own["source"] = "test-file"  # the one file that is here
    prepared = prepare({"dataset": name, **own})
    found = limits.ask(
        "inspect",
        {"file": prepared["file"], "classes": len(prepared["classes"] or []), "subject": prepared["file"]},
        prepared["file"],
        prepared["train_rows"] * 1000,
    )
    rows = (prepared["train_rows"], prepared["test_rows"])
    whole = rows == KNOWN[name].rows
    if whole and not all(expected(name, path) for path in shown["files"].values()):
        shown["notices"] = [f"only the archive's checksum is published: `crosstalk data fetch {name}` checks it"]
    elif whole and not prepared["verified"]:
        files = ", ".join(shown["files"].values())
        raise DataError(
            f"{name}: {files}: all rows are here, but the checksum is not the official one's. Something "
            "was altered or repacked;\n"
            + (
                "`crosstalk data fetch " + name + "` gets the official file."
                if KNOWN[name].downloads
                else "The package has its own: leave it out."
            )
        )
    verified = ("" if whole else "partial, ") + ("yes" if prepared["verified"] else "no")
    shown.update(
        verified=prepared["verified"] if whole else verified,
        train_rows=rows[0],
        test_rows=rows[1],
        shape=found["x_shape"],
        sha256=prepared["sha256"],
        in_both=found["x"]["test_in_train"],
        in_both_with_target=found["x_and_y"]["test_in_train"],
        repeats=found,
        notices=shown["notices"] + prepared["notices"],
    )
    print(f"{name}: checked, {counted(sum(rows), 'row')}", file=sys.stderr, flush=True)


def text(entries):
    columns = [
        "data set",
        "verified",
        "train",
        "test",
        "shape",
        "x from",
        "to",
        "in both",
        "with target",
        "twice in train",
        "in test",
    ]
    rows = []
    for shown in entries:
        if "repeats" not in shown:
            rows.append([shown["name"], "not here", *[""] * (len(columns) - 2)])
            continue
        found = shown["repeats"]
        yes = {True: "yes", False: "no"}.get(shown["verified"], shown["verified"])
        counts = (
            shown["in_both"],
            shown["in_both_with_target"],
            found["x"]["within_train"],
            found["x"]["within_test"],
        )
        sizes = [commas(shown["train_rows"]), commas(shown["test_rows"]), shape_text(shown["shape"])]
        rows.append(
            [
                shown["name"],
                yes,
                *sizes,
                *[f"{value:.4g}" for value in found["x_range"]],
                *map(commas, counts),
            ]
        )
    notes = [f"{shown['name']}: {notice}" for shown in entries for notice in shown["notices"] if "repeats" in shown]
    meaning = [
        "in both: rows of the test set whose inputs stand, bit for bit, in the training set; with "
        "target: whose target is the same too",
        "twice: rows that repeat an earlier one of the same split",
    ]
    return "\n".join([table(columns, rows, right=range(2, len(columns))), *notes, *meaning]) + "\n"

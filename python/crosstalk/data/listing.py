"""`list`: which data sets are here, where, how many rows, verified or not, under which licence."""

from crosstalk.data import cache, limits
from crosstalk.data.errors import DataError, commas, did_you_mean
from crosstalk.data.found import find_known, unread
from crosstalk.data.sets import KNOWN
from crosstalk.data.source import known_digests
from crosstalk.data.table import table
from crosstalk.data.verified import is_verified


def sets_of(request):
    """The names that a request has, as "dataset" or "datasets"; [] for all of them."""
    names = request.get("datasets") or request.get("dataset") or []
    names = [names] if isinstance(names, str) else names
    for name in names:
        if name not in KNOWN:
            raise DataError(
                f"{name} is not one of the data sets{did_you_mean(str(name), KNOWN)} They are {', '.join(KNOWN)}.",
                "config",
            )
    return list(dict.fromkeys(names))


def list_sets(request):
    return report(sets_of(request) or list(KNOWN), request.get("data"))


def entry(known, data):
    """What is known of a set without opening its files."""
    files, folder = find_known(known, data)
    shown = {
        "name": known.name,
        "kind": known.kind,
        "title": known.title,
        "licence": known.licence,
        "files": files,
        "notices": unread(known, data, files, folder),
    }
    if not files:
        mend = f"`crosstalk data fetch {known.name}` gets it"
        return {
            **shown,
            "where": "not here",
            "verified": "",
            "train_rows": None,
            "test_rows": None,
            "notices": [mend, *shown["notices"]],
        }
    where = str(folder) if folder else "in the package"
    yes = all(is_verified(known.name, path, known_digests(known, path)) for path in files.values())
    return {**shown, "where": where, "verified": yes}


def report(names, data):
    """{"datasets": [...], "text"}. Rows are counted in the child: it takes a reader of foreign files to
    know them."""
    entries = [entry(KNOWN[name], data) for name in names]
    here = {entry["name"]: entry["files"] for entry in entries if entry["files"]}
    counts = limits.ask("count", {"sets": here, "subject": "the data sets"}, "the data sets") if here else {}
    for entry_ in entries:
        if counted := counts.get(entry_["name"]):
            complete(entry_, counted)
    return {"datasets": entries, "text": text(entries), "cache": str(cache.root())}


def complete(shown, counted):
    if "error" in counted:
        shown.update(train_rows=None, test_rows=None, verified="damaged", notices=[*shown["notices"], counted["error"]])
        return
    known, (train, test) = KNOWN[shown["name"]], counted["rows"]
    shown.update(train_rows=train, test_rows=test)
    if (train, test) != known.rows:
        shown["verified"] = "partial, " + ("verified" if shown["verified"] else "not verified")
        shown["notices"].append(f"{train:,} + {test:,} rows of {known.rows[0]:,} + {known.rows[1]:,}")


def text(entries):
    """The table that the command prints."""
    columns = ["data set", "for", "train", "test", "verified", "licence", "where"]
    rows = []
    for shown in entries:
        yes = {True: "yes", False: "no"}.get(shown["verified"], shown["verified"])
        numbers = ["" if shown[key] is None else commas(shown[key]) for key in ("train_rows", "test_rows")]
        rows.append([shown["name"], shown["kind"], *numbers, yes, shown["licence"].split(";")[0], shown["where"]])
    notes = [f"{shown['name']}: {notice}" for shown in entries for notice in shown["notices"]]
    return "\n".join([table(columns, rows, right=(2, 3)), *notes, f"cache: {cache.root()}"]) + "\n"

"""The page's head: what was run, on what, with what, how long it took."""

import json

from . import words
from .markup import Markup, details, join, section, table, tag, with_code


def titles(bundle):
    for study in bundle.studies:
        inside = study.get("json") or {}
        yield inside.get("title") or study.get("name") or study.get("folder") or "study"


def header(bundle):
    inside = (bundle.studies[0] if bundle.studies else {}).get("json") or {}
    names = list(dict.fromkeys(titles(bundle)))
    states = {}
    for run in bundle.runs:
        states[run["status"]] = states.get(run["status"], 0) + 1
    those = ("series", "series") if bundle.by else ("experiment",)  # an experiment that is divided has several
    parts = [words.count(len(bundle.runs), "run"), words.count(len(bundle.experiments), *those)]
    states["not finished"] = states.get("running", 0) + states.get("pending", 0)
    parts += [f"{states[name]:,} {name}" for name in ("diverged", "failed", "not finished") if states.get(name)]
    facts = [tag("li", part) for part in parts]
    if bundle.where:
        facts.append(tag("li", f"only runs with {words.listed(bundle.where)}", class_="notice"))
    scales = {str(study["scale"]) for study in bundle.studies if study.get("scale")} - {"paper"}
    facts += [tag("li", f"scale “{scale}”, of which the description does not speak") for scale in sorted(scales)]
    description = inside.get("description") if len(names) == 1 else None
    return tag("header",
        tag("p", "Crosstalk", tag("span", " report", class_="quiet"), class_="kicker"),
        tag("button", "Dark", type="button", id="theme", aria_pressed="false", hidden=True),
        tag("h1", words.listed(names)),
        tag("p", with_code(description), class_="lead") if description else "",
        tag("ul", *facts, class_="facts"))  # fmt: skip


def _plain(value):
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)


def _machines(bundle):
    found = {}
    for run in bundle.runs:
        for key, value in (run.get("machine") or {}).items():
            found.setdefault(key, set()).add(_plain(value))
    return found


def _swept(bundle):
    rows = []
    for key in bundle.swept:
        values = {}
        for run in bundle.runs:
            if key in run.get("configuration", {}):
                value = run["configuration"][key]
                values[_plain(value)] = value
        ordered = sorted(
            values.values(), key=lambda v: (isinstance(v, str), v if isinstance(v, (int, float, str)) else 0)
        )
        rows.append([tag("code", key), words.listed(words.value(v) for v in ordered)])
    seeds = sorted({run["seed"] for run in bundle.runs})
    if seeds:
        rows.append([tag("code", "seeds"), words.value(seeds)])
    return rows


def _constant(bundle):
    """Keys that count in every run, and have one value."""
    counting = set.intersection(*(set(run.get("configuration", {})) for run in bundle.runs)) if bundle.runs else set()
    values = {}
    for run in bundle.runs:
        for key in counting:
            values.setdefault(key, set()).add(_plain(run["configuration"][key]))
    return [[tag("code", key), words.value(json.loads(next(iter(found))) if _is_json(next(iter(found))) else next(iter(found)))]
            for key, found in sorted(values.items()) if len(found) == 1 and key not in bundle.swept]  # fmt: skip


def _is_json(content):
    try:
        json.loads(content)
        return True
    except ValueError:
        return False


def _datasets(bundle):
    rows = []
    for data in bundle.data:
        if isinstance(data.get("trajectories"), dict):
            continue  # they have a table of their own
        notices = [tag("p", notice, class_="notice") for notice in data.get("notices") or []]
        counts = [f"{data[rows]:,}" if rows in data else "–" for rows in ("train_rows", "test_rows")]
        row = [data.get("dataset", ""), *counts,
               _checksum(data), join(notices) or "–"]  # fmt: skip
        if row not in rows:  # several folders may have used the same
            rows.append(row)
    head = ["data", "training rows", "test rows", "SHA-256 of the source", "notices"]
    return table(head, rows, "Data", numbers=(1, 2)) if rows else ""


def _checksum(data):
    checksum = str(data.get("sha256") or "")
    return tag("code", checksum[:16] + ("…" if len(checksum) > 16 else ""), title=checksum)


def _trajectories(bundle):
    """The stored sets that runs learn from, and who played them."""
    rows = []
    for data in bundle.data:
        held = data.get("trajectories")
        if not isinstance(held, dict):
            continue
        counts = [words.value(held.get(name)) or "–" for name in ("steps", "episodes")]
        row = [
            data.get("dataset", ""),
            held.get("environment") or "–",
            *counts,
            _player(held.get("policy")),
            _checksum(data),
        ]
        if row not in rows:
            rows.append(row)
    head = ["folder", "environment", "transitions", "episodes", "played by", "SHA-256"]
    return table(head, rows, "Stored trajectories", numbers=(2, 3)) if rows else ""


def _player(policy):
    """{"kind": "expert", "epsilon": 0.01, ...} in words."""
    policy = policy if isinstance(policy, dict) else {}
    kind = policy.get("kind")
    if kind == "random":
        return "random actions"
    if kind == "imported":
        return f"unknown; imported from {policy.get('from', 'elsewhere')}"
    if kind != "expert":
        return str(kind or "unknown")
    said = f"an expert, epsilon {words.value(policy.get('epsilon')) or 'unknown'}"
    said += f", learned by {policy['algorithm']}" if "algorithm" in policy else ""
    return said + (f" (run {policy['run']})" if "run" in policy else "")


def _definitions(pairs):
    shown = [Markup(tag("dt", name) + tag("dd", value)) for name, value in pairs if value not in (None, "")]
    return tag("dl", *shown, class_="facts-list")


def render(bundle):
    machines = _machines(bundle)
    seconds = sum(run.get("seconds") or 0 for run in bundle.runs)
    studies = []
    for study in bundle.studies:
        scale = study.get("scale")
        studies.append(f"{study.get('name') or study.get('folder')}" + (f" at scale “{scale}”" if scale else ""))
    options = [option for study in bundle.studies for option in ((study.get("options") or {}).get("sets") or [])
               if isinstance(study.get("options"), dict)]  # fmt: skip
    kinds = {"host": "computers", "torch": "torch", "isa": "instruction set", "gpu": "GPU",
             "crosstalk": "runs made by Crosstalk"}  # fmt: skip
    pairs = [
        ("study", words.listed(studies)),
        ("begun", words.listed(dict.fromkeys(words.moment(study.get("created")) for study in bundle.studies))),
        ("changed by --set", ", ".join(options)),
        ("report made by", f"Crosstalk {bundle.version}"),
    ]
    pairs += [(title, words.listed(sorted(machines[key]))) for key, title in kinds.items() if key in machines]
    pairs += [(key, words.listed(sorted(values))) for key, values in machines.items() if key not in kinds]
    choices = {"series by": bundle.by, "pooled over": bundle.pooled, "only runs with": bundle.where}
    pairs += [(title, join([tag("code", one) for one in those], ", ")) for title, those in choices.items()]
    pairs.append(("time of all runs together", words.duration(seconds)))
    swept, constant = _swept(bundle), _constant(bundle)
    return section("what", "What was run",
        _definitions(pairs),
        table(["key", "values"], swept, "What varies") if swept else "",
        details(f"What is the same in all runs ({words.count(len(constant), 'key')})",
                table(["key", "value"], constant, "What is the same in all runs")) if constant else "",
        _datasets(bundle),
        _trajectories(bundle),
        tag("ul", *(tag("li", with_code(note)) for note in bundle.notes), class_="notes") if bundle.notes else "")  # fmt: skip

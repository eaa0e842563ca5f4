"""Names that strangers choose: macros of two reports in one paper, cells that a spreadsheet does not compute, LaTeX that is set as
it was written, pages and figures in which every name stays text."""

import csv
import io
import json
import re

import pytest
import synthetic_bundle

from crosstalk.report import __main__ as command
from crosstalk.report import cells, latex, macro_names
from crosstalk.report.bundle import Table, from_json

# Text and its cell: tests/desk/export_test.cpp has the same list.
GUARDED = [
    ("=1+1", "'=1+1"),
    ("+1+1", "'+1+1"),
    ("-A1", "'-A1"),
    ("@SUM(A1)", "'@SUM(A1)"),
    ("\tx", "'\tx"),
    ("\rx", '"\'\rx"'),
    ("＝1", "'＝1"),
    ("'=1", "''=1"),
    ("=a,b", '"\'=a,b"'),
    ("-", "'-"),
    ("-1+2", "'-1+2"),
    ("+-5", "'+-5"),
    ("-0.5", "-0.5"),
    ("+1e-3", "+1e-3"),
    ("-.5", "-.5"),
    ("'tis", "'tis"),
    ("a=b", "a=b"),
    ('say "a"', '"say ""a"""'),
    ("a\rb", '"a\rb"'),
    ("", ""),
]


def name_of(study, **facts):
    return re.findall(r"newcommand\{\\(\w+)\}", latex.macros(from_json({"study": study} | facts)))


def one_fact(study, experiment="digits"):
    facts = {f"{experiment}/all/r": 0.5}
    runs = [{"experiment": experiment}]
    return name_of(study, runs=runs, figures=[{"name": "figure2", "title": "", "facts": facts}])[0]


def test_numbers_are_spelt():
    assert macro_names.spelt("44484") == "FortyFourThousandFourHundredEightyFour"
    assert macro_names.spelt("05") == "ZeroFive" and macro_names.spelt("1000000") == "OneMillion"
    assert macro_names.spelt("9" * 5000) == "Nine" * 5000


def test_macros_of_two_studies_have_no_name_in_common():
    studies = [
        {"name": name}
        for name in ("first", "second", "a-b", "a_b", "a b", "ab", "A-b", "v2", "v-two", "v-2", "宽度", "深度", "🧠")
    ]
    studies += [
        {"name": "first", "scale": "reduced"},
        {"name": "first", "folder": "r1"},
        {"name": "first", "folder": "r2"},
    ]
    names = [one_fact(study) for study in studies]
    assert all(re.fullmatch("[A-Za-z]+", name) for name in names) and len(set(names)) == len(names)
    assert names[0] == "ctFirstFigureTwoDigitsAllR"
    assert (
        one_fact({"name": "first", "scale": "reduced", "folder": "first-reduced"})
        == "ctFirstReducedFigureTwoDigitsAllR"
    )


def test_a_report_of_two_studies_and_the_reports_of_each_have_no_name_in_common():
    one, two = {"name": "a"}, {"name": "b"}
    both = [name for name in name_of(None, studies=[one, two], claims={"facts": {"paper/x/verdict": "supported"}})]
    each = [name_of(study, claims={"facts": {"paper/x/verdict": "supported"}}) for study in (one, two, {"name": "a-b"})]
    assert len({*both, *sum(each, [])}) == 4


def test_macros_of_experiments_in_other_scripts_are_told_apart_and_do_not_depend_on_each_other():
    names = [
        "宽度实验",
        "深度-β₂",
        "deep-β₁",
        "ניסוי",
        "🧠",
        "big words",
        "big-words",
        "Big-words",
        "big_words",
        "two2",
        "two-two",
    ]
    alone = [one_fact({"name": "first"}, name) for name in names]
    facts = {f"{name}/all/r": 0.5 for name in names}
    together = name_of({"name": "first"}, runs=[{"experiment": name} for name in names],
                       figures=[{"name": "figure2", "title": "", "facts": facts}])  # fmt: skip
    assert alone == together and len(set(alone)) == len(names)
    assert "ctFirstFigureTwoBigWordsAllR" in alone, "a plain name needs no mark"


def test_an_experiment_keeps_its_mark_in_the_groups_of_a_claim():
    names = ["宽度", "深度"]
    facts = {f"paper/x/{name}, 20 examples/value": 0.1 for name in names}
    found = name_of({"name": "s"}, runs=[{"experiment": name} for name in names], claims={"facts": facts})
    assert found == [f"ctSClaimsPaperX{macro_names.mark(name)}TwentyExamplesValue" for name in names]


def test_facts_that_would_be_one_macro_are_marked_both():
    facts = {"a b/r": 0.5, "a-b/r": -0.004, "a_b/note": "50% & more"}
    bundle = from_json({"figures": [{"name": "figure1", "title": "", "facts": facts}]})
    text = latex.macros(bundle)
    names = re.findall(r"newcommand\{\\(\w+)\}", text)
    assert len(set(names)) == 3 and all(re.fullmatch("ctFigureOneABR[A-Z][a-z]{4}", name) for name in names[:2])
    assert r"-4.00 \times 10^{-3}" in text and r"50\% \& more" in text


def test_text_in_latex_is_set_as_it_was_written_and_its_script_is_told():
    row = {
        "verdict": "supported",
        "sentence": "[1] 50% of a_b^2 & `x` {y}\n\n\\end{document}\u2028$#~",
        "source": "*s*",
        "shows": "r − 1 ≥ 2",
    }
    text = latex.claims([row])
    assert (
        r"{[}1{]} 50\% of a\_b\textasciicircum{}2 \& \textasciigrave{}x\textasciigrave{} \{y\} \textbackslash{}end\{document\} \$\#\textasciitilde{}"
        in text
    )
    assert r"{*}s{*}" in text and r"r \ensuremath{-} 1 \ensuremath{\ge} 2" in text and "xelatex" not in text
    assert "xelatex" in latex.claims([row | {"source": "宽度实验"}]).splitlines()[0]


def test_a_fact_whose_name_has_line_ends_stays_in_its_comment():
    facts = {"a\n\\input{x}\r\u2028\u0085b/r": 0.5}
    text = latex.macros(from_json({"figures": [{"name": "figure1", "title": "", "facts": facts}]}))
    assert [line for line in re.split("[\n\r]", text) if line and not line.startswith(("%", "\\newcommand"))] == []


@pytest.mark.parametrize(("text", "cell"), GUARDED)
def test_a_cell_is_no_formula_and_gives_back_its_text(text, cell):
    assert cells.field(text) == cell
    (row,) = csv.reader(io.StringIO(cell + ",end\n", newline=""))
    assert cells.text(row[0]) == text and row[1] == "end"


def test_numbers_in_a_table_are_as_they_were():
    table = Table(["-a", "b"], [[-0.5, None], [-3.0, True], [float(2**60), "-5"], ["=x", 1e-300]])
    assert cells.csv_of(table) == "'-a,b\n-0.5,\n-3,true\n1.152921504606847e+18,-5\n'=x,1e-300\n"


HOSTILE = ["</script><script>alert(1)</script>", "<img src=x onerror=alert(1)>", "=cmd|' /C calc'!A0", "a\u2028b\u2029c", "__proto__",
           "a\x01\x1bb\ufffe", "\u202eright to left", "${x} `y` {{z}} #{q}", "'\"\\", "a,b\r\nc", "ניסוי", "宽度实验🧠", "constructor", " "]  # fmt: skip


def crowd(names):
    """A bundle in which every name is an experiment, with runs, marks, claims and facts."""
    bundle = synthetic_bundle.build(grams=False)
    mine = [run for run in bundle["runs"] if run["experiment"] == "digits"][:3]
    bundle["runs"] = [{**run, "experiment": name, "message": name} for name in names for run in mine]
    bundle["figures"] = [figure for figure in bundle["figures"] if figure["name"] in ("figure1", "figure2", "figureD2")]
    for figure in bundle["figures"]:
        for table in figure["tables"].values():
            at = table["columns"].index("experiment")
            rows = [row for row in table["rows"] if row[at] == "digits"][:12]
            table["rows"] = [[*row[:at], name, *row[at + 1 :]] for name in names for row in rows]
        figure["facts"] = {f"{name}/all/r": 0.5 for name in names}
        figure["notes"], figure["alternative"], figure["caption"] = names, " ".join(names), " ".join(names)
    group = {"statistic": "r", "value": 0.5, "low": 0.1, "high": 0.9, "n": 9, "configurations": 9, "side": "holds"}
    row = {"own": True, "verdict": "supported", "rule": "r > 0", "decides": "", "confounded": "", "within": [], "selected": 9,
           "unlearned": 0, "unknown_learned": 0, "replication": None}  # fmt: skip
    bundle["claims"] = {"rows": [{**row, "name": name, "sentence": name, "source": name, "shows": name, "groups": [{**group, "label": name}],
                                  "left_out_groups": [{"label": name, "reason": name}]} for name in names], "facts": {f"x/{name}/value": 0.5 for name in names}}  # fmt: skip
    title = {"title": " ".join(names), "description": " ".join(names)}
    bundle["studies"] = [{"name": names[0], "text": " ".join(names), "json": title}]
    return bundle


def test_a_study_whose_names_are_hostile_has_a_report_in_which_they_are_text(tmp_path, capsys):
    (tmp_path / "bundle.json").write_text(json.dumps(crowd(HOSTILE)))
    arguments = [
        "--bundle",
        str(tmp_path / "bundle.json"),
        "--out",
        str(tmp_path),
        "--formats",
        "html,svg,png,csv,latex",
    ]
    assert command.main(arguments) == 0
    reply = json.loads(capsys.readouterr().out)
    assert "incomplete" not in reply
    page = (tmp_path / "report.html").read_text()
    assert "<script>alert" not in page and "<img src=x" not in page and page.count("<script") == page.count("</script>")
    for file in (name for name in reply["files"] if name.endswith(".csv")):
        head, *rows = csv.reader(io.StringIO((tmp_path / file).read_bytes().decode(), newline=""))
        assert {len(row) for row in rows} == {len(head)}
        assert not any(re.match("[=@]", cell) for row in rows for cell in row)
        named = {cells.text(row[head.index("name" if "claims" in file else "experiment")]) for row in rows}
        assert named == {name.replace("\x01\x1b", "␁␛").replace("\ufffe", "\ufffd") for name in HOSTILE}
    macros = re.findall(r"^\\newcommand\{\\(\w+)\}", (tmp_path / "figures" / "macros.tex").read_text(), re.M)
    assert len(macros) == len(set(macros)) == 4 * len(HOSTILE)
    svg = (tmp_path / "figures" / "figure2.svg").read_text()
    assert "宽度实验" in svg and "ניסוי" in svg and "&lt;img" in svg and "a␁␛b" in svg

"""Reports of studies with little to show, on machines where something is in the way, and of two studies for one paper."""

import re

import pytest

FOR_PAPER = "svg,png,pdf,csv,latex"
EVERY = FOR_PAPER + ",html"  # the page takes as long as all else


@pytest.mark.parametrize(
    ("said", "settings", "formats"),
    [
        ("every run diverges", ["learner.optimizer=sgd", "learner.rate=1e5"], EVERY),
        ("one run", ["seeds=1", "network.hidden=4"], FOR_PAPER),
        ("one example and one sample", ["task.examples=[1, 2]", "probe.samples=2"], EVERY),
        ("no interference is measured", ['probe.measures=["gap"]'], FOR_PAPER),
        ("nothing is measured that a figure shows", ['probe.measures=["loss"]'], FOR_PAPER),
    ],
)
def test_a_study_with_little_to_show_has_a_report_in_every_format_without_a_number_that_is_none(
    crosstalk, study, said, settings, formats
):
    more = [word for setting in settings for word in ("--set", setting)]
    crosstalk("run", study(updates=50), "--out", "r", "--jobs", "1", *more)
    files = crosstalk("report", "r", "--format", formats).splitlines()
    assert ("html" in formats) == (files[-1] == "r/report.html") and "r/figures/macros.tex" in files, said
    for file in files:
        content = (crosstalk.folder / file).read_bytes()
        assert content, file
        if file.endswith((".csv", ".tex", ".svg")):
            assert not re.search(rb"\b(nan|inf|infinity)\b", content, re.I), file


def test_two_reports_in_one_paper_define_no_macro_twice(crosstalk, study):
    found = []
    for name, out in (("first", "one"), ("second", "two"), ("first", "three")):
        crosstalk("run", study(updates=50, name=name), "--out", out, "--jobs", "1")
        crosstalk("report", out, "--format", "latex")
        text = (crosstalk.folder / out / "figures" / "macros.tex").read_text()
        found += re.findall(r"^\\newcommand\{\\(\w+)\}", text, re.M)
    assert len(found) > 300 and len(set(found)) == len(found)


def test_a_study_has_the_same_macros_however_its_folder_is_named(crosstalk, study, finished):
    _, folder = finished
    texts = []
    for place, name in ((folder, "."), (folder.parent, folder.name + "/"), (folder.parent, folder)):
        crosstalk("report", name, "--out", crosstalk.folder / "out", "--format", "latex", cwd=place)
        texts.append((crosstalk.folder / "out" / "figures" / "macros.tex").read_text())
    assert texts[0] == texts[1] == texts[2]


def test_figures_that_cannot_be_drawn_are_named_with_the_file_that_is_at_fault_and_their_tables_are_written(
    crosstalk, finished
):
    _, folder = finished
    (crosstalk.folder / "vl_convert.py").write_text("def vegalite_to_svg(*a, **k): raise ValueError('drawn by hand')\n")
    path = crosstalk.environment.get("PYTHONPATH")
    crosstalk.environment["PYTHONPATH"] = f"{crosstalk.folder}:{path}" if path else str(crosstalk.folder)
    process = crosstalk.start("report", folder, "--out", "r", "--format", "csv,svg")
    out, err = process.communicate(timeout=300)
    assert process.returncode == 4 and "figure2" in err and "vl_convert.py, not the installed one" in err and "damaged" not in err
    assert (
        "r/figures/figure2-points.csv" in out and (crosstalk.folder / "r" / "figures" / "figure2-points.csv").exists()
    )


def test_a_folder_where_a_file_belongs_is_refused_with_its_name(crosstalk, finished):
    _, folder = finished
    (crosstalk.folder / "r" / "figures" / "macros.tex").mkdir(parents=True)
    assert "macros.tex is a folder" in crosstalk("report", folder, "--out", "r", "--format", "csv,latex", status=4)
    assert [path.name for path in (crosstalk.folder / "r" / "figures").iterdir()] == ["macros.tex"]

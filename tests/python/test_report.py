"""The report's files: figures of the asked width, tables as they came, macros that LaTeX takes, a page that holds it all."""

import base64
import csv
import io
import json
import re

import numpy as np
import pytest
import synthetic_bundle
from PIL import Image

from crosstalk.report import __main__ as command
from crosstalk.report import pixels, runs
from crosstalk.report.bundle import from_json

MAIN_FIGURES = ["figure1", "figure2", "figure9", "figure10", "figureD2"]


def make(folder, bundle, *options):
    file = folder / "bundle.json"
    file.write_text(json.dumps(bundle))
    assert command.main(["--bundle", str(file), "--out", str(folder), *options]) == 0
    return folder


@pytest.fixture(scope="module")
def bundle(tmp_path_factory):
    images = tmp_path_factory.mktemp("data") / "digits.safetensors"
    synthetic_bundle.write_images(images)
    return synthetic_bundle.build(images=images)


@pytest.fixture(scope="module")
def report(tmp_path_factory, bundle):
    folder = tmp_path_factory.mktemp("report")
    return make(folder, bundle, "--formats", "html,svg,png,pdf,csv,latex", "--width", "5.5", "--font-size", "8")


def test_every_figure_is_written_in_every_format_with_the_asked_width(report):
    for name in MAIN_FIGURES:
        svg = (report / "figures" / f"{name}.svg").read_text()
        assert re.search(r'width="396pt"', svg), name
        assert 'aria-label="In digits r rises' in svg and "&lt;marked&gt;" in svg
        image = Image.open(report / "figures" / f"{name}.png")
        assert image.size[0] == 1650 and round(image.info["dpi"][0]) == 300
        pdf = (report / "figures" / f"{name}.pdf").read_bytes()
        width = float(re.search(rb"/MediaBox *\[0 0 ([0-9.]+)", pdf).group(1))
        assert pdf.startswith(b"%PDF") and abs(width - 396) < 1


def test_a_paper_figure_has_marks_for_every_experiment_that_grey_tells_apart(report):
    image = Image.open(report / "figures" / "figure2.png").convert("L")
    levels = [level for level, count in enumerate(image.histogram()) if count > 40 and level < 200]
    assert levels, "figure 2 has no marks"
    svg = (report / "figures" / "figure1.svg").read_text()
    assert "stroke-dasharray" in svg and "digits" in svg and "california" in svg


def test_a_comparison_is_drawn_though_its_experiments_are_told_apart_by_other_names(tmp_path):
    bundle = synthetic_bundle.build()
    compared = synthetic_bundle.comparison(bundle)
    for name in ("differences", "pairs"):
        for row in compared["tables"][name]["rows"]:
            row[0] += " of one study"  # the report knows "digits (learner.rate 0.1)" and the like
    folder = make(tmp_path, bundle | {"comparison": compared}, "--formats", "svg")
    marks = re.findall(r"<path [^>]*of one study[^>]*>", (folder / "figures" / "comparison.svg").read_text())
    assert len(marks) > 100
    assert all(re.search(r'(fill|stroke)="#', mark) for mark in marks), "a mark without a colour is not seen"


def test_the_csv_files_are_the_tables(report, bundle):
    checked = 0
    for figure in bundle["figures"]:
        for name, table in figure["tables"].items():
            stem = figure["name"] if len(figure["tables"]) == 1 else f"{figure['name']}-{name}"
            head, *rows = csv.reader(io.StringIO((report / "figures" / f"{stem}.csv").read_text()))
            assert head == table["columns"] and len(rows) == len(table["rows"])
            for written, row in zip(rows, table["rows"], strict=True):
                for text, cell in zip(written, row, strict=True):
                    assert (
                        text == ""
                        if cell is None
                        else text == str(cell).lower()
                        if isinstance(cell, bool)
                        else float(text) == cell
                        if isinstance(cell, (int, float))
                        else text == cell
                    )
                    checked += 1
    assert checked > 10000


def test_every_fact_is_a_macro_with_a_name_that_latex_takes(report, bundle):
    text = (report / "figures" / "macros.tex").read_text()
    names = re.findall(r"^\\newcommand\{\\([^}]*)\}\{(.*)\}$", text, re.M)
    assert all(re.fullmatch("[A-Za-z]+", name) for name, _ in names)
    assert len({name for name, _ in names}) == len(names)
    facts = sum(len(figure["facts"]) for figure in bundle["figures"])
    assert len(names) >= facts
    values = dict(names)
    wanted = bundle["figures"][0]["facts"]["digits/nT=100/r"]
    assert values["ctSmallLaptopFigureOneDigitsNTOneHundredR"] == rf"\ensuremath{{{wanted:.2f}}}"
    assert values["ctSmallLaptopFigureOneDigitsNTOneHundredN"] == r"\ensuremath{18}"
    assert values["ctSmallLaptopFigureOneDigitsNTOneHundredInterval"].startswith(r"\ensuremath{[")
    assert all(value.count("{") == value.count("}") for value in values.values())


def test_agents_and_supervised_runs_have_curves_with_the_lines_to_beat(tmp_path):
    bundle = synthetic_bundle.build(full=True, grams=False)
    make(tmp_path, bundle, "--formats", "html,svg,csv")
    svg = (tmp_path / "figures" / "figureReward.svg").read_text()
    assert svg.count(">never looks<") == 6 and svg.count(">random<") == 6, "on each of two agents' three panels"
    assert (
        svg.count(">environment steps<") == 6
        and ">policy churn" in (tmp_path / "figures" / "figureChurn.svg").read_text()
    )
    assert "figureReward-lines.csv" in {file.name for file in (tmp_path / "figures").iterdir()}
    page = (tmp_path / "report.html").read_text()
    for name, number in (
        ("figureReward", ""),
        ("figureD2", "Figure D.2 of the paper"),
        ("figure10", "Figure 10 of the paper"),
    ):
        head = page[page.index(f'id="{name}"') :]
        assert (
            head[: head.index("</h3>")].count(" of the paper") == bool(number) and number in head[: head.index("</h3>")]
        )
    learning = (tmp_path / "figures" / "figureLearning.svg").read_text()
    assert learning.count(">constant<") == 3, (
        "accuracy of one experiment, squared error of two; the loss has no such line"
    )
    assert learning.count(">training step (updates)<") == 6 and ">500<" in learning and ">1k<" not in learning


def test_the_table_of_runs_says_which_have_learned_as_the_marks_do(bundle):
    listed = runs.columns_and_rows(from_json(bundle))
    at = listed["columns"].index("learned")
    points = next(figure for figure in bundle["figures"] if figure["name"] == "figure2")["tables"]["points"]
    place = points["columns"].index("learned")
    main = {row[0]: row[place] for row in points["rows"] if row[4] == synthetic_bundle.MAIN}
    words = {True: "● yes", False: "○ no", None: ""}
    assert [row[at] for row in listed["rows"]] == [words[main[row[0]]] for row in listed["rows"]]
    assert {row[at] for row in listed["rows"]} == set(words.values())


def test_a_report_without_agents_says_nothing_of_them(report):
    assert "never looks" not in (report / "report.html").read_text()


def test_hollow_marks_are_the_runs_that_have_not_learned_and_the_unknown_are_filled(tmp_path):
    bundle = synthetic_bundle.build(full=True, grams=False)
    make(tmp_path, bundle, "--formats", "svg")
    points = next(figure for figure in bundle["figures"] if figure["name"] == "figure2")["tables"]["points"]
    place = points["columns"].index("learned")
    main = [row[place] for row in points["rows"] if row[4] == synthetic_bundle.MAIN]
    svg = (tmp_path / "figures" / "figure2.svg").read_text()
    marks = re.findall(r'<path aria-label="[^"]*experiment: [^"]*capacity[^"]*" role="graphics-symbol"[^>]*>', svg)
    hollow = [mark for mark in marks if 'fill-opacity="0"' in mark]
    assert len(marks) == len(main) and len(hollow) == main.count(False) > 20


def test_shares_of_pairs_stand_beside_the_correlations(report):
    page = (report / "report.html").read_text()
    section = page[page.index('id="correlations"') : page.index('id="grams"')]
    assert "Which way pairs interfere" in section and "62%" in section and "30%" in section


def test_claims_are_counted_and_those_not_tested_are_folded(report):
    page = (report / "report.html").read_text()
    section = page[page.index('id="claims"') : page.index('id="what"')]
    assert "Of 4 sentences of the paper, 3 were tested: 1 supported, 1 contradicted, 1 undecided." in section
    assert "Of 2 claims of the study’s own, 2 were tested: 1 supported, 1 contradicted, 0 undecided." in section
    assert "Stood in the file before the runs began." in section and "Added after 5 of 144 runs were done." in section
    shown, folded = section.split("Not tested here: 1 claim")
    assert "A sentence of later &amp; &lt;more&gt;." in folded and "Needs the sign variance" in folded
    assert "sentence of later" not in shown
    assert (
        "r = 0.10 (no interval: fewer than 4 configurations, n = 48)" in shown
        and "r = 0.00 (90% interval −0.30 to 0.30, n = 48)" in shown
    )


def test_claims_say_how_many_false_verdicts_to_expect_and_which_groups_are_left_out(report):
    page = (report / "report.html").read_text()
    section = page[page.index('id="claims"') : page.index('id="what"')]
    assert "Of the 5 claims with an interval, fewer than one false verdict is to be expected" in section
    assert section.index("false verdict is") < section.index('aria-label="Claims that were tested"')
    assert "Left out: 1 group" in section and "fewer than 4 configurations" in section


def test_claims_lie_beside_the_figures_as_csv_and_latex(report, bundle):
    head, *rows = csv.reader(io.StringIO((report / "figures" / "claims.csv").read_text()))
    records = [dict(zip(head, row, strict=True)) for row in rows]
    assert [row["verdict"] for row in records if row["name"] == "open"] == ["undecided", "undecided"]
    assert len(records) == sum(max(1, len(row["groups"])) for row in bundle["claims"]["rows"])
    assert next(row for row in records if row["name"] == "over-all")["value"] == "0.42"
    left_out = next(row for row in records if row["name"] == "open")
    assert left_out["unlearned"] == "12" and left_out["replication"] == "40"
    assert left_out["left_out_groups"] == "digits, 500 examples: fewer than 4 configurations"
    macros = (report / "figures" / "macros.tex").read_text()
    assert r"\newcommand{\ctSmallLaptopClaimsPaperOverAllVerdict}{contradicted}" in macros
    assert r"\newcommand{\ctSmallLaptopClaimsPaperOverAllDigitsInterval}{\ensuremath{[0.20, 0.60]}}" in macros
    table = (report / "figures" / "claims.tex").read_text()
    assert table.count(r" \\") == 1 + 5 and r"A sentence of over-all \& \textless{}more\textgreater{}." in table


def test_the_study_comes_out_of_the_page_as_it_went_in(report, bundle):
    page = (report / "report.html").read_text()
    begin = page.index(">", page.index('id="crosstalk-study"')) + 1
    inside = page[begin : page.index("</script>", begin)]
    assert json.loads(inside) == bundle["study"]["json"]


def test_text_of_a_study_stays_text(report):
    page = (report / "report.html").read_text()
    assert "<script>alert(" not in page and "<b>small" not in page
    assert "&lt;/script&gt;&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_thumbnails_are_the_pixels_of_the_named_rows(tmp_path):
    file = tmp_path / "images.safetensors"
    images = synthetic_bundle.write_images(file)
    for row, uri in pixels.thumbnails(file, [0, 17])[0].items():
        assert uri == pixels.png_uri(images[row].transpose(1, 2, 0).copy())


def stored(path, images):
    """A converted file with these training images."""
    from safetensors.numpy import save_file

    save_file({"train.x": images}, path)
    return path


def shown(uri):
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(uri.split(",")[1]))), int)


@pytest.mark.parametrize(
    "how, note",
    {
        "as they are": (lambda x: x, ""),
        "pixels": (lambda x: x * 255, "Shown from 0 (black) to 255 (white)."),
        "standardised": (lambda x: x * 4 - 2, "The images’ numbers are no pixels: shown from -2 (black) to 2 (white)."),
        "of 12 bits": (
            lambda x: x * 4095,
            "The images’ numbers are no pixels: shown from 0 (black) to 4.1e+03 (white).",
        ),
        "all alike": (lambda x: x * 0 - 3, "The images’ numbers are no pixels: shown from -3 (black) to -3 (white)."),
    }.values(),
    ids=["as they are", "pixels", "standardised", "of 12 bits", "all alike"],
)
def test_images_of_numbers_in_any_range_can_be_seen(how, note, tmp_path):
    plain = np.tile(np.linspace(0, 1, 16, dtype=np.float32), (3, 1, 16, 1))
    images, said = pixels.thumbnails(stored(tmp_path / "x.safetensors", how(plain)), [2])
    assert said == note
    expected = np.round(plain[2, 0] * 255) if plain.std() and "-3" not in note else np.zeros((16, 16))
    assert abs(shown(images[2]) - expected).max() <= 1


def test_of_images_with_other_channels_than_colours_the_first_is_shown_and_said_to_be(tmp_path):
    several = np.zeros((2, 4, 3, 3), np.uint8)
    several[:, 0] = 77
    images, said = pixels.thumbnails(stored(tmp_path / "x.safetensors", several), [1])
    assert (shown(images[1]) == 77).all() and said == "Of 4 channels the first is shown."


def test_pairs_of_images_come_from_the_data_of_the_runs_own_folder(tmp_path):
    mine = tmp_path / "digits.safetensors"
    synthetic_bundle.write_images(mine)
    bundle = synthetic_bundle.build(images=mine)
    bundle["data"].insert(0, bundle["data"][0] | {"file": str(tmp_path / "others.safetensors"), "folder": 1})
    for run in bundle["runs"]:
        run["data"] += 1
    page = (make(tmp_path, bundle, "--formats", "html") / "report.html").read_text()
    assert "images are not shown" not in page and page.count('alt="class ') > 4


@pytest.mark.parametrize("damage", ["gone", "cut", "foreign", "row"])
def test_images_that_cannot_be_read_are_said_to_be_missing(tmp_path, damage):
    file = tmp_path / "images.safetensors"
    synthetic_bundle.write_images(file)
    if damage == "gone":
        file.unlink()
    if damage == "cut":
        file.write_bytes(file.read_bytes()[:2000])
    if damage == "foreign":
        file.write_bytes(b"GIF89a" * 100)
    with pytest.raises(pixels.NoPixels, match="images are not shown"):
        pixels.thumbnails(file, [4_000_000 if damage == "row" else 20])


def test_a_study_without_finished_runs_has_a_page(tmp_path):
    empty = {
        "crosstalk": "0.1.0",
        "study": {"name": "nothing"},
        "swept": [],
        "runs": [],
        "data": [],
        "figures": [],
        "grams": [],
    }
    make(tmp_path, empty, "--formats", "html,svg,latex")
    assert "nothing to correlate yet" in (tmp_path / "report.html").read_text()


def test_a_figure_that_has_no_chart_shows_its_numbers(tmp_path, bundle):
    strange = {"name": "figureX", "title": "New", "tables": {"t": {"columns": ["a", "b"], "rows": [[1, None]]}}}
    make(tmp_path, {**bundle, "figures": [strange], "grams": []}, "--formats", "html,csv,svg")
    assert (tmp_path / "figures" / "figureX.csv").read_text() == "a,b\n1,\n"
    assert "There is no chart for this figure" in (tmp_path / "report.html").read_text()


@pytest.mark.parametrize(
    ("options", "word"),
    [
        (["--formats", "docx"], "docx is none"),
        (["--width", "900"], "--width 900"),
        (["--font-size", "1"], "--font-size 1"),
    ],
)
def test_what_cannot_be_made_is_refused_by_name(tmp_path, capsys, options, word):
    assert command.main(["--bundle", "x", "--out", str(tmp_path), *options]) == 3
    error = json.loads(capsys.readouterr().out)["error"]
    assert error["kind"] == "config" and word in error["message"]


def test_a_damaged_bundle_and_an_unwritable_folder_are_errors_not_traces(tmp_path, capsys, bundle):
    (tmp_path / "bad.json").write_text('{"figures": [1]}')
    assert command.main(["--bundle", str(tmp_path / "bad.json"), "--out", str(tmp_path)]) == 3
    assert json.loads(capsys.readouterr().out)["error"]["kind"] == "store"
    (tmp_path / "file").write_text("")
    (tmp_path / "good.json").write_text(json.dumps({**bundle, "figures": [], "grams": []}))
    assert command.main(["--bundle", str(tmp_path / "good.json"), "--out", str(tmp_path / "file" / "in")]) == 3
    assert json.loads(capsys.readouterr().out)["error"]["kind"] == "environment"

"""A report from the command line: of one study, of two, and run again from its own page."""

import re


def test_a_report_lies_with_its_results_and_names_its_page_last(finished):
    command, folder = finished
    printed = command("report", folder, "--out", "one", "--format", "html,csv,svg,latex").splitlines()
    assert printed[-1] == "one/report.html"
    page = (command.folder / "one" / "report.html").read_text()
    for line in printed[:-1]:
        assert (command.folder / line).stat().st_size > 0
    runs = {row.split(",")[0] for row in command.export(folder).splitlines()[1:]}
    assert len(runs) == 4 and all(run in page for run in runs)


def test_a_study_runs_again_from_its_report(finished):
    command, folder = finished
    command("report", folder, "--out", "again", "--format", "html")
    (command.folder / "again" / "report.html").rename(command.folder / "REPORT.HTML")  # by whatever it is called now
    command("run", "REPORT.HTML", "--out", "rerun", "--jobs", "1")
    assert command.export("rerun") == command.export(folder)


def test_two_studies_are_compared_with_the_keys_that_differ_first(crosstalk, study, finished):
    _, folder = finished
    crosstalk("run", study(), "--out", "sgd", "--jobs", "1", "--set", "learner.optimizer=sgd")
    crosstalk("report", folder, "sgd", "--out", "both", "--format", "html,csv")
    page = (crosstalk.folder / "both" / "report.html").read_text()
    page = page[page.index("<main") :]
    assert page.index("A and B compared") < page.index("learner.optimizer") < page.index("What varies")
    pairs = (crosstalk.folder / "both" / "figures" / "comparison-pairs.csv").read_text()
    assert len(re.findall(",test_error,", pairs)) == 4


def test_what_a_report_cannot_be_made_of_is_refused(crosstalk, finished):
    _, folder = finished
    assert "--out" in crosstalk("report", folder, folder, status=2)
    assert "docx" in crosstalk("report", folder, "--out", "x", "--format", "docx", status=2)
    (crosstalk.folder / "empty").mkdir()
    assert "study.sqlite" in crosstalk("report", "empty", status=5)

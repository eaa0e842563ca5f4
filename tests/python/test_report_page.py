"""The page in a browser: no request to the network, nothing scrolls sideways, every text can be read, everything works."""

import json

import browser
import pytest
import synthetic_bundle

from crosstalk.report import __main__ as command

pytestmark = pytest.mark.skipif(browser.executable() is None, reason="there is no Chromium here")


def make(folder, bundle):
    (folder / "bundle.json").write_text(json.dumps(bundle))
    assert command.main(["--bundle", str(folder / "bundle.json"), "--out", str(folder), "--formats", "html"]) == 0
    return folder / "report.html"


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    folder = tmp_path_factory.mktemp("page")
    synthetic_bundle.write_images(folder / "digits.safetensors")
    bundle = synthetic_bundle.build(full=True, images=folder / "digits.safetensors")
    return make(folder, bundle | {"comparison": synthetic_bundle.comparison(bundle)})


@pytest.fixture(scope="module")
def reader():
    one = browser.Browser()
    yield one
    one.close()


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("dark", [False, True])
def test_the_page_can_be_read_at_any_width_in_any_light(reader, page, width, dark):
    reader.requests.clear(), reader.complaints.clear()
    reader.open(page, width, dark=dark)
    assert [url for url in reader.requests if not url.startswith(("data:", "blob:"))] == [page.resolve().as_uri()]
    assert reader.complaints == []
    assert reader.run("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    assert reader.run("document.documentElement.clientWidth") <= width
    assert reader.run("document.querySelectorAll('.chart svg, .chart canvas').length") >= 12
    reader.run("document.querySelectorAll('details').forEach((one) => one.open = true)")
    reader.until("document.querySelectorAll('.numbers table').length >= 8")
    assert reader.run("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    found = reader.run(browser.TOO_FAINT)
    assert found["checked"] > 1000 and found["faint"] == []


@pytest.mark.parametrize("width", [390, 1280])
def test_claims_say_their_verdict_in_a_word_and_a_sign_and_fit_the_width(reader, page, width):
    reader.open(page, width)
    said = reader.run("[...document.querySelectorAll('#claims .verdict')].map((one) => one.textContent)")
    assert said == ["✓ supported", "✗ contradicted", "✓ supported", "✗ contradicted", "? undecided"]
    reader.run("document.querySelectorAll('#claims details').forEach((one) => one.open = true)")
    assert reader.run(
        "[...document.querySelectorAll('#claims *')].every((one) => one.getBoundingClientRect().right <= innerWidth + 1)"
    )
    assert reader.run(
        "document.querySelector('#claims').getBoundingClientRect().top < document.querySelector('#what').getBoundingClientRect().top"
    )


def test_on_paper_there_is_the_key_but_no_control_and_nothing_is_cut(reader, page):
    reader.open(page, 700)
    reader.call("Emulation.setEmulatedMedia", media="print")
    seen = (
        "((selector) => [...document.querySelectorAll(selector)].some((one) => one.getBoundingClientRect().height > 0))"
    )
    assert reader.run(f"{seen}('.toolbar .key')") and reader.run(f"{seen}('#figureReward .key')")
    for control in ("nav", "#theme", ".choices", "#runs-filter", ".pager", "details:not([open])", ".links"):
        assert not reader.run(f"{seen}({json.dumps(control)})"), control
    assert reader.run("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    beyond = "[...document.querySelectorAll('main td, main th, .panels svg')].filter((one) => one.getBoundingClientRect().right > innerWidth + 1)"
    assert reader.run(f"{beyond}.map((one) => one.outerHTML.slice(0, 80))") == []
    reader.call("Emulation.setEmulatedMedia", media="")


DARK_MARKS = """((dark) => [...document.querySelectorAll('.panels svg [fill], .panels svg [stroke]')].filter((one) =>
  dark.includes(one.getAttribute('fill')) || dark.includes(one.getAttribute('stroke'))).length)
  (Object.values(JSON.parse(document.getElementById('crosstalk-data').textContent).dark))"""


def test_a_page_read_in_the_dark_is_printed_light_at_once_and_is_dark_again(reader, page):
    reader.open(page, dark=True)
    assert reader.run(DARK_MARKS) > 500
    now = f"dispatchEvent(new Event('beforeprint')), [{DARK_MARKS}, getComputedStyle(document.body).backgroundColor]"
    assert reader.run(now) == [0, "rgb(255, 255, 255)"], "the browser prints as soon as the event is over"
    reader.run("dispatchEvent(new Event('afterprint')), 0")
    reader.until("document.documentElement.dataset.drawn >= 2")
    assert reader.run(DARK_MARKS) > 500


def test_agents_curves_can_be_looked_at_alone_by_size_and_by_split(reader, page):
    reader.open(page)
    faint = "[...document.querySelectorAll('#figureReward .chart path')].filter((one) => Number(one.getAttribute('opacity')) < 0.1).length"
    before = reader.run(faint)
    for label in ("test", "100"):
        press = f"document.querySelector('#figureReward .key[data-isolate=\"{label}\"]').click()"
        reader.run(press)
        reader.until(f"{faint} > {before} + 20")
        reader.run(press)
        reader.until(f"{faint} === {before}")


def test_a_title_with_a_script_in_it_is_a_title(reader, page):
    reader.open(page)
    assert "<b>small</b>" in reader.run("document.querySelector('h1').textContent")
    assert reader.run("document.querySelectorAll('h1 b').length") == 0


def test_another_reading_draws_other_points_and_says_where_there_is_none(reader, page):
    reader.open(page)
    before = reader.run("document.querySelector('#figure2 .chart').innerHTML")
    curves = reader.run("document.querySelector('#figureD2 .shown').hidden")
    assert curves is True
    reader.run("document.querySelector('input[value=stiffness]').click()")
    reader.until("document.documentElement.dataset.drawn >= 2")
    assert reader.run("document.querySelector('#figure2 .chart').innerHTML") != before
    assert "no such reading" in reader.run("document.querySelector('#figureD2 .shown').textContent")


def choose(reader, name, value):
    box = f"document.querySelector('input[name={name}][value={value}]')"
    if not reader.run(f"{box}.checked"):
        reader.run(f"document.documentElement.dataset.drawn = 1, {box}.click()")
        reader.until("document.documentElement.dataset.drawn >= 2")


SEEN = """((selector) => [...document.querySelectorAll(selector)].filter((one) => one.checkVisibility()).map((one) => one.textContent))"""


def test_cards_tables_and_words_are_those_of_the_chosen_reading_as_the_pictures_are(reader, page):
    reader.open(page)
    said = "(document.querySelector('#{0} [data-readings]:not([hidden]) .said')?.textContent ?? '')"
    label = "document.querySelector('#{0} .panels').getAttribute('aria-label')"
    main = 'What it shows. In digits r rises from 0.20 to 0.83; "quoted" & <marked>.'
    assert reader.run(said.format("figure1")) == main and reader.run(label.format("figure1")) == main
    r = {}
    for point, pairs, words in (("early", "train-train", ("best test error", "logarithm of the mean function interference")),
                                ("early", "stiffness", ("best test error", "the mean stiffness")),
                                ("last", "function-stiffness", ("last measurement", "the mean function stiffness"))):  # fmt: skip
        choose(reader, "measurement", point), choose(reader, "interference", pairs)
        leads, cards = (
            reader.run(f"{SEEN}('#results [data-readings] .lead')"),
            reader.run(f"{SEEN}('#results .card .r strong')"),
        )
        assert len(leads) == 1 and all(word in leads[0] for word in words) and len(cards) == 5
        tables = reader.run(f"{SEEN}('#correlations [data-readings] table')")
        assert len(tables) == 2
        r[point, pairs] = cards
        assert all(f"{value}" in tables[0] for value in cards)
        expected = {"stiffness": "What it shows. Words of early stiffness."}.get(pairs, "")
        assert reader.run(said.format("figure1")) == expected
        assert reader.run(label.format("figure1")) == (
            expected or reader.run("document.querySelector('#figure1 h3').textContent")
        )
        assert reader.run(said.format("figureD2")) == main, "its words are of the curves that it goes on to show"
        expected = "What it shows. Words of the best test error." if point == "early" else ""
        assert reader.run(said.format("figure9")) == expected
    assert len({tuple(cards) for cards in r.values()}) == 3
    assert reader.run("document.querySelector('#runs-reading').textContent") == "last measurement, function stiffness"


def test_the_table_of_runs_has_the_numbers_of_the_chosen_reading(reader, page):
    reader.open(page)
    points = json.loads((page.parent / "bundle.json").read_text())["figures"][1]["tables"]["points"]
    at = points["columns"].index
    cell = """((run, title) => {
      const heads = [...document.querySelectorAll('#runs-table thead th')].map((one) => one.textContent.replace(/ [▲▼]/, ''));
      const row = [...document.querySelectorAll('#runs-table tbody tr')].find((one) => one.children[0].title === run);
      return Number(row.children[heads.indexOf(title)].textContent.replace('−', '-').replaceAll(',', '')); })"""
    run = reader.run("document.querySelector('#runs-table tbody th').title")
    for name in ("quarter/train-train", "early/stiffness"):
        (row,) = [row for row in points["rows"] if row[0] == run and row[at("variant")] == name]
        choose(reader, "measurement", name.split("/")[0]), choose(reader, "interference", name.split("/")[1])
        for column, title in (("mean", "interference"), ("gap", "gap"), ("test_error", "test error")):
            assert reader.run(f"{cell}({json.dumps(run)}, {json.dumps(title)})") == pytest.approx(
                row[at(column)], rel=1e-3
            )


def test_the_menu_has_all_its_links_in_sight_on_a_phone(reader, page):
    reader.open(page, 390)
    beyond = "[...document.querySelectorAll('nav a')].filter((one) => { const box = one.getBoundingClientRect(); return box.left < 0 || box.right > 390; })"
    assert reader.run("document.querySelectorAll('nav a').length") >= 11 and reader.run(f"{beyond}.length") == 0
    sections = reader.run("[...document.querySelectorAll('nav a')].map((one) => one.hash)")
    assert reader.run(f"{json.dumps(sections)}.every((hash) => document.querySelector(hash))")


def test_a_table_that_is_wider_than_its_box_scrolls_and_shows_that_there_is_more(reader, page):
    reader.open(page, 390)
    wide = "[...document.querySelectorAll('#correlations .scroll')].filter((one) => one.scrollWidth > one.clientWidth && one.checkVisibility())"
    assert reader.run(f"{wide}.length") >= 2
    assert reader.run(
        f"{wide}.every((one) => getComputedStyle(one).backgroundAttachment === 'local, local, scroll, scroll')"
    )
    assert reader.run("document.documentElement.scrollWidth") == 390


def test_the_cards_of_other_experiments_step_back_with_their_marks(reader, page):
    reader.open(page)
    back = "[...document.querySelectorAll('.card.back')].filter((one) => one.checkVisibility()).map((one) => one.dataset.experiment).sort()"
    press = "document.querySelector('.key[data-isolate=digits]').click()"
    reader.run(press)
    assert reader.run(back) == ["a third experiment whose name is long", "california", "svhn-ddqn", "svhn-reinforce"]
    choose(reader, "interference", "stiffness")
    assert len(reader.run(back)) == 4, "in every reading"
    reader.run(press)
    assert reader.run(back) == []


def test_the_key_isolates_an_experiment_and_lets_it_go(reader, page):
    reader.open(page)
    faint = "[...document.querySelectorAll('#figure2 .chart path')].filter((one) => Number(one.getAttribute('opacity')) < 0.1).length"
    before = reader.run(faint)
    press = "document.querySelector('.key[data-isolate=digits]').click()"
    reader.run(press)
    reader.until(f"{faint} > {before} + 50")
    assert reader.run("document.querySelector('.key[data-isolate=digits]').getAttribute('aria-pressed')") == "true"
    reader.run(press)
    reader.until(f"{faint} === {before}")


def test_the_button_changes_the_light_and_leaves_nothing_behind(reader, page):
    reader.open(page)
    ground = "getComputedStyle(document.body).backgroundColor"
    light = reader.run(ground)
    reader.run("document.querySelector('#theme').click()")
    reader.until("document.documentElement.dataset.drawn >= 2")
    assert reader.run(ground) != light
    assert reader.run(browser.TOO_FAINT)["faint"] == []
    reader.open(page)
    assert reader.run(ground) == light


def test_runs_are_filtered_and_sorted(reader, page):
    reader.open(page)
    count = "document.querySelectorAll('#runs-table tbody tr').length"
    assert reader.run(count) == 50
    reader.run(
        "{ const box = document.querySelector('#runs-state'); box.value = 'diverged'; box.dispatchEvent(new Event('change')); }"
    )
    assert reader.run(count) == 1
    reader.run(
        "{ const box = document.querySelector('#runs-state'); box.value = ''; box.dispatchEvent(new Event('change')); }"
    )
    reader.run(
        "{ const box = document.querySelector('#runs-filter'); box.value = 'california'; box.dispatchEvent(new Event('input')); }"
    )
    assert reader.run("document.querySelector('#runs-count').textContent") == "1–50 of 72"
    reader.run("document.querySelectorAll('#runs-table thead button')[3].click()")
    seeds = reader.run(
        "[...document.querySelectorAll('#runs-table tbody tr')].map((row) => Number(row.children[3].textContent))"
    )
    assert seeds == sorted(seeds)
    reader.run("document.querySelectorAll('#runs-table thead button')[3].click()")
    assert reader.run("Number(document.querySelector('#runs-table tbody tr').children[3].textContent)") == 2
    assert reader.run("document.querySelectorAll('#runs-table thead th')[3].getAttribute('aria-sort')") == "descending"


def test_five_thousand_runs_stand_in_the_page_once_as_points_and_open(reader, tmp_path):
    bundle = synthetic_bundle.build(seeds=105, grams=False)
    assert len(bundle["runs"]) > 5000
    points = next(figure for figure in bundle["figures"] if figure["name"] == "figure2")["tables"]["points"]
    at = points["columns"].index("variant")
    points["rows"] = [row for row in points["rows"] if row[at] == synthetic_bundle.MAIN]
    page = make(tmp_path, bundle)
    text = page.read_text()
    assert text.count(bundle["runs"][0]["run"]) == 2, "once as a point and once in the table of runs"
    assert len(text) < 6_000_000
    reader.complaints.clear()
    reader.open(page)
    assert reader.complaints == []
    assert reader.run("document.querySelectorAll('#figure2 canvas').length") == 2

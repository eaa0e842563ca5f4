"""The examples of the README and of the guide are typed here as a reader would type them."""

import csv
import os
import random
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

ROOT = Path(__file__).resolve().parents[2]
MEASURES = "src/base/measures.def"
COMMAND = Path(sys.executable).with_name("crosstalk")


@pytest.fixture
def desk(tmp_path, monkeypatch):
    """An empty folder with the shipped studies, the installed command first on the path, a cache of its own."""
    shutil.copytree(ROOT / "studies", tmp_path / "studies")
    monkeypatch.setenv("PATH", f"{COMMAND.parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def blocks(page, language):
    return re.findall(rf"```{language}\n(.*?)```", (ROOT / page).read_text(), re.S)


def type_in(line):
    done = subprocess.run(["bash", "-c", f"set -o pipefail; {line}"], capture_output=True, text=True, timeout=300)
    assert done.returncode in (0, 141), f"{line}\n{done.stdout}\n{done.stderr}"  # 141: `| head` closed the pipe
    return done.stdout


def test_every_command_of_the_readme_works_as_written(desk):
    study = blocks("README.md", "toml")[0]
    (desk / re.match(r"# (\S+\.toml)", study).group(1)).write_text(study)
    for block in blocks("README.md", "sh"):
        for line in block.splitlines():
            type_in(line)
    assert (desk / "results/california-small/report.html").stat().st_size > 100_000


def test_the_readmes_table_has_each_measure_and_no_other():
    table = (ROOT / "README.md").read_text().split("## What it measures")[1].split("\n## ")[0]
    named = re.findall(r"`([\w.]+)`", " ".join(line.split("|")[1] for line in table.splitlines() if line.startswith("|")))
    assert sorted(named) == sorted(re.findall(r'^MEASURE\(\w+, "([\w.]+)"', (ROOT / MEASURES).read_text(), re.M))


def test_every_network_of_the_readmes_study_predicts_better_than_the_mean(desk):
    Path("small.toml").write_text(blocks("README.md", "toml")[0])
    type_in("crosstalk run small.toml --set seeds=1")
    rows = list(csv.DictReader(type_in("crosstalk export results/small --format csv").splitlines()))
    last = max(int(row["step"]) for row in rows)
    errors = [
        float(row["value"]) for row in rows if row["measure"] == "squared_error_normalised" and int(row["step"]) == last
    ]
    assert len(errors) == 2 * 18  # training and test rows
    assert max(errors) < 0.95


def test_the_guides_table_goes_from_csv_to_report(desk):
    draw = random.Random(3)
    with open("wine.csv", "w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["acid", "sugar", "alcohol", "quality"])
        for _ in range(400):
            acid, sugar, alcohol = draw.random(), draw.random() * 10, draw.gauss(11, 1)
            table.writerow([acid, sugar, alcohol, alcohol - 5 * acid * acid + draw.gauss(0, 0.3)])
    study = next(text for text in blocks("docs/guide.md", "toml") if "wine.csv" in text)
    Path("wine.toml").write_text(study)
    type_in("crosstalk run wine.toml")
    type_in("crosstalk report results/wine")
    rows = list(csv.DictReader(type_in("crosstalk export results/wine --format csv").splitlines()))
    assert {row["task.examples"] for row in rows} == {"50", "200"}
    assert Path("results/wine/report.html").exists()


def test_the_guides_folder_of_images_goes_to_report(desk):
    draw = random.Random(4)
    for split, count in (("train", 12), ("test", 5)):
        for shade, name in ((60, "dark"), (190, "light")):
            folder = Path("photos") / split / name
            folder.mkdir(parents=True)
            for index in range(count):
                pixels = bytes(min(255, max(0, int(draw.gauss(shade, 20)))) for _ in range(24 * 24 * 3))
                Image.frombytes("RGB", (24, 24), pixels).save(folder / f"{index}.png")
    Path("photos.toml").write_text(
        '[task]\ndataset = "./photos"\n[network]\nhidden = 4\n[learner]\nupdates = 20\n[probe]\nevery = 10\n'
    )
    type_in("crosstalk run photos.toml")
    type_in("crosstalk report results/photos")
    assert "accuracy" in type_in("crosstalk export results/photos --format csv")


def test_layers_of_the_guide_are_a_network(desk):
    layers = next(text for text in blocks("docs/guide.md", "toml") if "layers =" in text)
    Path("layers.toml").write_text('[task]\ndataset = "digits"\nexamples = 40\n[learner]\nupdates = 2\n' + layers)
    type_in("crosstalk run layers.toml")
    assert "stiffness" in type_in("crosstalk export results/layers --format csv")

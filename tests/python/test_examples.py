"""The programs in examples/, run as a new user runs them, with few steps; the notebook cell after cell."""

import importlib.util
import json
import os
import re
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

from crosstalk import _cli

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples"
NUMBER = r"-?\d+\.\d+"

pytestmark = pytest.mark.skipif(
    not hasattr(_cli, "WatchedStore"), reason="this build of crosstalk cannot store what Watch measures"
)


def needs(*modules):
    missing = [name for name in modules if importlib.util.find_spec(name) is None]
    return pytest.mark.skipif(bool(missing), reason=f"{', '.join(missing)} is not installed: this example needs it")


def run(name, folder, **settings):
    """What an example prints. It must end well, and say nothing on its standard error."""
    words = [f"{key}={value}" for key, value in {**settings, "out": folder / "out"}.items()]
    environment = {
        **os.environ,
        "OMP_NUM_THREADS": "1",
        "PYTHONPATH": os.pathsep.join([str(Path(_cli.__file__).parents[1]), os.environ.get("PYTHONPATH", "")]),
        "MINARI_DATASETS_PATH": str(folder / "minari"),
    }
    done = subprocess.run(
        [sys.executable, EXAMPLES / name, *words],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    assert f"crosstalk report {folder / 'out'}" in done.stdout
    return done.stdout


def stored(folder):
    """{measure: its values in the order of steps} of the one run in a folder that an example wrote."""
    import crosstalk as ct

    results = ct.load(folder / "out")
    assert list(results.runs["status"]) == ["done"]
    return results.rows.sort_values("step").groupby("measure", observed=True)["value"].apply(list).to_dict()


@needs("gymnasium")
def test_a_dqn_prints_and_stores_what_it_measures(tmp_path):
    said = run("dqn.py", tmp_path, steps=700, learning_starts=200, watch_every=100)
    words = ("return", "loss", "rank", "interference", "stiffness", "churn")
    assert re.search(r"step +\d+" + "".join(rf"  {word} +-?[\d.]+" for word in words), said), said
    values = stored(tmp_path)
    assert values["function_interference"][0] > 0 and -1 <= values["stiffness"][0] <= 1
    assert {"return", "loss", "policy_churn", "rank", "dormant"} <= set(values)


@needs("stable_baselines3", "gymnasium")
def test_a_callback_watches_the_network_of_stable_baselines(tmp_path):
    said = run("sb3_callback.py", tmp_path, steps=900, every=200)
    assert re.search(r"stiffness +-?[\d.e-]+\n", said) and re.search(r"policy_churn +[\d.e-]+\n", said), said
    assert {"stiffness", "loss_difference", "value_churn"} <= set(stored(tmp_path))


@needs("minari", "h5py", "gymnasium")
def test_fitted_q_collects_a_dataset_of_minari_once(tmp_path, datasets, monkeypatch, capsys):
    few = {"episodes": 10, "iterations": 2, "updates": 30}
    said = run("minari_fitted_q.py", tmp_path, **few)
    line = (
        rf"iteration +\d  loss +{NUMBER}  fitted: stiffness +({NUMBER}) interference +({NUMBER})  held out: .* rank \d+"
    )
    assert len(found := re.findall(line, said)) == 2, said
    assert all(-1 <= float(stiffness) <= 1 < float(interference) for stiffness, interference in found)
    assert {"stiffness", "function_interference", "loss_difference"} <= set(stored(tmp_path))

    import minari

    assert list(minari.list_local_datasets()) == ["cartpole/random-v0"]
    words = [f"{key}={value}" for key, value in {**few, "seed": 1, "out": tmp_path / "out"}.items()]
    monkeypatch.setattr(sys, "argv", ["minari_fitted_q.py", *words])
    runpy.run_path(str(EXAMPLES / "minari_fitted_q.py"), run_name="__main__")
    assert capsys.readouterr().out.splitlines()[0] == said.splitlines()[0]  # so many transitions


def test_a_classifier_is_stiff_within_classes_and_not_between(tmp_path):
    said = run("classifier.py", tmp_path, steps=40, every=20, examples=200, measured=60)
    table = re.findall(rf"^ +(\d+) +({NUMBER})" + rf" +({NUMBER})" * 5 + "$", said, re.MULTILINE)
    assert [int(line[0]) for line in table] == [0, 20, 40]
    assert all(float(within) > 0.3 and float(between) < 0.1 for _, _, _, within, between, *_ in table), said
    values = stored(tmp_path)
    assert values["train.within"] == pytest.approx([float(line[3]) for line in table], abs=6e-4)
    assert values["accuracy.test"][-1] > values["accuracy.test"][0]
    matrix = [[float(x) for x in line.split()[1:]] for line in re.findall(r"^  \d  .*$", said, re.MULTILINE)]
    assert len(matrix) == 10 and all(len(row) == 10 and matrix[1][0] == matrix[0][1] for row in matrix)


def test_a_transformer_says_each_layers_share(tmp_path):
    said = run("transformer.py", tmp_path, steps=10, every=10)
    first = said[said.index("step     0") : said.index("step    10")]
    layers = re.findall(rf"^    ([\w.]+) +({NUMBER}) +({NUMBER})$", first, re.MULTILINE)
    assert {"tokens", "places", "norm", "blocks.1.mlp.2"} <= {name for name, _, _ in layers}
    assert sum(float(share) for _, share, _ in layers) == pytest.approx(1, abs=0.01)
    assert re.search(r"tokens +linear +.* 2 +1,024", said)  # tied: used twice
    assert "dormant" in stored(tmp_path)


def test_the_tutorial_runs_from_its_first_cell_to_its_last(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    notebook = json.loads((EXAMPLES / "tutorial.ipynb").read_text())
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert notebook["nbformat"] == 4 and not any(cell["outputs"] or cell["execution_count"] for cell in cells)
    names = {"__name__": "__main__"}
    for number, cell in enumerate(cells, 1):
        exec(compile("".join(cell["source"]), f"cell {number} of tutorial.ipynb", "exec"), names)
    said = capsys.readouterr().out
    assert re.search(rf"within  a class: +{NUMBER} before, +{NUMBER} now", said)
    assert names["before"].within > 0.5 and names["watch"].last["accuracy"] > 0.8
    assert len(names["chart"].to_dict()["datasets"]) == 1


def test_every_example_is_in_the_documentation():
    page = (ROOT / "docs" / "own-network.md").read_text()
    assert not [path.name for path in EXAMPLES.iterdir() if path.is_file() and f"examples/{path.name}" not in page]

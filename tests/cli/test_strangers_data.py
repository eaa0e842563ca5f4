"""Data as strangers have them, from the command line: names in capitals, images of any size, a user without a home."""

import os
import shutil
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

SHORT = "[learner]\nupdates = 3\n[probe]\nsamples = 4\n"


def written(folder, task, name="small.toml", more=SHORT):
    (folder / name).write_text(f"[task]\n{task}\n[network]\nhidden = 2\n{more}")
    return name


def photos(folder, size):
    for shade, name in ((60, "a"), (180, "b")):
        (folder / "photos" / "train" / name).mkdir(parents=True)
        for image in range(6):
            Image.new("L", (size, size), shade + image).save(folder / "photos" / "train" / name / f"{image}.PNG")


def test_capitals_in_a_files_ending_change_nothing(crosstalk):
    np.savez(crosstalk.folder / "wine.npz", x=np.eye(20)[:, :4] + np.arange(20)[:, None], y=np.arange(20) % 3)
    shutil.copy(crosstalk.folder / "wine.npz", crosstalk.folder / "WINE.NPZ")
    crosstalk("run", written(crosstalk.folder, 'dataset = "./wine.npz"'), "--out", "small")
    crosstalk("run", written(crosstalk.folder, 'dataset = "./WINE.NPZ"', "LARGE.TOML"), "--out", "large")
    small, large = ([row.split(",", 1)[1].split(",", 1)[1] for row in crosstalk.export(out).splitlines()[1:]]
                    for out in ("small", "large"))  # fmt: skip
    assert small == large and len(small) > 5


def test_images_that_no_network_takes_are_refused_once_and_nothing_is_begun(crosstalk):
    photos(crosstalk.folder, 8)
    study = written(crosstalk.folder, 'dataset = "./photos"')
    said = crosstalk("run", study, "--out", "a", status=2)
    assert "holds images of 1 x 8 x 8, and the paper's network needs 13 x 13 at least" in said
    agents = written(crosstalk.folder, 'dataset = "./photos"\nkind = "windowed"', "agents.toml", "")
    said = crosstalk("run", agents, "--out", "a", status=2)
    assert "moves over images of 3 x 32 x 32: scale them to that size and save them in colour" in said
    assert crosstalk("run", agents, "--plan", status=2).count("3 x 32 x 32") == 1
    assert not (crosstalk.folder / "a").exists(), "something was begun"


def test_a_configuration_that_the_engine_alone_finds_wrong_is_refused_before_its_runs(crosstalk):
    np.savez(
        crosstalk.folder / "two.npz", x=np.random.default_rng(0).normal(size=(30, 3)), y=np.arange(60.0).reshape(30, 2)
    )
    study = written(
        crosstalk.folder, 'dataset = "./two.npz"', more=SHORT.replace("updates", 'targets = "broadcast"\nupdates')
    )
    said = crosstalk("run", study, "--set", "seeds=3", "--out", "a", status=2)
    assert said.count('learner.targets is "broadcast"') == 1
    assert not (crosstalk.folder / "a").exists()  # no runs that wait


def test_a_user_without_a_home_sets_the_cache(crosstalk, study):
    """unshare: the same rights on files, but a user that passwd does not know."""
    unshare = ["unshare", "-U", "--map-user=54321", "--map-group=54321"]
    if shutil.which("unshare") is None or subprocess.run([*unshare, "true"], capture_output=True).returncode != 0:
        pytest.skip("no user namespaces here")
    environment = {
        key: value for key, value in os.environ.items() if key not in ("HOME", "XDG_CACHE_HOME", "CROSSTALK_CACHE")
    }
    for words in (["data", "list"], ["run", str(study())]):
        done = subprocess.run([*unshare, sys.executable, "-m", "crosstalk", *words], cwd=crosstalk.folder, env=environment,
                              capture_output=True, text=True)  # fmt: skip
        assert done.returncode == 4 and "Set CROSSTALK_CACHE to a folder that can be written" in done.stderr, (
            done.stderr
        )

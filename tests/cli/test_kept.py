"""What probe.keep keeps: the same files after a kill, parameters that PyTorch loads, and who is told what is wrong."""

import json
import re
import shutil

import pytest
import torch
from command import wait_for
from safetensors import safe_open
from test_run import rows_of

CLASSIFIER = """
[task]
dataset = "digits"
examples = 40
[network]
hidden = 2
depth = 1
[learner]
updates = {updates}
[probe]
every = 10
samples = 12
keep = "all"
"""
AGENT = """
[task]
environment = "gridworld"
[network]
hidden = 4
[learner]
algorithm = "dqn"
steps = 10000
batch = 16
[probe]
every = 250
samples = 8
episodes = 1
keep = "all"
"""


def files_of(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.glob("kept/*/*")}


def opened(path):
    with safe_open(path, "pt") as file:
        return {name: file.get_tensor(name) for name in file.keys()}, json.loads(file.metadata()["crosstalk"])


@pytest.fixture(scope="module")
def kept(tmp_path_factory, cache):
    """One classifier that has kept all of its measurements; its command, its folder, its run. Not to be changed."""
    from command import Command

    command = Command(tmp_path_factory.mktemp("kept"), cache)
    (command.folder / "small.toml").write_text(CLASSIFIER.format(updates=20))
    command("run", "small.toml", "--out", "a")
    (run,) = {row["run"] for row in rows_of(command.export("a"))}
    return command, command.folder / "a", run


@pytest.fixture
def copied(crosstalk, kept):
    shutil.copytree(kept[1], crosstalk.folder / "a")
    return crosstalk.folder / "a", kept[2]


def test_kills_at_odd_moments_leave_the_same_files_and_rows(crosstalk):
    (crosstalk.folder / "agent.toml").write_text(AGENT)
    often = ("--checkpoint-seconds", "0.05")
    crosstalk("run", "agent.toml", "--out", "undisturbed")
    for some in (2, 15, 30):
        process = crosstalk.start("run", "agent.toml", "--out", "a", *often)
        wait_for(lambda: process.poll() is not None or len([*crosstalk.folder.glob("a/kept/*/*")]) >= some)
        assert process.poll() is None, "it was to be killed"
        crosstalk.kill(process)
        process.wait()
    crosstalk("run", "agent.toml", "--out", "a", *often)
    assert crosstalk.export("a") == crosstalk.export("undisturbed")
    files = files_of(crosstalk.folder / "a")
    assert len(files) >= 41 and files == files_of(crosstalk.folder / "undisturbed")


def test_a_run_that_ends_at_a_limit_is_the_beginning_of_a_whole_one_and_keeps_its_last_measurement(crosstalk):
    (crosstalk.folder / "small.toml").write_text(CLASSIFIER.format(updates=4000))
    crosstalk("run", "small.toml", "--set", "probe.keep=none", "--out", "unlimited")
    accuracies = [(int(row["step"]), float(row["value"])) for row in rows_of(crosstalk.export("unlimited"))
                  if (row["measure"], row["split"]) == ("accuracy", "train")]  # fmt: skip
    end = next(step for step, value in accuracies if value >= 0.6)
    assert 0 < end < 4000
    limit = ("--set", "probe.until=accuracy train >= 0.6", "--set", "probe.keep=last")
    killed, undisturbed = crosstalk.killed_and_whole("small.toml", *limit, times=1, seed=1, every=0.0)
    assert killed == undisturbed
    numbers = [(row["step"], row["measure"], row["split"], row["value"]) for row in rows_of(undisturbed)]
    assert numbers == [(row["step"], row["measure"], row["split"], row["value"])
                       for row in rows_of(crosstalk.export("unlimited")) if int(row["step"]) <= end]  # fmt: skip
    assert {path.name for path in crosstalk.folder.glob("killed/kept/*/*")} == {
        f"{end}.safetensors",
        "rows.safetensors",
    }
    assert f"ended at step {end})" in crosstalk("run", "small.toml", *limit, "--out", "again")
    assert "1 of 1 run done" in crosstalk("status", "again") and "sound" in crosstalk("doctor", "again")


def test_what_is_kept_changes_no_row(crosstalk, kept):
    crosstalk("run", kept[0].folder / "small.toml", "--set", "probe.keep=none", "--out", "none")
    crosstalk("run", kept[0].folder / "small.toml", "--set", "probe.keep=last", "--out", "last")
    wanted = [line.partition(",")[2] for line in kept[0].export("a").splitlines()]
    for folder in ("none", "last"):
        assert [line.partition(",")[2] for line in crosstalk.export(folder).splitlines()] == wanted
    assert not (crosstalk.folder / "none/kept").exists()
    names = [path.name for path in sorted((crosstalk.folder / "last").glob("kept/*/*"))]
    assert names == ["20.safetensors", "rows.safetensors"]


def test_pytorch_loads_the_parameters_by_their_names_and_says_what_the_network_said(kept):
    folder = kept[1] / "kept" / kept[2]
    rows, _ = opened(folder / "rows.safetensors")
    for step in (0, 10, 20):
        tensors, about = opened(folder / f"{step}.safetensors")
        assert (about["step"], about["run"]) == (step, kept[2])
        net = torch.nn.Sequential()
        for i, line in enumerate(about["layers"]):
            weight = tensors.get(f"{i}.weight")
            words = line.split()
            if words[0] == "conv":
                more = dict(zip(words[3::2], map(int, words[4::2])))
                net.append(torch.nn.Conv2d(*weight.shape[1::-1], tuple(weight.shape[2:]), more.get("stride", 1),
                                           more.get("pad", 0)))  # fmt: skip
            elif words[0] == "linear":
                net.append(torch.nn.Linear(*reversed(weight.shape)))
            else:
                net.append({"leaky": torch.nn.LeakyReLU(), "flatten": torch.nn.Flatten()}[words[0]])
        net.load_state_dict({name: tensor for name, tensor in tensors.items() if "/" not in name})
        for split in ("train", "test"):
            said = tensors[f"{split}/outputs"]
            assert len(said) == 12 and rows[f"{split}/label"].dtype == torch.int64
            torch.testing.assert_close(net(rows[f"{split}/inputs"][:12]), said, rtol=1e-5, atol=1e-6)


def test_export_lists_the_files_or_copies_them(crosstalk, copied):
    folder, run = copied
    listed = crosstalk("export", "a", "--parameters", run[:6]).split()
    assert [name.rpartition("/")[2] for name in listed] == [f"{n}.safetensors" for n in ("rows", 0, 10, 20)]
    crosstalk("export", "a", "--parameters", run, "--step", "10", "--out", "b")
    assert sorted(path.name for path in (crosstalk.folder / "b").iterdir()) == ["10.safetensors", "rows.safetensors"]
    assert (crosstalk.folder / "b/10.safetensors").read_bytes() == (folder / f"kept/{run}/10.safetensors").read_bytes()
    (crosstalk.folder / "b/10.safetensors").write_bytes(b"mine")
    said = crosstalk("export", "a", "--parameters", run, "--out", "b", status=4)
    assert "b/10.safetensors is there and holds something else" in said


def test_what_cannot_be_exported_is_said(crosstalk, copied, finished):
    _, run = copied
    assert "no run of a begins so" in crosstalk("export", "a", "--parameters", "xyz", status=2)
    assert "it did at 0, 10, 20" in crosstalk("export", "a", "--parameters", run, "--step", "11", status=2)
    assert "neither --arrays" in crosstalk("export", "a", "--parameters", run, "--arrays", status=2)
    assert "--out" in crosstalk("export", "a", "--out", "x", status=2)
    command, folder = finished
    others = sorted({row["run"] for row in rows_of(command.export(folder))})
    said = command("export", folder, "--parameters", others[0], status=2)
    assert "nothing was kept: set probe.keep" in said
    said = crosstalk("run", "quickstart/digits", "--set", "probe.keep=some", status=2)
    assert "probe.keep" in said and '"none", "last" or "all"' in said


def test_the_beginning_of_several_runs_is_ambiguous(crosstalk, kept):
    crosstalk(
        "run",
        kept[0].folder / "small.toml",
        "--set",
        "seeds=17",
        "--set",
        "learner.updates=1",
        "--set",
        "probe.keep=none",
        "--out",
        "many",
    )
    runs = sorted({row["run"] for row in rows_of(crosstalk.export("many"))})
    assert len(runs) == 17  # of 16 first digits, one has two
    first = next(run[0] for run, other in zip(runs, runs[1:]) if run[0] == other[0])
    said = crosstalk("export", "many", "--parameters", first, status=2)
    assert "runs of many begin so" in said and "seed" in said


def test_a_damaged_file_is_named_by_export_doctor_and_verify(crosstalk, copied):
    folder, run = copied
    assert "1 of 1 runs came out the same" in crosstalk("verify", "a")
    assert re.search(r"kept +4 files of 1 runs", crosstalk("doctor", "a"))
    path = folder / f"kept/{run}/10.safetensors"
    sound = path.read_bytes()
    path.write_bytes(sound[:-5])
    for command in (("export", "a", "--parameters", run), ("doctor", "a")):
        assert f"{run}/10.safetensors is cut short or damaged" in crosstalk(*command, status=5)
    process = crosstalk.start("verify", "a")
    out, err = process.communicate(timeout=300)
    assert process.returncode == 1 and "DIFFERENT" in out and "10.safetensors is cut short" in out, out + err
    path.write_bytes((folder / f"kept/{run}/20.safetensors").read_bytes())
    out, err = crosstalk.start("verify", "a").communicate(timeout=300)
    assert "10.safetensors is another one: it was written for another run or step" in out, out + err


def test_a_kept_file_with_other_numbers_fails_its_run_and_an_unwritable_folder_ends_the_study(crosstalk):
    (crosstalk.folder / "agent.toml").write_text(AGENT)
    process = crosstalk.start("run", "agent.toml", "--out", "a", "--checkpoint-seconds", "1000")
    wait_for(lambda: process.poll() is not None or len(list((crosstalk.folder / "a").glob("kept/*/*"))) > 3)
    crosstalk.kill(process)
    process.wait()
    (folder,) = (crosstalk.folder / "a/kept").iterdir()
    first, other = folder / "0.safetensors", folder / "250.safetensors"
    (crosstalk.folder / "b").mkdir()
    (crosstalk.folder / "b/kept").write_text("no folder")
    said = crosstalk("run", "agent.toml", "--out", "b", status=5)
    assert "b/kept" in said and ("cannot be made" in said or "cannot be read" in said), said
    for path in folder.glob("[1-9]*"):  # whatever is made again
        path.write_bytes(first.read_bytes())
    process = crosstalk.start("run", "agent.toml", "--out", "a", "--jobs", "1")
    out, err = process.communicate(timeout=300)
    assert process.returncode == 1 and f"{other.name} holds other numbers" in out + err, out + err


def test_the_files_of_another_store_do_not_stay(crosstalk, copied):
    folder, run = copied
    before = files_of(folder)
    (folder / "study.sqlite").unlink()
    (folder / f"kept/{run}/10.safetensors").write_bytes((folder / f"kept/{run}/0.safetensors").read_bytes())
    (folder / f"kept/{run}/20.safetensors.partial").write_bytes(b"half")
    (crosstalk.folder / "small.toml").write_text(CLASSIFIER.format(updates=20))
    crosstalk("run", "small.toml", "--out", "a")
    assert files_of(folder) == before


def test_the_plan_says_what_is_kept(crosstalk, kept):
    said = crosstalk("run", kept[0].folder / "small.toml", "--plan")
    number, unit = re.search(r"([\d.]+) (B|KB|MB) of parameters and samples", said).groups()
    taken = sum(path.stat().st_size for path in kept[1].glob("kept/*/*"))
    assert 0.7 < float(number) * {"B": 1, "KB": 1e3, "MB": 1e6}[unit] / taken < 1.1
    assert "parameters and samples" not in crosstalk(
        "run", kept[0].folder / "small.toml", "--plan", "--set", "probe.keep=none"
    )

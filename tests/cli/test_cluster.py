"""A study through a job array: what is submitted, what tasks leave, and what comes of it. Slurm's programs are stand-ins
here (fake_slurm.py); tests/slurm has the real ones."""

import json
import os
import shutil
import signal
import time
from pathlib import Path

import fake_slurm
import pytest
from command import checkpoints, wait_for


@pytest.fixture
def cluster(crosstalk):
    """The command, on a machine that has (a stand-in for) Slurm."""
    crosstalk.environment |= fake_slurm.install(crosstalk.folder)
    return crosstalk


def submit(cluster, study, *more, **how):
    return cluster("submit", study, "--slurm", "--out", "results/far", "--runs-per-task", 2, *more, **how)


def all_said(cluster, status, *arguments):
    """On both its outputs."""
    process = cluster.start(*arguments)
    out, err = process.communicate(timeout=600)
    assert process.returncode == status, (out, err)
    return out + err


def plan_of(folder):
    return json.loads((folder / "results/far/cluster/plan.json").read_text())


def far(cluster):
    return cluster.folder / "results/far"


def test_a_study_through_an_array_has_the_rows_of_a_local_run(cluster, study):
    small = study()
    said = submit(cluster, small, "--cpus", 1)
    assert "4 runs in 2 tasks" in said and "array job 100: 2 tasks" in said
    assert "2 tasks: 0 done, 2 in the queue (Priority)" in cluster("status", far(cluster))
    assert fake_slurm.run_all(cluster.folder, cluster.environment) == {0: 0, 1: 0}
    status = cluster("status", far(cluster))
    assert "4 of 4 runs done" in status and "2 tasks: 2 done" in status and "crosstalk merge" in status
    assert "4 runs merged; 4 of 4 runs are there" in cluster("merge", far(cluster))
    cluster("run", small, "--out", "results/near", "--jobs", 1)
    assert cluster.export("results/far") == cluster.export("results/near")
    assert "4 were there already, the same to the last bit" in cluster("merge", far(cluster))
    assert "nothing to do" in cluster("run", "results/far")
    assert "all tasks are done, nothing to submit" in cluster("submit", far(cluster), "--slurm")


def test_merge_takes_what_is_there_and_submit_goes_on_with_the_rest(cluster, study):
    submit(cluster, study(), "--array-limit", 5)
    fake_slurm.run_all(cluster.folder, cluster.environment, tasks=[1])
    said = cluster("merge", far(cluster), status=None)
    assert "2 runs merged; 2 of 4 runs are there" in said and "no shard yet of task 0\nnothing of this" in said
    assert "submit what is left:  crosstalk submit" in said
    submit(cluster, "small.toml")
    jobs = [json.loads(file.read_text()) for file in sorted((cluster.folder / "queue").iterdir())]
    assert jobs[-1]["options"]["array"] == "0%5"
    refused = submit(cluster, "small.toml", status=5)
    assert "results/far is at work: 1 job" in refused and "crosstalk cancel" in refused
    fake_slurm.run_all(cluster.folder, cluster.environment)
    assert "2 runs merged, 2 were there already" in cluster("merge", far(cluster))


def test_a_task_that_is_told_of_its_time_limit_goes_back_into_the_queue_and_on(cluster, study):
    small = study(updates=200_000)
    cluster("submit", small, "--slurm", "--out", "results/far", "--runs-per-task", 4)
    environment = cluster.environment | {"SLURM_JOB_ID": "77", "SLURM_ARRAY_JOB_ID": "77", "SLURM_ARRAY_TASK_ID": "0"}
    process = cluster.start("task", "results/far", 0, env=environment)
    checkpoints = far(cluster) / "cluster/shards/0000/checkpoints"
    until = time.monotonic() + 120
    while not (list(checkpoints.glob("*")) or list((far(cluster) / "cluster/shards/0000/logs").glob("*"))):
        assert process.poll() is None and time.monotonic() < until
        time.sleep(0.1)
    time.sleep(2)
    os.kill(process.pid, signal.SIGUSR1)
    out, err = process.communicate(timeout=120)
    if process.returncode == 0:
        pytest.skip("the runs were done before the signal came")
    assert process.returncode == 128 + signal.SIGUSR1, (out, err)
    assert "back in the queue" in out and (cluster.folder / "requeued").read_text() == "77_0\n"
    assert fake_slurm.run_all(cluster.folder, cluster.environment) == {0: 0}
    cluster("merge", far(cluster))
    cluster("run", small, "--out", "results/near", "--jobs", 2)
    assert cluster.export("results/far") == cluster.export("results/near")


def test_the_script_is_printed_and_nothing_is_written(crosstalk, study):
    """Also on a machine without Slurm."""
    environment = crosstalk.environment | {"PATH": "/nowhere"}
    process = crosstalk.start("submit", study(), "--slurm", "--dry-run", "--partition", "far", "--sbatch", "mem=8G",
                              "--out", "results/far", env=environment)  # fmt: skip
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0 and "there is no Slurm on this machine" in err
    assert "#SBATCH --partition=far\n" in out and "#SBATCH --mem=8G\n" in out and "--array=0 " in out
    assert f'task {crosstalk.folder}/results/far "$SLURM_ARRAY_TASK_ID"' in out
    assert not (crosstalk.folder / "results").exists()


def test_without_slurm_it_is_said_what_is_missing(crosstalk, study):
    process = crosstalk.start("submit", study(), "--slurm", env=crosstalk.environment | {"PATH": "/nowhere"})
    err = process.communicate(timeout=60)[1]
    assert process.returncode == 4 and "there is no Slurm on this machine: sbatch is not on PATH" in err
    assert "--dry-run" in err and not (crosstalk.folder / "results").exists()


@pytest.mark.parametrize(
    "options, status, said",
    [
        (["--partition", "gpu"], 2, "--partition gpu: this cluster has none of that name. There are: batch (the default), long."),
        (["--time", "1-1:00:00"], 2, "--time 1-1:00:00: partition batch allows at most 1-00:00:00"),
        (["--time", "soon"], 2, "--time soon is no time as Slurm takes it"),
        (["--time", "1"], 2, "--time 1 is too short for one checkpoint"),
        (["--sbatch", "array=0-9"], 2, "--array-limit says how many run at a time"),
        (["--sbatch", "account=nobody"], 4, "Invalid account or account/partition combination"),
        (["--gpus", "1"], 2, "no run of this study uses a GPU"),
        (["--set", "runtime.threads=4", "--cpus", "2"], 2, "a run has runtime.threads = 4. Give at least --cpus 4"),
    ],
)  # fmt: skip
def test_what_cannot_be_submitted_is_named(cluster, study, options, status, said):
    refused = submit(cluster, study(), *options, status=status)
    assert said in " ".join(refused.split())
    assert not list((cluster.folder / "queue").iterdir())


def test_a_controller_that_is_down_and_arrays_that_are_too_long_are_named(cluster, study):
    small = study()
    cluster.environment["FAKE_SLURM_DOWN"] = "1"
    refused = submit(cluster, small, status=4)
    assert "Unable to contact slurm controller" in refused and "scontrol ping" in refused
    del cluster.environment["FAKE_SLURM_DOWN"]
    cluster.environment["FAKE_SLURM_MOST"] = "2"
    refused = cluster("submit", small, "--slurm", "--runs-per-task", 1, status=2)
    assert "--runs-per-task 1 makes 4 tasks of 4 runs" in refused and "--runs-per-task 2" in refused


def test_without_an_answer_of_the_controller_runs_are_shown_and_merged_all_the_same(cluster, study):
    submit(cluster, study())
    fake_slurm.run_all(cluster.folder, cluster.environment, tasks=[0])
    shutil.rmtree(cluster.folder / "slurm")
    cluster.environment["PATH"] = "/nowhere"
    status = cluster("status", far(cluster))
    assert "2 of 4 runs done" in status and "Slurm's queue cannot be asked on this machine" in status
    said = cluster("merge", far(cluster), status=None)
    assert "2 runs merged" in said and "what is missing may be in Slurm's queue, which cannot be asked" in said


def test_nodes_of_one_kind_are_asked_for(cluster, study):
    out = submit(cluster, study(), "--same-bits", "--dry-run")
    assert "#SBATCH --constraint=ib&rome\n" in out and "2 nodes of partition batch" in out


def test_cancel_takes_the_array_out_of_the_queue(cluster, study):
    submit(cluster, study())
    assert "2 jobs are cancelled" in cluster("cancel", far(cluster))
    assert "2 neither done nor in the queue" in cluster("status", far(cluster))
    assert "nothing of it is in the queue" in cluster("cancel", far(cluster))


def test_what_is_submitted_again_has_a_place_for_its_logs(cluster, study):
    submit(cluster, study())
    assert "`crosstalk merge` joins what its tasks have done" in cluster("export", far(cluster), status=5)
    cluster("cancel", far(cluster))
    shutil.rmtree(far(cluster) / "cluster/logs")
    submit(cluster, "small.toml")
    assert (far(cluster) / "cluster/logs").is_dir()


def test_a_task_that_wrote_a_checkpoint_has_advanced_whatever_the_clocks_say(cluster, study):
    cluster("submit", study(updates=20_000_000), "--slurm", "--out", "results/far", "--runs-per-task", 4)
    environment = cluster.environment | {"SLURM_JOB_ID": "77", "SLURM_ARRAY_JOB_ID": "77", "SLURM_ARRAY_TASK_ID": "0"}
    shard = far(cluster) / "cluster/shards/0000"

    def stopped_at_a_checkpoint():
        before = checkpoints(shard)
        process = cluster.start("task", "results/far", 0, env=environment)
        wait_for(lambda: process.poll() is not None or list((shard / "logs").glob("*")))
        time.sleep(3)
        os.kill(process.pid, signal.SIGUSR1)
        out, err = process.communicate(timeout=120)
        return process.returncode == 128 + signal.SIGUSR1 and checkpoints(shard) != before, out + err

    stopped, said = stopped_at_a_checkpoint()
    assert stopped, said
    for file in (shard / "checkpoints").glob("*.safetensors"):  # by another node's clock
        os.utime(file, (time.time() + 7200, time.time() + 7200))
    stopped, said = stopped_at_a_checkpoint()
    assert stopped and "back in the queue" in said, said


def test_a_folder_that_was_not_submitted_is_named(cluster):
    for command in (["merge"], ["cancel"]):
        assert "was not submitted to a cluster" in cluster(*command, "results/none", status=5)
    assert "was not submitted to a cluster" in cluster("task", "results/none", 0, status=5)


def test_an_edited_study_and_a_task_that_is_none_are_refused(cluster, study):
    submit(cluster, study())
    assert "was submitted with other runs of small" in submit(cluster, "small.toml", "--set", "seeds=3", status=5)
    assert "has the tasks 0 to 1" in cluster("task", far(cluster), 2, status=2)


def test_what_is_done_in_the_folder_already_is_not_submitted(cluster, study):
    small = study()
    cluster("run", small, "--set", "seeds=1", "--out", "results/far", "--jobs", 1)
    assert "2 runs in 1 task" in submit(cluster, small)
    fake_slurm.run_all(cluster.folder, cluster.environment)
    assert "2 runs merged; 4 of 4 runs are there" in cluster("merge", far(cluster))
    cluster("run", small, "--out", "results/near", "--jobs", 1)
    assert cluster.export("results/far") == cluster.export("results/near")
    shutil.rmtree(far(cluster) / "cluster")
    assert "all runs are done, nothing to submit" in submit(cluster, small)


def test_trajectories_are_collected_once_before_the_array(cluster):
    (cluster.folder / "walk.toml").write_text("""
seeds = 2
[task]
trajectories = "walks"
environment = "random-walk"
[trajectories]
transitions = 500
[learner]
updates = 50
[probe]
every = 25
samples = 8
[sweep]
"learner.algorithm" = ["dqn", "mc"]
""")
    submit(cluster, "walk.toml")
    first, array = [json.loads(file.read_text()) for file in sorted((cluster.folder / "queue").iterdir())]
    assert first["tasks"] == [None] and array["options"]["dependency"] == "afterok:100"
    assert plan_of(cluster.folder)["makes_trajectories"]
    lost = cluster("task", far(cluster), 0, status=3)
    assert "walks is not there: the job before the array collects it" in lost and "first" in lost
    assert set(fake_slurm.run_all(cluster.folder, cluster.environment).values()) == {0}
    assert (cluster.folder / "results/walks/trajectories.json").exists()
    cluster("merge", far(cluster))
    cluster("run", "walk.toml", "--out", "results/near", "--jobs", 1)
    assert cluster.export("results/far") == cluster.export("results/near")


def test_a_shard_that_is_doubled_or_cut_short_is_named_and_the_rest_is_merged(cluster, study):
    submit(cluster, study())
    fake_slurm.run_all(cluster.folder, cluster.environment)
    shards = far(cluster) / "cluster/shards"
    whole = (shards / "0001/shard.sqlite").read_bytes()
    for bad, said in (
        (whole[: len(whole) // 2], "cut short"),
        ((shards / "0000/shard.sqlite").read_bytes(), "is doubled"),
    ):
        Path(shards / "0001/shard.sqlite").write_bytes(bad)
        refused = cluster("merge", far(cluster), status=5)
        assert "the shard of task 1" in refused and said in refused and "crosstalk task" in refused
    cluster("task", far(cluster), 1)  # as the message says: its own store has what it has published
    assert "4 of 4 runs are there" in cluster("merge", far(cluster))
    shutil.rmtree(far(cluster) / "cluster/shards/0001")
    (far(cluster) / "study.sqlite").unlink()
    assert "no shard yet of task 1" in all_said(cluster, 1, "merge", far(cluster))
    submit(cluster, "small.toml")
    fake_slurm.run_all(cluster.folder, cluster.environment)
    assert "2 runs merged, 2 were there already" in cluster("merge", far(cluster))


def test_what_sbatch_refuses_or_does_not_answer_costs_no_shard(cluster, study):
    small = study()
    submit(cluster, small)
    fake_slurm.run_all(cluster.folder, cluster.environment)
    plan = far(cluster) / "cluster/plan.json"
    text = plan.read_text()
    plan.unlink()
    refused = submit(cluster, small, status=5)
    assert "has shards of a study that was submitted" in refused and "is missing" in refused
    plan.write_text(text)
    assert "4 runs merged" in cluster("merge", far(cluster))
    refused = cluster("submit", small, "--slurm", "--out", "results/other", "--sbatch", "account=nobody", status=4)
    assert "Invalid account" in refused and not (cluster.folder / "results/other/cluster").exists()


def test_a_study_that_grew_since_it_was_submitted_keeps_its_runs(cluster, study):
    small = study()
    cluster("run", small, "--set", "seeds=1", "--out", "results/far", "--jobs", 1)
    submit(cluster, small)
    fake_slurm.run_all(cluster.folder, cluster.environment)
    assert "4 of 4 runs are there" in cluster("merge", far(cluster))
    assert "all 4 runs are done" in cluster("run", "results/far")
    whole = cluster.export("results/far")
    cluster("run", small, "--set", "seeds=3", "--out", "results/far", "--jobs", 1)
    grown = cluster.export("results/far")
    assert "of 6 runs are there" in cluster("merge", far(cluster))
    assert cluster.export("results/far") == grown != whole


def test_runs_that_are_missing_are_not_passed_over(cluster, study):
    submit(cluster, study())
    shards = far(cluster) / "cluster/shards"
    fake_slurm.run_all(cluster.folder, cluster.environment)
    for task in ("0000", "0001"):  # the store is gone, and what was published is one
        (shards / task / "study.sqlite").unlink()
        assert "put back from" in all_said(cluster, 0, "task", far(cluster), int(task))
    shutil.rmtree(shards / "0001")
    said = all_said(cluster, 1, "merge", far(cluster))
    assert "2 of 4 runs are there" in said and "submit what is left" in said


@pytest.mark.parametrize(
    "option", ["wait", "test-only", "job-nam=x", "arra=0-3", "signa=USR1", "no-requeu", "wrap=true", "clusters=all"]
)
def test_options_that_the_tasks_rest_on_are_refused_shortened_too(crosstalk, study, option):
    refused = crosstalk("submit", study(), "--slurm", "--dry-run", "--sbatch", option, status=2)
    assert f"--sbatch {option}: " in refused


def test_a_submitted_study_takes_no_other_runs(cluster, study):
    submit(cluster, study())
    for options in (["--set", "seeds=3"], ["--scale", "x"], ["--seed-offset", 1], ["--checkpoint-seconds", 5]):
        refused = cluster("submit", far(cluster), "--slurm", *options, status=2)
        assert f"{options[0]} goes with a study's first `submit` alone" in refused


def test_a_plan_that_was_edited_is_refused_by_name(cluster, study):
    submit(cluster, study())
    plan = far(cluster) / "cluster/plan.json"
    whole = json.loads(plan.read_text())
    for part, value in (
        ("tasks", []), ("what", 3), ("study", None), ("study", "x"), ("data", [1]), ("runs", whole["runs"] + ["f" * 16]),
        ("tasks", whole["tasks"] + whole["tasks"][:1]), ("tasks", [{**whole["tasks"][0], "runs": [0.5, 1]}]),
        ("id", "x\ntouch /tmp/in-the-script"), ("format", 1.5), ("format", 1e20), ("jobs", 1e300), ("data", []),
        *(("resources", {**whole["resources"], **wrong}) for wrong in (
            {"more": ["mem\ntouch /tmp/in-the-script\n#=3"]}, {"more": ["array=0-99"]}, {"more": ["wrap=true"]},
            {"cpus": 10**12}, {"cpus": 0}, {"signal_seconds": 1e300}, {"time": "1\n#SBATCH --wrap=true"},
        )),
    ):  # fmt: skip
        plan.write_text(json.dumps({**whole, part: value}))
        for command in (["merge"], ["task", 0]):
            refused = all_said(cluster, 5, command[0], far(cluster), *command[1:])
            assert "plan.json" in refused and "fault of the program" not in refused, (part, value, refused)


def test_the_environment_of_slurm_s_programs_says_nothing_else(cluster, study):
    cluster.environment |= {"SBATCH_JOB_NAME": "other", "SBATCH_TIMELIMIT": "1", "SBATCH_ACCOUNT": "physics"}
    submit(cluster, study())
    seen = (cluster.folder / "environment").read_text().splitlines()
    assert seen == ["SBATCH_ACCOUNT=physics"]

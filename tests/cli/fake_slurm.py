"""Programs by the names of Slurm's that do what it does on one node with a queue: for tests of the commands without it.

install(folder) writes sbatch, squeue, scancel, scontrol and sinfo into a folder for PATH. What was submitted lies in
QUEUE as JSON, a file a job; a job runs when the test says so (`run_all`).
"""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

MAX_ARRAY_SIZE = 1001
PARTITIONS = "batch*|1-00:00:00|1:00:00\nlong|30-00:00:00|n/a\n"
NODES = "n1|8|rome,ib\nn2|8|rome,ib\nn3|4|skylake\n"


def queue():
    return Path(os.environ["FAKE_SLURM_QUEUE"])


def options_of(arguments, script):
    """Of the script's #SBATCH lines and, before them, of the command line."""
    lines = re.findall(r"^#SBATCH --(\S+?)(?:=(.*))?$", script.read_text(), re.M)
    given = [re.match(r"--([\w-]+)(?:=(.*))?$", argument).groups() for argument in arguments]
    return {name: (value or "").strip('"') for name, value in [*lines, *given]}


def numbers(text):
    for part in text.split("%")[0].split(","):
        first, _, last = part.partition("-")
        yield from range(int(first), int(last or first) + 1)


def sbatch(*arguments):
    *given, script = arguments
    options = options_of(given, Path(script))
    if options.get("account") == "nobody":
        sys.exit(
            "sbatch: error: Batch job submission failed: Invalid account or account/partition combination specified"
        )
    heard = [f"{name}={value}\n" for name, value in sorted(os.environ.items()) if name.startswith("SBATCH_")]
    (queue().parent / "environment").write_text("".join(heard))
    job = 100 + len(list(queue().iterdir()))
    tasks = list(numbers(options["array"])) if "array" in options else [None]
    (queue() / f"{job}.json").write_text(
        json.dumps({"job": job, "script": script, "options": options, "tasks": tasks, "state": "PENDING"})
    )
    print(f"{job};cluster")


def jobs():
    return [json.loads(file.read_text()) for file in sorted(queue().iterdir())]


def squeue(*arguments):
    name = next(argument.split("=")[1] for argument in arguments if argument.startswith("--name="))
    for job in jobs():
        if job["options"]["job-name"] != name or job["state"] == "ENDED":
            continue
        for task in job["tasks"]:
            number = "" if task is None else f"_{task}"
            print(f"{job['job']}{number}|{'N/A' if task is None else task}|{job['state']}|Priority|")


def scancel(*arguments):
    for number in arguments:
        file = queue() / f"{number}.json"
        file.write_text(json.dumps(json.loads(file.read_text()) | {"state": "ENDED", "cancelled": True}))


def scontrol(*arguments):
    if arguments[0] == "requeue":
        with (queue().parent / "requeued").open("a") as file:
            file.write(arguments[1] + "\n")
    else:
        print(f"MaxArraySize            = {os.environ.get('FAKE_SLURM_MOST', MAX_ARRAY_SIZE)}")


def sinfo(*arguments):
    if os.environ.get("FAKE_SLURM_DOWN"):
        sys.exit("slurm_load_partitions: Unable to contact slurm controller (connect failure)")
    of_nodes = "--Node" in arguments
    print((NODES if of_nodes else PARTITIONS) if "--format=%R" not in arguments else "batch\nlong", end="")


def install(folder):
    """The environment in which a command finds these programs."""
    programs, waiting = folder / "slurm", folder / "queue"
    programs.mkdir()
    waiting.mkdir()
    for name in ("sbatch", "squeue", "scancel", "scontrol", "sinfo"):
        file = programs / name
        file.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{__file__}" {name} "$@"\n')
        file.chmod(0o755)
    return {"PATH": f"{programs}:{os.environ['PATH']}", "FAKE_SLURM_QUEUE": str(waiting)}


def run_all(folder, environment, tasks=None):
    """Runs the jobs that wait, in their order, as Slurm would; a task's number with its exit status."""
    ended = {}
    for file in sorted((folder / "queue").iterdir()):
        job = json.loads(file.read_text())
        if job["state"] != "PENDING":
            continue
        for task in job["tasks"]:
            if tasks is not None and task not in tasks:
                continue
            more = {"SLURM_JOB_ID": str(job["job"])}
            if task is not None:
                more |= {"SLURM_ARRAY_JOB_ID": str(job["job"]), "SLURM_ARRAY_TASK_ID": str(task)}
            with open(job["options"]["output"].replace("%a", str(task)).replace("%%", "%"), "ab") as log:
                ended[task] = subprocess.run(
                    ["/bin/sh", job["script"]], env=environment | more, stdout=log, stderr=log, cwd="/"
                ).returncode
        file.write_text(json.dumps(job | {"state": "ENDED"}))
    return ended


if __name__ == "__main__":
    if sys.argv[2:] == ["--version"]:
        print("slurm 22.05.8")
    else:
        {"sbatch": sbatch, "squeue": squeue, "scancel": scancel, "scontrol": scontrol, "sinfo": sinfo}[sys.argv[1]](
            *sys.argv[2:]
        )

"""`crosstalk` as a user has it: `python -m crosstalk` in a process of its own, on studies of a second."""

import os
import random
import signal
import subprocess
import sys
import time

STUDY = """
[task]
dataset = "california"
examples = 200
[network]
depth = 1
[learner]
updates = {updates}
[probe]
every = 50
samples = 16
[sweep]
"network.hidden" = [4, 8]
"""


class Command:
    """`crosstalk ARGUMENTS` in a folder, with its own cache of data."""

    def __init__(self, folder, cache):
        self.folder = folder
        self.environment = {**os.environ, "XDG_CACHE_HOME": str(cache), "NO_COLOR": "1"}

    def start(self, *arguments, **more):
        settings = dict(stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=self.folder, env=self.environment,
                        start_new_session=True)  # fmt: skip
        return subprocess.Popen([sys.executable, "-m", "crosstalk", *map(str, arguments)], **{**settings, **more})

    def __call__(self, *arguments, status=0, **more):
        process = self.start(*arguments, **more)
        out, err = process.communicate(timeout=600)
        assert status is None or process.returncode == status, f"status {process.returncode}\n{out}\n{err}"
        assert "Traceback" not in (err or "") and "terminate called" not in (err or ""), err
        return (err or "") if status else out

    def export(self, folder):
        return self("export", folder, "--format", "csv")

    def kill(self, process, number=signal.SIGKILL):
        """A signal to the whole process group: the coordinator and its workers."""
        try:
            os.killpg(process.pid, number)
        except ProcessLookupError:
            pass

    def kill_after(self, seconds, *arguments):
        """Runs, and kills the whole group unless it has ended before; true when it was killed."""
        process = self.start(*arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            process.wait(seconds)
            return False
        except subprocess.TimeoutExpired:
            self.kill(process)
            process.wait()
            return True


    def killed_and_whole(self, study, *options, times, seed, every):
        """The exports of two results of a study: of one that was killed so often, wrote a checkpoint every so many seconds and went
        on (in `killed`), and of one that nobody disturbed (in `whole`)."""
        self("run", study, *options, "--out", "whole")
        often = ("--checkpoint-seconds", str(every))
        killed = self.kill_at_checkpoints(times, random.Random(seed), "run", study, *options, *often, out="killed")
        assert killed > 0, "each ended before its kill came"
        self("run", study, *options, "--out", "killed", *often)
        return self.export("killed"), self.export("whole")

    def kill_at_checkpoints(self, times, moments, *arguments, out):
        """Runs into `out` so often, and kills the whole group at a moment (of at most 0.1 s, from `moments`) after a
        checkpoint; how often it had not ended before."""
        killed = 0
        for _ in range(times):
            before = checkpoints(self.folder / out)
            process = self.start(*arguments, "--out", out, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            wait_for(lambda: process.poll() is not None or checkpoints(self.folder / out) != before)  # noqa: B023
            time.sleep(moments.uniform(0, 0.1))
            killed += process.poll() is None
            self.kill(process)
            process.wait()
        return killed


def checkpoints(folder):
    try:
        return {(file.name, file.stat().st_mtime_ns) for file in folder.glob("checkpoints/*.safetensors")}
    except FileNotFoundError:  # the run has ended, and its checkpoint went
        return set()


def wait_for(condition, seconds=120):
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "it did not happen"
        time.sleep(0.02)

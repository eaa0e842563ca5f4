"""The coordinator's end of a worker: what is said to it and what it answers."""

import os
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from wire import frame, read_frame  # noqa: E402


class Worker:
    """`python -m crosstalk._worker` and what it says."""

    def __init__(self):
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "crosstalk._worker"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, env=environment,
        )  # fmt: skip

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            pipe.close()

    def say(self, message):
        self.process.stdin.write(frame(message))
        self.process.stdin.flush()

    def hear(self):
        """The next message; None at the end."""
        return read_frame(self.process.stdout)

    def hear_run(self):
        """All that is said until the run is finished; flushes are answered."""
        heard = []
        while not heard or heard[-1]["event"] != "finished":
            heard.append(self.hear())
            if heard[-1] is None:
                raise AssertionError(self.process.stderr.read().decode())
            if heard[-1]["event"] == "flush":
                self.say({"do": "durable", "run": heard[-1]["run"]})
        return heard

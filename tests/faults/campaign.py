"""Kills studies and lets their disk fail, again and again, and compares their rows with an undisturbed one's.

    python tests/faults/campaign.py [--kills 500] [--faults 100] [--studies supervised,double-dqn,control,trajectories]
                                    [--seed 0] [--jobs 2] [--folder DIR]

A kill is a SIGKILL to the whole process group, at a random moment between the start and a little more than the time the whole
study takes. A fault lets one call that writes into the results, or into the cache of data, fail, once or from there on, or write
half of its bytes (failing_calls.c). After each the same command goes on. When the study ends before its kill came, that counts as
no kill, its rows are compared, and the study begins anew. What is asked of each:

  - the store can be opened, and SQLite finds it sound;
  - the exported rows are those of the undisturbed study, byte for byte;
  - a command that ends by a fault names a path and a way on, in one message.

The messages that came are printed at the end, each once."""

import argparse
import collections
import errno
import random
import re
import shutil
import sqlite3
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "cli"))
from command import STUDY, Command
from faulty import ALL, FailingCalls

DOUBLE_DQN = """
seeds = 1
[task]
dataset = "digits"
kind = "windowed"
examples = 20
[network]
hidden = 2
depth = 0
[learner]
algorithm = "double-dqn"
steps = 300
start = 50
batch = 16
replay = 200
explore-steps = 200
[probe]
every = 100
samples = 8
episodes = 2
"""
CONTROL = """
seeds = 2
[task]
environment = "gridworld"
[learner]
algorithm = "dqn"
steps = 1500
start = 100
batch = 16
replay = 500
[network]
hidden = 8
depth = 1
[probe]
every = 200
samples = 16
episodes = 1
"""
# It collects what it learns from, beside the results.
TRAJECTORIES = """
seeds = 2
[task]
environment = "gridworld"
trajectories = "set"
[trajectories]
transitions = 1000
[network]
layers = ["linear 8", "tanh", "linear out"]
[learner]
batch = 16
updates = 1000
target-every = 20
[probe]
every = 100
samples = 16
[sweep]
"learner.algorithm" = ["dqn", "td-lambda"]
"""
STUDIES = {
    "supervised": "seeds = 2\n" + STUDY.format(updates=1500),
    "double-dqn": DOUBLE_DQN,
    "control": CONTROL,
    "trajectories": TRAJECTORIES,
}
OFTEN = ("--checkpoint-seconds", "0.05")  # so that most kills come between two checkpoints
FAULTS = {
    "ENOSPC once": (errno.ENOSPC, 1, ALL),
    "ENOSPC from there on": (errno.ENOSPC, 1_000_000, ALL),
    "EIO once": (errno.EIO, 1, ALL),
    "half a write": ("short", 1, ("write", "pwrite")),
}
EARLY = 60  # calls: a store is made, and the first runs begin; half of the faults come there
COLD = 0.25  # of the faults find no converted data, and may come while they are converted
WAYS_ON = ("Make room", "Free some", "un the same command", "another --out", "Remove it", "Is the folder there")


class Campaign:
    def __init__(self, name, folder, jobs, dice):
        self.name, self.dice = name, dice
        self.crosstalk = Command(folder, folder / "cache")
        self.folder = folder
        self.study = folder / f"{name}.toml"
        self.study.write_text(STUDIES[name])
        self.failing = FailingCalls(folder, folder)
        self.jobs = ("--jobs", str(jobs))
        self.messages = collections.Counter()
        self.wrong = []
        self.rounds = 0
        self.crosstalk("run", self.study, "--out", self.out(), *self.jobs, *OFTEN)  # its data are converted, once
        self.begin_anew()
        began = time.monotonic()
        self.crosstalk("run", self.study, "--out", self.out(), *self.jobs, *OFTEN)
        self.seconds = time.monotonic() - began
        self.wanted = self.crosstalk.export(self.out())
        self.say(f"undisturbed: {self.seconds:.1f} s, {len(self.wanted.splitlines()) - 1} rows")

    def say(self, text):
        print(f"{self.name}: {text}", flush=True)

    def out(self):
        return f"results/{self.rounds}"

    def begin_anew(self):
        shutil.rmtree(self.folder / "results")
        self.rounds += 1

    def attempt(self, *more, seconds=None, environment=None):
        """One call, killed after so long; its status (None: it was killed) and what it said."""
        settings = {"env": {**self.crosstalk.environment, **environment}} if environment else {}
        with tempfile.TemporaryFile("w+") as said:
            process = self.crosstalk.start(
                "run", self.study, "--out", self.out(), *self.jobs, *OFTEN, *more, stdout=said, stderr=said, **settings
            )
            killed = False
            until = time.monotonic() + (600 if seconds is None else seconds)
            while process.poll() is None and not killed:
                if time.monotonic() >= until:
                    self.crosstalk.kill(process)
                    process.wait()
                    killed = True
                time.sleep(0.005)
            said.seek(0)
            text = said.read()
        if killed and seconds is None:
            self.wrong.append(f"it hangs:\n{text}")
        return (None if killed else process.returncode), text

    def look(self, after):
        """The store as it was left; a copy, because whoever opens it puts the journal back."""
        file = self.folder / self.out() / "study.sqlite"
        if not file.exists():
            return
        with tempfile.TemporaryDirectory() as name:
            for each in file.parent.glob("study.sqlite*"):
                shutil.copy(each, name)
            try:
                store = sqlite3.connect(f"{name}/study.sqlite")
                found = store.execute("PRAGMA integrity_check").fetchall()
                store.close()
            except sqlite3.Error as error:
                found = repr(error)
        if found != [("ok",)]:
            self.wrong.append(f"{after}: SQLite finds {found}")

    def compare(self, after):
        if self.crosstalk.export(self.out()) != self.wanted:
            kept = self.folder / f"wrong-{self.rounds}"
            shutil.copytree(self.folder / "results", kept)
            self.wrong.append(f"{after}: other rows ({kept})")

    def note(self, text, after):
        """What a call said beside its lines of progress."""
        for line in text.splitlines():
            if any(word in line for word in ("crosstalk: ", "note: ", "damaged", "begun anew", "failed")):
                said = line.replace(str(self.folder), "")
                self.messages[re.sub(r"[0-9a-f]{16}|\d+", "N", said)] += 1
        if "Traceback" in text or "of the program itself" in text or "terminate called" in text:
            self.wrong.append(f"{after}: a fault of the program itself\n{text}")

    def kill(self, kills):
        killed = 0
        while killed < kills:
            self.begin_anew()
            status = None
            while status is None and killed < kills:
                status, said = self.attempt(seconds=self.dice.uniform(0.05, self.seconds))
                killed += status is None
                after = f"kill {killed}"
                self.note(said, after)
                self.look(after)
            if status is None:
                status, said = self.attempt()
                self.note(said, after)
            if status != 0:
                self.wrong.append(f"{after}: status {status}\n{said}")
            self.compare(after)
            self.say(f"{killed} kills in {self.rounds} rounds, {len(self.wrong)} wrong")

    def fault(self, faults):
        calls = {}
        for which in {which for _, _, which in FAULTS.values()}:
            self.begin_anew()
            self.attempt(environment=self.failing.environment(calls=which))
            calls[which] = self.failing.calls
        self.say(f"calls that write: {calls}")
        done = 0
        while done < faults:
            self.begin_anew()
            kind = self.dice.choice(list(FAULTS))
            how, times, which = FAULTS[kind]
            at = self.dice.randint(1, self.dice.choice([EARLY, calls[which]]))
            if self.dice.random() < COLD:
                shutil.rmtree(self.folder / "cache", ignore_errors=True)  # a study without data has none
            status, said = self.attempt(environment=self.failing.environment(at, how, times, which))
            if not self.failing.said:
                continue  # there were not so many calls this time
            done += 1
            place = self.failing.said[0].replace(str(self.folder), "")
            after = f"fault {done} ({kind} at {at} of {calls[which]}: {place})"
            self.note(said, after)
            self.look(after)
            if status != 0:
                words = [
                    line
                    for line in said.splitlines()
                    if "crosstalk: " in line or "cannot be" in line or "failed" in line
                ]
                if not any("results" in line or "cache" in line for line in words) or not any(
                    way in said for way in WAYS_ON
                ):
                    self.wrong.append(f"{after}: no path or no way on\n{said}")
            again, said = self.attempt()
            self.note(said, after)
            if again != 0:
                self.wrong.append(f"{after}: status {again} without a fault\n{said}")
            self.compare(after)
            self.say(f"{after}: status {status}, {len(self.wrong)} wrong")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=500, help="of all studies together")
    parser.add_argument("--faults", type=int, default=100, help="of all studies together")
    parser.add_argument("--studies", default=",".join(STUDIES))
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--folder", help="where to work (default: a temporary folder, removed at the end)")
    options = parser.parse_args()
    names = options.studies.split(",")
    wrong = 0
    with tempfile.TemporaryDirectory() as temporary:
        for place, name in enumerate(names):
            folder = Path(options.folder or temporary).resolve() / name
            folder.mkdir(parents=True)
            campaign = Campaign(name, folder, options.jobs, random.Random(f"{options.seed} {name}"))
            campaign.kill(options.kills // len(names) + (place < options.kills % len(names)))
            campaign.fault(options.faults // len(names) + (place < options.faults % len(names)))
            for message, count in sorted(campaign.messages.items()):
                campaign.say(f"{count} times: {message}")
            for each in campaign.wrong:
                campaign.say(f"WRONG {each}")
            wrong += len(campaign.wrong)
    print(f"{options.kills} kills and {options.faults} faults in {len(names)} studies: {wrong} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())

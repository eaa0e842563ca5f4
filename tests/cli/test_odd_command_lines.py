"""Command lines that nobody should type end in a sentence, or do what they say. CROSSTALK_ODD=500 tries as many."""

import os
import random
import shutil

from command import Command

COUNT = int(os.environ.get("CROSSTALK_ODD", "30"))
STATUSES = {0, 1, 2, 3, 4, 5, 6}  # docs/running.md

ODD = [
    "", " ", ",", "-", "--", "-1", "0", "nan", "inf", "1e300", "-1e300", "1" * 30, "9223372036854775808", "٣", "1_000", "0x10",
    "a" * 256, "b/" * 2500, "é", "研究", "'", '"', "$(ls)", "`ls`", "a\nb", "\t", "\x1b[31m", "\x7f", os.fsdecode(b"\xe9"),
    os.fsdecode(b"\xff\xfe/x"), "/dev/null", "/dev/zero", "/dev/full", "/proc/self/status", "/proc/kmsg", "pipe", "loop", "..",
    ".", "/", "~", "no-such", "small.toml", "done", "done/study.sqlite", "table.csv", "=", "x=", "=x", "[" * 200, "[1," * 500,
    "\\", "%s%n", "{}", "null", "true", "small.toml" * 30,
]  # fmt: skip
SETS = [
    "seeds", "seeds=", "seeds=-1", "seeds=1e9", "seeds=[]", "network.hidden=0", "network.hidden=1e30", "network.hidden=[4,4]",
    "network.hidden=" + "9" * 400, "learner.rate=nan", "learner.rate=-1", "learner.updates=0", "probe.every=٣", "probe.samples=[]",
    "task.dataset=", "task.dataset=/dev/zero", "task.dataset=pipe", "task.dataset=./table.csv", "task.dataset=" + "x" * 3000,
    "task.examples=[1,2,3", "task.examples=" + str(list(range(2000))), "nothing.here=1", "a" * 3000 + "=1", "task.dataset=\x00"[:-1],
]  # fmt: skip
OPTIONS = {
    "run": ["--out", "--jobs", "-j", "--scale", "--set", "--seed-offset", "--data", "--device", "--plan", "--debug", "--strict",
            "--checkpoint-seconds"],
    "report": ["--out", "--format", "--width", "--font-size"],
    "status": [],
    "export": ["--format"],
    "verify": ["--runs", "--jobs", "--data"],
    "doctor": [],
    "study show": ["--scale", "--set", "--seed-offset"],
    "study new": ["--dataset", "--environment"],
    "study list": [], "study keys": [],
    "data list": ["--data"], "data verify": ["--data"],
    "": ["--version", "--help", "--no-such"],
}  # fmt: skip
FLAGS = {"--plan", "--debug", "--strict", "--version", "--help"}


def odd_command(chance):
    """Words: a command, what it works on (a sound one every other time), and up to three options."""
    name = chance.choice(list(OPTIONS))
    sound = {"run": "small.toml", "study show": "small.toml", "data list": "digits", "data verify": "digits"}.get(
        name, "done"
    )
    words = name.split() + ([sound] if chance.random() < 0.5 else [chance.choice(ODD)])
    for option in chance.choices(OPTIONS[name] or ["--no-such"], k=chance.randrange(4)):
        value = chance.choice(SETS if option == "--set" and chance.random() < 0.8 else ODD)
        words += [option] if option in FLAGS else [f"{option}={value}"] if chance.random() < 0.3 else [option, value]
    if words and chance.random() < 0.1:
        words.append(chance.choice(words))  # once more
    return [word.replace("\0", "") for word in words]


def test_odd_command_lines_end_in_a_sentence(finished, tmp_path):
    done, folder = finished
    shutil.copytree(folder, tmp_path / "done")
    shutil.copy(done.folder / "small.toml", tmp_path)
    (tmp_path / "table.csv").write_text("a,y\n" + "".join(f"{i},{i * i}\n" for i in range(50)))
    (tmp_path / "loop").symlink_to("loop")
    os.mkfifo(tmp_path / "pipe")
    crosstalk = Command(tmp_path, done.environment["XDG_CACHE_HOME"])
    crosstalk.environment |= {"HOME": str(tmp_path), "CROSSTALK_CACHE": str(tmp_path / "cache")}
    for seed in range(COUNT):
        words = odd_command(random.Random(seed))
        if "/dev" in " ".join(words) and "new" in words or any(word in ("/", "--out=/") for word in words):
            continue  # it would do what it says, outside of this test's folder
        process = crosstalk.start(*words, text=False)
        try:
            out, err = process.communicate(timeout=20)
        finally:
            crosstalk.kill(process)
        said = err.decode()  # which is text, whatever was typed
        about = f"{seed}: {words!r:.600}\n{process.returncode}\n{out[-500:]}\n{said[:1500]}"
        assert process.returncode in STATUSES, about
        assert "Traceback" not in said and "fault of the program" not in said and "please report" not in said, about
        assert all(len(line) <= 400 for line in said.splitlines()), about
        assert not process.returncode or said.startswith("crosstalk: ") or "\ncrosstalk: " in said or out, about

"""The worker as the coordinator starts it: `python -m crosstalk._worker`, frames on its standard streams."""

import importlib.util
import json
import signal
import subprocess
import sys

import numpy as np
import pytest

from frames import Worker
from safetensors.numpy import load_file, save

from crosstalk.data.converted import with_contents

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("crosstalk") is None or importlib.util.find_spec("crosstalk._engine") is None,
    reason="crosstalk._engine is not built: `make install` builds it",
)


def keys(**changes):
    """Every key of a small SARCOS-like run; `learner_rate` stands for learner.rate, `weight__decay` for weight-decay."""
    all_keys = {
        "task.kind": "regress", "task.dataset": "sarcos", "task.examples": "all", "task.subset": "first", "task.source": "files",
        "task.train-rows": 3560, "task.target": "", "task.test-share": 0.2, "task.normalise": "none",
        "task.observation": "paper", "task.timeout": "terminal", "network.hidden": 16,
        "network.depth": 0, "network.head": 1, "network.layers": [], "network.initialisation": "linear-glorot",
        "learner.algorithm": "supervised", "learner.steps": 1, "learner.start": 0, "learner.update-every": 1, "learner.replay": 1,
        "learner.target": "double", "learner.gamma": 0.9, "learner.tau": 0.1, "learner.explore-from": 1.0,
        "learner.explore-to": 0.0, "learner.explore-steps": 1, "learner.explore-after": 0, "learner.return": "to-go", "learner.entropy": 0.0,
        "learner.collect": 0, "learner.loss": "squared-error", "learner.reduction": "sum", "learner.targets": "separate", "learner.updates": 60,
        "learner.batch": 32, "learner.optimizer": "adam", "learner.rate": 1e-3, "learner.momentum": 0.99,
        "learner.weight-decay": 0.0, "learner.beta1": 0.9, "learner.beta2": 0.999, "learner.alpha": 0.99,
        "learner.epsilon": 1e-8, "learner.clip": 0.0, "probe.every": 20, "probe.samples": 16, "probe.keep": "none", "probe.episodes": 1, "probe.function": "mean", "probe.measures": [],
        "runtime.threads": 1, "runtime.memory": 1024, "runtime.precision": "single", "runtime.device": "cpu",
    }  # fmt: skip
    return {**all_keys, **{name.replace("_", ".", 1): value for name, value in changes.items()}}


@pytest.fixture
def order(tmp_path):
    """order(what, **keys): a message for a run on a small data set written by Python's own safetensors."""
    random = np.random.default_rng(0)
    tensors = {}
    for split, rows in (("train", 90), ("test", 30)):
        x = random.standard_normal((rows, 21), dtype=np.float32)
        tensors |= {f"{split}.x": x, f"{split}.y": np.tanh(x[:, :7]) + x[:, 7:14]}
    about = {
        "name": "made here",
        "kind": "regress",
        "classes": None,
        "outputs": 7,
        "divide": 1,
        "target_variance": [1.5] * 7,
    }
    content = save(tensors, metadata={"crosstalk": json.dumps(about)})
    (tmp_path / "data.safetensors").write_bytes(b"".join(with_contents(memoryview(content))))

    def make(what, **changes):
        return {
            "do": what, "run": "a1", "seed": 2, "configuration": keys(**changes),
            "data": {"file": str(tmp_path / "data.safetensors"), "sha256": "none"},
            "checkpoint": str(tmp_path / "a1.safetensors"), "checkpoint_seconds": 1e6,
        }  # fmt: skip

    return make


def rows_of(heard):
    return {tuple(row[:3]): row[3] for message in heard if message["event"] == "rows" for row in message["rows"]}


def test_a_worker_does_a_run_and_then_another_with_the_same_rows(order):
    with Worker() as worker:
        ready = worker.hear()
        assert (
            ready["event"] == "ready"
            and ready["torch"][0].isdigit()
            and ready["isa"]
            and len(ready["arithmetic"]) == 16
            and ready["pid"] == worker.process.pid
        )
        worker.say(order("run"))
        first = worker.hear_run()
        assert first[-1]["status"] == "done", first[-1]
        worker.say(order("run"))
        assert rows_of(worker.hear_run()) == rows_of(first)
        steps = {step for step, _, _ in rows_of(first)}
        assert steps == {0, 20, 40, 60}
        worker.process.stdin.close()
        assert worker.process.wait(30) == 0


def test_a_worker_loads_libtorch_without_importing_torch():
    code = "import sys, crosstalk._torch as t; t.engine(); sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], env={"PYTHONPATH": ":".join(sys.path)}).returncode == 0


def test_a_terminated_worker_leaves_a_checkpoint_from_which_another_ends_with_the_same_rows(order, tmp_path):
    with Worker() as worker:
        worker.hear()
        worker.say(order("run", learner_updates=20_000, probe_every=5_000))
        whole = rows_of(worker.hear_run())
    gone_on = {}
    with Worker() as worker:
        worker.hear()
        worker.say(order("run", learner_updates=20_000, probe_every=5_000))
        gone_on |= rows_of([worker.hear()])
        worker.process.send_signal(signal.SIGTERM)
        heard = worker.hear_run()
        assert heard[-1]["status"] == "stopped"
        gone_on |= rows_of(heard)
        assert worker.process.wait(30) == 0
    assert load_file(tmp_path / "a1.safetensors")["theta"].shape == (21 * 16 + 16 + 16 * 7 + 7,)
    with Worker() as worker:
        worker.hear()
        worker.say(order("run", learner_updates=20_000, probe_every=5_000))
        heard = worker.hear_run()
        assert heard[-1]["status"] == "done" and heard[-1]["resumed_at"] > 0
        gone_on |= rows_of(heard)
    assert gone_on == whole


def test_ctrl_c_is_the_coordinators(order):
    with Worker() as worker:
        worker.hear()
        worker.say(order("run", learner_updates=3_000))
        worker.hear()
        worker.process.send_signal(signal.SIGINT)
        assert worker.hear_run()[-1]["status"] == "done"


def test_a_run_that_cannot_be_done_fails_in_words(order):
    with Worker() as worker:
        worker.hear()
        worker.say(order("run", task_examples=91))
        failed = worker.hear_run()[-1]
        assert (failed["status"], failed["kind"]) == ("failed", "config")
        assert "91" in failed["message"] and "90" in failed["message"]
        worker.say(order("time"))
        assert worker.hear()["event"] == "timed"

"""Datasets of Minari for tests, and how the commands that exchange them are asked."""

from types import SimpleNamespace

import minari
import numpy
from crosstalk.trajectories.__main__ import reply_to
from gymnasium.spaces import Discrete


def ask(command, **request):
    """The reply; an error as an object with its message, which is no trace."""
    status, reply = reply_to(command, {name.rstrip("_"): str(value) for name, value in request.items()})
    if status == 0:
        return reply
    message = reply["error"]["message"]
    assert "Traceback" not in message and "failed within itself" not in message and len(message) < 700, message
    return SimpleNamespace(**reply["error"])


def made(space, observations, name="tests/made-v0", actions=None, env=None, **options):
    """A dataset of Minari's with one episode of these observations."""
    steps = len(observations) - 1
    buffer = minari.data_collector.EpisodeBuffer(
        seed=options.pop("seed", 4),
        observations=observations,
        actions=numpy.arange(steps) % 2 if actions is None else actions,
        rewards=numpy.arange(steps) / 8,
        terminations=options.pop("terminations", numpy.arange(steps) == steps - 1),
        truncations=numpy.zeros(steps, bool),
        infos=options.pop("infos", None),
    )
    return minari.create_dataset_from_buffers(
        name,
        [buffer, *options.pop("more", [])],
        env=env,
        observation_space=space,
        action_space=options.pop("action_space", Discrete(2)),
        **options,
    )


def request_in_child(data, into):
    asked = {"operation": "import-minari", "data": str(data), "into": str(into), "target": "out"}
    return {**asked, "named": "tests/made-v0", "subject": str(data / "main_data.hdf5"), "memory_bytes": 8 << 30}

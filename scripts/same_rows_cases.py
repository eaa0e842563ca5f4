"""The cases of scripts/same-rows: shipped studies at small size, some of them with what reaches deep.

A case is a study, its scale or none, and what is set. The study is a shipped one by its name, or keys of a task, for
networks layer by layer: the shipped studies sweep widths and depths, which such networks have not."""

SMALL = {"probe.samples": 16, "seeds": [0]}
IMAGES = SMALL | {
    "network.hidden": 4,
    "network.depth": [0, 1],
    "task.examples": 100,
    "learner.updates": 40,
    "probe.every": 20,
}
TABLE = SMALL | {
    "network.hidden": 16,
    "network.depth": 1,
    "task.examples": [20, 500],
    "learner.updates": 150,
    "probe.every": 50,
}
AGENT = SMALL | {
    "network.hidden": 4,
    "network.depth": 0,
    "task.examples": 100,
    "learner.steps": 1200,
    "probe.every": 400,
    "probe.episodes": 16,
}
DDQN = AGENT | {
    "learner.start": 200,
    "learner.update-every": 4,
    "learner.batch": 32,
    "learner.explore-steps": 800,
    "learner.rate": 1e-3,
    "learner.replay": 300,  # the ring wraps three times
}
REINFORCE = AGENT | {"learner.rate": 3e-4}

DEEP = {"network.depth": [0, 1]}
DOUBLE = {"runtime.precision": "double"}
ALIASED = {"task.observation": "aliased"}
MEAN = {"probe.function": "mean"}
TAKEN = {"probe.function": "taken"}
EVERY_STEP = {"learner.steps": 400, "learner.start": 64, "learner.update-every": 1, "probe.every": 100}
MOMENTUM = {"learner.optimizer": "momentum", "learner.weight-decay": 1e-3, "network.initialisation": "pytorch"}

WITH_NORMS = (
    "conv 4 5 stride 2, layernorm, leaky, conv 8 3 stride 2, tanh, flatten, linear 16, layernorm, relu, linear out"
)


def layers(text, settings, **task):
    """Keys of a task, and its settings with a network layer by layer."""
    keys = {key: value for key, value in settings.items() if key not in ("network.hidden", "network.depth")}
    task = {f"task.{key}": value for key, value in task.items()}
    return task, None, keys | {"network.layers": text.split(", ")}


def digits(settings):
    return "digits/digits-classify", "reduced", IMAGES | settings


def california(settings):
    return "paper/california", "reduced", TABLE | settings


def sarcos(settings):
    return "paper/sarcos", "reduced", TABLE | settings


def ddqn(study, *settings):
    return agent(study, DDQN, *settings)


def reinforce(study, *settings):
    return agent(study, REINFORCE, *settings)


def agent(study, common, *settings):
    for more in settings:
        common = common | more
    return study, "reduced", common


DIGITS_DDQN, DIGITS_REINFORCE = "digits/digits-ddqn", "digits/digits-reinforce"
WINDOWED = {"dataset": "digits", "kind": "windowed"}

CASES = {
    "quickstart": ("quickstart", "short", {}),
    "digits": digits({"network.hidden": [4, 8], "seeds": 2}),
    "digits, double, random subset": digits(DOUBLE | MEAN | {"task.subset": "random"}),
    "digits, momentum, normalised": digits(MOMENTUM | {"task.normalise": "per-feature"}),
    "digits, diverges": digits({"learner.optimizer": "sgd", "learner.rate": 1e6}),
    "digits, layer norm, confidence": layers(WITH_NORMS, IMAGES | {"probe.function": "confidence"}, dataset="digits"),
    "california": california({"network.depth": [1, 2]}),
    "california, broadcast, double": california(DOUBLE | {"learner.targets": "broadcast"}),
    "california, normalised": california({"task.normalise": "per-feature", "learner.optimizer": "sgd"}),
    "sarcos": sarcos({"network.depth": [0, 2]}),
    "sarcos, mean, rmsprop, two threads": sarcos(MEAN | {"learner.optimizer": "rmsprop", "runtime.threads": 2}),
    "sarcos, layer norm, double": layers(
        "linear 16, layernorm, tanh, linear out", TABLE | DOUBLE, dataset="sarcos", source="test-file"
    ),
    "svhn": ("paper/svhn-classify", "reduced", IMAGES),
    "cifar10": ("paper/cifar10-classify", "reduced", IMAGES),
    "digits, double dqn": ddqn(DIGITS_DDQN, DEEP),
    "digits, double dqn, aliased": ddqn(DIGITS_DDQN, DEEP, ALIASED),
    "digits, double dqn, truncate, taken": ddqn(
        DIGITS_DDQN, TAKEN, {"task.timeout": "truncate", "learner.tau": 1, "task.subset": "random"}
    ),
    "digits, double dqn, maximum, layer norm, mean": layers(
        WITH_NORMS, DDQN | MEAN | {"learner.target": "max"}, **WINDOWED
    ),
    "digits, double dqn, every step, double": ddqn(DIGITS_DDQN, EVERY_STEP, DOUBLE, {"learner.gamma": 0.5}),
    "learning digits": ("digits/learning-digits", None, DDQN),
    "digits, reinforce": reinforce(DIGITS_REINFORCE, DEEP),
    "digits, reinforce, aliased": reinforce(DIGITS_REINFORCE, DEEP, ALIASED),
    "digits, reinforce, collect, episode, taken": reinforce(
        DIGITS_REINFORCE, TAKEN, {"learner.collect": 100, "learner.return": "episode"}
    ),
    "digits, reinforce, layer norm, mean": layers(
        WITH_NORMS, REINFORCE | MEAN | {"learner.algorithm": "reinforce", "learner.entropy": 1e-3}, **WINDOWED
    ),
    "svhn, double dqn": ddqn("paper/svhn-ddqn", {"network.depth": 1}),
    "svhn, double dqn, aliased": ddqn("paper/svhn-ddqn", ALIASED),
    "cifar10, double dqn": ddqn("paper/cifar10-ddqn"),
    "cifar10, double dqn, aliased": ddqn("paper/cifar10-ddqn", ALIASED),
    "svhn, reinforce": reinforce("paper/svhn-reinforce"),
    "svhn, reinforce, aliased": reinforce("paper/svhn-reinforce", ALIASED),
    "cifar10, reinforce": reinforce("paper/cifar10-reinforce", {"network.depth": 1}),
    "cifar10, reinforce, aliased": reinforce("paper/cifar10-reinforce", ALIASED),
}

"""Curves over training that nobody ran, for the bundle of synthetic_bundle.py, and the lines that they have to beat."""

import numpy as np


def of_agents(experiments):
    """Curves of reward, accuracy and first guess that rise towards 1 or stay where never looking is, and of churn that falls."""
    reward, lines, churn = [], [], []
    for name, kind, panel, sizes, *_ in experiments:
        if kind != "windowed":
            continue
        head = [name, panel, kind]
        for measure, random, blind, start in (
            ("reward", 0.483, 0.775, -0.6),
            ("accuracy", 0.878, 1.0, 0.15),
            ("first_guess", 0.1, 0.12, 0.1),
        ):
            for split in ("train", "test"):
                for policy, label, value in (
                    ("random", "random policy", random),
                    ("blind", "policy that never looks", blind),
                ):
                    lines.append([*head, measure, split, policy, label, value, value * 0.98, value, 36])
                for at, size in enumerate(sizes):
                    top = 1.0 if split == "train" else 0.55 + 0.2 * at
                    for step in range(0, 200000, 10000):
                        value = start + (top - start) * (1 - np.exp(-step / (40000 + 100 * size)))
                        reward.append(
                            [*head, measure, split, size, step, value, value - 0.04, value + 0.03, 12, 6, None]
                        )
        for measure, first in (("policy_churn", 0.09), ("value_churn", 0.004)):
            if measure == "value_churn" and panel == "policy gradient":
                continue
            for split in ("train", "test"):
                for at, size in enumerate(sizes):
                    for step in range(10000, 200000, 10000):
                        value = first * (1.2 if split == "test" else 1.0) / (1 + at) * 10000 / step
                        churn.append([*head, measure, split, size, step, value, value * 0.8, value * 1.2, 12, 6, None])
    return reward, lines, churn


def of_learning(experiments):
    """Curves of loss and accuracy, or squared error, that fall or rise from where the constant predictor is."""
    curves, lines = [], []
    for name, kind, panel, sizes, *_ in experiments:
        measures = {"classify": (("loss", 2.3, None), ("accuracy", 0.1, 0.11)),
                    "regress": (("loss", 0.9, None), ("squared_error_normalised", 1.1, 1.0))}.get(kind, ())  # fmt: skip
        for measure, start, constant in measures:
            for split in ("train", "test"):
                if constant is not None:
                    lines.append([name, panel, kind, measure, split, "constant", "constant predictor", constant, constant * 0.98,
                                  constant * 1.02, 18])  # fmt: skip
                for at, size in enumerate(sizes):
                    end = {"loss": 0.02, "accuracy": 0.98, "squared_error_normalised": 0.3}[measure]
                    end += (0.3 if measure != "accuracy" else -0.5) / (1 + at) if split == "test" else 0
                    for step in range(0, 1000, 50):
                        value = end + (start - end) * np.exp(-step / 200)
                        curves.append(
                            [
                                name,
                                panel,
                                kind,
                                measure,
                                split,
                                size,
                                step,
                                value,
                                value * 0.95,
                                value * 1.05,
                                18,
                                6,
                                None,
                            ]
                        )
    return curves, lines

"""docs/statistics.md by the shortest way: each statistic as a textbook has it, computed anew for each configuration left out."""

import numpy as np
from scipy import stats

LEAST = 4  # configurations from which on there is an interval
FEW = f"fewer than {LEAST} configurations"
RESTS_ON_ONE = "without one of the configurations the number does not exist"
CONFIDENCE = 0.90
EDGE = 1 - 1e-12  # |r| from which Fisher's z is no number to reckon with


def centred(values, levels):
    """What is left of values when each level has a mean of its own."""
    left = np.array(values, float)
    for level in set(levels):
        at = levels == level
        left[at] -= left[at].mean()
    return left


def correlation(x, y, levels):
    """Pearson's r of what is left within the levels; not-a-number where nothing is left of x or of y."""
    a, b = centred(x, levels), centred(y, levels)
    if len(x) < 2 or a @ a <= 1e-10 * np.var(x) * len(x) or b @ b <= 1e-10 * np.var(y) * len(y):
        return np.nan
    return float(np.clip(a @ b / np.sqrt((a @ a) * (b @ b)), -1, 1))


def undefined(x, y, levels):
    """Why there is no r; "" where there is one."""
    several = len(set(levels)) > 1
    if len(x) < 2 + len(set(levels)):
        return "too few runs that are alike in all else to compare" if several else "fewer than 3 points"
    for name, values in (("x", x), ("y", y)):
        if np.ptp(values) <= 1e-13 * abs(np.mean(values)):
            return f"{name} is constant"
    return "within the levels x or y is constant" if np.isnan(correlation(x, y, levels)) else ""


def jackknife(statistic, configurations, scale=float):
    """(low, high) on the scale of the interval and why there is none: `statistic(kept)` of the runs that are kept, a mask."""
    names = sorted(set(configurations))
    if len(names) < LEAST:
        return None, None, FEW
    without = np.array([scale(statistic(configurations != one)) for one in names])
    count = len(names)
    error = np.sqrt((count - 1) / count * np.sum((without - without.mean()) ** 2))
    if not np.isfinite(error):
        return None, None, RESTS_ON_ONE
    value = scale(statistic(np.ones(len(configurations), bool)))
    reach = stats.t.ppf((1 + CONFIDENCE) / 2, count - 1) * error
    return value - reach, value + reach, ""


def fisher(r):
    return np.arctanh(r) if abs(r) < EDGE else np.nan


def relation(x, y, configurations, levels=None):
    """The nine columns of an r but the paper's two, as a dictionary."""
    x, y, configurations = (np.asarray(column) for column in (x, y, configurations))
    of = np.zeros(len(x), int) if levels is None else np.asarray(levels)
    found = {"r": None, "low": None, "high": None, "n": len(x), "configurations": len(set(configurations))}
    found |= {"undefined": undefined(x, y, of) or None, "no_interval": None}
    if found["undefined"]:
        return found | {"no_interval": found["undefined"]}
    found["r"] = correlation(x, y, of)
    if levels is not None:  # who is alone in a level says nothing of what happens within it
        kept = np.array([np.sum(of == one) > 1 for one in of])
        x, y, of, configurations = x[kept], y[kept], of[kept], configurations[kept]
    if len(set(configurations)) >= LEAST and abs(found["r"]) >= EDGE:
        return found | {"no_interval": "the points lie on a line"}
    low, high, why = jackknife(lambda kept: correlation(x[kept], y[kept], of[kept]), configurations, fisher)
    if why:
        return found | {"no_interval": why}
    return found | {"low": np.tanh(low), "high": np.tanh(high)}


def mean(values, configurations):
    """mean, low, high, n, configurations, no_interval."""
    values, configurations = np.asarray(values, float), np.asarray(configurations)
    low, high, why = jackknife(lambda kept: values[kept].mean(), configurations)
    return {"mean": values.mean(), "low": low, "high": high, "n": len(values),
            "configurations": len(set(configurations)), "no_interval": why or None}  # fmt: skip


def line(x, y, configurations, places):
    """Least squares: (intercept, slope), the slope's interval, and the line's own at each place."""
    known = {}

    def fitted(kept):
        key = kept.tobytes()
        if key not in known:
            centre = x[kept].mean()
            known[key] = np.full(2, np.nan)
            if np.ptp(x[kept]):
                slope = (x[kept] - centre) @ y[kept] / np.sum((x[kept] - centre) ** 2)
                known[key] = np.array([y[kept].mean() - slope * centre, slope])
        return known[key]

    slope = jackknife(lambda kept: fitted(kept)[1], configurations)[:2]
    heights = [jackknife(lambda kept, at=place: fitted(kept) @ [1, at], configurations)[:2] for place in places]
    return fitted(np.ones(len(x), bool)), slope, heights


# ---- the paper's intervals resample runs, with random numbers of the report's own: compared within what resampling leaves open
RESAMPLES, OURS = 2000, 10000
STANDARD_ERRORS = 5  # one end in two million lies further away


def resampled(columns, statistic, seed):
    """Sorted values of a statistic of runs drawn with replacement; `columns`: (runs, k), `statistic` of (resamples, runs, k)."""
    draws = np.random.default_rng(seed).integers(len(columns), size=(OURS, len(columns)))
    with np.errstate(invalid="ignore", divide="ignore"):
        values = statistic(columns[draws])
    return np.sort(values[np.isfinite(values)])


def r_of_resamples(drawn):
    left = drawn - drawn.mean(axis=1, keepdims=True)
    squares = (left**2).sum(axis=1)
    squares[squares <= 1e-10] = np.nan  # of standardised columns: runs that are all one run
    return (left[..., 0] * left[..., 1]).sum(axis=1) / np.sqrt(squares.prod(axis=1))


def is_quantile(value, values, share):
    """Whether a value can be this quantile of 2,000 resamples, by our own: the share of resamples below a quantile is binomial,
    whatever the distribution, so the value lies between ours of the shares a few standard errors off."""
    error = STANDARD_ERRORS * np.sqrt(share * (1 - share) * (1 / RESAMPLES + 1 / len(values)))
    low, high = np.quantile(values, [max(0, share - error), min(1, share + error)])
    small = 1e-9 * max(1, abs(low), abs(high))
    return low - small <= value <= high + small


def coverage(configurations, seeds, within, r, trials, seed):
    """Shares of simulated studies in which the interval by configurations and the paper's hold the true r."""
    random = np.random.default_rng(seed)
    names = np.repeat(np.arange(configurations), seeds)
    mix = np.linalg.cholesky([[1, r], [r, 1]]).T
    held = np.zeros(2)
    for trial in range(trials):
        shared, own = (random.standard_normal((count, 2)) @ mix for count in (configurations, len(names)))
        x, y = (np.sqrt(1 - within) * shared[names] + np.sqrt(within) * own).T
        found = relation(x, y, names)
        drawn = r_of_resamples(np.stack([x, y], 1)[random.integers(len(names), size=(300, len(names)))])
        ends = np.quantile(drawn[np.isfinite(drawn)], [0.05, 0.95])
        held += [found["low"] is not None and found["low"] <= r <= found["high"], ends[0] <= r <= ends[1]]
    return held / trials

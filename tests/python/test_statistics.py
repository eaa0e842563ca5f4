"""Correlations, lines and summaries against SciPy, numpy and scikit-learn."""

import numpy as np
import pytest

stats = pytest.importorskip("crosstalk._cli", reason="the extension modules are not built").stats
scipy_stats = pytest.importorskip("scipy.stats")


@pytest.fixture(params=range(5))
def sample(request):
    rng = np.random.default_rng(request.param)
    n = [3, 7, 48, 500, 48][request.param]
    x = rng.normal(size=n) * 10.0 ** rng.integers(-6, 6) + rng.normal() * 100
    y = 0.4 * (x - x.mean()) / x.std() + rng.normal(size=n)
    covariates = [rng.normal(size=n) + 0.5 * y, rng.integers(0, 4, size=n).astype(float)]
    return x, y, covariates


def test_r_is_scipys(sample):
    x, y, _ = sample
    assert stats.pearson(x, y) == pytest.approx(scipy_stats.pearsonr(x, y).statistic, rel=1e-9)


def test_the_line_is_scipys(sample):
    x, y, _ = sample
    ours, theirs = stats.line(x, y), scipy_stats.linregress(x, y)
    assert ours["slope"] == pytest.approx(theirs.slope, rel=1e-8)
    assert ours["intercept"] == pytest.approx(theirs.intercept, rel=1e-8)
    assert ours["r"] == pytest.approx(theirs.rvalue, rel=1e-9)
    assert ours["slope_error"] == pytest.approx(theirs.stderr, rel=1e-8)
    assert ours["intercept_error"] == pytest.approx(theirs.intercept_stderr, rel=1e-8)


def test_partial_r_is_that_of_scikit_learns_residuals(sample):
    linear_model = pytest.importorskip("sklearn.linear_model")
    x, y, covariates = sample
    if len(x) < 5:
        assert stats.partial_correlation([x, y, *covariates]) is None
        return
    given = np.stack(covariates, axis=1)
    left = [v - linear_model.LinearRegression().fit(given, v).predict(given) for v in (x, y)]
    theirs = scipy_stats.pearsonr(*left).statistic
    assert stats.partial_correlation([x, y, *covariates]) == pytest.approx(theirs, rel=1e-6, abs=1e-9)
    design = np.column_stack([np.ones(len(x)), given])
    plain = y - design @ np.linalg.lstsq(design, y, rcond=None)[0]
    np.testing.assert_allclose(stats.residuals(y, covariates), plain, atol=1e-9)


def test_quantiles_and_summaries_are_numpys(sample):
    x, _, _ = sample
    for q in (0, 0.05, 0.1, 0.5, 0.77, 0.95, 1):
        assert stats.quantile(x, q) == pytest.approx(np.quantile(x, q), rel=1e-12)
    ours = stats.summary(x)
    assert ours["mean"] == pytest.approx(x.mean(), rel=1e-12)
    assert ours["sd"] == pytest.approx(x.std(ddof=1), rel=1e-10)
    assert ours["se"] == pytest.approx(scipy_stats.sem(x), rel=1e-10)
    assert (ours["min"], ours["max"], ours["n"]) == (x.min(), x.max(), len(x))
    assert ours["low_quartile"] == pytest.approx(np.quantile(x, 0.25), rel=1e-12)


def test_the_interval_that_resamples_runs_is_scipys_percentile_bootstrap():
    rng = np.random.default_rng(0)
    x = rng.normal(size=120)
    y = 0.5 * x + rng.normal(size=120)
    ours = stats.bootstrap_correlation([x, y], list(range(120)), "scipy", resamples=20000)
    theirs = scipy_stats.bootstrap((x, y), lambda a, b: scipy_stats.pearsonr(a, b).statistic, paired=True,
                                   vectorized=False, method="percentile", confidence_level=0.9, n_resamples=4000,
                                   random_state=1).confidence_interval  # fmt: skip
    assert ours == pytest.approx((theirs.low, theirs.high), abs=0.012)  # resampling noise of 4,000: 0.003 at an end


@pytest.mark.parametrize("count", range(1, 14))
def test_the_interquartile_mean_is_scipys_trimmed_mean(count):
    values = np.random.default_rng(count).normal(size=count)
    assert stats.interquartile_mean(values) == pytest.approx(scipy_stats.trim_mean(values, 0.25), rel=1e-12)


# Computed with rliable 1.2.0 (SciPy 1.17.1, arch 8.0.0): metrics.aggregate_iqm, and of it
# library.get_interval_estimates(..., reps=200000, confidence_interval_size=0.9) after numpy.random.seed(1).
RLIABLE = [
    ([[255.6, 121.6, 74.1, -34.0, 171.7, 299.8, 202.6, 240.9, 281.9, 129.4]],
     186.96666666666667, (122.01666666666665, 241.51666666666665)),
    ([[2.63, 0.43, 0.3, 0.24, 0.33], [1.1, 2.46, 2.24, 1.58, 1.09], [3.79, 3.61, 5.57, 4.69, 4.19]],
     2.1033333333333335, (1.7122222222222223, 2.567777777777778)),
    ([[0.15, 0.58, -1.66]], -0.31, (-1.0566666666666666, 0.4366666666666667)),
]  # fmt: skip


@pytest.mark.parametrize(("tasks", "mean", "interval"), RLIABLE)
def test_the_interquartile_mean_over_tasks_and_its_interval_are_rliables(tasks, mean, interval):
    assert stats.interquartile_mean([value for runs in tasks for value in runs]) == pytest.approx(mean, rel=1e-12)
    spread = interval[1] - interval[0]
    ours = stats.interquartile_interval(tasks, "rliable", resamples=200000)
    assert ours == pytest.approx(interval, abs=0.006 * spread)  # resampling noise of 200,000
    assert stats.interquartile_interval(tasks, "rliable") == pytest.approx(interval, abs=0.06 * spread)


def test_students_quantiles_are_scipys():
    for degrees in (1, 2, 3, 4, 5, 10, 47, 1000):
        for q in (0.05, 0.5, 0.9, 0.95, 0.999):
            assert stats.t_quantile(q, degrees) == pytest.approx(scipy_stats.t.ppf(q, degrees), rel=1e-9, abs=1e-9)


@pytest.fixture
def study():
    """x, y, configuration and level of 24 configurations in 4 levels, two to four seeds each."""
    rng = np.random.default_rng(3)
    configuration = np.repeat(np.arange(24), rng.integers(2, 5, size=24))
    level = configuration // 6
    x = rng.normal(size=24)[configuration] + 0.5 * rng.normal(size=len(configuration)) + 3.0 * level
    y = 0.5 * (x - 3.0 * level) + 0.5 * rng.normal(size=24)[configuration] - level**2
    return x, y, configuration, level


def left_out(study, statistic):
    """The statistic of all, and its values without each configuration in turn."""
    x, y, configuration, level = study
    rest = [statistic(*(part[configuration != out] for part in (x, y, level))) for out in np.unique(configuration)]
    return statistic(x, y, level), np.array(rest)


def jackknifed(study, statistic):
    value, rest = left_out(study, statistic)
    count = len(rest)
    reach = scipy_stats.t.ppf(0.95, count - 1) * np.sqrt((count - 1) / count * ((rest - rest.mean()) ** 2).sum())
    return value, (value - reach, value + reach)


def z_given_level(x, y, level):
    design = (level[:, None] == np.unique(level)).astype(float)
    left = [v - design @ np.linalg.lstsq(design, v, rcond=None)[0] for v in (x, y)]
    return np.arctanh(scipy_stats.pearsonr(*left).statistic)


def test_r_given_a_factor_and_its_jackknife_are_those_of_residuals_from_a_column_for_each_level(study):
    x, y, configuration, level = study
    value, (low, high) = jackknifed(study, z_given_level)
    ours, interval = stats.correlation([x, y], configuration.tolist(), level.tolist())
    assert ours == pytest.approx(np.tanh(value), rel=1e-10)
    assert interval == pytest.approx((np.tanh(low), np.tanh(high)), rel=1e-9)


def test_the_jackknives_of_slope_and_heights_are_those_of_scipys_line(study):
    x, y, configuration, _ = study
    value, interval = jackknifed(study, lambda x, y, _: scipy_stats.linregress(x, y).slope)
    ours = stats.slope([x, y], configuration.tolist())
    assert ours[0] == pytest.approx(value, rel=1e-9) and ours[1] == pytest.approx(interval, rel=1e-9)

    def height(x, y, _):
        line = scipy_stats.linregress(x, y)
        return line.intercept + 2.5 * line.slope

    assert stats.line_heights(x, y, configuration.tolist(), [2.5])[0] == pytest.approx(jackknifed(study, height)[1], rel=1e-9)  # fmt: skip


def test_the_pooled_r_is_the_mean_of_corrected_zs(study):
    x, y, configuration, level = study
    corrected, variances, degrees = [], [], 0
    for each in np.unique(level):
        inside = level == each
        z, rest = left_out((x[inside], y[inside], configuration[inside], level[inside]), z_given_level)
        count = len(rest)
        corrected.append(z - (count - 1) * (rest.mean() - z))
        variances.append((count - 1) / count * ((rest - rest.mean()) ** 2).sum())
        degrees += count - 1
    mean, reach = np.mean(corrected), scipy_stats.t.ppf(0.95, degrees) * np.sqrt(np.sum(variances)) / len(corrected)
    ours, interval = stats.pooled_correlation([x, y], configuration.tolist(), level.tolist())
    assert ours == pytest.approx(np.tanh(mean), rel=1e-9)
    assert interval == pytest.approx((np.tanh(mean - reach), np.tanh(mean + reach)), rel=1e-9)


def test_the_medians_interval_lies_between_order_statistics_as_the_binomial_says():
    values = np.random.default_rng(1).standard_t(3, size=20)
    ours, (low, high) = stats.median([values], list(range(20)))
    ordered = np.sort(values)
    assert ours == pytest.approx(np.median(values))
    d = int(scipy_stats.binom.ppf(0.05, 20, 0.5))  # the d-th smallest still covers 90%, the next no more
    assert ordered[d - 1] <= low <= ordered[d] and ordered[-d - 1] <= high <= ordered[-d]


def test_a_difference_by_pairs_is_surer_than_one_of_strangers(study):
    x, y, configuration, _ = study
    other = y + 0.1 * np.random.default_rng(2).normal(size=len(y))
    names = configuration.tolist()
    paired = stats.difference([x, y], names, [x, other], names)
    apart = stats.difference([x, y], names, [x, other], [name + 100 for name in names])
    assert paired[0] == apart[0] and paired[1][1] - paired[1][0] < 0.5 * (apart[1][1] - apart[1][0])


def test_what_does_not_exist_is_none_never_not_a_number():
    assert stats.pearson([1, 2], [1, 2]) is None
    assert stats.pearson([1, 1, 1], [1, 2, 3]) is None
    assert stats.pearson([1, 2, float("nan")], [1, 2, 3]) is None
    assert stats.line([1, 1, 1], [1, 2, 3]) is None
    assert stats.quantile([], 0.5) is None
    assert stats.bootstrap_correlation([[1, 2, 3], [1, 2, 4]], [0, 1, 2], "few") is None
    assert stats.correlation([[1, 2, 3], [1, 2, 4]], [0, 1, 2])[1] is None

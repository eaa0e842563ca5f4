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
        assert stats.partial_correlation(x, y, covariates) is None
        return
    given = np.stack(covariates, axis=1)
    left = [v - linear_model.LinearRegression().fit(given, v).predict(given) for v in (x, y)]
    theirs = scipy_stats.pearsonr(*left).statistic
    assert stats.partial_correlation(x, y, covariates) == pytest.approx(theirs, rel=1e-6, abs=1e-9)
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
    ours = stats.bootstrap_correlation([x, y], list(range(120)), "runs", "scipy", resamples=20000)
    theirs = scipy_stats.bootstrap((x, y), lambda a, b: scipy_stats.pearsonr(a, b).statistic, paired=True,
                                   vectorized=False, method="percentile", confidence_level=0.9, n_resamples=4000,
                                   random_state=1).confidence_interval  # fmt: skip
    assert ours == pytest.approx((theirs.low, theirs.high), abs=0.012)  # resampling noise of 4,000: 0.003 at an end


def test_the_interval_that_resamples_configurations_is_a_plain_loops():
    rng = np.random.default_rng(3)
    configuration = np.repeat(np.arange(12), 4)
    x = rng.normal(size=12)[configuration] + 0.3 * rng.normal(size=48)
    y = 0.5 * x + rng.normal(size=12)[configuration]
    drawn = []
    for _ in range(5000):
        rows = np.concatenate([np.flatnonzero(configuration == c) for c in rng.integers(0, 12, size=12)])
        drawn.append(np.corrcoef(x[rows], y[rows])[0, 1])
    ours = stats.bootstrap_correlation([x, y], configuration.tolist(), "configurations", "loop", resamples=20000)
    assert ours == pytest.approx(tuple(np.quantile(drawn, [0.05, 0.95])), abs=0.035)


def test_what_does_not_exist_is_none_never_not_a_number():
    assert stats.pearson([1, 2], [1, 2]) is None
    assert stats.pearson([1, 1, 1], [1, 2, 3]) is None
    assert stats.pearson([1, 2, float("nan")], [1, 2, 3]) is None
    assert stats.line([1, 1, 1], [1, 2, 3]) is None
    assert stats.quantile([], 0.5) is None
    assert stats.bootstrap_correlation([[1, 2, 3], [1, 2, 4]], [0, 1, 2], "configurations", "few") is None

"""Fit of the loss in money: tail against scipy, recovery, threshold, and no mean in raw dollars."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import genpareto, norm

from analysis.errors import InputError
from analysis.losses.severity_yen import YenSeverity
from analysis.losses.yen_checks import goodness_of_yen, severity_of, simulate
from analysis.losses.yen_fit import (
    fit_yen,
    fitted_yen,
    hill,
    loss_amounts,
    mean_excess,
    threshold_profile,
    yen_log_likelihood,
)

TRUE = YenSeverity(np.array(np.inf), 3.0, 1.5, 30.0, 0.8, 40.0)


def losses() -> np.ndarray:
    return loss_amounts("all")["loss_usd_mn"].to_numpy(float)


@pytest.mark.parametrize("shape", [0.9, 0.0, -0.1])
def test_log_likelihood_is_that_of_scipy(shape: float) -> None:
    data, threshold = np.array([2.0, 9.0, 25.0, 31.0, 60.0, 200.0]), 30.0
    below, above = data[data <= threshold], data[data > threshold]
    body = norm.logpdf(np.log(below), 3.0, 1.5).sum() - np.log(below).sum()
    weight = 3 * norm.logsf((np.log(threshold) - 3.0) / 1.5)
    tail = genpareto(shape, scale=40.0).logpdf(above - threshold).sum()
    found = yen_log_likelihood(np.array([3.0, np.log(1.5), np.log(40.0), shape]), data, threshold)
    assert found == pytest.approx(body + weight + tail, rel=1e-10)


def test_fit_recovers_what_data_were_made_from() -> None:
    data = simulate(TRUE, 4_000, np.random.default_rng(1))
    fit = fit_yen(data, 30.0)
    expected = np.array([3.0, np.log(1.5), np.log(40.0), 0.8])
    assert (np.abs(fit.estimate - expected) < 3 * fit.standard_error).all()
    assert (fit.standard_error < 0.1).all()


def test_tail_agrees_with_scipy_on_a_large_sample() -> None:
    # The weak penalty on the shape vanishes: the excesses alone give scipy's maximum likelihood.
    data = simulate(TRUE, 4_000, np.random.default_rng(2))
    shape, _, scale = genpareto.fit(data[data > 30] - 30, floc=0)
    fit = fit_yen(data, 30.0)
    assert fit["tail_shape"] == pytest.approx(shape, abs=0.005)
    assert np.exp(fit["log_tail_scale"]) == pytest.approx(scale, rel=0.01)


def test_simulated_losses_follow_their_distribution() -> None:
    data = np.sort(simulate(TRUE, 20_000, np.random.default_rng(3)))
    cdf = TRUE.cdf(data)
    assert np.abs(cdf - (np.arange(20_000) + 0.5) / 20_000).max() < 1.36 / np.sqrt(20_000)


def test_hill_by_hand() -> None:
    # The three largest of 1, 2, 4, 8, 16 over 2: (ln 2 + ln 4 + ln 8) / 3 = 2 ln 2 = 1.3863.
    assert hill(np.array([8.0, 1.0, 16.0, 2.0, 4.0]), 3) == pytest.approx(2 * np.log(2))
    pareto = (1 - np.random.default_rng(4).random(200_000)) ** -1.25
    assert hill(pareto, 20_000) == pytest.approx(1.25, rel=0.03)


def test_mean_excess_by_hand() -> None:
    # Over 2: 4, 8, 16, 32, 64, 128 lie 2, 6, 14, 30, 62 and 126 above it: 240 / 6 = 40.
    found = mean_excess(np.array([1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0]))
    assert list(found["threshold"]) == [1, 2, 4]
    assert found["mean_excess"].iloc[1] == pytest.approx(40)
    assert found["exceedances"].iloc[1] == 6


def test_raw_dollars_have_a_tail_about_the_limit_of_a_mean() -> None:
    fit, threshold = fitted_yen("all")
    summary = fit.summary(0.9)
    low, high = (float(summary[end].iloc[-1]) for end in ("low", "high"))
    # The interval contains 1, from which on no mean exists, and excludes an exponential tail.
    assert 0 < low < 1 < high
    above = int((losses() > threshold).sum())
    # Hill's estimate, which takes the tail for a pure power, is above 1: no mean.
    assert hill(losses(), above) > 1


def test_threshold_has_the_highest_likelihood_and_hardly_matters() -> None:
    profile = threshold_profile(losses())
    _, threshold = fitted_yen("all")
    best = profile.iloc[int(profile["log_likelihood"].to_numpy().argmax())]
    assert best["threshold"] == threshold
    assert profile["exceedances"].between(15, len(losses()) / 2).all()
    # The likelihood is flat, and every choice lies within a standard error of the chosen shape.
    assert best["log_likelihood"] - profile["log_likelihood"].min() < 4
    assert (np.abs(profile["tail_shape"] - best["tail_shape"]) < best["standard_error"] * 1.5).all()


def test_goodness_of_fit_finds_a_wrong_body() -> None:
    rng = np.random.default_rng(5)
    right = simulate(TRUE, 120, rng)
    assert (goodness_of_yen(right, 30.0, 39, rng)["p_value"] > 0.05).all()
    lumps = np.concatenate([np.full(60, 3.0), np.full(20, 25.0), right[right > 30]])
    assert (goodness_of_yen(lumps, 30.0, 39, rng)["p_value"] < 0.05).all()


def test_goodness_of_the_shipped_fit_is_middling_and_said_so() -> None:
    # Very small losses are more frequent than a lognormal has them: the weight that the second
    # distance lays on the ends finds it, the first does not.
    _, threshold = fitted_yen("all")
    found = goodness_of_yen(losses(), threshold, 99, np.random.default_rng(7))["p_value"]
    assert found["Kolmogorov-Smirnov"] > 0.05
    assert found["Anderson-Darling"] < 0.10


def test_unit_of_money_does_not_matter() -> None:
    dollars, threshold = losses(), 25.22
    yen = fit_yen(dollars * 150, threshold * 150)
    fit = fit_yen(dollars, threshold)
    assert yen["tail_shape"] == pytest.approx(fit["tail_shape"], abs=1e-3)
    amounts = np.array([1.0, 20.0, 100.0, 900.0])
    np.testing.assert_allclose(
        severity_of(yen, threshold * 150).cdf(amounts * 150),
        severity_of(fit, threshold).cdf(amounts),
        atol=1e-4,
    )


def test_what_cannot_be_fitted_is_refused() -> None:
    with pytest.raises(InputError, match="losses: 0 among them; allowed: above 0"):
        fit_yen(np.array([0.0, 1.0, 2.0]), 1.0)
    with pytest.raises(InputError, match=r"threshold = 1e\+06: 0 of 66 losses above it"):
        fit_yen(losses(), 1e6)
    with pytest.raises(InputError, match="20 losses; allowed: at least 30"):
        threshold_profile(losses()[:20])

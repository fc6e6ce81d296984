"""Counts over exposure: closed forms, refusals, predictive checks, holdout."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import nbinom, poisson

from analysis.errors import InputError
from analysis.losses.exposure import READINGS, Reading, populations
from analysis.losses.frequency import fit_counts, fit_world, predictive_counts
from analysis.losses.holdout import holdout
from analysis.losses.reporting import reporting_ratios

YEARS = list(range(2018, 2026))


def test_without_trend_the_rate_is_events_over_exposure() -> None:
    # Poisson with one rate: 51 / sum of exposures, standard error of its log 1 / sqrt(51).
    fit = fit_world()
    assert fit.table["events"].sum() == 51
    exposure = populations("central", YEARS).sum()
    assert fit.rate()[0] == pytest.approx(51 / exposure, rel=1e-8)
    assert fit.log_rate(2018)[1] == pytest.approx(51**-0.5, rel=1e-6)
    by_hand = poisson.logpmf(fit.table["events"], fit.table["expected"]).sum()
    assert fit.log_likelihood == pytest.approx(by_hand)
    pearson = ((fit.table["events"] - fit.table["expected"]) ** 2 / fit.table["expected"]).sum()
    assert fit.pearson == pytest.approx(pearson)


@pytest.mark.parametrize("reading", READINGS)
def test_counts_show_neither_overdispersion_nor_a_trend(reading: Reading) -> None:
    flat, sloped = fit_world(reading), fit_world(reading, trend=True)
    assert flat.pearson_p > 0.2
    assert flat.dispersion == 0
    assert flat.overdispersion_p == 0.5
    slope, error = sloped.estimate[1], sloped.covariance[1, 1] ** 0.5
    assert -0.1 < slope < 0
    assert abs(slope) < 1.645 * error


def test_rate_by_reading_of_the_population() -> None:
    rates = [fit_world(reading).rate()[0] for reading in READINGS]
    np.testing.assert_allclose(rates, [0.0350, 0.0254, 0.0183], atol=5e-5)


def test_a_trend_is_found_where_there_is_one_and_its_mean_year_keeps_the_level() -> None:
    exposure = pd.Series(1_000.0, YEARS)
    slope = pd.Series(np.exp(-0.2 * (np.array(YEARS) - 2021.5)), YEARS)
    events = (slope * exposure * 0.05).round()
    fit = fit_counts(events, exposure, trend=True)
    assert fit.estimate[1] == pytest.approx(-0.2, abs=0.01)
    assert fit.rate(2025)[0] == pytest.approx(0.05 * np.exp(-0.7), rel=0.03)


def test_overdispersed_counts_are_recognised() -> None:
    # Variance 35 times the mean: k is about (variance - mean) / mean^2.
    events = pd.Series([2.0, 60, 5, 1, 44, 8, 90, 3], YEARS)
    fit = fit_counts(events, pd.Series(100.0, YEARS), trend=False)
    assert fit.overdispersion_p < 1e-6
    assert fit.pearson_p < 1e-6
    shape, mean = 1 / fit.dispersion, events.mean()
    law = nbinom.logpmf(events, shape, shape / (shape + mean)).sum()
    assert fit.negative_binomial == pytest.approx(law, abs=1e-4)
    wider = predictive_counts(fit, np.random.default_rng(1))
    assert (wider["low"] <= events).all()
    assert (wider["high"] >= events).sum() >= 7


def test_the_fit_reproduces_the_counts_it_was_fitted_to() -> None:
    check = predictive_counts(fit_world(), np.random.default_rng(6))
    inside = check["events"].between(check["low"], check["high"])
    assert inside.all()
    assert check["share_at_most"].between(0.02, 0.98).all()
    # Total of the expected counts is that of the events: the score equation of the constant.
    assert check["expected"].sum() == pytest.approx(check["events"].sum())


def test_predictive_interval_against_the_exact_law() -> None:
    # A flat exposure makes the new count a gamma-Poisson mixture: with 400 events the rate is
    # known to 5 %, and the interval is close to that of NB(400, 400 / (400 + 50)).
    events = pd.Series([49.0, 51.0] * 4, YEARS)
    fit = fit_counts(events, pd.Series(10.0, YEARS), trend=False)
    check = predictive_counts(fit, np.random.default_rng(2), draws=100_000)
    exact = nbinom.ppf([0.05, 0.95], 400, 400 / 450)
    assert abs(check["low"].mean() - exact[0]) <= 1
    assert abs(check["high"].mean() - exact[1]) <= 1


@pytest.mark.parametrize(
    ("events", "exposure", "complaint"),
    [
        ([0, 1, 0], [10, 10, 10], "incidents: 1 in 3 years; allowed: at least 2"),
        ([5, 1], [10, 10], "at least 3 of each for a model with 3 parameters"),
        ([4, 4, 4], [10, 0, 10], "exposure of 2019 = 0"),
    ],
)
def test_too_few_incidents_and_empty_years_are_refused(
    events: list[int], exposure: list[int], complaint: str
) -> None:
    years = range(2018, 2018 + len(events))
    with pytest.raises(InputError, match=complaint):
        fit_counts(
            pd.Series(events, years, dtype=float),
            pd.Series(exposure, years, dtype=float),
            trend=len(events) == 2,
        )


def test_holdout_by_hand_and_what_it_says() -> None:
    table = holdout()
    # Constant: 30 events in 2014-2019 (3 + 6 + 4 + 5 + 4 + 8), so 30.5 / 6 = 5.083 a year.
    assert table.loc[2020, "expected_constant"] == pytest.approx(30.5 / 6)
    exposure = populations("central", [2018, 2019]).sum()
    next_year = populations("central", [2020]).item()
    assert table.loc[2020, "expected_per_exchange"] == pytest.approx(12.5 / exposure * next_year)
    odds = exposure / (exposure + next_year)
    assert table.loc[2020, "log_score_per_exchange"] == pytest.approx(
        float(nbinom.logpmf(6, 12.5, odds))
    )
    # The rate of 2018-19 did not last while lists grew: a flat yearly count predicts better.
    assert table.attrs["constant"] > table.attrs["per_exchange"]
    assert (table["expected_per_exchange"] > table["events"]).all()
    assert table["events"].tolist() == [6, 4, 5, 8, 7, 9, 1]
    with pytest.raises(InputError, match="2018 to 2024"):
        holdout(fitted_to=2025)


def test_reporting_ratios_by_hand() -> None:
    ratios = reporting_ratios()
    # Chainalysis 2019: 11; here the ten of the year, BITPoint and Bithumb's own loss included.
    row = ratios[(ratios["collector"] == "chainalysis") & (ratios["period_low"] == "2019-01-01")]
    assert row["ratio"].item() == pytest.approx(10 / 11)
    assert ratios["ratio"].median() == pytest.approx(10 / 12)
    exchanges_only = ratios[~ratios["wider"]]
    assert exchanges_only["ratio"].min() == pytest.approx(10 / 22)
    assert ratios["ratio"].max() == pytest.approx(7 / 4)

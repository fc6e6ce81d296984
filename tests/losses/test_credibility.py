"""Rates of Japan and of each exchange: by hand, in their limits, and with common draws."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import gamma, nbinom, norm, poisson

from analysis.losses.credibility import (
    class_rates,
    firm_rates,
    japan_rate,
    japan_rates,
    japan_record,
    relative_rates,
    world_rates,
)
from analysis.losses.frequency import fit_world
from analysis.market import build_panel
from analysis.market.panel import Panel
from analysis.scenario import Scenario, scenario


@cache
def panel() -> Panel:
    return build_panel(scenario({"draws": 40}))


def of(**changes: Any) -> Scenario:
    return scenario({"draws": 40, **changes})


def test_record_of_japan() -> None:
    events, years = japan_record("registered")
    assert events == 3  # Zaif, BITPoint, DMM Bitcoin
    assert years == pytest.approx(221, abs=1)
    assert events / years == pytest.approx(0.0136, abs=1e-4)
    assert japan_record("with_deemed")[0] == 4  # and Coincheck
    assert japan_record("with_deemed")[1] == pytest.approx(249, abs=1)


def test_posterior_by_hand() -> None:
    # World 4 %, variation 0.5: prior shape 4 and 4 / 0.04 = 100 years; with 3 events in 220.8
    # years: 7 / 320.8 = 2.18 %.
    found = japan_rate(of(jurisdiction_variation=0.5), 0.04)
    assert found.shape.item() == 7
    assert found.years.item() == pytest.approx(320.8, abs=0.1)
    assert found.mean.item() == pytest.approx(7 / 320.8, abs=1e-5)
    assert found.quantile(0.95).item() == pytest.approx(gamma.ppf(0.95, 7) / found.years.item())


def test_posterior_is_prior_times_likelihood() -> None:
    chosen = of(jurisdiction_variation=0.8)
    events, years = japan_record("registered")
    shape = 0.8**-2

    def density(rate: float) -> float:
        prior = gamma.pdf(rate, shape, scale=0.03 / shape)
        return float(prior * poisson.pmf(events, rate * years))

    whole = quad(density, 0, 0.5, limit=200)[0]
    mean = quad(lambda rate: rate * density(rate), 0, 0.5, limit=200)[0] / whole
    found = japan_rate(chosen, 0.03)
    assert found.mean.item() == pytest.approx(mean, rel=1e-6)
    below = quad(density, 0, 0.02, limit=200)[0] / whole
    assert found.quantile(below).item() == pytest.approx(0.02, rel=1e-5)


def test_posterior_lies_between_record_and_world_and_moves_with_the_variation() -> None:
    events, years = japan_record("registered")
    means = [
        japan_rate(of(jurisdiction_variation=v), 0.04).mean.item() for v in (0.01, 0.3, 1.5, 10.0)
    ]
    assert means == sorted(means, reverse=True)
    assert means[0] == pytest.approx(0.04, rel=1e-2)
    assert means[-1] == pytest.approx(events / years, rel=1e-2)


def test_world_rates_are_the_joint_posterior_of_regression_and_record() -> None:
    chosen = of(reporting_share=0.5)
    centre, error = fit_world().log_rate(2025)
    events, years = japan_record("registered")
    shape = chosen.jurisdiction_variation**-2

    def density(z: float) -> float:
        rate = np.exp(centre + error * z) / 0.5
        return float(norm.pdf(z) * nbinom.pmf(events, shape, shape / (shape + rate * years)))

    whole = quad(density, -8, 8)[0]
    for level in (0.05, 0.5, 0.95):
        z = (np.log(world_rates(chosen, np.array(level)) * 0.5) - centre) / error
        assert quad(density, -8, float(z))[0] / whole == pytest.approx(level, abs=2e-3)
    # Japan has had fewer losses than the world's rate would give: it pulls that rate down a little.
    assert world_rates(chosen, np.array(0.5)) < np.exp(centre) / 0.5


def test_draws_have_the_moments_of_the_posterior_and_are_common() -> None:
    hack, operational = japan_rates(of(), 4_000)
    again, _ = japan_rates(of(frequency_multiplier=3.0, firm_heterogeneity=9.0), 4_000)
    np.testing.assert_array_equal(hack, again)
    assert hack.shape == operational.shape == (4_000, 1)
    assert hack.mean() == pytest.approx(0.0209, abs=5e-4)
    np.testing.assert_allclose(np.quantile(hack, [0.05, 0.95]), [0.0098, 0.0355], atol=1e-3)
    # 1 operational event to 56 hacks, with Jeffreys' prior: mean of the odds is 1.5 / 55.5; with
    # the two doubtful ones 3.5 / 55.5.
    assert (operational / hack).mean() == pytest.approx(1.5 / 55.5, rel=0.02)
    _, more = japan_rates(of(operational_losses="with_doubtful"), 4_000)
    assert (more / hack).mean() == pytest.approx(3.5 / 55.5, rel=0.02)
    assert (more > operational).all()
    other, _ = japan_rates(of(seed=1), 4_000)
    assert not np.allclose(hack, other)


@pytest.mark.parametrize(
    ("changed", "sign"),
    [
        ({"population_reading": "low"}, 1),
        ({"population_reading": "high"}, -1),
        ({"reporting_share": 0.33}, 1),
        ({"reporting_share": 1.0}, -1),
        ({"frequency_trend": "fitted"}, -1),
        ({"jurisdiction_variation": 1.5}, -1),
        ({"japan_record": "with_deemed"}, 1),
        ({"operational_losses": "excluded"}, -1),
        ({"operational_losses": "with_doubtful"}, 1),
        ({"frequency_multiplier": 2.0}, 1),
    ],
)
def test_each_parameter_moves_the_market_s_rate_as_it_should(
    changed: dict[str, Any], sign: int
) -> None:
    before, after = firm_rates(panel(), of()), firm_rates(panel(), of(**changed))
    assert before.shape == after.shape == (40, 23)
    assert sign * (after.mean() - before.mean()) > 0


def test_relative_rates_by_hand() -> None:
    # a = 2, Japan 2 %, 10 years: without a loss 2 / 2.2 = 0.909, with one 3 / 2.2 = 1.364, two
    # exchanges of each: mean 1.136, so 0.8 and 1.2.
    values = dict(panel().values)
    for name, row in {
        "years_registered": [10.0, 12.0, 10.0, 30.0],
        "incident_count": [0.0, 0.0, 1.0, 1.0],
        "customer_crypto": [1.0, 10.0, 100.0, 0.0],
    }.items():
        values[name] = np.array([row])
    four = replace(panel(), exchanges=("a", "b", "c", "d"), values=values)
    found = relative_rates(four, of(firm_heterogeneity=2.0), np.array([[0.02]]))
    np.testing.assert_allclose(found, [[0.8, 0.8, 1.2, 1.2]])


def test_records_move_exchanges_against_each_other_but_not_the_market() -> None:
    for changed in ({}, {"firm_heterogeneity": 0.5}, {"size_elasticity": 0.5}):
        chosen = of(**changed)
        hack, _ = japan_rates(chosen, 40)
        rates = class_rates(panel(), chosen).hack
        np.testing.assert_allclose(rates.mean(axis=-1, keepdims=True), hack)
    robbed = panel()["incident_count"][0] > 0
    rates = class_rates(panel(), of()).hack
    assert (rates[:, robbed].min(axis=-1) > rates[:, ~robbed].max(axis=-1)).all()
    alike = class_rates(panel(), of(firm_heterogeneity=10_000.0)).hack
    assert np.ptp(alike, axis=-1).max() < 1e-3 * alike.mean()


def test_size_matters_only_when_told_to() -> None:
    largest = panel()["customer_crypto"].mean(axis=0).argmax()
    plain = firm_rates(panel(), of())[:, largest]
    assert (firm_rates(panel(), of(size_elasticity=0.5))[:, largest] > plain).all()


def test_operational_share_and_its_absence() -> None:
    with_ = class_rates(panel(), of())
    without = class_rates(panel(), of(operational_losses="excluded"))
    # 1.5 / 57 on average over the posterior: 2.6 %.
    assert 0.015 < with_.operational_share.mean() < 0.04
    assert (without.operational_share == 0).all()
    np.testing.assert_array_equal(with_.hack, without.hack)
    nothing = class_rates(panel(), of(frequency_multiplier=0.0))
    assert (nothing.total == 0).all()
    assert (nothing.operational_share == 0).all()

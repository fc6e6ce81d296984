"""Severity at every exchange of a panel: reach from the record, and each parameter's effect."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
import pytest
from scipy.stats import beta

from analysis.errors import InputError
from analysis.losses.event import dollar_in_yen, event_severity, hack_severity, operational_severity
from analysis.losses.reach import Reach, reach, reach_draws, reach_readings, reach_table
from analysis.losses.severity import Mixture, ShareSeverity, YenSeverity
from analysis.market.panel import Panel
from analysis.scenario import Scenario, scenario

DRAWS = 40


@cache
def panel() -> Panel:
    rng = np.random.default_rng(0)
    held = np.array([200.0, 9_000.0, 700_000.0])
    values = {
        "customer_crypto": held * np.exp(0.1 * rng.standard_normal((DRAWS, 3))),
        "hot_share": 0.05 * rng.random((DRAWS, 3)),
    }
    blank = pd.DataFrame()
    return Panel(("small", "middle", "large"), values, blank, blank, blank)


def mean_share(chosen: Scenario) -> np.ndarray:
    severity = event_severity(panel(), chosen, np.full((DRAWS, 3), 0.05))
    return np.asarray((severity.limited_mean(severity.held) / severity.held).mean(axis=0))


def test_record_of_reach() -> None:
    found = reach()
    # Coinsecure, DMM Bitcoin, WazirX, Bybit and SwissBorg; two with unknown wallets.
    assert (found.beyond, found.hot, found.unknown) == (5, 49, 2)
    # (5 + 1/2) / (54 + 1)
    assert found.mean == pytest.approx(0.1)
    low, high = found.quantile(np.array([0.05, 0.95]))
    assert low < found.bounds()[0] < found.mean < found.bounds()[1] < high
    assert low == pytest.approx(beta(5.5, 49.5).ppf(0.05))


def test_readings_of_reach_by_hand() -> None:
    # Trade.io lost its own money (beyond), and so did Bithumb 2019, the registered Liquid, Kraken
    # and CoinDCX (hot; the last two since 2024): 5 + 1 of 54 + 5, and 4 of 18 + 2. Rain was hosted
    # at a custodian. All but Coinsecure of 2018 came from 2024 on.
    table = reach_table(0.9).set_index("reading")
    counts = table[["beyond", "known", "unknown"]].to_numpy().tolist()
    assert counts == [
        [5, 54, 2],
        [4, 18, 0],
        [1, 36, 2],
        [6, 59, 2],
        [4, 20, 0],
        [6, 54, 2],
        [7, 56, 0],
        [5, 56, 0],
    ]
    assert table["mean"].iloc[1] == pytest.approx(4.5 / 19)
    assert (table["low"] < table["mean"]).all()
    assert (table["mean"] < table["high"]).all()
    assert reach_readings()[table.index[0]] == reach()


def test_reach_by_hand_and_fixed() -> None:
    # One of one: Beta(1.5, 0.5) has mean 3/4. None of none: Jeffreys' prior, median a half.
    assert Reach(1, 0, 0).mean == 0.75
    assert Reach(0, 0, 1).quantile(0.5) == pytest.approx(0.5)
    uniforms = np.array([[0.2], [0.8]])
    np.testing.assert_array_equal(reach_draws(uniforms, 0.3), [[0.3], [0.3]])
    drawn = reach_draws(uniforms, None)
    assert drawn[0, 0] < reach().mean < drawn[1, 0]


def test_parts_are_what_the_scenario_says() -> None:
    hack = hack_severity(panel(), Scenario())
    wrong = operational_severity(panel(), Scenario())
    assert isinstance(hack, ShareSeverity)
    assert isinstance(wrong, ShareSeverity)
    assert np.ndim(hack.location) == 2
    assert np.all(np.asarray(wrong.reach) == 1)
    # One number per data set, the same for all exchanges; parameters differ between data sets.
    assert hack.location.shape == hack.scale.shape == hack.reach.shape == (DRAWS, 1)  # type: ignore[union-attr]
    assert np.std(hack.location) > 0.2
    money = hack_severity(panel(), scenario({"severity_model": "yen"}))
    assert isinstance(money, YenSeverity)
    mixed = event_severity(panel(), Scenario(), np.full((DRAWS, 3), 0.25))
    assert isinstance(mixed, Mixture)
    at = 0.3 * mixed.held
    expected = 0.75 * hack.cdf(at) + 0.25 * wrong.cdf(at)
    np.testing.assert_allclose(mixed.cdf(at), expected)


def test_same_seed_same_severity_and_common_numbers() -> None:
    first = hack_severity(panel(), Scenario())
    again = hack_severity(panel(), Scenario())
    other = hack_severity(panel(), scenario({"seed": 65}))
    fixed = hack_severity(panel(), scenario({"beyond_hot": 0.5}))
    for severity in (first, again, other, fixed):
        assert isinstance(severity, ShareSeverity)
    np.testing.assert_array_equal(first.location, again.location)  # type: ignore[attr-defined]
    assert not np.array_equal(first.location, other.location)  # type: ignore[attr-defined]
    # Another reach leaves the other draws alone.
    np.testing.assert_array_equal(first.location, fixed.location)  # type: ignore[attr-defined]


def test_every_parameter_moves_the_mean_the_right_way() -> None:
    base = mean_share(Scenario())
    assert (mean_share(scenario({"beyond_hot": 1.0})) > 3 * base).all()
    assert (mean_share(scenario({"beyond_hot": 0.0})) < base).all()
    assert (mean_share(scenario({"severity_multiplier": 2.0})) > base).all()
    assert (mean_share(scenario({"severity_sample": "since_2020"})) < base).all()
    assert not np.allclose(mean_share(scenario({"severity_sample": "firm"})), base)
    money = mean_share(scenario({"severity_model": "yen"}))
    # Amounts do not grow with the exchange: shares fall with size.
    assert money[0] > money[1] > money[2]
    # A month with a dearer dollar makes the same theft dearer.
    low, high = (
        mean_share(scenario({"severity_model": "yen", "base_month": month}))[2]
        for month in sorted(["2020-12", "2026-07"], key=dollar_in_yen)
    )
    assert low < high


def test_share_model_scales_with_the_exchange() -> None:
    severity = hack_severity(panel(), scenario({"beyond_hot": 1.0}))
    share = severity.limited_mean(severity.held) / severity.held
    np.testing.assert_allclose(share[:, 0], share[:, 2], rtol=1e-12)


def test_a_month_without_a_rate_is_refused() -> None:
    with pytest.raises(
        InputError, match=r"base_month = 2008-01: no USD/JPY .* allowed: \d{4}-\d\d to"
    ):
        dollar_in_yen("2008-01")

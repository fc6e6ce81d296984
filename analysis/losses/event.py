"""Severity of an event at every exchange of a panel, by draw: the fits brought to a scenario."""

from __future__ import annotations

import numpy as np

from analysis.data import read
from analysis.errors import InputError
from analysis.losses.reach import reach_draws
from analysis.losses.severity import Mixture, Severity, ShareSeverity, YenSeverity
from analysis.losses.severity_fit import draw_parameters, fitted_shares
from analysis.losses.yen_fit import NAMES, fitted_yen
from analysis.market.panel import FloatArray, Panel
from analysis.market.sampling import uniform
from analysis.scenario import Scenario

_STREAM = 7
"""Keeps the random numbers of severities apart from those of the panel and of the rates."""


def event_severity(panel: Panel, scenario: Scenario, operational_share: FloatArray) -> Mixture:
    """Loss of one event: hacks and operational errors, mixed by their shares of all events.

    Parameters are drawn once per data set and hold for all exchanges, since what is not known of
    severities is common to them. A change of a parameter of the scenario leaves the uniform numbers
    as they are.

    Parameters
    ----------
    operational_share : array (draw, exchange), share of events without a thief, 0 to 1.
    """
    return Mixture(
        (1 - operational_share, operational_share),
        (hack_severity(panel, scenario), operational_severity(panel, scenario)),
    )


def hack_severity(panel: Panel, scenario: Scenario) -> Severity:
    """Loss of one theft; those that do not go beyond the hot wallets end at what is in them."""
    reach = reach_draws(_uniforms(panel, scenario)[:, :1], scenario.beyond_hot)
    return _severity(panel, scenario, reach, operational=False)


def operational_severity(panel: Panel, scenario: Scenario) -> Severity:
    """Loss of one wrong credit or lost key.

    Hot wallets do not bound it: wrong credits were sold on the exchange's own books (Bithumb 2026),
    and lost keys may be those of any wallet. In yen it follows the thefts, since two amounts carry
    no fit.
    """
    return _severity(panel, scenario, np.ones((panel.draws, 1)), operational=True)


def _uniforms(panel: Panel, scenario: Scenario) -> FloatArray:
    """Uniform numbers (draw, 1 + 3 + 4): reach, share parameters, yen parameters."""
    seed = np.random.SeedSequence(scenario.seed, spawn_key=(_STREAM,))
    return uniform(np.random.default_rng(seed), panel.draws, 8)


def _severity(
    panel: Panel, scenario: Scenario, reach: FloatArray, *, operational: bool
) -> Severity:
    held, hot_share = panel["customer_crypto"], panel["hot_share"]
    uniforms, multiplier = _uniforms(panel, scenario), scenario.severity_multiplier
    if scenario.severity_model == "share":
        drawn = draw_parameters(fitted_shares(scenario.severity_sample), uniforms[:, 1:4])
        shift = drawn["operational"] if operational else 0.0
        scale = np.exp(drawn["log_scale"])
        return ShareSeverity(held, drawn["location"] + shift, scale, reach, hot_share, multiplier)
    fit, threshold = fitted_yen(scenario.severity_sample)
    drawn = draw_parameters(fit, uniforms[:, 4 : 4 + len(NAMES)])
    factor = dollar_in_yen(scenario.base_month) * multiplier  # JPY mn per USD mn
    return YenSeverity(
        held,
        drawn["location"] + np.log(factor),
        np.exp(drawn["log_scale"]),
        threshold * factor,
        drawn["tail_shape"],
        np.exp(drawn["log_tail_scale"]) * factor,
        reach,
        hot_share,
    )


def dollar_in_yen(month: str) -> float:
    """Yen per dollar at the end of a month.

    Raises
    ------
    InputError
        A month without a rate.
    """
    prices = read("market/prices_monthly")
    found = prices.loc[(prices["series"] == "USD/JPY") & (prices["month"] == month), "value"]
    if found.empty:
        known = prices.loc[prices["series"] == "USD/JPY", "month"]
        raise InputError(
            f"base_month = {month}: no USD/JPY in data/market/prices_monthly.csv; allowed: "
            f"{known.min()} to {known.max()}; choose one of these months"
        )
    return float(found.iloc[0])

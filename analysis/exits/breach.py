"""Chance that an exchange loses customers' crypto in a year that is still to come."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from analysis.losses.model import market_model
from analysis.market.panel import FloatArray
from analysis.scenario import Scenario


def breach_chance(values: Mapping[str, FloatArray], scenario: Scenario) -> FloatArray:
    """Chance of at least one theft in a year, (draw, exchange), from the loss model's rates.

    No rule changes it: a reserve pays for losses and prevents none.

    Parameters
    ----------
    values : panel values (draw, exchange): customer_crypto, incident_count, years_registered.
    """
    names = ("customer_crypto", "incident_count", "years_registered")
    hacks, _ = market_model(values, scenario).frequency(*(values[name] for name in names))
    return np.asarray(-np.expm1(-hacks))

"""Years of losses drawn event by event: the second opinion on the computed distribution."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.errors import InputError
from analysis.losses.aggregate import AnnualLoss
from analysis.losses.industry import IndustryLoss
from analysis.market.panel import FloatArray

Indices = NDArray[np.intp]

HALVINGS = 44
SMALLEST = 1e-10  # share of customer crypto below which losses are not told apart


def simulate_years(industry: IndustryLoss, years: int, rng: np.random.Generator) -> FloatArray:
    """Losses of all exchanges together in simulated years, JPY mn, shape (draw, year).

    Counts come from their definition (Poisson clusters of an exchange's own, common shocks that
    hit each exchange by chance) and amounts from the inverse of the severity's distribution
    function; nothing is convolved. Only data sets with one axis, (draw, exchange), can be drawn.

    Raises
    ------
    InputError
        Fewer than one year.
    """
    if years < 1:
        raise InputError(f"years = {years}; allowed: 1 and more; give e.g. 2000")
    annual = industry.annual
    rate = annual.counts.cluster_rate
    draw, exchange, year = (
        np.concatenate(parts)
        for parts in zip(
            _own(rate * (1 - industry.common_shock_share), years, rng),
            _shocks(industry, rate, years, rng),
            strict=True,
        )
    )
    excess = annual.counts.dispersion[draw, exchange] - 1
    size = np.ones(len(draw), dtype=np.intp)
    many = excess > 0
    size[many] = rng.logseries(excess[many] / (1 + excess[many]))
    draw, exchange, year = (np.repeat(index, size) for index in (draw, exchange, year))
    losses = _losses(annual, draw, exchange, rng)
    total = np.bincount(draw * years + year, losses, minlength=len(rate) * years)
    return np.asarray(total.reshape(len(rate), years))


def _own(
    rate: FloatArray, years: int, rng: np.random.Generator
) -> tuple[Indices, Indices, Indices]:
    """Data set, exchange and year of every cluster of an exchange's own."""
    events = rng.poisson(rate * years)
    draw, exchange = (
        np.repeat(index, events.ravel()) for index in np.indices(rate.shape).reshape(2, -1)
    )
    return draw, exchange, rng.integers(0, years, len(draw))


def _shocks(
    industry: IndustryLoss, rate: FloatArray, years: int, rng: np.random.Generator
) -> tuple[Indices, Indices, Indices]:
    """The same for clusters that common shocks bring."""
    highest = rate.max(axis=-1, keepdims=True)
    reach = industry.common_shock_reach
    shocks = rng.poisson(industry.common_shock_share * highest[:, 0] / reach * years)
    draw = np.repeat(np.arange(len(rate)), shocks)
    when = rng.integers(0, years, len(draw))
    hit = np.divide(reach * rate, highest, out=np.zeros(rate.shape), where=highest > 0)
    shock, exchange = np.nonzero(rng.random((len(draw), rate.shape[1])) < hit[draw])
    return draw[shock], exchange, when[shock]


def _losses(
    annual: AnnualLoss, draw: Indices, exchange: Indices, rng: np.random.Generator
) -> FloatArray:
    """One loss per event that costs something, by halving the log of its share."""
    event = annual.event.take((draw, exchange))
    held = np.broadcast_to(annual.held, annual.none.shape)[draw, exchange]
    level = rng.random(len(draw))
    low, high = np.full(len(draw), np.log(SMALLEST)), np.zeros(len(draw))
    for _ in range(HALVINGS):
        centre = (low + high) / 2
        reached = event.cdf(np.exp(centre) * held) >= level
        low, high = np.where(reached, low, centre), np.where(reached, centre, high)
    return np.asarray(np.exp(high) * held)


def against_simulation(
    industry: IndustryLoss, amounts: FloatArray, years: int, rng: np.random.Generator
) -> pd.DataFrame:
    """Computed chances and expected excesses beside simulated ones, with the Monte Carlo error.

    Every data set is simulated for `years` years, so only the spread within data sets is an error.

    Parameters
    ----------
    amounts : array (amount,), JPY mn; 0 gives the chance of any loss, and the expected loss.

    Returns
    -------
    DataFrame
        amount, chance, proved_low, proved_high, simulated, standard_error, excess,
        simulated_excess, excess_error (JPY mn); means over data sets.
    """
    total = simulate_years(industry, years, rng)
    at = amounts[:, None]
    computed, (under, over) = 1 - industry.cdf(at), industry.cdf_bounds(at)
    beyond = total > amounts[:, None, None]
    above = np.maximum(total - amounts[:, None, None], 0.0)
    return pd.DataFrame(
        {
            "amount": amounts,
            "chance": computed.mean(axis=-1),
            "proved_low": 1 - over.mean(axis=-1),
            "proved_high": 1 - under.mean(axis=-1),
            "simulated": beyond.mean(axis=(1, 2)),
            "standard_error": np.sqrt((computed * (1 - computed)).mean(axis=-1) / total.size),
            "excess": industry.expected_excess(at).mean(axis=-1),
            "simulated_excess": above.mean(axis=(1, 2)),
            "excess_error": np.sqrt(above.var(axis=2).mean(axis=1) / total.size),
        }
    )

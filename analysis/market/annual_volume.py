"""Annual volume by exchange and draw: the industry's total times the allocated shares."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from analysis.market import allocation
from analysis.market.benchmark import kept_totals
from analysis.market.bridge import gap_errors
from analysis.market.ground import Ground, streams
from analysis.market.panel import FloatArray
from analysis.market.sampling import mean_one, uniform
from analysis.market.volumes import MARKETS, IndustryVolume, ratio_spread, year_weights
from analysis.scenario import Scenario

Words = NDArray[np.object_]
LAGS = ("", "_lag1", "_lag2")
_UNIT = ("day", "flow", "order_book", "margin_day", "margin_rest", "key")
_ORDER_BOOK = "measured order-book volume over all its spot volume; zero where not measured"


def industry_totals(
    volumes: Mapping[str, IndustryVolume],
    base_month: str,
    draws: int,
    carried: tuple[float, float],
    rng: Mapping[str, np.random.Generator],
) -> dict[str, FloatArray]:
    """Industry volume of the base year and the two before it, JPY mn, shape (draw, year).

    Printed months, and the sum of a printed fiscal year, are the same in every draw; the others
    carry the error of the bridge, and after the last printed year a part of its ratio.

    Parameters
    ----------
    volumes : mapping
        Output of `industry_volume` by market.
    carried : tuple
        Range of the part of the last fiscal year's ratio that later unprinted months have.
    rng : mapping
        A generator by market.
    """
    spread = ratio_spread(volumes)
    totals = {}
    for market, volume in volumes.items():
        series = volume.monthly
        errors, carry = rng[market].spawn(2)
        error = gap_errors(series.status, volume.error, draws, errors)
        unit = uniform(carry, draws, 1)
        low, high = carried
        ratio_error = mean_one(carry, draws, np.array([spread]))
        factor = volume.carried_factor(low + (high - low) * unit, ratio_error)
        months = kept_totals(series.value.to_numpy() * error, volume.benchmarked) * factor
        totals[market] = months @ year_weights(series.value.index, base_month).to_numpy().T
    return totals


@lru_cache(maxsize=16)
def _totals(
    ground: Ground, draws: int, seed: int, low: float, high: float
) -> Mapping[str, FloatArray]:
    """The same, kept: most stresses and ranges leave it as it is."""
    month, rng = ground.scenario.base_month, _streams(seed)
    return industry_totals(ground.volumes, month, draws, (low, high), rng)


def _streams(seed: int) -> dict[str, np.random.Generator]:
    parts = streams(seed)["volume"].spawn(len(MARKETS) + 1)
    return dict(zip((*MARKETS, "split"), parts, strict=True))


def annual_volumes(
    ground: Ground,
    revenue: FloatArray,
    custody: FloatArray,
    printed: dict[str, FloatArray],
    scenario: Scenario,
) -> tuple[dict[str, FloatArray], dict[str, Words], Words]:
    """Volumes of exchanges that do not print theirs, with method and status of each cell.

    What is printed is taken off the industry's total; the rest is shared among the blanks in the
    proportions of the allocation. A panel is taken for the whole industry: one that is only a
    part of it must bring its own volumes.

    Parameters
    ----------
    ground : Ground
    revenue, custody : array
        JPY mn, shape (draw, exchange), before any stress.
    printed : dict of array
        Cells that are known by field name, NaN where blank, shape (exchange,).
    scenario : Scenario

    Returns
    -------
    tuple
        Draws by field name, shape (draw, exchange), JPY mn (`order_book_share`: share); methods by
        field name; one status for all fields, shape (exchange,). The split is drawn, so its cells
        are imputed; the zero of an exchange that may not trade is derived.
    """
    low, high = scenario.benchmark_carried_low, scenario.benchmark_carried_high
    totals = _totals(ground, scenario.draws, scenario.seed, low, high)
    shares = _split(ground, revenue, custody, scenario)
    drawn: dict[str, FloatArray] = {}
    how: dict[str, Words] = {}
    for market, share in (("spot", shares.spot), ("margin", shares.margin)):
        seen = ground.books[market].sum().to_numpy() > 0
        words = (allocation.METHOD[market, flag] for flag in (True, False))
        method = np.where(seen, *words).astype(object)
        for year, lag in enumerate(LAGS):
            name = f"{market}_volume{lag}"
            drawn[name] = _rest(totals[market][:, year], share, printed[name])
            how[name] = method
    drawn["order_book_share"] = shares.order_book / np.where(shares.spot > 0, shares.spot, 1.0)
    how["order_book_share"] = np.full(len(ground.asleep), _ORDER_BOOK, dtype=object)
    status = np.where(ground.asleep, "derived", "imputed").astype(object)
    return drawn, how, status


def _split(
    ground: Ground,
    revenue: FloatArray,
    custody: FloatArray,
    scenario: Scenario,
) -> allocation.Split:
    """Shares drawn from the measured days."""
    rng = _streams(scenario.seed)["split"]
    unit = dict(zip(_UNIT, uniform(rng, scenario.draws, len(_UNIT)).T, strict=True))
    keys = allocation.key(revenue, custody, unit["key"][:, None], ground.asleep.astype(float))
    return allocation.split(
        unit,
        ground.books,
        keys,
        (scenario.binance_flow_low, scenario.binance_flow_high),
        (scenario.order_book_share_low, scenario.order_book_share_high),
        scenario.margin_unmeasured_high,
    )


def _rest(total: FloatArray, share: FloatArray, printed: FloatArray) -> FloatArray:
    """Total less what is printed, shared among the blanks, shape (draw, exchange)."""
    blank = np.isnan(printed)
    rest = np.maximum(total - np.nansum(printed), 0.0)
    among = np.where(blank, share, 0.0)
    whole = among.sum(axis=-1, keepdims=True)
    return np.asarray(rest[:, None] * among / np.where(whole > 0, whole, 1.0))

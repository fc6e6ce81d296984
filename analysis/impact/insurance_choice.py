"""How an exchange decides between insurance and cash, laid open for a reader to check."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis.impact.cost import ratio
from analysis.impact.insurance import (
    HOT_SHARE_CEILING,
    Number,
    Terms,
    least_cost,
    premium,
)
from analysis.market.panel import FloatArray

if TYPE_CHECKING:
    from analysis.impact.evaluate import Impact


def marginal_rate_on_line(limit: FloatArray, rate: Number, terms: Terms) -> FloatArray:
    """Premium of one more yen of limit, share per year; the derivative of `premium`.

    At a limit of 0 this is the base rate; at the programme limit it is higher by
    `capacity_loading`.
    """
    return np.asarray(rate * (1 + terms.capacity_loading * limit / terms.programme_limit))


def break_even_rate(carry_rate: Number, terms: Terms) -> Number:
    """Rate on line at which a yen of limit costs what the cash that it replaces costs."""
    return terms.credit * carry_rate


def break_even_hot_share(carry_rate: Number, incident_count: Number, terms: Terms) -> FloatArray:
    """Hot share up to which the first yen of limit is no dearer than cash, share of custody.

    The base rate is linear in the hot share, so this is its inverse at `break_even_rate`: NaN
    where insurance is dearer even with nothing in hot wallets, the legal ceiling of 5 % where it
    is cheaper at every lawful hot share.
    """
    affordable = break_even_rate(carry_rate, terms) / (1 + terms.record_loading * incident_count)
    span = np.asarray(terms.rate_on_line_hot - terms.rate_on_line_cold, dtype=float)
    room = np.asarray(affordable - terms.rate_on_line_cold, dtype=float)
    flat = np.where(room >= 0, 1.0, np.nan)
    rising = np.divide(room, span, out=np.broadcast_to(flat, room.shape).copy(), where=span > 0)
    return np.asarray(HOT_SHARE_CEILING * np.where(room >= 0, np.minimum(rising, 1.0), np.nan))


def cheapest_on_grid(
    requirement: FloatArray, rate: FloatArray, carry_rate: float, terms: Terms, points: int = 201
) -> FloatArray:
    """Least yearly cost over evenly spaced limits, by trying each, JPY mn, shape (..., exchange).

    The grid runs from no insurance to the largest limit allowed. Neither the first-order
    condition nor convexity is used, so it checks `least_cost` independently.
    """
    largest = np.minimum(terms.insurable_share * requirement / terms.credit, terms.programme_limit)
    limit = np.linspace(0.0, 1.0, points).reshape(-1, *[1] * np.ndim(largest)) * largest
    cost = carry_rate * (requirement - terms.credit * limit) + premium(limit, rate, terms)
    return np.asarray(cost.min(axis=0))


def optimum_check(impact: Impact, points: int = 201) -> pd.DataFrame:
    """The closed-form choice of every exchange and draw against a grid of limits.

    Compared before insurers' capacity cuts the limits and before cash is rationed: the choice of
    one exchange on its own.

    Returns
    -------
    DataFrame, one row per formula:
        `choices`: exchanges times draws compared; `beaten`: of these, where some limit on the
        grid is cheaper by more than rounding (a billionth of the cost); `saved_jpy_mn`: mean
        yearly saving of all exchanges together over holding cash only; `capacity_binds`: share of
        draws in which all limits together exceed what insurers sell.
    """
    scenario = impact.scenario
    terms, carry = Terms.of(scenario), scenario.carry_rate
    alone = replace(terms, capacity=np.finfo(np.float64).max)
    rate, rows = impact.rate_on_line, []
    for formula, required in zip(impact.formulas, impact.required, strict=True):
        mix = least_cost(required, rate, carry, alone)
        cost = carry * mix.cash + mix.premium
        beaten = cost - cheapest_on_grid(required, rate, carry, alone, points)
        rows.append(
            {
                "formula": formula.id,
                "choices": cost.size,
                "beaten": int((beaten > 1e-9 * (1 + np.abs(cost))).sum()),
                "saved_jpy_mn": float((carry * required - cost).sum(axis=-1).mean()),
                "capacity_binds": float((mix.limit.sum(axis=-1) > terms.capacity).mean()),
            }
        )
    return pd.DataFrame(rows)


def insured_shares(impact: Impact) -> pd.DataFrame:
    """What each exchange insures, one row per formula and exchange.

    Returns
    -------
    DataFrame
        formula, exchange, `insured_share` (of the requirement, mean amounts; blank where nothing
        is required), `insures` (share of draws in which it buys any), `rate_on_line` (base rate,
        mean over draws).
    """
    panel, rate = impact.panel, impact.rate_on_line.mean(axis=0)
    shape = (len(impact.formulas), len(panel.exchanges))
    insured, required = impact.steady.insured.mean(axis=-2), impact.required.mean(axis=-2)
    return pd.DataFrame(
        {
            "formula": np.repeat([formula.id for formula in impact.formulas], shape[1]),
            "exchange": np.tile(panel.exchanges, shape[0]),
            "insured_share": ratio(insured, required).ravel(),
            "insures": (impact.steady.limit > 0).mean(axis=-2).ravel(),
            "rate_on_line": np.broadcast_to(rate, shape).ravel(),
        }
    )

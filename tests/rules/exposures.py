"""Exposures for the tests of the rules: one worked by hand, a wide grid, and random ones."""

from __future__ import annotations

from dataclasses import fields, replace
from functools import cache
from typing import Any

import numpy as np
from hypothesis import strategies as st

from analysis.losses.model import LossModel
from analysis.losses.severity import ShareSeverity
from analysis.market.panel import FloatArray
from analysis.rules import Formula, candidates
from analysis.rules.exposure import Exposure
from analysis.scenario import scenario

# Yen per unit at the end of July 2026, the base month: data/market/prices_monthly.csv.
YEN = {
    "KRW": 0.109099,
    "HKD": 20.0723,
    "THB": 4.69504,
    "TRY": 3.31333,
    "EUR": 181.613,
    "GBP": 212.248,
    "USD": 157.425,
}

# The exchange of the worked cases, JPY mn.
LARGE: dict[str, Any] = {
    "custody_hot": 40_000,
    "custody_cold": 960_000,
    "customer_fiat": 80_000,
    "trading_value": (8_000_000, 9_000_000, 5_000_000),
    "margin_volume": 2_000_000,
    "operating_revenue": 40_000,
    "operating_expenses": 20_000,
    "net_assets": 60_000,
    "years_registered": 9,
    "incident_count": 1,
    "incident_loss": 3_000,
}


#: Events a year of an exchange with a clean new record, and how alike exchanges are.
RATE, HETEROGENEITY = 0.02, 2.0


def losses(
    rate: float = RATE, reach: float = 0.2, location: float = -2.0, draws: int = 1, **changed: Any
) -> LossModel:
    """Loss model without operational errors; with reach 0 and a location of 40 every event costs
    all that is in hot wallets."""
    row = np.ones((draws, 1))
    empty = np.zeros((draws, 1))
    event = ShareSeverity(empty, location * row, 1.5 * row, reach * row, empty)
    given: dict[str, Any] = {
        "hacks": rate * row,
        "operational": empty,
        "hack": event,
        "error": event,
        "mean_record": row,
        "mean_custody": 1e6 * row,
        "firm_heterogeneity": HETEROGENEITY,
        "size_elasticity": 0.0,
        "count_dispersion": 1.0,
        "common_shock_share": 0.0,
        "common_shock_reach": 1.0,
        "loss_steps": 16_384,
    }
    return LossModel(**given | changed)


def one(**changed: Any) -> Exposure:
    """Exposure of a single exchange, shape (1, 1): the worked one with `changed` fields."""
    given = {**LARGE, **changed}
    trading = np.asarray(given.pop("trading_value"), dtype=float)
    model = given.pop("loss_model", losses())
    arrays = {name: np.full((1, 1), float(value)) for name, value in given.items()}
    return Exposure(
        trading_value=np.broadcast_to(trading.reshape(-1, 1, 1), (3, 1, 1)),
        **arrays,
        loss_model=model,
    )


def scaled(exposure: Exposure, factor: float, *names: str) -> Exposure:
    """Exposure with the named fields multiplied."""
    return replace(exposure, **{name: getattr(exposure, name) * factor for name in names})


MONEY = tuple(
    field.name
    for field in fields(Exposure)
    if field.name not in ("years_registered", "incident_count", "loss_model")
)


def grid() -> Exposure:
    """Exchanges from tiny to far beyond any, so that every bucket, floor and anchor is met."""
    size = np.logspace(0, 10, 41)[np.newaxis]
    return Exposure(
        custody_hot=size * 0.04,
        custody_cold=size * 0.96,
        customer_fiat=size * 0.08,
        trading_value=np.stack([size * 8, size * 9, size * 5]),
        margin_volume=size * 2,
        operating_revenue=size * 0.04,
        operating_expenses=size * np.where(np.arange(41) % 2, 0.02, 0.0002),
        net_assets=size * 0.06,
        years_registered=np.full_like(size, 5.0),
        incident_count=np.arange(41.0)[np.newaxis] % 5,
        incident_loss=size * 0.003 * (np.arange(41) % 5),
        loss_model=losses(),
    )


def formula(id: str, **parameters: Any) -> Formula:
    """Shipped formula of the baseline, with scenario parameters changed."""
    found = candidates(scenario(parameters)) if parameters else _baseline()
    return {f.id: f for f in found}[id]


@cache
def _baseline() -> tuple[Formula, ...]:
    return candidates(scenario())


def amount(id: str, exposure: Exposure, **parameters: Any) -> float:
    """Required amount of a shipped formula for a single exchange, JPY mn."""
    required = formula(id, **parameters).required(exposure)
    assert required.shape == (1, 1)
    return float(required[0, 0])


# Amounts below ten thousand yen that are not 0 do not occur, and overflow the slow twins.
_money = st.one_of(st.just(0.0), st.floats(1e-2, 1e7))
_signed = st.one_of(st.floats(-1e5, -1e-2), _money)


@st.composite
def exposures(draw: st.DrawFn, exchanges: int = 3) -> Exposure:
    """Random exposures, shape (1, exchange); revenue may be negative."""

    def row(cell: st.SearchStrategy[Any] = _money) -> FloatArray:
        drawn = draw(st.lists(cell, min_size=exchanges, max_size=exchanges))
        return np.array([drawn], dtype=float)

    return Exposure(
        custody_hot=row(),
        custody_cold=row(),
        customer_fiat=row(),
        trading_value=np.stack([row(), row(), row()]),
        margin_volume=row(),
        operating_revenue=row(_signed),
        operating_expenses=row(),
        net_assets=row(_signed),
        years_registered=row(st.integers(0, 12)),
        incident_count=row(st.integers(0, 5)),
        incident_loss=row(),
        loss_model=losses(),
    )

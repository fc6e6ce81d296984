"""Points at which the replay evaluates a formula: corners of what is known, centre, and probes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.impact.replay_record import FIELDS, Record
from analysis.losses.model import loss_model
from analysis.market.panel import FloatArray
from analysis.rules.exposure import Exposure
from analysis.rules.formula import Formula
from analysis.rules.selection import exchange_rate
from analysis.scenario import Scenario

HUGE = 1e14
"""Stands for a measure without an upper bound, JPY mn."""
HOT, YEARS = "hot_share", "years_registered"
_HOT_CUSTODY, _LOSS = "custody_hot", "loss"
Row = tuple[Mapping[str, FloatArray], float]


@dataclass(frozen=True, eq=False)
class Points:
    """Points of the operators, and which is which.

    Attributes
    ----------
    cells : what a formula may see, each different combination of a loss once, (cell,) by name.
    place : cell of every point and incident, (point, incident).
    exposure : the cells under the readings of the scenario, the cell in place of the exchange.
    constant : the same with this year's volume in the years before.
    change : yen of the day over yen of the base month for money of a currency, (cell,).
    corners, higher : points at the bounds, and the same with twice the immense numbers.
    centre : point with every central figure, or the lower bound where there is none.
    probes : by measure, pairs of points that differ in it alone.
    central : by measure, whether it has a central figure, (incident,).
    """

    cells: Mapping[str, FloatArray]
    place: NDArray[np.intp]
    exposure: Exposure
    constant: Exposure
    change: Callable[[str], FloatArray]
    corners: slice
    higher: slice
    centre: int
    probes: Mapping[str, Sequence[tuple[int, int]]]
    central: Mapping[str, NDArray[np.bool_]]

    def held(self, formula: Formula, phase_in_years: int) -> FloatArray:
        """Amount on the day at every point, JPY mn, shape (point, incident)."""
        rule = formula.revalued(self.change)
        if rule.accrues:
            cells = self._accrued(rule, phase_in_years)
        else:
            cells = rule.required(self.exposure)
        return np.asarray(np.broadcast_to(cells, self.cells[YEARS].shape)[self.place])

    def _accrued(self, formula: Formula, phase_in_years: int) -> FloatArray:
        """Balance after the year ends passed, at constant volume; the target where unknown."""
        ends = np.floor(self.cells[YEARS])
        known = ends < HUGE
        last = int(np.max(ends, where=known, initial=1))
        path = formula.path(self.constant, last, phase_in_years)
        year = np.where(known, np.maximum(ends - 1, 0), 0).astype(int)
        reached = np.broadcast_to(path, (last, *ends.shape))[year, np.arange(ends.size)]
        target = formula.required(self.constant)
        return np.where(ends < 1, 0.0, np.where(known, reached, target))


def points(known: Record, scenario: Scenario) -> Points:
    """Points of a record under the readings of a scenario."""
    low, high = _end(known.low, 0.0), _end(known.high, HUGE)
    higher = {name: np.where(v >= HUGE, 2 * v, v) for name, v in high.items()}
    central = {name: ~np.isnan(known.value[name]) for name in FIELDS}
    bases = [
        {name: np.where(central[name], known.value[name], end[name]) for name in FIELDS}
        for end in (low, high)
    ]
    rows: list[Row] = [
        ({**size, YEARS: years}, hot)
        for size in (low, high, higher)
        for years in (low[YEARS], high[YEARS])
        for hot in (0.0, 1.0)
    ]
    rows.append((bases[0], 0.5))
    probes: dict[str, list[tuple[int, int]]] = {name: [] for name in (HOT, *FIELDS)}
    for base in bases:
        probes[HOT].append((len(rows), len(rows) + 1))
        rows += [(base, 0.0), (base, 1.0)]
        for name in FIELDS:
            probes[name].append((len(rows), len(rows) + 1))
            rows += [({**base, name: end[name]}, 0.5) for end in (low, high)]
    cells, place = _distinct(rows, known, scenario)
    return Points(
        cells=cells,
        place=place,
        exposure=_exposure(cells, scenario, lags=("", "_lag1", "_lag2")),
        constant=_exposure(cells, scenario, lags=("", "", "")),
        change=lambda currency: _change(currency, known, scenario)[cells[_LOSS].astype(int)],
        corners=slice(0, 8),
        higher=slice(4, 12),
        centre=12,
        probes=probes,
        central={**central, HOT: central["customer_crypto"]},
    )


def _end(bound: Mapping[str, FloatArray], unknown: float) -> dict[str, FloatArray]:
    return {name: np.where(np.isnan(bound[name]), unknown, bound[name]) for name in FIELDS}


def _distinct(
    rows: Sequence[Row], known: Record, scenario: Scenario
) -> tuple[dict[str, FloatArray], NDArray[np.intp]]:
    """Different combinations of a loss's measures, and where each point finds its own."""
    at = {name: np.stack([row[name] for row, _ in rows]) for name in FIELDS}
    at[_LOSS] = np.broadcast_to(np.arange(len(known.incidents)), (len(rows), len(known.incidents)))
    least, most = known.hot(at["customer_crypto"], scenario.hot_share_low, scenario.hot_share_high)
    part = np.array([hot for _, hot in rows])[:, np.newaxis]
    at[_HOT_CUSTODY] = least + part * (most - least)
    table = np.stack([array.ravel() for array in at.values()])
    unique, place = np.unique(table, axis=1, return_inverse=True)
    return dict(zip(at, unique, strict=True)), place.reshape(part.shape[0], -1)


def _change(currency: str, known: Record, scenario: Scenario) -> FloatArray:
    """Yen per unit in the month of each loss over that in the base month, (incident,)."""
    rates = [
        exchange_rate(currency, f"{day:%Y-%m}", f"the month of {incident},")
        for incident, day in zip(known.incidents, known.occurred_on, strict=True)
    ]
    return np.array(rates) / exchange_rate(currency, scenario.base_month)


def _exposure(cells: Mapping[str, FloatArray], scenario: Scenario, lags: Sequence[str]) -> Exposure:
    """Exposure of every cell, as `analysis.rules.exposure` reads a panel."""
    hot = cells[_HOT_CUSTODY]
    net = scenario.custody_reading == "net_of_matched"
    return Exposure(
        custody_hot=np.zeros_like(hot) if net else hot,
        custody_cold=cells["customer_crypto"] - hot,
        trading_value=np.stack([_trading_value(cells, scenario, lag) for lag in lags]),
        loss_model=loss_model(scenario, scenario.draws).central(),
        **{name: cells[name] for name in FIELDS if name in Exposure.__dataclass_fields__},
    )


def _trading_value(cells: Mapping[str, FloatArray], scenario: Scenario, lag: str) -> FloatArray:
    spot, margin = cells[f"spot_volume{lag}"], cells[f"margin_volume{lag}"]
    match scenario.trading_value_reading:
        case "order_book":
            # No operator's split is known on the day: the middle of the industry's range.
            return (scenario.order_book_share_low + scenario.order_book_share_high) / 2 * spot
        case "spot":
            return spot
        case _:
            return np.asarray(spot + margin)

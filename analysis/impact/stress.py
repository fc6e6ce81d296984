"""Boom and crash: what each formula asks when the market is not what it was at the base date."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.errors import InputError
from analysis.impact.evaluate import Impact, evaluate
from analysis.impact.liquidity import shortfall, with_retained_profit
from analysis.market import build_panel
from analysis.market.panel import Panel
from analysis.market.pool import pool
from analysis.rules.formula import Formula
from analysis.scenario import Scenario


@dataclass(frozen=True)
class Stress:
    """A market other than the base one: relative changes of prices and of the year's volume.

    They multiply the shocks that a scenario may already hold.
    """

    id: str
    title: str
    price_shock: float
    volume_shock: float
    source: str

    def on(self, scenario: Scenario) -> Scenario:
        """The scenario under this stress.

        Raises
        ------
        InputError
            The two together are beyond what a parameter allows.
        """
        try:
            return scenario.with_(
                price_shock=(1 + scenario.price_shock) * (1 + self.price_shock) - 1,
                volume_shock=(1 + scenario.volume_shock) * (1 + self.volume_shock) - 1,
            )
        except InputError as failure:
            raise InputError(
                f"stress '{self.id}' on top of price_shock = {scenario.price_shock:g} and "
                f"volume_shock = {scenario.volume_shock:g}: {failure}; take a smaller shock"
            ) from None


STRESSES = (
    Stress("baseline", "Base month", 0.0, 0.0, "no change"),
    Stress(
        "boom",
        "Custody of 2025-08, volume of the best year",
        0.80,
        1.43,
        "industry custody JPY 4,755 bn at 2025-08 against 2,642 bn at 2026-07; spot volume of the "
        "twelve months to 2021-10 against those to 2026-07, bridged monthly series",
    ),
    Stress(
        "crash",
        "The fall since 2025-08 once more, volume in its steepest year of decline",
        -0.44,
        -0.76,
        "industry custody fell by 44 % from 2025-08 to 2026-07; twelve-month spot volume fell by "
        "76 % in the year to 2022-12, bridged monthly series",
    ),
)
"""What the series have shown, not a forecast."""


def within_range(
    scenario: Scenario, stresses: Sequence[Stress] = STRESSES
) -> tuple[tuple[Stress, ...], tuple[str, ...]]:
    """The stresses that a scenario still leaves room for, and why the others have none."""
    possible, beyond = [], []
    for stress in stresses:
        try:
            stress.on(scenario)
        except InputError as failure:
            beyond.append(str(failure))
        else:
            possible.append(stress)
    return tuple(possible), tuple(beyond)


def run_stresses(
    scenario: Scenario,
    stresses: Sequence[Stress] = STRESSES,
    build: Callable[[Scenario], Panel] = build_panel,
    formulas: Sequence[Formula] | None = None,
) -> pd.DataFrame:
    """Evaluate every stress.

    Parameters
    ----------
    scenario : Scenario
    stresses : sequence of Stress
    build : callable
        Makes the panel of a scenario; a user's own panel is
        `lambda stressed: load_panel(path, stressed)`.
    formulas : sequence of Formula, optional
        By default the candidates of the scenario.

    Returns
    -------
    DataFrame, one row per stress and formula:
        industry totals with low and high (required, shortfall, annual cost), `exchanges_short`,
        and requirement and revenue of the industry over those of the first stress given.
        `operating_profit_jpy_mn` is the industry's before any cost of the reserve. The columns
        `with_profit` add the net income of the stressed year to free liquid assets.
    """
    parts = []
    for stress in stresses:
        stressed = stress.on(scenario)
        parts.append(_totals(stress, evaluate(build(stressed), stressed, formulas)))
    table = pd.concat(parts, ignore_index=True)
    first = table[table["stress"] == stresses[0].id].set_index("formula")
    for name in ("required", "operating_revenue"):
        base = table["formula"].map(first[f"{name}_jpy_mn"])
        table[f"{name}_to_{stresses[0].id}"] = (table[f"{name}_jpy_mn"] / base).where(base > 0)
    return table


def _totals(stress: Stress, impact: Impact) -> pd.DataFrame:
    after_a_year = with_retained_profit(impact.free, impact.panel["net_income"], 1)[0]
    later = shortfall(impact.steady, after_a_year)
    columns: dict[str, object] = {
        "stress": stress.id,
        "formula": [formula.id for formula in impact.formulas],
    }
    sums = {
        "required": impact.required,
        "shortfall": impact.shortfall,
        "annual_cost": impact.annual_cost,
        "shortfall_with_profit": later,
    }
    for name, array in sums.items():
        pooled = pool(array.sum(axis=-1), impact.scenario.interval, axis=-1)
        columns |= {
            f"{name}_jpy_mn": pooled.estimate,
            f"{name}_low_jpy_mn": pooled.low,
            f"{name}_high_jpy_mn": pooled.high,
        }
    columns["exchanges_short"] = (impact.shortfall > 0).sum(axis=-1).mean(axis=-1)
    columns["exchanges_short_with_profit"] = (later > 0).sum(axis=-1).mean(axis=-1)
    for name in ("operating_revenue", "operating_profit"):
        total = impact.panel[name].sum(axis=-1).mean()
        columns[f"{name}_jpy_mn"] = np.full(len(impact.formulas), total)
    return pd.DataFrame(columns)

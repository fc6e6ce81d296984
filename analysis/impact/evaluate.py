"""The one evaluation: panel and scenario in, reserves, cost and liquidity of every formula out.

Notebooks, runs and sweeps all call `evaluate`, so their numbers cannot differ. Arrays are computed
here; `Impact.tables` turns them into tidy tables when somebody asks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from analysis.errors import InputError
from analysis.impact.cost import (
    OtherDuties,
    PassThrough,
    annual_cost,
    equivalent_annual_cost,
    other_duties,
    pass_through,
    present_value,
    with_one_off,
)
from analysis.impact.funding import Funding, fund
from analysis.impact.insurance import Mix, Terms, base_rate_on_line
from analysis.impact.liquidity import free_liquid_assets, shortfall
from analysis.impact.tables import build_tables, imputed_share
from analysis.market.panel import FloatArray, Panel
from analysis.rules import candidates
from analysis.rules.exposure import Exposure, exposure, observed_exposure
from analysis.rules.formula import Formula
from analysis.scenario import Scenario


@dataclass(frozen=True, eq=False)
class Impact:
    """What every formula asks of every exchange, and what that costs and locks up.

    Arrays are (formula, draw, exchange) in the order of `formulas` and `panel.exchanges`, JPY mn;
    those named `path` have the year in front. `annual_cost` is the cost of a year once the reserve
    is complete; `equivalent_annual_cost` spreads build-up and one-off cost over the horizon.
    """

    panel: Panel
    scenario: Scenario
    formulas: tuple[Formula, ...]
    required: FloatArray
    steady: Mix
    balance_path: FloatArray
    path: Mix
    annual_cost: FloatArray
    cost_path: FloatArray
    present_value: FloatArray
    equivalent_annual_cost: FloatArray
    response: PassThrough
    free: FloatArray
    shortfall: FloatArray
    other_duties: OtherDuties | None

    @cached_property
    def tables(self) -> dict[str, pd.DataFrame]:
        """Tidy tables by name; rows in the order of formulas, then of exchanges."""
        return build_tables(self)

    @cached_property
    def imputed_share(self) -> FloatArray:
        """Share of each requirement that rests on imputed cells, (formula, exchange)."""
        known = observed_exposure(self.panel, self.scenario)
        return imputed_share(self, np.stack([one.required(known) for one in self.formulas]))


@dataclass(frozen=True)
class _One:
    """Arrays of one formula, before they are stacked."""

    funding: Funding
    annual_cost: FloatArray
    cost_path: FloatArray
    present_value: FloatArray


def evaluate(panel: Panel, scenario: Scenario, formulas: Sequence[Formula] | None = None) -> Impact:
    """Evaluate candidate formulas on a panel.

    Parameters
    ----------
    panel : Panel
        From `build_panel`, or a user's own from `load_panel`.
    scenario : Scenario
    formulas : sequence of Formula, optional
        Taken as they are. By default the candidates of the scenario, to which its rate multiplier,
        floor and cap are applied.

    Raises
    ------
    InputError
        No formula, or two with one id.
    """
    chosen = tuple(candidates(scenario) if formulas is None else formulas)
    ids = [formula.id for formula in chosen]
    if not ids:
        raise InputError("formulas is empty; give at least one, `study formulas` lists them")
    if twice := sorted({name for name in ids if ids.count(name) > 1}):
        raise InputError(f"formulas holds '{twice[0]}' twice; give each formula its own id")
    base, rate = exposure(panel, scenario), _rate(panel, scenario)
    # One formula at a time: its arrays fit the processor's cache, all of them together do not.
    each = [_evaluate_one(formula, base, panel, rate, scenario) for formula in chosen]
    return _assemble(panel, scenario, chosen, each)


def _rate(panel: Panel, scenario: Scenario) -> FloatArray:
    return base_rate_on_line(panel["hot_share"], panel["incident_count"], Terms.of(scenario))


def _evaluate_one(
    formula: Formula, base: Exposure, panel: Panel, rate: FloatArray, scenario: Scenario
) -> _One:
    funding = fund(formula, base, panel, rate, scenario)
    carry, running = (
        scenario.cost_of_equity - scenario.reserve_yield,
        scenario.running_cost_jpy_mn,
    )
    yearly = with_one_off(
        annual_cost(funding.path, funding.balance, carry, running),
        funding.required,
        scenario.one_off_cost_jpy_mn,
    )
    return _One(
        funding=funding,
        annual_cost=annual_cost(funding.steady, funding.required, carry, running),
        cost_path=yearly,
        present_value=present_value(yearly, scenario.discount_rate),
    )


def _assemble(
    panel: Panel, scenario: Scenario, formulas: tuple[Formula, ...], each: Sequence[_One]
) -> Impact:
    steady = _stack_mix([one.funding.steady for one in each], axis=0)
    yearly_cost = np.stack([one.annual_cost for one in each])
    value = np.stack([one.present_value for one in each])
    free = free_liquid_assets(panel, scenario)
    years, rate = scenario.horizon_years, scenario.discount_rate
    return Impact(
        panel=panel,
        scenario=scenario,
        formulas=formulas,
        required=np.stack([one.funding.required for one in each]),
        steady=steady,
        balance_path=np.stack([one.funding.balance for one in each], axis=1),
        path=_stack_mix([one.funding.path for one in each], axis=1),
        annual_cost=yearly_cost,
        cost_path=np.stack([one.cost_path for one in each], axis=1),
        present_value=value,
        equivalent_annual_cost=equivalent_annual_cost(value, rate, years),
        response=pass_through(
            yearly_cost,
            panel["spot_volume"],
            panel["operating_revenue"],
            scenario.pass_through,
            scenario.volume_semi_elasticity,
        ),
        free=free,
        shortfall=shortfall(steady, free),
        other_duties=_other_duties(panel, scenario),
    )


def _other_duties(panel: Panel, scenario: Scenario) -> OtherDuties | None:
    if not scenario.include_other_duties:
        return None
    return other_duties(
        panel["net_assets"],
        scenario.minimum_capital_jpy_mn,
        scenario.cost_of_equity - scenario.reserve_yield,
        scenario.other_duties_running_jpy_mn,
        scenario.other_duties_one_off_jpy_mn,
        scenario.discount_rate,
        scenario.horizon_years,
    )


def _stack_mix(each: Sequence[Mix], axis: int) -> Mix:
    names = ("cash", "insured", "unfunded", "limit", "premium")
    return Mix(**{name: np.stack([getattr(mix, name) for mix in each], axis) for name in names})

"""The one evaluation: panel and scenario in, reserves, cost and liquidity of every formula out.

Notebooks, runs and sweeps all call `evaluate`, so their numbers cannot differ. What every caller
needs is computed at once; the build-up over the years, and the tables, when somebody asks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from analysis.errors import InputError
from analysis.impact.answers import market_after, market_without_rule
from analysis.impact.appraisal import Appraisal
from analysis.impact.cost import (
    OtherDuties,
    PassThrough,
    annual_cost,
    customers_response,
    equivalent_annual_cost,
    present_value,
    with_one_off,
)
from analysis.impact.exits import Exits
from analysis.impact.funding import BuildUp, build_up, steady_mix
from analysis.impact.given import Given
from analysis.impact.industry_cost import value_of_industry
from analysis.impact.insurance import Mix, Offer
from analysis.impact.lazy_tables import Tables
from analysis.impact.liquidity import shortfall
from analysis.impact.market_after import MarketAfter
from analysis.impact.tables import imputed_share
from analysis.impact.yearly_losses import YearlyLosses
from analysis.losses.aggregate import AnnualLoss
from analysis.losses.industry import IndustryLoss
from analysis.market.panel import FloatArray, Panel
from analysis.rules import candidates
from analysis.rules.exposure import Exposure, exposure, observed_exposure
from analysis.rules.formula import Formula
from analysis.scenario import Scenario


@dataclass(frozen=True, eq=False)
class Impact:
    """What every formula asks of every exchange, and what that costs and locks up.

    Arrays are (formula, draw, exchange) in the order of `formulas` and `panel.exchanges`, JPY mn.

    Attributes
    ----------
    required, steady : the requirement once fully built up, and how it is met.
    annual_cost : cost of a year once the reserve is complete.
    response : what of that customers and owners bear.
    free, shortfall : free liquid assets (draw, exchange), and what is lacking.
    exposure : what formulas look at, losses as a rule maker estimates them among it.
    losses : losses as they may come true, by data set.
    other_duties : None unless the scenario includes them.
    """

    panel: Panel
    scenario: Scenario
    formulas: tuple[Formula, ...]
    exposure: Exposure
    losses: YearlyLosses
    offer: Offer
    required: FloatArray
    steady: Mix
    annual_cost: FloatArray
    response: PassThrough
    free: FloatArray
    shortfall: FloatArray
    other_duties: OtherDuties | None

    @property
    def rate_on_line(self) -> FloatArray:
        """Rate on line of the first yen of limit, (draw, exchange)."""
        return self.offer.rate

    @cached_property
    def build_ups(self) -> tuple[BuildUp, ...]:
        """Balance and mix of every year, one per formula."""
        return tuple(
            build_up(one, self.exposure, self.panel, self.offer, self.scenario)
            for one in self.formulas
        )

    @cached_property
    def cost_paths(self) -> tuple[FloatArray, ...]:
        """Cost of every year with the one-off cost in the first, (year, draw, exchange) each."""
        carry, running, one_off = _prices(self.scenario)
        return tuple(
            with_one_off(annual_cost(grown.mix, grown.balance, carry, running), required, one_off)
            for grown, required in zip(self.build_ups, self.required, strict=True)
        )

    @cached_property
    def present_value(self) -> FloatArray:
        """Present value of the cost over the horizon."""
        return np.stack(
            [present_value(path, self.scenario.discount_rate) for path in self.cost_paths]
        )

    @cached_property
    def value_of_industry(self) -> FloatArray:
        """Present value of all exchanges' cost, (formula, draw, 1), without the path of each."""
        return value_of_industry(self)

    @property
    def equivalent_annual_cost(self) -> FloatArray:
        """Level yearly cost with that present value: build-up and one-off cost are spread out."""
        rate, years = self.scenario.discount_rate, self.scenario.horizon_years
        return equivalent_annual_cost(self.present_value, rate, years)

    @property
    def annual_loss(self) -> AnnualLoss:
        """Loss of a year at each exchange, (draw, exchange), of all customer crypto."""
        return self.losses.annual

    @property
    def industry_loss(self) -> IndustryLoss:
        """Loss of a year at all exchanges together, (draw,)."""
        return self.losses.industry

    @cached_property
    def appraisal(self) -> Appraisal:
        """What the reserve buys, against what it costs."""
        return Appraisal(self)

    @cached_property
    def exits(self) -> Exits:
        """Who is likely to leave, before the market answers."""
        return Exits(self)

    @cached_property
    def market_after(self) -> MarketAfter:
        """The market once customers of who left have moved, (formula, draw, exchange)."""
        return market_after(self)

    @cached_property
    def market_without_rule(self) -> MarketAfter:
        """The same without any rule, (draw, exchange)."""
        return market_without_rule(self)

    @cached_property
    def imputed_share(self) -> FloatArray:
        """Share of each requirement that rests on imputed cells, (formula, exchange)."""
        known = observed_exposure(self.panel, self.scenario)
        return imputed_share(self, np.stack([one.required(known) for one in self.formulas]))

    @cached_property
    def tables(self) -> Tables:
        """Tidy tables by name; rows in the order of formulas, then of exchanges."""
        return Tables(self)


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
    chosen = _distinct(candidates(scenario) if formulas is None else formulas)
    base = exposure(panel, scenario)
    return evaluate_on(base, YearlyLosses(panel, scenario, base), scenario, chosen)


def evaluate_on(
    base: Exposure, losses: YearlyLosses, scenario: Scenario, formulas: tuple[Formula, ...]
) -> Impact:
    """Evaluation of formulas on an exposure and losses that are known, perhaps from a scenario of
    the same panel, readings of the law and loss model."""
    required = np.stack([formula.required(base) for formula in formulas])
    return with_amounts(required, formulas, base, losses, scenario)


def with_amounts(
    required: FloatArray,
    formulas: tuple[Formula, ...],
    base: Exposure,
    losses: YearlyLosses,
    scenario: Scenario,
    given: Given | None = None,
) -> Impact:
    """Evaluation of formulas whose amounts are known, (formula, draw, exchange).

    Parameters
    ----------
    base : exposure that the amounts were worked out from.
    losses : what is lost at the exchanges of a panel; the rules may have been sized with others.
    given : what does not depend on the amounts, if it is known already.
    """
    panel = losses.panel
    given = Given.of(panel, scenario) if given is None else given
    steady = steady_mix(required, panel, given.offer, scenario)
    carry, running, _ = _prices(scenario)
    yearly = annual_cost(steady, required, carry, running)
    return Impact(
        panel=panel,
        scenario=scenario,
        formulas=formulas,
        exposure=base,
        losses=losses,
        offer=given.offer,
        required=required,
        steady=steady,
        annual_cost=yearly,
        response=customers_response(yearly, panel, scenario),
        free=given.free,
        shortfall=shortfall(steady, given.free),
        other_duties=given.other_duties,
    )


def _distinct(formulas: Sequence[Formula]) -> tuple[Formula, ...]:
    ids = [formula.id for formula in formulas]
    if not ids:
        raise InputError("formulas is empty; give at least one, `study formulas` lists them")
    if twice := sorted({name for name in ids if ids.count(name) > 1}):
        raise InputError(f"formulas holds '{twice[0]}' twice; give each formula its own id")
    return tuple(formulas)


def _prices(scenario: Scenario) -> tuple[float, float, float]:
    """Carry per year, running cost and one-off cost of the reserve."""
    carry = scenario.carry_rate
    return carry, scenario.running_cost_jpy_mn, scenario.one_off_cost_jpy_mn

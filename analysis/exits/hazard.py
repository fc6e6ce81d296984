"""Yearly hazard of leaving, as a function of what staying is worth.

The value g = (V - S) / F of an exchange, in years of its fixed cost, comes from its statement and
the cost of a rule (`standing`); its effect on leaving from the register and a prior. What
identifies what: the level comes from the register's exits; the response to g mostly from the prior
(published: a doubling of volume lowers the odds of closing by 12 %), as few leavers have
statements; the effect of a loss from a prior (published, made yearly) and three years of registered
exchanges with one, in one of which the exchange left. `ExitModel.summary` shows both sides.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
import pandas as pd

from analysis.exits.payoff import exit_payoff
from analysis.exits.posterior import COARSE, Posterior, Prior, Rows, posterior, rate_of
from analysis.exits.published import yearly_breach_factor
from analysis.exits.register import spells
from analysis.exits.revenue import ProcessDraws, fixed_cost, revenue_process
from analysis.exits.risk_years import registered, risk_years, whole_year
from analysis.exits.row_values import RowValues, row_values
from analysis.exits.value import Stopping, continuation, stopping_of
from analysis.market.panel import FloatArray
from analysis.scenario import Scenario
from analysis.scenario.exits import ExitParameters

ROUNDS = 6
"""Alternations between missing values and parameters; more change no mean beyond its error."""

_STREAM = 7

BESIDE = (
    "exit_years",
    "recapitalisation_share",
    "support_record",
    "support_years",
    "support_shift",
    "name_exchanges",
)
"""Parameters of leaving that the yearly hazard does not depend on."""

SUMMARISED = 100
"""Data sets in the fine posterior that is shown; the draws themselves use all of them."""


@dataclass(frozen=True, eq=False)
class ExitModel:
    """Parameters of leaving, arrays (draw, 1), one per data set.

    Attributes
    ----------
    alpha, beta : log(-log(1 - h)) = alpha - beta g, h the yearly hazard without a loss.
    breach : what is added in a year with a loss of customers' crypto.
    process, rules : revenue's process, and the worth of the rules when to leave.
    rows, values, table : the register as fitted, (draw, row), values less their centre; what
        missing values were drawn from; operator, exchange, year and whether a statement was there.
    prior : in terms of the rate at the centre.
    """

    alpha: FloatArray
    beta: FloatArray
    breach: FloatArray
    process: ProcessDraws
    rules: Stopping
    rows: Rows
    values: RowValues
    table: pd.DataFrame
    prior: Prior

    @cached_property
    def posterior(self) -> Posterior:
        """On the fine grid, of the first data sets, in terms of the rate at the centre."""
        return posterior(self.rows.first(SUMMARISED), self.prior)

    @property
    def planned(self) -> FloatArray:
        """Part of each row's year at risk had nobody left in it, (draw, row)."""
        whole = whole_year(self.table["year"].to_numpy(int))
        return np.asarray(np.where(self.rows.event > 0, whole, self.rows.at_risk))

    @property
    def licence_value(self) -> FloatArray:
        """Years of fixed cost that staying would have to lose before most leave, (draw, 1).

        At g = -licence_value the hazard is 1 - 1/e. Nobody on record was near that: it says that
        leaving hardly follows value, not what a licence would sell for.
        """
        return -self.alpha / self.beta

    def summary(self, level: float = 0.9) -> pd.DataFrame:
        """Prior and posterior (prior_mean, prior_sd, mean, sd, low, high); index parameter.

        All in logs; the rate is that of a year without a loss at the median value.
        """
        rows = {}
        priors = (self.prior.rate, self.prior.response, self.prior.breach)
        for i, name in enumerate(("log_rate", "log_response", "log_breach_odds")):
            weight = self.posterior.marginal(i).mean(axis=0)
            points = self.posterior.axes[i]
            mean = float(weight @ points)
            tails = [(1 - level) / 2, (1 + level) / 2]
            ends = np.interp(tails, weight.cumsum(), points + (points[1] - points[0]) / 2)
            sd = float(np.sqrt(weight @ (points - mean) ** 2))
            rows[name] = (*priors[i], mean, sd, *(float(end) for end in ends))
        names = ["prior_mean", "prior_sd", "mean", "sd", "low", "high"]
        return pd.DataFrame.from_dict(rows, orient="index", columns=names)

    def hazard(self, g: FloatArray, breach_chance: FloatArray | float = 0.0) -> FloatArray:
        """Chance of leaving within a year, shape of g (..., draw, exchange).

        Parameters
        ----------
        breach_chance : chance that customers' crypto is lost in the year, broadcast to g: 0 and 1
            are years known to be without and with a loss; `breach.breach_chance` is a forecast's.
        """
        exponent = self.alpha - self.beta * g
        without = -np.expm1(-rate_of(exponent))
        struck = -np.expm1(-rate_of(exponent + self.breach))
        return np.asarray(without + breach_chance * (struck - without))

    def standing(
        self, values: Mapping[str, FloatArray], scenario: Scenario, cost: FloatArray | float = 0.0
    ) -> FloatArray:
        """g, worth of staying above leaving in years of fixed cost, (..., draw, exchange).

        Parameters
        ----------
        values : panel values (draw, exchange): operating_revenue, operating_expenses, net_assets.
        cost : yearly cost of a rule that owners bear, JPY mn, (..., draw, exchange).
        """
        return standing(
            values["operating_revenue"],
            values["operating_expenses"],
            values["net_assets"],
            cost,
            self.process,
            self.rules,
            scenario,
        )


def standing(
    revenue: FloatArray,
    expenses: FloatArray,
    net_assets: FloatArray,
    cost: FloatArray | float,
    process: ProcessDraws,
    rules: Stopping,
    scenario: Scenario,
) -> FloatArray:
    """g from a statement year: (V - S) / F; JPY mn in, years of fixed cost out.

    Revenue counts as at least `revenue_floor_share` of expenses: losses on own crypto are netted
    in it, and do not return every year. `owner_benefit` lowers the cost that owners count.
    """
    fixed = fixed_cost(expenses, revenue, process.variable_share, scenario.fixed_cost_share)
    ordinary = np.maximum(revenue, scenario.revenue_floor_share * expenses)
    payoff = exit_payoff(net_assets, ordinary, fixed, scenario)
    borne = (1 - scenario.owner_benefit) * fixed
    value = continuation(ordinary, borne, process.variable_share, payoff, cost, rules)
    return np.asarray((value - payoff) / fixed)


def exit_model(scenario: Scenario, draws: int) -> ExitModel:
    """Model of leaving for a number of data sets; the same object for the same parameters.

    Raises
    ------
    InputError
        A register without exits under the chosen definition.
    """
    return _exit_model(key_of(scenario), draws)


def key_of(scenario: Scenario) -> tuple[tuple[str, Any], ...]:
    """What the model of leaving depends on, to keep it by."""
    own = [name for name in ExitParameters.model_fields if name not in BESIDE]
    names = (*own, "seed", "cost_of_equity")
    return tuple((name, getattr(scenario, name)) for name in names)


def prior_of(scenario: Scenario, doubled: FloatArray) -> Prior:
    """Prior of the scenario; `doubled` is what a doubling of revenue adds to the median g."""
    base = -np.expm1(-np.exp(Prior().rate[0]))
    of_breach = yearly_breach_factor(float(base), scenario.breach_odds)
    response = np.log(-np.log(scenario.doubling_odds) / float(np.mean(doubled)))
    return Prior(
        response=(float(response), scenario.value_response_spread),
        breach=(float(np.log(of_breach)), 1.0),
    )


@lru_cache(maxsize=16)
def _exit_model(key: tuple[tuple[str, Any], ...], draws: int) -> ExitModel:
    scenario = Scenario.model_validate(dict(key))
    generator = np.random.default_rng([scenario.seed, _STREAM])
    process = revenue_process().draws(draws, generator)
    rules = _rules(scenario.seed, draws, scenario.cost_of_equity)
    years = risk_years(spells(scenario.exit_definition), draws, generator)
    table, event, at_risk, breach = registered(years)

    def of_statement(figures: dict[str, FloatArray]) -> FloatArray:
        revenue, expenses, assets = (figures[n] for n in ("revenue", "expenses", "net_assets"))
        return standing(revenue, expenses, assets, 0.0, process, rules, scenario)

    values = row_values(table, of_statement, draws, generator)
    prior = prior_of(scenario, values.doubled)
    rows = Rows(event, at_risk, values.candidates[0] - values.centre(), breach)
    rows, point = fitted(rows, values, prior, generator)
    beta = np.exp(point[:, 1:2])
    centre = values.centre()
    return ExitModel(
        alpha=point[:, :1] + beta * centre,
        beta=beta,
        breach=point[:, 2:],
        process=process,
        rules=rules,
        rows=rows,
        values=values,
        table=table.assign(observed=values.observed),
        prior=prior,
    )


@lru_cache(maxsize=4)
def _rules(seed: int, draws: int, discount_rate: float) -> Stopping:
    """Worth of the rules when to leave: kept apart, as most parameters leave it as it is."""
    generator = np.random.default_rng([seed, _STREAM])
    return stopping_of(revenue_process().draws(draws, generator), discount_rate)


def fitted(
    rows: Rows, values: RowValues, prior: Prior, generator: np.random.Generator
) -> tuple[Rows, FloatArray]:
    """Rows with the missing values drawn last, and one point of the posterior per draw.

    Parameters and missing values are drawn in turn (M. A. Tanner and W. H. Wong, The Calculation of
    Posterior Distributions by Data Augmentation, JASA 82, 1987), each draw being its own chain.
    """
    for _ in range(ROUNDS):
        found = posterior(rows, prior, COARSE)
        point = found.sample(generator)[0]
        candidates = values.candidates - values.centre()
        exponent = point[:, :1] - np.exp(point[:, 1:2]) * candidates + point[:, 2:] * rows.breach
        log = rows.event * exponent - rows.at_risk * rate_of(exponent)
        drawn = values.given(np.where(rows.at_risk > 0, log, 0.0), generator)
        rows = Rows(rows.event, rows.at_risk, drawn, rows.breach)
    point = posterior(rows, prior, COARSE).sample(generator)[0]
    return rows, point

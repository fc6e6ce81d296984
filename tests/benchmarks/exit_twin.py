"""Plain Python twin of the chance of leaving: one formula, one data set, one exchange at a time.

The peer of the benchmark, and a check of it. Written without arrays and without the functions that
it checks; it leaves out insurance and the market's answer.
"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from analysis.exits.hazard import ExitModel
from analysis.exits.payoff import buyer_chance
from analysis.impact.evaluate import Impact
from analysis.market.panel import FIELDS, FloatArray, Panel
from analysis.rules import Formula, candidates
from analysis.scenario import Scenario, scenario

CASH_ONLY = scenario({"insurable_share": 0.0})
"""The scenario of the benchmark: the twin knows no insurance."""


def large_panel(draws: int = 1_000, exchanges: int = 26) -> Panel:
    """A market from JPY 3 bn to JPY 1 tn of custody, figures 20 % apart between data sets."""
    rng = np.random.default_rng(1)
    spread = np.exp(0.2 * rng.standard_normal((len(FIELDS), draws, exchanges)))
    custody = np.geomspace(3e3, 1e6, exchanges)
    revenue = 0.03 * custody * np.exp(rng.standard_normal(exchanges))
    level: dict[str, FloatArray | float] = {
        "operating_revenue": revenue,
        "operating_expenses": 0.8 * revenue + 300,
        "operating_profit": 0.2 * revenue - 300,
        "net_income": 0.15 * revenue - 300,
        "total_assets": 1.2 * custody,
        "net_assets": 0.5 * revenue + 200,
        "customer_crypto": custody,
        "customer_fiat": 0.1 * custody,
        "liquid_assets": revenue + 300,
        "crypto_owed": 0.0 * custody,
        "hot_share": 0.01,
        "order_book_share": 0.5,
        "years_registered": 6.0,
        "incident_count": 0.0,
        "incident_loss": 0.0,
    }
    traded = {name: 6 * custody for name in FIELDS if "volume" in name}
    values = {
        name: np.broadcast_to({**level, **traded}[name], (draws, exchanges)) * spread[place]
        for place, name in enumerate(FIELDS)
    }
    names = tuple(f"exchange_{number}" for number in range(exchanges))
    status = pd.DataFrame("observed", index=list(names), columns=list(FIELDS))
    return Panel(names, values, status, status.replace("observed", ""), pd.DataFrame())


def ten_formulas() -> tuple[Formula, ...]:
    """Ten candidates that need no distribution of losses to be sized."""
    kept = [f for f in candidates(CASH_ONLY) if not f.pooled and not f.id.startswith("loss_")]
    return tuple(kept[:10])


def leaving(impact: Impact, formula: int, draw: int, exchange: int) -> float:
    """Chance of leaving of one exchange under one formula in one data set."""
    s, model, asked = impact.scenario, impact.exits.model, impact.required[formula, draw, exchange]
    row = {name: float(array[draw, exchange]) for name, array in impact.panel.values.items()}
    years = sum((1 + s.cost_of_equity) ** -year for year in range(1, s.horizon_years + 1))
    carry = s.cost_of_equity - s.reserve_yield
    yearly = carry * asked + s.running_cost_jpy_mn * (asked > 0)
    price = min(1e4 * s.pass_through * yearly / row["spot_volume"], 100 / s.volume_semi_elasticity)
    lost = 1 - math.exp(-s.volume_semi_elasticity * price / 100)
    passed = price / 1e4 * row["spot_volume"] * (1 - lost)
    margin = 1 - float(model.process.variable_share[draw, 0])
    cost = yearly - passed + margin * lost * max(row["operating_revenue"], 0.0)
    cost += s.one_off_cost_jpy_mn / years * (asked > 0)
    value = _standing(model, draw, row, cost, s)
    chance = float(impact.exits.breach_chance[draw, exchange])
    hazard = chance * _hazard(model, draw, value, 1.0) + (1 - chance) * _hazard(model, draw, value)
    due = float(impact.exits.due.share[formula, draw, exchange])
    seen = float(impact.exits.due.years[formula, draw, exchange])
    free = row["liquid_assets"] + seen * max(row["net_income"], 0.0)
    free += seen * s.unmet_loss_share * min(row["net_income"], 0.0)
    free -= max(row["hot_share"] * row["customer_crypto"] - row["crypto_owed"], 0.0)
    free -= max(s.minimum_capital_jpy_mn, s.capital_ratio * row["operating_expenses"] / 4)
    at_a_time = float(impact.exits.support_years[draw, 0]) * row["operating_expenses"]
    short = max(asked * due - max(free, 0.0), 0.0) / at_a_time
    paid_in = math.pow(float(impact.exits.support[draw, exchange]), short)
    return 1 - paid_in * math.pow(1 - hazard, s.exit_years)


def _standing(
    model: ExitModel, draw: int, row: dict[str, float], cost: float, s: Scenario
) -> float:
    variable = float(model.process.variable_share[draw, 0])
    expenses = row["operating_expenses"]
    moving = variable * max(row["operating_revenue"], 0.0)
    fixed = max(expenses - moving, s.fixed_cost_share * expenses)
    revenue = max(row["operating_revenue"], s.revenue_floor_share * expenses)
    in_use = min(row["net_assets"], s.capital_in_use_years * fixed)
    wound_up = max(in_use - s.closing_cost_share * fixed, 0.0)
    payoff = wound_up + buyer_chance(s) * max(s.sale_multiple * revenue - wound_up, 0.0)
    stays = (1 - s.owner_benefit) * fixed + cost + (1 - model.rules.discount) * payoff
    gained = (1 - variable) * revenue
    best = 0.0
    for worth, paid in zip(model.rules.revenue[draw], model.rules.cost[draw], strict=True):
        best = max(best, float(worth) * gained - float(paid) * stays)
    return (gained - stays + best) / fixed


def _hazard(model: ExitModel, draw: int, value: float, struck: float = 0.0) -> float:
    exponent = float(model.alpha[draw, 0] - model.beta[draw, 0] * value)
    return 1 - math.exp(-math.exp(exponent + struck * float(model.breach[draw, 0])))


def leaving_one_by_one(impact: Impact, draws: int) -> FloatArray:
    """Chance of leaving in the first data sets, (formula, draw, exchange), without broadcasting."""
    shape = (len(impact.formulas), draws, len(impact.panel.exchanges))
    return np.array([leaving(impact, *place) for place in np.ndindex(shape)]).reshape(shape)

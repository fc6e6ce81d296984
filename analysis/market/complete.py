"""Fill the blanks of a panel by draws: from table to `Panel`, before any stress.

Each step has its own stream of random numbers, so that changing one parameter leaves the draws
of the others as they were, and two formulas or two stresses meet the same data sets.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from analysis.market import fiat, liquid
from analysis.market.annual_volume import Words, annual_volumes
from analysis.market.coverage import check_coverage
from analysis.market.ground import CROSS_SECTION, Ground, cross_section, imputed, streams
from analysis.market.panel import FIELDS, FloatArray, Panel
from analysis.market.sampling import mean_one, uniform
from analysis.scenario import Scenario

__all__ = ["complete", "cross_section", "hot_share_ceiling"]

_IMPUTED = "chained equations with predictive mean matching on the other exchanges"
_NOT_OWED = "nothing printed as borrowed, no own crypto known above net assets: taken as none"


@dataclass
class _Draft:
    """A panel while its fields are filled one after the other."""

    ground: Ground
    draws: int
    values: dict[str, FloatArray] = field(default_factory=dict)
    status: dict[str, Words] = field(default_factory=dict)
    method: dict[str, Words] = field(default_factory=dict)

    def printed(self, name: str) -> FloatArray:
        """Cells of the table, blank as NaN, shape (exchange,)."""
        return self.ground.numbers[FIELDS[name].column]

    def fill(self, name: str, drawn: FloatArray, how: str | Words, status: str | Words) -> None:
        """Keep printed cells, take `drawn` for blank ones with its method and status."""
        column, printed = FIELDS[name].column, self.printed(name)
        blank, words = np.isnan(printed), self.ground.words
        self.values[name] = np.empty((self.draws, len(printed)))
        self.values[name][:] = np.where(blank, drawn, printed)
        self.status[name] = np.where(blank, status, words[f"{column}_status"])
        self.method[name] = np.where(blank, how, words[f"{column}_method"])


def complete(ground: Ground, scenario: Scenario) -> Panel:
    """Draw completed data sets.

    Parameters
    ----------
    ground : Ground
        Printed cells, the shipped ones or a user's, and series of the industry.
    scenario : Scenario
        Draws, seed, and ranges of what nobody publishes.

    Raises
    ------
    InputError
        A blank that cannot be filled, or a base month outside the data.
    """
    rng = streams(scenario.seed)
    draft = _Draft(ground, scenario.draws)
    at_statement = _statements(draft, imputed(ground, scenario.draws, scenario.seed))
    _custody(draft, at_statement, scenario, rng["roll"])
    _customer_fiat(draft, at_statement, rng["fiat"])
    _liquid(draft, at_statement, scenario, rng["liquid"])
    _hot_share(draft, at_statement, scenario, rng["hot_share"])
    _volumes(draft, scenario)
    _record(draft)
    values = {name: np.ascontiguousarray(draft.values[name]) for name in FIELDS}
    for array in values.values():
        array.flags.writeable = False  # one panel serves many callers
    return Panel(
        exchanges=ground.exchanges,
        values=values,
        status=_frame(draft.status, ground),
        method=_frame(draft.method, ground),
        excluded=ground.excluded,
    )


def _frame(words: Mapping[str, Words], ground: Ground) -> pd.DataFrame:
    index = ground.assembled.index
    return pd.DataFrame({name: words[name] for name in FIELDS}, index=index, dtype="str")


def _statements(draft: _Draft, filled: Mapping[str, FloatArray]) -> FloatArray:
    """Fill the statement's fields; return customer crypto at the statement date."""
    for name in CROSS_SECTION:
        draft.fill(name, filled[name], _IMPUTED, "imputed")
    revenue, expenses = draft.values["operating_revenue"], draft.values["operating_expenses"]
    draft.fill("operating_profit", revenue - expenses, "revenue less expenses", "imputed")
    # Where only profit is printed, drawn expenses follow from drawn revenue, and the reverse.
    profit, spent = draft.values["operating_profit"], np.isnan(draft.printed("operating_expenses"))
    draft.values["operating_expenses"] = np.where(
        spent, np.maximum(revenue - profit, 0.0), expenses
    )
    draft.values["operating_profit"] = revenue - draft.values["operating_expenses"]
    return filled["customer_crypto"]


def _custody(
    draft: _Draft, at_statement: FloatArray, scenario: Scenario, rng: np.random.Generator
) -> None:
    """Customers' and owed crypto at the base month, with one error of the roll to it."""
    factor, sd = (draft.ground.numbers[f"roll_{part}"] for part in ("factor", "sd"))
    error = mean_one(rng, draft.draws, sd, scenario.common_ignorance)
    how = _IMPUTED + "; share of liabilities at the statement date, times the industry's crypto"
    draft.fill("customer_crypto", at_statement * factor, how, "imputed")
    draft.fill("crypto_owed", np.zeros(len(factor)), _NOT_OWED, "imputed")
    for name in ("customer_crypto", "crypto_owed"):
        draft.values[name] = draft.values[name] * error


def _customer_fiat(draft: _Draft, at_statement: FloatArray, rng: np.random.Generator) -> None:
    """Customers' yen where not printed."""
    room = draft.values["total_assets"] - at_statement
    unit = uniform(rng, *at_statement.shape)
    drawn = fiat.draw(unit, draft.ground.fiat_ratios, draft.values["customer_crypto"], room)
    draft.fill("customer_fiat", drawn, fiat.METHOD, "imputed")


def _liquid(
    draft: _Draft, at_statement: FloatArray, scenario: Scenario, rng: np.random.Generator
) -> None:
    """Own liquid assets between their bounds at the statement date."""
    printed = draft.ground.numbers
    fiat_then, own_cash = printed["statement_customer_fiat_jpy_mn"], printed["own_cash_jpy_mn"]
    low, high = liquid.bounds(
        draft.values["total_assets"],
        at_statement,
        np.where(np.isnan(fiat_then), draft.values["customer_fiat"], fiat_then),
        draft.values["net_assets"],
        printed["statement_crypto_owed_jpy_mn"],
        own_cash,
    )
    if scenario.liquid_within_net_assets:
        high = np.maximum(low, np.minimum(high, draft.values["net_assets"]))
    unit = uniform(rng, draft.draws, at_statement.shape[1], scenario.common_ignorance)
    drawn = low + (high - low) * unit
    how = np.where(np.isnan(own_cash), liquid.METHOD, liquid.METHOD_CASH).astype(object)
    draft.fill("liquid_assets", drawn, how, "imputed")


def _hot_share(
    draft: _Draft, at_statement: FloatArray, scenario: Scenario, rng: np.random.Generator
) -> None:
    """Share of customer crypto in hot wallets: unknown below its ceilings."""
    low, high = scenario.hot_share_low, scenario.hot_share_high
    how = f"uniform from {low:g} to {high:g}, exchange by exchange"
    ceiling = np.full(at_statement.shape, high)
    if scenario.hot_share_within_net_assets:
        ceiling = np.clip(hot_share_ceiling(draft.values["net_assets"], at_statement), low, high)
        how += "; not above net assets over customer crypto at the statement date"
    unit = uniform(rng, draft.draws, at_statement.shape[1], scenario.common_ignorance)
    drawn = low + (ceiling - low) * unit
    draft.fill("hot_share", drawn, how, "imputed")


def hot_share_ceiling(net_assets: FloatArray, customer_crypto: FloatArray) -> FloatArray:
    """Largest hot share that net assets allow; infinite without customer crypto.

    Own crypto must match customers' crypto in hot wallets, and a member of the self-regulator
    must keep net assets of at least that value (financial rule art. 3, as explained by Verybest
    law office in People Monthly). Borrowed crypto does not help here: this is about solvency.
    """
    some = customer_crypto > 0
    share = np.maximum(net_assets, 0.0) / np.where(some, customer_crypto, 1.0)
    return np.where(some, share, np.inf)


def _volumes(draft: _Draft, scenario: Scenario) -> None:
    """Spot and margin volume of three years, and the share of spot on order books."""
    names = [
        name for name in FIELDS if name.split("_")[0] in ("spot", "margin") and "volume" in name
    ]
    printed = {name: draft.printed(name) for name in names}
    custody = draft.values["customer_crypto"]
    check_coverage(custody, printed, draft.ground.crypto_now, scenario.base_month)
    revenue = draft.values["operating_revenue"]
    drawn, how, status = annual_volumes(draft.ground, revenue, custody, printed, scenario)
    for name in (*names, "order_book_share"):
        draft.fill(name, drawn[name], how[name], status)


def _record(draft: _Draft) -> None:
    """Years on the register and losses of exchanges that the register does not know."""
    years = draft.printed("years_registered")
    middle = float(np.nanmedian(years)) if (~np.isnan(years)).any() else 0.0
    nobody = np.zeros(len(years))
    how = "median of the exchanges whose registration is known"
    draft.fill("years_registered", nobody + middle, how, "imputed")
    for name in ("incident_count", "incident_loss"):
        draft.fill(name, nobody, "no record for this exchange: taken as none", "imputed")

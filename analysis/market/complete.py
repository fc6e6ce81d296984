"""Fill the blanks of a panel by draws, and apply the stresses: from table to `Panel`.

Each step has its own stream of random numbers, so that changing one parameter leaves the draws
of the others as they were, and two formulas or two stresses meet the same data sets.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from analysis.data import read
from analysis.market import fiat, liquid
from analysis.market.annual_volume import annual_volumes
from analysis.market.assemble import industry_crypto
from analysis.market.coverage import check_coverage
from analysis.market.impute import impute
from analysis.market.industry import industry_table
from analysis.market.panel import FIELDS, FloatArray, Panel
from analysis.market.sampling import mean_one, uniform
from analysis.market.shock import shock
from analysis.scenario import Scenario

STEPS = ("imputation", "roll", "fiat", "liquid", "hot_share", "volume")
CROSS_SECTION = (
    "total_assets",
    "net_assets",
    "operating_expenses",
    "operating_revenue",
    "net_income",
)
_IMPUTED = "chained equations with predictive mean matching on the other exchanges"
_NOT_OWED = "nothing printed as borrowed, no own crypto known above net assets: taken as none"


@dataclass
class _Draft:
    """A panel while its fields are filled one after the other."""

    table: pd.DataFrame
    draws: int
    values: dict[str, FloatArray] = field(default_factory=dict)
    status: dict[str, pd.Series] = field(default_factory=dict)
    method: dict[str, pd.Series] = field(default_factory=dict)

    def printed(self, name: str) -> FloatArray:
        """Cells of the table, blank as NaN, shape (exchange,)."""
        return self.table[FIELDS[name].column].to_numpy(float)

    def fill(
        self, name: str, drawn: FloatArray, how: str | pd.Series, status: str | pd.Series
    ) -> None:
        """Keep printed cells, take `drawn` for blank ones with its method and status."""
        column, printed = FIELDS[name].column, self.printed(name)
        blank = np.isnan(printed)
        shape = (self.draws, len(printed))
        self.values[name] = np.array(np.broadcast_to(np.where(blank, drawn, printed), shape))
        self.status[name] = self.table[f"{column}_status"].mask(blank, status)
        self.method[name] = self.table[f"{column}_method"].mask(blank, how)


def complete(table: pd.DataFrame, scenario: Scenario, excluded: pd.DataFrame) -> Panel:
    """Draw completed data sets.

    Parameters
    ----------
    table : DataFrame
        Output of `assemble`, or a user's panel prepared in the same shape.
    scenario : Scenario
        Draws, seed, ranges of what nobody publishes, and stresses.
    excluded : DataFrame
        Exchanges left out, with their reasons; carried along.

    Raises
    ------
    InputError
        A blank that cannot be filled, or a base month outside the data.
    """
    seeds = np.random.SeedSequence(scenario.seed).spawn(len(STEPS))
    rng = {step: np.random.default_rng(seed) for step, seed in zip(STEPS, seeds, strict=True)}
    draft = _Draft(_with_arithmetic(table), scenario.draws)
    at_statement = _statements(draft, rng["imputation"])
    _custody(draft, at_statement, scenario, rng["roll"])
    _customer_fiat(draft, at_statement, scenario, rng["fiat"])
    _liquid(draft, at_statement, scenario, rng["liquid"])
    _hot_share(draft, at_statement, scenario, rng["hot_share"])
    _volumes(draft, scenario, rng["volume"])
    _record(draft)
    shock(draft.values, scenario)
    for array in draft.values.values():
        array.flags.writeable = False  # one panel serves many callers
    names = list(FIELDS)
    return Panel(
        exchanges=tuple(str(exchange) for exchange in table.index),
        values={name: draft.values[name] for name in names},
        status=pd.DataFrame({name: draft.status[name] for name in names}, dtype="str"),
        method=pd.DataFrame({name: draft.method[name] for name in names}, dtype="str"),
        excluded=excluded,
    )


def _with_arithmetic(table: pd.DataFrame) -> pd.DataFrame:
    """Of revenue, expenses and profit, the one that is blank follows from the other two."""
    out = table.copy()
    columns = [FIELDS[f"operating_{part}"].column for part in ("revenue", "expenses", "profit")]
    revenue, expenses, profit = (out[column].astype(float) for column in columns)
    for column, value, how in zip(
        columns,
        (profit + expenses, revenue - profit, revenue - expenses),
        ("profit plus expenses", "revenue less profit", "revenue less expenses"),
        strict=True,
    ):
        made = out[column].isna() & value.notna()
        out.loc[made, column] = value[made]
        out.loc[made, f"{column}_status"] = "derived"
        out.loc[made, f"{column}_method"] = how
    return out


def cross_section(table: pd.DataFrame) -> pd.DataFrame:
    """What the chained equations see of an assembled table: JPY mn at the statement date."""
    known = table[[FIELDS[name].column for name in CROSS_SECTION]].set_axis(CROSS_SECTION, axis=1)
    custody = table["statement_customer_crypto_jpy_mn"]
    return known.assign(customer_crypto=custody).astype(float)


def _statements(draft: _Draft, rng: np.random.Generator) -> FloatArray:
    """Fill the statement's fields; return customer crypto at the statement date."""
    filled = impute(cross_section(draft.table), draft.draws, rng)
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
    factor, sd = (draft.table[f"roll_{part}"].to_numpy(float) for part in ("factor", "sd"))
    error = mean_one(rng, draft.draws, sd, scenario.common_ignorance)
    how = _IMPUTED + "; share of liabilities at the statement date, times the industry's crypto"
    draft.fill("customer_crypto", at_statement * factor, how, "imputed")
    draft.fill("crypto_owed", np.zeros(len(draft.table)), _NOT_OWED, "imputed")
    for name in ("customer_crypto", "crypto_owed"):
        draft.values[name] = draft.values[name] * error


def _customer_fiat(
    draft: _Draft, at_statement: FloatArray, scenario: Scenario, rng: np.random.Generator
) -> None:
    """Customers' yen where not printed."""
    crypto = industry_crypto(scenario)
    industry = fiat.industry_ratio(industry_table(scenario), crypto, scenario.base_month)
    printed = draft.table[[FIELDS[name].column for name in ("customer_fiat", "customer_crypto")]]
    ratios = fiat.known_ratios(industry, printed.iloc[:, 0], printed.iloc[:, 1])
    room = draft.values["total_assets"] - at_statement
    unit = uniform(rng, *at_statement.shape)
    drawn = fiat.draw(unit, ratios, draft.values["customer_crypto"], room)
    draft.fill("customer_fiat", drawn, fiat.METHOD, "imputed")


def _liquid(
    draft: _Draft, at_statement: FloatArray, scenario: Scenario, rng: np.random.Generator
) -> None:
    """Own liquid assets between their bounds at the statement date."""
    fiat_then = draft.table["statement_customer_fiat_jpy_mn"].to_numpy(float)
    own_cash = draft.table["own_cash_jpy_mn"].to_numpy(float)
    low, high = liquid.bounds(
        draft.values["total_assets"],
        at_statement,
        np.where(np.isnan(fiat_then), draft.values["customer_fiat"], fiat_then),
        draft.values["net_assets"],
        draft.table["statement_crypto_owed_jpy_mn"].to_numpy(float),
        own_cash,
    )
    if scenario.liquid_within_net_assets:
        high = np.maximum(low, np.minimum(high, draft.values["net_assets"]))
    unit = uniform(rng, draft.draws, len(draft.table), scenario.common_ignorance)
    drawn = low + (high - low) * unit
    how = pd.Series(np.where(np.isnan(own_cash), liquid.METHOD, liquid.METHOD_CASH))
    draft.fill("liquid_assets", drawn, how.set_axis(draft.table.index), "imputed")


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
    unit = uniform(rng, draft.draws, len(draft.table), scenario.common_ignorance)
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


def _volumes(draft: _Draft, scenario: Scenario, rng: np.random.Generator) -> None:
    """Spot and margin volume of three years, and the share of spot on order books."""
    names = [
        name for name in FIELDS if name.split("_")[0] in ("spot", "margin") and "volume" in name
    ]
    printed = {name: draft.printed(name) for name in names}
    check_coverage(draft.values["customer_crypto"], printed, scenario)
    drawn, how, status = annual_volumes(
        tuple(draft.table.index),
        draft.values["operating_revenue"],
        draft.values["customer_crypto"],
        printed,
        industry_table(scenario),
        read("market/prices_monthly"),
        scenario,
        rng,
    )
    for name in (*names, "order_book_share"):
        draft.fill(name, drawn[name], how[name], status[name])


def _record(draft: _Draft) -> None:
    """Years on the register and losses of exchanges that the register does not know."""
    years = draft.printed("years_registered")
    middle = float(np.nanmedian(years)) if (~np.isnan(years)).any() else 0.0
    nobody = np.zeros(len(years))
    how = "median of the exchanges whose registration is known"
    draft.fill("years_registered", nobody + middle, how, "imputed")
    for name in ("incident_count", "incident_loss"):
        draft.fill(name, nobody, "no record for this exchange: taken as none", "imputed")

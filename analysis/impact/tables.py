"""The tidy tables of an evaluation, and their form on disk.

Every amount is the mean over the panel's completed data sets, `low` and `high` bound the share
`scenario.interval` of them. A ratio is the ratio of two such means; it is blank where the
denominator is not positive. `imputed_share` says what part of the requirement rests on imputed
cells. Exchanges are summed within each data set before anything is pooled.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from analysis.impact.cost import BASIS_POINTS, discount_factors, ratio
from analysis.impact.funding import BuildUp, charge, net_assets_after
from analysis.impact.liquidity import fundable_probability, shortfall, with_retained_profit
from analysis.impact.package import write_package
from analysis.impact.rows import by_exchange, by_year
from analysis.market.panel import FloatArray
from analysis.market.pool import pool

if TYPE_CHECKING:
    from analysis.impact.evaluate import Impact

SIGNIFICANT_DIGITS = 6
ROUNDED = 12
"""Decimals of a share beyond which only the order of summation shows."""


def reserves(impact: Impact) -> pd.DataFrame:
    """What each formula requires of each exchange."""
    amount = pool(impact.required, impact.scenario.interval)
    return by_exchange(
        impact,
        required_jpy_mn=amount.estimate,
        required_low_jpy_mn=amount.low,
        required_high_jpy_mn=amount.high,
        share_of_custody=ratio(amount.estimate, impact.panel["customer_crypto"].mean(axis=0)),
        share_of_net_assets=ratio(amount.estimate, impact.panel["net_assets"].mean(axis=0)),
        imputed_share=impact.imputed_share,
    )


def compliance_cost(impact: Impact) -> pd.DataFrame:
    """What each formula costs each exchange: a year once complete, and over the horizon."""
    panel, yearly = impact.panel, pool(impact.annual_cost, impact.scenario.interval)
    mean = _mean_over_draws
    return by_exchange(
        impact,
        cash_jpy_mn=mean(impact.steady.cash),
        insured_jpy_mn=mean(impact.steady.insured),
        annual_cost_jpy_mn=yearly.estimate,
        low=yearly.low,
        high=yearly.high,
        share_of_revenue=ratio(yearly.estimate, panel["operating_revenue"].mean(axis=0)),
        share_of_profit=ratio(yearly.estimate, panel["operating_profit"].mean(axis=0)),
        bp_of_volume=BASIS_POINTS * ratio(yearly.estimate, panel["spot_volume"].mean(axis=0)),
        premium_jpy_mn=mean(impact.steady.premium),
        present_value_jpy_mn=mean(impact.present_value),
        equivalent_annual_cost_jpy_mn=mean(impact.equivalent_annual_cost),
        volume_lost_share=mean(impact.response.volume_lost_share),
        borne_by_customers_jpy_mn=mean(impact.response.borne_by_customers),
        borne_by_owners_jpy_mn=mean(impact.response.borne_by_owners),
        imputed_share=impact.imputed_share,
        **_other_duties(impact),
    )


def _other_duties(impact: Impact) -> dict[str, FloatArray]:
    """Columns of the other duties; blank, which is not zero, where they are not costed."""
    duties, shape = impact.other_duties, (len(impact.panel.exchanges),)
    blank = np.full(shape, np.nan)
    return {
        "other_duties_capital_jpy_mn": blank if duties is None else duties.capital.mean(axis=0),
        "other_duties_annual_cost_jpy_mn": (
            blank if duties is None else duties.annual_cost.mean(axis=0)
        ),
        "other_duties_present_value_jpy_mn": (
            blank if duties is None else duties.present_value.mean(axis=0)
        ),
    }


def liquidity(impact: Impact) -> pd.DataFrame:
    """What each formula locks up, and whether the exchange can fund it.

    The test is against today's free assets; profit of the coming years is in `liquidity_path`.
    `fundable` is true where at least half of the data sets show no shortfall;
    `net_assets_after_jpy_mn` is net of the reserve where it is a provision.
    """
    panel = impact.panel
    locked = _mean_over_draws(impact.steady.cash)
    short = pool(impact.shortfall, impact.scenario.interval)
    probability = fundable_probability(impact.shortfall)
    after = net_assets_after(panel["net_assets"], impact.steady.cash, impact.scenario.treatment)
    return by_exchange(
        impact,
        locked_jpy_mn=locked,
        share_of_liquid_assets=ratio(locked, panel["liquid_assets"].mean(axis=0)),
        share_of_net_assets=ratio(locked, panel["net_assets"].mean(axis=0)),
        shortfall_jpy_mn=short.estimate,
        shortfall_low_jpy_mn=short.low,
        shortfall_high_jpy_mn=short.high,
        fundable=probability >= 0.5,
        fundable_probability=probability,
        free_liquid_assets_jpy_mn=impact.free.mean(axis=0),
        unfunded_jpy_mn=_mean_over_draws(impact.steady.unfunded),
        net_assets_after_jpy_mn=_mean_over_draws(after),
        negative_net_assets_probability=(after < 0).mean(axis=-2),
        imputed_share=impact.imputed_share,
    )


def cost_path(impact: Impact) -> pd.DataFrame:
    """Cost of the industry in each year of the horizon, and the present value up to that year."""
    yearly = np.stack([path.sum(axis=-1) for path in impact.cost_paths])
    amount = pool(yearly, impact.scenario.interval, axis=-1)
    factors = discount_factors(impact.scenario.discount_rate, yearly.shape[1])
    return by_year(
        impact,
        annual_cost_jpy_mn=amount.estimate,
        low=amount.low,
        high=amount.high,
        present_value_jpy_mn=np.cumsum(factors * amount.estimate, axis=-1),
    )


def liquidity_path(impact: Impact) -> pd.DataFrame:
    """Build-up of the reserve in the industry, and who is short, with and without retained profit.

    The columns `with_profit` add the net income of the years so far to free liquid assets (held
    constant, losses too, nothing paid out). An exchange `without_free_assets` has none before any
    reserve, so it is short under every formula and because of none.
    """
    rows = [_liquidity_of(impact, grown) for grown in impact.build_ups]
    return by_year(impact, **{name: np.stack([row[name] for row in rows]) for name in rows[0]})


def _liquidity_of(impact: Impact, grown: BuildUp) -> dict[str, FloatArray]:
    """Industry totals of one formula by year, means over draws."""
    panel, treatment, mix = impact.panel, impact.scenario.treatment, grown.mix
    free_later = with_retained_profit(impact.free, panel["net_income"], len(grown.balance))
    short, later = shortfall(mix, impact.free), shortfall(mix, free_later)
    after = net_assets_after(panel["net_assets"], mix.cash, treatment)
    columns = {
        "balance_jpy_mn": grown.balance,
        "cash_jpy_mn": mix.cash,
        "insured_jpy_mn": mix.insured,
        "unfunded_jpy_mn": mix.unfunded,
        "charge_on_profit_jpy_mn": charge(mix.cash, treatment),
        "net_assets_after_jpy_mn": after,
        "exchanges_negative_net_assets": after < 0,
        "shortfall_jpy_mn": short,
        "exchanges_short": short > 0,
        "shortfall_with_profit_jpy_mn": later,
        "exchanges_short_with_profit": later > 0,
        "exchanges_without_free_assets": np.broadcast_to(impact.free <= 0, short.shape),
        "exchanges_without_free_assets_with_profit": free_later <= 0,
    }
    return {name: array.sum(axis=-1).mean(axis=-1) for name, array in columns.items()}


def imputed_share(impact: Impact, observed: FloatArray) -> FloatArray:
    """Share of each requirement that rests on imputed cells, (formula, exchange), in [0, 1].

    One less what the formula requires when every imputed cell is set to zero (`observed`, shape
    (formula, draw, exchange)), over what it requires; both summed over data sets. A floor that
    binds anyway rests on no imputed cell. NaN where nothing is required.
    """
    kept = ratio(observed.sum(axis=-2), impact.required.sum(axis=-2))
    return np.asarray(np.clip(1 - kept, 0.0, 1.0).round(ROUNDED))


def write_tables(impact: Impact, folder: Path) -> tuple[Path, ...]:
    """Write every table as `<name>.csv` into `folder`, and what their columns say.

    Six significant digits in plain notation, UTF-8, LF line ends, blank for not available; the
    same evaluation gives the same bytes. `datapackage.json` describes every column.
    """
    folder.mkdir(parents=True, exist_ok=True)
    tables = impact.tables
    written = [write_table(table, folder / f"{name}.csv") for name, table in tables.items()]
    return (*written, write_package(tables, impact.scenario.interval, folder))


def write_table(table: pd.DataFrame, path: Path) -> Path:
    """Write one table as `write_tables` does, and return its path."""
    plain = table.apply(lambda column: column.map(_plain, na_action="ignore"))
    path.write_bytes(plain.to_csv(index=False, lineterminator="\n").encode("utf-8"))
    return path


def _plain(value: Any) -> Any:
    """A float with six significant digits and no exponent; anything else as it is."""
    if not isinstance(value, float):
        return value
    text = np.format_float_positional(
        value, precision=SIGNIFICANT_DIGITS, fractional=False, trim="-"
    )
    return "0" if text in {"-0", "0"} else text


def _mean_over_draws(array: FloatArray) -> FloatArray:
    return np.asarray(array.mean(axis=-2))

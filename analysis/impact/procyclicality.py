"""Does a formula demand most when exchanges have least? Measured on the industry's own months.

The industry, or the average exchange in it, is taken through real months: each formula is asked
what it would have required at every month end, as if a fiscal year ended there, and the answer
is set against the revenue of those twelve months.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from typing import Any

import numpy as np
import pandas as pd

from analysis.errors import InputError
from analysis.impact.cost import ratio
from analysis.losses.model import loss_model
from analysis.market.panel import FloatArray
from analysis.rules.exposure import Exposure
from analysis.rules.formula import Formula
from analysis.scenario import Scenario

COLUMNS = (
    "spot_volume",
    "margin_volume",
    "customer_crypto",
    "operating_revenue",
    "operating_expenses",
)
YEAR = 12
HISTORY = 3 * YEAR
"""Months of flows behind one requirement: formulas may look at this year and two before."""


def procyclicality(
    series: pd.DataFrame, formulas: Sequence[Formula], scenario: Scenario, exchanges: int = 1
) -> pd.DataFrame:
    """How the requirement of each formula moves with the industry's business.

    Parameters
    ----------
    series : DataFrame
        One row per month without gaps (index: dates, periods or "YYYY-MM"), JPY mn. Flows of the
        month: spot_volume, margin_volume, operating_revenue, operating_expenses. Month-end stock:
        customer_crypto.
    scenario : for the readings of the law; hot and order-book shares are the middle of ranges.
    exchanges : number of equal exchanges into which the industry is divided. At 1 it is one firm;
        floors and thresholds bind on smaller ones.

    Returns
    -------
    DataFrame, one row per formula:
        `level_correlation`: of the requirement and the month's spot volume;
        `growth_correlation`: of their changes over twelve months, in logs;
        `requirement_to_revenue_peak`, `_trough`: requirement over the revenue of the last twelve
        months, in the month when that revenue was highest and lowest;
        `trough_to_peak`: the second over the first; above 1 the rule weighs more in a slump;
        `rising_while_revenue_falls`: share of months in which the requirement rises and the
        twelve-month revenue falls; `months`: months measured.
        Correlations are blank where a requirement never moves.

    Raises
    ------
    InputError
        Missing column, gap, blank, or fewer than 49 months.
    """
    monthly = _checked(series) / exchanges
    firm = representative_exposure(monthly, scenario)
    revenue, volume = firm.operating_revenue, monthly["spot_volume"].to_numpy()[HISTORY - 1 :]
    rows = [
        {"formula": formula.id, **_measures(_required(formula, firm, exchanges), revenue, volume)}
        for formula in formulas
    ]
    return pd.DataFrame(rows)


def _measures(amount: FloatArray, revenue: FloatArray, volume: FloatArray) -> dict[str, float]:
    """Measures of one formula; all arrays are (month,)."""
    amount = np.broadcast_to(amount, revenue.shape)
    weight, peak, trough = ratio(amount, revenue), revenue.argmax(), revenue.argmin()
    adverse = (np.diff(amount) > 0) & (np.diff(revenue) < 0)
    return {
        "level_correlation": _correlation(amount, volume),
        "growth_correlation": _correlation(_growth(amount), _growth(volume)),
        "requirement_to_revenue_peak": weight[peak],
        "requirement_to_revenue_trough": weight[trough],
        "trough_to_peak": float(ratio(weight[trough], weight[peak])),
        "rising_while_revenue_falls": float(adverse.mean()),
        "months": len(revenue),
    }


def requirement_series(
    series: pd.DataFrame, formulas: Sequence[Formula], scenario: Scenario, exchanges: int = 1
) -> pd.DataFrame:
    """Requirement at each month end, JPY mn of the whole industry; index month, column formula.

    Parameters and errors as in `procyclicality`; with `exchanges` above 1 the requirement of the
    average exchange is multiplied back.
    """
    monthly = _checked(series)
    firm = representative_exposure(monthly / exchanges, scenario)
    months = monthly.index[HISTORY - 1 :]
    return pd.DataFrame(
        {
            formula.id: np.broadcast_to(_required(formula, firm, exchanges), len(months))
            * exchanges
            for formula in formulas
        },
        index=months,
    )


def _required(formula: Formula, firm: Exposure, exchanges: int) -> FloatArray:
    """Requirement of one firm by month; a pooled one is shared by `exchanges` equal firms."""
    if not formula.pooled:
        return formula.required(firm)
    alike: dict[str, Any] = {
        field.name: np.repeat(getattr(firm, field.name)[..., np.newaxis], exchanges, axis=-1)
        for field in fields(firm)
        if field.name != "loss_model"
    }
    return formula.required(replace(firm, **alike))[..., 0]


def representative_exposure(monthly: pd.DataFrame, scenario: Scenario) -> Exposure:
    """Exposure of one firm month after month: the month stands on the exchange axis.

    Flows are sums of twelve months; the two earlier years of trading value are those sums twelve
    and twenty-four months before. The firm has no incident, no customer yen and no net assets of
    its own: formulas on those see zero. Its years registered count the months of the series. The
    loss model has its mean parameters.
    """
    hot = (scenario.hot_share_low + scenario.hot_share_high) / 2
    custody = monthly["customer_crypto"].to_numpy()[HISTORY - 1 :]
    counted = 0.0 if scenario.custody_reading == "net_of_matched" else hot
    flows = {name: _trailing(monthly[name]) for name in COLUMNS if name != "customer_crypto"}
    value = _trading_value(flows, scenario)
    zero = np.zeros_like(custody)
    return Exposure(
        custody_hot=counted * custody,
        custody_cold=(1 - hot) * custody,
        customer_fiat=zero,
        trading_value=np.stack([_lagged(value, lag) for lag in (0, YEAR, 2 * YEAR)]),
        margin_volume=_lagged(flows["margin_volume"], 0),
        operating_revenue=_lagged(flows["operating_revenue"], 0),
        operating_expenses=_lagged(flows["operating_expenses"], 0),
        net_assets=zero,
        years_registered=np.arange(HISTORY, HISTORY + len(custody)) / YEAR,
        incident_count=zero,
        incident_loss=zero,
        loss_model=loss_model(scenario, scenario.draws).central(),
    )


def _trading_value(flows: dict[str, FloatArray], scenario: Scenario) -> FloatArray:
    match scenario.trading_value_reading:
        case "order_book":
            share = (scenario.order_book_share_low + scenario.order_book_share_high) / 2
            return share * flows["spot_volume"]
        case "spot":
            return flows["spot_volume"]
        case _:
            return flows["spot_volume"] + flows["margin_volume"]


def _trailing(flow: pd.Series) -> FloatArray:
    """Sum of the last twelve months, from the first month that has twelve."""
    return np.convolve(flow.to_numpy(dtype=float), np.ones(YEAR), mode="valid")


def _lagged(trailing: FloatArray, lag: int) -> FloatArray:
    """Twelve-month sums `lag` months before, aligned on the months that have a full history."""
    first = 2 * YEAR - lag
    return trailing[first : len(trailing) - lag]


def _growth(level: FloatArray) -> FloatArray:
    """Log change over twelve months; NaN where either end is not positive."""
    ratios = ratio(np.maximum(level[YEAR:], 0.0), level[:-YEAR])
    return np.log(np.where(ratios > 0, ratios, np.nan))


def _correlation(left: FloatArray, right: FloatArray) -> float:
    both = np.isfinite(left) & np.isfinite(right)
    left, right = left[both], right[both]
    # A requirement that rests on a floor moves by rounding alone: no correlation to speak of.
    still = [np.ptp(x) <= 1e-12 * np.abs(x).max(initial=0.0) for x in (left, right)]
    if len(left) < YEAR or any(still):
        return float("nan")
    return float(np.corrcoef(left, right)[0, 1])


def _checked(series: pd.DataFrame) -> pd.DataFrame:
    missing = [name for name in COLUMNS if name not in series.columns]
    if missing:
        raise InputError(
            f"series has no column '{missing[0]}'; it needs {', '.join(COLUMNS)} in JPY mn"
        )
    monthly = series[list(COLUMNS)].astype(float)
    monthly.index = pd.PeriodIndex(pd.Index(series.index).astype(str).str[:7], freq="M")
    whole = pd.period_range(monthly.index.min(), monthly.index.max(), freq="M")
    if len(monthly) < HISTORY + YEAR + 1:
        raise InputError(
            f"series has {len(monthly)} months; at least {HISTORY + YEAR + 1} are needed: three "
            "years behind each requirement and a year of changes"
        )
    if not monthly.index.equals(whole):
        raise InputError(
            f"series skips or repeats a month between {whole[0]} and {whole[-1]}; give each once"
        )
    blank = monthly.isna().any(axis=1)
    if blank.any():
        raise InputError(f"series is blank in {blank.idxmax()}; fill it or start after it")
    return monthly

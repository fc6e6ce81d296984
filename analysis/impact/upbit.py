"""The one case where such a duty met a loss: Korea's rule at Upbit, November 2025.

What tests the formula is the amount from an estimate of hot custody that knows nothing of the
reserve: Korea's total of customer crypto, times Upbit's share of users (low) or of volume
(high), times its printed share in hot wallets. What is circular is the way back: the hot
custody that the booked reserve implies gives that reserve again, whatever the truth. The
estimate is of June and October 2025, the reserve of August 2024, and the decree values coins
at a one-year average, so that agreement within the bounds is all that can be asked.

The reserve was not used: the operator paid out of other own assets.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis import data
from analysis.errors import InputError
from analysis.impact.replay import replay
from analysis.rules import candidates
from analysis.rules.formula import Formula
from analysis.rules.selection import NO_CAP
from analysis.scenario import Scenario

INCIDENT, RULE = "upbit_2025_11", "custody_share_korea"
_MEASURES = ("loss", "customer_loss", "reserve_held")
_BILLION = 1e3


def upbit_check(scenario: Scenario) -> pd.DataFrame:
    """Korea's formula on Upbit's custody against the reserve that Upbit held, and the loss.

    Returns
    -------
    DataFrame
        quantity, value, low, high, unit, basis; amounts in KRW bn.

    Raises
    ------
    InputError
        Korea's rule has no rate on hot custody at the scenario's `law_date`.
    """
    rows = data.read("losses/replay")
    rows = rows[rows["incident"] == INCIDENT].set_index("measure")
    won = float(rows.loc[["loss"], "jpy_per_unit"].iloc[0]) * _BILLION
    rule = _rule(scenario)
    held = replay([rule], scenario, [INCIDENT]).iloc[0]
    asked = [float("nan"), *(held[f"held_{end}_jpy_mn"] / won for end in ("low", "high"))]
    loss, customers, reserve = (_printed(rows, name) for name in _MEASURES)
    rate, first = _rate(rule, scenario.law_date), loss[2]
    separate = "computed from a separate estimate"
    krw = {
        "loss": (loss, "observed; high: first estimate"),
        "loss of customers": (customers, "observed"),
        "reserve booked": (reserve, "observed; high: April 2025"),
        "amount by the formula": (asked, separate),
        "hot custody by that estimate": ([x / rate for x in asked], "derived"),
        "hot custody implied by the reserve": ([x / rate for x in reserve], "circular"),
        "paid out of the reserve": ([0.0] * 3, "observed: other own assets paid"),
    }
    part = {
        "loss covered by the reserve": (_covered(reserve, loss[0]), "computed"),
        "first estimate covered by the reserve": (_covered(reserve, first), "computed"),
        "loss covered by the formula": (_covered(asked, loss[0]), separate),
    }
    lines = [(name, *amounts, "KRW bn", basis) for name, (amounts, basis) in krw.items()]
    lines += [(f"part of the {n}", *shares, "share", basis) for n, (shares, basis) in part.items()]
    return pd.DataFrame(lines, columns=["quantity", "value", "low", "high", "unit", "basis"])


def _printed(rows: pd.DataFrame, measure: str) -> list[float]:
    """Central figure and bounds in KRW bn; a blank bound is the figure."""
    amounts = rows.loc[measure, ["value", "low", "high"]].to_numpy(dtype=float) / _BILLION
    return [float(x) for x in np.where(np.isnan(amounts), amounts[0], amounts)]


def _covered(held: Sequence[float], loss: float) -> list[float]:
    return [float(np.minimum(1.0, amount / loss)) for amount in held]


def _rule(scenario: Scenario) -> Formula:
    """Korea's rule as it stands, without the levers of the scenario."""
    plain = scenario.with_(formula=RULE, rate_multiplier=1.0, floor_jpy_mn=0.0, cap_jpy_mn=NO_CAP)
    return candidates(plain)[0]


def _rate(rule: Formula, day: str) -> float:
    """Share of hot custody that the rule asks for."""
    rate = getattr(rule, "hot_rate", None)
    if rate is None:
        raise InputError(f"{RULE} has no hot_rate on {day}; set law_date to 2024-07-19 or later")
    return float(rate)

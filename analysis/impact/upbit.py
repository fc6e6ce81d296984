"""The one case where such a duty met a loss: Korea's rule at Upbit, November 2025."""

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
_BILLION = 1e3


def upbit_check(scenario: Scenario) -> pd.DataFrame:
    """Korea's formula on Upbit's custody against the reserve that Upbit held, and the loss.

    What tests the formula is the amount from an estimate of hot custody that knows nothing of the
    reserve: Korea's total of customer crypto, times Upbit's share of users (low) or of volume
    (high), times its printed share in hot wallets. What is circular is the way back: the hot
    custody that the booked reserve implies gives that reserve again, whatever the truth. The
    estimate is of June and October 2025, the reserve of August 2024, and the decree values coins
    at a one-year average, so that agreement within the bounds is all that can be asked.

    The reserve was not used: the operator paid out of other own assets.

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
    asked = held["held_low_jpy_mn"] / won, held["held_high_jpy_mn"] / won

    def printed(measure: str) -> list[float]:
        amounts = rows.loc[measure, ["value", "low", "high"]].to_numpy(dtype=float) / _BILLION
        return [float(x) for x in np.where(np.isnan(amounts), amounts[0], amounts)]

    loss, reserve, customers = printed("loss"), printed("reserve_held"), printed("customer_loss")
    rate = _rate(rule, scenario.law_date)
    blank = float("nan")
    lines = [
        ("loss", *loss, "KRW bn", "observed; high: first estimate"),
        ("loss of customers", *customers, "KRW bn", "observed"),
        ("reserve booked", *reserve, "KRW bn", "observed; high: April 2025"),
        ("amount by the formula", blank, *asked, "KRW bn", "computed from a separate estimate"),
        ("hot custody by that estimate", blank, *(x / rate for x in asked), "KRW bn", "derived"),
        ("hot custody implied by the reserve", *(x / rate for x in reserve), "KRW bn", "circular"),
        (
            "part of the loss covered by the reserve",
            *_covered(reserve, loss[0]),
            "share",
            "computed",
        ),
        (
            "part of the first estimate covered by the reserve",
            *_covered(reserve, loss[2]),
            "share",
            "computed",
        ),
        (
            "part of the loss covered by the formula",
            blank,
            *_covered(asked, loss[0]),
            "share",
            "computed from a separate estimate",
        ),
        ("paid out of the reserve", 0.0, 0.0, 0.0, "KRW bn", "observed: other own assets paid"),
    ]
    return pd.DataFrame(lines, columns=["quantity", "value", "low", "high", "unit", "basis"])


def _covered(held: Sequence[float], loss: float) -> list[float]:
    return [min(1.0, amount / loss) for amount in held]


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

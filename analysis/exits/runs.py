"""What an exchange that survives a loss still loses: customers who leave until they are paid.

Part of the business goes at once, stays away until customers are paid and comes back in equal steps
after that. How many go: Bybit (February 2025, paid at once) lost 36 % of assets in two days, 27 %
without the theft itself, and 7 of 11 points of market share, most of which was back by April; HTX
(2023, paid) 1 to 9 %. FTX Japan's customers took 36 % in two days when they could, though every
coin had been kept apart. Bithumb (February 2026) lost at most 5 of 30 points, and a week without
fees moved more. So paying shortens a run and does not prevent it.

Coincheck (January 2018) is no case of it: services were stopped for weeks and revenue fell by 94 %
in a quarter. Where services stop, the share lost is far above what is used here.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.data import read
from analysis.market.panel import FloatArray

Number = float | FloatArray
DAYS = 365.0


def years_of_business_lost(
    days_to_payment: Number, run_share: Number, return_days: Number
) -> Number:
    """Years of an exchange's business that a run costs it.

    The share is away for the days to payment and, as it comes back evenly, half of the days after.

    Parameters
    ----------
    days_to_payment, return_days : days.
    run_share : part of the business that goes at once.
    """
    return run_share * (days_to_payment + return_days / 2) / DAYS


def run_cost(
    margin: FloatArray,
    loss_probability: FloatArray,
    paid_at_once: FloatArray,
    days: tuple[float, float],
    run_share: float,
    return_days: float,
) -> FloatArray:
    """Expected margin that runs cost in a year, JPY mn, shape (..., exchange).

    An upper bound for exchanges that fail with the loss: they have no business to lose after it.

    Parameters
    ----------
    margin : revenue less what moves with it, JPY mn a year; counted where positive.
    loss_probability : chance of a loss in a year.
    paid_at_once : chance that the reserve pays it in full.
    days : to payment by own means, and out of the reserve.
    run_share, return_days : as in `years_of_business_lost`.
    """
    slow, fast = (years_of_business_lost(each, run_share, return_days) for each in days)
    lost = loss_probability * (paid_at_once * fast + (1 - paid_at_once) * slow)
    return np.asarray(np.maximum(margin, 0.0) * lost)


def run_record() -> pd.DataFrame:
    """Shares of customers' assets withdrawn after a loss, a failure or a doubt, by event.

    Five cases from 0.013 (HTX, September 2023) to 0.36 (FTX Japan, after 103 closed days): too few
    for more than a range.
    """
    table = read("market/demand_response")
    columns = ["event", "measure", "share_withdrawn", "over_days", "days_closed"]
    return table.loc[table["share_withdrawn"].notna(), columns].reset_index(drop=True)

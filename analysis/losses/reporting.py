"""How many losses the list may miss: its counts against those of other collectors."""

from __future__ import annotations

import pandas as pd

from analysis import data
from analysis.losses.incidents import OWN_MONEY, in_window, incidents

DOUBTFUL_WIDER = ("crystal",)
"""Counts wallets and other firms beside exchanges."""


def reporting_ratios() -> pd.DataFrame:
    """Thefts at exchanges in this list over those of another collector, per collector and period.

    Collectors count thefts of the firm's own money too, so these are counted here as well, and
    Japan is in. A ratio above 1 means that the list holds more; the smallest and the largest are
    bounds on the share of incidents contained, as far as any collector knows them all.

    Returns
    -------
    DataFrame
        collector, period_low, period_high, theirs, ours, ratio, wider (whether the collector
        counts more than exchanges).
    """
    counts = data.read("losses/exposures")
    counts = counts[counts["measure"] == "incidents"].reset_index(drop=True)
    listed = incidents()
    thefts = listed[
        (listed["loss_class"] == "hack") & (listed["included"] | (listed["reason"] == OWN_MONEY))
    ]
    ours = [
        len(in_window(thefts, first, last))
        for first, last in zip(counts["period_low"], counts["period_high"], strict=True)
    ]
    table = counts[["collector", "period_low", "period_high"]].assign(
        theirs=counts["value"], ours=ours
    )
    return table.assign(
        ratio=table["ours"] / table["theirs"], wider=table["collector"].isin(DOUBTFUL_WIDER)
    )

"""How many exchanges outlived a rule elsewhere, on their number and on the market they held.

A rule on financial resources (a reserve, insurance, capital) says something of what a liability
reserve does. A licence asked of firms that had none, or had no business, does not: it removes firms
of any strength, among them many without customers, and is shown beside for that reason.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis import data
from analysis.exits.exact import clopper_pearson

COLUMNS = [
    "jurisdiction",
    "rule",
    "date",
    "window_months",
    "population",
    "measure",
    "before",
    "after",
    "same_population",
    "survived",
    "low",
    "high",
]


def experiments(level: float = 0.9) -> pd.DataFrame:
    """Every comparison with the share that survived.

    Returns
    -------
    DataFrame
        Columns of `market/exit_experiments`; survived (share); low, high (Clopper and Pearson, on
        counts only: a part of the market is no sample of firms); index experiment. Where
        `same_population` is false, entries and changed coverage are in the share. No yearly rate
        is formed: a rule strikes once, and windows are as long as somebody waited.
    """
    table = data.read("market/exit_experiments").set_index("experiment")
    share = table["after"] / table["before"]
    low, high = clopper_pearson(table["after"], table["before"], level)
    counted = (table["measure"] == "count").to_numpy()
    return table.assign(
        survived=share,
        low=np.where(counted, low, np.nan),
        high=np.where(counted, high, np.nan),
    )


def financial_resource_rules(level: float = 0.9) -> pd.DataFrame:
    """Rules that ask for money or insurance and no new licence: the test of a reserve's effect.

    Only Korea's Act of 2024 qualifies. Its leavers were markets without won of which most had
    negative net assets and half no fees before it, so it tells apart weak from strong by size
    rather than by the burden of the reserve.
    """
    table = experiments(level)
    chosen = (table["concerns_resources"] == "yes") & ~table["licensing_purge"]
    return table.loc[chosen, COLUMNS]


def licensing_purges(level: float = 0.9) -> pd.DataFrame:
    """Licences asked of firms without one: not evidence on a reserve, whatever the share.

    `concerns_resources` tells where capital was one condition of several.
    """
    table = experiments(level)
    return table.loc[table["licensing_purge"], [*COLUMNS, "concerns_resources"]]

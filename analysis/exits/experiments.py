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


def experiments(level: float = 0.9) -> pd.DataFrame:
    """Every comparison with the share that survived.

    Returns
    -------
    DataFrame
        Columns of `market/exit_experiments`; resource_rule (asks for money or insurance and for no
        new licence: the test of a reserve's effect, which only Korea's Act of 2024 is; its leavers
        were markets without won, most with negative net assets and half without fees before it);
        survived (share); low, high (Clopper and Pearson, on
        counts only: a part of the market is no sample of firms); index experiment. Where
        `same_population` is false, entries and changed coverage are in the share. No yearly rate
        is formed: a rule strikes once, and windows are as long as somebody waited.
    """
    table = data.read("market/exit_experiments").set_index("experiment")
    share = table["after"] / table["before"]
    low, high = clopper_pearson(table["after"], table["before"], level)
    counted = (table["measure"] == "count").to_numpy()
    return table.assign(
        resource_rule=(table["concerns_resources"] == "yes") & ~table["licensing_purge"],
        survived=share,
        low=np.where(counted, low, np.nan),
        high=np.where(counted, high, np.nan),
    )

"""Past losses as shares of customer assets: which rows count, and between which bounds each lies.

Every row is an interval. Where sources differ it spans them, where only a bound is known it
reaches to 0, and a total loss is anything above 0.99. A row with one figure and no other is taken
at that figure.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.data import read
from analysis.errors import InputError
from analysis.scenario.severity import Sample

TOTAL = 0.99
"""Share from which a loss counts as total: what little is left is not measured."""

FIRST_DAY = pd.Timestamp("2014-01-01")
"""Day from which shares were collected. Of the losses before it one share is known (Bitomat 2011,
everything, without a thief): in the fit it would stand for all those of which none is.
"""
_START = {"since_2020": pd.Timestamp("2020-01-01"), "from_2011": pd.Timestamp("2011-01-01")}


def loss_shares(sample: Sample = "all") -> pd.DataFrame:
    """Rows that a severity fit uses, by date.

    Rows with a share of zero are no loss of customers and stay out, as do rows of incidents that
    are not custody losses of an exchange. `firm` drops the rows whose base is one coin, is after
    the theft, or is the firm's own money; rows with bounds only stay. `from_2011` takes the earlier
    share in, which the others leave out.

    Returns
    -------
    DataFrame
        Columns incident, date, low, high (shares in [0, 1]; equal where one figure is known),
        operational (no thief), reach (hot, beyond or unknown), firmness.
    """
    table = read("losses/severity_shares").merge(
        read("losses/incidents")[["incident", "date_low", "loss_class", "wallet_reach", "scope"]],
        on="incident",
        validate="one_to_one",
    )
    kept = (table["scope"] == "core") & (table["firmness"] != "zero")
    if sample == "firm":
        kept &= table["firmness"] != "weak"
    kept &= table["date_low"] >= _START.get(sample, FIRST_DAY)
    table = table[kept].sort_values(["date_low", "incident"], ignore_index=True)
    low, high = bounds(table)
    return pd.DataFrame(
        {
            "incident": table["incident"],
            "date": table["date_low"],
            "low": low,
            "high": high,
            "operational": table["loss_class"] == "operational",
            "reach": table["wallet_reach"],
            "firmness": table["firmness"],
        }
    )


def bounds(table: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """Lowest and highest share of each row, from share_central, share_low and share_high.

    Raises
    ------
    InputError
        A share outside [0, 1] (a loss above what was held), or a row with no share at all.
    """
    parts = table[["share_central", "share_low", "share_high"]]
    outside = (parts < 0) | (parts > 1)
    if outside.to_numpy().any():
        row = table.loc[outside.any(axis=1), "incident"].iloc[0]
        raise InputError(
            f"losses/severity_shares, {row}: a share outside 0 to 1; allowed: no loss above what "
            "was held; correct the loss or its base"
        )
    blank = parts.isna().all(axis=1)
    if blank.any():
        row = table.loc[blank, "incident"].iloc[0]
        raise InputError(f"losses/severity_shares, {row}: no share; fill one, or remove the row")
    low = parts[["share_central", "share_low"]].min(axis=1).fillna(0.0)
    high = parts[["share_central", "share_high"]].max(axis=1).fillna(1.0)
    total = high >= TOTAL
    return low.mask(total, np.minimum(low, TOTAL)), high.mask(total, 1.0)

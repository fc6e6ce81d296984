"""The replay of past losses, counted: how many each formula would have paid in full at once."""

from __future__ import annotations

import pandas as pd

NOTHING = 0.005
"""Share below which a lower bound says nothing."""


def paid_in_full(replayed: pd.DataFrame) -> pd.DataFrame:
    """Losses that each formula would have paid in full: for certain, by central figures, perhaps.

    Parameters
    ----------
    replayed : DataFrame
        From `analysis.impact.replay.replay`, or some of its incidents.

    Returns
    -------
    DataFrame
        By formula, in order: `losses` (in which customers lost something), `certain` (the least
        that the rule can have held pays all), `central` (its central amount does, or it is
        certain), `possible` (the most that it can have held does, or it cannot be computed).
    """
    some = replayed[replayed["loss_jpy_mn"] > 0]
    certain = some["low"].eq(1)
    rows = some.assign(
        losses=1,
        certain=certain,
        central=certain | some["paid_share"].eq(1),
        possible=some["high"].eq(1) | some["high"].isna(),
    )
    names = ["losses", "certain", "central", "possible"]
    counts = rows.groupby("formula", sort=False)[names].sum()
    return counts.reindex(replayed["formula"].unique(), fill_value=0).astype(int)


def verdicts(replayed: pd.DataFrame) -> pd.Series:
    """By formula, whether it would have paid one loss in full.

    `yes` for certain; `by central figures`; `no` whatever the gaps; `cannot be told` where bounds
    are apart; `no loss`.

    Parameters
    ----------
    replayed : DataFrame
        Rows of one incident from `analysis.impact.replay.replay`.
    """
    return replayed.set_index("formula").apply(_verdict, axis=1)


def _verdict(row: pd.Series) -> str:
    if row["loss_jpy_mn"] == 0:
        return "no loss"
    if row["low"] == 1:
        return "yes"
    if row["paid_share"] == 1:
        return "by central figures"
    return "no" if row["high"] < 1 else "cannot be told"


def known(row: pd.Series) -> bool:
    """Whether a row of the replay says anything: its bounds are not none and all."""
    return bool(row["high"] < 1 or row["low"] >= NOTHING)

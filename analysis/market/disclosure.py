"""Publish a confidential panel by size band without giving away single exchanges.

A cell that rests on fewer than a minimum number of exchanges is blanked, and enough others with
it that the published total does not give it back (primary and secondary suppression: Hundepool
et al., Statistical Disclosure Control, 2012, sec. 4.2 and 4.4). Dominance of one exchange inside
a published band is not tested.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.errors import InputError

COUNT = "exchanges"
BAND = "band"
TOTAL = "all"


def suppress(
    table_by_band: pd.DataFrame, minimum_cell: int = 3, by: Sequence[str] = ()
) -> pd.DataFrame:
    """Blank the cells of small bands, and of others where the total would reveal them.

    Within each group the suppressed bands together must hold `minimum_cell` exchanges or more,
    because the total less the published bands is their sum. Where they do not, the smallest
    published band goes too; where none is left, the total goes. Counts are blanked with the
    values.

    Parameters
    ----------
    table_by_band : DataFrame
        One row per band and group. Columns `band` (with `all` for a total row, if there is one),
        `exchanges` (how many exchanges the row rests on), the columns of `by`, and numbers.
    minimum_cell : int
        Smallest number of exchanges that a published cell may rest on.
    by : sequence of str
        Columns that make up a group, as `formula`; a table without groups is one group.

    Returns
    -------
    DataFrame
        Same shape; suppressed numbers are NaN, and `suppressed` says which rows.

    Raises
    ------
    InputError
        `band` or `exchanges` is missing, or the minimum is below 2.
    """
    for column in (BAND, COUNT, *by):
        if column not in table_by_band:
            raise InputError(f"table by band: no column '{column}'; add it")
    if minimum_cell < 2:
        raise InputError(f"minimum_cell = {minimum_cell}; allowed: 2 or more; 3 is usual")
    table = table_by_band.reset_index(drop=True)
    groups = table.groupby(list(by), sort=False).indices if by else {"": np.arange(len(table))}
    hidden = np.zeros(len(table), dtype=bool)
    for rows in groups.values():
        group = table.iloc[rows]
        hidden[rows] = _hidden(
            group[COUNT].to_numpy(float), (group[BAND] == TOTAL).to_numpy(), minimum_cell
        )
    numbers = [
        column for column in table.select_dtypes("number").columns if column not in (*by, BAND)
    ]
    out = table.astype(dict.fromkeys(numbers, float))
    out.loc[hidden, numbers] = np.nan
    out.index = table_by_band.index
    return out.assign(suppressed=hidden)


def _hidden(
    count: np.ndarray[tuple[int], np.dtype[np.float64]],
    total: np.ndarray[tuple[int], np.dtype[np.bool_]],
    minimum_cell: int,
) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Rows of one group to suppress. An empty band hides nothing and stays."""
    hidden = (count > 0) & (count < minimum_cell)
    if not total.any() or hidden[total].any():
        return hidden
    for row in np.argsort(count, kind="stable"):
        if not hidden.any() or count[hidden].sum() >= minimum_cell:
            return hidden
        if count[row] > 0 and not total[row]:
            hidden[row] = True
    if hidden.any() and count[hidden].sum() < minimum_cell:
        hidden[total] = True
    return hidden

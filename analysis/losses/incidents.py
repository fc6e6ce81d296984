"""Which losses of the list are events of the model, decided by one rule and written beside each.

An event is customers' crypto lost at an exchange in a custody event: coins taken by somebody
(`hack`: outsiders, insiders, hijacked accounts, software flaws, outsourced providers) or lost by a
mistake without a thief (`operational`: wrong credit, lost keys). Fraud and insolvency of the
operator, losses elsewhere than at an exchange, leaks of data, and losses of the operator's own
money are left out, each with its reason. A shortfall that has built up until reserves cannot meet
withdrawals is insolvency, though wrong credits be part of it; where lost keys and fraud are both
possible the loss is unclear. Such rows carry the other class in `other_reading`.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis import data
from analysis.errors import InputError

FILE = "data/losses/incidents.csv"
CLASSES = ("hack", "operational")
COUNTED = "customers' crypto lost in custody"
OWN_MONEY = "customers lost nothing: the operator's own money"
LAST_DAY = pd.Timestamp("2026-08-31")
"""Day to which the list was kept (its last row is of 2026-08-09)."""

_OTHER_CLASS = {
    "fraud": "fraud by the operator",
    "data": "data leaked, no coins lost from custody",
    "market": "disorderly prices, no coins lost from custody",
    "insolvency": "insolvency of the operator or its parent, no theft",
    "unclear": "not settled whether a loss from custody or fraud by the operator",
}


def incidents(table: pd.DataFrame | None = None) -> pd.DataFrame:
    """The whole list with the decision on each row: nothing is dropped.

    Parameters
    ----------
    table : DataFrame, optional
        List with the columns of `losses/incidents`; the shipped one if left out.

    Returns
    -------
    DataFrame
        Columns of the list and `included` (bool), `reason` (the first rule that decides),
        `jurisdiction` (`japan`, `korea` or `rest`), `occurred_on` (middle of the bounds).

    Raises
    ------
    InputError
        A row without a date, or with bounds in the wrong order.
    """
    listed = data.read("losses/incidents") if table is None else table.copy()
    _check_dates(listed)
    reason = _reasons(listed)
    japanese = listed["country"].eq("Japan").fillna(False)
    korean = listed["country"].eq("South Korea").fillna(False)
    half = (listed["date_high"] - listed["date_low"]) / 2
    return listed.assign(
        included=reason == COUNTED,
        reason=reason,
        jurisdiction=np.select([japanese, korean], ["japan", "korea"], "rest"),
        occurred_on=(listed["date_low"] + half).dt.floor("D"),
    )


def _check_dates(listed: pd.DataFrame) -> None:
    undated = listed[["date_low", "date_high"]].isna().any(axis=1).to_numpy()
    reversed_ = (listed["date_low"] > listed["date_high"]).to_numpy()
    for bad, complaint in (
        (undated, "no date; give date_low and date_high, the first and the last day on which it "),
        (reversed_, "date_low is after date_high; give the first and the last day on which it "),
    ):
        if bad.any():
            place = int(bad.argmax())
            name = listed["incident"].iloc[place]
            raise InputError(
                f"{FILE}, row {place + 2}, incident '{name}': {complaint}can have happened"
            )


def _reasons(listed: pd.DataFrame) -> pd.Series:
    """First rule that decides, by row."""
    shared = set(data.read("losses/severity_shares")["incident"])
    amount = listed[["loss_usd_mn", "loss_jpy_mn"]]
    unsized = amount.isna().all(axis=1) & ~listed["incident"].isin(shared)
    rules = [
        (listed["duplicate_of"].notna(), "repeats " + listed["duplicate_of"].fillna("")),
        (listed["entity"] != "exchange", "not an exchange but: " + listed["entity"]),
        (~listed["loss_class"].isin(CLASSES), listed["loss_class"].map(_OTHER_CLASS)),
        (unsized, "neither an amount nor a share is known"),
        (amount.max(axis=1).eq(0), "nothing was lost"),
        (listed["customer_part"].eq(0), OWN_MONEY),
    ]
    reason = pd.Series(COUNTED, index=listed.index)
    for applies, why in reversed(rules):
        reason = reason.mask(applies, why)
    return reason


def counted(
    listed: pd.DataFrame,
    *,
    loss_class: str | None = None,
    jurisdictions: Sequence[str] = ("japan", "korea", "rest"),
) -> pd.DataFrame:
    """Included rows of `incidents()`, of one class (both if None) and some jurisdictions."""
    here = listed["included"] & listed["jurisdiction"].isin(jurisdictions)
    if loss_class is not None:
        if loss_class not in CLASSES:
            raise InputError(f"loss_class = '{loss_class}'; allowed: {' or '.join(CLASSES)}")
        here &= listed["loss_class"] == loss_class
    return listed[here]


def doubtful(listed: pd.DataFrame, loss_class: str) -> pd.DataFrame:
    """Rows of `incidents()` that would be events of a class under the other reading of sources."""
    return listed[~listed["included"] & listed["other_reading"].eq(loss_class).fillna(False)]


def yearly_counts(rows: pd.DataFrame, years: Sequence[int]) -> pd.Series:
    """Events by calendar year of `occurred_on`; a year without one is a zero.

    No included row has bounds in two years, so the middle decides nothing that is not known.
    """
    found = rows["occurred_on"].dt.year.to_numpy()
    events = [float((found == year).sum()) for year in years]
    return pd.Series(events, index=pd.Index(list(years), name="year"), name="events")


def in_window(rows: pd.DataFrame, first: pd.Timestamp, last: pd.Timestamp) -> pd.DataFrame:
    """Rows whose bounds lie inside a window of days, both ends counted."""
    return rows[(rows["date_low"] >= first) & (rows["date_high"] <= last)]

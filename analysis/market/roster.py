"""Every registered operator accounted for: evaluated or left out, and what is known about it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.data import read
from analysis.market.panel import FIELDS, Panel
from analysis.market.pool import pool

MISSING = "missing"
NOT_GIVEN = "not in the panel that was given"


def roster(panel: Panel, table: pd.DataFrame, level: float) -> pd.DataFrame:
    """One row per exchange of the panel, largest first, then the registered ones left out.

    Parameters
    ----------
    panel : Panel
    table : DataFrame
        The same panel before it was completed (`assemble`, or `prepare` of a user's file).
    level : float
        Share of the draws between `low_jpy_mn` and `high_jpy_mn`.

    Returns
    -------
    DataFrame
        Index exchange; name, registration_no, evaluated, reason (blank if evaluated),
        statement_on, reported_jpy_mn, reported_on, base_jpy_mn (customer crypto at the base date,
        mean over draws), low_jpy_mn, high_jpy_mn, status. Blank where unknown.
    """
    held = pool(panel["customer_crypto"], level)
    rows = pd.DataFrame(
        {
            "reason": "",
            "statement_on": _day(table, "statement_date"),
            "reported_jpy_mn": _amount(table, "reported_customer_crypto_jpy_mn"),
            "reported_on": _day(table, "customer_crypto_as_of"),
            "status": panel.status["customer_crypto"],
        }
    ).reindex(list(panel.exchanges))
    rows["reported_on"] = rows["reported_on"].where(rows["reported_jpy_mn"].notna(), "")
    rows["base_jpy_mn"], rows["low_jpy_mn"], rows["high_jpy_mn"] = (
        held.estimate,
        held.low,
        held.high,
    )
    left_out = left_out_of(panel)
    rest = pd.DataFrame({"reason": left_out, "statement_on": "", "reported_on": "", "status": ""})
    out = pd.concat([rows.sort_values("base_jpy_mn", ascending=False), rest])
    operators = read("market/operators").set_index("exchange").reindex(out.index)
    out.insert(0, "name", operators["name"].fillna(pd.Series(out.index, out.index)))
    out.insert(1, "registration_no", operators["registration_no"].fillna(""))
    out.insert(2, "evaluated", out.index.isin(panel.exchanges))
    return out.rename_axis("exchange")


def left_out_of(panel: Panel) -> pd.Series:
    """Reason by registered operator (register of 2026-06-30) that the panel does not evaluate."""
    operators = read("market/operators").set_index("exchange")
    registered = operators.index[operators["on_register_2026_06_30"]]
    reasons = panel.excluded["reason"] if len(panel.excluded) else pd.Series(dtype=str)
    absent = registered.difference(list(panel.exchanges), sort=False)
    return reasons.reindex(absent).fillna(NOT_GIVEN).rename("reason")


def status_grid(panel: Panel) -> pd.DataFrame:
    """Status of every cell by exchange and field, operators left out as `missing`."""
    held = panel["customer_crypto"].mean(axis=0)
    largest_first = [panel.exchanges[place] for place in np.argsort(-held, kind="stable")]
    rows = [*largest_first, *left_out_of(panel).index]
    return panel.status.reindex(rows)[list(FIELDS)].fillna(MISSING)


def _day(table: pd.DataFrame, column: str) -> pd.Series:
    """Days as text, blank where unknown or where the panel has no such column."""
    if column not in table:
        return pd.Series("", index=table.index)
    return pd.to_datetime(table[column]).dt.strftime("%Y-%m-%d").fillna("")


def _amount(table: pd.DataFrame, column: str) -> pd.Series:
    """Amounts, blank where unknown or where the panel has no such column."""
    return table[column].astype(float) if column in table else pd.Series(np.nan, table.index)

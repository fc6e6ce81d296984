"""Industry series: the single figures shipped, or the user's copy of the full monthly table."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from analysis.data import read
from analysis.errors import InputError
from analysis.scenario import Scenario

NEEDED = ("period", "measure", "value")


def industry_table(scenario: Scenario) -> pd.DataFrame:
    """Industry series in the shape of market/industry_monthly.

    The self-regulator's monthly table may not be redistributed. A user who has it passes a CSV
    with the columns period (`YYYY-MM`), measure (`spot_volume`, `margin_volume`,
    `customer_crypto`, `customer_fiat`; JPY mn) and value; it replaces the shipped figures of
    these measures month by month, and what it does not hold stays.

    Raises
    ------
    InputError
        A file that cannot be read, lacks a column, or holds a period or value that is not one.
    """
    shipped = read("market/industry_monthly")
    if scenario.industry_table is None:
        return shipped
    own = _read(Path(scenario.industry_table))
    own = own.assign(period_type="month", precision="exact", status="observed", unit="JPY mn")
    both = pd.concat([own, shipped], ignore_index=True)
    return both.drop_duplicates(["period", "measure"], keep="first")


def _read(path: Path) -> pd.DataFrame:
    where = f"industry_table {path.name}"
    try:
        table = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    except (OSError, ValueError) as failure:
        raise InputError(f"{where}: cannot be read ({failure}); give a UTF-8 CSV") from None
    for column in NEEDED:
        if column not in table.columns:
            raise InputError(f"{where}: no column '{column}'; allowed: {', '.join(NEEDED)}")
    table = table[table["value"].str.strip() != ""].copy()
    number = pd.to_numeric(table["value"], errors="coerce")
    bad_value = ~(number >= 0) | (number == float("inf"))
    bad_period = ~table["period"].str.fullmatch(r"20\d\d-(0[1-9]|1[0-2])")
    for column, bad, allowed in (
        ("value", bad_value, "a number, 0 or more"),
        ("period", bad_period, "a month as 2026-07"),
    ):
        if bad.any():
            row = table.index[bad][0]
            raise InputError(
                f"{where}, row {row + 2}, column {column}: {table.loc[row, column]!r}; "
                f"allowed: {allowed}; correct the cell or delete the row"
            )
    return table[list(NEEDED)].assign(value=number).reset_index(drop=True)

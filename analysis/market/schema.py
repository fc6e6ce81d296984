"""What any panel must satisfy, shipped or a user's: one clear message for what is wrong.

Customer crypto above total assets is allowed: it is stated at the base date, which is not the
statement's, and some exchanges keep it off the balance sheet.
"""

from __future__ import annotations

import difflib
import re
from typing import Any

import numpy as np
import pandas as pd
import pandera.pandas as pa

from analysis.errors import InputError
from analysis.market.panel import FIELDS, Field

KEY = "exchange"
TEXT = ("name", "note")
STATUSES = ("observed", "derived", "imputed")
AT_STATEMENT = Field(
    "statement_customer_crypto",
    "JPY mn",
    "Customers' crypto-assets at the date of total and net assets, where that is another date",
    0,
)
COLUMNS = {field.column: field for field in (*FIELDS.values(), AT_STATEMENT)}
_UNIT = re.compile(
    r"(_(jpy|yen|usd|eur))?(_(tn|bn|mn|m|k|thousand|million|billion|percent|pct|bp))?$"
)


def panel_schema() -> pa.DataFrameSchema:
    """Pandera schema of a panel: types, ranges, statuses and the one rule between columns."""
    columns: dict[Any, pa.Column] = {KEY: pa.Column(object, unique=True, nullable=False)}
    for column, field in COLUMNS.items():
        columns[column] = pa.Column(
            float,
            checks=pa.Check.in_range(field.minimum, field.maximum, error=allowed(field)),
            nullable=True,
            required=field.required,
        )
        columns[f"{column}_status"] = pa.Column(
            object,
            checks=pa.Check.isin(STATUSES, error=", ".join(STATUSES)),
            nullable=True,
            required=False,
        )
    adds_up = pa.Check(_adds_up, error="operating_profit is operating_revenue less expenses")
    within = pa.Check(
        lambda table: ~(table["net_assets_jpy_mn"] > table["total_assets_jpy_mn"]),
        error="net assets at most total assets",
    )
    return pa.DataFrameSchema(columns, checks=[within, adds_up])


def _adds_up(table: pd.DataFrame) -> pd.Series:
    """Rows whose revenue, expenses and profit agree to JPY 1 mn, or have a blank among them."""
    names = [FIELDS[f"operating_{part}"].column for part in ("revenue", "expenses", "profit")]
    revenue, expenses, profit = (table[name] for name in names)
    rounding = 1.0 + 1e-6 * (revenue.abs() + expenses.abs())
    return ~((revenue - expenses - profit).abs() > rounding)


def allowed(field: Field) -> str:
    """Allowed values of a field in words."""
    if np.isfinite(field.minimum) and np.isfinite(field.maximum):
        return f"{field.minimum:g} to {field.maximum:g}"
    return f"{field.minimum:g} or more" if np.isfinite(field.minimum) else "any finite number"


def check_panel(table: pd.DataFrame, where: str) -> pd.DataFrame:
    """Check a panel and return it with numbers as floats; the index keeps the file's rows.

    Parameters
    ----------
    table : DataFrame
        Columns `exchange`, those of `FIELDS` (the required ones at least; single blanks are
        allowed everywhere), and optionally `AT_STATEMENT`, `<column>_status`, `name`, `note`.
        Index: row of the file less two (row 1 is the header).
    where : str
        Name of the file, for messages.

    Raises
    ------
    InputError
        The first thing wrong: unit, unknown or missing column, no row, blank or repeated
        exchange, not a number, out of range, unknown status, net above total assets, a profit
        that is not revenue less expenses.
    """
    _check_columns(table, where)
    if table.empty:
        raise InputError(f"{where}: no row; allowed: one row per exchange; add the exchanges")
    _check_exchanges(table[KEY], where)
    out = table.astype({KEY: object})
    for column in out.columns.intersection(list(COLUMNS)):
        out[column] = _numbers(table[column], where)
    for column in out.columns[out.columns.str.endswith("_status")]:
        text = out[column].astype(object)
        out[column] = text.where(text.notna() & (text != ""), None)
    try:
        panel_schema().validate(out, lazy=True)
    except pa.errors.SchemaErrors as failure:
        raise InputError(_message(failure.failure_cases, out, where)) from None
    return out


def _check_columns(table: pd.DataFrame, where: str) -> None:
    known = [KEY, *TEXT, *COLUMNS, *(f"{column}_status" for column in COLUMNS)]
    bases = {column.removesuffix("_jpy_mn"): column for column in COLUMNS}
    for name in map(str, table.columns):
        if name in known:
            continue
        column = bases.get(_UNIT.sub("", name))
        if column:
            raise InputError(f"{where}, column {name}: {_other_unit(name, column)}")
        near = difflib.get_close_matches(name, known, n=1)
        hint = f"did you mean '{near[0]}'?" if near else f"allowed: {', '.join(known)}"
        raise InputError(f"{where}, column {name}: unknown column; {hint}")
    repeated = table.columns[table.columns.duplicated()]
    if len(repeated):
        raise InputError(f"{where}, column {repeated[0]}: given twice; keep one of them")
    if KEY not in table.columns:
        raise InputError(
            f"{where}, column {KEY}: missing column; add it with an id for every exchange "
            "(no cell of it may be blank)"
        )
    for needed in (column for column, field in COLUMNS.items() if field.required):
        if needed not in table.columns:
            raise InputError(
                f"{where}, column {needed}: missing column; add it (single cells may be blank)"
            )


def _other_unit(name: str, column: str) -> str:
    """What is wrong with the name of a known quantity: no unit, or not the expected one."""
    unit = COLUMNS[column].unit
    if column == f"{name}_jpy_mn":
        return f"the unit must be in the name; expected as {column}, values in {unit}"
    return (
        f"mixed units; this quantity is expected as {column} ({unit}); "
        "convert the values and rename the column"
    )


def _check_exchanges(ids: pd.Series, where: str) -> None:
    text = ids.astype(object).where(ids.notna(), "").astype(str).str.strip()
    if (text == "").any():
        row = text.index[text == ""][0]
        raise InputError(f"{where}, row {row + 2}, column {KEY}: blank; give the exchange an id")
    if text.duplicated().any():
        row = text.index[text.duplicated()][0]
        first = text.index[text == text[row]][0]
        raise InputError(
            f"{where}, row {row + 2}, column {KEY}: '{text[row]}' is already in row {first + 2}; "
            "allowed: one row per exchange; delete or merge one of them"
        )


def _numbers(cells: pd.Series, where: str) -> pd.Series:
    """Column as floats, blank as NaN; NaN and infinity written out are refused."""
    text = cells.astype(object)
    blank = text.isna() | (text.astype(str).str.strip() == "")
    number = pd.to_numeric(text.mask(blank, None), errors="coerce").astype(float)
    wrong = ~blank & ~np.isfinite(number)
    if wrong.any():
        row = cells.index[wrong][0]
        field = COLUMNS[str(cells.name)]
        raise InputError(
            f"{where}, row {row + 2}, column {cells.name}: {text[row]!r} is not a finite number; "
            f"allowed: {allowed(field)} ({field.unit}), or blank if unknown; correct the cell"
        )
    return number


def _message(cases: pd.DataFrame, table: pd.DataFrame, where: str) -> str:
    """First broken cell: file, row, column, value, allowed range, next step."""
    first = cases.sort_values("index", kind="stable").iloc[0]
    row = int(first["index"])
    if first["schema_context"] == "DataFrameSchema" and "profit" in str(first["check"]):
        return (
            f"{where}, row {row + 2}, column operating_profit_jpy_mn: "
            f"{float(table['operating_profit_jpy_mn'].loc[row]):g} is not operating_revenue_jpy_mn "
            "less operating_expenses_jpy_mn; allowed: to JPY 1 mn; correct one of them"
        )
    if first["schema_context"] == "DataFrameSchema":
        net, total = (float(table[f"{part}_assets_jpy_mn"].loc[row]) for part in ("net", "total"))
        return (
            f"{where}, row {row + 2}, column net_assets_jpy_mn: {net:g} is above "
            f"total_assets_jpy_mn = {total:g}; allowed: at most total assets; correct one of them"
        )
    column, value = str(first["column"]), first["failure_case"]
    shown = f"{value:g}" if isinstance(value, float) else repr(value)
    return (
        f"{where}, row {row + 2}, column {column}: {shown} is out of range; "
        f"allowed: {first['check']}; correct the cell"
    )

"""Read a user's panel from CSV, Parquet or Excel and bring it to the shape of the shipped one."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

import pandas as pd

from analysis.errors import InputError
from analysis.market.assemble import record, with_all_columns, years_on_register
from analysis.market.panel import FIELDS
from analysis.market.schema import AT_STATEMENT, KEY, check_panel
from analysis.scenario import Scenario


def _csv(path: Path) -> pd.DataFrame:
    """Text as written, so that NaN written out is told from a blank; blank lines are dropped."""
    return pd.read_csv(
        path,
        dtype=str,
        keep_default_na=False,
        na_values=[""],
        skip_blank_lines=False,
        encoding="utf-8-sig",
    )


READERS: dict[str, Callable[[Path], pd.DataFrame]] = {
    ".csv": _csv,
    ".parquet": pd.read_parquet,
    ".xlsx": pd.read_excel,
}


def read_panel(path: str | Path) -> pd.DataFrame:
    """Read and check a panel file.

    Parameters
    ----------
    path : str or Path
        CSV (UTF-8), Parquet or Excel (first sheet), one row per exchange.

    Returns
    -------
    DataFrame
        Index exchange, columns as in the file, numbers as floats.

    Raises
    ------
    InputError
        Unknown ending, unreadable file, or the first thing that breaks the schema.
    """
    file = Path(path)
    reader = READERS.get(file.suffix.lower())
    if reader is None:
        raise InputError(
            f"panel {file.name}: unknown ending '{file.suffix}'; allowed: {', '.join(READERS)}; "
            "save the table in one of these formats"
        )
    try:
        table = reader(file)
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as failure:
        reason = str(failure).splitlines()[0] if str(failure) else type(failure).__name__
        raise InputError(
            f"panel {file.name}: cannot be read ({reason}); give a readable {file.suffix} file"
        ) from None
    checked = check_panel(table.dropna(how="all"), f"panel {file.name}")
    ids = checked[KEY].astype(str).str.strip()
    return checked.drop(columns=KEY).set_axis(pd.Index(ids, name=KEY), axis=0)


def prepare(table: pd.DataFrame, scenario: Scenario) -> pd.DataFrame:
    """Give a user's panel the columns that `complete` reads.

    Custody and owed crypto are stated at the base date, so nothing is rolled; where the statement
    is of another date, the optional column `statement_customer_crypto_jpy_mn` gives customer
    crypto at that date, and owed crypto then is taken to have been in proportion. A cell without a
    status is `observed`. Years on the register and losses come from the shipped record where the
    exchange is known by its id and the cell is blank.
    """
    out = with_all_columns(table)
    shipped = years_on_register(scenario.base_month).join(record(scenario.base_month))
    for field in FIELDS.values():
        status = f"{field.column}_status"
        blank = out[field.column].isna()
        out[status] = out[status].mask(out[status] == "", "observed").mask(blank, "")
        if field.column in shipped:
            known = blank & out.index.isin(shipped.index)
            for column in (field.column, status, f"{field.column}_method"):
                out.loc[known, column] = shipped[column].reindex(out.index)[known]
    held, owed = out["customer_crypto_jpy_mn"], out["crypto_owed_jpy_mn"].fillna(0.0)
    then = out.get(AT_STATEMENT.column, held).fillna(held)
    return out.assign(
        statement_customer_crypto_jpy_mn=then,
        statement_crypto_owed_jpy_mn=owed * (then / held).where(held > 0, 1.0),
        roll_factor=1.0,
        roll_sd=0.0,
        statement_customer_fiat_jpy_mn=float("nan"),
        own_cash_jpy_mn=float("nan"),
    )

"""The latest statutory statement of each exchange, brought to twelve months."""

from __future__ import annotations

import pandas as pd

FLOWS = ("operating_revenue", "operating_expenses", "operating_profit", "net_income")
STOCKS = ("total_assets", "net_assets")


def latest(firm_years: pd.DataFrame, base_month: str) -> pd.DataFrame:
    """Latest statement whose year ends in or before the base month.

    Only statutory statements of the operator itself count: group segments and press figures are
    of another scope. Flows of a period that is not twelve months are multiplied by 12 / months.

    Parameters
    ----------
    firm_years : DataFrame
        Table market/firm_years: one row per exchange and fiscal year, JPY mn.
    base_month : str
        `YYYY-MM`.

    Returns
    -------
    DataFrame
        Index exchange; `statement_date`, `period_months`, and for each of revenue, expenses,
        profit, net income, total assets and net assets `<name>_jpy_mn`, `..._status` and
        `..._method` (blank where observed). Status of a blank cell is blank.
    """
    years = firm_years[firm_years["basis"] == "statutory"].copy()
    years["statement_date"] = pd.to_datetime(years["fiscal_year_end"])
    years = years[years["statement_date"] <= pd.Period(base_month, "M").end_time]
    years = years.sort_values("statement_date").groupby("exchange").tail(1).set_index("exchange")
    out = years[["statement_date", "period_months"]].copy()
    for name in (*FLOWS, *STOCKS):
        out = out.join(_cells(years, name))
    return out.sort_index()


def _cells(years: pd.DataFrame, name: str) -> pd.DataFrame:
    """Value, status and method of one field."""
    column = f"{name}_jpy_mn"
    value = years[column].astype(float)
    months = years["period_months"].astype(float)
    computed = years["derived_fields"].fillna("").str.contains(column, regex=False)
    annualised = (months != 12) & (name in FLOWS)
    date = years["statement_date"].dt.strftime("%Y-%m-%d")
    method = pd.Series("", index=years.index, dtype=object)
    method[computed] = "revenue less operating profit, statement of " + date[computed]
    scaled = months.map("{:g}".format).astype(object) + " months to " + date + ", times 12 / months"
    method[annualised] = scaled[annualised]
    both = computed & annualised
    method[both] = "revenue less operating profit, " + scaled[both]
    status = pd.Series("observed", index=years.index, dtype=object)
    status[computed | annualised] = "derived"
    blank = value.isna()
    status[blank], method[blank] = "", ""
    if name in FLOWS:
        value = value * 12 / months
    return pd.DataFrame({column: value, f"{column}_status": status, f"{column}_method": method})

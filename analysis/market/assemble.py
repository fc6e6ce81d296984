"""One row per exchange from the shipped tables: what is printed, and arithmetic on it."""

from __future__ import annotations

from functools import lru_cache

import pandas as pd

from analysis.data import read
from analysis.errors import InputError
from analysis.market import custody, fiat, statements
from analysis.market.industry import industry_table
from analysis.market.panel import FIELDS
from analysis.scenario import Scenario

RECORD_YEARS = 10


def excluded(scenario: Scenario) -> pd.DataFrame:
    """Registered exchanges left out of the panel; index exchange, columns `name`, `reason`."""
    operators = read("market/operators").set_index("exchange")
    registered = operators[operators["on_register_2026_06_30"]]
    silent = ~registered.index.isin(_statements(scenario.base_month).index)
    why = registered["reason_excluded"].mask(
        silent & registered["in_panel"], f"No statement at or before {scenario.base_month}"
    )
    out = ~registered["in_panel"] | silent
    return registered.loc[out, ["name"]].assign(reason=why[out])


def assemble(scenario: Scenario) -> pd.DataFrame:
    """Panel before anything is drawn: blank where nobody printed a figure.

    The exchanges are those of the register of 2026-06-30 that have a statement at or before the
    base month. Custody is brought to the base month, without the price shock.

    Returns
    -------
    DataFrame
        Index exchange. For every field of `FIELDS` its column, `<column>_status` (`observed`,
        `derived` or blank) and `<column>_method`; `statement_date`;
        `reported_customer_crypto_jpy_mn` and `customer_crypto_as_of` as printed (the statement's
        date where nothing is); `roll_factor` and `roll_sd` (log error) from there to the base
        month, `statement_roll_factor` from the statement's date; of the statement's date also
        `statement_customer_crypto_jpy_mn`, `statement_crypto_owed_jpy_mn` (zero where nothing says
        so), `statement_customer_fiat_jpy_mn` and `own_cash_jpy_mn`, blank where not printed.

    Raises
    ------
    InputError
        A base month outside the data.
    """
    balances = read("market/balances")
    table = _statements(scenario.base_month)
    if table.empty:
        raise InputError(
            f"base_month = {scenario.base_month}: no exchange has a statement at or before it; "
            "choose a later month"
        )
    table = table.join(_custody(balances, table["statement_date"], scenario))
    table = table.join(_cells("customer_fiat", fiat.reported(balances, scenario.base_month)))
    table = table.join(years_on_register(scenario.base_month))
    table = table.join(record(scenario.base_month))
    table = table.join(_owed(balances, table, scenario.base_month))
    table["statement_customer_fiat_jpy_mn"] = _at_statement(balances, table, "customer_fiat")
    table["own_cash_jpy_mn"] = _at_statement(balances, table, "own_cash")
    return with_all_columns(table)


@lru_cache(maxsize=8)
def _statements(base_month: str) -> pd.DataFrame:
    """Latest statements of the panel's exchanges, in the order of the register; nobody edits it."""
    operators = read("market/operators").set_index("exchange")
    found = statements.latest(read("market/firm_years"), base_month)
    return found.reindex(operators.index[operators["in_panel"]].intersection(found.index))


def with_all_columns(table: pd.DataFrame) -> pd.DataFrame:
    """Add blank columns for every field, status and method that `table` lacks."""
    out = table.copy()
    for field in FIELDS.values():
        if field.column not in out:
            out[field.column] = float("nan")
        for suffix in ("_status", "_method"):
            name = field.column + suffix
            out[name] = (out[name] if name in out else pd.Series("", out.index)).fillna("")
    return out.copy()


def industry_crypto(scenario: Scenario) -> pd.Series:
    """Customers' crypto of the whole industry by month, JPY mn, before any price shock."""
    mix = custody.mix_value(read("market/prices_monthly"), read("market/coin_mix"))
    return custody.industry_crypto(industry_table(scenario), mix).value


def _cells(name: str, rows: pd.DataFrame) -> pd.DataFrame:
    """Rename value, status, method to the columns of a field."""
    column = FIELDS[name].column
    return rows[["value", "status", "method"]].set_axis(
        [column, f"{column}_status", f"{column}_method"], axis=1
    )


def _custody(balances: pd.DataFrame, statement: pd.Series, scenario: Scenario) -> pd.DataFrame:
    """Customer crypto at the base month beside the printed figure."""
    index, firm_years = industry_crypto(scenario), read("market/firm_years")
    printed = custody.reported(balances, firm_years, scenario.base_month).reindex(statement.index)
    # An exchange without a printed figure has one imputed at its statement date.
    as_of = printed["as_of"].fillna(statement)
    factor = custody.roll_factor(as_of, index, scenario.base_month)
    since_statement = custody.roll_factor(statement, index, scenario.base_month)
    years = custody.years_between(as_of, scenario.base_month)
    sd = custody.tracking_error(custody.roll_checks(balances, firm_years, index)) * years**0.5
    out = pd.DataFrame(
        {
            "reported_customer_crypto_jpy_mn": printed["value"].astype(float),
            "customer_crypto_as_of": as_of,
            "statement_customer_crypto_jpy_mn": printed["value"] * factor / since_statement,
            "roll_factor": factor,
            "roll_sd": sd,
            "statement_roll_factor": since_statement,
        }
    )
    known = printed["value"].notna()
    date = as_of.dt.strftime("%Y-%m-%d")
    rolled = "reported at " + date + ", times the industry's customer crypto since then"
    made = printed["method"].fillna("").astype(str)
    rolled = rolled.where(made == "", made + "; " + rolled)
    moved = years > 0
    rows = pd.DataFrame(
        {
            "value": out["reported_customer_crypto_jpy_mn"] * out["roll_factor"],
            "status": printed["status"].mask(moved, "derived").where(known, ""),
            "method": rolled.where(moved, made).where(known, ""),
        }
    )
    return out.join(_cells("customer_crypto", rows))


def years_on_register(base_month: str) -> pd.DataFrame:
    """Years from registration to the end of the base month, not below zero, by exchange."""
    operators = read("market/operators").set_index("exchange")
    since = pd.to_datetime(operators.loc[operators["on_register_2026_06_30"], "registered_on"])
    years = (pd.Period(base_month, "M").end_time - since).dt.days / 365.25
    method = "from registration on " + since.dt.strftime("%Y-%m-%d")
    rows = pd.DataFrame({"value": years.clip(lower=0.0), "status": "derived", "method": method})
    return _cells("years_registered", rows)


def record(base_month: str) -> pd.DataFrame:
    """Losses attributed to today's registrant in the ten years to the base month.

    The count is of losses of customers' crypto, as in the loss model; the amount is of all losses
    of custody, the operator's own among them.
    """
    operators = read("market/operators").set_index("exchange")
    incidents = read("market/incident_record")
    end = pd.Period(base_month, "M").end_time
    start = end - pd.DateOffset(years=RECORD_YEARS)
    day = pd.to_datetime(incidents["occurred_on"])
    counted = incidents["attributed"] & (day <= end) & (day > start)
    lost = incidents[counted].assign(customers=incidents["customer_loss_jpy_mn"] > 0)
    losses = lost.groupby("exchange").agg(
        count=("customers", "sum"), sum=("loss_jpy_mn", "sum"), seen=("customers", "size")
    )
    exchanges = operators.index[operators["on_register_2026_06_30"]]
    losses = losses.reindex(exchanges, fill_value=0.0).astype(float)
    seen = losses["seen"] > 0
    status = seen.map({True: "observed", False: "derived"})
    method = seen.map({True: "", False: "no attributed loss on the record"})
    count, loss = (
        _cells(name, pd.DataFrame({"value": losses[part], "status": status, "method": method}))
        for name, part in (("incident_count", "count"), ("incident_loss", "sum"))
    )
    return count.join(loss)


def _owed(balances: pd.DataFrame, table: pd.DataFrame, base_month: str) -> pd.DataFrame:
    """Crypto on the balance sheet that is owed to others, at the statement's and the base date.

    What is printed as borrowed from customers; or, as a lower bound, own crypto above net assets,
    which owners cannot have paid for. It is rolled to the base month as customers' crypto is.
    """
    own = _at_statement(balances, table, "own_crypto").fillna(0.0)
    above = (own - table[FIELDS["net_assets"].column].astype(float)).clip(lower=0.0).fillna(0.0)
    borrowed = _at_statement(balances, table, "crypto_borrowed").fillna(0.0)
    owed = above.where(above >= borrowed, borrowed)
    known, printed = owed > 0, borrowed > above
    moved = custody.years_between(table["statement_date"], base_month) > 0
    date = table["statement_date"].dt.strftime("%Y-%m-%d")
    what = printed.map({True: "printed as borrowed", False: "own crypto above net assets"})
    since = moved.map({True: ", times the industry's customer crypto since then", False: ""})
    exact = printed & ~moved
    rows = pd.DataFrame(
        {
            "value": (owed * table["statement_roll_factor"]).where(known),
            "status": exact.map({True: "observed", False: "derived"}).where(known, ""),
            "method": (what + " at " + date + since).where(known & ~exact, ""),
        }
    )
    return _cells("crypto_owed", rows).assign(statement_crypto_owed_jpy_mn=owed)


def _at_statement(balances: pd.DataFrame, table: pd.DataFrame, measure: str) -> pd.Series:
    """One printed balance of the statement's date by exchange, blank where there is none."""
    wanted = pd.MultiIndex.from_arrays([table.index, table["statement_date"]])
    rows = balances[balances["measure"] == measure]
    key = pd.MultiIndex.from_arrays([rows["exchange"], pd.to_datetime(rows["as_of"])])
    printed = pd.Series(rows["value"].to_numpy(float), index=key)
    return pd.Series(printed.reindex(wanted).to_numpy(), index=table.index)

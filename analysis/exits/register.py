"""Spells of Japan's exchanges on the register, or deemed so, and which of their ends are exits.

Two definitions. `registration`: the registration ended, or the application of a deemed operator
did. `economic`: the business with customers ended, by choice, by transfer, or by an order after
which it was not taken up again; the registration may go on. Neither counts a merger within a group,
the step from deemed to registered, a move to another bureau, or a change of owner: an exchange that
ran out of cash, was bought and traded on has not left.
"""

from __future__ import annotations

import difflib
from collections.abc import Collection
from functools import lru_cache
from typing import Literal, get_args

import numpy as np
import pandas as pd

from analysis import data
from analysis.errors import InputError
from analysis.losses.exposure import FIRST_DAY, REGISTER_DAY
from analysis.market.panel import BoolArray
from analysis.scenario import Scenario

FILE = "data/market/register.csv"
Definition = Literal["registration", "economic"]
CONTINUED = ("became_registered", "moved_bureau")
"""Ends of a spell after which the same firm goes on as its successor on the register."""
NO_EXIT = (*CONTINUED, "group_merger")
KIND = {
    "voluntary": "closure",
    "application_withdrawn": "closure",
    "closed_before_applying": "closure",
    "refused": "refusal",
    "closed_after_loss": "transfer",
    "unknown": "unknown",
    "ended": "closure",
    "transferred": "transfer",
    "suspended": "sale",
}
"""Kind of exit by its type: the last three are ends of business, of which one ended in a sale."""
STOPPED = ("ended", "transferred", "suspended")
NOT_STARTED = "not_started"
CHANGE_OF_OWNER = "insolvent_and_sold"
KINDS = ("closure", "transfer", "sale", "refusal", "unknown")


def spells(definition: str, table: pd.DataFrame | None = None) -> pd.DataFrame:
    """Every spell on the register or as deemed operator, one row per operator.

    Parameters
    ----------
    definition : {'registration', 'economic'}
        What counts as an exit.
    table : DataFrame, optional
        Register with the columns of `market/register`; the shipped one if left out.

    Returns
    -------
    DataFrame
        operator, exchange (id, missing for deemed operators), firm (the same for all spells of one
        firm), status_class, entered_on (missing if only bounds are known), entry_low, entry_high,
        exit_low, exit_high (the day of the register where the spell goes on), exit_type, kind (one
        of `KINDS`; empty without an exit), event (whether the spell ends in an exit), economic
        (whether the exit is an end of business that left the registration in place).

    Raises
    ------
    InputError
        Unknown definition or type, an exit before its entry, overlapping spells of one firm, or no
        exit at all.
    """
    if definition not in get_args(Definition):
        raise InputError(
            f"exit definition = '{definition}'; allowed: {' or '.join(get_args(Definition))}"
        )
    listed = data.read("market/register") if table is None else table.reset_index(drop=True)
    _check_types(listed)
    found = _dated(listed, definition)
    _check_order(found)
    # A business that never started cannot end.
    idle = listed["economic_type"].isin([NOT_STARTED]) & (definition == "economic")
    found = _one_row_each(found[~idle].reset_index(drop=True))
    _check_overlap(found)
    if not found["event"].any():
        raise InputError(
            f"{FILE}: no exit under definition '{definition}'; allowed: at least one; lengthen the "
            "record or take the other definition"
        )
    return found


def _check_types(listed: pd.DataFrame) -> None:
    allowed: list[tuple[str, Collection[str]]] = [
        ("exit_type", [*(k for k in KIND if k not in STOPPED), *NO_EXIT]),
        ("economic_type", [*STOPPED, NOT_STARTED, CHANGE_OF_OWNER]),
    ]
    for column, types in allowed:
        bad = (listed[column].notna() & ~listed[column].isin(list(types))).to_numpy()
        if bad.any():
            place = int(bad.argmax())
            value = str(listed[column].iloc[place])
            near = difflib.get_close_matches(value, list(types), n=1)
            hint = f"did you mean '{near[0]}'?" if near else f"allowed: {', '.join(types)}"
            raise InputError(f"{FILE}, row {place + 2}: {column} = '{value}' is unknown; {hint}")


def _dated(listed: pd.DataFrame, definition: str) -> pd.DataFrame:
    """Day of exit, type and event of each row under a definition."""
    stopped = listed["economic_type"].isin(list(STOPPED)) & (definition == "economic")
    left = listed["exit_type"].notna()
    exit_type = listed["economic_type"].where(stopped, listed["exit_type"])
    low = listed["exit_low"].where(listed["exit_low"].notna(), listed["entry_low"])
    low = listed["economic_low"].where(stopped, low.where(left, REGISTER_DAY))
    high = listed["economic_high"].where(stopped, listed["exit_high"].where(left, REGISTER_DAY))
    kind = exit_type.map(KIND).fillna("")
    heir = listed["successor"].where(listed["exit_type"].isin(list(CONTINUED)))
    ended = left & ~listed["exit_type"].isin(list(NO_EXIT))
    dates = ["entered_on", "entry_low", "entry_high"]
    return listed[["operator", "exchange", "status_class", "operators", *dates]].assign(
        firm=heir.fillna(listed["exchange"]).fillna(listed["operator"]),
        exit_low=low,
        exit_high=high,
        exit_type=exit_type,
        kind=kind,
        event=kind != "",
        economic=stopped & ~ended,
    )


def _check_order(found: pd.DataFrame) -> None:
    unknown = found[["entry_low", "entry_high", "exit_low", "exit_high"]].isna().any(axis=1)
    for bad, complaint in (
        (unknown, "a bound is missing; give the first and the last possible day"),
        (found["entry_low"] > found["entry_high"], "entry_low is after entry_high; swap them"),
        (found["exit_low"] > found["exit_high"], "exit_low is after exit_high; swap them"),
        (found["exit_high"] < found["entry_low"], "exit before entry; check both days"),
    ):
        if bad.any():
            place = int(bad.to_numpy().argmax())
            row = found.iloc[place]
            days = {
                name: row[name].date() if pd.notna(row[name]) else "blank"
                for name in ("entry_low", "entry_high", "exit_low", "exit_high")
            }
            listed = ", ".join(f"{name} {day}" for name, day in days.items())
            raise InputError(
                f"{FILE}, row {place + 2}, operator '{row['operator']}' ({listed}): {complaint}"
            )


def _one_row_each(found: pd.DataFrame) -> pd.DataFrame:
    """Rows of unnamed groups repeated, with a number behind the name."""
    count = found["operators"].to_numpy(int)
    place = np.repeat(np.arange(len(found)), count)
    each = found.iloc[place].reset_index(drop=True)
    number = (each.groupby(place).cumcount() + 1).astype(str)
    grouped = count[place] > 1
    for column in ("operator", "firm"):
        each[column] = each[column].where(~grouped, each[column] + " " + number)
    return each.drop(columns="operators")


def _check_overlap(found: pd.DataFrame) -> None:
    ordered = found.sort_values(["firm", "entry_low", "exit_high"])
    before = ordered.shift(1)
    bad = (ordered["firm"] == before["firm"]) & (ordered["entry_high"] < before["exit_low"])
    if bad.any():
        row = ordered[bad.to_numpy()].iloc[0]
        raise InputError(
            f"{FILE}: spells of '{row['firm']}' overlap: '{row['operator']}' entered by "
            f"{row['entry_high'].date()}, before the spell ahead of it ended; one firm has one "
            "spell at a time, so end the first on the day on which the second begins"
        )


def at_risk(exchanges: tuple[str, ...], scenario: Scenario) -> BoolArray:
    """Whether each exchange is still there to leave at the end of the base month, (exchange,).

    Not at risk is who has left by the scenario's definition, was merged into another, or, by the
    economic one, never opened. An exchange that the register does not know is at risk.
    """
    return _at_risk(exchanges, scenario.base_month, scenario.exit_definition).copy()


@lru_cache(maxsize=32)
def _at_risk(exchanges: tuple[str, ...], base_month: str, definition: str) -> BoolArray:
    end = pd.Period(base_month, "M").end_time
    found = spells(definition)
    found = found[found["exchange"].notna()]
    on = found[found["exit_type"].isna() | (found["exit_high"] > end)]
    gone = set(data.read("market/register")["exchange"].dropna()) - set(on["exchange"])
    return ~np.isin(np.array(exchanges), sorted(gone))


def exit_kinds(found: pd.DataFrame, status_class: str = "registered") -> pd.Series:
    """Exits by kind, in the order of `KINDS`, of operators of one status."""
    left = found[found["event"] & (found["status_class"] == status_class)]
    return left["kind"].value_counts().reindex(list(KINDS), fill_value=0).rename("exits")


__all__ = ["FIRST_DAY", "KINDS", "REGISTER_DAY", "Definition", "at_risk", "exit_kinds", "spells"]

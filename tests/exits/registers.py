"""Small registers for tests, in the columns of `market/register`."""

from __future__ import annotations

from typing import Any

import pandas as pd

_BLANK: dict[str, Any] = {
    "status_class": "registered",
    "operators": 1,
    "entered_on": pd.NaT,
    "exit_low": pd.NaT,
    "exit_high": pd.NaT,
    "exit_type": None,
    "successor": None,
    "economic_low": pd.NaT,
    "economic_high": pd.NaT,
    "economic_type": None,
}
_DAYS = ("entry_low", "entry_high", "exit_low", "exit_high", "economic_low", "economic_high")


def register(*rows: dict[str, Any]) -> pd.DataFrame:
    """Register of rows; `entry` and `exit` set both bounds, names follow the operator."""
    listed = []
    for row in rows:
        full = dict(row)
        for name in ("entry", "exit", "economic"):
            if name in full:
                day = full.pop(name)
                full |= {f"{name}_low": day, f"{name}_high": day}
        full.setdefault("exchange", full["operator"].lower())
        listed.append(_BLANK | full)
    table = pd.DataFrame(listed)
    for column in _DAYS:
        table[column] = pd.to_datetime(table[column])
    text = ["operator", "exchange", "status_class", "exit_type", "successor", "economic_type"]
    return table.astype(dict.fromkeys(text, "str"))


def five() -> pd.DataFrame:
    """Five operators from 2018-01-01: ends after 1, 2 and 4 years, a merger after 3, one stays."""
    return register(
        {"operator": "A", "entry": "2018-01-01", "exit": "2019-01-01", "exit_type": "voluntary"},
        {"operator": "B", "entry": "2018-01-01", "exit": "2020-01-01", "exit_type": "refused"},
        {"operator": "C", "entry": "2018-01-01", "exit": "2021-01-01", "exit_type": "group_merger"},
        {"operator": "D", "entry": "2018-01-01", "exit": "2022-01-01", "exit_type": "voluntary"},
        {"operator": "E", "entry": "2018-01-01"},
    )

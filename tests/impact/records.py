"""Losses of the replay by name, and records of operators made for a test."""

from __future__ import annotations

from typing import Any

import pandas as pd

COINCHECK, ZAIF, BITPOINT = "coincheck_2018_01", "zaif_2018_09", "bitpoint_japan_2019_07"
DMM, QUOINE, MT_GOX = "dmm_bitcoin_2024_05", "quoine_kk_2021_08", "mt_gox_2014_02"


UNITS = {"years_registered": "years", "incident_count": "losses", "hot_share": "share"}


def table(*rows: tuple[Any, ...]) -> pd.DataFrame:
    """Rows of a record: incident, measure, value, low, high in JPY mn, shares or years."""
    made = pd.DataFrame(rows, columns=["incident", "measure", "value", "low", "high"])
    made = made.astype({"value": float, "low": float, "high": float})
    return made.assign(jpy_per_unit=1.0, unit=made["measure"].map(UNITS).fillna("JPY mn"))

"""Names that a reader knows, for the ids that the tables carry."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from analysis.data import read


def exchange_names(exchanges: Iterable[str]) -> list[str]:
    """Name of each exchange; an id that the shipped operators do not have stays as it is."""
    operators = read("market/operators").set_index("exchange")["name"]
    return [str(operators.get(exchange, exchange)) for exchange in exchanges]


def by_exchange(table: pd.DataFrame, value: str) -> pd.DataFrame:
    """One row per exchange (named) and one column per formula, from a table of `Impact.tables`."""
    wide = table.pivot_table(value, "exchange", "formula", sort=False)
    return wide.set_axis(exchange_names(wide.index), axis="index")

"""The headlines: one row per statement, with interval, unit, and where it is shown."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

COLUMNS = ["id", "statement", "value", "low", "high", "unit", "table", "notebook"]

#: Measure of the industry table, its unit there, statement, unit for a reader, notebook.
_BY_FORMULA = [
    ("required", "_jpy_mn", "What all exchanges must hold under {}", "JPY mn", "03_reserves"),
    (
        "annual_cost",
        "_jpy_mn",
        "Cost of a year to all exchanges once the reserve under {} is complete",
        "JPY mn per year",
        "04_compliance_cost",
    ),
    (
        "share_of_revenue",
        "",
        "That cost under {} over operating revenue",
        "fraction",
        "04_compliance_cost",
    ),
    (
        "exchanges_short",
        "",
        "Exchanges whose free liquid assets do not reach the cash part under {}",
        "exchanges",
        "05_liquidity",
    ),
]


def headline(industry: pd.DataFrame) -> pd.DataFrame:
    """Statements that other work may quote, one row each.

    Parameters
    ----------
    industry : DataFrame
        The table of that name: one row per formula, totals with low and high.

    Returns
    -------
    DataFrame
        Columns id, statement, value, low, high, unit, table, notebook. Bounds are those of the
        industry table; they are blank where a statement compares formulas.
    """
    totals = industry.set_index("formula")
    return pd.DataFrame([*_span(totals), *_each_formula(totals)], columns=COLUMNS)


def _span(totals: pd.DataFrame) -> Iterator[tuple[object, ...]]:
    """How far apart the candidates are: the smallest, the largest, their ratio."""
    required = totals.loc[totals["required_jpy_mn"] > 0, "required_jpy_mn"]
    if len(required) < 2:
        return
    place = ("industry", "03_reserves")
    for word, formula in {"smallest": required.idxmin(), "largest": required.idxmax()}.items():
        statement = f"The {word} industry total among the candidates ({formula})"
        yield (
            f"span.{word}",
            statement,
            *_bounded(totals, formula, "required", "_jpy_mn"),
            "JPY mn",
            *place,
        )
    statement = "Largest industry total over the smallest"
    factor = required.max() / required.min()
    yield ("span.ratio", statement, factor, float("nan"), float("nan"), "ratio", *place)


def _each_formula(totals: pd.DataFrame) -> Iterator[tuple[object, ...]]:
    for formula in totals.index:
        for measure, unit, statement, shown, notebook in _BY_FORMULA:
            bounded = _bounded(totals, formula, measure, unit)
            yield (
                f"{measure}.{formula}",
                statement.format(formula),
                *bounded,
                shown,
                "industry",
                notebook,
            )


def _bounded(totals: pd.DataFrame, formula: object, measure: str, unit: str) -> list[float]:
    """Value, low and high of one measure of one formula."""
    names = [f"{measure}{bound}{unit}" for bound in ("", "_low", "_high")]
    return [float(value) for value in totals.loc[[formula], names].iloc[0]]

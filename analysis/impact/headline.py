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


#: Measure of the appraisal table, its unit there, statement, unit for a reader.
_WORTH = [
    (
        "avoided_loss",
        "_jpy_mn",
        "Customers' expected loss of a year that {} avoids",
        "JPY mn per year",
    ),
    (
        "benefit_cost_ratio",
        "",
        "Benefit on stolen crypto over cost under {}, failures avoided apart",
        "ratio",
    ),
    (
        "benefit_cost_ratio_with_failures",
        "",
        "Benefit over cost under {}, with failures avoided",
        "ratio",
    ),
    ("npv", "_jpy_mn", "Net present value of {}, failures avoided apart", "JPY mn"),
]


def headline(
    industry: pd.DataFrame,
    protection: pd.DataFrame,
    appraisal: pd.DataFrame,
    market: pd.DataFrame,
) -> pd.DataFrame:
    """Statements that other work may quote, one row each.

    Parameters
    ----------
    industry, appraisal, market : DataFrame
        The tables of that name: one row per formula, totals with low and high.
    protection : DataFrame
        The table of that name: one row per formula and exchange.

    Returns
    -------
    DataFrame
        Columns id, statement, value, low, high, unit, table, notebook. Bounds are those of the
        table; they are blank where a statement compares formulas or averages exchanges.
    """
    totals, worth = industry.set_index("formula"), appraisal.set_index("formula")
    left = market.set_index("formula")
    rows = [*_span(totals), *_each_formula(totals), *_losses(protection, worth), *_exits(left)]
    return pd.DataFrame(rows, columns=COLUMNS)


def _losses(protection: pd.DataFrame, worth: pd.DataFrame) -> Iterator[tuple[object, ...]]:
    """What is lost in a year, what of it each formula covers and avoids, and for how much."""
    blank = (float("nan"), float("nan"))
    expected = _bounded(worth, worth.index[0], "expected_loss", "_jpy_mn")
    statement = "Expected loss of customers' crypto at all exchanges in a year"
    yield ("expected_loss", statement, *expected, "JPY mn per year", "appraisal", "06_losses")
    for formula in worth.index:
        rows = protection[protection["formula"] == formula]
        weight = rows["expected_loss_jpy_mn"]
        share = (rows["coverage_given_loss"] * weight).sum() / weight.sum()
        yield (
            f"coverage_given_loss.{formula}",
            f"Chance that {formula} pays a loss in full, exchanges weighted by expected loss",
            *(share, *blank),
            "fraction",
            "protection",
            "08_protection",
        )
        for measure, unit, statement, shown in _WORTH:
            yield (
                f"{measure}.{formula}",
                statement.format(formula),
                *_bounded(worth, formula, measure, unit),
                shown,
                "appraisal",
                "09_appraisal",
            )


def _exits(left: pd.DataFrame) -> Iterator[tuple[object, ...]]:
    """How many exchanges leave without a rule, and how many more with each formula.

    Bounds are of the expected number, which differs between data sets, or of the number itself.
    """
    place, expected = ("exchanges", "market", "07_exits"), "; bounds: of the expectation"
    spread = "; bounds: of the number, as chance has it"
    first = left.index[0]
    without = _bounded(left, first, "baseline_exits", "")
    statement = "Exits of exchanges without any reserve, expected"
    yield ("exits.without", statement + expected, *without, *place)
    number = [without[0], *_ends(left, first, "baseline_number")]
    yield ("exits.number.without", statement + spread, *number, *place)
    for formula in left.index:
        statement = f"Expected exits that {formula} adds, before the market answers{expected}"
        added = _bounded(left, formula, "added_exits", "")
        yield (f"exits.added.{formula}", statement, *added, *place)
        statement = f"Exits under {formula}, expected, before the market answers{spread}"
        whole = float(left.loc[[formula], "expected_exits"].iloc[0])
        number = [whole, *_ends(left, formula, "number")]
        yield (f"exits.number.{formula}", statement, *number, *place)


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


def _ends(totals: pd.DataFrame, formula: object, measure: str) -> list[float]:
    """Low and high of a measure without a value of its own."""
    names = [f"{measure}_low", f"{measure}_high"]
    return [float(value) for value in totals.loc[[formula], names].iloc[0]]

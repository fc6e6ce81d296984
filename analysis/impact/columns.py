"""What every column of every table says: its unit and meaning, once per name.

A name means the same in every table. Where the table has no column `exchange` the figure is the
sum over the evaluated exchanges, and a share is the share of the sums.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from analysis.impact.column import COUNT, MONEY, SHARE, YEARLY, Column, TableText
from analysis.impact.exit_columns import EXIT_TABLES, EXITS
from analysis.impact.liquidity import QUARTER
from analysis.impact.worth_columns import WORTH, WORTH_TABLES
from analysis.market.panel import LARGE_JPY_MN, MEDIUM_JPY_MN

TABLES: Mapping[str, TableText] = {
    "reserves": TableText("What each formula requires of each exchange", ("formula", "exchange")),
    "compliance_cost": TableText(
        "What each formula costs each exchange: a year once complete, and over the horizon",
        ("formula", "exchange"),
    ),
    "liquidity": TableText(
        "What each formula locks up, and whether the exchange can fund it out of today's assets",
        ("formula", "exchange"),
    ),
    "cost_path": TableText("Cost of all exchanges, year by year", ("formula", "year")),
    "liquidity_path": TableText(
        "Build-up of the reserve in all exchanges and who is short, year by year; means",
        ("formula", "year"),
    ),
    "industry": TableText("Totals of the evaluated exchanges", ("formula",)),
    "size_bands": TableText("Totals by size of the exchange", ("formula", "band")),
    **WORTH_TABLES,
    **EXIT_TABLES,
    "headline": TableText("Statements that other work may quote", ("id",)),
}

_ROWS = {
    "formula": Column("id", "Candidate formula; `study formulas` lists them"),
    "exchange": Column("id", "Exchange; data/market/operators.csv has its names"),
    "year": Column("years", "Year of the horizon, from 1; stocks are those at its end"),
    "band": Column(
        "text",
        f"Size by customer crypto: large from JPY {LARGE_JPY_MN:,.0f} mn, medium from "
        f"JPY {MEDIUM_JPY_MN:,.0f} mn, small below",
    ),
    "n_exchanges": Column(COUNT, "Evaluated exchanges of that size"),
    "id": Column("id", "Name of the statement, stable from version to version"),
    "statement": Column("text", "What the value is"),
    "value": Column("see the column unit", "The value, a mean over the data sets"),
    "unit": Column("text", "Unit of the value and of its bounds"),
    "table": Column("text", "Table that the value comes from"),
    "notebook": Column("text", "Page that shows it"),
    "low": Column(
        "as what it bounds",
        "Lower bound of annual_cost_jpy_mn; in headline of value, in replay of paid_share, "
        "in exits of exit_probability, in market of the number of exits",
    ),
    "high": Column(
        "as what it bounds",
        "Upper bound of annual_cost_jpy_mn; in headline of value, in replay of paid_share, "
        "in exits of exit_probability, in market of the number of exits",
    ),
}

_RESERVE = {
    "required_jpy_mn": Column(MONEY, "Reserve required once the phase-in is complete", True),
    "cash_jpy_mn": Column(
        MONEY, "Part of it that is cash, in the cheapest mix of cash and insurance", True
    ),
    "insured_jpy_mn": Column(MONEY, "Part of it that insurance meets in that mix", True),
    "unfunded_jpy_mn": Column(
        MONEY, "Part that cannot be met; 0 unless cash must come out of earnings", True
    ),
    "balance_jpy_mn": Column(MONEY, "Reserve due at the end of the year, cash and insured"),
    "share_of_custody": Column(SHARE, "Requirement over customer crypto"),
    "share_of_net_assets": Column(SHARE, "Requirement (in liquidity its cash) over net assets"),
    "imputed_share": Column(
        SHARE, "Part of the requirement that rests on imputed cells; sums weighted by requirement"
    ),
}

_COST = {
    "annual_cost_jpy_mn": Column(
        YEARLY,
        "Cost of a year with the complete reserve: carry of the cash (return on equity less its "
        "yield), premium, administration; in cost_path of that year, with the one-off cost",
        True,
    ),
    "median_annual_cost_jpy_mn": Column(YEARLY, "The same for the exchange in the middle"),
    "premium_jpy_mn": Column(YEARLY, "Insurance premium, part of the annual cost"),
    "equivalent_annual_cost_jpy_mn": Column(
        YEARLY, "Level yearly cost of the horizon: phase-in and one-off cost spread out", True
    ),
    "present_value_jpy_mn": Column(
        MONEY, "Present value of the costs of the horizon; in cost_path up to that year", True
    ),
    "share_of_revenue": Column(
        SHARE, "Annual cost over operating revenue; blank where that is not positive", True
    ),
    "share_of_profit": Column(
        SHARE, "Annual cost over operating profit; blank where that is not positive", True
    ),
    "bp_of_volume": Column("basis points", "Annual cost over spot trading value", True),
    "yen_per_account": Column(
        "JPY per year", "Annual cost over customer accounts of the whole industry", True
    ),
}

_RESPONSE = {
    "volume_lost_share": Column(
        SHARE, "Spot volume that goes away as the cost passed on raises the price", True
    ),
    "revenue_lost_jpy_mn": Column(
        YEARLY, "Revenue on that volume; borne by owners beside the cost", True
    ),
    "borne_by_customers_jpy_mn": Column(
        YEARLY, "Part of the annual cost that customers who stay pay in the price", True
    ),
    "borne_by_owners_jpy_mn": Column(YEARLY, "The rest of the annual cost", True),
    "deadweight_loss_jpy_mn": Column(
        YEARLY, "Welfare lost with the volume: half the price rise times the volume lost", True
    ),
}

_LIQUIDITY = {
    "locked_jpy_mn": Column(MONEY, "Cash that the complete reserve locks up"),
    "share_of_liquid_assets": Column(SHARE, "That cash over own liquid assets"),
    "free_liquid_assets_jpy_mn": Column(
        MONEY,
        "Own liquid assets before any reserve, less the match of hot wallets beyond crypto owed to "
        f"others and less the capital floor (capital_ratio times {QUARTER:g} of yearly expenses)",
    ),
    "shortfall_jpy_mn": Column(
        MONEY, "Cash of the reserve beyond free liquid assets, plus what is unfunded", True
    ),
    "shortfall_with_profit_jpy_mn": Column(
        MONEY, "The same if net income, held constant, stays in the firm year by year"
    ),
    "fundable": Column("true or false", "No shortfall in at least half of the data sets"),
    "fundable_probability": Column(SHARE, "Share of the data sets without a shortfall"),
    "exchanges_short": Column(COUNT, "Exchanges with a shortfall", True),
    "exchanges_short_with_profit": Column(COUNT, "The same with net income staying in the firm"),
    "exchanges_without_free_assets": Column(
        COUNT,
        "Exchanges without free liquid assets before any reserve: short because of no formula",
        True,
    ),
    "exchanges_without_free_assets_with_profit": Column(
        COUNT, "The same with net income staying in the firm"
    ),
    "charge_on_profit_jpy_mn": Column(
        YEARLY, "Charge of the year where the reserve is a provision; negative is a release"
    ),
    "net_assets_after_jpy_mn": Column(
        MONEY, "Net assets, less the cash reserve where it is a provision"
    ),
    "negative_net_assets_probability": Column(
        SHARE, "Share of the data sets in which that is negative"
    ),
    "exchanges_negative_net_assets": Column(COUNT, "Exchanges for which that is negative"),
}

_OTHER_DUTIES = {
    "other_duties_capital_jpy_mn": Column(
        MONEY, "Capital lacking to the minimum capital; blank if other duties are not costed", True
    ),
    "other_duties_annual_cost_jpy_mn": Column(
        YEARLY, "Cost of the other duties of the move to the FIEA; blank if not costed", True
    ),
    "other_duties_present_value_jpy_mn": Column(
        MONEY, "Present value of those, one-off cost included; blank if not costed", True
    ),
}


def _with_bounds(columns: Mapping[str, Column]) -> Iterator[tuple[str, Column]]:
    """Each column, then its bounds; the unit stays last in the name."""
    for name, column in columns.items():
        yield name, column
        stem = name.removesuffix("_jpy_mn")
        for word, bound in (("Lower", "low"), ("Upper", "high")) if column.bounded else ():
            about = f"{word} bound of {name} over the data sets"
            yield f"{stem}_{bound}{name.removeprefix(stem)}", Column(column.unit, about)


COLUMNS: Mapping[str, Column] = dict(
    _with_bounds(
        {**_ROWS, **_RESERVE, **_COST, **_RESPONSE, **_LIQUIDITY, **_OTHER_DUTIES, **WORTH, **EXITS}
    )
)

"""One formula in the fields that official assessments of rules ask for.

Forms
-----
- United Kingdom, impact assessment, template of 2020 (first page): Total Net Present Social Value,
  Business Net Present Value, Net cost to business per year, prices, options, organisations in scope
  by size, trade, greenhouse gases, review.
- Financial Conduct Authority, cost benefit analysis: one-off and ongoing, direct and indirect
  costs, costs to the authority, benefits with and without a figure.
- Basel Committee, quantitative impact study: sample, requirement, number below it and shortfall,
  by group; no response of firms is assumed.
- Japan, ex-ante evaluation of regulation: compliance and administrative cost, effect, secondary
  effects, cost against effect, alternatives. The form in use since 2024 was not seen.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis.errors import InputError
from analysis.impact.cost import ratio
from analysis.market.panel import BANDS, FloatArray, size_bands
from analysis.market.pool import pool

if TYPE_CHECKING:
    from analysis.impact.evaluate import Impact

NOT_ESTIMATED = "not estimated"
UK, FCA, BASEL, JAPAN = "UK", "FCA", "Basel", "Japan"
COLUMNS = ["form", "field", "value", "low", "high", "unit", "source", "note"]
Row = tuple[object, ...]


def assessment(impact: Impact, formula: str) -> pd.DataFrame:
    """Fields of the forms, filled for one formula.

    Returns
    -------
    DataFrame
        form, field, value, low, high (bounds over data sets, where there are any), unit, source
        (table and column, or parameter), note; a value that the study does not give is
        `NOT_ESTIMATED`, with the reason as its note.

    Raises
    ------
    InputError
        A formula that was not evaluated.
    """
    ids = [one.id for one in impact.formulas]
    if formula not in ids:
        raise InputError(f"formula '{formula}' was not evaluated; give one of: {', '.join(ids)}")
    place = ids.index(formula)
    rows = [*_uk(impact, place), *_fca(impact, place), *_basel(impact, place)]
    return pd.DataFrame([*rows, *_japan(impact, place)], columns=COLUMNS)


def _figure(
    form: str, field: str, draws: FloatArray, unit: str, source: str, note: str, impact: Impact
) -> Row:
    pooled = pool(draws, impact.scenario.interval, axis=-1)
    bounds = (float(pooled.low), float(pooled.high))
    return (form, field, float(pooled.estimate), *bounds, unit, source, note)


def _tabled(form: str, field: str, column: str, impact: Impact, place: int) -> Row:
    """Ratio of the appraisal table, with its bounds."""
    row = impact.tables["appraisal"].iloc[place]
    value, low, high = (float(row[f"{column}{end}"]) for end in ("", "_low", "_high"))
    return (form, field, value, low, high, "ratio", f"appraisal.{column}", "benefit over cost")


def _said(form: str, field: str, value: object, unit: str, source: str, note: str = "") -> Row:
    return (form, field, value, np.nan, np.nan, unit, source, note)


def _missing(form: str, field: str, why: str) -> Row:
    return _said(form, field, NOT_ESTIMATED, "", "", why)


def _in_scope(impact: Impact) -> str:
    counts = size_bands(impact.panel).value_counts()
    return ", ".join(f"{int(counts.get(band, 0))} {band}" for band in BANDS)


def _uk(impact: Impact, place: int) -> Iterator[Row]:
    worth, scenario = impact.appraisal, impact.scenario
    yield _figure(
        UK, "Total Net Present Social Value", worth.net_of_transfers[place], "JPY mn",
        "appraisal.npv_net_of_transfers_jpy_mn",
        "payments between parties cancel; failures avoided are not in it", impact,
    )  # fmt: skip
    yield _figure(
        UK, "Total Net Present Social Value, failures avoided included",
        (worth.net_of_transfers + worth.benefit_value.failures)[place], "JPY mn",
        "appraisal.npv_net_of_transfers_jpy_mn, benefit of failures avoided",
        "an upper reading: part of a failure's loss goes to other creditors", impact,
    )  # fmt: skip
    yield _figure(
        UK, "Business Net Present Value", -impact.present_value[place].sum(axis=-1), "JPY mn",
        "industry.present_value_jpy_mn",
        "cost to exchanges, insurance paid for; what reserves pay out is not in it", impact,
    )  # fmt: skip
    yield _figure(
        UK, "Net cost to business per year", worth.net_direct_cost_to_business[place],
        "JPY mn per year", "appraisal.net_direct_cost_to_business_jpy_mn",
        "equivalent annual net direct cost to business (EANDCB)", impact,
    )  # fmt: skip
    yield _said(UK, "Price base year", scenario.base_month, "month", "base_month")
    yield _said(UK, "Present value base year", scenario.base_month, "month", "base_month",
                "payments at the end of each year after it")  # fmt: skip
    yield _said(UK, "Time period", scenario.horizon_years, "years", "horizon_years")
    yield _said(UK, "Discount rate", scenario.discount_rate, "real, per year", "discount_rate")
    yield _said(UK, "Organisations in scope by size", _in_scope(impact), "exchanges", "size_bands",
                "size by customer crypto, not by staff as the template has it")  # fmt: skip
    options = f"no reserve, and {len(impact.formulas)} formulas"
    yield _said(UK, "Policy options considered", options, "", "appraisal.formula")
    yield _missing(
        UK, "Impact on international trade and investment", "no model of offshore venues"
    )
    yield _missing(UK, "Change in greenhouse gas emissions", "out of the study's question")
    yield _missing(UK, "Review date", "for the authority to set")


def _fca(impact: Impact, place: int) -> Iterator[Row]:
    worth, scenario, required = impact.appraisal, impact.scenario, impact.required[place]
    first = scenario.one_off_cost_jpy_mn * (required > 0).sum(axis=-1)
    year = worth.annual_benefit
    yield _figure(FCA, "One-off costs to firms, direct", first.astype(float), "JPY mn",
                  "one_off_cost_jpy_mn", "set-up of the reserve", impact)  # fmt: skip
    yield _figure(
        FCA, "Ongoing costs to firms, direct", impact.annual_cost[place].sum(axis=-1),
        "JPY mn per year", "industry.annual_cost_jpy_mn", "carry, premium, administration", impact,
    )  # fmt: skip
    yield _figure(
        FCA, "Indirect costs: welfare lost with volume",
        impact.response.deadweight_loss[place].sum(axis=-1), "JPY mn per year",
        "industry.deadweight_loss_jpy_mn", "", impact,
    )  # fmt: skip
    yield _figure(
        FCA, "Costs passed on to consumers",
        impact.response.borne_by_customers[place].sum(axis=-1), "JPY mn per year",
        "industry.borne_by_customers_jpy_mn", "part of the direct costs, a transfer", impact,
    )  # fmt: skip
    yield _missing(FCA, "Costs to the authority", "no figure found for supervising the reserve")
    yield _figure(
        FCA, "Benefits quantified: losses avoided", year.losses[place], "JPY mn per year",
        "appraisal.avoided_loss_jpy_mn", "a transfer from owners and insurers to consumers", impact,
    )  # fmt: skip
    yield _figure(FCA, "Benefits quantified: earlier payment", year.earlier[place],
                  "JPY mn per year", "appraisal.earlier_payment_jpy_mn", "", impact)  # fmt: skip
    yield _figure(
        FCA, "Benefits quantified apart: failures avoided", year.failures[place],
        "JPY mn per year", "appraisal.failures_avoided_jpy_mn",
        "rests on guesses about segregation and estates", impact,
    )  # fmt: skip
    yield _missing(FCA, "Benefits not quantified: confidence, care, fewer thefts",
                   "no evidence that a reserve changes behaviour, either way")  # fmt: skip


def _basel(impact: Impact, place: int) -> Iterator[Row]:
    bands, short = size_bands(impact.panel), impact.shortfall[place]
    count = len(impact.panel.exchanges)
    yield _said(BASEL, "Institutions in the sample", count, "exchanges", "panel")
    yield _figure(BASEL, "Minimum requirement", impact.required[place].sum(axis=-1), "JPY mn",
                  "industry.required_jpy_mn", "once the phase-in is complete", impact)  # fmt: skip
    for band in BANDS:
        inside = (bands == band).to_numpy()
        if not inside.any():
            continue
        below = (short[:, inside] > 0).sum(axis=-1).astype(float)
        yield _figure(BASEL, f"Institutions below requirement, {band}", below, "exchanges",
                      "size_bands.exchanges_short", f"of {int(inside.sum())}", impact)  # fmt: skip
        yield _figure(
            BASEL, f"Shortfall, {band}", short[:, inside].sum(axis=-1), "JPY mn",
            "liquidity.shortfall_jpy_mn", "no response of firms assumed", impact,
        )  # fmt: skip
    profit = impact.panel["net_income"].clip(min=0).sum(axis=-1)
    yield _figure(
        BASEL, "Shortfall over a year's net income", ratio(short.sum(axis=-1), profit), "ratio",
        "liquidity.shortfall_jpy_mn", "net income of exchanges that have one", impact,
    )  # fmt: skip


def _japan(impact: Impact, place: int) -> Iterator[Row]:
    worth = impact.appraisal
    yield _figure(
        JAPAN, "Compliance cost (junshu hiyo)", worth.net_direct_cost_to_business[place],
        "JPY mn per year", "appraisal.net_direct_cost_to_business_jpy_mn", "", impact,
    )  # fmt: skip
    yield _missing(JAPAN, "Administrative cost (gyosei hiyo)",
                   "no figure found for supervising the reserve")  # fmt: skip
    yield _figure(
        JAPAN, "Effect: expected loss of customers avoided",
        worth.steady.avoided[place].sum(axis=-1), "JPY mn per year",
        "appraisal.avoided_loss_jpy_mn", "", impact,
    )  # fmt: skip
    yield _figure(
        JAPAN, "Secondary effect: revenue lost with volume",
        impact.response.revenue_lost[place].sum(axis=-1), "JPY mn per year",
        "industry.revenue_lost_jpy_mn", "", impact,
    )  # fmt: skip
    yield _figure(
        JAPAN, "Secondary effect: exchanges that cannot fund it",
        (impact.shortfall[place] > 0).sum(axis=-1).astype(float), "exchanges",
        "industry.exchanges_short", "exits are not estimated", impact,
    )  # fmt: skip
    yield _tabled(JAPAN, "Cost against effect", "benefit_cost_ratio", impact, place)
    yield _tabled(
        JAPAN, "Cost against effect, failures avoided included",
        "benefit_cost_ratio_with_failures", impact, place,
    )  # fmt: skip
    means = worth.net_present_value.mean(axis=-1)
    best = impact.formulas[int(np.argmax(means))].id
    yield _said(JAPAN, "Alternatives compared", len(impact.formulas) - 1, "formulas",
                "appraisal.npv_jpy_mn", f"highest net present value: {best}")  # fmt: skip

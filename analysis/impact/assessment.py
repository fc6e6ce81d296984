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
from dataclasses import dataclass
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
NO_SUPERVISION = "no figure found for supervising the reserve"
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
    forms = {"UK": _uk, "FCA": _fca, "Basel": _basel, "Japan": _japan}
    rows = [row for name, fill in forms.items() for row in fill(_Form(name, impact, place))]
    return pd.DataFrame(rows, columns=COLUMNS)


@dataclass(frozen=True)
class _Form:
    """A form, and what its fields are filled from."""

    name: str
    impact: Impact
    place: int

    def figure(self, field: str, draws: FloatArray, unit: str, source: str, note: str = "") -> Row:
        """Mean and bounds over data sets; `draws` is (formula, draw), or (formula, draw, exchange).

        What is given by exchange is summed.
        """
        mine = draws[self.place]
        whole = mine.sum(axis=-1) if mine.ndim > 1 else mine
        pooled = pool(whole, self.impact.scenario.interval, axis=-1)
        bounds = (float(pooled.low), float(pooled.high))
        return (self.name, field, float(pooled.estimate), *bounds, unit, source, note)

    def tabled(self, field: str, column: str) -> Row:
        """Ratio of the appraisal table, with its bounds."""
        row = self.impact.tables["appraisal"].iloc[self.place]
        bounded = (float(row[f"{column}{end}"]) for end in ("", "_low", "_high"))
        source = f"appraisal.{column}"
        return (self.name, field, *bounded, "ratio", source, "benefit over cost")

    def said(self, field: str, value: object, unit: str, source: str, note: str = "") -> Row:
        """A value without bounds."""
        return (self.name, field, value, np.nan, np.nan, unit, source, note)

    def missing(self, field: str, why: str) -> Row:
        """What the study does not give."""
        return self.said(field, NOT_ESTIMATED, "", "", why)


def _in_scope(impact: Impact) -> str:
    counts = size_bands(impact.panel).value_counts()
    return ", ".join(f"{int(counts.get(band, 0))} {band}" for band in BANDS)


def _uk(form: _Form) -> Iterator[Row]:
    impact, worth, scenario = form.impact, form.impact.appraisal, form.impact.scenario
    source = "appraisal.npv_net_of_transfers_jpy_mn"
    yield form.figure(
        "Total Net Present Social Value", worth.net_of_transfers, "JPY mn", source,
        "payments between parties cancel; failures avoided are not in it",
    )  # fmt: skip
    yield form.figure(
        "Total Net Present Social Value, failures avoided included",
        worth.net_of_transfers + worth.benefit_value.failures, "JPY mn",
        f"{source}, benefit of failures avoided",
        "an upper reading: part of a failure's loss goes to other creditors",
    )  # fmt: skip
    yield form.figure(
        "Business Net Present Value", -impact.present_value, "JPY mn",
        "industry.present_value_jpy_mn",
        "cost to exchanges, insurance paid for; what reserves pay out is not in it",
    )  # fmt: skip
    yield form.figure(
        "Net cost to business per year", worth.net_direct_cost_to_business, "JPY mn per year",
        "appraisal.net_direct_cost_to_business_jpy_mn",
        "equivalent annual net direct cost to business (EANDCB)",
    )  # fmt: skip
    month = (scenario.base_month, "month", "base_month")
    yield form.said("Price base year", *month)
    yield form.said("Present value base year", *month, "payments at the end of each year after it")
    yield form.said("Time period", scenario.horizon_years, "years", "horizon_years")
    yield form.said("Discount rate", scenario.discount_rate, "real, per year", "discount_rate")
    yield form.said("Organisations in scope by size", _in_scope(impact), "exchanges", "size_bands",
                    "size by customer crypto, not by staff as the template has it")  # fmt: skip
    options = f"no reserve, and {len(impact.formulas)} formulas"
    yield form.said("Policy options considered", options, "", "appraisal.formula")
    yield form.missing(
        "Impact on international trade and investment",
        "the share of volume that goes offshore is estimated, its worth is not",
    )
    yield form.missing("Change in greenhouse gas emissions", "out of the study's question")
    yield form.missing("Review date", "for the authority to set")


def _fca(form: _Form) -> Iterator[Row]:
    impact, yearly, year = form.impact, "JPY mn per year", form.impact.appraisal.annual_benefit
    first = impact.scenario.one_off_cost_jpy_mn * (impact.required > 0).astype(float)
    yield form.figure("One-off costs to firms, direct", first, "JPY mn", "one_off_cost_jpy_mn",
                      "set-up of the reserve")  # fmt: skip
    yield form.figure("Ongoing costs to firms, direct", impact.annual_cost, yearly,
                      "industry.annual_cost_jpy_mn", "carry, premium, administration")  # fmt: skip
    yield form.figure("Indirect costs: welfare lost with volume", impact.response.deadweight_loss,
                      yearly, "industry.deadweight_loss_jpy_mn")  # fmt: skip
    yield form.figure("Costs passed on to consumers", impact.response.borne_by_customers, yearly,
                      "industry.borne_by_customers_jpy_mn",
                      "part of the direct costs, a transfer")  # fmt: skip
    yield form.missing("Costs to the authority", NO_SUPERVISION)
    yield form.figure("Benefits quantified: losses avoided", year.losses, yearly,
                      "appraisal.avoided_loss_jpy_mn",
                      "a transfer from owners and insurers to consumers")  # fmt: skip
    yield form.figure("Benefits quantified: earlier payment", year.earlier, yearly,
                      "appraisal.earlier_payment_jpy_mn")  # fmt: skip
    yield form.figure("Benefits quantified apart: failures avoided", year.failures, yearly,
                      "appraisal.failures_avoided_jpy_mn",
                      "rests on guesses about segregation and estates")  # fmt: skip
    yield form.missing("Benefits not quantified: confidence, care, fewer thefts",
                       "no evidence that a reserve changes behaviour, either way")  # fmt: skip


def _basel(form: _Form) -> Iterator[Row]:
    impact, source = form.impact, "liquidity.shortfall_jpy_mn"
    bands, short = size_bands(impact.panel), impact.shortfall
    yield form.said("Institutions in the sample", len(bands), "exchanges", "panel")
    yield form.figure("Minimum requirement", impact.required, "JPY mn", "industry.required_jpy_mn",
                      "once the phase-in is complete")  # fmt: skip
    for band in BANDS:
        inside = (bands == band).to_numpy()
        if not inside.any():
            continue
        below = (short[..., inside] > 0).astype(float)
        yield form.figure(f"Institutions below requirement, {band}", below, "exchanges",
                          "size_bands.exchanges_short", f"of {int(inside.sum())}")  # fmt: skip
        yield form.figure(f"Shortfall, {band}", short[..., inside], "JPY mn", source,
                          "no response of firms assumed")  # fmt: skip
    profit = impact.panel["net_income"].clip(min=0).sum(axis=-1)
    yield form.figure("Shortfall over a year's net income", ratio(short.sum(axis=-1), profit),
                      "ratio", source, "net income of exchanges that have one")  # fmt: skip


def _japan(form: _Form) -> Iterator[Row]:
    impact, worth, yearly = form.impact, form.impact.appraisal, "JPY mn per year"
    yield form.figure("Compliance cost (junshu hiyo)", worth.net_direct_cost_to_business, yearly,
                      "appraisal.net_direct_cost_to_business_jpy_mn")  # fmt: skip
    yield form.missing("Administrative cost (gyosei hiyo)", NO_SUPERVISION)
    yield form.figure("Effect: expected loss of customers avoided", worth.steady.avoided, yearly,
                      "appraisal.avoided_loss_jpy_mn")  # fmt: skip
    yield form.figure("Secondary effect: revenue lost with volume", impact.response.revenue_lost,
                      yearly, "industry.revenue_lost_jpy_mn")  # fmt: skip
    yield form.figure("Secondary effect: exchanges that cannot fund it",
                      (impact.shortfall > 0).astype(float), "exchanges",
                      "industry.exchanges_short", "out of today's assets")  # fmt: skip
    only = (impact.shortfall > 0) & (impact.free > 0)
    yield form.figure("Secondary effect: of these, only because of the rule", only.astype(float),
                      "exchanges", "liquidity.shortfall_jpy_mn",
                      "the others have no free liquid assets before any reserve")  # fmt: skip
    added = impact.exits.policy - impact.exits.baseline
    yield form.figure("Secondary effect: exchanges that leave because of it", added, "exchanges",
                      "market.added_exits",
                      f"expected within {impact.scenario.exit_years} years")  # fmt: skip
    yield form.tabled("Cost against effect", "benefit_cost_ratio")
    yield form.tabled("Cost against effect, failures avoided included",
                      "benefit_cost_ratio_with_failures")  # fmt: skip
    values = worth.net_present_value.mean(axis=-1)
    best = impact.formulas[int(np.argmax(values))].title
    rank = "highest" if values.max() > 0 else "least negative"
    yield form.said("Alternatives compared", len(impact.formulas) - 1, "formulas",
                    "appraisal.npv_jpy_mn", f"{rank} net present value: {best}")  # fmt: skip

"""Columns of the tables on what the reserve buys: protection, replay, appraisal."""

from __future__ import annotations

from collections.abc import Mapping

from analysis.impact.column import MONEY, SHARE, YEARLY, Column, TableText

WORTH_TABLES: Mapping[str, TableText] = {
    "protection": TableText(
        "How often, and how far, the complete reserve and its insurance pay a year's loss",
        ("formula", "exchange"),
    ),
    "replay": TableText(
        "What each formula would have had ready for each past loss", ("formula", "incident")
    ),
    "appraisal": TableText("Costs and benefits of each formula, all exchanges", ("formula",)),
}

_PROTECTION = {
    "coverage_probability": Column(
        SHARE, "Probability that reserve and insurance pay a year's loss in full; no loss is paid"
    ),
    "coverage_given_loss": Column(SHARE, "The same among years with a loss"),
    "expected_loss_jpy_mn": Column(
        YEARLY, "Expected loss of customers' crypto, whoever bears it in the end", True
    ),
    "expected_uncovered_loss_jpy_mn": Column(
        YEARLY, "Expected part of it that neither reserve nor insurance pays", True
    ),
    "shortfall_beyond_jpy_mn": Column(
        MONEY, "Mean of what is missing in years in which something is; blank where nothing can be"
    ),
    "return_period_years": Column(
        "years", "Years between two losses that are not paid in full; blank beyond a million"
    ),
    "paid_by_reserve_jpy_mn": Column(YEARLY, "Expected payment out of the reserve's cash"),
    "paid_by_insurance_jpy_mn": Column(
        YEARLY, "Expected payment of the insurer, which may refuse or default"
    ),
    "customers_loss_without_jpy_mn": Column(
        YEARLY, "Expected loss of customers with no rule, after what they reach of own means"
    ),
    "avoided_loss_jpy_mn": Column(
        YEARLY, "Part of that which the rule avoids; owners and insurers bear it instead", True
    ),
    "stranded_without_jpy_mn": Column(
        YEARLY, "Expected crypto that was not stolen at operators that fail, with no rule"
    ),
    "stranded_avoided_jpy_mn": Column(YEARLY, "Part of that which the rule keeps from failing"),
}

_REPLAY = {
    "incident": Column("id", "Past loss; data/losses has its record"),
    "occurred_on": Column("date or month", "When it happened, as precisely as is known"),
    "loss_jpy_mn": Column(MONEY, "Loss of customers' crypto at prices of the day"),
    "paid_share": Column(
        SHARE, "Part of it that the formula's full amount pays at once; blank if not known"
    ),
    "paid_share_insured": Column(
        SHARE, "Expected part if insurance replaces all that it may, and answers or not"
    ),
    "held_jpy_mn": Column(MONEY, "What the formula would have held; blank if not known"),
    "held_low_jpy_mn": Column(MONEY, "Least that it can have been, by what is known of the day"),
    "held_high_jpy_mn": Column(MONEY, "Most that it can have been; blank without a bound"),
    "basis": Column("text", "How the figures came about, and which measures are missing"),
}

_APPRAISAL = {
    "annual_total_cost_jpy_mn": Column(
        YEARLY,
        "Annual cost of the complete reserve, less the part of the carry that is no cost to "
        "society, with the welfare lost with volume",
        True,
    ),
    "annual_benefit_jpy_mn": Column(
        YEARLY, "Worth to customers of losses avoided and of earlier payment", True
    ),
    "earlier_payment_jpy_mn": Column(
        YEARLY, "Part of it that comes from earlier payment; can be negative", True
    ),
    "failures_avoided_jpy_mn": Column(
        YEARLY,
        "Worth of failures avoided to holders of what was not stolen; not in the benefit",
        True,
    ),
    "cost_value_jpy_mn": Column(MONEY, "Present value of the total cost over the horizon", True),
    "benefit_value_jpy_mn": Column(MONEY, "Present value of the benefit over the horizon", True),
    "npv_jpy_mn": Column(MONEY, "Benefit less cost, present values", True),
    "benefit_cost_ratio": Column("ratio", "Benefit over cost, present values", True),
    "npv_net_of_transfers_jpy_mn": Column(
        MONEY,
        "The same where what one pays to another counts for neither; insurers' expenses are a cost",
        True,
    ),
    "npv_with_failures_jpy_mn": Column(
        MONEY, "Benefit and worth of failures avoided, less cost, present values", True
    ),
    "benefit_cost_ratio_with_failures": Column(
        "ratio", "Benefit and worth of failures avoided over cost, present values", True
    ),
    "benefit_cost_ratio_reformed": Column(
        "ratio", "The same with segregation and return of assets reformed beside the reserve", True
    ),
    "net_direct_cost_to_business_jpy_mn": Column(
        YEARLY, "Level yearly cost to the exchanges alone, their payments to customers apart", True
    ),
    "insurers_margin_jpy_mn": Column(YEARLY, "Premium less what insurers expect to pay", True),
    "insurance_loss_ratio": Column(
        "ratio", "What insurers expect to pay over premium; blank where nothing is insured", True
    ),
    "positive_npv_probability": Column(SHARE, "Share of the data sets with npv_jpy_mn above 0"),
    "positive_npv_with_failures_probability": Column(
        SHARE, "Share of the data sets with npv_with_failures_jpy_mn above 0"
    ),
}

WORTH: Mapping[str, Column] = {**_PROTECTION, **_REPLAY, **_APPRAISAL}

"""Columns of the tables on leaving: exits, market, entry."""

from __future__ import annotations

from collections.abc import Mapping

from analysis.impact.column import COUNT, MONEY, SHARE, YEARLY, Column, TableText

INDEX = "index, 0 to 1"

EXIT_TABLES: Mapping[str, TableText] = {
    "exits": TableText(
        "Chance that each exchange leaves within exit_years: model output, few events behind it",
        ("formula", "exchange"),
    ),
    "market": TableText(
        "Number of exits under each formula, and the market that is left", ("formula",)
    ),
    "entry": TableText("Smallest newcomer that breaks even under each formula", ("formula",)),
}

_EXITS = {
    "exit_probability": Column(
        SHARE, "Chance of leaving within exit_years with the rule, before the market answers"
    ),
    "band": Column(
        "text", "The same as a band, or left already; in size_bands size by customer crypto"
    ),
    "baseline_probability": Column(SHARE, "The same without any reserve"),
    "added_probability": Column(SHARE, "What the rule adds to it", True),
    "forced_probability": Column(
        SHARE, "Chance that cash due within exit_years is lacking and nobody pays it in"
    ),
    "exit_probability_after": Column(
        SHARE, "Data sets in which it has left once customers of who left have moved"
    ),
    "funding_test": Column(
        "true or false", "No cash due within exit_years is lacking in half of the data sets"
    ),
    "value_test": Column(
        "true or false", "Staying is worth more than leaving in half of the data sets"
    ),
    "value_test_without": Column("true or false", "The same without any reserve"),
    "value_gap_years": Column(
        "years of fixed cost", "Worth of staying less that of leaving; median of the data sets"
    ),
    "value_gap_without_years": Column("years of fixed cost", "The same without any reserve"),
    "cost_to_owners_jpy_mn": Column(
        YEARLY, "Cost to owners of the complete reserve, lost margin and one-off cost included"
    ),
    "cash_lacking_jpy_mn": Column(
        MONEY, "Cash due within exit_years beyond free liquid assets and the profit till then"
    ),
    "support_probability": Column(SHARE, "Chance that owners pay in support_years of expenses"),
    "leaves_at_multiple": Column(
        "times",
        "Multiple of the formula at which the chance of leaving is higher by a half than without; "
        "0 for any amount, blank for none tried",
    ),
    "short_at_multiple": Column("times", "Multiple at which cash is lacking in half of the sets"),
    "buyers": Column(COUNT, "Larger exchanges that could fund a joint reserve and would gain"),
    "buyer_profit_jpy_mn": Column(
        YEARLY,
        "What the best of those gains by taking this one over, price paid, against waiting for the "
        "customers who come anyway when it leaves",
    ),
    "merged_reserve_saving_jpy_mn": Column(
        YEARLY, "Cost of the two reserves less that of the joint one, with that buyer"
    ),
}

_MARKET = {
    "number_low": Column(COUNT, "Number of exits before the market answers: lower bound"),
    "number_high": Column(COUNT, "The same: upper bound"),
    "baseline_number_low": Column(COUNT, "The same without any reserve: lower bound"),
    "baseline_number_high": Column(COUNT, "The same without any reserve: upper bound"),
    "expected_exits": Column(
        COUNT, "Expected exits within exit_years, before the market answers", True
    ),
    "baseline_exits": Column(COUNT, "Expected exits without any reserve", True),
    "added_exits": Column(COUNT, "What the rule adds to them", True),
    "forced_exits": Column(COUNT, "Expected exits for want of cash that nobody pays in", True),
    "exits_after": Column(
        COUNT, "Exits once customers of who left have moved; bounds: of the number", True
    ),
    "exits_after_fewest": Column(COUNT, "The same, fewer of the two starts", True),
    "exits_after_most": Column(COUNT, "The same, more of the two starts", True),
    "volume_at_risk_share": Column(
        SHARE, "Share of spot volume at exchanges, each counted by its chance of leaving", True
    ),
    "volume_at_risk_without_share": Column(SHARE, "The same without any reserve", True),
    "custody_at_risk_share": Column(SHARE, "The same of customer crypto", True),
    "custody_at_risk_without_share": Column(SHARE, "The same without any reserve", True),
    "volume_of_leavers_share": Column(
        SHARE, "Today's share of spot volume of who has left once the market has answered", True
    ),
    "run_cost_jpy_mn": Column(
        YEARLY, "Margin that exchanges expect to lose to runs after losses, with the rule", True
    ),
    "run_cost_without_jpy_mn": Column(YEARLY, "The same without any reserve", True),
    "hhi_before": Column(INDEX, "Herfindahl index of spot volume today", True),
    "hhi_after": Column(INDEX, "The same after the exits with the rule", True),
    "hhi_without": Column(INDEX, "The same after the exits that come without any reserve", True),
    "hhi_custody_before": Column(INDEX, "Herfindahl index of customer crypto today", True),
    "hhi_custody_after": Column(INDEX, "The same after the exits with the rule", True),
    "cr3_before": Column(INDEX, "Share of the three largest in spot volume today", True),
    "cr3_after": Column(INDEX, "The same after the exits with the rule", True),
    "effective_number_before": Column(COUNT, "One over the Herfindahl index today", True),
    "effective_number_after": Column(COUNT, "The same after the exits with the rule", True),
    "offshore_share": Column(
        SHARE, "Share of all volume that is offshore or in self-custody after the exits", True
    ),
    "offshore_share_without": Column(SHARE, "The same without any reserve", True),
    "price_rise_bp": Column(
        "basis points", "Rise of the price of trading at who is left, weighted by volume", True
    ),
    "extrapolation": Column(
        "true or false",
        "Whether leavers had most of the volume in most data sets: no market as we know it is left",
    ),
    "starts_differ_share": Column(SHARE, "Data sets in which the two starts leave other markets"),
    "unsettled_exchanges": Column(
        COUNT,
        "Exchanges that have left and would stay, given who else has: none in an equilibrium; mean",
    ),
    "unsettled_exchanges_second": Column(COUNT, "The same from the second start"),
    "rounds": Column("rounds", "Rounds until nobody else leaves"),
}

_ENTRY = {
    "newcomer_revenue_jpy_mn": Column(
        YEARLY, "Revenue at which a newcomer breaks even; blank where no size does"
    ),
    "newcomer_custody_jpy_mn": Column(MONEY, "Customer crypto of a newcomer with that revenue"),
    "newcomer_required_jpy_mn": Column(MONEY, "Reserve asked of it"),
    "newcomer_revenue_without_jpy_mn": Column(YEARLY, "Such revenue without any reserve"),
    "newcomer_start_up_jpy_mn": Column(YEARLY, "Level payment for what opening cost"),
    "newcomer_fixed_cost_jpy_mn": Column(YEARLY, "Its fixed cost, of the small one in the middle"),
    "exchanges_below": Column(COUNT, "Exchanges of today with less revenue than that"),
    "exchanges_below_without": Column(COUNT, "The same without any reserve"),
}

EXITS: Mapping[str, Column] = {**_EXITS, **_MARKET, **_ENTRY}

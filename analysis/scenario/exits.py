"""When an exchange leaves, what leaving yields, and what the register is read for."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel

from analysis.scenario.parameter import Share, parameter

ExitDefinition = Literal["registration", "economic"]
SupportReading = Literal["years", "exits"]
SUPPORT_YEARS = (0.25, 3.0)
"""Range of `support_years`, over which it is drawn."""


class ExitParameters(BaseModel):
    """When an exchange leaves, what leaving yields, and what the register is read for."""

    exit_definition: ExitDefinition = parameter(
        "economic",
        unit="event",
        kind="setting",
        source="two exchanges stopped business and kept the registration (2022-11 and 2023-02)",
        about="What counts as leaving: the end of the registration, or of the exchange business",
    )
    exit_years: int = parameter(
        5,
        unit="years",
        kind="setting",
        source="phase-in of three years and two years after it",
        about="Years over which the chance of leaving is counted",
        ge=1,
        le=30,
    )
    revenue_floor_share: Share = parameter(
        0.05,
        unit="share of expenses",
        kind="assumption",
        swept=(0.02, 0.10),
        source="a quarter of firm-years have revenue below 3 % of expenses, some below zero",
        about="Least revenue that an exchange is taken to have in an ordinary year",
        gt=0,
    )
    fixed_cost_share: Share = parameter(
        0.3,
        unit="share of expenses",
        kind="assumption",
        swept=(0.1, 0.5),
        source="binds where revenue is above twice the expenses; no cost accounts are published",
        about="Least part of expenses that is fixed, whatever the slope on revenue says",
        gt=0,
    )
    closing_cost_share: Share = parameter(
        0.5,
        unit="years of fixed cost",
        kind="assumption",
        swept=(0.25, 1.0),
        source="announcement to end of business: Kraken 1 month, LINE 3, DMM Bitcoin 3 to 9",
        about="What winding up costs",
    )
    capital_in_use_years: float = parameter(
        1.0,
        unit="years of fixed cost",
        kind="assumption",
        swept=(0.25, 3.0),
        source="none published; what owners can take out while they stay is no gain of leaving",
        about="Net assets up to which leaving frees capital that staying needs",
        ge=0,
        le=100,
        allow_inf_nan=False,
    )
    sale_multiple: float = parameter(
        0.39,
        unit="price over yearly revenue",
        kind="evidence",
        swept=(0.06, 8.1),
        source="two closed sales of a whole exchange with price and revenue: 0.06 and 0.72; median",
        about="Price of a whole exchange in a sale",
        ge=0,
        le=100,
        allow_inf_nan=False,
    )
    buyer_chance: float | None = parameter(
        None,
        unit="probability",
        kind="evidence",
        swept=(0.0, 1.0),
        shape=("uniform", "the record is the default; a swept value asks what if"),
        source="none: from the record, sales of control over sales and closures",
        about="Chance that an owner who wants to leave finds a buyer",
        ge=0,
        le=1,
        allow_inf_nan=False,
    )
    owner_benefit: float = parameter(
        0.0,
        unit="share of fixed cost",
        kind="assumption",
        swept=(0.0, 1.0),
        source="loss-makers stay for years; what the group gains elsewhere is not published",
        about="Part of the fixed cost that owners count as returned elsewhere, every year",
        ge=0,
        le=1,
        allow_inf_nan=False,
    )
    doubling_odds: float = parameter(
        0.88,
        unit="odds ratio",
        kind="evidence",
        swept=(0.76, 0.97),
        source="Moore, Christin and Szurdi 2018, abstract; exchanges worldwide 2010-2015",
        about="Prior: factor of the odds of leaving for a doubling of revenue, at the median",
        gt=0,
        lt=1,
        allow_inf_nan=False,
    )
    value_response_spread: float = parameter(
        1.0,
        unit="standard deviation of the log",
        kind="assumption",
        swept=(0.3, 1.5),
        source="another country, other years, volume for value: a factor of 5 either way at 90 %",
        about="Width of the prior on the response of leaving to value",
        gt=0.01,
        le=3,
        allow_inf_nan=False,
    )
    breach_odds: float = parameter(
        13.0,
        unit="odds ratio",
        kind="evidence",
        swept=(5.0, 30.0),
        shape=("log_uniform", "odds ratio: the published estimate is of its logarithm"),
        source="Moore, Christin and Szurdi 2018, abstract; log has a standard deviation of 1 here",
        about="Prior: what a loss multiplies the odds of leaving in its quarter with (a year: 3.8)",
        gt=0,
        le=1_000,
        allow_inf_nan=False,
    )
    recapitalisation_share: Share = parameter(
        0.1,
        unit="share of expenses",
        kind="assumption",
        swept=(0.05, 0.5),
        source="smaller rises of net assets beyond income may be revaluation or rounding",
        about="Least rise of net assets beyond net income that counts as money put in by owners",
    )
    support_record: SupportReading = parameter(
        "years",
        unit="reading",
        kind="setting",
        source="all seven exchanges not helped in a year of need stayed in business",
        about="What counts as refused support: a year of need without payment, or only an exit",
    )
    support_years: float | None = parameter(
        None,
        unit="years of operating expenses",
        kind="evidence",
        swept=SUPPORT_YEARS,
        source="none: drawn, log-uniform; 41 payments in loss years had a median of 1.0",
        about="What an owner can be asked for at a time; a shortfall beyond it asks again",
        gt=0,
        le=100,
        allow_inf_nan=False,
    )
    support_shift: float = parameter(
        0.0,
        unit="log odds",
        kind="assumption",
        swept=(-2.0, 2.0),
        source="owners who paid for losses were not asked for a reserve that stays locked",
        about="Moves the chance that owners put in what is short",
        ge=-10,
        le=10,
        allow_inf_nan=False,
    )
    name_exchanges: bool = parameter(
        False,
        unit="yes or no",
        kind="setting",
        source="a chance of leaving is model output from few exits, and names can start a run",
        about="Whether the page on exits names exchanges beside what the model says of them",
    )

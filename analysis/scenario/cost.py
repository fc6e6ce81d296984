"""Prices behind the compliance cost, and the capital asked for beside the reserve."""

from __future__ import annotations

from pydantic import BaseModel

from analysis.scenario.parameter import Amount, Rate, Share, parameter


class CostParameters(BaseModel):
    """Prices behind the compliance cost, and the capital asked for beside the reserve."""

    cost_of_equity: Rate = parameter(
        0.10,
        unit="per year",
        kind="assumption",
        swept=(0.08, 0.15),
        source="Monex Group aims at ROE 15 % (2025-03); Japan WACC for mid caps 6 to 10 %",
        about="Return that owners require on the money tied up",
        ge=0,
    )
    reserve_yield: Rate = parameter(
        0.01255,
        unit="per year",
        kind="evidence",
        swept=(0.0, 0.03),
        source="Ministry of Finance: 1-year JGB, 2026-07-31",
        about="Yield on the assets in which the reserve may be held",
    )
    running_cost_jpy_mn: Amount = parameter(
        8.0,
        unit="JPY mn per year",
        kind="assumption",
        swept=(2.0, 20.0),
        source="UK FSA analysis: GBP 20k each for senior review and management information",
        about="Administration of the reserve, per exchange",
    )
    one_off_cost_jpy_mn: Amount = parameter(
        30.0,
        unit="JPY mn",
        kind="assumption",
        swept=(5.0, 60.0),
        source="UK FSA analysis: GBP 150k for a governance review",
        about="Setting up the reserve, per exchange",
    )
    horizon_years: int = parameter(
        10,
        unit="years",
        kind="setting",
        source="appraisal convention of the UK template",
        about="Years over which cost is counted",
        ge=1,
        le=60,
    )
    discount_rate: Rate = parameter(
        0.035,
        unit="real, per year",
        kind="evidence",
        swept=(0.01, 0.07),
        source="Green Book, February 2026",
        about="Discount rate of present values",
        gt=-0.05,
    )
    pass_through: Share = parameter(
        0.5,
        unit="share",
        kind="assumption",
        swept=(0.0, 1.0),
        source="bank studies: part; South Africa 2001 assumed all",
        about="Share of the annual cost that customers pay",
    )
    volume_semi_elasticity: float = parameter(
        0.5,
        unit="% of volume per basis point",
        kind="assumption",
        swept=(0.0, 1.7),
        source="India 2022: 1.7 as an upper bound (other shocks in the window)",
        about="Loss of volume per basis point of cost passed on",
        ge=0,
        le=100,
        allow_inf_nan=False,
    )
    include_other_duties: bool = parameter(
        False,
        unit="yes or no",
        kind="setting",
        source="kept apart from the reserve",
        about="Whether the other duties of the move to the FIEA are costed, in their own column",
    )
    other_duties_running_jpy_mn: Amount = parameter(
        30.0,
        unit="JPY mn per year",
        kind="assumption",
        swept=(10.0, 100.0),
        source="practitioner: upkeep of Type I business at least tens of millions a year",
        about="Disclosure, audit, capital reporting and insider-trading controls, per exchange",
    )
    other_duties_one_off_jpy_mn: Amount = parameter(
        100.0,
        unit="JPY mn",
        kind="assumption",
        swept=(50.0, 300.0),
        source="practitioner: Type I entry needs a budget in the hundreds of millions",
        about="One-off cost of the other duties, per exchange",
    )
    minimum_capital_jpy_mn: Amount = parameter(
        50.0,
        unit="JPY mn",
        kind="evidence",
        swept=(10.0, 50.0),
        source="working group reference material p. 4: JPY 10 mn to 50 mn",
        about="Minimum capital under the FIEA",
    )
    capital_ratio: float = parameter(
        1.2,
        unit="ratio",
        kind="evidence",
        swept=(1.0, 1.4),
        source="FIEA art. 46-6(2): 120 %",
        about="Least free own capital over risk equivalents",
        ge=0,
        le=10,
        allow_inf_nan=False,
    )

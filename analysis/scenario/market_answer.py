"""What the market does when exchanges leave: who follows whom, who runs, who could start anew."""

from __future__ import annotations

from pydantic import BaseModel

from analysis.scenario.parameter import Amount, Share, parameter


class MarketAnswerParameters(BaseModel):
    """What the market does when exchanges leave: who follows whom, who runs, who starts anew."""

    outside_share: Share = parameter(
        0.3,
        unit="share of residents' trading and holding",
        kind="assumption",
        swept=(0.1, 0.6),
        source="no measurement found; unregistered Bybit served residents until 2026",
        about="Part that is offshore or in self-custody today",
        lt=1,
    )
    nesting: Share = parameter(
        0.7,
        unit="0 to below 1",
        kind="assumption",
        swept=(0.3, 0.95),
        source="Korea 2021-24: a third of firms left, nearly all volume stayed at home",
        about="How much closer domestic exchanges are to each other than to the outside",
        lt=1,
    )
    trust_semi_elasticity: float = parameter(
        0.0,
        unit="% of volume per percentage point of losses covered",
        kind="assumption",
        swept=(0.0, 0.2),
        source="no study finds a positive value; Korea's 2024 law moved users no more than prices",
        about="Gain of domestic volume when losses are more often paid in full",
        ge=0,
        le=10,
        allow_inf_nan=False,
    )
    unmet_loss_share: Share = parameter(
        0.0,
        unit="share of losses",
        kind="assumption",
        swept=(0.0, 1.0),
        source="owners cover what loss-makers lose today; 1 lets it drain what is free",
        about="Part of losses until the reserve is due that owners do not cover",
    )
    run_share: Share = parameter(
        0.27,
        unit="share of business",
        kind="evidence",
        swept=(0.01, 0.6),
        source="Bybit 2025 without the theft: 27 % in two days; HTX 2023: 1 to 9 %",
        about="Part of its business that leaves an exchange after a loss, until customers are paid",
    )
    run_return_days: float = parameter(
        75.0,
        unit="days",
        kind="evidence",
        swept=(30.0, 365.0),
        source="Bybit 2025: liquidity back by May, some 75 days after 21 February",
        about="Days after the payment until that business is back, in equal steps",
        ge=0,
        le=10_000,
        allow_inf_nan=False,
    )
    synergy_share: Share = parameter(
        0.5,
        unit="share of the smaller one's fixed cost",
        kind="assumption",
        swept=(0.2, 0.8),
        source="no merger in Japan has published its savings",
        about="Fixed cost that two exchanges save when one takes over the other",
    )
    entry_cost_jpy_mn: Amount = parameter(
        500.0,
        unit="JPY mn",
        kind="assumption",
        swept=(200.0, 3_000.0),
        source="practitioners: hundreds of millions; law firm 2025: billions in some cases",
        about="What a newcomer spends before it opens, capital apart",
    )
    entry_years: float = parameter(
        2.5,
        unit="years",
        kind="evidence",
        swept=(2.0, 3.0),
        source="law firm 2025: a registration takes two to three years with its preparation",
        about="Years from the first spending to the opening",
        ge=0,
        le=20,
        allow_inf_nan=False,
    )

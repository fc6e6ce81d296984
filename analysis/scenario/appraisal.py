"""How costs and benefits are weighed against each other."""

from __future__ import annotations

from pydantic import BaseModel

from analysis.scenario.parameter import Rate, Share, parameter


class AppraisalParameters(BaseModel):
    """How costs and benefits are weighed against each other."""

    equity_cost_offset: Share = parameter(
        0.0,
        unit="share of the carry",
        kind="assumption",
        swept=(0.0, 0.9),
        source="0: private cost; Modigliani and Miller: all of it falls away; banks lie between",
        about="Part of the carry that is no cost to society, as more equity makes each yen safer",
    )
    customer_risk_loading: float = parameter(
        1.0,
        unit="yen per yen",
        kind="assumption",
        swept=(1.0, 3.0),
        source="1: expected value; above 1: customers would pay more than that to be rid of it",
        about="Worth to customers of one yen of expected loss avoided",
        ge=0,
        le=100,
        allow_inf_nan=False,
    )
    waiting_cost: Rate = parameter(
        0.05,
        unit="per year",
        kind="assumption",
        swept=(0.0, 0.2),
        source="mid-cap cost of capital in Japan 6 to 10 %; savers earn less",
        about="What customers lose by a year of waiting for a payment",
        ge=0,
    )
    insurer_expense_share: Share = parameter(
        0.3,
        unit="share of the premium",
        kind="assumption",
        swept=(0.15, 0.5),
        source="US property and casualty insurers 2014: 27.7 % of premiums; none for crypto",
        about="Part of a premium that acquisition, administration and capital use up",
    )

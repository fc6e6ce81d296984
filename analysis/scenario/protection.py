"""What pays after a loss beside the reserve, and how long customers wait."""

from __future__ import annotations

from pydantic import BaseModel

from analysis.scenario.parameter import Share, parameter


class ProtectionParameters(BaseModel):
    """What pays after a loss beside the reserve, and how long customers wait."""

    insurance_response: Share = parameter(
        0.3,
        unit="probability",
        kind="evidence",
        swept=(0.05, 0.95),
        shape=("triangular", "a probability bounded on both sides, with an estimate"),
        source="one of four claims paid, in part; Jeffreys prior: (1 + 1/2) / (4 + 1). A policy "
        "written under a duty may answer far more often",
        about="Probability that a policy answers to a loss of customers' crypto at all",
    )
    voluntary_payment: Share = parameter(
        0.4,
        unit="probability",
        kind="evidence",
        swept=(0.2, 0.8),
        source="6 of 15 settled losses of a tenth of customers' assets or more; 12 of 13 below",
        about="Chance that a group or an acquirer pays in full what is beyond the exchange's means",
    )
    segregated_share: Share = parameter(
        0.8,
        unit="share of what was not lost",
        kind="assumption",
        swept=(0.0, 1.0),
        source="FTX Japan 2022, under today's law: all of it; Mt. Gox 2014, before any: none",
        about="Part of crypto not lost that stays out of a failed operator's estate today",
    )
    segregated_share_reformed: Share = parameter(
        1.0,
        unit="share of what was not lost",
        kind="assumption",
        swept=(0.8, 1.0),
        source="working group 2025: an administrator returns assets when management is absent",
        about="The same with segregation and return of assets reformed",
    )
    estate_recovery: Share = parameter(
        0.5,
        unit="share of what is in the estate",
        kind="assumption",
        swept=(0.2, 1.0),
        source="no case tells; other creditors and costs come before the rest",
        about="Part of customers' crypto in the estate that reaches customers",
    )
    days_to_payment: float = parameter(
        45.0,
        unit="days",
        kind="evidence",
        swept=(3.0, 365.0),
        source="Coincheck 45; DMM Bitcoin 14, Zaif at least 69",
        about="Days until owners or insurers have paid where nothing was set aside for it",
        ge=0,
        le=10_000,
        allow_inf_nan=False,
    )
    days_to_payment_from_reserve: float = parameter(
        3.0,
        unit="days",
        kind="assumption",
        swept=(1.0, 45.0),
        source="median of 22 paid losses worldwide; no payment out of a reserve was ever made",
        about="Days until a reserve has paid, used without approval of the single case",
        ge=0,
        le=10_000,
        allow_inf_nan=False,
    )
    days_to_return: float = parameter(
        103.0,
        unit="days",
        kind="evidence",
        swept=(14.0, 365.0),
        source="FTX Japan 2022: 103 days to the first withdrawal, assets segregated",
        about="Days until segregated assets of a failed operator are returned",
        ge=0,
        le=10_000,
        allow_inf_nan=False,
    )
    days_to_return_reformed: float = parameter(
        103.0,
        unit="days",
        kind="assumption",
        swept=(14.0, 365.0),
        source="no case with an administrator; taken as no faster than FTX Japan",
        about="The same with segregation and return of assets reformed",
        ge=0,
        le=10_000,
        allow_inf_nan=False,
    )
    days_in_estate: float = parameter(
        1560.0,
        unit="days",
        kind="evidence",
        swept=(400.0, 4000.0),
        source="QuadrigaCX 1,560; Mt. Gox 3,780 (2014-02-28 to first repayments, 2024-07-05)",
        about="Days until an insolvency estate pays",
        ge=0,
        le=20_000,
        allow_inf_nan=False,
    )

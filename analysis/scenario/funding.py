"""How the reserve is built up, and what part of it insurance may replace."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel

from analysis.scenario.parameter import Amount, Rate, Share, parameter


class FundingParameters(BaseModel):
    """How the reserve is built up, and what part of it insurance may replace."""

    phase_in_years: int = parameter(
        3,
        unit="years",
        kind="lever",
        swept=(0, 10),
        source="undecided",
        about="Years over which the reserve is built up, in equal steps",
        ge=0,
        le=20,
    )
    treatment: Literal["lock_up", "provision"] = parameter(
        "lock_up",
        unit="treatment",
        kind="lever",
        source="lock-up of assets, or provision charged to profit (FIEA art. 46-5)",
        about="Whether the reserve is an earmarked asset or a charge on profit",
    )
    retained_earnings_only: bool = parameter(
        False,
        unit="yes or no",
        kind="lever",
        source="Korea 2024: only out of retained earnings",
        about="Whether cash may come only from profits of the phase-in years",
    )
    insurable_share: Share = parameter(
        0.5,
        unit="share of the requirement",
        kind="lever",
        swept=(0.0, 1.0),
        source="press 2025-11-24: in part; share not stated. Korea, Hong Kong, MiCA: 1",
        about="Largest share of the requirement that insurance may replace",
    )
    rate_on_line_cold: Rate = parameter(
        0.01,
        unit="share of limit per year",
        kind="evidence",
        swept=(0.0005, 0.05),
        source="US broker 2022: 1 % for ordinary crime cover",
        about="Rate on line with no customer crypto in hot wallets",
        gt=0,
    )
    rate_on_line_hot: Rate = parameter(
        0.12,
        unit="share of limit per year",
        kind="evidence",
        swept=(0.05, 0.20),
        source="Korean Re 2024: 5 to 12 %; US hot-wallet cover 10 to 20 %",
        about="Rate on line at the hot-wallet ceiling of 5 %",
        gt=0,
    )
    record_loading: Share = parameter(
        0.25,
        unit="share per incident",
        kind="assumption",
        swept=(0.0, 1.0),
        source="the best and worst Korean risk groups differ by a factor 2.4",
        about="Increase of the rate on line for each incident on record",
    )
    capacity_loading: float = parameter(
        1.0,
        unit="share",
        kind="assumption",
        swept=(0.0, 5.0),
        source="no published schedule; capacity is scarce",
        about="Increase of the marginal rate on line as the limit reaches the programme limit",
        ge=0,
        le=100,
        allow_inf_nan=False,
    )
    insurance_deductible: Share = parameter(
        0.10,
        unit="share of limit",
        kind="assumption",
        swept=(0.05, 0.15),
        source="trade guide 2025, unsourced: 5 to 15 %",
        about="Part the exchange bears",
        lt=1,
    )
    insurer_default_haircut: Share = parameter(
        0.02,
        unit="share of limit",
        kind="assumption",
        swept=(0.0, 0.20),
        source="no figure found",
        about="Part not counted, for insurer default",
        lt=1,
    )
    programme_limit_jpy_mn: Amount = parameter(
        40_000.0,
        unit="JPY mn",
        kind="evidence",
        swept=(10_000.0, 60_000.0),
        source="Coinbase USD 255 mn (2019) to Crypto.com USD 360 mn (2020)",
        about="Largest limit that one exchange can buy",
        gt=0,
    )
    insurance_capacity_jpy_mn: Amount = parameter(
        120_000.0,
        unit="JPY mn",
        kind="assumption",
        swept=(20_000.0, 500_000.0),
        source="world capacity at most USD 6 bn in 2018; Japan's share is not known",
        about="Limit that all insurers together sell to Japan's exchanges",
        gt=0,
    )

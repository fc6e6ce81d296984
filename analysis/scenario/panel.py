"""Parameters of the market panel: base month, draws, what nobody publishes, and stresses."""

from __future__ import annotations

from pydantic import BaseModel

from analysis.scenario.parameter import Share, parameter


class PanelParameters(BaseModel):
    """Parameters of the market panel: base month, draws, what nobody publishes, and stresses."""

    base_month: str = parameter(
        "2026-07",
        unit="month",
        kind="setting",
        source="latest complete month of the industry table",
        about="Month to whose end custody and the annual volume are brought",
        pattern=r"^20\d\d-(0[1-9]|1[0-2])$",
    )
    draws: int = parameter(
        100,
        unit="data sets",
        kind="setting",
        source="at least 100 times the largest missing share",
        about="Completed data sets: imputation, volume allocation and bounds are drawn together",
        ge=2,
        le=2000,
    )
    seed: int = parameter(
        64,
        unit="integer",
        kind="setting",
        source="arbitrary",
        about="Seed of the one generator",
        ge=0,
        le=2**32 - 1,
    )
    interval: Share = parameter(
        0.90,
        unit="share of draws",
        kind="setting",
        source="convention",
        about="Level of every low and high",
        gt=0,
        lt=1,
    )
    hot_share_low: Share = parameter(
        0.0,
        unit="share of customer crypto",
        kind="assumption",
        swept=(0.0, 0.05),
        source="nobody publishes it; zero is the smallest possible",
        about="Lowest share of customer crypto in hot wallets",
    )
    hot_share_high: Share = parameter(
        0.05,
        unit="share of customer crypto",
        kind="evidence",
        swept=(0.0, 0.05),
        source="Cabinet Office Order on CAESPs art. 27(2): at most 5 %",
        about="Highest share of customer crypto in hot wallets",
    )
    hot_share_within_net_assets: bool = parameter(
        True,
        unit="yes or no",
        kind="evidence",
        source="self-regulator's financial rule art. 3: net assets cover what hot wallets match",
        about="Whether an exchange's hot share is kept below net assets over customer crypto",
    )
    liquid_within_net_assets: bool = parameter(
        False,
        unit="yes or no",
        kind="setting",
        source="net assets are the other bound; what is above may be margin deposits or loans",
        about="Whether own liquid assets are kept at or below net assets",
    )
    common_ignorance: Share = parameter(
        0.5,
        unit="share of variance",
        kind="assumption",
        swept=(0.0, 1.0),
        source="no figure; 0 averages the unknowns of exchanges away, 1 moves all together",
        about="Part of what nobody publishes (hot share, liquid assets, roll of custody) in common",
    )
    order_book_share_low: Share = parameter(
        0.70,
        unit="share of spot volume",
        kind="assumption",
        swept=(0.5, 0.95),
        source="Coincheck: 80 % in 2017-H2, above 85 % in 2021-Q1; no industry figure",
        about="Lowest share of the industry's spot volume that ran over the measured order books",
    )
    order_book_share_high: Share = parameter(
        0.90,
        unit="share of spot volume",
        kind="assumption",
        swept=(0.5, 0.95),
        source="Coincheck: 80 % in 2017-H2, above 85 % in 2021-Q1; no industry figure",
        about="Highest share of the industry's spot volume that ran over the measured order books",
    )
    binance_flow_low: Share = parameter(
        0.05,
        unit="share of measured flow",
        kind="assumption",
        swept=(0.0, 1.0),
        source="fees of 2025, JPY 434 mn, at the flat fee of 0.1 %: 0.06 of twice the flow of 2026",
        about="Lowest share of Binance's measured JPY flow that is Binance Japan's customers'",
    )
    binance_flow_high: Share = parameter(
        0.2,
        unit="share of measured flow",
        kind="assumption",
        swept=(0.0, 1.0),
        source="fees of 2025, JPY 434 mn, are 0.06 % of that part of the flow of 2026; fee 0.1 %",
        about="Highest share of Binance's measured JPY flow that is Binance Japan's customers'",
    )
    benchmark_carried_low: Share = parameter(
        0.0,
        unit="share of the log ratio",
        kind="assumption",
        swept=(0.0, 1.0),
        source="0: printed months at both ends of a gap suffice; order books of 2026-06 fit it",
        about="Lowest part of the last fiscal year's ratio that later unprinted months have",
    )
    benchmark_carried_high: Share = parameter(
        1.0,
        unit="share of the log ratio",
        kind="assumption",
        swept=(0.0, 1.0),
        source="1: IMF practice for months after the last benchmark; order books of 2026-04 fit it",
        about="Highest part of the last fiscal year's ratio that later unprinted months have",
    )
    margin_unmeasured_high: Share = parameter(
        0.2,
        unit="share of margin volume",
        kind="assumption",
        swept=(0.0, 0.4),
        source="two more exchanges offer margin; the two measured ones alone match the total",
        about="Highest share of the industry's margin volume outside the measured markets",
    )
    industry_table: str | None = parameter(
        None,
        unit="path",
        kind="setting",
        source="the self-regulator's monthly table, user's copy",
        about="CSV with the full industry series, in place of the single figures shipped",
    )
    price_shock: float = parameter(
        0.0,
        unit="relative change",
        kind="setting",
        swept=(-0.7, 2.0),
        source="a stress; limits: worst and best twelve months of BTC/JPY since 2017",
        limits="12 months of BTC/JPY: -0.739 to 2018-12, +9.09 to 2018-01; nothing tells beyond",
        about="Change of crypto prices: moves customer crypto",
        ge=-0.74,
        le=9.1,
        allow_inf_nan=False,
    )
    volume_shock: float = parameter(
        0.0,
        unit="relative change",
        kind="setting",
        swept=(-0.75, 3.0),
        source="a stress",
        about="Change of the current year's trading volume",
        ge=-0.95,
        le=20,
        allow_inf_nan=False,
    )
    revenue_elasticity: float = parameter(
        1.0,
        unit="log revenue per log volume",
        kind="assumption",
        swept=(0.5, 1.2),
        source="spread and fee revenue is proportional to volume at constant margins",
        about="How far revenue follows volume; expenses stay",
        ge=0,
        le=3,
        allow_inf_nan=False,
    )

"""What an exchange meets before any amount is asked of it."""

from __future__ import annotations

from dataclasses import dataclass

from analysis.impact.cost import OtherDuties, other_duties
from analysis.impact.insurance import Offer
from analysis.impact.liquidity import free_liquid_assets
from analysis.market.panel import FloatArray, Panel
from analysis.scenario import Scenario


@dataclass(frozen=True, eq=False)
class Given:
    """What an exchange meets before any amount is asked of it; arrays (draw, exchange)."""

    offer: Offer
    free: FloatArray
    other_duties: OtherDuties | None

    @classmethod
    def of(cls, panel: Panel, scenario: Scenario) -> Given:
        """Under a scenario."""
        return cls(
            Offer.of(panel, scenario),
            free_liquid_assets(panel, scenario),
            _other_duties(panel, scenario),
        )


def _other_duties(panel: Panel, scenario: Scenario) -> OtherDuties | None:
    if not scenario.include_other_duties:
        return None
    return other_duties(
        panel["net_assets"],
        scenario.minimum_capital_jpy_mn,
        scenario.carry_rate,
        scenario.other_duties_running_jpy_mn,
        scenario.other_duties_one_off_jpy_mn,
        scenario.discount_rate,
        scenario.horizon_years,
    )

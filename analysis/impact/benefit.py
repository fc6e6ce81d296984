"""What a year of protection is worth to customers, JPY mn per year, by where it comes from.

- Losses avoided, at `customer_risk_loading` yen per expected yen.
- Earlier payment. A yen paid after t days is worth (1 + waiting_cost)^(-t / 365) now. A reserve
  and the crypto that matches hot wallets pay in days, owners and insurers in weeks, an estate in
  years.
- Failures avoided. Of crypto that was not stolen at an operator that fails, what is not segregated
  comes out of the estate, late and in part, and what is segregated after some months. Kept apart
  from the other two, since its shares are guesses and it can exceed both.

Whatever owners or insurers pay customers is their loss, so that to society as a whole only the
loading beyond one yen and the earlier payment are gained; which part of a failure's loss goes to
other creditors is not known.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.impact.cost import present_value
from analysis.impact.protection import Protection
from analysis.market.panel import FloatArray
from analysis.scenario import Scenario

DAYS = 365.0


@dataclass(frozen=True)
class Benefit:
    """Parts of the benefit; arrays of one shape, JPY mn (per year, or present value).

    Attributes
    ----------
    losses : worth of the expected loss avoided.
    loading : what of it goes beyond the yen avoided.
    earlier : worth of earlier payment; can be negative, as more is paid and all of it takes time.
    failures : worth of the failures avoided, to holders of what was not stolen.
    failures_reformed : the same with segregation and return of assets reformed.
    """

    losses: FloatArray
    loading: FloatArray
    earlier: FloatArray
    failures: FloatArray
    failures_reformed: FloatArray

    @property
    def customers(self) -> FloatArray:
        """Benefit to customers whose crypto is stolen."""
        return self.losses + self.earlier

    @property
    def net_of_transfers(self) -> FloatArray:
        """What is left where a yen that owners or insurers pay counts as their loss."""
        return self.loading + self.earlier

    def of_industry(self) -> Benefit:
        """Sum over exchanges, the last axis."""
        return Benefit(*(part.sum(axis=-1) for part in self._parts))

    def present_value(self, discount_rate: float) -> Benefit:
        """Present value over the years, the first axis."""
        return Benefit(*(present_value(part, discount_rate) for part in self._parts))

    @classmethod
    def joined(cls, each: list[Benefit]) -> Benefit:
        """Benefits of several formulas, one after another on a new first axis."""
        return cls(*(np.stack(parts) for parts in zip(*(one._parts for one in each), strict=True)))

    @property
    def _parts(self) -> tuple[FloatArray, ...]:
        return self.losses, self.loading, self.earlier, self.failures, self.failures_reformed


def benefit(bought: Protection, scenario: Scenario) -> Benefit:
    """Benefit of a year, by part and exchange."""
    loading = scenario.customer_risk_loading
    kept = bought.stranded_without - bought.stranded_with
    return Benefit(
        losses=loading * bought.avoided,
        loading=(loading - 1) * bought.avoided,
        earlier=_waited(bought, scenario),
        failures=cost_of_stranding(scenario) * kept,
        failures_reformed=cost_of_stranding(scenario, reformed=True) * kept,
    )


def waiting(days: float, scenario: Scenario) -> float:
    """Part of a payment's worth that is lost by waiting for it."""
    return float(1 - (1 + scenario.waiting_cost) ** (-days / DAYS))


def cost_of_stranding(scenario: Scenario, *, reformed: bool = False) -> float:
    """Customers' loss on one yen of crypto that was not stolen, at an operator that fails."""
    share, days = scenario.segregated_share, scenario.days_to_return
    if reformed:
        share, days = scenario.segregated_share_reformed, scenario.days_to_return_reformed
    outside, reached = 1 - share, scenario.estate_recovery
    return (
        scenario.customer_risk_loading * outside * (1 - reached)
        + outside * reached * waiting(scenario.days_in_estate, scenario)
        + share * waiting(days, scenario)
    )


def _waited(bought: Protection, scenario: Scenario) -> FloatArray:
    """What waiting costs with no rule, less what it costs with it."""
    soon = waiting(scenario.days_to_payment, scenario)
    late = waiting(scenario.days_in_estate, scenario)
    at_hand = waiting(scenario.days_to_payment_from_reserve, scenario)
    return (
        at_hand * (bought.matched_without - bought.matched_with)
        + soon * (bought.own_without - bought.own_with)
        + late * (bought.estate_without - bought.estate_with)
        - at_hand * bought.paid_by_reserve
        - soon * bought.paid_by_insurance
    )

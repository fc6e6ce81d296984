"""What a candidate formula is, and how formulas compose.

A formula holds assumptions only (its parameters); results come out of `required` and `path`.
A reader's own formula is one call of `custom`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from analysis.market.panel import FloatArray
from analysis.rules.exposure import Exposure


@dataclass(frozen=True)
class Reference:
    """Where a rule or a value is written: title, address, pinpoint, day it was read."""

    title: str
    address: str
    pinpoint: str
    retrieved_on: str


@dataclass(frozen=True)
class Formula(ABC):
    """A candidate reserve formula with its assumptions.

    Attributes
    ----------
    id : str
        Short name, unique among the candidates.
    title : str
        One line for tables and figures.
    status : str
        `in force`, `proposed`, `scenario` or `superseded`, where it comes from.
    reference : Reference
        Source of the rule as a whole.
    not_modelled : str
        What the rule says that the formula leaves out.
    """

    id: str = field(kw_only=True)
    title: str = field(kw_only=True)
    status: str = field(kw_only=True)
    reference: Reference = field(kw_only=True)
    last_checked_on: str = field(kw_only=True)
    not_modelled: str = field(kw_only=True, default="")

    @abstractmethod
    def required(self, exposure: Exposure) -> FloatArray:
        """Amount that must be held once fully built up, JPY mn, shape (..., exchange)."""

    def path(self, exposure: Exposure, years: int, phase_in_years: int) -> FloatArray:
        """Balance at the end of each year, JPY mn, shape (year, ..., exchange).

        A rule that fixes an amount is built up in equal steps over `phase_in_years`; a rule that
        accrues overrides this with its own law of motion.
        """
        step = np.arange(1, years + 1) / max(phase_in_years, 1)
        share = np.minimum(step, 1.0) if phase_in_years else np.ones(years)
        amount = self.required(exposure)
        return share.reshape(-1, *[1] * amount.ndim) * amount

    def floor(self, amount: float) -> Formula:
        """At least `amount` JPY mn."""
        return Composed(self, lambda x: np.maximum(x, amount), f"at least {amount:,g}")

    def cap(self, amount: float) -> Formula:
        """At most `amount` JPY mn."""
        return Composed(self, lambda x: np.minimum(x, amount), f"at most {amount:,g}")

    def times(self, factor: float) -> Formula:
        """`factor` times the amount: a multiplier, or a share of it."""
        return Composed(self, lambda x: x * factor, f"times {factor:g}")



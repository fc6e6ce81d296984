"""Who pays a year's loss, in which order, and what that leaves open, from expected excesses alone.

A loss S of the year meets cash C first. The insurer, where its policy answers, pays what exceeds
the retention d L and the cash, up to (1 - d) L, so that customers miss

    (S - C)+ - [(S - A)+ - (S - A - (1 - d) L)+],    A = max(C, d L),

and (S - C)+ where it does not.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from analysis.impact.insurance import Mix, Terms
from analysis.losses.compound import CompoundLoss
from analysis.market.panel import FloatArray
from analysis.scenario import Scenario


@dataclass(frozen=True)
class Layers:
    """Cash, and the layer of the insurer above it; arrays (..., draw, exchange), JPY mn.

    Attributes
    ----------
    cash : what pays at once.
    attachment, exhaustion : loss at which the insurer starts and stops to pay.
    response : probability that it pays at all.
    """

    cash: FloatArray
    attachment: FloatArray
    exhaustion: FloatArray
    response: float

    @classmethod
    def of(cls, mix: Mix, scenario: Scenario) -> Layers:
        """Layers of a mix: the insurer starts at its retention, or where the cash ends."""
        terms = Terms.of(scenario)
        attachment = np.maximum(mix.cash, terms.deductible * mix.limit)
        exhaustion = attachment + (1 - terms.deductible) * mix.limit
        response = scenario.insurance_response * (1 - scenario.insurer_default_haircut)
        return cls(mix.cash, attachment, exhaustion, response)

    @classmethod
    def of_fund(cls, mix: Mix, scenario: Scenario) -> Layers:
        """All exchanges' cash and limits as one fund's, repeated along the exchanges."""
        summed = Mix(
            *(
                array.sum(axis=-1, keepdims=True) + np.zeros_like(array)
                for array in (mix.cash, mix.insured, mix.unfunded, mix.limit, mix.premium)
            )
        )
        return cls.of(summed, scenario)

    def of_industry(self) -> Layers:
        """A fund's layers without the axis of exchanges, along which they do not differ."""
        return Layers(
            self.cash[..., 0], self.attachment[..., 0], self.exhaustion[..., 0], self.response
        )

    def with_own(self, own: FloatArray) -> Layers:
        """The same insurance with an exchange's own means behind the cash.

        Own means first fill the insurer's retention; the layer, if they reach it, moves up by as
        much, which leaves customers what they would miss if own means paid last.
        """
        cash = self.cash + own
        attachment = np.maximum(cash, self.attachment)
        return Layers(
            cash, attachment, attachment + self.exhaustion - self.attachment, self.response
        )


@dataclass(frozen=True)
class Met:
    """What layers do to a year's loss; expectations over the insurer's answer.

    Attributes
    ----------
    in_full : probability that they pay it in full, no loss included.
    missing : expected loss that they leave open, JPY mn.
    insured : expected payment of the insurer, JPY mn.
    at_stake : expected crypto that was not stolen at operators with something missing, JPY mn.
    """

    in_full: FloatArray
    missing: FloatArray
    insured: FloatArray
    at_stake: FloatArray

    def scaled(self, missing: FloatArray, insured: FloatArray) -> Met:
        """The same with what is missing and what the insurer pays multiplied."""
        return replace(self, missing=self.missing * missing, insured=self.insured * insured)


def met(annual: CompoundLoss, layers: Layers, beyond: FloatArray | None = None) -> Met:
    """What layers pay of a year's loss, and what they leave open.

    Parameters
    ----------
    beyond : E[(S - K)+] for all crypto held, K, if it is known already.
    """
    cash, start, end = (
        excess(annual, amount) for amount in (layers.cash, layers.attachment, layers.exhaustion)
    )
    closed, answers = layers.attachment <= layers.cash, layers.response
    last = np.where(closed, layers.exhaustion, layers.cash)
    by_cash, with_insurer = annual.cdf(layers.cash), annual.cdf(last)
    insured = answers * (start - end)
    stake = _Stake(annual.held, excess(annual, annual.held) if beyond is None else beyond)
    return Met(
        in_full=answers * with_insurer + (1 - answers) * by_cash,
        missing=cash - insured,
        insured=insured,
        at_stake=answers * stake(last, with_insurer, np.where(closed, end, cash))
        + (1 - answers) * stake(layers.cash, by_cash, cash),
    )


def claims(annual: CompoundLoss, layers: Layers) -> FloatArray:
    """Expected payment of the insurer, JPY mn per year."""
    layer = excess(annual, layers.attachment) - excess(annual, layers.exhaustion)
    return np.asarray(layers.response * layer)


def unpaid(annual: CompoundLoss, layers: Layers) -> tuple[FloatArray, FloatArray]:
    """Expected loss that nobody pays, and expected payment of the insurer, JPY mn per year."""
    insured = claims(annual, layers)
    return excess(annual, layers.cash) - insured, insured


def excess(annual: CompoundLoss, amount: FloatArray) -> FloatArray:
    """E[(S - k)+], JPY mn per year; the expected loss itself at 0, where the grid is close to it.

    So a reserve of nothing pays nothing, to the last digit.
    """
    above = np.minimum(annual.expected_excess(amount), annual.mean)
    return np.asarray(np.where(amount > 0, above, annual.mean))


@dataclass(frozen=True)
class _Stake:
    """Mean of (K - S)+ in years with S > x, K all crypto held: (K - x) P(S > x) - X(x) + X(K)."""

    held: FloatArray
    beyond: FloatArray

    def __call__(self, amount: FloatArray, within: FloatArray, excess: FloatArray) -> FloatArray:
        left = (self.held - amount) * (1 - within) - excess + self.beyond
        return np.asarray(np.where(amount < self.held, np.maximum(left, 0.0), 0.0))


def met_by_own(annual: CompoundLoss, own: FloatArray, beyond: FloatArray) -> Met:
    """What own means alone pay, with no rule."""
    within, left = annual.cdf(own), excess(annual, own)
    at_stake = _Stake(annual.held, beyond)(own, within, left)
    return Met(in_full=within, missing=left, insured=np.zeros_like(left), at_stake=at_stake)

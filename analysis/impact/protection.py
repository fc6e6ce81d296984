"""What customers get: how often, and how far, the reserve and its insurance pay a year's loss.

A year's loss S of an exchange is met in this order. Cash pays first, up to the reserve C. The
insurer, where its policy responds, pays what exceeds the retention d L, up to (1 - d) L, so that
customers miss

    (S - C)+ - [(S - A)+ - (S - A - (1 - d) L)+],    A = max(C, d L),

and (S - C)+ where it does not. A policy responds with probability `insurance_response` and the
insurer pays with probability one less its default haircut. Expected values need only
X(k) = E[(S - k)+], so nothing here is simulated.

Without any rule owners often pay: with probability `voluntary_payment` out of net assets N, and
otherwise not at all. A reserve takes nothing from customers that they would have had: where owners
pay, they pay max(N, C) in all. What the rule adds is the difference of the two expectations.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields

import numpy as np

from analysis.impact.insurance import Mix, Terms
from analysis.losses.aggregate import AnnualLoss
from analysis.losses.compound import CompoundLoss
from analysis.losses.industry import IndustryLoss
from analysis.market.panel import FloatArray
from analysis.scenario import Scenario


@dataclass(frozen=True)
class Protection:
    """Protection of customers by formula; arrays (..., draw, exchange), JPY mn per year.

    Attributes
    ----------
    coverage : probability that reserve and insurance pay a year's loss in full, no loss included.
    coverage_given_loss : the same among years with a loss.
    uncovered : expected loss that neither pays.
    paid_by_reserve, paid_by_insurance : expected payments.
    without_rule, with_rule : expected loss of customers after what owners pay of their own accord.
    """

    coverage: FloatArray
    coverage_given_loss: FloatArray
    uncovered: FloatArray
    paid_by_reserve: FloatArray
    paid_by_insurance: FloatArray
    without_rule: FloatArray
    with_rule: FloatArray

    @property
    def avoided(self) -> FloatArray:
        """Expected loss of customers that the rule avoids, JPY mn per year."""
        return self.without_rule - self.with_rule

    @property
    def exceedance(self) -> FloatArray:
        """Probability that a year's loss exceeds what reserve and insurance pay."""
        return 1.0 - self.coverage

    @property
    def return_period(self) -> FloatArray:
        """Years between two losses that exceed them; infinite where none does."""
        exceeded = self.exceedance
        never = np.full(exceeded.shape, np.inf)
        return np.divide(1.0, exceeded, out=never, where=exceeded > 0)

    @property
    def shortfall_beyond(self) -> FloatArray:
        """Mean of what is missing in years in which something is, JPY mn; 0 where nothing is."""
        exceeded = self.exceedance
        return np.divide(self.uncovered, exceeded, out=np.zeros(exceeded.shape), where=exceeded > 0)


@dataclass(frozen=True)
class Layers:
    """Who pays a loss: cash, and the layer of the insurer; arrays (..., draw, exchange), JPY mn."""

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

    def of_industry(self) -> Layers:
        """A fund's layers without the axis of exchanges, along which they do not differ."""
        return Layers(
            self.cash[..., 0], self.attachment[..., 0], self.exhaustion[..., 0], self.response
        )

    def with_cash(self, cash: FloatArray) -> Layers:
        """The same insurance above more cash."""
        attachment = np.maximum(cash, self.attachment)
        return Layers(
            cash, attachment, attachment + self.exhaustion - self.attachment, self.response
        )


def joined(parts: Iterable[Protection]) -> Protection:
    """Protection of several formulas, one after another on a new first axis."""
    each = list(parts)
    return Protection(
        **{
            field.name: np.stack([getattr(part, field.name) for part in each])
            for field in fields(Protection)
        }
    )


def protection(
    annual: AnnualLoss, mix: Mix, net_assets: FloatArray, scenario: Scenario
) -> Protection:
    """Protection that a mix of cash and insurance gives against a year's loss.

    Parameters
    ----------
    annual : AnnualLoss, (draw, exchange)
    mix : Mix, arrays (..., draw, exchange)
        Cash counts as held, whether or not the exchange could fund it; what is `unfunded` does not.
    net_assets : array (draw, exchange), JPY mn
        Own means out of which owners pay where they pay; below zero counts as none.
    """
    layers = Layers.of(mix, scenario)
    own = np.maximum(net_assets, 0.0)
    missing, insured = _missing(annual, layers)
    after_owners, _ = _missing(annual, layers.with_cash(np.maximum(own, mix.cash)))
    return _protection(
        annual, _coverage(annual, layers), missing, insured, own, after_owners, scenario
    )


def pooled_protection(
    annual: AnnualLoss,
    industry: IndustryLoss,
    mix: Mix,
    net_assets: FloatArray,
    scenario: Scenario,
) -> Protection:
    """Protection where all contributions pay for whichever exchange has the loss.

    What the fund leaves open in the industry is exact; it is shared among exchanges in proportion
    to what the whole fund would leave open at each alone. Owners add their own means behind it.
    The coverage of one exchange leaves out that another may have emptied the fund in the same year.
    """
    layers = Layers.of(mix, scenario)
    insured_part = (layers.exhaustion - layers.attachment).sum(axis=-1, keepdims=True)
    cash = mix.cash.sum(axis=-1, keepdims=True) + np.zeros_like(mix.cash)
    fund = Layers(cash, cash, cash + insured_part, layers.response)
    alone, insured = _missing(annual, fund)
    whole, whole_insured = _missing(industry, fund.of_industry())
    own = np.maximum(net_assets, 0.0)
    after_owners, _ = _missing(annual, fund.with_cash(cash + own))
    scale = _scale(whole, alone)
    return _protection(
        annual,
        _coverage(annual, fund),
        alone * scale,
        insured * _scale(whole_insured, insured),
        own,
        after_owners * scale,
        scenario,
    )


def _scale(total: FloatArray, parts: FloatArray) -> FloatArray:
    """Factor that brings parts (last axis) to their total; 1 where they are nothing."""
    summed = parts.sum(axis=-1)
    factor = np.divide(total, summed, out=np.ones_like(summed), where=summed > 0)
    return np.asarray(factor[..., np.newaxis])


def _protection(
    annual: AnnualLoss,
    coverage: FloatArray,
    missing: FloatArray,
    insured: FloatArray,
    own: FloatArray,
    after_owners: FloatArray,
    scenario: Scenario,
) -> Protection:
    paying, expected, none = scenario.voluntary_payment, annual.mean, annual.none
    alone = (1 - paying) * expected + paying * annual.expected_excess(own)
    some = np.broadcast_to(1 - none, coverage.shape)
    return Protection(
        coverage=coverage,
        coverage_given_loss=np.clip(
            np.divide(coverage - none, some, out=np.ones_like(coverage), where=some > 0), 0.0, 1.0
        ),
        uncovered=missing,
        paid_by_reserve=expected - missing - insured,
        paid_by_insurance=insured,
        without_rule=np.broadcast_to(alone, missing.shape),
        with_rule=(1 - paying) * missing + paying * after_owners,
    )


def _missing(annual: CompoundLoss, layers: Layers) -> tuple[FloatArray, FloatArray]:
    """Expected loss that nobody pays, and expected payment of the insurer, JPY mn per year."""
    insured = layers.response * (
        annual.expected_excess(layers.attachment) - annual.expected_excess(layers.exhaustion)
    )
    return annual.expected_excess(layers.cash) - insured, insured


def _coverage(annual: AnnualLoss, layers: Layers) -> FloatArray:
    """Probability that the loss is paid in full; an insurer's retention may stay open."""
    by_cash = annual.cdf(layers.cash)
    closed = layers.attachment <= layers.cash
    with_insurer = np.where(closed, annual.cdf(layers.exhaustion), by_cash)
    return layers.response * with_insurer + (1 - layers.response) * by_cash

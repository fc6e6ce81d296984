"""What customers get: how often, and how far, the reserve and its insurance pay a year's loss.

Cash pays first, then the insurer (see `analysis.impact.layers`), then the operator's own means: net
assets N, of which the reserve C is a part, so (N - C)+ more. An operator whose means reach pays all
and lives on: so were nearly all losses below a tenth of customers' assets paid (`payment_record`).
Beyond its means, owners, a group or an acquirer step in with probability `voluntary_payment` and
pay all. Otherwise it is wound up: customers keep what reserve and insurance paid, and reach
`estate_recovery` of the remaining means, years later. With no rule C and the insurance are nil; a
reserve thus takes nothing from customers that they would have had. What the rule adds is the
difference of two expectations, which need only X(k) = E[(S - k)+] and P(S <= k).

A wind-up also reaches the crypto that was not stolen. What stands at operators that fail is kept
apart (`stranded`): the shares and days of what happens to it are hardly known.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields

import numpy as np

from analysis.impact.insurance import Mix
from analysis.impact.layers import Layers, Met, excess, met, met_by_own, unpaid
from analysis.losses.aggregate import AnnualLoss
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
    own_without, own_with : expected payment of the operator and of who steps in, with no rule and
        behind the reserve.
    estate_without, estate_with : expected payment out of estates, years later.
    without_rule, with_rule : expected loss that customers bear in the end.
    stranded_without, stranded_with : expected crypto not stolen at operators that fail.
    """

    coverage: FloatArray
    coverage_given_loss: FloatArray
    uncovered: FloatArray
    paid_by_reserve: FloatArray
    paid_by_insurance: FloatArray
    own_without: FloatArray
    own_with: FloatArray
    estate_without: FloatArray
    estate_with: FloatArray
    without_rule: FloatArray
    with_rule: FloatArray
    stranded_without: FloatArray
    stranded_with: FloatArray

    @property
    def avoided(self) -> FloatArray:
        """Expected loss of customers that the rule avoids, JPY mn per year."""
        return np.asarray(self.without_rule - self.with_rule)

    @property
    def exceedance(self) -> FloatArray:
        """Probability that a year's loss exceeds what reserve and insurance pay."""
        return np.asarray(1.0 - self.coverage)

    @property
    def return_period(self) -> FloatArray:
        """Years between two losses that exceed them; infinite where none does."""
        exceeded = self.exceedance
        never = np.full(exceeded.shape, np.inf)
        return np.asarray(np.divide(1.0, exceeded, out=never, where=exceeded > 0))

    @property
    def shortfall_beyond(self) -> FloatArray:
        """Mean of what is missing in years in which something is, JPY mn; 0 where nothing is."""
        exceeded = self.exceedance
        missing = np.zeros(exceeded.shape)
        return np.asarray(np.divide(self.uncovered, exceeded, out=missing, where=exceeded > 0))


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
        Own means, the reserve among them; below zero counts as none.
    """
    layers, own = Layers.of(mix, scenario), np.maximum(net_assets, 0.0)
    beyond = excess(annual, annual.held)
    first = met(annual, layers, beyond)
    last = met(annual, layers.with_own(np.maximum(own - mix.cash, 0.0)), beyond)
    behind = _Behind(own, np.maximum(own - mix.cash, 0.0))
    return _protection(annual, met_by_own(annual, own, beyond), first, last, behind, scenario)


def pooled_protection(
    annual: AnnualLoss,
    industry: IndustryLoss,
    mix: Mix,
    net_assets: FloatArray,
    scenario: Scenario,
) -> Protection:
    """Protection where all contributions pay for whichever exchange has the loss.

    What the fund leaves open in the industry is exact; it is shared among exchanges in proportion
    to what the whole fund would leave open at each alone. Own means, less the contribution, stand
    behind it. Probabilities and `stranded` of one exchange leave out that another may have emptied
    the fund in the same year.
    """
    fund, own = Layers.of_fund(mix, scenario), np.maximum(net_assets, 0.0)
    beyond = excess(annual, annual.held)
    first = met(annual, fund, beyond)
    last = met(annual, fund.with_own(np.maximum(own - mix.cash, 0.0)), beyond)
    missing, insured = unpaid(industry, fund.of_industry())
    open_, paid = _scale(missing, first.missing), _scale(insured, first.insured)
    return _protection(
        annual,
        met_by_own(annual, own, beyond),
        Met(first.in_full, first.missing * open_, first.insured * paid, first.at_stake),
        Met(last.in_full, last.missing * open_, last.insured * paid, last.at_stake),
        _Behind(own, np.maximum(own - mix.cash, 0.0)),
        scenario,
    )


@dataclass(frozen=True)
class _Behind:
    """Own means of the operator, JPY mn: with no rule, and behind the reserve."""

    without: FloatArray
    reserve: FloatArray


def _scale(total: FloatArray, parts: FloatArray) -> FloatArray:
    """Factor that brings parts (last axis) to their total; 1 where they are nothing."""
    summed = parts.sum(axis=-1)
    factor = np.divide(total, summed, out=np.ones_like(summed), where=summed > 0)
    return np.asarray(factor[..., np.newaxis])


def _protection(
    annual: AnnualLoss, owners: Met, first: Met, last: Met, behind: _Behind, scenario: Scenario
) -> Protection:
    """From own means alone (`owners`), the rule (`first`), and the rule with own means (`last`)."""
    mean, none = annual.mean, annual.none
    shape = np.broadcast_shapes(first.in_full.shape, mean.shape)
    failing, reached = 1 - scenario.voluntary_payment, scenario.estate_recovery
    # What is open before own means in years that outrun them, and those means themselves.
    means_without = behind.without * (1 - owners.in_full)
    means_with = behind.reserve * (1 - last.in_full)
    open_without, open_with = owners.missing + means_without, last.missing + means_with
    some = np.broadcast_to(1 - none, shape)
    given_loss = np.divide(first.in_full - none, some, out=np.ones(shape), where=some > 0)
    return Protection(
        coverage=first.in_full,
        coverage_given_loss=np.clip(given_loss, 0.0, 1.0),
        uncovered=first.missing,
        paid_by_reserve=mean - first.missing - first.insured,
        paid_by_insurance=first.insured,
        own_without=np.broadcast_to(mean - failing * open_without, shape),
        own_with=first.missing - failing * open_with,
        estate_without=np.broadcast_to(failing * reached * means_without, shape),
        estate_with=failing * reached * means_with,
        without_rule=np.broadcast_to(failing * (open_without - reached * means_without), shape),
        with_rule=failing * (open_with - reached * means_with),
        stranded_without=np.broadcast_to(failing * owners.at_stake, shape),
        stranded_with=failing * last.at_stake,
    )

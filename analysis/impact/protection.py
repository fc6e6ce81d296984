"""What customers get: how often, and how far, the reserve and its insurance pay a year's loss.

Cash pays first, then the insurer (see `analysis.impact.layers`), then the operator's own means. Of
these the crypto that must match customers' crypto in hot wallets today, M, is there in kind and
pays at once, with a rule and without: it is taken to go to customers alone, as the reserve is. The
rest follows. Own means are max(N, M) of net assets N (a match can be borrowed), and behind a
reserve of cash C, which is a part of net assets, max(N - C, M).

An operator whose means reach pays all and lives on: so were nearly all losses below a tenth of
customers' assets paid (`payment_record`). Beyond its means, owners, a group or an acquirer step in
with probability `voluntary_payment` and pay all. Otherwise it is wound up: customers keep what
reserve, insurance and match paid, and reach `estate_recovery` of the remaining means, years later.
With no rule C and the insurance are nil; a reserve thus takes nothing from customers that they
would have had. What the rule adds is the difference of two expectations, which need only
X(k) = E[(S - k)+] and P(S <= k).

A wind-up also reaches the crypto that was not stolen. What stands at operators that fail is kept
apart (`stranded`): the shares and days of what happens to it are hardly known.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.impact.insurance import Mix
from analysis.impact.layers import Layers, Met, excess, met, met_by_own, unpaid
from analysis.losses.aggregate import AnnualLoss
from analysis.losses.industry import IndustryLoss
from analysis.market.panel import FloatArray, Panel
from analysis.scenario import Scenario

EDGE = 1 + 1e-9
"""Match over what is in hot wallets, so that rounding does not decide who pays the loss of that."""


@dataclass(frozen=True)
class Protection:
    """Protection of customers by formula; arrays (..., draw, exchange), JPY mn per year.

    Attributes
    ----------
    coverage : probability that reserve and insurance pay a year's loss in full, no loss included.
    coverage_given_loss : the same among years with a loss.
    uncovered : expected loss that neither pays.
    paid_by_reserve, paid_by_insurance : expected payments.
    matched_without, matched_with : expected payment of the crypto that matches hot wallets, with
        no rule and behind the reserve.
    own_without, own_with : expected payment of the operator's other means and of who steps in.
    estate_without, estate_with : expected payment out of estates, years later.
    lost_without, lost_with : expected loss that customers bear in the end.
    stranded_without, stranded_with : expected crypto not stolen at operators that fail.
    """

    coverage: FloatArray
    coverage_given_loss: FloatArray
    uncovered: FloatArray
    paid_by_reserve: FloatArray
    paid_by_insurance: FloatArray
    matched_without: FloatArray
    matched_with: FloatArray
    own_without: FloatArray
    own_with: FloatArray
    estate_without: FloatArray
    estate_with: FloatArray
    lost_without: FloatArray
    lost_with: FloatArray
    stranded_without: FloatArray
    stranded_with: FloatArray

    @property
    def avoided(self) -> FloatArray:
        """Expected loss of customers that the rule avoids, JPY mn per year."""
        return np.asarray(self.lost_without - self.lost_with)

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


@dataclass(frozen=True)
class OwnMeans:
    """What an operator can pay with beside a reserve, arrays (draw, exchange), JPY mn.

    Attributes
    ----------
    net_assets : the cash of a reserve is a part of them; below zero counts as none.
    matched : crypto that matches customers' crypto in hot wallets.
    """

    net_assets: FloatArray
    matched: FloatArray

    @classmethod
    def of(cls, panel: Panel) -> OwnMeans:
        """Means of every exchange of a panel: whatever is in hot wallets is matched, as it must."""
        return cls(panel["net_assets"], EDGE * panel["hot_share"] * panel["customer_crypto"])

    def beside(self, cash: FloatArray | float) -> FloatArray:
        """All means but a reserve's cash, JPY mn."""
        return np.maximum(self.net_assets - cash, self.matched)


def protection(annual: AnnualLoss, mix: Mix, own: OwnMeans, scenario: Scenario) -> Protection:
    """Protection that a mix of cash and insurance gives against a year's loss.

    Parameters
    ----------
    annual : AnnualLoss, (draw, exchange)
    mix : Mix, arrays (..., draw, exchange)
        Cash counts as held, whether or not the exchange could fund it; what is `unfunded` does not.
    """
    layers = Layers.of(mix, scenario)
    return _protection(annual, _in_turn(annual, layers, mix.cash, own), own, scenario)


def pooled_protection(
    annual: AnnualLoss, industry: IndustryLoss, mix: Mix, own: OwnMeans, scenario: Scenario
) -> Protection:
    """Protection where all contributions pay for whichever exchange has the loss.

    What the fund leaves open in the industry is exact; it is shared among exchanges in proportion
    to what the whole fund would leave open at each alone. Own means, less the contribution, stand
    behind it. Probabilities and `stranded` of one exchange leave out that another may have emptied
    the fund in the same year.
    """
    fund = Layers.of_fund(mix, scenario)
    alone = _in_turn(annual, fund, mix.cash, own)
    missing, insured = unpaid(industry, fund.of_industry())
    open_, paid = _scale(missing, alone.first.missing), _scale(insured, alone.first.insured)
    shared = _InTurn(
        alone.first.scaled(open_, paid),
        alone.after_match * open_,
        alone.last.scaled(open_, paid),
        alone.rest,
    )
    return _protection(annual, shared, own, scenario)


@dataclass(frozen=True)
class _InTurn:
    """What payers leave open, one after another; arrays (..., draw, exchange).

    Attributes
    ----------
    first : after reserve and insurance.
    after_match : expected loss that is open after the matched crypto too, JPY mn.
    last : after all own means.
    rest : own means beyond the match, JPY mn.
    """

    first: Met
    after_match: FloatArray
    last: Met
    rest: FloatArray

    @property
    def means_outrun(self) -> FloatArray:
        """Expected own means beyond the match in years that outrun them."""
        return np.asarray(self.rest * (1 - self.last.in_full))

    @property
    def outrun(self) -> FloatArray:
        """Expected loss in those years that is open before these means."""
        return self.last.missing + self.means_outrun


def _in_turn(annual: AnnualLoss, layers: Layers, cash: FloatArray, own: OwnMeans) -> _InTurn:
    means, beyond = own.beside(cash), excess(annual, annual.held)
    return _InTurn(
        first=met(annual, layers, beyond),
        after_match=unpaid(annual, layers.with_own(own.matched))[0],
        last=met(annual, layers.with_own(means), beyond),
        rest=means - own.matched,
    )


def _with_no_rule(annual: AnnualLoss, own: OwnMeans) -> _InTurn:
    means, beyond = own.beside(0.0), excess(annual, annual.held)
    nobody = Met(annual.none, annual.mean, np.zeros_like(annual.mean), np.zeros_like(annual.mean))
    return _InTurn(
        first=nobody,
        after_match=excess(annual, own.matched),
        last=met_by_own(annual, means, beyond),
        rest=means - own.matched,
    )


def _scale(total: FloatArray, parts: FloatArray) -> FloatArray:
    """Factor that brings parts (last axis) to their total; 1 where they are nothing."""
    summed = parts.sum(axis=-1)
    factor = np.divide(total, summed, out=np.ones_like(summed), where=summed > 0)
    return np.asarray(factor[..., np.newaxis])


def _protection(
    annual: AnnualLoss, ruled: _InTurn, own: OwnMeans, scenario: Scenario
) -> Protection:
    """Expectations with the rule, and with none."""
    first, free = ruled.first, _with_no_rule(annual, own)
    shape = np.broadcast_shapes(first.in_full.shape, annual.mean.shape)
    some = np.broadcast_to(1 - annual.none, shape)
    given_loss = np.divide(first.in_full - annual.none, some, out=np.ones(shape), where=some > 0)
    without = {
        f"{name}_without": np.broadcast_to(part, shape)
        for name, part in _borne(free, scenario).items()
    }
    return Protection(
        coverage=first.in_full,
        coverage_given_loss=np.clip(given_loss, 0.0, 1.0),
        uncovered=first.missing,
        paid_by_reserve=annual.mean - first.missing - first.insured,
        paid_by_insurance=first.insured,
        **without,
        **{f"{name}_with": part for name, part in _borne(ruled, scenario).items()},
    )


def _borne(turn: _InTurn, scenario: Scenario) -> dict[str, FloatArray]:
    """Who bears what reserve and insurance leave open, in expectation."""
    failing, reached = 1 - scenario.voluntary_payment, scenario.estate_recovery
    estate = failing * reached * turn.means_outrun
    return {
        "matched": turn.first.missing - turn.after_match,
        "own": turn.after_match - failing * turn.outrun,
        "estate": estate,
        "lost": failing * turn.outrun - estate,
        "stranded": failing * turn.last.at_stake,
    }

"""Who pays customers when an exchange loses crypto or fails, and how long they wait.

Of the custody C a share is lost, L. The reserve pays first, up to what it holds; then the insurer,
if its policy answers, what exceeds the retention d K of its limit K and the reserve, up to
(1 - d) K; then the crypto that matches hot wallets, at once and in kind; then the operator out of
net assets N not counted in the reserve, the match among them. If these cover what is still missing,
the operator lives on and what was not lost stays where it is. If not, owners (a group, an acquirer)
may pay the rest of their own accord. If nobody does, the operator fails:

- the part of C - L that is properly segregated is returned apart from the estate;
- the estate holds the rest of C - L and of N, of which `estate_recovery` reaches customers;
- what then is missing is the unsecured shortfall.

Whether the policy answers and whether owners pay are yes or no: both outcomes are worked out and
weighted, so that every amount is an expectation and the parts always sum to the claim. Reserve and
match are taken to serve customers alone, in insolvency too: of the reserve the law has not said so
yet. Coins are valued on the day of the loss. `analysis.impact.protection` is the mean over a year.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from itertools import product

import numpy as np

from analysis.errors import InputError
from analysis.impact.cost import ratio
from analysis.impact.insurance import Mix, Terms
from analysis.impact.protection import OwnMeans
from analysis.market.panel import FloatArray, Panel
from analysis.scenario import Scenario

Number = float | FloatArray
PARTS = (
    *("kept", "segregated", "reserve", "insurance", "matched"),
    *("own", "owners", "estate", "shortfall"),
)


@dataclass(frozen=True, eq=False)
class Failure:
    """A loss at an exchange; numbers, or arrays that broadcast, money in JPY mn.

    Attributes
    ----------
    custody : customer crypto before the loss, the customers' claim.
    lost_share : share of it that is lost, 0 to 1.
    reserve : liability reserve held in cash.
    limit, deductible : insurance limit, and the share of it that the insured bears.
    response : probability that the insurer pays at all.
    own : net assets not counted in the reserve; below `matched` counts as that.
    matched : own crypto, or borrowed, that matches customers' crypto in hot wallets.
    owners : probability that owners pay what is then still missing.
    stopped : 1 where the operator stops whatever was lost, as when its parent fails; else 0.

    Raises
    ------
    InputError
        A negative amount, or a share or probability outside [0, 1].
    """

    custody: Number
    lost_share: Number
    reserve: Number = 0.0
    limit: Number = 0.0
    deductible: Number = 0.0
    response: Number = 0.0
    own: Number = 0.0
    owners: Number = 0.0
    stopped: Number = 0.0
    matched: Number = 0.0

    def __post_init__(self) -> None:
        for field in fields(self):
            values = np.asarray(getattr(self, field.name), dtype=float)
            money = field.name in {"custody", "reserve", "limit", "matched"}
            most = np.inf if money or field.name == "own" else 1.0
            least = -np.inf if field.name == "own" else 0.0
            wrong = ~((values >= least) & (values <= most)) | np.isinf(values)
            if wrong.any():
                where = tuple(int(n) for n in np.argwhere(wrong)[0])
                at = f" at {where}" if where else ""
                allowed = "0 and more, JPY mn" if money else "0 to 1"
                raise InputError(
                    f"{field.name} = {values[where]:g}{at}; allowed: "
                    f"{'a finite amount' if field.name == 'own' else allowed}; correct the case"
                )

    @classmethod
    def of(cls, panel: Panel, mix: Mix, lost_share: Number, scenario: Scenario) -> Failure:
        """Loss of a share of custody at every exchange of a panel that holds a mix."""
        return cls(
            custody=panel["customer_crypto"],
            lost_share=lost_share,
            reserve=mix.cash,
            limit=mix.limit,
            deductible=Terms.of(scenario).deductible,
            response=scenario.insurance_response * (1 - scenario.insurer_default_haircut),
            own=panel["net_assets"] - mix.cash,
            owners=scenario.voluntary_payment,
            matched=OwnMeans.of(panel).matched,
        )


@dataclass(frozen=True)
class Insolvency:
    """What becomes of customers' crypto at a failed operator, and when who has paid (days)."""

    segregated_share: Number
    estate_recovery: Number
    days_to_return: Number
    days_in_estate: Number
    days_to_payment: Number
    days_to_payment_from_reserve: Number

    @classmethod
    def of(cls, scenario: Scenario, reformed: bool) -> Insolvency:
        """Today's rules, or those with segregation and return of assets reformed."""
        share, days = scenario.segregated_share, scenario.days_to_return
        if reformed:
            share, days = scenario.segregated_share_reformed, scenario.days_to_return_reformed
        return cls(
            segregated_share=share,
            estate_recovery=scenario.estate_recovery,
            days_to_return=days,
            days_in_estate=scenario.days_in_estate,
            days_to_payment=scenario.days_to_payment,
            days_to_payment_from_reserve=scenario.days_to_payment_from_reserve,
        )


@dataclass(frozen=True, eq=False)
class Waterfall:
    """Who pays what of the claim; arrays of the broadcast shape, expected JPY mn.

    Attributes
    ----------
    claim : customers' claim, the sum of the parts.
    kept : crypto that was not lost at an operator that lives on.
    segregated : crypto returned apart from the estate of a failed one.
    reserve, insurance, matched, own, owners, estate : paid by each; own means beyond the match.
    shortfall : what nobody pays.
    failure : probability that the operator fails.
    days : mean days until customers have what they get, weighted by amount; NaN for nothing.
    paid_within_year : share of the claim that customers have after 365 days.
    """

    claim: FloatArray
    kept: FloatArray
    segregated: FloatArray
    reserve: FloatArray
    insurance: FloatArray
    matched: FloatArray
    own: FloatArray
    owners: FloatArray
    estate: FloatArray
    shortfall: FloatArray
    failure: FloatArray
    days: FloatArray
    paid_within_year: FloatArray


YEAR = 365.0


def waterfall(case: Failure, insolvency: Insolvency) -> Waterfall:
    """Who pays customers, in expectation over the insurer's and the owners' answer.

    Parameters
    ----------
    case : Failure
        What was held, lost and set aside.
    insolvency : Insolvency
        From `Insolvency.of(scenario, reformed)`.
    """
    given = [np.asarray(getattr(case, field.name), dtype=float) for field in fields(case)]
    shape = np.broadcast_shapes(*(array.shape for array in given))
    claim = np.broadcast_to(given[0], shape)
    total = {name: np.zeros(shape) for name in (*PARTS, "failure")}
    for answers, pays in product((0.0, 1.0), repeat=2):
        weight = _weight(case.response, answers) * _weight(case.owners, pays)
        for name, amount in _settled(case, insolvency, answers, pays).items():
            total[name] = total[name] + weight * amount
    paid = {name: total[name] for name in PARTS if name != "shortfall"}
    days = _days(insolvency)
    whole = sum(paid.values(), np.zeros(shape))
    waited = sum((amount * days[name] for name, amount in paid.items()), np.zeros(shape))
    early = sum((amount * (days[name] <= YEAR) for name, amount in paid.items()), np.zeros(shape))
    return Waterfall(
        claim=claim,
        days=ratio(waited, whole),
        paid_within_year=ratio(early, claim),
        **total,
    )


def _weight(probability: Number, answer: float) -> Number:
    return probability if answer else 1 - probability


def _settled(
    case: Failure, insolvency: Insolvency, answers: float, pays: float
) -> dict[str, Number]:
    """Parts of the claim if the insurer answers or not, and owners pay or not."""
    lost = np.asarray(case.custody * case.lost_share)
    left = case.custody - lost
    reserve = np.minimum(case.reserve, lost)
    attachment = np.maximum(case.reserve, case.deductible * case.limit)
    layer = np.clip(lost - attachment, 0.0, (1 - case.deductible) * case.limit)
    insurance = answers * layer
    open_ = lost - reserve - insurance
    matched = np.minimum(case.matched, open_)
    missing = open_ - matched
    own = np.minimum(np.maximum(case.own - case.matched, 0.0), missing)
    paid_out = np.where((own >= missing) | (pays > 0), 1.0, 0.0)
    # Where a stopped operator pays what was lost, the payment still counts as such.
    lives = paid_out * (1.0 - case.stopped)
    fails = 1.0 - lives
    recovered = insolvency.estate_recovery
    outside = fails * left * (1 - insolvency.segregated_share)
    in_estate = (1 - paid_out) * own
    return {
        "kept": lives * left,
        "segregated": fails * left * insolvency.segregated_share,
        "reserve": reserve,
        "insurance": insurance,
        "matched": matched,
        "own": paid_out * own,
        "owners": paid_out * (missing - own),
        "estate": recovered * (outside + in_estate),
        "shortfall": (1 - recovered) * (outside + in_estate) + (1 - paid_out) * (missing - own),
        "failure": fails,
    }


def _days(insolvency: Insolvency) -> dict[str, Number]:
    """Days until each part is with customers; what is kept is never away."""
    return {
        "kept": 0.0,
        "segregated": insolvency.days_to_return,
        "reserve": insolvency.days_to_payment_from_reserve,
        "insurance": insolvency.days_to_payment,
        "matched": insolvency.days_to_payment_from_reserve,
        "own": insolvency.days_to_payment,
        "owners": insolvency.days_to_payment,
        "estate": insolvency.days_in_estate,
    }

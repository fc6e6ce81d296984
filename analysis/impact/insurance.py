"""Insurance in place of cash: what it costs, what it counts for, and how much each exchange buys.

Prices are sums insured times a rate on line, as quoted for crypto custody: about 1 % of the limit
for ordinary crime cover and 10 to 20 % for hot wallets (HCP National, trade press, 2022), 5 to
12 % by risk group for Korean exchanges (newsbell.co.kr, 2024-07-15). No insurer publishes a
schedule, so the loading for the size of the limit is an assumption that the study sweeps.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cached_property

import numpy as np

from analysis.market.panel import FloatArray, Panel, over_exchanges
from analysis.scenario import Scenario

Number = float | FloatArray

HOT_SHARE_CEILING = 0.05
"""Largest share of customer crypto in hot wallets: Cabinet Office Order on CAESPs, art. 27(2)."""


ROUNDING = 1e-9
"""Share of a requirement below which a difference is arithmetic, not money."""


@dataclass(frozen=True)
class Terms:
    """What insurers offer and the rule accepts; floats, or arrays that broadcast.

    Attributes
    ----------
    insurable_share : share of the requirement that insurance may replace.
    rate_on_line_cold, rate_on_line_hot : share of limit per year, with nothing in hot wallets and
        at the legal ceiling of 5 %.
    record_loading : share by which each incident on record raises the rate.
    capacity_loading : share by which the marginal rate is higher at the programme limit.
    deductible, default_haircut : shares of the limit that do not count towards the requirement.
    programme_limit, capacity : JPY mn; largest limit of one exchange, and of all together.
    """

    insurable_share: Number
    rate_on_line_cold: Number
    rate_on_line_hot: Number
    record_loading: Number
    capacity_loading: Number
    deductible: Number
    default_haircut: Number
    programme_limit: Number
    capacity: Number

    @classmethod
    def of(cls, scenario: Scenario) -> Terms:
        """Terms of a scenario."""
        return cls(
            insurable_share=scenario.insurable_share,
            rate_on_line_cold=scenario.rate_on_line_cold,
            rate_on_line_hot=scenario.rate_on_line_hot,
            record_loading=scenario.record_loading,
            capacity_loading=scenario.capacity_loading,
            deductible=scenario.insurance_deductible,
            default_haircut=scenario.insurer_default_haircut,
            programme_limit=scenario.programme_limit_jpy_mn,
            capacity=scenario.insurance_capacity_jpy_mn,
        )

    @property
    def credit(self) -> Number:
        """Yen of requirement met by one yen of limit: what is left of it in a total loss."""
        return (1 - self.deductible) * (1 - self.default_haircut)


@dataclass(frozen=True)
class Mix:
    """How a requirement is met; arrays (..., exchange), JPY mn, premium JPY mn per year.

    `cash + insured + unfunded` is the requirement; `unfunded` is zero unless cash is rationed.
    """

    cash: FloatArray
    insured: FloatArray
    unfunded: FloatArray
    limit: FloatArray
    premium: FloatArray

    def at(self, place: int) -> Mix:
        """The mix at one place of the first axis."""
        return Mix(*(getattr(self, field.name)[place] for field in fields(self)))


@dataclass(frozen=True, eq=False)
class Offer:
    """What cash and insurance cost each exchange, whatever is asked of it.

    Attributes
    ----------
    rate : array (..., exchange), base rate on line.
    carry_rate : cost of equity less reserve yield, per year; can be negative.
    terms : of the insurers and the rule.
    """

    rate: FloatArray
    carry_rate: Number
    terms: Terms

    @classmethod
    def of(cls, panel: Panel, scenario: Scenario) -> Offer:
        """Offer to the exchanges of a panel."""
        terms = Terms.of(scenario)
        rate = base_rate_on_line(panel["hot_share"], panel["incident_count"], terms)
        return cls(rate, scenario.carry_rate, terms)

    @cached_property
    def limit_wanted(self) -> FloatArray:
        """Limit that each exchange would buy for an unlimited requirement, JPY mn."""
        return _unconstrained_limit(self.rate, self.carry_rate, self.terms)

    def cheapest(self, requirement: FloatArray, cash_available: Number = np.inf) -> Mix:
        """Cheapest mix that meets a requirement; see `least_cost`."""
        terms, wanted = self.terms, self.limit_wanted
        most = terms.insurable_share / terms.credit
        limit = onto(np.minimum, np.asarray(most * requirement), terms.programme_limit)
        rationed = bool(np.any(np.isfinite(cash_available)))
        if rationed:
            wanted = np.maximum(wanted, (requirement - cash_available) / terms.credit)
        limit = within_capacity(onto(np.minimum, limit, wanted), terms.capacity)
        insured = onto(np.minimum, terms.credit * limit, requirement)
        gap = requirement - insured
        unfunded: FloatArray = np.broadcast_to(0.0, gap.shape)
        if rationed:
            # What is left over by rounding alone is not a failure to fund.
            lacking = gap - cash_available
            unfunded = np.where(lacking > ROUNDING * requirement, lacking, 0.0)
            gap = gap - unfunded
        return Mix(gap, insured, unfunded, limit, premium(limit, self.rate, terms))


def base_rate_on_line(
    hot_share: FloatArray, incident_count: FloatArray, terms: Terms
) -> FloatArray:
    """Rate on line of the first yen of limit, share of limit per year, at most 1.

    Linear in the hot share up to the legal ceiling and flat beyond it; each incident on record
    adds `record_loading`. As the hot share tends to 0 the rate tends to the cold one.

    Parameters
    ----------
    hot_share : array (..., exchange), share of customer crypto.
    incident_count : array (..., exchange), losses of custody on record.
    """
    exposed = np.minimum(hot_share / HOT_SHARE_CEILING, 1.0)
    clean = terms.rate_on_line_cold + (terms.rate_on_line_hot - terms.rate_on_line_cold) * exposed
    return np.minimum(clean * (1 + terms.record_loading * incident_count), 1.0)


def premium(limit: FloatArray, rate: FloatArray, terms: Terms) -> FloatArray:
    """Premium of a limit, JPY mn per year.

    The marginal rate on line is rate (1 + capacity_loading limit / programme_limit); its integral
    from 0 is rate limit (1 + capacity_loading limit / (2 programme_limit)), convex in the limit.
    """
    slope = terms.capacity_loading / (2 * terms.programme_limit)
    dearer = onto(np.add, slope * limit, 1.0)
    return onto(np.multiply, dearer, rate * limit)


def least_cost(
    requirement: FloatArray,
    rate: FloatArray,
    carry_rate: Number,
    terms: Terms,
    cash_available: Number = np.inf,
) -> Mix:
    """Cheapest mix of cash and insurance that meets the requirement.

    Each exchange minimises, over the limit l, carry_rate (R - credit l) + premium(l) subject to
    0 <= l <= min(insurable_share R / credit, programme_limit). With premium(l) as above the
    first-order condition is credit carry_rate = rate (1 + capacity_loading l / programme_limit),
    so l* = programme_limit / capacity_loading (credit carry_rate / rate - 1), cut to the bounds.
    The objective is strictly convex where capacity_loading > 0, so this is the one optimum. As the
    loading tends to 0 the choice tends to all or nothing; at equal prices cash is held. An
    exchange for which even the first yen of limit is dearer than cash holds cash alone.

    Where cash is rationed (`cash_available`), the exchange insures what cash cannot meet, up to
    the same bounds, even at a dearer price; what is left is `unfunded`. Where the limits of all
    exchanges exceed the insurers' capacity, all are cut in proportion and cash takes their place.

    Parameters
    ----------
    requirement : array (..., exchange), JPY mn, not negative.
    rate : array (..., exchange), base rate on line.
    carry_rate : cost of equity less reserve yield, per year; can be negative.
    cash_available : most cash that each exchange can find, JPY mn, not negative.
    """
    return Offer(rate, carry_rate, terms).cheapest(requirement, cash_available)


def within_capacity(limit: FloatArray, capacity: Number) -> FloatArray:
    """Limits cut in proportion so that their sum over exchanges (last axis) fits the capacity."""
    total = over_exchanges(limit)[..., None]
    if not (total > capacity).any():
        return limit
    room, asked = np.broadcast_arrays(capacity, total)
    return np.asarray(limit * np.divide(room, asked, out=np.ones(asked.shape), where=asked > room))


def _unconstrained_limit(rate: FloatArray, carry_rate: Number, terms: Terms) -> FloatArray:
    """Limit at which the marginal premium equals the cash cost it saves; 0, or inf if never."""
    gain = np.maximum(terms.credit * carry_rate / rate - 1, 0.0)
    scaled, loading = np.broadcast_arrays(gain * terms.programme_limit, terms.capacity_loading)
    all_or_nothing = np.where(scaled > 0, np.inf, 0.0)
    return np.asarray(np.divide(scaled, loading, out=all_or_nothing, where=loading > 0))


def onto(function: np.ufunc, array: FloatArray, other: Number) -> FloatArray:
    """`function(array, other)` in the place of `array`, which nobody else needs, where it fits.

    Half the traffic with memory, which is what a sweep waits for.
    """
    shape = np.shape(array)
    if shape and np.broadcast_shapes(shape, np.shape(other)) == shape:
        return np.asarray(function(array, other, out=array))
    return np.asarray(function(array, other))

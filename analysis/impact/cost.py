"""Compliance cost: per year, present value, equivalent annual cost, and who bears it.

Prices are those of the base month; the discount rate is real (Green Book, February 2026).
Cash held for the reserve costs the return that owners require less the yield it earns. That is an
upper bound: it leaves out that more equity behind the same business makes each yen of it safer.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce

import numpy as np

from analysis.impact.insurance import Mix, Number, onto
from analysis.market.panel import FloatArray, Panel
from analysis.scenario import Scenario

BASIS_POINTS = 1e4

NO_RESPONSE = 1e-9
"""Semi-elasticity, % of volume per basis point, below which volume does not respond."""


@dataclass(frozen=True)
class PassThrough:
    """What customers and owners bear; arrays (..., exchange), JPY mn per year unless said.

    Attributes
    ----------
    price_change_bp : rise of the price of trading, basis points of volume.
    volume_lost_share : share of spot volume that goes away.
    deadweight_loss : Harberger triangle of the volume lost.
    borne_by_customers : price rise times the volume that stays.
    borne_by_owners : the rest of the annual cost.
    revenue_lost : revenue on the volume lost, at the present margin; owners bear it beside.
    """

    price_change_bp: FloatArray
    volume_lost_share: FloatArray
    deadweight_loss: FloatArray
    borne_by_customers: FloatArray
    borne_by_owners: FloatArray
    revenue_lost: FloatArray


@dataclass(frozen=True)
class OtherDuties:
    """Cost of the other duties of the move to the FIEA; arrays (..., exchange), JPY mn."""

    capital: FloatArray
    annual_cost: FloatArray
    present_value: FloatArray


def annual_cost(mix: Mix, required: FloatArray, carry_rate: Number, running: Number) -> FloatArray:
    """Cost of one year of holding a reserve, JPY mn, shape (..., exchange).

    Carry on the cash, premium, and administration where anything is required. A year's cost is
    reckoned on the balance at its end, as if held all year: while the reserve grows that is an
    upper bound.
    """
    paid = onto(np.add, carry_rate * mix.cash, mix.premium)
    return onto(np.add, paid, np.asarray(running * (required > 0), dtype=float))


def with_one_off(yearly: FloatArray, required: FloatArray, one_off: Number) -> FloatArray:
    """Yearly costs (year, ..., exchange) with the one-off cost in year 1 where required > 0."""
    first = np.zeros(yearly.shape[0])
    first[0] = 1.0
    due = one_off * (required > 0)
    return np.asarray(yearly + first.reshape(-1, *[1] * required.ndim) * due)


def present_value(yearly: FloatArray, discount_rate: Number) -> FloatArray:
    """Present value of payments at year ends, JPY mn; `yearly` is (year, ...)."""
    factors = discount_factors(discount_rate, yearly.shape[0])
    value = factors[0] * yearly[0]
    for factor, payment in zip(factors[1:], yearly[1:], strict=True):
        value = value + factor * payment
    return np.asarray(value)


def equivalent_annual_cost(value: FloatArray, discount_rate: Number, years: int) -> FloatArray:
    """Level yearly payment over `years` with this present value, JPY mn.

    At a discount rate of 0 this tends to the plain mean over the years.
    """
    return np.asarray(value / annuity(discount_rate, years))


def discount_factors(discount_rate: Number, years: int) -> FloatArray:
    """Value today of one yen at the end of year 1, 2, ..., shape (year, *shape of the rate)."""
    year = np.arange(1.0, years + 1).reshape(-1, *[1] * np.ndim(discount_rate))
    return np.asarray((1 + discount_rate) ** -year)


def annuity(discount_rate: Number, years: int) -> Number:
    """Value today of one yen at the end of each year, of the shape of the rate."""
    # Added in the order of the years, so that one rate gives the same bits as one among many.
    value: Number = reduce(np.add, discount_factors(discount_rate, years))
    return value


def ratio(part: FloatArray, whole: FloatArray) -> FloatArray:
    """`part / whole`, NaN (blank in tables) where `whole` is not positive."""
    return np.asarray(part / np.where(np.asarray(whole) > 0, whole, np.nan))


def volume_lost_share(price_bp: FloatArray, semi_elasticity: Number) -> FloatArray:
    """Share of volume that a price rise of `price_bp` basis points drives away.

    The semi-elasticity e is in per cent of volume per basis point: 1 - exp(-(e / 100) price_bp).
    At e = 1.66 a rise of 100 bp leaves exp(-1.66) = 19 %, as in India from July to October 2022.
    """
    share: FloatArray = np.asarray((-semi_elasticity / 100) * price_bp, dtype=float)
    np.expm1(share, out=share)
    return np.asarray(np.negative(share, out=share))


def highest_price_bp(semi_elasticity: Number) -> FloatArray:
    """Price rise that yields most, 100 / e basis points; infinite where volume does not respond.

    p exp(-(e / 100) p) has its maximum there, so no exchange gains from asking for more.
    """
    response = np.asarray(semi_elasticity, dtype=float)
    no_bound = np.full(response.shape, np.inf)
    return np.asarray(np.divide(100.0, response, out=no_bound, where=response > NO_RESPONSE))


def pass_through(
    cost: FloatArray,
    volume: FloatArray,
    revenue: FloatArray,
    share: Number,
    semi_elasticity: Number,
) -> PassThrough:
    """Customers' response when `share` of the annual cost goes into the price of trading.

    The price rises by p = share cost / volume, at most to `highest_price_bp`, beyond which an
    exchange with little volume would only lose customers. The deadweight loss is the triangle
    p lost_volume / 2. An exchange without volume cannot pass anything on; a gain, where the
    reserve yields more than owners require, stays with them.

    Parameters
    ----------
    cost : array (..., exchange), JPY mn per year.
    volume, revenue : array (..., exchange), JPY mn per year.
    """
    traded = volume > 0
    per_yen = BASIS_POINTS * share * traded / np.where(traded, volume, 1.0)
    price_bp = onto(np.maximum, per_yen * cost, 0.0)
    price_bp = onto(np.minimum, price_bp, highest_price_bp(semi_elasticity))
    lost = volume_lost_share(price_bp, semi_elasticity)
    passed = (volume / BASIS_POINTS) * price_bp
    customers = onto(np.multiply, 1 - lost, passed)
    return PassThrough(
        price_change_bp=price_bp,
        volume_lost_share=lost,
        deadweight_loss=onto(np.multiply, 0.5 * passed, lost),
        borne_by_customers=customers,
        borne_by_owners=cost - customers,
        revenue_lost=lost * np.maximum(revenue, 0.0),
    )


def customers_response(cost: FloatArray, panel: Panel, scenario: Scenario) -> PassThrough:
    """Response of a panel's customers to an annual cost, JPY mn, shape (..., draw, exchange)."""
    return pass_through(
        cost,
        panel["spot_volume"],
        panel["operating_revenue"],
        scenario.pass_through,
        scenario.volume_semi_elasticity,
    )


def owners_cost(
    response: PassThrough, required: FloatArray, variable_share: Number, scenario: Scenario
) -> FloatArray:
    """Yearly cost of a complete reserve to owners, JPY mn, of the shape of `required`.

    What is not passed on, the margin on the volume that goes away with the price, and the one-off
    cost as a level payment over the horizon at the cost of equity.
    """
    due = np.where(required > 0, scenario.one_off_cost_jpy_mn, 0.0)
    once = equivalent_annual_cost(due, scenario.cost_of_equity, scenario.horizon_years)
    lost = (1 - variable_share) * response.revenue_lost
    return np.asarray(response.borne_by_owners + lost + once)


def other_duties(
    net_assets: FloatArray,
    minimum_capital: Number,
    carry_rate: Number,
    running: Number,
    one_off: Number,
    discount_rate: Number,
    years: int,
) -> OtherDuties:
    """Capital, running and one-off cost of the other FIEA duties, kept apart from the reserve's.

    The top-up lifts net assets to the minimum where they are below it (Order for Enforcement of
    the FIEA, art. 15-7 and 15-9: JPY 50 mn, text of 2013); it costs the carry rate every year.
    """
    capital = np.maximum(minimum_capital - net_assets, 0.0)
    annual = carry_rate * capital + running
    first = discount_factors(discount_rate, 1)[0]
    return OtherDuties(capital, annual, annual * annuity(discount_rate, years) + one_off * first)

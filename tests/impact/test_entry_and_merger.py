"""Newcomers that break even, takeovers that pay, and the multiple at which each exchange leaves."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from panels import EXCHANGES, make_panel, share_of_custody

from analysis.impact.entry import entry, start_up
from analysis.impact.evaluate import Impact, evaluate
from analysis.impact.marginal import MULTIPLES, margin
from analysis.impact.merger import mergers, yearly_price
from analysis.rules.formula import Formula
from analysis.scenario import scenario

FIXED = np.tile([14_000.0, 2_000.0, 200.0, 480.0], (3, 1))


def _impact(*formulas: Formula, **changes: float) -> Impact:
    return evaluate(make_panel(3), scenario(dict(changes)), formulas)


@cache
def _two() -> Impact:
    return _impact(share_of_custody(0.02, "single"), share_of_custody(0.04, "double"))


def test_what_opening_costs_by_hand() -> None:
    # 500 x 1.1^1.25 = 563.27, over ten years at 10 %: / 6.144567; capital 50 x (0.1 - 0.01255).
    assert start_up(_two()) == pytest.approx(563.27 / 6.144567 + 4.3725, rel=1e-4)


def test_a_newcomer_without_a_reserve_breaks_even_where_margin_meets_cost() -> None:
    # The small exchanges are `small` and `loss_making`: fixed cost (200 + 480) / 2 = 340.
    found = entry(_two(), FIXED, 0.3)
    assert found.fixed_cost == 340.0
    assert found.revenue[0] == pytest.approx((340 + start_up(_two())) / 0.7, rel=1e-6)
    # Custody in the industry's proportion: 1,104,600 over a revenue of 44,500.
    assert found.custody[0] == pytest.approx(found.revenue[0] * 1_104_600 / 44_500, rel=1e-6)
    assert found.required[0] == 0.0


def test_a_reserve_makes_the_smallest_newcomer_larger_and_full_backing_keeps_all_out() -> None:
    found = entry(_impact(share_of_custody(0.02), share_of_custody(1.0, "full")), FIXED, 0.3)
    assert found.revenue[1] > found.revenue[0]
    assert found.required[1] == pytest.approx(0.02 * found.custody[1], rel=1e-9)
    assert np.isnan(found.revenue[2])


def test_a_floor_is_saved_by_merging_and_a_rate_is_not() -> None:
    floor = share_of_custody(0.0, "zero").floor(100.0)
    impact = _impact(floor, share_of_custody(0.001, "rate"), insurable_share=0.0)
    found = mergers(impact, FIXED, 0.3)
    small = EXCHANGES.index("small")
    # One floor of 100 less at a carry of 0.08745, and one administration of 8 less.
    assert found.reserve_saving[0, small] == pytest.approx(100 * 0.08745 + 8)
    assert found.reserve_saving[1, small] == pytest.approx(8)
    # Medium buys: 400 x 0.7 - half of 200, less the carry of net assets of 900, less its part of
    # the customers who would come anyway: volume 20,000 of 8,921,000 at nesting 0.7, outside 0.3.
    left = 1 - 20_000 / 8_921_000
    anyway = left**-0.7 / (0.3 + 0.7 * left**0.3) - 1
    without = 180 - 900 * 0.08745 - anyway * 4_000 * 0.7
    assert found.profit[0, small] == pytest.approx(without)
    # The rate takes 4 for the target's custody, and would take some for those who come anyway:
    # custody 4,000 of 1,104,600, of which medium has 100,000.
    left = 1 - 4_000 / 1_104_600
    grown = 100 * (left**-0.7 / (0.3 + 0.7 * left**0.3) - 1)
    assert found.profit[1, small] == pytest.approx(without - (4 - grown) * 0.08745)
    assert found.buyers[0, small] == 2


def test_customers_who_come_anyway_are_no_gain() -> None:
    """The largest would get nearly all of medium's customers for nothing: it need not buy."""
    cheap = _impact(share_of_custody(0.0), nesting=0.95, outside_share=0.0)
    dear = _impact(share_of_custody(0.0), nesting=0.0, outside_share=0.9)
    gained, kept = (mergers(impact, FIXED, 0.3).profit[0, 1] for impact in (cheap, dear))
    # 900,000 of 8,921,000: with nobody outside all of it comes, 0.7 x 40,000 x 900 / 8,021.
    fixed = 4_000 * 0.7 - 1_000 - 8_000 * 0.08745
    assert gained == pytest.approx(fixed - 0.7 * 40_000 * 900 / 8_021)
    assert gained < 0 < kept


def test_a_price_by_hand() -> None:
    net_assets, revenue = np.array([900.0, -100.0]), np.array([400.0, 100.0])
    # Half of yearly revenue is less than net assets, or it is all there is: 50 / 6.144567.
    worth = yearly_price(net_assets, revenue, scenario({"sale_multiple": 0.5}))
    assert worth == pytest.approx([900 * 0.08745, 50 / 6.144567], rel=1e-6)
    # 3 x 400 less 900, and 3 x 100, over ten years at 10 %.
    worth = yearly_price(net_assets, revenue, scenario({"sale_multiple": 3.0}))
    assert worth == pytest.approx([900 * 0.08745 + 300 / 6.144567, 300 / 6.144567], rel=1e-6)


def test_nobody_is_larger_than_the_largest_and_nobody_wants_the_loss_maker() -> None:
    found = mergers(_two(), FIXED, 0.3)
    assert np.isnan(found.profit[0, 0])
    assert found.buyers[0, 0] == 0
    # 100 x 0.7 - half of 480 is a loss whatever the reserve.
    assert found.profit[0, 3] < 0
    assert found.buyers[0, 3] == 0


def test_twice_the_rule_is_half_the_multiple() -> None:
    found = margin(_two().exits)
    both = np.isfinite(found.leaves).all(axis=0)
    assert both.any()
    np.testing.assert_allclose(found.leaves[0, both], 2 * found.leaves[1, both], rtol=1e-9)
    # The loss-maker has 20 free: 2 % of 600 is 12, all in cash as insurance is dear at 5 % hot.
    assert found.short[0, 3] == pytest.approx(20 / 12, rel=0.25)
    # Large: 2 % is 20,000; free 54,000 + 42,000 against the cash part: beyond four times.
    assert 4 < found.short[0, 0] < 16


def test_expected_exits_grow_with_the_multiple_and_cross_a_number_once() -> None:
    exits = _two().exits
    found = margin(exits)
    assert (np.diff(found.expected, axis=0) >= 0).all()
    one = MULTIPLES.tolist().index(1.0)
    np.testing.assert_allclose(found.expected[one], exits.policy.sum(axis=-1).mean(axis=-1))
    more = exits.baseline[0].sum(axis=-1).mean() + 0.5
    np.testing.assert_allclose(found.at(more)[0], 2 * found.at(more)[1], rtol=1e-9)
    assert np.isnan(found.at(5.0)).all()


def test_nothing_asked_has_no_multiple() -> None:
    found = margin(_impact(share_of_custody(0.0)).exits)
    assert np.isnan(found.leaves).all()
    assert np.isnan(found.short).all()

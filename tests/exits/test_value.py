"""Worth of staying: against closed forms, an independent solver, and at the ends."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.errors import InputError
from analysis.exits.revenue import ProcessDraws
from analysis.exits.value import (
    Chain,
    Stopping,
    chain,
    continuation,
    gain,
    iterated,
    rouwenhorst,
    stopping,
    stopping_of,
)

RHO, SD, RATE = np.array([[0.4]]), np.array([[1.1]]), 0.1
RULES = stopping(chain(RHO, SD), RATE)
ONE = np.ones((1, 1))


def worth(revenue: float, fixed: float = 1.0, payoff: float = 0.0, cost: float = 0.0) -> float:
    one = np.ones((1, 1))
    value = continuation(revenue * one, fixed * one, 0.3 * one, payoff * one, cost, RULES)
    return float(value[0, 0])


def test_the_chain_has_the_moments_of_the_process() -> None:
    nodes, transition = rouwenhorst(np.array([[0.4]]), 21)
    weight = np.linalg.matrix_power(transition[0], 200)[0]
    assert transition[0].sum(axis=1) == pytest.approx(1)
    # Rouwenhorst's chain meets mean, variance and first autocorrelation exactly.
    assert weight @ nodes == pytest.approx(0, abs=1e-12)
    assert weight @ nodes**2 == pytest.approx(1)
    assert weight @ (nodes * (transition[0] @ nodes)) == pytest.approx(0.4)


def test_revenue_of_the_chain_has_mean_one_and_starts_there() -> None:
    process = chain(RHO, SD, 41)
    weight = np.linalg.matrix_power(process.transition[0], 200)[0]
    assert weight @ process.multiple[0] == pytest.approx(1)
    assert process.start.sum() == pytest.approx(1)
    # From log revenue s^2/2 above the median, next year's mean is exp(s^2 rho (1 - rho) / 2), s the
    # stationary deviation: 1.1^2 / 0.84 = 1.4405, times 0.24 / 2 = 0.17286: 1.1887.
    assert process.start[0] @ process.multiple[0] == pytest.approx(1.1887, rel=0.01)


def test_without_risk_the_worth_is_an_annuity_or_one_year() -> None:
    certain = stopping(chain(RHO, np.zeros((1, 1)), 11), 0.25)
    # Profit 0.4 a year at 25 %: now and d / (1 - d) = 4 times after: 5 x 0.4 = 2.
    assert gain(1.4 * ONE, ONE, certain)[0, 0] == pytest.approx(2.0)
    # Loss of 0.4: this year's, and leave.
    assert gain(0.6 * ONE, ONE, certain)[0, 0] == pytest.approx(-0.4)


@pytest.mark.parametrize("margin", [0.05, 0.3, 0.7, 1.0, 2.5])
def test_rules_below_a_state_are_the_best_of_all_by_value_iteration(margin: float) -> None:
    rho, sd = np.array([[0.0], [0.4], [0.8]]), np.array([[0.5], [1.1], [0.6]])
    process = chain(rho, sd, 31)
    found = gain(np.full((3, 1), margin), np.ones((3, 1)), stopping(process, RATE))
    assert found[:, 0] == pytest.approx(iterated(margin, 1.0, process, RATE), abs=1e-8)


def test_no_rule_at_all_beats_the_best_threshold_in_a_small_chain() -> None:
    process = chain(np.array([[0.5]]), np.array([[0.9]]), 5)
    d, margin = 1 / 1.1, 0.6
    best = -np.inf
    for stays in range(2**5):  # every set of states in which to stay
        kept = np.array([(stays >> i) & 1 for i in range(5)], dtype=float)
        matrix = np.eye(5) - d * kept[:, None] * process.transition[0] * kept
        value = np.linalg.solve(matrix, kept * (margin * process.multiple[0] - 1))
        best = max(best, margin - 1 + d * float(process.start[0] @ value))
    assert gain(margin * ONE, ONE, stopping(process, 0.1))[0, 0] == pytest.approx(best)


def test_close_to_geometric_motion_it_is_dixit_and_pindycks_exit_value() -> None:
    # Investment under Uncertainty, ch. 7: P follows dP = sigma P dz, cost C a year, rate r. With
    # b = 1/2 - sqrt(1/4 + 2 r / sigma^2) < 0, leave at P* = b / (b - 1) C; above it
    # V(P) = P / r - C / r + (C / r - P* / r) (P / P*)^b. Revenue keeps its mean: no drift.
    sigma, rate, step, states = 0.3, 0.1, 0.04, 161
    b = 0.5 - np.sqrt(0.25 + 2 * rate / sigma**2)
    threshold = b / (b - 1)
    # Steps of the lattice: up u = exp(sigma sqrt(step)), down 1 / u, with the chance that keeps
    # the mean; reflected far away.
    up = np.exp(sigma * np.sqrt(step))
    p = (1 - 1 / up) / (up - 1 / up)
    place = np.arange(states) - states // 2
    transition = np.zeros((1, states, states))
    index = np.arange(states)
    transition[0, index, np.minimum(index + 1, states - 1)] += p
    transition[0, index, np.maximum(index - 1, 0)] += 1 - p
    level = up ** place.astype(float)
    lattice = Chain(level[None], transition, transition[:, states // 2])
    rules = stopping(lattice, float(np.expm1(rate * step)))
    for price in (0.7, 1.0, 1.6):
        exact = (
            price / rate - 1 / rate + (1 - threshold) / rate * (price / threshold) ** b
            if price > threshold
            else 0.0
        )
        # A year's revenue is earned in 1 / step parts.
        found = float(gain(price * step * ONE, step * ONE, rules)[0, 0])
        assert found == pytest.approx(exact, abs=0.05)


def test_a_finite_chain_is_close_to_the_process() -> None:
    fine = stopping(chain(RHO, SD, 101), RATE)
    margin = np.linspace(0.05, 5, 60)[:, None, None]
    gap = gain(margin, ONE, RULES) - gain(margin, ONE, fine)
    assert np.abs(gap).max() < 0.03


@settings(deadline=None, max_examples=60)
@given(
    revenue=st.floats(0.01, 20),
    payoff=st.floats(0, 30),
    cost=st.floats(0, 5),
    more=st.floats(0.001, 5),
)
def test_cost_lowers_the_worth_and_the_option_is_never_negative(
    revenue: float, payoff: float, cost: float, more: float
) -> None:
    value, dearer = (
        worth(revenue, payoff=payoff, cost=cost),
        worth(revenue, payoff=payoff, cost=cost + more),
    )
    # At least this year's cost, at most that of all years: (1 + r) / r = 11.
    assert more * (1 - 1e-9) <= value - dearer + 1e-9
    assert value - dearer <= 11 * more * (1 + 1e-9)
    for_ever = float(
        0.7 * revenue * (1 + RULES.revenue[0, 0]) - (1 + cost) * (1 + RULES.cost[0, 0])
    )
    assert value >= for_ever - 1e-9
    # Leaving next year is open to everybody.
    assert value >= 0.7 * revenue - 1 - cost + payoff / 1.1 - 1e-9


def test_a_huge_payoff_means_to_leave_now() -> None:
    # A year's wait costs the yield, 1e6 / 11 = 90,909, less the year's profit of -0.3.
    assert worth(1.0, payoff=1e6) - 1e6 == pytest.approx(-1e6 / 11 - 0.3)


def test_all_formulas_data_sets_and_exchanges_at_once_equal_one_by_one() -> None:
    generator = np.random.default_rng(5)
    process = ProcessDraws(
        generator.uniform(0, 0.8, (4, 1)), generator.uniform(0.3, 1.5, (4, 1)), np.full((4, 1), 0.3)
    )
    rules = stopping_of(process, RATE)
    cost = generator.uniform(0, 2, (3, 4, 5))
    revenue, payoff = generator.uniform(0, 4, (4, 5)), generator.uniform(0, 3, (4, 5))
    fixed = np.ones((4, 5))
    found = continuation(revenue, fixed, process.variable_share, payoff, cost, rules)
    assert found.shape == (3, 4, 5)
    lone = Stopping(rules.revenue[2:3], rules.cost[2:3], rules.discount)
    one = np.ones((1, 1))
    expected = continuation(
        revenue[2, 3] * one, one, 0.3 * one, payoff[2, 3] * one, cost[1, 2, 3], lone
    )
    assert found[1, 2, 3] == pytest.approx(float(expected[0, 0]))


def test_wrong_numbers_are_refused() -> None:
    with pytest.raises(InputError, match="persistence 1 to 1"):
        chain(np.ones((1, 1)), SD)
    with pytest.raises(InputError, match="discount rate = 0"):
        stopping(chain(RHO, SD, 5), 0.0)
    with pytest.raises(InputError, match=r"residual .* after 3 rounds, last iterate from"):
        iterated(1.0, 1.0, chain(RHO, SD, 5), 0.1, most=3)

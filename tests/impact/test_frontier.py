"""Which points are dominated, and that points scale as the formulas do."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from panels import make_panel, share_of_custody

from analysis.errors import InputError
from analysis.impact.evaluate import evaluate
from analysis.impact.frontier import dominated, frontier, yardstick_coverage
from analysis.scenario import Scenario


def _points(*rows: tuple[float, float, float, float]) -> pd.DataFrame:
    names = [
        "annual_total_cost_jpy_mn",
        "uncovered_share",
        "coverage_of_yardstick",
        "avoided_loss_jpy_mn",
    ]
    return pd.DataFrame(rows, columns=names)


def test_dominated_by_hand() -> None:
    points = _points(
        (10.0, 0.9, 0.1, 5.0),  # cheapest
        (20.0, 0.9, 0.1, 5.0),  # the same for more
        (20.0, 0.5, 0.4, 9.0),  # more for more
        (20.0, 0.5, 0.4, 9.0),  # its twin
        (30.0, 0.5, 0.6, 9.0),  # more of one protection
        (30.0, 0.6, 0.6, 9.0),  # less of another at the same cost
    )
    assert dominated(points).tolist() == [False, True, False, False, False, True]


def test_points_of_two_shares_by_hand() -> None:
    panel, scenario = make_panel(draws=2), Scenario(insurable_share=0.0)
    table = frontier(panel, scenario, (1.0, 2.0), [share_of_custody(0.01)])
    assert table["multiplier"].tolist() == [1.0, 2.0]
    assert table["formula"].tolist() == ["custody", "custody"]
    direct = frontier(panel, scenario, (1.0,), [share_of_custody(0.02)])
    numbers = table.select_dtypes("number").columns.drop("multiplier")
    np.testing.assert_allclose(table[numbers].iloc[1].astype(float), direct[numbers].iloc[0])
    # DMM Bitcoin lost JPY 48,200 mn. Cash of 1 % of custody: 10,000 of 48,200 at the large one,
    # 1,000 of 48,200, 40 of 4,000 and 6 of 600 at the others, weighted by custody.
    custody, loss = [1e6, 1e5, 4e3, 600.0], [48_200.0, 48_200.0, 4e3, 600.0]
    shares = [0.01 * held / lost for held, lost in zip(custody, loss, strict=True)]
    assert table["coverage_of_yardstick"][0] == pytest.approx(
        np.average(shares, weights=custody), rel=0.01
    )


def test_more_of_a_formula_protects_more_and_costs_more() -> None:
    table = frontier(make_panel(draws=2), Scenario(), (0.5, 1.0, 3.0), [share_of_custody(0.01)])
    assert table["annual_total_cost_jpy_mn"].is_monotonic_increasing
    assert table["avoided_loss_jpy_mn"].is_monotonic_increasing
    assert table["uncovered_share"].is_monotonic_decreasing
    assert not table["dominated"].any()


def test_cost_spreads_what_is_paid_once() -> None:
    scenario = Scenario(horizon_years=2, discount_rate=0.05, one_off_cost_jpy_mn=30.0)
    appraisal = evaluate(make_panel(draws=2), scenario, [share_of_custody(0.01)]).appraisal
    # Four exchanges, 30 at the end of the first year, two level payments.
    once = 120 / 1.05 / (1 / 1.05 + 1 / 1.05**2)
    np.testing.assert_allclose(appraisal.level_cost, appraisal.annual_cost + once)
    assert ((yardstick_coverage(appraisal) >= 0) & (yardstick_coverage(appraisal) <= 1)).all()


@pytest.mark.parametrize("multipliers", [(), (0.0, 1.0), (-1.0,)])
def test_multipliers_below_or_at_zero_are_refused(multipliers: tuple[float, ...]) -> None:
    with pytest.raises(InputError, match="multipliers"):
        frontier(make_panel(draws=2), Scenario(), multipliers, [share_of_custody(0.01)])

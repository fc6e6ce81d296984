"""What is due within the years counted: steps, own phase-ins, rules that accrue."""

from __future__ import annotations

import numpy as np
import pytest
from panels import make_panel, share_of_custody

from analysis.impact.cash_due import due_within
from analysis.impact.evaluate import evaluate
from analysis.rules import candidates
from analysis.scenario import Scenario


@pytest.mark.parametrize(
    ("phase_in", "counted", "share", "years"),
    [(3, 5, 1.0, 3), (3, 1, 1 / 3, 1), (10, 5, 0.5, 5), (0, 5, 1.0, 0), (5, 5, 1.0, 5)],
)
def test_equal_steps_by_hand(phase_in: int, counted: int, share: float, years: int) -> None:
    chosen = Scenario(phase_in_years=phase_in, exit_years=counted)
    impact = evaluate(make_panel(2), chosen, [share_of_custody(0.1)])
    due = due_within(impact)
    np.testing.assert_allclose(due.share, share)
    np.testing.assert_array_equal(due.years, years)


def test_a_rule_that_accrues_is_due_where_its_balance_is_highest() -> None:
    """Securities' rule: 0.2 bp a year up to 0.8 bp of trading value, so whole after four years."""
    chosen = Scenario(exit_years=5)
    fiea = [formula for formula in candidates(chosen) if formula.id == "fiea_turnover"]
    steady = {f"spot_volume{lag}": (8e6, 9e5, 2e4, 1e3) for lag in ("", "_lag1", "_lag2")}
    steady |= {name.replace("spot", "margin"): (0.0,) * 4 for name in steady}
    panel = make_panel(2, 0.0, (), **steady)
    impact = evaluate(panel, chosen, fiea)
    due = due_within(impact)
    np.testing.assert_allclose(due.share, 1.0)
    np.testing.assert_array_equal(due.years, 4)
    early = due_within(evaluate(panel, chosen.with_(exit_years=2), fiea))
    np.testing.assert_allclose(early.share, 0.5)
    np.testing.assert_array_equal(early.years, 2)


def test_nothing_required_is_due_in_full() -> None:
    due = due_within(evaluate(make_panel(2), Scenario(), [share_of_custody(0.0)]))
    np.testing.assert_array_equal(due.share, 1.0)

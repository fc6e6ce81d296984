"""Turning points of functions that are known, and of the study itself, evaluated again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import pytest

from analysis.errors import InputError
from analysis.impact import evaluate
from analysis.impact.crossing import crossing, first_true, turns
from analysis.market import build_panel
from analysis.scenario import Scenario
from analysis.uncertainty.breakpoints import (
    Answers,
    Moved,
    Question,
    answers_of,
    breakpoints,
    smallest,
    tried,
)
from analysis.uncertainty.marginal import marginal


def _answers(**formulas: Any) -> Answers:
    def answers(values: Sequence[Any], chosen: Sequence[str]) -> pd.DataFrame:
        columns = {name: [formulas[name](value) for value in values] for name in chosen}
        return pd.DataFrame(columns, index=list(values))

    return answers


LINE = Moved("x", 2.0, (0.0, 1.0, 2.0, 3.0, 4.0))


def test_two_lines_cross_where_they_do() -> None:
    """x and 4.5 - 0.5 x cross at 3."""
    found = breakpoints(
        LINE, [Question("up", "down")], _answers(up=lambda x: x, down=lambda x: 4.5 - 0.5 * x)
    ).iloc[0]
    assert found["value"] == pytest.approx(3.0, abs=0.01)
    assert found["change"] == pytest.approx(1.0, abs=0.01)
    assert found["turns"] == 1
    assert found["found"] == "3"


def test_of_several_turns_the_nearest_counts_and_all_are_counted() -> None:
    """(x - 0.4)(x - 2.7)(x - 3.6) turns at 0.4, 2.7 and 3.6; 2.7 is nearest to 2."""
    answers = _answers(f=lambda x: (x - 0.4) * (x - 2.7) * (x - 3.6))
    found = breakpoints(LINE, [Question("f", None)], answers).iloc[0]
    assert found["turns"] == 3
    assert found["value"] == pytest.approx(2.7, abs=0.01)
    downwards = breakpoints(
        Moved("x", 1.0, (0.0, 1.0, 2.0, 3.0, 3.2, 4.0)), [Question("f", None)], answers
    ).iloc[0]
    assert downwards["value"] == pytest.approx(0.4, abs=0.01)


def test_a_level_is_reached_by_a_step() -> None:
    """A count jumps from 2 to 3 at 3.3: bisection ends at the jump."""
    answers = _answers(f=lambda x: 3.0 if x >= 3.3 else 2.0)
    found = breakpoints(LINE, [Question("f", None, level=2.5)], answers).iloc[0]
    assert found["value"] == pytest.approx(3.3, abs=0.01)


def test_none_within_the_range_is_said() -> None:
    found = breakpoints(LINE, [Question("f", None, level=9.0)], _answers(f=lambda x: x)).iloc[0]
    assert np.isnan(found["value"])
    assert found["found"] == "none from 0 to 4"
    assert found["turns"] == 0


def test_whole_numbers_give_the_first_that_differs() -> None:
    moved = Moved("years", 5, (1, 3, 5, 7, 9), whole=True)
    up = breakpoints(moved, [Question("f", None, level=6.5)], _answers(f=float)).iloc[0]
    assert up["value"] == 7.0
    down = breakpoints(moved, [Question("f", None, level=2.5)], _answers(f=float)).iloc[0]
    assert down["value"] == 2.0


def test_a_tie_at_the_base_turns_at_the_base() -> None:
    level = breakpoints(LINE, [Question("f", None, level=2.0)], _answers(f=lambda x: x)).iloc[0]
    assert level["value"] == pytest.approx(2.0, abs=0.01)
    # Two formulas that are equal from 1.5 to 2.5 and apart on either side, in opposite directions.
    gap = _answers(f=lambda x: (x > 2.5) * 1.0 - (x < 1.5), zero=lambda _: 0.0)
    pair = breakpoints(LINE, [Question("f", "zero")], gap).iloc[0]
    assert pair["value"] == 2.0
    assert pair["change"] == 0.0


COUNTS = Moved("x", 0.0, tuple(float(one) for one in range(10)))


def test_a_level_that_is_reached_exactly_is_reached() -> None:
    """From 3 to 4 at 2.5 and to 5 at 6.5: one more than today's 3 is there at 2.5, not at 6.5."""
    answers = _answers(f=lambda x: 3.0 + (x > 2.5) + (x > 6.5))
    found = breakpoints(COUNTS, [Question("f", None, level=4.0)], answers).iloc[0]
    assert found["value"] == pytest.approx(2.5, abs=0.005)
    assert found["turns"] == 1
    # And where it never goes beyond.
    once = _answers(f=lambda x: 3.0 + (x > 2.5))
    found = breakpoints(COUNTS, [Question("f", None, level=4.0)], once).iloc[0]
    assert found["value"] == pytest.approx(2.5, abs=0.005)


def test_a_mean_that_is_below_by_rounding_has_reached_its_level() -> None:
    today = sum([0.1] * 3)  # 0.30000000000000004
    answers = _answers(f=lambda x: 1.3 if x > 2.5 else today)
    found = breakpoints(COUNTS, [Question("f", None, level=today + 1.0)], answers).iloc[0]
    assert found["value"] == pytest.approx(2.5, abs=0.005)


def test_a_level_that_is_lost_is_a_turn_too() -> None:
    """4 at the base, 3 below 2.5: bisection downwards ends at the jump."""
    answers = _answers(f=lambda x: 4.0 if x >= 2.5 else 3.0)
    moved = Moved("x", 4.0, COUNTS.steps)
    found = breakpoints(moved, [Question("f", None, level=4.0)], answers).iloc[0]
    assert found["value"] == pytest.approx(2.5, abs=0.005)
    assert found["value"] < 2.5


def test_no_figure_is_a_state_of_its_own() -> None:
    asked = [Question("f", None, level=4.0)]
    base = _answers(f=lambda x: np.nan if x == 4 else x)
    found = breakpoints(Moved("x", 4.0, COUNTS.steps), asked, base).iloc[0]
    assert found["found"] == "blank at the base"
    assert np.isnan(found["value"])
    # Blank from 4.2 to 4.8, between two steps: reached at 4.8 at most, nobody knows where before.
    middle = _answers(f=lambda x: np.nan if 4.2 < x < 4.8 else 3.0 + 2 * (x > 4.5))
    found = breakpoints(COUNTS, asked, middle).iloc[0]
    assert found["value"] == pytest.approx(4.8, abs=0.005)
    assert found["found"] == "4.8 at most; values next to it have no figure"
    # Blank at a step.
    step = _answers(f=lambda x: np.nan if 3.5 < x < 4.8 else 3.0 + 2 * (x > 4.5))
    assert breakpoints(COUNTS, asked, step).iloc[0]["value"] == pytest.approx(4.8, abs=0.005)
    # Blank beyond 5, never reached before.
    end = _answers(f=lambda x: np.nan if x > 5 else 3.0)
    found = breakpoints(COUNTS, asked, end).iloc[0]
    assert found["found"] == "none from 0 to 9; 4 of 10 values have no figure"


def test_changes_of_sign_pass_over_zeros_and_blanks() -> None:
    assert turns([1.0, 0.0, -1.0, float("nan"), 1.0]) == 2
    assert turns([0.0, 0.0]) == 0


def test_a_crossing_in_logs_is_near_relative_to_its_size() -> None:
    found = crossing(lambda x: x - 0.02, (1e-3, 10.0), (-0.019, 9.98), logarithmic=True)
    assert found == pytest.approx(0.02, rel=5e-3)


def test_a_turn_in_logs_is_near_relative_to_its_size() -> None:
    asked: list[float] = []

    def beyond(values: Sequence[float]) -> list[bool]:
        asked.extend(values)
        return [value >= 0.02 for value in values]

    found = first_true(beyond, 1e-3, 10.0, logarithmic=True)
    assert found == pytest.approx(0.02, rel=2e-3)
    assert found >= 0.02
    # ln(10^4) / 8^4 = 0.00225 is above the tolerance of 0.002: five rounds of seven values.
    assert len(asked) == 5 * 7
    down = first_true(lambda values: [value < 0.02 for value in values], 10.0, 1e-3)
    assert 0.02 - 2e-3 <= down < 0.02


def test_steps_cover_the_swept_range_and_the_base() -> None:
    moved = Moved.of("rate_multiplier", Scenario())
    assert moved.steps[0] == pytest.approx(0.1)
    assert moved.steps[-1] == pytest.approx(10.0)
    assert 1.0 in moved.steps
    assert Moved.of("phase_in_years", Scenario()).whole
    for name in ("formula", "treatment", "include_other_duties"):
        with pytest.raises(InputError, match="has no range to move over"):
            Moved.of(name, Scenario())


BASE = Scenario(draws=4, formula="custody_share_korea,own_funds_mica_class3")


def test_a_breakpoint_of_the_study_is_confirmed_by_evaluating_again() -> None:
    """Korea's hot-wallet rate at which its total equals that of MiCA's own funds."""
    name = "rule_parameters.custody_share_korea.hot_rate"
    answers = answers_of(BASE, name, "industry", "required_jpy_mn")
    moved = Moved.of(name, BASE, steps=5)
    asked = Question("custody_share_korea", "own_funds_mica_class3")
    found = breakpoints(moved, [asked], answers).iloc[0]
    totals = answers([found["value"]], ())
    assert totals["custody_share_korea"].iloc[0] == pytest.approx(
        totals["own_funds_mica_class3"].iloc[0], rel=0.02
    )


def test_several_parameters_are_ordered_by_how_little_they_must_move() -> None:
    def more(today: pd.Series) -> list[Question]:
        return [Question("custody_share_korea", None, 1.5 * today["custody_share_korea"])]

    names = ["cost_of_equity", "running_cost_jpy_mn", "customer_risk_loading"]
    found = smallest(BASE, names, "industry", "annual_cost_jpy_mn", more, steps=3)
    shares = found["share_of_range"].dropna()
    assert len(found) == 3
    assert shares.is_monotonic_increasing
    # What safety is worth does not move the cost of a year.
    assert (
        found.set_index("parameter")
        .to_dict("index")["customer_risk_loading"]["found"]
        .startswith("none from")
    )


def test_it_says_how_many_pairs_were_tried() -> None:
    def swap(_: pd.Series) -> list[Question]:
        return [Question("custody_share_korea", "own_funds_mica_class3")]

    names = ["cost_of_equity", "running_cost_jpy_mn"]
    found = smallest(BASE, names, "industry", "annual_cost_jpy_mn", swap, steps=3)
    assert found["pairs"].tolist() == [1, 1]
    turned = int(found["value"].notna().sum())
    assert tried(found) == (
        f"2 searches: 1 of 1 pairs of formulas, along 2 parameters; {turned} found a turn"
    )


def test_the_exchanges_that_make_one_more_short_sum_to_the_change() -> None:
    there = marginal(BASE, "floor_jpy_mn", 2000.0, "custody_share_korea")
    changed = (
        BASE.with_(formula="custody_share_korea"),
        BASE.with_(formula="custody_share_korea", floor_jpy_mn=2000.0),
    )
    short = [
        evaluate(build_panel(one), one).tables["industry"]["exchanges_short"].iloc[0]
        for one in changed
    ]
    assert short[1] > short[0] + 1
    assert there["change"].sum() == pytest.approx(short[1] - short[0])
    assert there["change"].abs().is_monotonic_decreasing
    assert (there["change"] != 0).all()


def test_where_nothing_is_asked_there_is_no_row() -> None:
    """One formula has no order that could turn."""
    names = ["cost_of_equity", "reserve_yield"]
    found = smallest(BASE, names, "industry", "annual_cost_jpy_mn", lambda _: [], steps=3)
    assert found.empty
    assert {"question", "parameter", "value", "share_of_range", "pairs"} <= set(found)

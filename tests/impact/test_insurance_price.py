"""Multiples of frequency are confirmed by evaluating again; rare losses are in proportion."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from panels import make_panel, share_of_custody

from analysis.errors import InputError
from analysis.impact.evaluate import Impact, evaluate
from analysis.impact.insurance_price import frequency_at_loss_ratio
from analysis.impact.reweighed import reweighed
from analysis.rules import candidates
from analysis.scenario import Scenario

FUND = next(one for one in candidates(Scenario()) if one.pooled)


def _impact(**changes: Any) -> Impact:
    formulas = [share_of_custody(0.005, "low"), share_of_custody(0.03, "high"), FUND]
    return evaluate(make_panel(draws=2), Scenario().with_(**changes), formulas)


def test_evaluated_again_at_the_multiple_the_ratio_is_the_one_asked_for() -> None:
    impact = _impact()
    table = frequency_at_loss_ratio(impact, 0.2).set_index("formula")
    own = impact.tables["appraisal"].set_index("formula")["insurance_loss_ratio"]
    np.testing.assert_allclose(table["loss_ratio"], own[table.index])
    np.testing.assert_allclose(table["loss_ratio"], 0.3 * table["loss_ratio_answered"])
    assert table["multiplier"].notna().sum() >= 2
    for certain, column in ((False, "multiplier"), (True, "multiplier_answered")):
        for name, times in table[column].dropna().items():
            answer = {"insurance_response": 1.0} if certain else {}
            moved = reweighed(impact, {"frequency_multiplier": times, **answer})
            found = moved.tables["appraisal"].set_index("formula")["insurance_loss_ratio"]
            assert found[str(name)] == pytest.approx(0.2, rel=0.01)


def test_rare_losses_are_paid_in_proportion_to_their_number() -> None:
    # Where years with two losses hardly count, half the ratio takes half the number.
    impact = _impact()
    own = impact.tables["appraisal"]["insurance_loss_ratio"].iloc[0]
    more, less = (
        frequency_at_loss_ratio(impact, share * own)["multiplier"].iloc[0] for share in (0.3, 0.15)
    )
    assert more == pytest.approx(2 * less, rel=0.02)


def test_premium_over_limit_is_the_rate_on_line() -> None:
    # With no loading for size or record, and hot at the price of cold, every yen costs 5 %.
    impact = _impact(
        rate_on_line_cold=0.05, rate_on_line_hot=0.05, record_loading=0.0, capacity_loading=0.0
    )
    rates = frequency_at_loss_ratio(impact, 0.57)["premium_over_limit"]
    np.testing.assert_allclose(rates, 0.05)


def test_blank_where_nothing_is_insured_or_no_multiple_does_it() -> None:
    without = frequency_at_loss_ratio(_impact(insurable_share=0.0), 0.57)
    assert without.drop(columns="formula").isna().all(axis=None)
    far = frequency_at_loss_ratio(_impact(), 1000.0)
    assert far["multiplier"].isna().all()
    assert far["loss_ratio"].notna().all()
    silent = frequency_at_loss_ratio(_impact(insurance_response=0.0), 0.57)
    assert (silent["loss_ratio"] == 0).all()
    assert silent["multiplier"].isna().all()


def test_target_that_is_nothing_is_refused() -> None:
    with pytest.raises(InputError, match="target = 0"):
        frequency_at_loss_ratio(_impact(), 0.0)

"""One choice of the loss model at a time: every choice is there, and moves what it should."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
import pytest

from analysis.errors import InputError
from analysis.losses.loss_sensitivity import (
    HOT_SHARE,
    NAMES,
    expected_by_reach,
    loss_sensitivity,
    reach_sensitivity,
)
from analysis.losses.model import annual_loss
from analysis.scenario import scenario

DRAWS = 12
TAIL_ONLY = ("count_dispersion", "common_shock_share", "common_shock_reach")


def values() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(2)
    shape = (DRAWS, 3)
    return {
        "customer_crypto": np.array([200.0, 9_000.0, 700_000.0]) * np.ones(shape),
        "hot_share": 0.05 * rng.random(shape),
        "incident_count": np.array([0.0, 0.0, 2.0]) * np.ones(shape),
        "years_registered": np.array([2.0, 8.0, 8.0]) * np.ones(shape),
    }


@cache
def moved() -> pd.DataFrame:
    return loss_sensitivity(values(), scenario())


def test_every_choice_is_moved_and_the_chosen_one_is_the_model() -> None:
    assert set(moved()["parameter"]) == {*NAMES, HOT_SHARE}
    assert (moved().groupby("parameter").size() >= 2).all()
    expected = annual_loss(values(), scenario()).mean.sum(axis=1).mean()
    chosen = moved().loc[moved()["chosen"], "expected_jpy_mn"]
    np.testing.assert_allclose(chosen, expected)


def test_choices_about_dependence_leave_the_mean_and_move_the_tail() -> None:
    spread = moved().groupby("parameter")["expected_jpy_mn"].agg(np.ptp)
    assert set(spread.index[spread < 1e-9]) == set(TAIL_ONLY)
    tails = loss_sensitivity(values(), scenario(), ["count_dispersion"], chance=1e-3)
    assert tails["return_level_jpy_mn"].is_monotonic_increasing
    assert tails["return_level_jpy_mn"].nunique() == 2


def test_expected_loss_is_a_line_in_the_reach() -> None:
    # With chance r the loss is not stopped at the hot wallets: r X + (1 - r) min(X, hot).
    at = expected_by_reach(values(), scenario(), np.array([0.0, 0.25, 1.0]))
    assert at.shape == (3, DRAWS)
    np.testing.assert_allclose(at[1], 0.75 * at[0] + 0.25 * at[2])
    ends = moved().query("parameter == 'beyond_hot'")["expected_jpy_mn"]
    np.testing.assert_allclose(ends, at[[0, 2]].mean(axis=1))


def test_readings_of_the_reach_move_the_expected_loss_as_their_means_do() -> None:
    table = reach_sensitivity(values(), scenario(), 0.9).sort_values("mean")
    assert table["expected_jpy_mn"].is_monotonic_increasing
    # The model draws the reach, whose mean is that of the first reading.
    model = annual_loss(values(), scenario()).mean.sum(axis=1).mean()
    assert table["expected_jpy_mn"].loc[0] == pytest.approx(model, rel=0.15)


def test_empty_hot_wallets_leave_what_goes_beyond_and_operational_losses() -> None:
    row = moved().query("parameter == 'hot_share' and value == '0'")["expected_jpy_mn"].iloc[0]
    empty = {**values(), "hot_share": np.zeros((DRAWS, 3))}
    assert row == pytest.approx(annual_loss(empty, scenario()).mean.sum(axis=1).mean())
    assert 0 < row < moved().loc[moved()["chosen"], "expected_jpy_mn"].iloc[0]


@pytest.mark.parametrize("name", ["loss_steps", "cost_of_equity", "reach"])
def test_what_is_no_choice_of_the_model_is_refused(name: str) -> None:
    with pytest.raises(InputError, match="no choice of the loss model"):
        loss_sensitivity(values(), scenario(), [name])

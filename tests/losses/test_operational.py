"""Losses without a thief: what they add under each reading, and on how little it rests."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
import pytest

from analysis.losses.model import annual_loss
from analysis.losses.operational import operational_table
from analysis.scenario import scenario

DRAWS = 12


def values() -> dict[str, np.ndarray]:
    shape = (DRAWS, 2)
    return {
        "customer_crypto": np.array([500.0, 90_000.0]) * np.ones(shape),
        "hot_share": np.full(shape, 0.03),
        "incident_count": np.array([0.0, 1.0]) * np.ones(shape),
        "years_registered": np.array([3.0, 8.0]) * np.ones(shape),
    }


@cache
def found() -> pd.DataFrame:
    return operational_table(values(), scenario(), 0.9)


def test_the_record_and_its_readings() -> None:
    table = found()
    assert table["events"].tolist() == [0, 1, 3, 3]
    assert table["shares"].tolist() == [0, 1, 1, 2]
    assert table["chosen"].tolist() == [False, True, False, False]
    for name in ("expected_jpy_mn", "return_level_jpy_mn", "operational_part"):
        assert table[name].is_monotonic_increasing
    assert np.isnan(table["lost_share"].iloc[0])
    # The second share is a total loss: the mean share lost more than doubles.
    assert table["lost_share"].iloc[3] > 2 * table["lost_share"].iloc[2]


def test_the_chosen_row_is_the_model_and_the_part_is_what_thefts_leave() -> None:
    thefts, chosen = found().iloc[0], found().iloc[1]
    expected = annual_loss(values(), scenario()).mean.sum(axis=1)
    assert chosen["expected_jpy_mn"] == pytest.approx(expected.mean())
    assert chosen["expected_high"] == pytest.approx(np.quantile(expected, 0.95))
    part = 1 - thefts["expected_jpy_mn"] / chosen["expected_jpy_mn"]
    assert chosen["operational_part"] == pytest.approx(part)
    assert thefts["operational_part"] == thefts["operational_high"] == 0
    assert chosen["operational_low"] < part < chosen["operational_high"]


def test_without_any_losses_there_is_no_part_of_them() -> None:
    table = operational_table(values(), scenario({"frequency_multiplier": 0.0}), 0.9)
    measures = ["expected_jpy_mn", "return_level_jpy_mn", "operational_part", "operational_high"]
    assert (table[measures] == 0).all(axis=None)

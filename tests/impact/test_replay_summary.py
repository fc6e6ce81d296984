"""Counts and verdicts of a replay made by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analysis.impact.replay_summary import known, paid_in_full, verdicts

ROWS = [
    # formula, incident, loss, paid_share, low, high
    ("a", "sure", 10.0, 1.0, 1.0, 1.0),
    ("a", "central", 10.0, 1.0, 0.5, 1.0),
    ("a", "bounds", 10.0, np.nan, 0.2, 1.0),
    ("a", "never", 10.0, np.nan, 0.2, 0.9),
    ("a", "nothing", 0.0, np.nan, np.nan, np.nan),
    ("fund", "sure", 10.0, np.nan, np.nan, np.nan),
]


@pytest.fixture
def replayed() -> pd.DataFrame:
    columns = ["formula", "incident", "loss_jpy_mn", "paid_share", "low", "high"]
    return pd.DataFrame(ROWS, columns=columns)


def test_counts(replayed: pd.DataFrame) -> None:
    counts = paid_in_full(replayed)
    assert counts.loc["a"].to_dict() == {"losses": 4, "certain": 1, "central": 2, "possible": 3}
    assert counts.loc["fund"].to_dict() == {"losses": 1, "certain": 0, "central": 0, "possible": 1}


@pytest.mark.parametrize(
    ("incident", "word"),
    [
        ("sure", "yes"),
        ("central", "by central figures"),
        ("bounds", "cannot be told"),
        ("never", "no"),
        ("nothing", "no loss"),
    ],
)
def test_verdicts(replayed: pd.DataFrame, incident: str, word: str) -> None:
    rows = replayed[replayed["incident"] == incident]
    assert verdicts(rows)["a"] == word


def test_a_fund_cannot_be_told(replayed: pd.DataFrame) -> None:
    assert verdicts(replayed[replayed["formula"] == "fund"])["fund"] == "cannot be told"


def test_known(replayed: pd.DataFrame) -> None:
    rows = replayed.assign(low=[0.0, 0.001, 0.2, 0.0, np.nan, np.nan])
    said = [known(row) for _, row in rows.iterrows()]
    # From nothing to all says nothing, from a fifth on or up to nine tenths does.
    assert said == [False, False, True, True, False, False]

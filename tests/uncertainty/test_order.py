"""Order of formulas over points: places, pairs that keep it, and what decides it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analysis.uncertainty.order import pairs, places


def _rows(**by_formula: list[float]) -> pd.DataFrame:
    """Four points: the first two under reading x, the others under reading y."""
    points = {"point": [0, 1, 2, 3], "reading": ["x", "x", "y", "y"], "rate": [1, 2, 1, 2]}
    parts = [
        pd.DataFrame(points).assign(formula=name, cost=values)
        for name, values in by_formula.items()
    ]
    return pd.concat(parts, ignore_index=True)


def test_places_count_from_the_smallest_and_equal_ones_share_the_mean() -> None:
    found = places(_rows(a=[1, 5, 0, -3], b=[2, 5, 0, 2], c=[3, 4, 0, np.nan]), "cost")
    assert found["a"].tolist() == [1, 2.5, 2, 1]
    assert found["b"].tolist() == [2, 2.5, 2, 2]
    assert found["c"].tolist()[:3] == [3, 1, 2]
    assert np.isnan(found["c"].iloc[3])


def test_values_that_differ_in_the_last_digits_are_equal() -> None:
    third = 1 / 3
    found = pairs(_rows(a=[0.1 + 0.2, third, 1e9, 1], b=[0.3, 1 - 2 * third, 1e9, 1.01]), "cost")
    assert found[["above", "below", "equal"]].iloc[0].tolist() == [0, 0.25, 0.75]


def test_pairs_are_compared_where_both_have_a_figure() -> None:
    found = pairs(_rows(a=[1, 2, 3, 4], b=[2, 1, 1, np.nan], c=[np.nan] * 4), "cost")
    assert len(found) == 1
    row = found.iloc[0]
    assert (row["first"], row["second"], row["points"]) == ("a", "b", 3)
    assert [row["above"], row["below"]] == pytest.approx([2 / 3, 1 / 3])


def test_a_parameter_decides_where_each_of_its_values_has_one_order() -> None:
    rows = _rows(a=[1, 2, 5, 6], b=[2, 3, 3, 4], c=[0, 4, 4, 0])
    found = pairs(rows, "cost", ["rate", "reading"]).set_index(["first", "second"])["decided_by"]
    # a is below b under x, above it under y; b against c goes either way at both of both.
    assert found["a", "b"] == "reading"
    assert found["b", "c"] == ""
    # An equality breaks no order: a against d is above at rate 1, equal or below at rate 2.
    other = pairs(_rows(a=[2, 1, 2, 1], d=[1, 1, 1, 3]), "cost", ["rate", "reading"])
    assert other.loc[0, "decided_by"] == "rate"


def test_an_order_that_holds_has_no_cause() -> None:
    found = pairs(_rows(a=[1, 2, 3, 4], b=[2, 3, 4, 5]), "cost", ["reading"])
    assert found[["above", "below"]].iloc[0].tolist() == [0, 1]
    assert found["decided_by"].tolist() == [""]

"""What is said of the order of formulas, and its chart."""

from __future__ import annotations

import pandas as pd
from matplotlib.collections import LineCollection

from analysis.report.sweep_order import order_chart, order_said

COLUMNS = ["first", "second", "above", "below", "equal", "points", "decided_by"]
TITLES = {"a": "Rule A", "b": "Rule B", "c": "Rule C"}


def _pairs(*rows: tuple[object, ...]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=COLUMNS)


def test_pairs_that_change_places_are_named_most_even_first() -> None:
    said = order_said(
        _pairs(
            ("a", "b", 0.1, 0.9, 0.0, 10, ""),
            ("a", "c", 0.4, 0.6, 0.0, 10, "custody_reading"),
            ("b", "c", 0.0, 1.0, 0.0, 10, ""),
        ),
        TITLES,
    )
    assert said == (
        "Of 3 pairs of formulas 1 has one order wherever they differ, and 2 change places, these: "
        "*Rule A* above *Rule C* at 40 % of the points (the custody reading alone decides); "
        "*Rule A* above *Rule B* at 10 % of the points."
    )


def test_an_order_that_holds_is_said_to() -> None:
    rows = [("a", "b", 0.0, 1.0, 0.0, 10, ""), ("a", "c", 0.0, 0.0, 1.0, 10, "")]
    assert order_said(_pairs(*rows, ("b", "c", 0.0, 0.5, 0.5, 10, "")), TITLES) == (
        "Of 3 pairs of formulas 2 have one order wherever they differ, 1 is equal at every point; "
        "none changes places."
    )


def test_the_chart_goes_from_the_smallest_place_to_the_largest() -> None:
    places = pd.DataFrame({"b": [2.0, 2.0, 1.0], "a": [1.0, 1.0, 2.0], "c": [3.0, 3.0, 3.0]})
    axes = order_chart(places, TITLES, 0.9).axes[0]
    assert [text.get_text() for text in axes.get_yticklabels()] == ["Rule A", "Rule B", "Rule C"]
    whole = next(one for one in axes.collections if isinstance(one, LineCollection))
    ends = [tuple(float(x) for x in segment[:, 0]) for segment in whole.get_segments()]
    assert ends == [(1.0, 2.0), (1.0, 2.0), (3.0, 3.0)]

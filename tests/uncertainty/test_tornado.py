"""Tornadoes of measures that are known functions of what varies, and of noise."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analysis.errors import InputError
from analysis.uncertainty.tornado import at_tails, moved_alone


def _one_at_a_time() -> pd.DataFrame:
    """Base a = 1, b = 2, kind = x; a at 0 and 3, b at 5, kind at y; measure 10 a - b (+ 100)."""
    points = pd.DataFrame(
        {
            "point": range(5),
            "a": [1.0, 0.0, 3.0, 1.0, 1.0],
            "b": [2.0, 2.0, 2.0, 5.0, 2.0],
            "kind": ["x", "x", "x", "x", "y"],
            "formula": "one",
        }
    )
    return points.assign(measure=10 * points["a"] - points["b"] + 100 * (points["kind"] == "y"))


def test_a_tornado_of_single_moves_by_hand() -> None:
    found = moved_alone(_one_at_a_time(), ["a", "b", "kind"], "measure")
    bars = found.set_index("parameter").to_dict("index")
    assert set(found["base"]) == {8.0}
    ends = ["low", "high", "at_low", "at_high"]
    assert [bars["a"][end] for end in ends] == [0.0, 3.0, -2.0, 28.0]
    # b moves upwards only: its low end is the base.
    assert [bars["b"][end] for end in ends] == [2.0, 5.0, 8.0, 5.0]
    assert [bars["kind"][end] for end in ends] == ["x", "y", 8.0, 108.0]
    assert {name: bar["span"] for name, bar in bars.items()} == {"a": 30.0, "b": 3.0, "kind": 100.0}


def test_a_tornado_of_single_moves_needs_single_moves() -> None:
    with pytest.raises(InputError, match="method: one_at_a_time"):
        moved_alone(
            pd.DataFrame({"point": range(5), "x": 1.0, "formula": "one", "measure": 2.0}),
            ["x"],
            "measure",
        )


def test_a_tornado_of_a_sample_compares_its_tails() -> None:
    """Of measure 10 a + b the tenths of a average 0.05 and 0.95: a bar of about 9."""
    unit = np.random.default_rng(3).random((4000, 2))
    rows = pd.DataFrame(unit, columns=["a", "b"]).assign(
        formula="one", measure=10 * unit[:, 0] + unit[:, 1], c=1.0
    )
    bars = at_tails(rows, ["a", "b", "c"], "measure").set_index("parameter").to_dict("index")
    assert list(bars) == ["a", "b"]
    assert bars["a"]["span"] == pytest.approx(9.0, abs=0.2)
    assert bars["a"]["low"] == pytest.approx(0.05, abs=0.02)
    assert bars["b"]["span"] < 2.0
    assert bars["a"]["sure"]
    assert bars["a"]["base"] == pytest.approx(5.5, abs=0.3)
    with pytest.raises(InputError, match="nothing varies"):
        at_tails(rows, ["c"], "measure")


def _noise(n: int, parameters: int, seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    names = [f"x{place}" for place in range(parameters)]
    return pd.DataFrame(rng.random((n, parameters)), columns=names).assign(
        formula="one", measure=rng.standard_normal(n)
    )


def test_in_noise_a_tornado_seldom_has_a_sure_bar() -> None:
    """At 5 % for all bars together: of 16 tornadoes of 10 bars 0.8 expected."""
    for n in (24, 64):
        tornadoes = [_noise(n, 10, seed) for seed in range(16)]
        sure = [
            at_tails(rows, [f"x{place}" for place in range(10)], "measure")["sure"].any()
            for rows in tornadoes
        ]
        assert sum(sure) <= 3


def test_a_bar_between_single_points_is_not_sure() -> None:
    """Of 8 points one is in each tail: the difference of two points has no error to speak of."""
    rows = _noise(8, 3, 1)
    assert not at_tails(rows, ["x0", "x1", "x2"], "measure")["sure"].any()


def test_what_is_sure_by_hand() -> None:
    """Two values, 3 points each: (1, 2, 3) and (4, 5, 6). Variance 1, so the error of the
    difference is sqrt(2/3) = 0.816; t at 0.975 and 4 degrees of freedom is 2.776: 2.27 needed."""
    rows = pd.DataFrame({"x": [0.0] * 3 + [1.0] * 3, "measure": [1.0, 2, 3, 4, 5, 6]})
    assert at_tails(rows.assign(formula="one"), ["x"], "measure")["sure"].tolist() == [True]
    rows["measure"] = [1.0, 2, 3, 3.2, 4.2, 5.2]
    assert at_tails(rows.assign(formula="one"), ["x"], "measure")["sure"].tolist() == [False]


def test_of_text_the_error_is_that_of_the_values_at_the_ends() -> None:
    """The middle value spreads by 100, the two at the ends by hardly anything."""
    text = ["low"] * 10 + ["middle"] * 10 + ["high"] * 10
    noise = np.tile([-1.0, 1.0], 5)
    rows = pd.DataFrame({"kind": text, "formula": "one"})
    rows["measure"] = np.concatenate([0.1 * noise, 1 + 100 * noise, 2 + 0.1 * noise])
    assert at_tails(rows, ["kind"], "measure")["sure"].tolist() == [True]
    rows["measure"] = np.concatenate([100 * noise, 1 + 0.1 * noise, 2 + 100 * noise])
    assert at_tails(rows, ["kind"], "measure")["sure"].tolist() == [False]


def test_bars_of_a_whole_grid_have_no_error() -> None:
    rows = _noise(8, 2, 1).assign(x0=[0.0, 1.0] * 4)
    assert at_tails(rows, ["x0"], "measure", exact=True)["sure"].all()

"""Curves, maps and tornadoes of measures that are known functions of what varies."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analysis.errors import InputError
from analysis.uncertainty.response import along, at_tails, moved_alone, part, surface


def _grid() -> pd.DataFrame:
    """Levers rate (1, 2, 4) and floor (0, 10) against 101 values of x; measure rate * x + floor."""
    rows = [
        {
            "levers": 2 * place + step,
            "sample": sample,
            "rate": rate,
            "floor": floor,
            "x": sample / 100,
        }
        for place, rate in enumerate((1.0, 2.0, 4.0))
        for step, floor in enumerate((0.0, 10.0))
        for sample in range(101)
    ]
    table = pd.DataFrame(rows).assign(point=lambda t: np.arange(len(t)))
    one = table.assign(formula="one", measure=table["rate"] * table["x"] + table["floor"])
    two = table.assign(formula="another", measure=7.0)
    return pd.concat([one, two]).sort_values("point", kind="stable", ignore_index=True)


def test_other_levers_stand_still_at_the_value_nearest_to_the_baseline() -> None:
    chosen = part(_grid(), ["rate", "floor"], {"rate": 1.4, "floor": 9.0}, free=["rate"])
    assert chosen.held == {"floor": 10.0}
    assert set(chosen.rows["rate"]) == {1.0, 2.0, 4.0}
    assert part(_grid(), ["rate", "floor"], {"rate": 1.4, "floor": 9.0}).held == {
        "rate": 1.0,
        "floor": 10.0,
    }
    # No baseline: the middle one; text that is not there: the first.
    assert part(_grid(), ["rate"], {}).held == {"rate": 2.0}
    text = _grid().assign(treatment="lockup")
    assert part(text, ["treatment"], {"treatment": "provision"}).held == {"treatment": "lockup"}


def test_a_curve_has_the_median_and_the_interval_over_the_sample() -> None:
    """x is uniform from 0 to 1 in 101 steps: 5 % lie at or below 0.05, half at 0.5."""
    chosen = part(_grid(), ["rate", "floor"], {"floor": 0.0}, free=["rate"])
    curve = along(chosen.rows, "rate", "measure", 0.9).query("formula == 'one'")
    assert curve["at"].tolist() == [1.0, 2.0, 4.0]
    assert curve["median"].tolist() == pytest.approx([0.5, 1.0, 2.0])
    assert curve["low"].tolist() == pytest.approx([0.05, 0.1, 0.2])
    assert curve["high"].tolist() == pytest.approx([0.95, 1.9, 3.8])
    assert set(curve["points"]) == {101}


def test_a_curve_along_an_uncertainty_is_cut_into_groups() -> None:
    rows = part(_grid(), ["rate", "floor"], {"rate": 1.0, "floor": 0.0}).rows
    curve = along(rows, "x", "measure", 0.9, bins=5).query("formula == 'one'")
    assert len(curve) == 5
    assert curve["at"].tolist() == pytest.approx(curve["median"].tolist())
    assert curve["points"].sum() == 101


def test_formulas_keep_their_order_and_text_is_a_value() -> None:
    curve = along(
        _grid().assign(kind=lambda t: np.where(t["rate"] > 1, "b", "a")), "kind", "measure", 0.9
    )
    assert curve["formula"].drop_duplicates().tolist() == ["one", "another"]
    assert curve["at"].tolist() == ["a", "b"] * 2


def test_levers_that_move_together_have_no_curve_of_their_own() -> None:
    zipped = _grid().query("(rate == 1 and floor == 0) or (rate == 2 and floor == 10)")
    rows = part(zipped, ["rate", "floor"], {"floor": 0.0}, free=["rate"]).rows
    with pytest.raises(InputError, match="combine: grid"):
        along(rows, "rate", "measure", 0.9)


def test_a_map_holds_the_median_at_every_pair() -> None:
    found = surface(_grid(), "rate", "floor", "measure").query("formula == 'one'")
    medians = found.set_index(["rate", "floor"])["median"]
    assert medians[(4.0, 10.0)] == pytest.approx(12.0)
    assert len(found) == 6
    with pytest.raises(InputError, match="not run at every pair"):
        surface(_grid().query("not (rate == 4 and floor == 10)"), "rate", "floor", "measure")


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
            _grid()
            .query("sample > 5 and floor == 0 and rate == 1")
            .drop(columns="x")
            .assign(x=1.0),
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


def test_a_bar_of_noise_is_not_sure() -> None:
    """Of 40 parameters without influence about 2 may look sure by chance."""
    rng = np.random.default_rng(8)
    names = [f"x{place}" for place in range(40)]
    rows = pd.DataFrame(rng.random((200, 40)), columns=names).assign(
        formula="one", measure=rng.random(200)
    )
    assert at_tails(rows, names, "measure")["sure"].sum() <= 6

"""Curves and maps of measures that are known functions of what varies."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analysis.errors import InputError
from analysis.uncertainty.response import along, part, surface


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


def test_a_clause_that_a_rule_does_not_have_stands_still_at_nothing() -> None:
    chosen = part(_grid(), ["rate", "floor"], {"rate": 1.0, "floor": None})
    assert chosen.held == {"rate": 1.0, "floor": 0.0}
    assert chosen.off == ()
    # Without a 0 the middle, and a baseline that was not run, are told.
    assert part(_grid(), ["rate"], {"rate": None}).off == ("rate",)
    assert part(_grid(), ["rate", "floor"], {"rate": 1.4, "floor": 10.0}).off == ("rate",)


def test_a_lever_keeps_its_values() -> None:
    rows = part(_grid(), ["rate", "floor"], {"rate": 1.0, "floor": 0.0}).rows
    curve = along(rows, "x", "measure", 0.9, bins=None).query("formula == 'one'")
    assert curve["at"].tolist() == pytest.approx(np.arange(101) / 100)


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


def test_groups_of_a_curve_hold_enough_points() -> None:
    rows = part(_grid(), ["rate", "floor"], {"rate": 1.0, "floor": 0.0}).rows
    few = rows[rows["sample"] < 32]
    # 32 points: two groups of 16, not ten of three; 101: six groups of 16 or 17.
    assert along(few, "x", "measure", 0.9).query("formula == 'one'")["points"].tolist() == [16, 16]
    assert along(rows, "x", "measure", 0.9).query("formula == 'one'")["points"].min() >= 16


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

"""Exits under other assumptions: each case is the evaluation of that scenario."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
import pytest
from panels import make_panel, share_of_custody

from analysis.errors import InputError
from analysis.impact.evaluate import Impact, evaluate
from analysis.impact.exit_sensitivity import answer_sensitivity, cases, exit_sensitivity
from analysis.scenario import Scenario

FORMULAS = [share_of_custody(share, name) for name, share in (("none", 0.0), ("some", 0.1))]


@cache
def _impact(**changes: object) -> Impact:
    return evaluate(make_panel(6), Scenario().with_(**changes), FORMULAS)


def test_a_case_is_the_evaluation_of_that_scenario() -> None:
    names = ("support_years", "exit_definition", "insurable_share")
    table = exit_sensitivity(_impact(), names).set_index(["parameter", "value", "formula"])
    assert len(table) == 2 * len(names) * len(FORMULAS)
    for name in names:
        for value in cases(name):
            exits = _impact(**{name: value}).exits
            for place, formula in enumerate(("none", "some")):
                row = table.xs((name, value, formula))
                assert row["forced_exits"] == pytest.approx(exits.forced[place].sum(-1).mean())
                assert row["baseline_exits"] == pytest.approx(exits.baseline[0].sum(-1).mean())
                added = (exits.policy - exits.baseline)[place].sum(-1).mean()
                assert row["added_exits"] == pytest.approx(added)
    assert (table.xs("none", level="formula")["added_exits"] == 0).all()
    alone = exit_sensitivity(_impact(), names, "some").set_index(["parameter", "value", "formula"])
    some = table[table.index.get_level_values("formula") == "some"]
    pd.testing.assert_frame_equal(alone, some)


def test_an_owner_who_pays_more_at_a_time_is_asked_less_often() -> None:
    table = exit_sensitivity(_impact(), ("support_years",)).query("formula == 'some'")
    few, many = table.sort_values("value")["forced_exits"]
    assert few > many > 0


def test_the_answer_is_that_of_the_scenario() -> None:
    table = answer_sensitivity(_impact(), "some")
    low = _impact(nesting=cases("nesting")[0]).market_after.outside[1].mean()
    row = table.loc[("nesting", cases("nesting")[0])]
    assert row["offshore_share"] == pytest.approx(low)
    assert row["offshore_rise"] == pytest.approx(low - Scenario().outside_share)
    # The closer registered exchanges are to each other, the fewer customers go outside.
    far, near = table.xs("nesting", level="parameter")["offshore_share"]
    assert far > near
    assert np.isfinite(table.to_numpy()).all()


def test_strangers_are_refused() -> None:
    with pytest.raises(InputError, match="formula 'other' is not evaluated; allowed: none, some"):
        answer_sensitivity(_impact(), "other")
    with pytest.raises(InputError, match="seed"):
        exit_sensitivity(_impact(), ("seed",))

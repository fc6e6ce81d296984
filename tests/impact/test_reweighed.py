"""The same reserves under other judgements: against a new evaluation, and by hand."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pandas as pd
import pytest
from panels import make_panel, share_of_custody

from analysis.errors import InputError
from analysis.impact.evaluate import Impact, evaluate
from analysis.impact.reweighed import (
    JUDGEMENTS,
    PAYERS,
    by_judgement,
    most_favourable,
    reweighed,
)
from analysis.scenario import Scenario

FORMULAS = [share_of_custody(0.01, "one"), share_of_custody(0.05, "five")]


def _impact(**parameters: Any) -> Impact:
    return evaluate(make_panel(draws=2), Scenario(**parameters), FORMULAS)


@pytest.mark.parametrize(
    "changes",
    [
        {"voluntary_payment": 0.35},
        {"insurance_response": 0.95, "customer_risk_loading": 2.0},
        {"equity_cost_offset": 0.9, "discount_rate": 0.01},
        {"segregated_share": 0.0, "estate_recovery": 0.13, "days_in_estate": 400.0},
        {"cost_of_equity": 0.04, "rate_on_line_hot": 0.06, "phase_in_years": 1},
        {"frequency_multiplier": 2.0, "insurer_expense_share": 0.5, "insurer_default_haircut": 0.2},
    ],
)
def test_it_equals_a_new_evaluation(changes: dict[str, float]) -> None:
    again, new = reweighed(_impact(), changes).appraisal, _impact(**changes).appraisal
    np.testing.assert_allclose(again.net_present_value, new.net_present_value, rtol=1e-12)
    np.testing.assert_allclose(again.net_with_failures, new.net_with_failures, rtol=1e-12)
    np.testing.assert_allclose(again.net_of_transfers, new.net_of_transfers, rtol=1e-12)


def test_each_end_equals_a_new_evaluation() -> None:
    names = ["waiting_cost", "equity_cost_offset", "insurance_response", "estate_recovery"]
    table = by_judgement(_impact(), names).set_index(["parameter", "measure"]).sort_index()
    ends = {key: part["at_high"].to_numpy() for key, part in table.groupby(level=[0, 1])}
    for name in names:
        new = _impact(**{name: table.loc[name]["high"].iloc[0]}).appraisal
        worth, cost = new.annual_benefit, new.annual_cost
        spent, alone = cost.mean(axis=-1), worth.customers.mean(axis=-1)
        whole = alone + worth.failures.mean(axis=-1)
        np.testing.assert_allclose(ends[name, "customers"], alone / spent)
        np.testing.assert_allclose(ends[name, "with_failures"], whole / spent)


def test_only_those_that_decide_who_pays_change_payments() -> None:
    impact = _impact()
    before = dataclasses.asdict(impact.appraisal.steady)
    for name in JUDGEMENTS:
        value = 0.6 if name in PAYERS else 2.0 if name == "customer_risk_loading" else 0.9
        after = dataclasses.asdict(reweighed(impact, {name: value}).appraisal.steady)
        moved = any(not np.array_equal(before[part], after[part]) for part in before)
        assert moved == (name in PAYERS), name
        if not moved:
            assert reweighed(impact, {name: value}).appraisal.steady is impact.appraisal.steady


def test_the_range_holds_the_scenarios_own_value() -> None:
    table = by_judgement(_impact(customer_risk_loading=5.0), ["customer_risk_loading"])
    assert set(table["low"]) == {1.0}
    assert set(table["high"]) == {5.0}
    np.testing.assert_allclose(table["at_high"], table["central"])


def test_the_favourable_end_is_that_of_the_higher_mean() -> None:
    # Means of a: 0.3 below 0.4, so the high end; of b: 0.5 above 0.2, the low end; c moves nothing.
    rows = [
        ("a", 0.2, 0.6, 1.0, 2.0),
        ("a", 0.4, 0.2, 1.0, 2.0),
        ("b", 0.5, 0.2, 3.0, 4.0),
        ("c", 0.3, 0.3, 5.0, 6.0),
    ]
    table = pd.DataFrame(rows, columns=["parameter", "at_low", "at_high", "low", "high"])
    assert most_favourable(table.assign(measure="customers"), "customers") == {"a": 2.0, "b": 3.0}


def test_what_changes_the_reserve_is_refused() -> None:
    with pytest.raises(InputError, match=r"'rate_multiplier' changes what is asked"):
        reweighed(_impact(), {"rate_multiplier": 2.0})
    with pytest.raises(InputError, match=r"'base_month' changes the panel"):
        reweighed(_impact(), {"base_month": "2025-12"})
    with pytest.raises(InputError, match=r"voluntary_payment = 1\.5"):
        reweighed(_impact(), {"voluntary_payment": 1.5})

"""At a switching value benefit equals cost, or two formulas are level: evaluated again to see."""

from __future__ import annotations

import numpy as np
import pytest
from panels import make_panel, share_of_custody

from analysis.errors import InputError
from analysis.impact.balance import Balance, World
from analysis.impact.evaluate import evaluate
from analysis.impact.switching import INPUTS, at_free_capital, best_two, switching
from analysis.scenario import Scenario

FORMULAS = [share_of_custody(0.005, "low"), share_of_custody(0.03, "high")]
# Nobody steps in, nothing is segregated, cash is cheap: so that values lie within the ranges.
NEAR = Scenario(
    voluntary_payment=0.0,
    segregated_share=0.0,
    cost_of_equity=0.04,
    running_cost_jpy_mn=0.1,
    one_off_cost_jpy_mn=0.0,
)


def _world(**changes: float) -> dict[str, Balance]:
    """Evaluated from scratch; only for rules that look at no losses."""
    return World.of(make_panel(draws=2), NEAR.with_(**changes), FORMULAS).balances({})


def test_values_are_confirmed_by_evaluating_again() -> None:
    table = switching(make_panel(draws=3), NEAR, FORMULAS, draws=2)
    assert (table["value"].notna() == ~table["found"].str.startswith("none")).all()
    found = table[table["value"].notna() & (table["input"] != "insurance_price_factor")]
    equal = found[found["question"] == "benefit equals cost"]
    assert len(equal) >= 4
    for row in equal.to_dict("records"):
        balance = _world(**{row["input"]: row["value"]})[row["formula"]]
        assert balance.net(row["scope"]) == pytest.approx(0.0, abs=0.02 * balance.cost)
    for row in found[found["question"] == "best two by ratio swap"].to_dict("records"):
        balances = _world(**{row["input"]: row["value"]})
        first, second = (balances[name] for name in row["formula"].split(" over "))
        assert first.ratio(row["scope"]) == pytest.approx(second.ratio(row["scope"]), rel=0.03)


def test_only_what_moves_is_computed_and_nothing_else_differs() -> None:
    world = World.of(make_panel(draws=2), NEAR, FORMULAS)
    cases: tuple[dict[str, float], ...] = (
        {"customer_risk_loading": 2.0, "equity_cost_offset": 0.5, "segregated_share": 0.9},
        {"voluntary_payment": 0.2},
        {"cost_of_equity": 0.05, "rate_on_line_hot": 0.2, "insurance_deductible": 0.15},
        {"frequency_multiplier": 3.0, "severity_multiplier": 0.5},
    )
    for changes in cases:
        again = _world(**changes)
        for name, balance in world.balances(changes).items():
            alone = world.balances(changes, name)[name]
            for field in ("cost", "stolen", "failures"):
                assert getattr(balance, field) == pytest.approx(getattr(again[name], field))
                assert getattr(alone, field) == pytest.approx(getattr(again[name], field))


def test_loading_by_hand() -> None:
    # Benefit on stolen crypto is loading x losses + earlier payment.
    world = World.of(make_panel(draws=2), NEAR, FORMULAS)
    one, two = (world.balances({"customer_risk_loading": value})["high"] for value in (1.0, 2.0))
    value = 1 + (one.cost - one.stolen) / (two.stolen - one.stolen)
    chosen = [moved for moved in INPUTS if moved.name == "customer_risk_loading"]
    table = switching(make_panel(draws=2), NEAR, FORMULAS, draws=2, inputs=chosen)
    row = table.query("formula == 'high' and scope == 'stolen'").iloc[0]
    assert (
        row["value"] == pytest.approx(value, rel=0.01) if value <= 100 else np.isnan(row["value"])
    )


def test_with_free_capital_administration_is_what_is_left() -> None:
    # Cash costs nothing, so nothing is insured: 0.1 x 4 a year is left.
    impact = evaluate(make_panel(draws=2), NEAR.with_(volume_semi_elasticity=0.0), FORMULAS)
    table = at_free_capital(impact).set_index("formula")
    free = evaluate(impact.panel, impact.scenario.with_(cost_of_equity=0.01255), FORMULAS)
    gained = free.appraisal.annual_benefit.customers.mean(axis=-1)
    np.testing.assert_allclose(table["ratio"], gained / 0.4)
    assert (free.steady.limit == 0).all()
    assert (table["can_pay"] == (table["ratio"] >= 1)).all()
    # It is where the range of the switching value starts.
    cheap = [moved for moved in INPUTS if moved.name == "cost_of_equity"]
    rows = switching(impact.panel, impact.scenario, FORMULAS, draws=2, inputs=cheap)
    assert set(rows["low"]) == {0.01255}
    equal = rows.query("question == 'benefit equals cost' and scope == 'stolen'")
    found = equal.set_index("formula")["value"].notna()
    assert found.to_dict() == table["can_pay"].to_dict()


def test_best_two_skips_twins() -> None:
    assert best_two({"a": 1.0, "b": 3.0, "c": 3.0, "d": 2.0}) == ("b", "d")
    assert best_two({"a": 1.0}) == ()
    assert best_two({"a": 1.0, "b": 1.0}) == ()


def test_no_data_set_is_refused() -> None:
    with pytest.raises(InputError, match="draws = 0"):
        switching(make_panel(draws=2), Scenario(), FORMULAS, draws=0)

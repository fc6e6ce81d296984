"""Many scenarios at once give, to the last bit, what each gives alone."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from analysis.errors import InputError
from analysis.impact import evaluate, many
from analysis.impact.many import evaluate_many
from analysis.impact.stacked import LOSSES, PANEL, SHARED, STACKED, side_by_side
from analysis.market import FIELDS, build_panel, load_panel
from analysis.scenario import Scenario, changed, scenario
from analysis.scenario.cost import CostParameters
from analysis.scenario.funding import FundingParameters
from analysis.scenario.rules import RuleParameters

PROPERTIES: dict[str, Any] = Scenario.model_json_schema()["properties"]
RULES = {
    "custody_share_korea.hot_rate": (0.01, 0.2),
    "custody_share_korea.floor_amount": (1e9, 4e9),
    "fiea_turnover.accrual_bp": (0.05, 2.0),
    "fiea_turnover.ceiling_bp": (0.2, 4.0),
    "own_funds_mica_class2.overheads_share": (0.1, 0.5),
    "operational_risk_basel.loss_multiple": (5.0, 20.0),
    "size_custody_record_credibility.credibility": (0.0, 1.0),
    "volume_tiers_press_range.high_amount": (20_000.0, 60_000.0),
    "fee_fund_safu.fee_share": (0.02, 0.3),
    "loss_quantile_shortfall.tail_mean": (0.0, 1.0),
    "pooled_fund.quantile_weight": (0.0, 1.0),
}
"""Parameters of single formulas, with ranges inside those of their files."""

SIMPLE = "fiea_turnover,custody_share_thailand_2020,own_funds_mica_class2,operational_risk_basel"


def drawn(rng: random.Random, **fixed: Any) -> Scenario:
    """Every number of cost, funding and rules at random, and parameters of some formulas."""
    values: dict[str, Any] = {"draws": 4}
    for name in STACKED:
        low, high = PROPERTIES[name]["swept"]
        values[name] = rng.uniform(low, high)
    values["floor_jpy_mn"] = rng.choice([0.0, rng.uniform(0, 900)])
    values["cap_jpy_mn"] = rng.choice([1e8, rng.uniform(1_000, 1e5)])
    values["price_shock"] = 0.0
    values["rule_parameters"] = {name: rng.uniform(*ends) for name, ends in RULES.items()}
    return scenario({**values, **fixed})


def assert_same(scenarios: Sequence[Scenario], table: str = "industry") -> None:
    """The table of all of them at once is that of each alone, below one another."""
    found = evaluate_many(scenarios, (table,))[table]
    alone = []
    for point, one in enumerate(scenarios):
        part = evaluate(build_panel(one), one).tables[table].copy()
        part.insert(0, "point", point)
        alone.append(part)
    expected = pd.concat(alone, ignore_index=True)
    pd.testing.assert_frame_equal(found[expected.columns], expected, check_exact=True)


def test_levers_and_prices_of_all_formulas_at_once() -> None:
    rng = random.Random(1)
    assert_same([drawn(rng) for _ in range(12)])


@pytest.mark.parametrize("name", [*STACKED, *RULES])
def test_one_number_that_differs(name: str) -> None:
    # What does not depend on it keeps an axis of length 1, and lies differently in memory.
    chosen = {"draws": 3, "formula": name.split(".")[0] if name in RULES else SIMPLE}
    low, high = RULES[name] if name in RULES else PROPERTIES[name]["swept"]
    values = [low + part * (high - low) for part in (0.2, 0.9, 0.5)]
    if name in RULES:
        assert_same([scenario({**chosen, "rule_parameters": {name: one}}) for one in values])
    else:
        assert_same([scenario({**chosen, name: one}) for one in values])


def test_rule_parameters_of_losses_are_asked_level_by_level() -> None:
    rng = random.Random(2)
    chosen = "loss_quantile_shortfall,loss_quantile_solvency,pooled_fund,own_funds_mica_class2"
    levels = ("loss_quantile_shortfall", "loss_quantile_solvency", "pooled_fund")
    points = [
        drawn(
            rng,
            formula=chosen,
            rule_parameters={f"{id}.level": rng.uniform(0.99, 0.9985) for id in levels}
            | {"loss_quantile_shortfall.tail_mean": rng.choice([0.0, 0.4])},
        )
        for _ in range(5)
    ]
    assert_same([*points, points[0]])


def test_panels_and_loss_models_that_differ_stand_side_by_side() -> None:
    rng = random.Random(3)
    others: list[dict[str, Any]] = [
        {"price_shock": -0.74},
        {"price_shock": 2.0, "volume_shock": -0.5, "revenue_elasticity": 0.0},
        {"volume_shock": 3.0},
        {"hot_share_low": 0.01, "hot_share_high": 0.03},
        {"order_book_share_low": 0.5, "order_book_share_high": 0.6, "common_ignorance": 0.0},
        {"frequency_multiplier": 3.0},
        {"severity_multiplier": 0.5, "price_shock": 0.4},
        {"liquid_within_net_assets": True, "binance_flow_high": 0.9},
    ]
    assert_same([drawn(rng, **other) for other in others for _ in range(2)])


def test_what_cannot_stand_side_by_side_is_grouped() -> None:
    rng = random.Random(4)
    fixed: list[dict[str, Any]] = [
        {"phase_in_years": 0},
        {"phase_in_years": 12, "treatment": "provision"},
        {"horizon_years": 1},
        {"retained_earnings_only": True},
        {"retained_earnings_only": True, "phase_in_years": 1},
        {"include_other_duties": True},
        {"trading_value_reading": "spot_and_margin"},
        {"custody_reading": "net_of_matched"},
        {"interval": 0.5},
        {"seed": 7},
        {"base_month": "2026-03"},
        {"law_date": "2028-01-01"},
        {"formula": "own_funds_mica_class2,fiea_turnover", "rule_parameters": {}},
    ]
    points = [drawn(rng, **{"formula": "fiea_turnover,custody_share_korea"} | one) for one in fixed]
    points = [
        one.with_(rule_parameters={}) if "rule_parameters" not in kind else one
        for one, kind in zip(points, fixed, strict=True)
    ]
    assert_same([*points, *points[::-1]])


def test_edges() -> None:
    edges: list[dict[str, Any]] = [
        {"floor_jpy_mn": 0.0},
        {"rate_multiplier": 0.0},
        {"rate_multiplier": 1e4},
        {"rate_multiplier": 1e4, "cap_jpy_mn": 1e8},
        {"rate_multiplier": 1e4, "cap_jpy_mn": 9.9e7},
        {"floor_jpy_mn": 5e3, "cap_jpy_mn": 5e3},
        {"volume_semi_elasticity": 0.0},
        {"pass_through": 1.0, "volume_semi_elasticity": 100.0},
        {"insurable_share": 0.0},
        {"insurable_share": 1.0, "insurance_capacity_jpy_mn": 1.0},
        {"capacity_loading": 0.0, "rate_on_line_cold": 0.0005},
        {"cost_of_equity": 0.0, "reserve_yield": 0.03},
        {"discount_rate": 0.0},
        {"discount_rate": -0.04},
        {"price_shock": -0.74},
        {"price_shock": 9.1, "volume_shock": -0.95},
    ]
    assert_same([scenario({"draws": 4, **edge}) for edge in edges])


def test_how_many_at_once_does_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = random.Random(5)
    points = [drawn(rng, price_shock=rng.choice([0.0, 0.5])) for _ in range(7)]
    whole = evaluate_many(points)["industry"]
    monkeypatch.setattr(many, "CELLS", 3 * 4 * 23)
    monkeypatch.setattr(many, "LOSS_MODELS", 1)
    pd.testing.assert_frame_equal(evaluate_many(points)["industry"], whole, check_exact=True)


@pytest.mark.parametrize("table", ["appraisal", "market"])
def test_other_tables_point_by_point(table: str) -> None:
    chosen = {"draws": 3, "formula": "custody_share_korea,pooled_fund"}
    points: list[dict[str, Any]] = [{}, {"rate_multiplier": 2.0}, {"severity_multiplier": 2.0}]
    assert_same([scenario(chosen | one) for one in points], table)


def test_several_tables_in_the_order_asked() -> None:
    found = evaluate_many(
        [scenario({"draws": 3, "formula": "fiea_turnover"})], ["entry", "industry"]
    )
    assert list(found) == ["entry", "industry"]
    assert all(list(table["point"]) == [0] * len(table) for table in found.values())


def test_every_number_of_cost_funding_and_rules_is_stacked() -> None:
    read = (CostParameters, FundingParameters, RuleParameters)
    names = {name for model in read for name in model.model_fields}
    numbers = {name for name in names if PROPERTIES[name].get("type") == "number"}
    assert set(STACKED) == numbers | {"price_shock"}
    assert names <= {*STACKED, *SHARED, "treatment", "rule_parameters"}
    assert {"price_shock", "hot_share_high"} <= set(PANEL)
    assert {"frequency_multiplier", "severity_multiplier"} <= set(LOSSES)


def test_what_is_not_stacked_cannot_be_read() -> None:
    both = side_by_side([scenario({"exit_years": 3}), scenario({"exit_years": 4})])
    with pytest.raises(AttributeError):
        _ = both.exit_years


def test_a_users_panel_takes_the_place_of_the_shipped_one(tmp_path: Path) -> None:
    points = [scenario({"draws": 3, "floor_jpy_mn": floor}) for floor in (0.0, 700.0)]
    shipped = build_panel(points[0])
    cells = {field.column: shipped[name].mean(axis=0) for name, field in FIELDS.items()}
    path = tmp_path / "own.csv"
    pd.DataFrame(cells, index=pd.Index(shipped.exchanges, name="exchange")).to_csv(path)
    found = evaluate_many(points, panel=path)["industry"]
    alone = evaluate(load_panel(path, points[1]), points[1]).tables["industry"]
    second = found[found["point"] == 1].drop(columns="point").reset_index(drop=True)
    pd.testing.assert_frame_equal(second, alone, check_exact=True)
    assert (found["imputed_share"].fillna(0) == 0).all()


def test_bad_input_is_one_message() -> None:
    one = scenario({"draws": 3})
    with pytest.raises(InputError, match="scenarios is empty"):
        evaluate_many([])
    with pytest.raises(InputError, match="unknown table 'industri'; did you mean 'industry'"):
        evaluate_many([one], ["industri"])
    wrong = [
        scenario({"draws": 3, "rule_parameters": {"custody_share_korea.hot_rate": rate}})
        for rate in (0.1, 7.0, 0.2)
    ]
    with pytest.raises(InputError, match=r"custody_share_korea.hot_rate = 7; allowed: 0 to 1"):
        evaluate_many(wrong)


def test_columns_that_some_scenarios_have_stand_where_they_stand_alone() -> None:
    """Those of other duties; blank where these are not costed, whichever comes first."""
    plain = scenario({"draws": 2, "formula": "own_funds_mica_class3"})
    more = scenario({**changed(plain), "include_other_duties": True})
    alone = evaluate(build_panel(more), more).tables["industry"]
    for first in (plain, more):
        table = evaluate_many([first, plain, more], ("industry",))["industry"]
        assert list(table.columns) == ["point", *alone.columns]
        blank = table.filter(like="other_duties").isna().all(axis="columns")
        assert blank.tolist() == [first is plain, True, False]

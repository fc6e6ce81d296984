"""A parameter that moves nothing is a mistake: every one is moved and some table must follow."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from analysis.data import DATA
from analysis.impact import evaluate
from analysis.market import build_panel
from analysis.scenario import Scenario, scenario

FIELDS: dict[str, Any] = Scenario.model_json_schema()["properties"]

BASE: dict[str, Any] = {
    "draws": 3,
    "formula": "fiea_turnover,custody_share_hong_kong,custody_share_korea,size_custody_record",
}

# Parameters of the loss model, which only formulas on losses read.
LOSSES: dict[str, Any] = {
    "frequency_multiplier": 2.0,
    "population_reading": "low",
    "frequency_trend": "fitted",
    "reporting_share": 0.5,
    "jurisdiction_variation": 1.0,
    "japan_record": "with_deemed",
    "firm_heterogeneity": 1.0,
    "size_elasticity": 0.3,
    "operational_losses": "excluded",
    "count_dispersion": 1.5,
    "common_shock_share": 0.4,
    "common_shock_reach": 0.9,
    "loss_steps": 1024,
    "severity_model": "yen",
    "severity_sample": "firm",
    "severity_multiplier": 2.0,
    "beyond_hot": 0.5,
}

# Who pays a loss, how long that takes, and how it is weighed.
WORTH: dict[str, Any] = {
    "insurance_response": 0.8,
    "voluntary_payment": 0.8,
    "segregated_share": 0.9,
    "estate_recovery": 0.8,
    "days_to_payment": 90.0,
    "days_to_payment_from_reserve": 20.0,
    "days_to_return": 200.0,
    "days_in_estate": 800.0,
    "equity_cost_offset": 0.5,
    "customer_risk_loading": 2.0,
    "waiting_cost": 0.1,
    "insurer_expense_share": 0.4,
    "segregated_share_reformed": 0.9,
    "days_to_return_reformed": 30.0,
}

# When an exchange leaves, and what leaving yields.
EXITS: dict[str, Any] = {
    "exit_definition": "registration",
    "exit_years": 3,
    "revenue_floor_share": 0.1,
    "fixed_cost_share": 0.5,
    "closing_cost_share": 1.0,
    "capital_in_use_years": 0.25,
    "sale_multiple": 5.0,
    "buyer_chance": 0.2,
    "owner_benefit": 0.5,
    "doubling_odds": 0.8,
    "value_response_spread": 0.5,
    "breach_odds": 5.0,
    "recapitalisation_share": 0.5,
    "support_record": "exits",
    "support_shift": -1.0,
    "name_exchanges": True,
}

# Of pages alone: no figure depends on it (tests/report/test_unnamed.py).
PAGES_ONLY = {"name_exchanges"}

# What the market does when exchanges leave.
ANSWER: dict[str, Any] = {
    "outside_share": 0.5,
    "nesting": 0.4,
    "trust_semi_elasticity": 0.2,
    "support_years": 0.5,
    "run_share": 0.1,
    "run_return_days": 200.0,
    "unmet_loss_share": 1.0,
    "synergy_share": 0.3,
    "entry_cost_jpy_mn": 1_000.0,
    "entry_years": 3.0,
}

# What each parameter is set to; a path is written by the test.
CHANGED: dict[str, Any] = {
    **LOSSES,
    **WORTH,
    **EXITS,
    **ANSWER,
    "base_month": "2026-06",
    "draws": 4,
    "seed": 65,
    "interval": 0.5,
    "hot_share_low": 0.02,
    "hot_share_high": 0.03,
    "hot_share_within_net_assets": False,
    "liquid_within_net_assets": True,
    "common_ignorance": 0.0,
    "order_book_share_low": 0.8,
    "order_book_share_high": 0.8,
    "binance_flow_low": 0.1,
    "binance_flow_high": 0.5,
    "benchmark_carried_low": 0.5,
    "benchmark_carried_high": 0.5,
    "margin_unmeasured_high": 0.3,
    "industry_table": "industry.csv",
    "price_shock": -0.2,
    "volume_shock": 0.5,
    "revenue_elasticity": 0.6,
    "formula": "custody_share_korea",
    "formula_file": "own.yaml",
    "law_date": "2027-01-01",
    "rule_parameters": {"custody_share_korea.hot_rate": 0.08},
    "rate_multiplier": 2.0,
    "floor_jpy_mn": 500.0,
    "cap_jpy_mn": 1_000.0,
    "trading_value_reading": "spot_and_margin",
    "custody_reading": "net_of_matched",
    "phase_in_years": 6,
    "treatment": "provision",
    "retained_earnings_only": True,
    "insurable_share": 0.8,
    "rate_on_line_cold": 0.02,
    "rate_on_line_hot": 0.08,
    "record_loading": 0.6,
    "capacity_loading": 2.0,
    "insurance_deductible": 0.15,
    "insurer_default_haircut": 0.10,
    "programme_limit_jpy_mn": 20_000.0,
    "insurance_capacity_jpy_mn": 30_000.0,
    "cost_of_equity": 0.12,
    "reserve_yield": 0.02,
    "running_cost_jpy_mn": 12.0,
    "one_off_cost_jpy_mn": 40.0,
    "horizon_years": 20,
    "discount_rate": 0.05,
    "pass_through": 0.9,
    "volume_semi_elasticity": 1.5,
    "include_other_duties": True,
    "other_duties_running_jpy_mn": 60.0,
    "other_duties_one_off_jpy_mn": 200.0,
    "minimum_capital_jpy_mn": 20.0,
    "capital_ratio": 1.4,
}

# What must hold on both sides for the parameter to matter.
BESIDE: dict[str, dict[str, Any]] = {
    **{name: {"formula": "loss_quantile_shortfall,pooled_fund"} for name in LOSSES},
    "other_duties_running_jpy_mn": {"include_other_duties": True},
    "other_duties_one_off_jpy_mn": {"include_other_duties": True},
    "revenue_elasticity": {"volume_shock": 1.0},
    "margin_unmeasured_high": {"trading_value_reading": "spot_and_margin"},
    "formula_file": {"formula": "all"},
    "law_date": {"formula_file": "own.yaml", "formula": "custody_share_korea_2027"},
}


@cache
def _tables(values: tuple[tuple[str, Any], ...]) -> Mapping[str, pd.DataFrame]:
    chosen = scenario({name: dict(v) if isinstance(v, tuple) else v for name, v in values})
    return evaluate(build_panel(chosen), chosen).tables


def _evaluated(values: dict[str, Any]) -> Mapping[str, pd.DataFrame]:
    plain = {n: tuple(v.items()) if isinstance(v, dict) else v for n, v in values.items()}
    return _tables(tuple(sorted(plain.items())))


def _write_inputs(folder: Path) -> dict[str, str]:
    """A user's industry table, and Korea's rule with 8 % from 2027 under another name."""
    table, rule = folder / "industry.csv", folder / "own.yaml"
    table.write_text("period,measure,value\n2026-03,spot_volume,3000000\n", encoding="utf-8")
    korea = (DATA / "rules" / "custody_share" / "korea.yaml").read_text(encoding="utf-8")
    today = "      2024-07-19: {value: 0.05, confidence: high, reference: *act}\n"
    assert today in korea
    later = today.replace("2024-07-19", "2027-01-01").replace("0.05", "0.08")
    own = korea.replace(today, today + later).replace("preset: korea", "preset: korea_2027")
    rule.write_text(own, encoding="utf-8")
    return {"industry.csv": str(table), "own.yaml": str(rule)}


def test_every_parameter_is_listed() -> None:
    assert set(CHANGED) == set(FIELDS)
    for name, value in CHANGED.items():
        assert value != FIELDS[name].get("default"), name


@pytest.mark.parametrize("name", [name for name in CHANGED if name not in PAGES_ONLY])
def test_every_parameter_moves_some_table(name: str, tmp_path: Path) -> None:
    files = _write_inputs(tmp_path)

    def resolved(values: dict[str, Any]) -> dict[str, Any]:
        return {n: files.get(v, v) if isinstance(v, str) else v for n, v in values.items()}

    before = _evaluated(resolved({**BASE, **BESIDE.get(name, {})}))
    after = _evaluated(resolved({**BASE, **BESIDE.get(name, {}), name: CHANGED[name]}))
    moved = [table for table in before if not before[table].equals(after[table])]
    assert moved, f"{name} = {CHANGED[name]} changes no table"


@pytest.mark.parametrize("name", sorted(PAGES_ONLY))
def test_what_only_pages_read_moves_no_table(name: str) -> None:
    before, after = _evaluated(BASE), _evaluated({**BASE, name: CHANGED[name]})
    assert all(before[table].equals(after[table]) for table in before)


@pytest.mark.parametrize("name", FIELDS)
def test_every_parameter_has_a_source_and_what_is_judged_or_measured_a_range(name: str) -> None:
    field = FIELDS[name]
    assert field["source"].strip()
    if field["kind"] == "assumption":
        assert field["swept"] is not None
    if field["swept"] is not None and field["default"] is not None:
        low, high = field["swept"]
        assert low <= field["default"] <= high

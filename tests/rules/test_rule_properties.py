"""What must hold for every candidate: monotone, scale- and unit-free, each parameter counts."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from exposures import MONEY, YEN, amount, exposures, formula, grid, one, scaled
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from analysis.losses.industry import IndustryLoss
from analysis.losses.model import TOLERANCE
from analysis.market.panel import FloatArray
from analysis.rules import Article175, Formula, candidates, securities_reserve
from analysis.rules.article_175 import ITEMS
from analysis.rules.exposure import Exposure
from analysis.rules.law import CURRENCIES, rule_file
from analysis.rules.registry import FORMULAS
from analysis.rules.selection import RULES
from analysis.scenario import Scenario

IDS = sorted(f.id for f in candidates(Scenario()))
FILES = {
    rule_file(path).preset.id: rule_file(path)
    for name in FORMULAS
    for path in sorted((RULES / name).glob("*.yaml"))
}
MONEY_UNITS = CURRENCIES | {"JPY mn"}
# Rules without an absolute amount below the thresholds of the bucket in which exchanges are.
PROPORTIONAL = [
    "fiea_turnover",
    "custody_share_hong_kong",
    "custody_share_thailand_2020",
    "fee_fund_safu",
]
rising = st.floats(1, 50)
# Amounts found by a search, within the relative error that it proves; others are exact.
SEARCHED = {
    **dict.fromkeys(("loss_quantile_solvency", "loss_quantile_shortfall"), 3 * TOLERANCE),
    "loss_quantile_basel_ama": 3 * TOLERANCE,
    "pooled_fund": 2 * IndustryLoss.tolerance,
}


BASES = [
    "custody_hot",
    "custody_cold",
    "customer_fiat",
    "trading_value",
    "operating_expenses",
    "operating_revenue",
    "incident_loss",
    "incident_count",
]


@pytest.mark.parametrize("id", IDS)
@given(exposure=exposures(), factor=rising, base=st.sampled_from(BASES))
@settings(max_examples=60, deadline=None)
def test_more_of_a_base_never_lowers_the_amount(
    id: str, exposure: Exposure, factor: float, base: str
) -> None:
    assume(id != "operational_risk_basel_ilm1" or base != "operating_revenue")  # see below
    positive = replace(exposure, operating_revenue=np.abs(exposure.operating_revenue))
    before = formula(id).required(positive)
    after = formula(id).required(scaled(positive, factor, base))
    if formula(id).pooled:  # an exchange's part may fall when the others' risk rises more
        before, after = before.sum(), after.sum()
    assert np.all(after >= before * (1 - SEARCHED.get(id, 1e-12)) - 1e-6)


def test_basel_falls_where_losses_start_to_count() -> None:
    """The one rule that is not monotone: a clean firm just above the first bucket holds less."""
    billion = 1_000 * YEN["EUR"]
    below = amount("operational_risk_basel_ilm1", one(operating_revenue=billion, incident_loss=0))
    above = one(operating_revenue=billion * 1.01, incident_loss=0)
    assert below == pytest.approx(0.12 * billion)
    assert amount("operational_risk_basel_ilm1", above) < 0.56 * below


@pytest.mark.parametrize("id", IDS)
@given(exposure=exposures(), factor=st.floats(0.01, 100))
@settings(max_examples=20, deadline=None)
def test_all_money_scaled_scales_the_amount(id: str, exposure: Exposure, factor: float) -> None:
    """With the absolute amounts of the rule scaled as well, always."""
    parameters = FILES[id].preset.parameters
    rule = formula(id)
    amounts: dict[str, Any] = {
        name: getattr(rule, name) * factor
        for name, parameter in parameters.items()
        if (parameter.unit in MONEY_UNITS) and getattr(rule, name) is not None
    }
    larger = replace(rule, **amounts).required(scaled(exposure, factor, *MONEY))
    tolerance = SEARCHED.get(id, 1e-9)
    np.testing.assert_allclose(larger, rule.required(exposure) * factor, rtol=tolerance, atol=1e-9)


@pytest.mark.parametrize("id", PROPORTIONAL)
@given(exposure=exposures(), factor=st.floats(0.01, 100))
@settings(max_examples=20, deadline=None)
def test_without_absolute_amounts_the_rule_is_proportional(
    id: str, exposure: Exposure, factor: float
) -> None:
    rule = formula(id)
    larger = rule.required(scaled(exposure, factor, *MONEY))
    np.testing.assert_allclose(larger, rule.required(exposure) * factor, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("id", IDS)
@given(exposure=exposures())
@settings(max_examples=20, deadline=None)
def test_amounts_and_balances_are_finite_and_not_negative(id: str, exposure: Exposure) -> None:
    rule = formula(id)
    required = rule.required(exposure)
    assert required.shape == (1, 3)
    assert np.all(np.isfinite(required))
    assert np.all(required >= 0)
    path = rule.path(exposure, 6, 3)
    assert path.shape == (6, 1, 3)
    assert np.all(path >= 0)
    assert np.all(path <= required * (1 + 1e-12) + 1e-9)


@pytest.mark.parametrize("id", IDS)
def test_parameters_may_be_arrays_over_scenarios(id: str) -> None:
    """A rule with every number as (scenario, 1, 1) equals the rule once per scenario."""
    rule, exposure, tolerance = formula(id), grid(), SEARCHED.get(id, 1e-12)
    names = [n for n in FILES[id].preset.parameters if getattr(rule, n) is not None]
    arrays: dict[str, Any] = {n: _two(getattr(rule, n), _unit(id, n)) for n in names}
    together = replace(rule, **arrays)
    single: list[dict[str, Any]] = [
        {n: float(a[i, 0, 0]) for n, a in arrays.items()} for i in (0, 1)
    ]
    apart = [replace(rule, **changed) for changed in single]
    np.testing.assert_allclose(
        together.required(exposure), [r.required(exposure) for r in apart], rtol=tolerance
    )
    np.testing.assert_allclose(
        together.path(exposure, 4, 2),
        np.stack([r.path(exposure, 4, 2) for r in apart], axis=1),
        rtol=tolerance,
    )


def _unit(id: str, name: str) -> str:
    return FILES[id].preset.parameters[name].unit


def _two(value: float, unit: str) -> FloatArray:
    """A value and a larger one, or for a level a smaller one, shape (scenario, 1, 1)."""
    factor = 0.99 if unit == "level" else 1.3
    return np.array([value, value * factor]).reshape(2, 1, 1)


def _moved(before: Formula, after: Formula) -> bool:
    exposure = grid()
    same = np.array_equal(before.required(exposure), after.required(exposure))
    return not (same and np.array_equal(before.path(exposure, 5, 3), after.path(exposure, 5, 3)))


@pytest.mark.parametrize(
    ("id", "name"), [(id, name) for id in IDS for name in FILES[id].preset.parameters]
)
def test_every_parameter_moves_an_amount(id: str, name: str) -> None:
    low, high = FILES[id].preset.parameters[name].range
    rule = formula(id)
    moved = [
        _moved(rule, formula(id, rule_parameters={f"{id}.{name}": value}))
        for value in (low, (low + high) / 2, high)
    ]
    assert any(moved)


@pytest.mark.parametrize(
    "name", [f"{kind}_{item}" for kind in ("accrual", "ceiling") for item in ITEMS]
)
def test_every_rate_of_article_175_moves_a_balance(name: str) -> None:
    law = securities_reserve(Scenario())
    volumes = np.full((6, 8), 1e6)
    changed: Article175 = replace(law, **{name: getattr(law, name) * 1.5})
    assert not np.array_equal(
        law.accrue(volumes, 0.0).balances, changed.accrue(volumes, 0.0).balances
    )


def test_floor_and_cap_of_the_announced_design_hold() -> None:
    amount = formula("size_custody_record").required(grid())
    assert amount.min() == 300
    assert amount.max() == 40_000

"""Benefits and costs: worked by hand, and what must hold whatever the parameters."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import numpy as np
import pytest
from panels import make_panel, share_of_custody

from analysis.impact.appraisal import Appraisal
from analysis.impact.benefit import benefit, cost_of_stranding, waiting
from analysis.impact.evaluate import evaluate
from analysis.impact.protection import Protection
from analysis.rules import candidates
from analysis.scenario import Scenario


def _appraisal(*shares: float, **parameters: Any) -> Appraisal:
    formulas = [share_of_custody(share, f"share_{share}") for share in shares or (0.01,)]
    return evaluate(make_panel(draws=2), Scenario(**parameters), formulas).appraisal


def _protection(**amounts: float) -> Protection:
    names = [field.name for field in fields(Protection)]
    return Protection(**{name: np.array([amounts.get(name, 0.0)]) for name in names})


def test_benefit_by_hand() -> None:
    # No rule: what matches hot wallets pays 25 after half a year, other means 100 after a year, an
    # estate 30 after two. The rule: a reserve pays 50 and the match 5 after half a year, an insurer
    # 20 and other means 40 after a year. Half a year's wait costs 1 - 1 / 1.25^0.5 = 0.1056 of a
    # yen, a year's 1 - 1 / 1.25 = 0.2, two years' 1 - 1 / 1.25^2 = 0.36.
    scenario = Scenario(
        waiting_cost=0.25,
        days_to_payment=365.0,
        days_in_estate=730.0,
        days_to_payment_from_reserve=365.0 / 2,
        days_to_return=365.0,
        voluntary_payment=0.6,
        estate_recovery=0.5,
        segregated_share=0.5,
        customer_risk_loading=1.5,
    )
    bought = _protection(
        matched_without=25.0,
        matched_with=5.0,
        own_without=100.0,
        own_with=40.0,
        estate_without=30.0,
        estate_with=10.0,
        paid_by_reserve=50.0,
        paid_by_insurance=20.0,
        lost_without=90.0,
        lost_with=68.0,
        stranded_without=1_000.0,
        stranded_with=900.0,
    )
    worth = benefit(bought, scenario)
    assert worth.losses[0] == pytest.approx(1.5 * 22)
    assert worth.loading[0] == pytest.approx(0.5 * 22)
    # Owners' 60 yen less wait a year, an estate's 20 two, the match's 20 half a year; against 20
    # of the insurer and 50 of the reserve.
    earlier = 0.2 * 60 + 0.36 * 20 - 0.2 * 20 + (1 - 1.25**-0.5) * (20 - 50)
    assert worth.earlier[0] == pytest.approx(earlier)
    # Of a stranded yen a quarter is lost (worth 1.5 of it), a quarter waits two years and a half
    # waits one: 0.375 + 0.09 + 0.1.
    assert cost_of_stranding(scenario) == pytest.approx(0.565)
    assert worth.failures[0] == pytest.approx(56.5)
    # Reformed, all of it is segregated and comes back after 103 days.
    assert worth.failures_reformed[0] == pytest.approx(100 * (1 - 1.25 ** (-103 / 365)))
    assert worth.customers[0] == pytest.approx(33 + earlier)
    assert worth.net_of_transfers[0] == pytest.approx(11 + earlier)


def test_waiting_never_costs_more_than_what_is_waited_for() -> None:
    assert waiting(0.0, Scenario()) == 0.0
    assert waiting(3_780.0, Scenario(waiting_cost=0.2)) == pytest.approx(1 - 1.2 ** (-3780 / 365))
    assert waiting(20_000.0, Scenario(waiting_cost=0.2)) < 1


def test_nothing_required_costs_and_brings_nothing() -> None:
    appraisal = _appraisal(0.0)
    assert (appraisal.cost_value == 0).all()
    assert (appraisal.annual_cost == 0).all()
    np.testing.assert_allclose(appraisal.benefit_value.customers, 0.0, atol=1e-9)
    np.testing.assert_allclose(appraisal.benefit_value.failures, 0.0, atol=1e-6)
    assert np.isnan(appraisal.benefit_cost_ratio).all()


def test_every_rule_at_a_rate_and_floor_of_zero_is_the_world_without_one() -> None:
    impact = evaluate(
        make_panel(draws=2), Scenario(), [one.times(0.0) for one in candidates(Scenario())]
    )
    assert len(impact.formulas) == 22
    assert (impact.required == 0).all()
    assert (impact.steady.premium == 0).all()
    found, none = impact.appraisal.steady, 1 - impact.annual_loss.none
    for name in ("matched", "own", "estate", "lost", "stranded"):
        ruled, free = getattr(found, f"{name}_with"), getattr(found, f"{name}_without")
        np.testing.assert_allclose(ruled, free, rtol=1e-12, atol=1e-9)
    assert (found.paid_by_reserve == 0).all()
    assert (found.paid_by_insurance == 0).all()
    np.testing.assert_allclose(found.exceedance, np.broadcast_to(none, found.exceedance.shape))
    for array in (impact.appraisal.cost_value, impact.present_value, impact.response.revenue_lost):
        assert (array == 0).all()
    for balance in ("net_present_value", "net_of_transfers", "net_with_failures"):
        np.testing.assert_allclose(getattr(impact.appraisal, balance), 0.0, atol=1e-6)


def test_present_values_by_hand() -> None:
    # Built up at once and counted for two years at 5 %: 1 / 1.05 + 1 / 1.05^2 = 1.859410. Four
    # exchanges pay 30 each in the first year; nothing is insured, and volume does not answer.
    appraisal = _appraisal(
        phase_in_years=0,
        horizon_years=2,
        discount_rate=0.05,
        insurable_share=0.0,
        volume_semi_elasticity=0.0,
        cost_of_equity=0.11,
        reserve_yield=0.01,
        running_cost_jpy_mn=8.0,
        one_off_cost_jpy_mn=30.0,
    )
    # 1 % of JPY 1,104,600 mn in cash at 10 %, and 4 x 8.
    yearly = 0.10 * 11_046 + 32
    np.testing.assert_allclose(appraisal.annual_cost, yearly)
    np.testing.assert_allclose(appraisal.cost_value, 1.859410 * yearly + 120 / 1.05, rtol=1e-6)
    np.testing.assert_allclose(
        appraisal.benefit_value.customers, 1.859410 * appraisal.annual_benefit.customers, rtol=1e-6
    )
    np.testing.assert_allclose(
        appraisal.net_present_value,
        appraisal.benefit_value.customers - appraisal.cost_value,
    )
    level = appraisal.net_direct_cost_to_business
    np.testing.assert_allclose(level, yearly + 120 / 1.05 / 1.859410, rtol=1e-6)
    np.testing.assert_allclose(appraisal.as_level_payment(appraisal.cost_value), level)


def test_offset_takes_its_part_of_the_carry_and_nothing_else() -> None:
    given = {"insurable_share": 0.0, "cost_of_equity": 0.11, "reserve_yield": 0.01}
    private, half = _appraisal(**given), _appraisal(**given, equity_cost_offset=0.5)
    np.testing.assert_allclose(private.annual_cost - half.annual_cost, 0.5 * 0.10 * 11_046)
    np.testing.assert_allclose(private.benefit_value.customers, half.benefit_value.customers)
    np.testing.assert_allclose(
        private.net_direct_cost_to_business, half.net_direct_cost_to_business
    )


def test_transfers_cancel() -> None:
    # What is left of benefit less cost when the yen that owners and insurers pay, and the premium,
    # count for both sides; of the premium insurers use up a quarter.
    appraisal = _appraisal(0.01, 0.2, customer_risk_loading=2.0, insurer_expense_share=0.25)
    value = appraisal.benefit_value
    received, paid_to_customers = 0.75 * appraisal.premium_value, value.losses / 2
    expected = appraisal.net_present_value - paid_to_customers + received
    np.testing.assert_allclose(appraisal.net_of_transfers, expected)
    assert (appraisal.premium_value > 0).all()
    with_failures = appraisal.net_present_value + value.failures
    np.testing.assert_allclose(appraisal.net_with_failures, with_failures)
    assert (appraisal.ratio_with_failures >= appraisal.benefit_cost_ratio).all()


def test_more_frequent_losses_raise_the_benefit_and_not_the_cost() -> None:
    once, twice = _appraisal(0.05), _appraisal(0.05, frequency_multiplier=2.0)
    ratio = twice.benefit_value.customers / once.benefit_value.customers
    assert (ratio > 1.8).all()
    assert (ratio < 2.1).all()
    np.testing.assert_allclose(twice.cost_value, once.cost_value)


def test_where_customers_reach_all_own_means_a_reserve_below_them_only_pays_sooner() -> None:
    # Owners always pay as far as net assets go, and the reserve is below net assets at every
    # exchange but the one without any.
    panel = make_panel(draws=2, net_assets=(60_000, 8_000, 900, 100))
    scenario = Scenario(voluntary_payment=1.0, insurable_share=0.0)
    appraisal = evaluate(panel, scenario, [share_of_custody(0.01)]).appraisal
    expected = panel["customer_crypto"].sum()
    np.testing.assert_allclose(appraisal.steady.avoided, 0.0, atol=1e-9 * expected)
    assert (appraisal.annual_benefit.customers > 0).all()
    np.testing.assert_allclose(
        appraisal.annual_benefit.customers, appraisal.annual_benefit.earlier, rtol=1e-6
    )


def test_insurers_keep_the_premium_less_what_they_pay() -> None:
    appraisal = _appraisal(0.05)
    steady = appraisal.impact.steady
    margin = (steady.premium - appraisal.steady.paid_by_insurance).sum(axis=-1)
    np.testing.assert_allclose(appraisal.insurers_margin, margin)
    certain = _appraisal(0.05, insurance_response=1.0)
    assert (certain.insurers_margin < appraisal.insurers_margin).all()
    # Of means over data sets: what is paid is in proportion to the chance of an answer, 0.3 to 1.
    found, more = (one.impact.tables["appraisal"].iloc[0] for one in (appraisal, certain))
    spent = steady.premium.sum(axis=-1).mean()
    paid = appraisal.steady.paid_by_insurance.sum(axis=-1).mean()
    assert found["insurance_loss_ratio"] == pytest.approx(paid / spent)
    assert more["insurance_loss_ratio"] == pytest.approx(found["insurance_loss_ratio"] / 0.3)
    without = _appraisal(insurable_share=0.0).impact.tables["appraisal"]
    assert without["insurance_loss_ratio"].isna().all()


def test_tables_agree_with_the_arrays() -> None:
    appraisal = _appraisal(0.01, 0.2)
    tables = appraisal.impact.tables
    table, bought = tables["appraisal"], tables["protection"]
    np.testing.assert_allclose(table["npv_jpy_mn"], appraisal.net_present_value.mean(axis=-1))
    sums = bought.groupby("formula", sort=False)
    np.testing.assert_allclose(
        sums["avoided_loss_jpy_mn"].sum(), table["avoided_loss_jpy_mn"], rtol=1e-9
    )
    np.testing.assert_allclose(
        sums["expected_loss_jpy_mn"].sum(), table["expected_loss_jpy_mn"], rtol=1e-9
    )
    parts = [
        "paid_by_reserve_jpy_mn",
        "paid_by_insurance_jpy_mn",
        "expected_uncovered_loss_jpy_mn",
    ]
    np.testing.assert_allclose(bought[parts].sum(axis=1), bought["expected_loss_jpy_mn"])
    assert table["positive_npv_probability"].between(0, 1).all()

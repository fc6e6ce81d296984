"""Fixed amounts in other worlds: against the evaluation, against one another, and by hand."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest
from panels import make_panel, share_of_custody

from analysis.errors import InputError
from analysis.impact.evaluate import Impact, evaluate
from analysis.impact.protection import Protection
from analysis.impact.protection_cases import (
    insurers_answer,
    own_money,
    protection_by_case,
    protection_in,
    sharing,
)
from analysis.impact.who_pays import NO_RULE, protection_by_band, who_pays
from analysis.market.panel import FIELDS
from analysis.scenario import Scenario

FORMULAS = [share_of_custody(0.002, "little"), share_of_custody(0.05, "much")]


def _impact(**parameters: object) -> Impact:
    return evaluate(make_panel(), Scenario().with_(**parameters), FORMULAS)


def _furthest(one: Protection, other: Protection) -> float:
    """Largest difference of any figure of the two, relative above 1."""
    pairs = [(getattr(one, field.name), getattr(other, field.name)) for field in fields(Protection)]
    return max(float((np.abs(a - b) / np.maximum(np.abs(b), 1.0)).max()) for a, b in pairs)


def test_the_same_world_gives_the_evaluation() -> None:
    impact = _impact()
    assert _furthest(protection_in(impact, impact.scenario), impact.appraisal.steady) <= 1e-9


@pytest.mark.parametrize(
    "change",
    [{"voluntary_payment": 0.2}, {"beyond_hot": 1.0}, {"frequency_multiplier": 2.0}],
)
def test_another_world_gives_the_evaluation_made_in_it(change: dict[str, float]) -> None:
    # A share of custody does not look at losses, so the amounts are the same in both.
    here, there = _impact(), _impact(**change)
    assert _furthest(protection_in(here, there.scenario), there.appraisal.steady) <= 1e-9


def test_another_panel_is_refused() -> None:
    impact = _impact()
    with pytest.raises(InputError, match="base_month"):
        protection_in(impact, impact.scenario.with_(base_month="2025-12"))


def test_cases_move_as_they_must() -> None:
    table = protection_by_case(
        _impact(),
        {"here": {}, "far": {"beyond_hot": 1.0}, "refused": {"insurance_response": 0.0}},
    )
    here, far, refused = (
        table[table["case"] == case].set_index("formula") for case in ("here", "far", "refused")
    )
    assert (far["expected_loss_jpy_mn"] > here["expected_loss_jpy_mn"]).all()
    assert (far["paid_share"] < here["paid_share"]).all()
    assert (refused["paid_share"] < here["paid_share"]).all()
    assert (refused["expected_loss_jpy_mn"] == here["expected_loss_jpy_mn"]).all()


def test_an_answer_is_a_weighted_mean_of_yes_and_no() -> None:
    impact = _impact(insurance_response=0.4, insurer_default_haircut=0.1)
    table = insurers_answer(impact)
    weight = 0.4 * (1 - 0.1)
    between = table["none_answers"] + weight * (table["all_answer"] - table["none_answers"])
    np.testing.assert_allclose(table["as_assumed"], between, rtol=1e-9)
    assert (table["none_answers"] < table["cash_only"]).all()


def test_without_insurance_no_answer_matters() -> None:
    table = insurers_answer(_impact(insurable_share=0.0))
    assert (table["insured"] == 0).all()
    np.testing.assert_allclose(table["none_answers"], table["cash_only"])
    np.testing.assert_allclose(table["all_answer"], table["cash_only"])


def test_cash_beyond_net_assets_by_hand() -> None:
    # 5 % of custody: 50,000, 5,000, 200 and 30; net assets 60,000, 8,000, 900 and -100. So only
    # the last holds more than it owns, 30.
    table = own_money(_impact(insurable_share=0.0)).loc["much"]
    assert table["cash_jpy_mn"] == pytest.approx(55_230)
    assert table["beyond_jpy_mn"] == pytest.approx(30)
    assert table["exchanges_beyond"] == 1
    assert table["paid_share_own"] < table["paid_share"]


def test_shared_money_pays_no_less() -> None:
    table = sharing(_impact())
    assert (table["shared"] > table["alone"]).all()


def test_a_fund_of_one_exchange_is_its_own_reserve() -> None:
    base = make_panel()
    one = {name: base[name][0, :1].tolist() for name in FIELDS}
    impact = evaluate(make_panel(**one), Scenario(), FORMULAS)
    table = sharing(impact)
    np.testing.assert_allclose(table["shared"], table["alone"], rtol=0.01)


def test_payers_bear_the_whole_loss() -> None:
    impact = _impact()
    table = who_pays(impact)
    expected = impact.annual_loss.mean.sum(axis=-1).mean()
    np.testing.assert_allclose(table.sum(axis=1), expected, rtol=1e-9)
    assert table.loc[NO_RULE, "reserve"] == 0
    assert (table["customers"] <= table.loc[NO_RULE, "customers"]).all()
    # The match stands behind the reserve: it pays what it paid without, less what comes before it.
    match = table["match"]
    assert 0 < match["much"] < match["little"] < match[NO_RULE]


def test_where_owners_always_pay_a_reserve_out_of_net_assets_adds_nothing() -> None:
    # The first exchange alone: 2,000 in cash of 60,000 net assets, nothing insured.
    base = make_panel()
    one = {name: base[name][0, :1].tolist() for name in FIELDS}
    scenario = Scenario().with_(voluntary_payment=1.0, insurable_share=0.0)
    table = who_pays(evaluate(make_panel(**one), scenario, FORMULAS))
    assert (table["reserve"].drop(NO_RULE) > 0).all()
    assert table["customers"]["little"] == pytest.approx(table["customers"][NO_RULE])


def test_bands_average_to_the_industry() -> None:
    impact = _impact()
    table = protection_by_band(impact)
    sizes = table.drop_duplicates("band").set_index("band")["n_exchanges"]
    # Custody of 1,000,000 and 100,000 is large, 4,000 and 600 small.
    assert sizes.to_dict() == {"large": 2, "small": 2}
    often = (1 / table["years_between"]).groupby(table["formula"], sort=False).sum()
    exceeded = impact.appraisal.steady.exceedance.mean(axis=-2).sum(axis=-1)
    np.testing.assert_allclose(often, exceeded)
    assert table["coverage"].between(0, 1).all()
    assert table["paid_share"].between(0, 1).all()

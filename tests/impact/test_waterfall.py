"""Failure waterfall: cases worked by hand, conservation, named cases, bad input."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from panels import make_panel

from analysis.errors import InputError
from analysis.impact.insurance import Mix
from analysis.impact.waterfall import PARTS, Failure, Insolvency, Waterfall, waterfall
from analysis.impact.waterfall_cases import ALONE, AS_IT_WENT, waterfall_table
from analysis.rules import candidates
from analysis.scenario import Scenario, scenario

BASE = Scenario(voluntary_payment=0.6, segregated_share=0.5, days_in_estate=3_780.0)
TODAY, REFORMED = (Insolvency.of(BASE, reformed) for reformed in (False, True))
# 600 of 1,000 lost; reserve 100, limit 200 with a retention of 10 %, net assets 50.
LOSS = Failure(1_000, 0.6, reserve=100, limit=200, deductible=0.1, response=1, own=50)


def parts(out: Waterfall) -> dict[str, float]:
    return {name: float(getattr(out, name)) for name in PARTS}


def amounts_of(out: Waterfall, *names: str) -> list[float]:
    return [float(getattr(out, name)) for name in names]


def test_a_failure_by_hand() -> None:
    # Reserve 100. Insurer: above max(100, 20) up to 0.9 x 200 = 180. Missing 320 > 50: it fails.
    # 400 are left: half is segregated, 200 in the estate with 50 of net assets, of which half
    # reaches customers: 125. Shortfall 125 + 270 = 395.
    out = waterfall(LOSS, TODAY)
    assert parts(out) == {
        "kept": 0,
        "segregated": 200,
        "reserve": 100,
        "insurance": 180,
        "matched": 0,
        "own": 0,
        "owners": 0,
        "estate": 125,
        "shortfall": 395,
    }
    assert out.failure == 1
    # (200 x 103 + 100 x 3 + 180 x 45 + 125 x 3,780) / 605 = 501,500 / 605 = 829.
    assert out.days == pytest.approx(501_500 / 605)
    assert out.paid_within_year == pytest.approx(0.48)


def test_the_reforms_by_hand() -> None:
    # All 400 are returned; the estate has net assets alone; shortfall 320 - 25 = 295.
    out = waterfall(LOSS, REFORMED)
    assert amounts_of(out, "segregated", "estate", "shortfall") == [400, 25, 295]
    assert out.days == pytest.approx((400 * 103 + 300 + 8_100 + 25 * 3_780) / 705)
    assert out.paid_within_year == pytest.approx(0.68)


def test_an_insurer_that_may_refuse() -> None:
    # It refuses half the time: then 500 are missing, shortfall 125 + 450 = 575; mean of 395, 575.
    out = waterfall(replace(LOSS, response=0.5), TODAY)
    assert amounts_of(out, "insurance", "shortfall") == [90, 485]


def test_an_operator_that_can_pay_lives() -> None:
    out = waterfall(replace(LOSS, own=400), TODAY)
    assert amounts_of(out, "kept", "own", "shortfall", "failure") == [400, 320, 0, 0]
    # Without the insurer's 180 it is short of 500 and fails: half of 400 and of the 200 that are
    # not segregated is reached. Shortfall 300 + 100.
    refused = waterfall(replace(LOSS, own=400, response=0), TODAY)
    assert amounts_of(refused, "kept", "own", "estate", "shortfall") == [0, 0, 300, 400]


def test_owners_who_may_step_in() -> None:
    # They pay 320 - 50 = 270 six times in ten; the shortfall is 0.4 x 395 = 158.
    out = waterfall(replace(LOSS, owners=0.6), TODAY)
    assert out.owners == pytest.approx(162)
    assert out.own == pytest.approx(30)
    assert out.kept == pytest.approx(240)
    assert out.shortfall == pytest.approx(158)
    assert out.failure == pytest.approx(0.4)


def test_stopped_without_a_loss_as_ftx_japan() -> None:
    out = waterfall(Failure(1_000, 0.0, stopped=1), replace(TODAY, segregated_share=1.0))
    assert amounts_of(out, "segregated", "shortfall", "days") == [1_000, 0, 103]


def test_retention_stays_with_customers_where_the_reserve_is_smaller() -> None:
    # Reserve 5, retention 20: the insurer pays 20 to 200 of the loss; 15 stay open, and 400 more.
    out = waterfall(replace(LOSS, reserve=5, own=0), REFORMED)
    assert amounts_of(out, "reserve", "insurance", "shortfall") == [5, 180, 415]


amounts, shares = st.floats(0, 1e6), st.floats(0, 1)


@settings(max_examples=200)
@given(
    custody=amounts,
    lost=shares,
    reserve=amounts,
    limit=amounts,
    deductible=shares,
    response=shares,
    own=st.floats(-1e6, 1e6),
    owners=shares,
    stopped=st.sampled_from([0.0, 1.0]),
    segregated=shares,
    recovery=shares,
)
def test_parts_sum_to_the_claim_and_are_never_negative(
    custody: float,
    lost: float,
    reserve: float,
    limit: float,
    deductible: float,
    response: float,
    own: float,
    owners: float,
    stopped: float,
    segregated: float,
    recovery: float,
) -> None:
    case = Failure(custody, lost, reserve, limit, deductible, response, own, owners, stopped)
    rules = replace(TODAY, segregated_share=segregated, estate_recovery=recovery)
    out = waterfall(case, rules)
    rounding = 1e-9 * max(custody, 1.0)
    assert sum(parts(out).values()) == pytest.approx(custody, abs=rounding)
    assert min(parts(out).values()) >= -rounding
    # Neither more reserve nor the reforms make customers lose more.
    more = waterfall(replace(case, reserve=reserve + 1_000), rules)
    better = waterfall(case, replace(rules, segregated_share=1.0))
    assert more.shortfall <= out.shortfall + rounding
    assert better.shortfall <= out.shortfall + rounding


def test_arrays_broadcast_and_each_cell_is_its_own_case() -> None:
    lost, reserve = np.array([[0.0], [0.3], [1.0]]), np.array([0.0, 50.0, 100.0, 2_000.0])
    out = waterfall(replace(LOSS, lost_share=lost, reserve=reserve), TODAY)
    assert out.shortfall.shape == (3, 4)
    for n in range(3):
        for m in range(4):
            single = replace(LOSS, lost_share=float(lost[n, 0]), reserve=float(reserve[m]))
            assert out.shortfall[n, m] == waterfall(single, TODAY).shortfall


def test_exchanges_of_a_panel() -> None:
    panel = make_panel()
    zero = np.zeros((3, 4))
    mix = Mix(zero + 500.0, zero, zero, zero + 1_000.0, zero)
    case = Failure.of(panel, mix, 0.05, BASE)
    out = waterfall(case, TODAY)
    assert out.claim.shape == (3, 4)
    # The large one loses 50,000 and owns 60,000 less the reserve: it pays what is missing.
    assert out.failure[0, 0] == 0
    assert out.shortfall[0, 0] == 0
    # The reserve is not counted twice: own means are net assets less cash.
    np.testing.assert_allclose(np.asarray(case.own)[0], [59_500, 7_500, 400, -600])


def row(table: pd.DataFrame, **chosen: Any) -> dict[str, Any]:
    """The one row of a table with these values."""
    here = np.logical_and.reduce([table[name] == value for name, value in chosen.items()])
    (found,) = table[here].to_dict("records")
    return {str(name): value for name, value in found.items()}


def test_named_cases() -> None:
    table = waterfall_table(BASE)
    ftx = row(table, incident="ftx_japan_2022_11", rescue=AS_IT_WENT, reformed=False)
    # USD 94.5 mn x 136.292 = 12,880; all returned after 103 days, as it was.
    assert ftx["segregated_jpy_mn"] == pytest.approx(94.5 * 136.292)
    assert (ftx["paid_share"], ftx["days"]) == (ftx["observed_paid_share"], ftx["observed_days"])
    dmm = row(table, incident="dmm_bitcoin_2024_05", rescue=AS_IT_WENT, reformed=False)
    assert (dmm["owners_jpy_mn"], dmm["shortfall_jpy_mn"]) == (48_200, 0)
    # Alone: 48,000 left, half segregated, a quarter out of the estate: 36,000 of 96,200 paid.
    alone = row(table, incident="dmm_bitcoin_2024_05", rescue=ALONE, reformed=False)
    assert alone["paid_share"] == pytest.approx(36_000 / 96_200)
    assert np.isnan(alone["observed_days"])
    # Tech Bureau: net assets of 355 against 4,587; the acquirer paid the rest.
    zaif = row(table, incident="zaif_2018_09", rescue=AS_IT_WENT, reformed=False)
    assert (zaif["own_jpy_mn"], zaif["owners_jpy_mn"]) == (355, 4_232)
    # Mt. Gox: 200,000 of 850,000 coins found; half of them reach customers: 11.8 %.
    gox = row(table, incident="mt_gox_2014_02", rescue=AS_IT_WENT, reformed=False)
    assert gox["paid_share"] == pytest.approx(0.5 * 200 / 850)
    assert gox["days"] == pytest.approx(3_780)
    sums = table[[f"{name}_jpy_mn" for name in PARTS]].sum(axis=1)
    np.testing.assert_allclose(sums, table["claim_jpy_mn"])


def test_a_formula_s_reserve_enters_the_cases() -> None:
    (korea,) = candidates(BASE.with_(formula="custody_share_korea"))
    table = waterfall_table(BASE, korea)
    dmm = {"incident": "dmm_bitcoin_2024_05", "rescue": ALONE, "reformed": False}
    held = row(table, reserve_by="custody_share_korea", **dmm)
    bare = row(table, reserve_by="none", **dmm)
    # KRW 3 bn at 0.113596, the rate of May 2024.
    assert held["reserve_jpy_mn"] == pytest.approx(340.788)
    assert bare["shortfall_jpy_mn"] - held["shortfall_jpy_mn"] == pytest.approx(340.788)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("segregated_share", 0.9),
        ("segregated_share_reformed", 0.9),
        ("estate_recovery", 0.2),
        ("days_to_payment", 90.0),
        ("days_to_payment_from_reserve", 9.0),
        ("days_to_return", 60.0),
        ("days_to_return_reformed", 30.0),
        ("days_in_estate", 900.0),
    ],
)
def test_every_parameter_moves_the_table(name: str, value: float) -> None:
    (korea,) = candidates(BASE.with_(formula="custody_share_korea"))
    assert not waterfall_table(scenario({name: value}), korea).equals(waterfall_table(BASE, korea))


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"lost_share": 1.2}, r"lost_share = 1.2; allowed: 0 to 1"),
        ({"lost_share": np.array([0.1, 1.5])}, r"lost_share = 1.5 at \(1,\)"),
        ({"custody": -1.0}, r"custody = -1; allowed: 0 and more, JPY mn"),
        ({"response": np.nan}, r"response = nan"),
        ({"own": np.inf}, r"own = inf; allowed: a finite amount"),
    ],
)
def test_bad_input(changed: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        replace(LOSS, **changed)


def test_a_pooled_fund_has_no_amount_at_one_operator() -> None:
    pooled = [one for one in candidates(BASE) if one.pooled]
    assert pooled
    with pytest.raises(InputError, match=r"pooled_fund.*pools the whole industry"):
        waterfall_table(BASE, pooled[0])

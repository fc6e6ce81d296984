"""Replay of past losses: cases worked by hand, bounds, what is not computable."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from records import BITPOINT, COINCHECK, DMM, MT_GOX, QUOINE, ZAIF, table

from analysis.errors import InputError
from analysis.impact.replay import COMPUTED, NO_LOSS, POOLED, replay
from analysis.impact.replay_record import record
from analysis.rules import candidates, custom
from analysis.rules.formula import Formula
from analysis.scenario import Scenario, scenario

BASE = Scenario()
WON = 0.113596
"""Yen per won at the end of May 2024, the month of DMM Bitcoin's loss."""


LOST = ("customer_loss", 1, 1, 1)


def rule(id: str, base: Scenario = BASE) -> Formula:
    return candidates(base.with_(formula=id))[0]


def one(id: str, incident: str, base: Scenario = BASE) -> dict[str, Any]:
    (row,) = replay([rule(id, base)], base, [incident]).to_dict("records")
    return {str(name): value for name, value in row.items()}


# By hand


def test_dmm_bitcoin_under_korea_s_rule_is_the_floor() -> None:
    # 5 % of the middle of 0 to 5 % hot of 96,200 is 120, below the floor of KRW 3 bn = 340.8:
    # 340.8 / 48,200 = 0.71 % of the loss. At 5 % hot it would be 240.5, still below.
    row = one("custody_share_korea", DMM)
    assert row["held_jpy_mn"] == pytest.approx(3_000 * WON)
    assert row["paid_share"] == pytest.approx(0.00707, abs=5e-6)
    assert row["basis"] == COMPUTED


def test_dmm_bitcoin_under_hong_kong_s_rule() -> None:
    # 100 % of hot, 50 % of cold: 2,405 + 0.5 x 93,795 = 49,302.5, above the loss. Least: custody
    # of 48,200, nothing hot: 24,100, half the loss. Most: 4,810 + 0.5 x 91,390 = 50,505.
    row = one("custody_share_hong_kong", DMM)
    assert row["held_jpy_mn"] == pytest.approx(49_302.5)
    assert row["held_low_jpy_mn"] == pytest.approx(24_100)
    assert row["held_high_jpy_mn"] == pytest.approx(50_505)
    assert (row["paid_share"], row["low"], row["high"]) == (1.0, 0.5, 1.0)
    assert row["basis"] == "bounded: hot share, customer crypto within bounds"


def test_dmm_bitcoin_under_the_fee_fund() -> None:
    # Six year ends since 2017-12-01: 6 x 10 % x 5,405 = 3,243, above the target 1 % x 96,200 = 962.
    assert one("fee_fund_safu", DMM)["held_jpy_mn"] == pytest.approx(962)


def test_dmm_bitcoin_even_with_the_whole_industry_s_volume() -> None:
    # 0.8 bp x 28.5 tn = 2,280, 4.7 % of the loss: the ceiling after four years, and at most that.
    row = one("fiea_turnover", DMM)
    assert row["held_high_jpy_mn"] == pytest.approx(2_280)
    assert row["high"] == pytest.approx(2_280 / 48_200)
    assert np.isnan(row["paid_share"])
    assert row["basis"] == "bounded: spot volume within bounds"


def test_coincheck() -> None:
    # MiCA: a quarter of expenses of 8,900 = 2,225; 2,225 / 58,000 = 3.8 %.
    assert one("own_funds_mica_class3", COINCHECK)["held_jpy_mn"] == pytest.approx(2_225)
    # Half a year of volume, 9.1 tn, is above the upper anchor of 2 tn already: 40,000, 69 %.
    scaled = one("volume_tiers_press_range_scaled", COINCHECK)
    assert (scaled["held_jpy_mn"], scaled["basis"]) == (40_000, COMPUTED)
    assert scaled["paid_share"] == pytest.approx(40_000 / 58_000)
    # At securities firms' volumes the year may lie anywhere from 9.1 tn on: 2,000 to 40,000.
    plain = one("volume_tiers_press_range", COINCHECK)
    assert np.isnan(plain["held_jpy_mn"])
    assert (plain["held_low_jpy_mn"], plain["held_high_jpy_mn"]) == (2_000, 40_000)
    # All stolen coins were hot: 5 % of 58,000 = 2,900, whatever custody was, up to 1.16 tn of it.
    assert one("custody_share_korea", COINCHECK)["low"] == pytest.approx(0.05)
    # A deemed operator since 2017-04-01: no year had ended.
    assert one("fiea_turnover", COINCHECK)["held_jpy_mn"] == 0


def test_zaif_bitpoint_and_mt_gox() -> None:
    # Tech Bureau: registered for 0.96 years, so nothing accrued; the press range's least amount.
    assert one("fiea_turnover", ZAIF)["paid_share"] == 0
    assert one("volume_tiers_press_range", ZAIF)["paid_share"] == pytest.approx(2_000 / 4_587)
    # BITPoint: one year end; 0.2 bp x 12 x 1,263,264 = 303.2 at the very most, 14.7 % of 2,060.
    assert one("fiea_turnover", BITPOINT)["high"] == pytest.approx(303.18336 / 2_060)
    # Mt. Gox: 100 % of what was hot; at 0.88 hot (middle of 0.76 and 1) 0.88 + 0.5 x 0.12 = 94 %.
    assert one("custody_share_hong_kong", MT_GOX)["paid_share"] == pytest.approx(0.94)


def test_foreign_money_is_at_the_rate_of_the_month_of_the_loss() -> None:
    # Volume is above the upper anchor: USD 300 mn x 108.854, January 2018, is 32,656: 56 % of
    # 58,000. At 157.425, July 2026, it would be 47,228, 81 %.
    claim = one("volume_tiers_press_claim_usd", COINCHECK)
    assert claim["held_jpy_mn"] == pytest.approx(300 * 108.854)
    assert claim["paid_share"] == pytest.approx(0.563, abs=5e-4)
    # Half of it, 16,328, is below a floor of 20,000, which is in yen already.
    levers = scenario({"rate_multiplier": 0.5, "floor_jpy_mn": 20_000.0})
    assert one("volume_tiers_press_claim_usd", COINCHECK, levers)["held_jpy_mn"] == 20_000
    half = scenario({"rate_multiplier": 0.5})
    held = one("volume_tiers_press_claim_usd", COINCHECK, half)["held_jpy_mn"]
    assert held == pytest.approx(150 * 108.854)


def test_the_base_month_does_not_move_the_past() -> None:
    # Loss rules apart, whose model may be in dollars, no amount of the past depends on it.
    ids = [one.id for one in candidates(BASE) if not one.id.startswith(("loss", "pooled", "size"))]
    then = BASE.with_(formula=",".join(ids))
    now, before = (replay(None, then.with_(base_month=m)) for m in ("2026-07", "2018-01"))
    numbers = [name for name in map(str, now) if name.startswith("held") or name in ("low", "high")]
    np.testing.assert_allclose(now[numbers], before[numbers], rtol=1e-9)


def test_a_month_without_a_rate_is_refused() -> None:
    known = record(table(("mt_gox_2011_06", "loss", 1, 1, 1), ("mt_gox_2011_06", *LOST)))
    with pytest.raises(
        InputError,
        match=r"no rate of KRW/JPY at the month of mt_gox_2011_06, 2011-06 in .*; months with one: "
        "2014-02 to 2026-08",
    ):
        replay([rule("custody_share_korea")], BASE, known=known)
    # A rule in yen needs none.
    assert len(replay([rule("fiea_turnover")], BASE, known=known)) == 1


def test_liquid_s_customers_lost_nothing() -> None:
    row = one("custody_share_korea", QUOINE)
    assert (row["loss_jpy_mn"], row["basis"]) == (0, NO_LOSS)
    assert np.isnan(row["paid_share"])


def test_a_balance_accrues_from_registration_at_constant_volume() -> None:
    # 0.2 bp of 10 tn is 200 a year: two year ends after 2.9 years, ceiling 800 after four and more.
    rows = [
        (id, measure, value, None, None)
        for id, years in ((ZAIF, 0.9), (BITPOINT, 2.9), (DMM, 6.5))
        for measure, value in (
            ("loss", 1_000),
            ("customer_loss", 1_000),
            ("spot_volume", 1e7),
            ("years_registered", years),
        )
    ]
    out = replay([rule("fiea_turnover")], BASE, known=record(table(*rows)))
    np.testing.assert_allclose(out["held_jpy_mn"], [0, 400, 800])
    assert (out["basis"] == COMPUTED).all()


def test_insurance_counts_as_far_as_it_answers() -> None:
    # 40,000 asked of Coincheck: 20,000 cash at once; 20,000 insured answer with 0.5 x 0.98:
    # (20,000 + 9,800) / 58,000 = 51.4 %, against 69 % in cash.
    answers = scenario({"insurance_response": 0.5, "insurer_default_haircut": 0.02})
    row = one("volume_tiers_press_range_scaled", COINCHECK, answers)
    assert row["paid_share_insured"] == pytest.approx(29_800 / 58_000)
    none = one("volume_tiers_press_range_scaled", COINCHECK, scenario({"insurable_share": 0.0}))
    assert none["paid_share_insured"] == none["paid_share"]


# Bounds and what is not known


def test_every_candidate_and_every_loss() -> None:
    out = replay(None, BASE)
    formulas, incidents = out["formula"].unique(), out["incident"].unique()
    assert len(out) == len(formulas) * len(incidents)
    assert {MT_GOX, COINCHECK, ZAIF, BITPOINT, QUOINE, DMM} <= set(incidents)
    assert "ftx_japan_2022_11" not in incidents
    known = out.dropna(subset=["paid_share"])
    assert len(known) > 150
    assert (known["low"] <= known["paid_share"] + 1e-12).all()
    assert (known["paid_share"] <= known["high"] + 1e-12).all()
    assert out["paid_share"].dropna().between(0, 1).all()
    exact = out[out["basis"] == COMPUTED]
    np.testing.assert_allclose(exact["held_low_jpy_mn"], exact["held_jpy_mn"], rtol=1e-9)
    np.testing.assert_allclose(exact["held_high_jpy_mn"], exact["held_jpy_mn"], rtol=1e-9)
    lost = out["basis"].str.startswith("not computable")
    assert out.loc[lost, ["paid_share", "held_jpy_mn"]].isna().all(axis=None)
    assert (out.loc[out["formula"] == "pooled_fund", "basis"] == POOLED).all()


def test_nothing_known_is_blank_and_a_floor_is_a_lower_bound() -> None:
    row = one("operational_risk_basel", ZAIF)
    assert row["basis"] == "not computable: operating revenue missing"
    assert np.isnan([row["paid_share"], row["held_jpy_mn"], row["held_high_jpy_mn"]]).all()
    floored = one("own_funds_mica_class2", ZAIF)
    # EUR 125,000 at 131.23, September 2018, is 16.4: at least that, no more is known.
    assert floored["held_low_jpy_mn"] == pytest.approx(0.125 * 131.23)
    assert floored["basis"] == "bounded: operating expenses within bounds"
    assert np.isnan(floored["paid_share"])


def test_a_gap_that_the_formula_does_not_see_does_not_matter() -> None:
    mine = custom("yearly", "two times revenue", lambda e: 2 * e.operating_revenue, source="test")
    row = replay([mine], BASE, [DMM]).iloc[0]
    assert (row["held_jpy_mn"], row["basis"]) == (2 * 5_405, COMPUTED)


def test_readings_and_sweep_reach_the_replay() -> None:
    narrow = scenario({"hot_share_high": 0.01})
    # DMM's own page says at least 95 % cold, so the sweep of the scenario does not apply to it;
    # at Bybit nothing is known: 50 % of cold and 100 % of hot move with the middle of the sweep.
    assert one("custody_share_hong_kong", DMM, narrow)["held_jpy_mn"] == pytest.approx(49_302.5)
    bybit = [one("custody_share_hong_kong", "bybit_2025_02", s) for s in (BASE, narrow)]
    custody = 16_900 * 150.463
    np.testing.assert_allclose(
        [row["held_jpy_mn"] for row in bybit], [0.5125 * custody, 0.5025 * custody]
    )
    net = scenario({"custody_reading": "net_of_matched"})
    assert one("custody_share_hong_kong", DMM, net)["held_jpy_mn"] == pytest.approx(46_897.5)
    both = scenario({"trading_value_reading": "spot_and_margin"})
    assert one("fiea_turnover", DMM, both)["held_high_jpy_mn"] == pytest.approx(0.8e-4 * 125.9e6)


def test_a_higher_rate_never_pays_less() -> None:
    plain, twice = (replay(None, scenario({"rate_multiplier": m})) for m in (1.0, 2.0))
    for name in ("low", "high"):
        assert (twice[name].fillna(0) >= plain[name].fillna(0) - 1e-12).all()


def test_unknown_names_are_refused() -> None:
    with pytest.raises(InputError, match="did you mean 'dmm_bitcoin_2024_05'"):
        replay([rule("fiea_turnover")], BASE, ["dmm_bitcoin_2024"])
    with pytest.raises(InputError, match="formulas is empty"):
        replay([], BASE)
    with pytest.raises(InputError, match="unknown formula 'custody_share_corea'"):
        replay(None, scenario({"formula": "custody_share_corea"}))

"""Every shipped rule, worked by hand from its text.

The exchange (JPY mn): hot custody 40,000, cold 960,000, customers' yen 80,000, trading value
8,000,000 this year, 9,000,000 and 5,000,000 in the two before, revenue 40,000, expenses 20,000, one
incident of 3,000. Yen per unit at the end of July 2026: KRW 0.109099, TRY 3.31333, EUR 181.613,
GBP 212.248, USD 157.425.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from exposures import amount, formula, one

from analysis.rules import candidates
from analysis.scenario import Scenario


def test_fiea_turnover_ceiling_and_path() -> None:
    # Art. 175(1)(ii) i: 0.8 / 10,000 x max(8,000,000, 9,000,000, 5,000,000) = 720.
    assert amount("fiea_turnover", one()) == pytest.approx(720)
    # Art. 175(1)(i) i: 0.2 / 10,000 x 8,000,000 = 160 a year. Ceilings: 720 (best 9,000,000) in
    # years 1 and 2, then 0.8 / 10,000 x 8,000,000 = 640, reached in year 4 and kept.
    path = formula("fiea_turnover").path(one(), 5, 3)
    assert path.shape == (5, 1, 1)
    assert path.ravel() == pytest.approx([160, 320, 480, 640, 640])


def test_fiea_turnover_releases_only_the_excess_over_the_ceiling() -> None:
    # Opening 800: year 1 and 2 ceiling 720, so 80 is released; year 3 ceiling 640, 80 more.
    path = formula("fiea_turnover", rule_parameters={"fiea_turnover.opening_balance": 800.0})
    assert path.path(one(), 4, 0).ravel() == pytest.approx([720, 720, 640, 640])


def test_press_range_at_securities_firms_volumes() -> None:
    # 8,000,000 is below the low anchor 2,000 / 0.8 bp = 25,000,000.
    assert amount("volume_tiers_press_range", one()) == pytest.approx(2_000)
    # Middle of the logs: sqrt(25e6 x 500e6) = 111,803,399 -> sqrt(2,000 x 40,000) = 8,944.27.
    middle = one(trading_value=(111_803_398.875, 0, 0))
    assert amount("volume_tiers_press_range", middle) == pytest.approx(8_944.27, abs=0.01)
    assert amount("volume_tiers_press_range", one(trading_value=(6e8, 0, 0))) == pytest.approx(
        40_000
    )


def test_press_range_scaled_to_exchanges() -> None:
    # Anchors 1,000 and 2,000,000; the middle is sqrt(1,000 x 2,000,000) = 44,721.36.
    id = "volume_tiers_press_range_scaled"
    assert amount(id, one()) == pytest.approx(40_000)
    assert amount(id, one(trading_value=(44_721.3595, 0, 0))) == pytest.approx(8_944.27, abs=0.01)
    assert amount(id, one(trading_value=(0, 0, 0))) == pytest.approx(2_000)


def test_steps_in_place_of_the_ramp() -> None:
    # Three tiers over 1,000 to 2,000,000: edges at 1,000 x 2,000^(1/3) = 12,599 and 158,740;
    # amounts 2,000, sqrt(2,000 x 40,000) = 8,944.27 and 40,000.
    id, tiers = "volume_tiers_press_range_scaled", {"volume_tiers_press_range_scaled.tiers": 3.0}
    volumes = (12_590, 12_610, 158_700, 158_800, 5_000_000)
    steps = [
        amount(id, one(trading_value=(volume, 0, 0)), rule_parameters=tiers) for volume in volumes
    ]
    assert steps == pytest.approx([2_000, 8_944.27, 8_944.27, 40_000, 40_000], abs=0.01)


def test_claim_in_dollars() -> None:
    # USD 30 mn x 157.425 = 4,722.75; USD 300 mn = 47,227.5; between: sqrt of the product 14,934.6.
    id = "volume_tiers_press_claim_usd"
    assert amount(id, one(trading_value=(500, 0, 0))) == pytest.approx(4_722.75)
    assert amount(id, one()) == pytest.approx(47_227.5)
    assert amount(id, one(trading_value=(44_721.3595, 0, 0))) == pytest.approx(14_934.6, abs=0.1)


def test_korea() -> None:
    # 5 % x 40,000 = 2,000. With 1,000 hot: 50, below the floor KRW 3 bn x 0.109099 = 327.297.
    assert amount("custody_share_korea", one()) == pytest.approx(2_000)
    assert amount("custody_share_korea", one(custody_hot=1_000)) == pytest.approx(327.297)


def test_hong_kong() -> None:
    # 100 % x 40,000 + 50 % x 960,000 = 520,000.
    assert amount("custody_share_hong_kong", one()) == pytest.approx(520_000)


def test_thailand_2020() -> None:
    # 5 % x 40,000 + 1 % x 960,000 = 2,000 + 9,600.
    assert amount("custody_share_thailand_2020", one()) == pytest.approx(11_600)


def test_turkey_custodian() -> None:
    # TRY 500 mn = 1,656.665; TRY 1 bn = 3,313.33; 1.5 % x (1,000,000 - 3,313.33) = 14,950.30.
    assert amount("custody_share_turkey", one()) == pytest.approx(16_606.965)
    small = one(custody_hot=100, custody_cold=3_000)  # below TRY 1 bn: nothing on top
    assert amount("custody_share_turkey", small) == pytest.approx(1_656.665)


def test_turkey_platform() -> None:
    # 3 % x 40,000 = 1,200; the least is TRY 150 mn = 496.9995.
    assert amount("custody_share_turkey_platform", one()) == pytest.approx(1_200)
    assert amount("custody_share_turkey_platform", one(custody_hot=100)) == pytest.approx(496.9995)


@pytest.mark.parametrize(("preset", "least"), [("2", 22.701625), ("3", 27.24195)])
def test_mica(preset: str, least: float) -> None:
    # 20,000 / 4 = 5,000. With expenses of 80: 20, below EUR 125,000 (150,000) x 181.613.
    assert amount(f"own_funds_mica_class{preset}", one()) == pytest.approx(5_000)
    small = one(operating_expenses=80)
    assert amount(f"own_funds_mica_class{preset}", small) == pytest.approx(least)


def test_eu_investment_firms() -> None:
    # K-ASA 0.04 % x 1,000,000 = 400; K-CMH 0.4 % x 80,000 = 320; K-COH 0.1 % x 8,000,000 / 365 =
    # 21.918: 741.918 together, below 20,000 / 4 = 5,000, above 1,000 / 4 = 250.
    assert amount("k_factors_eu_ifr", one()) == pytest.approx(5_000)
    assert amount("k_factors_eu_ifr", one(operating_expenses=1_000)) == pytest.approx(
        741.918, abs=1e-3
    )
    nothing = one(
        custody_hot=0,
        custody_cold=0,
        customer_fiat=0,
        operating_expenses=0,
        trading_value=(0, 0, 0),
    )
    assert amount("k_factors_eu_ifr", nothing) == pytest.approx(27.24195)  # EUR 150,000


def test_uk() -> None:
    # 0.04 % x 1,000,000 = 400 against 20,000 / 4 = 5,000; the least is GBP 150,000 = 31.8372.
    assert amount("k_factors_uk", one()) == pytest.approx(5_000)
    assert amount("k_factors_uk", one(operating_expenses=1_000)) == pytest.approx(400)
    small = one(custody_hot=0, custody_cold=70_000, operating_expenses=100)
    assert amount("k_factors_uk", small) == pytest.approx(31.8372)


def test_basel_with_own_losses() -> None:
    # BIC = 12 % x 40,000 = 4,800; LC = 15 x 3,000 / 10 = 4,500; (LC / BIC)^0.8 = 0.9375^0.8 =
    # 0.94968; ILM = ln(1.71828 + 0.94968) = 0.98132; 4,800 x 0.98132 = 4,710.3.
    assert amount("operational_risk_basel", one()) == pytest.approx(4_710.3, abs=0.2)
    # No loss: ILM = ln(e - 1) = 0.541325; 4,800 x 0.541325 = 2,598.36.
    assert amount("operational_risk_basel", one(incident_loss=0)) == pytest.approx(
        2_598.36, abs=0.01
    )
    # LC = BIC, that is a loss of 4,800 x 10 / 15 = 3,200: ILM = 1 (OPE25.8).
    assert amount("operational_risk_basel", one(incident_loss=3_200)) == pytest.approx(4_800)


def test_basel_limit_without_revenue() -> None:
    # BIC x ln(e - 1 + (LC / BIC)^0.8) tends to 0 with BIC, whatever was lost.
    for revenue in (0.0, -500.0):
        assert amount("operational_risk_basel", one(operating_revenue=revenue)) == 0
    tiny = amount("operational_risk_basel", one(operating_revenue=1e-9))
    assert 0 < tiny < 1e-7


def test_basel_without_losses_and_the_footnote_example() -> None:
    assert amount("operational_risk_basel_ilm1", one()) == pytest.approx(4_800)
    # OPE25.7, footnote 2: a BI of EUR 35 bn gives 0.12 + 29 x 0.15 + 5 x 0.18 = EUR 5.37 bn. Own
    # losses count there; LC = BIC makes the multiplier 1: losses of 5.37 x 10 / 15 = EUR 3.58 bn.
    footnote = one(operating_revenue=35_000 * 181.613, incident_loss=3_580 * 181.613)
    for preset in ("basel", "basel_ilm1"):
        assert amount(f"operational_risk_{preset}", footnote) == pytest.approx(5_370 * 181.613)


def test_size_custody_record() -> None:
    # 0.8 bp x 8,000,000 + 1 % x 1,000,000 = 640 + 10,000; one incident: x (0.8 + 0.4) = 12,768.
    id = "size_custody_record"
    assert amount(id, one()) == pytest.approx(12_768)
    assert amount(id, one(incident_count=0)) == pytest.approx(8_512)  # x 0.8
    assert amount(id, one(incident_count=9)) == pytest.approx(21_280)  # x 2, the largest
    assert amount(id, one(custody_cold=5e6, incident_count=9)) == pytest.approx(40_000)  # cap
    tiny = one(custody_hot=0, custody_cold=100, trading_value=(1_000, 0, 0))
    assert amount(id, tiny) == pytest.approx(300)  # floor


def test_fee_fund() -> None:
    # Target 1 % x 1,000,000 = 10,000; 10 % x 40,000 = 4,000 a year: 4,000, 8,000, full.
    fund = formula("fee_fund_safu")
    assert amount("fee_fund_safu", one()) == pytest.approx(10_000)
    assert fund.path(one(), 4, 3).ravel() == pytest.approx([4_000, 8_000, 10_000, 10_000])
    assert np.all(fund.path(one(operating_revenue=-5), 4, 3) == 0)


def test_every_candidate_has_a_case_here() -> None:
    ids = {formula.id for formula in candidates(Scenario())}
    here = Path(__file__)
    cases = (
        here,
        *(here.with_name(name) for name in ("test_loss_rules.py", "test_pooled_fund.py")),
    )
    source = "".join(path.read_text(encoding="utf-8") for path in cases)
    missing = [id for id in ids if f'"{id}"' not in source and not _by_pattern(id)]
    assert missing == []


def _by_pattern(id: str) -> bool:
    return id in {"own_funds_mica_class2", "own_funds_mica_class3", "operational_risk_basel_ilm1"}

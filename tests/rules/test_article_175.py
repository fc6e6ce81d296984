"""Art. 175 over a history, and what the published balances of a securities firm imply."""

from __future__ import annotations

import numpy as np
import pytest

from analysis.data import read
from analysis.errors import InputError
from analysis.rules import securities_reserve
from analysis.scenario import Scenario

LAW = securities_reserve(Scenario())


def _stocks(*trading: float) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    volumes = np.zeros((len(trading), 8))
    volumes[:, 0] = trading
    return volumes


def test_flat_trading_fills_the_reserve_in_four_years() -> None:
    # 0.2 bp x 100,000,000 = 2,000 a year up to 0.8 bp = 8,000.
    history = LAW.accrue(_stocks(*[1e8] * 5), 0.0)
    assert history.balances == pytest.approx([2_000, 4_000, 6_000, 8_000, 8_000])
    assert history.provisions == pytest.approx([2_000, 2_000, 2_000, 2_000, 0])
    assert not history.releases.any()


def test_eight_items_add_up() -> None:
    # 1,000,000 in each item: (0.2 + 0.006 + 0.3 + 0.0016 + 0.3 + 0.0096 + 0.0012 + 0.0024) bp =
    # 0.8208 bp -> 82.08 accrued in year 1, ceiling 4 x 82.08 = 328.32.
    history = LAW.accrue(np.full((6, 8), 1e6), 0.0)
    assert history.provisions[0] == pytest.approx(82.08)
    assert history.balances[-1] == pytest.approx(328.32)


def test_a_peak_holds_the_ceiling_for_three_years_and_only_the_excess_goes() -> None:
    # Peak 100,000,000 in year 1: ceiling 8,000 in years 1 to 3, then 0.8 bp x 50,000,000 = 4,000.
    volumes = _stocks(1e8, 5e7, 5e7, 5e7)
    released = LAW.accrue(volumes, 8_000.0)
    assert released.balances == pytest.approx([8_000, 8_000, 8_000, 4_000])
    assert released.releases == pytest.approx([0, 0, 0, 4_000])
    kept = LAW.accrue(volumes, 8_000.0, release=False)
    assert kept.balances == pytest.approx([8_000] * 4)
    assert kept.provisions == pytest.approx([0] * 4, abs=1e-9)


def test_several_firms_at_once() -> None:
    volumes = np.zeros((3, 8, 2))
    volumes[:, 0] = [[1e8, 2e8]] * 3
    history = LAW.accrue(volumes, np.array([0.0, 1_000.0]))
    assert history.balances[:, 0] == pytest.approx([2_000, 4_000, 6_000])
    assert history.balances[:, 1] == pytest.approx([5_000, 9_000, 13_000])


def test_another_number_of_items_is_told() -> None:
    with pytest.raises(InputError, match=r"shape \(3, 7\).*eight items stocks"):
        LAW.accrue(np.zeros((3, 7)), 0.0)


def test_sbi_securities_2016_to_2024() -> None:
    """March 2017 to 2023 can only be ceiling years, March 2024 only an accrual year."""
    table = read("market/securities_reserves")
    firm = (table["firm"] == "SBI Securities") & (table["basis"] == "consolidated")
    rows = table[firm].sort_values("fiscal_year_end")
    balances = rows[rows["fiscal_year_end"] >= "2016-01-01"]["reserve_jpy_mn"].to_numpy()
    assert list(balances) == [10165, 8077, 8292, 8347, 8464, 10856, 12579, 13415, 18569]
    implied = LAW.implied_trading_value(balances)
    assert list(implied["ceiling_case"]) == [False, *[True] * 7, False]
    assert list(implied["accrual_case"]) == [*[False] * 8, True]
    # March 2024: 5,154 / 0.2 bp = 257.7 trillion, above 18,569 / 0.8 bp = 232.1 trillion.
    assert implied["accrual_jpy_mn"].iloc[-1] == pytest.approx(257_700_000)
    # March 2021: 10,856 / 0.8 bp = 135.7 trillion; the balance rose, so it is the year itself.
    assert implied["ceiling_low_jpy_mn"].iloc[5] == pytest.approx(135_700_000)
    assert implied["ceiling_high_jpy_mn"].iloc[5] == pytest.approx(135_700_000)
    # Run forward, the implied trading values give the balances back.
    before = 8_077 / 0.8e-4
    forward = LAW.accrue(
        _stocks(before, before, *implied["ceiling_high_jpy_mn"].iloc[2:8], 257_700_000), 10_165.0
    )
    assert forward.balances == pytest.approx([8_077, *balances[1:]])


def test_what_a_balance_implies_by_hand() -> None:
    # 0 to 2,000: more than a quarter of the new balance, so all accrual: 2,000 / 0.2 bp = 1e8; the
    # best of three must reach 2,000 / 0.8 bp = 2.5e7 and does.
    implied = LAW.implied_trading_value(np.array([0.0, 2_000.0]))
    assert not implied["ceiling_case"].iloc[1]
    assert implied["accrual_case"].iloc[1]
    assert implied["accrual_jpy_mn"].iloc[1] == pytest.approx(1e8)

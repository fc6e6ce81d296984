"""Latest statements, twelve months, and the bounds of own liquid assets."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.data import read
from analysis.market.liquid import bounds
from analysis.market.statements import latest

AMOUNT = st.floats(-1e6, 1e6)


def test_eight_months_become_twelve() -> None:
    # Gate Japan, 8 months to 2025-12-31: revenue -13, expenses 357, loss 370; times 12/8 = 1.5.
    row = latest(read("market/firm_years"), "2026-07").loc["gate_japan"]
    assert row["operating_revenue_jpy_mn"] == -19.5
    assert row["operating_expenses_jpy_mn"] == 535.5
    assert row["net_income_jpy_mn"] == -555.0
    assert row["total_assets_jpy_mn"] == 1096.0
    assert row["net_income_jpy_mn_status"] == "derived"
    assert row["total_assets_jpy_mn_status"] == "observed"
    assert "8 months to 2025-12-31" in row["net_income_jpy_mn_method"]


def test_base_month_picks_the_statement_and_group_figures_do_not_count() -> None:
    years = read("market/firm_years")
    assert latest(years, "2024-12").loc["bitflyer", "operating_revenue_jpy_mn"] == 14904
    assert latest(years, "2024-11").loc["bitflyer", "operating_revenue_jpy_mn"] == 6413
    # Coincheck's figures before 2022 are segments of its parent or outlooks.
    assert "coincheck" not in latest(years, "2021-12").index


def test_expenses_are_marked_as_derived() -> None:
    row = latest(read("market/firm_years"), "2026-07").loc["bitflyer"]
    # 13,567 - 4,257 = 9,310
    assert row["operating_expenses_jpy_mn"] == 9310
    assert row["operating_expenses_jpy_mn_status"] == "derived"
    assert row["operating_revenue_jpy_mn_status"] == "observed"


def test_bounds_of_coincheck_by_hand() -> None:
    # 2025-03-31: 881,153 - 776,234 - 51,655 - 44,479 (borrowed) = 8,785; net assets 15,154.
    low, high = bounds(
        np.array([881_153.0]),
        np.array([776_234.0]),
        np.array([51_655.0]),
        np.array([15_154.0]),
        44_479.0,
    )
    assert (low.tolist(), high.tolist()) == ([8785.0], [15154.0])


def test_printed_cash_takes_the_place_of_net_assets() -> None:
    # Coincheck as above with its cash of 8,584: from the cash to 8,785. In 2022-03 (17,200 of cash,
    # total assets not known) nothing but the cash could count. Without cash: as above.
    low, high = bounds(
        np.array([881_153.0, 15_000.0, 881_153.0]),
        np.array([776_234.0, 0.0, 776_234.0]),
        np.array([51_655.0, 0.0, 51_655.0]),
        np.array([15_154.0, 16_144.0, 15_154.0]),
        np.array([44_479.0, 0.0, 44_479.0]),
        np.array([8_584.0, 17_200.0, np.nan]),
    )
    assert low.tolist() == [8_584.0, 17_200.0, 8_785.0]
    assert high.tolist() == [8_785.0, 17_200.0, 15_154.0]


@given(total=AMOUNT, crypto=AMOUNT, fiat=AMOUNT, net=AMOUNT)
def test_bounds_are_ordered_and_not_negative(
    total: float, crypto: float, fiat: float, net: float
) -> None:
    low, high = bounds(*(np.array([x]) for x in (total, crypto, fiat, net)))
    assert 0 <= low[0] <= high[0]


def test_negative_net_assets_leave_zero_as_lower_bound() -> None:
    low, high = bounds(np.array([311.0]), np.array([100.0]), np.array([11.0]), np.array([-218.0]))
    assert (low[0], high[0]) == (0.0, pytest.approx(200.0))

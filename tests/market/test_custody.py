"""Customer crypto rolled to the base month, and customers' yen."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.data import read
from analysis.errors import InputError
from analysis.market import custody, fiat
from analysis.market.assemble import industry_crypto
from analysis.market.bridge import at
from analysis.scenario import scenario

PRICES, MIX = read("market/prices_monthly"), read("market/coin_mix")
BALANCES, YEARS = read("market/balances"), read("market/firm_years")


def test_mix_value_by_hand() -> None:
    # Month end 2026-07 over 2025-10 (JPY): BTC 9,890,869 / 16,892,156 = 0.58553,
    # XRP 166.95 / 386.70 = 0.43173, ETH 292,865 / 593,178 = 0.49372.
    # Shares 59, 15, 13 of 87: 0.67816 x 0.58553 + 0.17241 x 0.43173 + 0.14943 x 0.49372 = 0.54529.
    value = custody.mix_value(PRICES, MIX)
    assert at(value, "2025-10") == pytest.approx(1.0)
    assert at(value, "2026-07") == pytest.approx(0.54529, abs=2e-5)


def test_industry_series_keeps_its_printed_months() -> None:
    series = industry_crypto(scenario())
    assert at(series, "2025-08") == 4_755_410
    assert at(series, "2026-07") == 2_641_858


def test_coincheck_from_its_balance_sheet() -> None:
    # 2025-03-31: 881,153 - 51,655 - 44,680 - 8,584 = 776,234.
    row = custody.reported(BALANCES, YEARS, "2026-07").loc["coincheck"]
    assert row["value"] == 776_234
    assert row["as_of"] == pd.Timestamp("2025-03-31")
    assert row["status"] == "derived"


def test_coincheck_agrees_with_what_it_printed_a_quarter_before() -> None:
    # Customer assets of 1,030,500 at 2024-12-31, less customers' yen of 51,655 = 978,845, rolled by
    # the mix to 2025-03 gives 801,663: 3 % above the balance-sheet figure of 776,234.
    checks = custody.roll_checks(BALANCES, YEARS, industry_crypto(scenario()))
    row = checks[(checks["exchange"] == "coincheck") & (checks["to"] == "2025-03")].iloc[0]
    assert row["from_jpy_mn"] == 978_845
    assert row["rolled_jpy_mn"] / row["to_jpy_mn"] == pytest.approx(1.033, abs=0.005)


def test_roll_explains_every_known_pair_within_a_fifth() -> None:
    checks = custody.roll_checks(BALANCES, YEARS, industry_crypto(scenario()))
    assert len(checks) >= 5
    assert checks["log_error"].abs().max() < 0.2
    assert 0.02 < custody.tracking_error(checks) < 0.2


def test_tracking_error_by_hand() -> None:
    # 0.1 in a quarter and 0.2 in a year: sqrt((0.01 / 0.25 + 0.04 / 1) / 2) = 0.2.
    checks = pd.DataFrame({"log_error": [0.1, -0.2], "years": [0.25, 1.0]})
    assert custody.tracking_error(checks) == pytest.approx(0.2)
    assert custody.tracking_error(checks.head(0)) == 0.0


def test_later_figure_serves_only_when_there_is_no_earlier_one() -> None:
    rows = pd.DataFrame(
        {
            "exchange": ["a", "a", "b", "b"],
            "as_of": ["2024-03-31", "2025-03-31", "2025-06-30", "2026-06-30"],
            "measure": "customer_crypto",
            "value": [1.0, 2.0, 3.0, 4.0],
            "status": "observed",
            "derivation": "",
        }
    )
    found = custody.reported(rows, YEARS.head(0), "2025-05")
    assert found["value"].to_dict() == {"a": 2.0, "b": 3.0}


def test_month_without_prices_is_refused() -> None:
    series = industry_crypto(scenario())
    with pytest.raises(InputError, match=r"base_month = 2030-01.*allowed: 2017-01 to"):
        custody.roll_factor(pd.Series({"a": pd.Timestamp("2025-03-31")}), series, "2030-01")


def test_industry_ratio_of_yen_by_hand() -> None:
    # 230,505 / 2,641,858 = 0.087251
    ratio = fiat.industry_ratio(
        read("market/industry_monthly"), industry_crypto(scenario()), "2026-07"
    )
    assert ratio == pytest.approx(0.087251, abs=1e-6)


def test_known_ratios_skip_blanks() -> None:
    yen = pd.Series({"a": 12.0, "b": np.nan, "c": 5.0, "d": 1.0})
    crypto = pd.Series({"a": 100.0, "b": 50.0, "c": np.nan, "d": 0.0})
    assert fiat.known_ratios(0.08, yen, crypto) == (0.08, 0.08, 0.12)


@given(unit=st.floats(0.001, 0.999), room=st.floats(-10.0, 200.0))
def test_yen_within_the_ratios_and_the_room(unit: float, room: float) -> None:
    drawn = fiat.draw(np.array([[unit]]), (0.05, 0.08, 0.12), np.array([1000.0]), np.array([room]))
    assert 0 <= drawn[0, 0] <= max(room, 0.0)
    if room > 120:
        assert 50 <= drawn[0, 0] <= 120


def test_triangular_ratio_by_hand() -> None:
    # Triangle 0, 1, 2: the median is the mode; F(0.5) = 0.125; F(1.5) = 0.875.
    drawn = fiat.draw(
        np.array([[0.125, 0.5, 0.875]]), (0.0, 1.0, 2.0), np.full(3, 1.0), np.full(3, 9.0)
    )
    assert drawn[0].tolist() == pytest.approx([0.5, 1.0, 1.5])

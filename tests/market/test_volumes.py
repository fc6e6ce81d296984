"""Industry volume by month and its allocation to exchanges."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.data import read
from analysis.errors import InputError
from analysis.market import allocation
from analysis.market.annual_volume import industry_totals
from analysis.market.bridge import at
from analysis.market.ground import dormant
from analysis.market.volumes import (
    MARKETS,
    drivers,
    fiscal_year_checks,
    industry_volume,
    year_weights,
)
from analysis.scenario import scenario

INDUSTRY, PRICES = read("market/industry_monthly"), read("market/prices_monthly")
VOLUMES = {market: industry_volume(INDUSTRY, PRICES, market) for market in MARKETS}


def test_a_series_that_follows_the_drivers_is_found_again() -> None:
    table = drivers(PRICES)
    log_volume = 1.5 + 0.8 * table["log_price"] + 2 * table["absolute_return"]
    volume = log_volume.map(np.exp)
    months = volume.index[::7]
    rows = pd.DataFrame(
        {
            "period": months.astype(str),
            "period_type": "month",
            "measure": "spot_volume",
            "value": volume[months].to_numpy(),
        }
    )
    result = industry_volume(rows, PRICES, "spot")
    np.testing.assert_allclose(result.monthly.value, volume, rtol=1e-6)
    expected = [1.5, 0.8, 2.0, 0.0]
    assert result.coefficients["estimate"].tolist() == pytest.approx(expected, abs=1e-6)
    assert result.r_squared == pytest.approx(1.0)
    assert result.error < 1e-6


def test_real_series_keep_printed_months_and_fit() -> None:
    spot = industry_volume(INDUSTRY, PRICES, "spot")
    assert at(spot.monthly.value, "2024-12") == 2_753_500
    assert at(spot.monthly.value, "2026-07") == 674_240
    assert spot.months >= 25
    assert spot.r_squared > 0.7
    # Volume rises with the price, one for one within two standard errors.
    price = spot.coefficients.loc["log_price"]
    assert abs(price["estimate"] - 1) < 2 * price["standard_error"]
    assert 0.2 < spot.error < 0.6


def test_fiscal_years_are_met_and_were_not_before() -> None:
    checks = fiscal_year_checks(INDUSTRY, PRICES)
    assert set(checks["fiscal_year"]) == {"FY2020", "FY2021"}
    assert checks["used"].all()
    np.testing.assert_allclose(checks["difference"], 0.0, atol=1e-9)
    before = checks.set_index(["market", "fiscal_year"])["difference_before"].astype(float)
    assert before.to_dict() == pytest.approx(
        {("spot", "FY2021"): 0.216, ("margin", "FY2020"): 0.167, ("margin", "FY2021"): 0.418},
        abs=0.001,
    )


def test_too_few_months() -> None:
    rows = INDUSTRY[INDUSTRY["measure"] == "spot_volume"].query("period_type == 'month'")
    with pytest.raises(InputError, match="3 printed months"):
        industry_volume(rows.tail(3), PRICES, "spot")


def test_year_weights_by_hand() -> None:
    months = pd.period_range("2023-08", "2026-08", freq="M")
    weights = year_weights(months, "2026-07")
    assert weights.sum(axis=1).tolist() == [12.0, 12.0, 12.0]
    year = weights.columns[weights.to_numpy()[0] == 1]
    assert list(year.astype(str))[::11] == ["2025-08", "2026-07"]
    assert weights[pd.Period("2026-08", "M")].sum() == 0
    with pytest.raises(InputError, match="allowed: 2026-07 to 2026-08"):
        year_weights(months, "2025-07")


@pytest.mark.parametrize("part", [0.0, 0.5, 1.0])
def test_totals_have_the_mean_of_the_series(part: float) -> None:
    rng = {market: np.random.default_rng(1) for market in ("spot", "margin")}
    totals = industry_totals(VOLUMES, "2026-07", 400, (part, part), rng)
    series = industry_volume(INDUSTRY, PRICES, "spot").carried(part).value
    expected = year_weights(series.index, "2026-07").to_numpy() @ series.to_numpy()
    np.testing.assert_allclose(totals["spot"].mean(axis=0), expected, rtol=0.015)


def test_a_printed_fiscal_year_is_met_in_every_draw() -> None:
    # Twelve months to March 2022 are FY2021: 28.5 tn of spot and 37.2 tn of margin, no spread.
    rng = {market: np.random.default_rng(1) for market in ("spot", "margin")}
    totals = industry_totals(VOLUMES, "2022-03", 50, (0.0, 1.0), rng)
    np.testing.assert_allclose(totals["spot"][:, 0], 28_500_000)
    np.testing.assert_allclose(totals["margin"][:, 0], 37_200_000)


def test_binance_flow_is_bounded_by_its_fees() -> None:
    # Nine readings, mean 10,347.7 a day, are 3,776,907 a year. Fees of 2025: 434 (note of the
    # statement). At the flat fee of 0.1 % that is 434,000 of trading, 0.115 of the flow; the range
    # of the parameters corresponds to fees of 0.23 % and 0.057 % of the flow of 2026.
    table = read("market/order_book_volumes").query("exchange == 'binance_japan'")
    flow = float(table["volume_jpy_mn"].mean()) * 365
    assert flow == pytest.approx(3_776_907, abs=1)
    note = read("market/firm_years").query("exchange == 'binance_japan'")["note"].iloc[-1]
    assert "434 fees" in str(note)
    baseline = scenario()
    assert baseline.binance_flow_low < 434 / 0.001 / flow < baseline.binance_flow_high
    assert 434 / (baseline.binance_flow_high * flow) == pytest.approx(0.00057, abs=0.00001)


def test_key_by_hand() -> None:
    # Revenue 30, 10, -5: shares 0.75, 0.25, 0. Custody 50, 50, 0: shares 0.5, 0.5, 0.
    # Weight 0.5: 0.625, 0.375, 0. The fourth is dormant.
    result = allocation.key(
        np.array([[30.0, 10.0, -5.0, 99.0]]),
        np.array([[50.0, 50.0, 0.0, 99.0]]),
        np.array([[0.5]]),
        np.array([0.0, 0.0, 0.0, 1.0]),
    )
    assert result[0].tolist() == pytest.approx([0.625, 0.375, 0.0, 0.0])


def test_key_falls_back_on_the_share_that_exists() -> None:
    nobody, custody = np.array([[-1.0, 0.0]]), np.array([[3.0, 1.0]])
    weight, awake = np.array([[0.9]]), np.zeros(2)
    assert allocation.key(nobody, custody, weight, awake)[0].tolist() == [0.75, 0.25]
    assert allocation.key(custody, custody * 0, weight, awake)[0].tolist() == [0.75, 0.25]
    with pytest.raises(InputError, match="no exchange has either"):
        allocation.key(nobody, nobody * 0, weight, awake)


def test_split_by_hand() -> None:
    # One day: bitFlyer 60, Binance 40 of which half counts = 20: book shares 0.75, 0.25.
    # w = 0.8; key 0.5, 0.1, 0.4 (SBI). Spot: 0.8 x 0.75 + 0.2 x 0.5 = 0.70; 0.22; 0.08.
    # Margin: bitFlyer alone measured, 0.5 x 0.2 = 0.1 outside, all of it SBI's: 0.9, 0, 0.1.
    names = ["bitflyer", "binance_japan", "sbi_vc_trade"]
    books = {
        "spot": pd.DataFrame([[60.0, 40.0, 0.0]], columns=names),
        "margin": pd.DataFrame([[7.0, 0.0, 0.0]], columns=names),
    }
    half = np.array([0.5])
    unit = dict.fromkeys(("day", "flow", "order_book", "margin_day", "margin_rest"), half)
    result = allocation.split(unit, books, np.array([[0.5, 0.1, 0.4]]), (0.0, 1.0), (0.7, 0.9), 0.2)
    assert result.spot[0].tolist() == pytest.approx([0.70, 0.22, 0.08])
    assert result.order_book[0].tolist() == pytest.approx([0.6, 0.2, 0.0])
    assert result.margin[0].tolist() == pytest.approx([0.9, 0.0, 0.1])


@given(
    seed=st.integers(0, 1000),
    measured=st.booleans(),
    high=st.floats(0.0, 1.0),
)
def test_shares_sum_to_one_in_every_draw(seed: int, measured: bool, high: float) -> None:
    rng = np.random.default_rng(seed)
    names = ["bitflyer", "coincheck", "gaia", "rakuten_wallet"]
    days = rng.uniform(1, 9, (3, 4)) * [1, 1, 0, 0] if measured else np.empty((0, 4))
    book = pd.DataFrame(days, columns=names)
    keys = allocation.key(
        rng.normal(1, 2, (6, 4)), rng.uniform(1, 9, (6, 4)), rng.uniform(size=(6, 1)), np.zeros(4)
    )
    unit = {
        name: rng.uniform(size=6)
        for name in ("day", "flow", "order_book", "margin_day", "margin_rest")
    }
    result = allocation.split(unit, {"spot": book, "margin": book}, keys, (0, 1), (0.5, 0.9), high)
    np.testing.assert_allclose(result.spot.sum(axis=1), 1.0)
    np.testing.assert_allclose(result.margin.sum(axis=1), 1.0)
    assert (result.order_book <= result.spot + 1e-12).all()


def test_measured_days_are_those_on_which_all_were_seen() -> None:
    table = read("market/order_book_volumes")
    exchanges = tuple(table["exchange"].unique())
    book = allocation.measured(table, "spot", exchanges)
    # Seven exchanges, on two days of April and five of June 2026.
    assert len(book) == 7
    assert (book > 0).sum(axis=1).tolist() == [7] * 7
    assert allocation.measured(table, "spot", ("nobody",)).empty


def test_custodiem_is_dormant() -> None:
    assert dormant() == {"custodiem"}

"""Industry totals, prices, yields, coins and volumes: identities and choices between sources."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analysis import data

DAY = pd.Timestamp


def industry(period: str, measure: str) -> float:
    table = data.read("market/industry_monthly")
    cell = table[(table["period"] == period) & (table["measure"] == measure)]
    return float(cell["value"].item())


def price(month: str, series: str) -> float:
    table = data.read("market/prices_monthly")
    cell = table[(table["month"] == month) & (table["series"] == series)]
    return float(cell["value"].item())


# Industry totals


def test_industry_totals_add_up() -> None:
    total = industry("2026-07", "customer_crypto") + industry("2026-07", "customer_fiat")
    assert total == industry("2026-07", "customer_assets") == 2_872_363
    # Yen in November 2019 is the remainder: both sources print the spot volume in its place.
    assert industry("2019-11", "customer_fiat") == pytest.approx(337_600 - 255_600)
    assert industry("2019-11", "customer_fiat") != pytest.approx(
        industry("2019-11", "spot_volume"), rel=0.1
    )
    # The association reported JPY 69,146.5 bn for the fiscal year 2017, spot and margin together.
    assert industry("FY2017", "spot_volume") + industry("FY2017", "margin_volume") == 69_146_500


def test_spot_volume_of_2016_fits_its_parts() -> None:
    # BTC 1,472,000, ETH 57,700 and XRP 7,000 leave 200 for the two small coins of the slide;
    # the other copy, 1,546,900, would give them 10,200, more than XRP.
    rest = industry("FY2016", "spot_volume") - (1_472_000 + 57_700 + 7_000)
    assert 0 <= rest < 7_000


def test_margin_volume_of_november_2019_fits_december() -> None:
    # December is stated as 13.4 percent lower.
    change = industry("2019-12", "margin_volume") / industry("2019-11", "margin_volume") - 1
    assert change == pytest.approx(-0.134, abs=0.001)


def test_rounded_cells_say_by_how_much_and_exact_ones_do_not() -> None:
    table = data.read("market/industry_monthly")
    rounded = table["precision"] == "rounded"
    assert table.loc[rounded, "half_width"].gt(0).all()
    assert table.loc[~rounded, "half_width"].isna().all()


# Prices, yields, coins, volumes


def test_price_series_have_no_gap() -> None:
    prices = data.read("market/prices_monthly")
    for series, group in prices.groupby("series"):
        # Currencies go back to the first loss that is replayed, Mt. Gox.
        first = "2017-01" if series in ("BTC/JPY", "ETH/JPY", "XRP/JPY") else "2014-02"
        months = pd.period_range(first, "2026-08", freq="M").astype(str).tolist()
        assert sorted(group["month"]) == months, series
    ended = prices[prices["month_end"]]
    assert (ended["as_of"].dt.strftime("%Y-%m") == ended["month"]).all()
    assert set(prices.loc[~prices["month_end"], "month"]) == {"2026-08"}


@pytest.mark.parametrize(
    ("series", "value_jpy_mn", "quantity", "tolerance"),
    [
        ("BTC/JPY", 138_045, 154_452, 0.01),
        ("XRP/JPY", 83_178, 2_989_048_467, 0.015),
        ("ETH/JPY", 21_758, 1_138_955, 0.02),
    ],
)
def test_prices_agree_with_what_customers_held(
    series: str, value_jpy_mn: float, quantity: float, tolerance: float
) -> None:
    # Value and quantity of customers' coins on 2019-09-30, Crypto Watch 1217557 quoting JVCEA.
    assert price("2019-09", series) == pytest.approx(value_jpy_mn * 1e6 / quantity, rel=tolerance)


def test_the_dollar_is_not_the_frozen_one() -> None:
    # One source repeats 148.749 yen per dollar from 2025-07-18 on; it must not be the one used.
    prices = data.read("market/prices_monthly")
    dollar = prices[(prices["series"] == "USD/JPY") & (prices["month"] >= "2025-07")]["value"]
    assert dollar.nunique() == len(dollar)
    assert not np.isclose(dollar, 148.749).any()
    # The dirham is pegged at 3.6725 per dollar.
    assert price("2026-07", "USD/JPY") / price("2026-07", "AED/JPY") == pytest.approx(
        3.6725, rel=1e-3
    )


def test_rates_are_fractions_per_year() -> None:
    table = data.read("market/yields_monthly").set_index(["month", "series", "statistic"])
    assert table.loc[("2026-07", "JGB 1y", "month end"), "value"] == pytest.approx(0.01255)
    assert table.loc[("2025-12", "BOJ policy rate", "month end"), "value"] == pytest.approx(0.0075)


def test_coin_shares_add_to_one() -> None:
    mix = data.read("market/coin_mix").groupby("as_of")["share"].sum()
    by_exchange = data.read("market/coin_mix_by_exchange").groupby("exchange")["share"].sum()
    np.testing.assert_allclose(mix, 1, atol=0.001)
    np.testing.assert_allclose(by_exchange, 1, atol=0.001)
    latest = data.read("market/coin_mix").set_index(["as_of", "coin"])["share"]
    assert latest[(DAY("2025-10-31"), "BTC")] == 0.59


def test_shared_engine_is_pointed_out_in_every_reading() -> None:
    volumes = data.read("market/order_book_volumes")
    assert volumes["day"].nunique() == 10
    binance = volumes[volumes["exchange"] == "binance_japan"]
    assert len(binance) == 9
    assert binance["note"].str.contains("outside Japan").all()
    # A reading is filed under a day that it began on, or the next one.
    gap = volumes["captured_at"].dt.tz_localize(None) - volumes["day"]
    assert gap.between(pd.Timedelta(hours=-12), pd.Timedelta(hours=24)).all()

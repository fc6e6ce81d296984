"""The shipped panel: reproducible, consistent, and in line with what is known by hand."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from analysis.data import read
from analysis.errors import InputError
from analysis.market import FIELDS, Panel, build_panel, size_bands
from analysis.market.assemble import assemble, excluded
from analysis.market.build import _build, _calm, _shipped
from analysis.market.check import check
from analysis.market.coverage import printed_share
from analysis.market.ground import imputed
from analysis.market.reconcile import reconciliation
from analysis.scenario import Scenario, scenario
from analysis.scenario.panel import PanelParameters

BASE = scenario({"draws": 20})


@pytest.fixture(scope="module")
def panel() -> Panel:
    return build_panel(BASE)


def column(panel: Panel, name: str, exchange: str) -> np.ndarray[Any, np.dtype[np.float64]]:
    return panel[name][:, panel.exchanges.index(exchange)]


def test_all_26_registered_operators_are_accounted_for(panel: Panel) -> None:
    assert len(panel.exchanges) == 23
    assert sorted(panel.excluded.index) == ["coinbase_kk", "coinhub", "money_partners"]
    assert panel.excluded["reason"].str.len().min() > 10
    assert not set(panel.exchanges) & set(panel.excluded.index)


def test_same_seed_same_bytes_and_other_seed_differs(panel: Panel) -> None:
    for made in (_build, _calm, _shipped, imputed):
        made.cache_clear()
    again = build_panel(BASE)
    assert again is not panel
    for name in FIELDS:
        assert again[name].tobytes() == panel[name].tobytes()
    other = build_panel(BASE.with_(seed=BASE.seed + 1))
    assert (other["spot_volume"] != panel["spot_volume"]).any()
    assert build_panel(BASE.with_(floor_jpy_mn=5.0)) is again


def test_arrays_are_read_only(panel: Panel) -> None:
    with pytest.raises(ValueError, match="read-only"):
        panel["net_assets"][0, 0] = 1.0


def test_shape_range_and_status_of_every_field(panel: Panel) -> None:
    for name, field in FIELDS.items():
        assert panel[name].shape == (20, 23)
        assert np.isfinite(panel[name]).all()
        assert (panel[name] >= field.minimum).all()
        assert (panel[name] <= field.maximum).all()
        assert set(panel.status[name]) <= {"observed", "derived", "imputed"}
        observed = panel.status[name] == "observed"
        assert (panel.method[name][observed] == "").all()
        assert (panel.method[name][~observed] != "").all()


def test_known_figures_by_hand(panel: Panel) -> None:
    # bitFlyer: 969,199 at 2025-12-31 x 0.68688 (industry since then) = 665,725.
    assert column(panel, "customer_crypto", "bitflyer").mean() == pytest.approx(665_725, rel=0.01)
    # Coincheck: 776,234 at 2025-03-31 x 0.79103 = 614,021.
    assert column(panel, "customer_crypto", "coincheck").mean() == pytest.approx(614_021, rel=0.01)
    assert (column(panel, "customer_fiat", "coincheck") == 50_024).all()
    # Binance Japan: total assets 129,252 less net assets 17,321 = 111,931 of liabilities.
    assert (column(panel, "customer_crypto", "binance_japan") < 111_931).all()
    # The smallest: GAIA holds less than its liabilities of 157 - 71 = 86.
    assert (column(panel, "customer_crypto", "gaia") < 86).all()
    assert (column(panel, "spot_volume", "custodiem") == 0).all()
    identity = panel["operating_revenue"] - panel["operating_expenses"] - panel["operating_profit"]
    np.testing.assert_allclose(identity, 0.0, atol=1e-9)


def test_spot_volume_sums_to_the_industry(panel: Panel) -> None:
    # Every draw has the same three printed months of its year, so totals differ by the others only;
    # their mean is the year to July 2026 of the monthly series with half of the last fiscal year's
    # ratio carried over, about JPY 15.2 tn (17.3 tn without it, 13.5 tn with all of it).
    total = panel["spot_volume"].sum(axis=1)
    assert total.mean() == pytest.approx(15.23e6, rel=0.05)
    book = (panel["spot_volume"] * panel["order_book_share"]).sum(axis=1) / total
    assert BASE.order_book_share_low <= book.min() < book.max() <= BASE.order_book_share_high


def test_reconciliation_with_the_industry_total(panel: Panel) -> None:
    table = reconciliation(panel, BASE)
    rolled = table["rolled_jpy_mn"].astype(float).to_dict()
    assert rolled["industry"] == 2_641_858
    parts = sum(rolled[exchange] for exchange in panel.exchanges)
    assert parts == pytest.approx(rolled["panel"])
    assert parts + rolled["residual"] == pytest.approx(2_641_858)
    # After the roll 5 to 11 % is unexplained; the mixed-date sum exceeds the total by a quarter.
    assert 0.05 < rolled["residual_share"] < 0.11
    assert table["reported_jpy_mn"].astype(float)["residual_share"] < -0.2


def test_price_shock_cancels_in_the_reconciliation() -> None:
    shocked = BASE.with_(price_shock=-0.5)
    table = reconciliation(build_panel(shocked), shocked)
    plain = reconciliation(build_panel(BASE), BASE)
    np.testing.assert_allclose(
        table["rolled_jpy_mn"].astype(float), plain["rolled_jpy_mn"].astype(float)
    )


def test_price_shock_moves_customers_and_owed_crypto_only(panel: Panel) -> None:
    shocked = build_panel(BASE.with_(price_shock=0.5))
    moved = {"customer_crypto", "crypto_owed"}
    for name in moved:
        np.testing.assert_allclose(shocked[name], 1.5 * panel[name])
    for name in set(FIELDS) - moved:
        assert (shocked[name] == panel[name]).all()


def test_volume_shock_moves_this_year_and_revenue(panel: Panel) -> None:
    # Volume x 4, elasticity 0.5: revenue x 2 where positive, expenses stay.
    shocked = build_panel(BASE.with_(volume_shock=3.0, revenue_elasticity=0.5))
    np.testing.assert_allclose(shocked["spot_volume"], 4 * panel["spot_volume"])
    assert (shocked["spot_volume_lag1"] == panel["spot_volume_lag1"]).all()
    gain = np.maximum(panel["operating_revenue"], 0)
    for name in ("operating_revenue", "operating_profit", "net_income"):
        np.testing.assert_allclose(shocked[name], panel[name] + gain)
    assert (shocked["operating_expenses"] == panel["operating_expenses"]).all()


def test_one_range_does_not_reshuffle_the_others(panel: Panel) -> None:
    narrower = build_panel(BASE.with_(hot_share_high=0.025))
    large = panel.exchanges.index("binance_japan")  # its net assets bound no hot share below 5 %
    ratio = narrower["hot_share"][:, large] / panel["hot_share"][:, large]
    np.testing.assert_allclose(ratio, 0.5)
    for name in set(FIELDS) - {"hot_share"}:
        assert (narrower[name] == panel[name]).all()


@pytest.mark.parametrize(
    "change",
    [
        {"base_month": "2025-12"},
        {"draws": 3},
        {"seed": 1},
        {"hot_share_low": 0.01},
        {"hot_share_high": 0.04},
        {"order_book_share_low": 0.5},
        {"order_book_share_high": 0.95},
        {"binance_flow_low": 0.1},
        {"binance_flow_high": 0.5},
        {"benchmark_carried_low": 0.5},
        {"benchmark_carried_high": 0.5},
        {"margin_unmeasured_high": 0.0},
        {"price_shock": 0.1},
        {"volume_shock": 0.1},
        {"volume_shock": 0.1, "revenue_elasticity": 0.7},
    ],
)
def test_every_panel_parameter_moves_the_panel(panel: Panel, change: dict[str, Any]) -> None:
    before = panel
    if "revenue_elasticity" in change:
        before = build_panel(BASE.with_(volume_shock=0.1))
    after = build_panel(BASE.with_(**change))
    assert any(
        after[name].shape != before[name].shape or (after[name] != before[name]).any()
        for name in FIELDS
    )


def test_industry_table_of_the_user_replaces_single_figures(panel: Panel, tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text("period,measure,value\n2026-07,customer_crypto,5283716\n", encoding="utf-8")
    own = build_panel(BASE.with_(industry_table=str(path)))
    # Twice the industry's custody in July 2026, against the printed August 2025. Coincheck's
    # figure is from before August 2025: twice as much. bitFlyer's is of December, when 4 of the 11
    # months of growth had passed: 2 to the power 7/11 = 1.5544 times as much.
    for exchange, factor in (("coincheck", 2.0), ("bitflyer", 1.5544)):
        ratio = column(own, "customer_crypto", exchange) / column(
            panel, "customer_crypto", exchange
        )
        assert ratio.mean() == pytest.approx(factor, rel=0.02)
    path.write_text("period,measure,value\n2026-07,customer_crypto,-1\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"table.csv, row 2, column value: '-1'"):
        build_panel(BASE.with_(industry_table=str(path)))
    with pytest.raises(InputError, match=r"no.csv: cannot be read"):
        build_panel(BASE.with_(industry_table=str(tmp_path / "no.csv")))


def test_base_month_outside_the_data() -> None:
    with pytest.raises(InputError, match="base_month = 2019-01"):
        build_panel(BASE.with_(base_month="2019-01"))
    with pytest.raises(InputError, match="base_month = 2027-01"):
        build_panel(BASE.with_(base_month="2027-01"))


def test_earlier_base_month_leaves_out_who_has_no_statement() -> None:
    early = BASE.with_(base_month="2023-06")
    assert "custodiem" not in assemble(early).index
    assert excluded(early).loc["custodiem", "reason"] == "No statement at or before 2023-06"


def test_a_month_of_imputed_balance_sheets_is_refused() -> None:
    # By November 2025 total assets are printed for about a third of the industry: those of
    # bitFlyer, bitbank, GMO Coin and Binance Japan are known from 2025-12-31 on only.
    with pytest.raises(
        InputError, match=r"base_month = 2025-11: .*3\d%.*allowed: 2025-12 to 2026-08"
    ):
        build_panel(BASE.with_(base_month="2025-11"))
    december = build_panel(BASE.with_(base_month="2025-12"))
    assert printed_share(december) == 1.0


def test_liquid_assets_of_who_prints_its_cash(panel: Panel) -> None:
    # Coincheck 2025-03-31: cash 8,584; the rest of the balance sheet 8,785 (test of the bounds).
    liquid = column(panel, "liquid_assets", "coincheck")
    method = panel.method["liquid_assets"].to_dict()
    assert 8_584 <= liquid.min() < liquid.max() <= 8_785
    assert "own cash as printed" in method["coincheck"]
    assert "net assets" in method["bitflyer"]
    cash = assemble(BASE)["own_cash_jpy_mn"].dropna()
    assert cash.to_dict() == {"coincheck": 8_584}


def test_size_bands(panel: Panel) -> None:
    bands = size_bands(panel)
    assert bands["bitflyer"] == "large"
    assert bands["rakuten_wallet"] == "medium"
    assert bands["gaia"] == "small"
    assert bands.value_counts().to_dict() == {"small": 10, "medium": 8, "large": 5}


def test_check_counts_every_cell(panel: Panel) -> None:
    table = check(assemble(BASE), panel)
    assert (table[["observed", "derived", "imputed"]].sum(axis=1) == 23).all()
    assert table.loc["customer_crypto", "missing"] == 4
    assert table.loc["hot_share", "imputed_share"] == 1.0
    assert table.loc["net_assets", "imputed_share"] == 0.0
    # Four small or middling exchanges without a custody figure: a few per cent of the total.
    assert 0.01 < table["imputed_share"].to_dict()["customer_crypto"] < 0.05


def test_key_covers_every_panel_parameter() -> None:
    assert set(PanelParameters.model_fields) <= set(Scenario.model_fields)
    registered = read("market/operators")["on_register_2026_06_30"].sum()
    assert registered == 26

"""Parts of the cost and of free liquid assets: by hand, and adding up to what they are parts of."""

from __future__ import annotations

import numpy as np
import pytest
from panels import make_panel, share_of_custody

from analysis.impact import evaluate
from analysis.impact.parts import COST_PARTS, cost_parts, liquid_parts, profit_by_band
from analysis.scenario import Scenario

SCENARIO = Scenario()


def test_cost_parts_by_hand() -> None:
    # Nothing insured: 5 % of custody is 50,000, 5,000, 200, 30, all cash at 8.745 %; running 8.
    impact = evaluate(make_panel(), SCENARIO.with_(insurable_share=0.0), [share_of_custody(0.05)])
    parts = cost_parts(impact)
    np.testing.assert_allclose(parts["carry_jpy_mn"], [4372.5, 437.25, 17.49, 2.6235])
    assert (parts["premium_jpy_mn"] == 0).all()
    assert (parts["running_jpy_mn"] == 8).all()


def test_cost_parts_add_up_to_the_annual_cost() -> None:
    panel = make_panel(draws=10, spread=0.5, imputed=("customer_crypto", "hot_share"))
    impact = evaluate(panel, SCENARIO, [share_of_custody(0.05), share_of_custody(0.0, "nothing")])
    parts = cost_parts(impact)
    total = parts[[f"{part}_jpy_mn" for part in COST_PARTS]].sum(axis=1)
    np.testing.assert_allclose(total, impact.tables["compliance_cost"]["annual_cost_jpy_mn"])
    # Where nothing is required nothing is administered.
    assert (parts.loc[parts["formula"] == "nothing", "running_jpy_mn"] == 0).all()
    assert (parts.loc[parts["formula"] == "custody", "premium_jpy_mn"] > 0).any()


def test_profit_by_band_by_hand() -> None:
    # Nothing insured, 5 % of custody of 1,000,000 and 100,000 (large), 4,000 and 600 (small):
    # cost 0.08745 x 50,000 + 8 = 4,380.5 and 445.25; 25.49 and 10.6235. Profits 20,000 and 1,000;
    # 100 and -400.
    impact = evaluate(make_panel(), SCENARIO.with_(insurable_share=0.0), [share_of_custody(0.05)])
    large, small = profit_by_band(impact).to_dict("records")
    assert (large["band"], large["n_exchanges"]) == ("large", 2)
    assert large["share_of_revenue"] == pytest.approx(4825.75 / 44_000)
    assert large["share_of_profit"] == pytest.approx(4825.75 / 21_000)
    assert (large["profitable"], large["turned_to_loss"]) == (2, 0)
    assert small["share_of_revenue"] == pytest.approx(36.1135 / 500)
    assert np.isnan(small["share_of_profit"])
    assert (small["profitable"], small["turned_to_loss"]) == (1, 0)
    # At half of custody the cost of the second, 4,380.5, and of the third, 182.9, exceed profit;
    # the first pays 43,733 out of 20,000.
    half = evaluate(make_panel(), SCENARIO.with_(insurable_share=0.0), [share_of_custody(0.5)])
    assert list(profit_by_band(half)["turned_to_loss"]) == [2, 1]


def test_liquid_parts_by_hand() -> None:
    # Liquid 100,000, 12,000, 1,200, 200; matched 4 % of 1,000,000, 2 % of 100,000, 0, 5 % of 600;
    # floor 1.2 x expenses / 4 = 6,000, 900, 90, 150, at least 50.
    parts = liquid_parts(evaluate(make_panel(), SCENARIO, [share_of_custody(0.05)]))
    np.testing.assert_allclose(parts["matched_jpy_mn"], [40_000, 2_000, 0, 30])
    np.testing.assert_allclose(parts["floor_jpy_mn"], [6_000, 900, 90, 150])
    np.testing.assert_allclose(parts["free_jpy_mn"], [54_000, 9_100, 1_110, 20])
    np.testing.assert_allclose(parts["free_low_jpy_mn"], parts["free_jpy_mn"])
    assert list(parts.index) == ["large", "medium", "small", "loss_making"]


def test_liquid_parts_add_up_where_crypto_is_owed() -> None:
    # Matched beyond 30,000 owed: 10,000 of the 40,000; free 100,000 - 10,000 - 6,000.
    panel = make_panel(crypto_owed=(30_000, 0, 0, 0))
    parts = liquid_parts(evaluate(panel, SCENARIO, [share_of_custody(0.05)]))
    assert parts.loc["large", "matched_jpy_mn"] == pytest.approx(10_000)
    left = parts["liquid_assets_jpy_mn"] - parts["matched_jpy_mn"] - parts["floor_jpy_mn"]
    np.testing.assert_allclose(parts["free_jpy_mn"], left)


def test_free_bounds_enclose_the_middle() -> None:
    panel = make_panel(draws=11, spread=0.5, imputed=("liquid_assets",))
    parts = liquid_parts(evaluate(panel, SCENARIO, [share_of_custody(0.05)]))
    assert (parts["free_low_jpy_mn"] < parts["free_jpy_mn"]).all()
    assert (parts["free_jpy_mn"] < parts["free_high_jpy_mn"]).all()

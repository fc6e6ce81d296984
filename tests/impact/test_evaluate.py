"""The one evaluation on a small market worked by hand."""

from __future__ import annotations

import numpy as np
import pytest
from panels import make_panel, share_of_custody

from analysis.errors import InputError
from analysis.impact.evaluate import Impact, evaluate
from analysis.scenario import Scenario

CASH_ONLY = Scenario(insurable_share=0.0)
ONE_PERCENT = [share_of_custody(0.01)]


def test_reserve_and_cost_by_hand() -> None:
    # 1 % of custody: 10,000 / 1,000 / 40 / 6. At a carry of 8.745 % and 8 of administration:
    # 882.5 / 95.45 / 11.498 / 8.5247 a year.
    impact = evaluate(make_panel(), CASH_ONLY, ONE_PERCENT)
    np.testing.assert_allclose(impact.required[0, 0], [10_000, 1_000, 40, 6])
    np.testing.assert_allclose(impact.annual_cost[0, 0], [882.5, 95.45, 11.498, 8.5247])


def test_present_value_by_hand() -> None:
    # Small exchange, 40 within two years, horizon three, discount rate 10 %, no yield: cost
    # 0.1 x 20 + 8 + 30 = 40, 0.1 x 40 + 8 = 12, 12; value 40/1.1 + 12/1.21 + 12/1.331 = 55.2968;
    # annuity 2.486852, so 22.2357 a year.
    scenario = CASH_ONLY.with_(
        phase_in_years=2, horizon_years=3, discount_rate=0.10, reserve_yield=0.0
    )
    impact = evaluate(make_panel(), scenario, ONE_PERCENT)
    np.testing.assert_allclose(impact.cost_paths[0][:, 0, 2], [40, 12, 12])
    assert impact.present_value[0, 0, 2] == pytest.approx(55.2968, abs=1e-4)
    assert impact.equivalent_annual_cost[0, 0, 2] == pytest.approx(22.2357, abs=1e-4)


def test_who_is_short_by_hand() -> None:
    # 10 % of custody: 100,000 against 54,000 free; 10,000 against 12,000 - 2,000 - 900 = 9,100;
    # 400 against 1,200 - 90; 60 against 20.
    impact = evaluate(make_panel(), CASH_ONLY, [share_of_custody(0.10)])
    np.testing.assert_allclose(impact.shortfall[0, 0], [46_000, 900, 0, 40])
    table = impact.tables["liquidity"].set_index("exchange")
    assert table["fundable"].to_dict() == {
        "large": False,
        "medium": False,
        "small": True,
        "loss_making": False,
    }
    assert impact.tables["industry"]["exchanges_short"].item() == 3
    assert impact.tables["industry"]["exchanges_without_free_assets"].item() == 0


def test_who_lacks_free_assets_before_any_reserve() -> None:
    # With 150 of liquid assets the loss-making exchange has 150 - 30 - 150 = -30 free.
    panel = make_panel(liquid_assets=(100_000, 12_000, 1_200, 150))
    tables = evaluate(panel, CASH_ONLY, ONE_PERCENT).tables
    assert tables["industry"]["exchanges_without_free_assets"].item() == 1
    assert tables["industry"]["exchanges_short"].item() == 1
    path = tables["liquidity_path"]
    assert (path["exchanges_without_free_assets"] == 1).all()


def test_no_shortfall_where_assets_are_huge() -> None:
    panel = make_panel(liquid_assets=(1e9, 1e9, 1e9, 1e9))
    impact = evaluate(panel, Scenario(), [share_of_custody(0.5)])
    assert np.all(impact.shortfall == 0)
    assert impact.tables["liquidity"]["fundable"].all()


def test_nothing_required_costs_nothing() -> None:
    impact = evaluate(make_panel(), Scenario(), [share_of_custody(0.0)])
    for array in (impact.annual_cost, impact.present_value, impact.shortfall, impact.steady.cash):
        assert np.all(array == 0)
    assert impact.tables["reserves"]["imputed_share"].isna().all()
    assert (impact.tables["industry"]["share_of_revenue"] == 0).all()


def test_other_duties_stay_out_of_the_reserve() -> None:
    without = evaluate(make_panel(), Scenario(), ONE_PERCENT)
    with_them = evaluate(make_panel(), Scenario(include_other_duties=True), ONE_PERCENT)
    np.testing.assert_array_equal(without.annual_cost, with_them.annual_cost)
    np.testing.assert_array_equal(without.present_value, with_them.present_value)
    cost = with_them.tables["compliance_cost"].set_index("exchange")
    # Loss-making: net assets -100, top-up 150 at 8.745 % plus 30 a year.
    assert cost.loc["loss_making", "other_duties_capital_jpy_mn"] == pytest.approx(150)
    assert cost.loc["loss_making", "other_duties_annual_cost_jpy_mn"] == pytest.approx(43.1175)
    assert without.tables["compliance_cost"]["other_duties_annual_cost_jpy_mn"].isna().all()


def test_provision_can_turn_net_assets_negative_and_lock_up_cannot() -> None:
    # 10 % of 100,000 is 10,000 against net assets of 8,000.
    formulas = [share_of_custody(0.10)]
    locked = evaluate(make_panel(), CASH_ONLY, formulas).tables
    charged = evaluate(make_panel(), CASH_ONLY.with_(treatment="provision"), formulas).tables
    after = charged["liquidity"].set_index("exchange")["net_assets_after_jpy_mn"]
    assert after["medium"] == pytest.approx(-2_000)
    assert charged["liquidity"]["negative_net_assets_probability"].tolist() == [1, 1, 0, 1]
    assert locked["liquidity"]["negative_net_assets_probability"].tolist() == [0, 0, 0, 1]
    charges = charged["liquidity_path"]["charge_on_profit_jpy_mn"]
    assert charges.sum() == pytest.approx(100_000 + 10_000 + 400 + 60)
    assert (locked["liquidity_path"]["charge_on_profit_jpy_mn"] == 0).all()


def test_formulas_are_independent_of_their_company() -> None:
    one, two = share_of_custody(0.01, "one"), share_of_custody(0.07, "two")
    panel = make_panel(spread=0.3, imputed=("customer_crypto",), draws=5)
    both = evaluate(panel, Scenario(), [one, two])
    alone = evaluate(panel, Scenario(), [two])
    np.testing.assert_array_equal(both.annual_cost[1], alone.annual_cost[0])
    np.testing.assert_array_equal(both.imputed_share[1], alone.imputed_share[0])


def test_imputed_share_by_hand() -> None:
    all_imputed = evaluate(make_panel(imputed=("customer_crypto",)), Scenario(), ONE_PERCENT)
    np.testing.assert_array_equal(all_imputed.imputed_share, 1.0)
    observed = evaluate(make_panel(), Scenario(), ONE_PERCENT)
    np.testing.assert_array_equal(observed.imputed_share, 0.0)
    # A floor of 20 binds on the two small ones once their custody is set to zero: of 40 half rests
    # on it, of the loss-making exchange's 20 nothing does.
    floored = evaluate(
        make_panel(imputed=("customer_crypto",)), Scenario(), [share_of_custody(0.01).floor(20.0)]
    )
    np.testing.assert_allclose(floored.imputed_share[0], [0.998, 0.98, 0.5, 0.0])


@pytest.mark.parametrize("draws", [2, 7])
def test_one_exchange(draws: int) -> None:
    panel = make_panel(draws=draws, operating_revenue=(40_000,))
    impact = evaluate(panel, Scenario(), ONE_PERCENT)
    assert impact.required.shape == (1, draws, 1)
    assert impact.tables["reserves"]["required_jpy_mn"].tolist() == [10_000]


def test_no_volume_and_no_revenue_leave_blanks_not_errors() -> None:
    panel = make_panel(
        spot_volume=(0, 0, 0, 0), operating_revenue=(-5, 0, 0, 0), operating_profit=(-5, -1, 0, 0)
    )
    cost = evaluate(panel, Scenario(), ONE_PERCENT).tables["compliance_cost"]
    assert cost[["share_of_revenue", "share_of_profit", "bp_of_volume"]].isna().all(axis=None)
    assert (cost["volume_lost_share"] == 0).all()


def test_no_formula_and_twin_formulas_are_refused() -> None:
    with pytest.raises(InputError, match="formulas is empty"):
        evaluate(make_panel(), Scenario(), [])
    with pytest.raises(InputError, match="'custody' twice"):
        evaluate(make_panel(), Scenario(), [share_of_custody(0.1), share_of_custody(0.2)])


def _impact() -> Impact:
    panel = make_panel(draws=9, spread=0.4, imputed=("customer_crypto", "liquid_assets"))
    return evaluate(panel, Scenario(), [share_of_custody(0.03, "a"), share_of_custody(0.2, "b")])


def test_tables_agree_with_the_arrays() -> None:
    impact = _impact()
    industry = impact.tables["industry"].set_index("formula")
    reserves = impact.tables["reserves"].groupby("formula")["required_jpy_mn"].sum()
    np.testing.assert_allclose(industry["required_jpy_mn"], reserves)
    bands = impact.tables["size_bands"].groupby("formula", sort=False)
    np.testing.assert_allclose(bands["annual_cost_jpy_mn"].sum(), industry["annual_cost_jpy_mn"])
    np.testing.assert_allclose(bands["exchanges_short"].sum(), industry["exchanges_short"])
    assert (bands["n_exchanges"].sum() == 4).all()
    path = impact.tables["cost_path"].groupby("formula").last()
    np.testing.assert_allclose(path["present_value_jpy_mn"], industry["present_value_jpy_mn"])
    last = impact.tables["liquidity_path"].groupby("formula").last()
    np.testing.assert_allclose(last["shortfall_jpy_mn"], industry["shortfall_jpy_mn"])


def test_cost_is_shared_between_customers_and_owners() -> None:
    industry = _impact().tables["industry"]
    borne = industry["borne_by_customers_jpy_mn"] + industry["borne_by_owners_jpy_mn"]
    np.testing.assert_allclose(borne, industry["annual_cost_jpy_mn"])


def test_bounds_enclose_the_estimate() -> None:
    tables = _impact().tables
    for name, columns in {
        "reserves": ("required_jpy_mn", "required_low_jpy_mn", "required_high_jpy_mn"),
        "compliance_cost": ("annual_cost_jpy_mn", "low", "high"),
        "industry": ("bp_of_volume", "bp_of_volume_low", "bp_of_volume_high"),
    }.items():
        estimate, low, high = (tables[name][column] for column in columns)
        assert (low < estimate).all()
        assert (estimate < high).all()

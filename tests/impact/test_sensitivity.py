"""Variants and one parameter at a time: by hand on a cash-only reserve."""

from __future__ import annotations

import numpy as np
import pytest
from panels import make_panel, share_of_custody

from analysis.errors import InputError
from analysis.impact import evaluate
from analysis.impact.sensitivity import COST_PARAMETERS, one_at_a_time, swept, variants
from analysis.scenario import Scenario

SCENARIO = Scenario()
FORMULAS = [share_of_custody(0.05), share_of_custody(0.5, "half")]


def test_cost_of_equity_moves_the_cost_as_worked_by_hand() -> None:
    # Nothing insured, no set-up cost, complete at once: the equivalent annual cost is the cost of
    # a year, (cost of equity - 1.255 %) x 55,230 + 4 x 8. At 8 %, 10 %, 15 %:
    plain = SCENARIO.with_(insurable_share=0.0, one_off_cost_jpy_mn=0.0, phase_in_years=0)
    table = one_at_a_time(make_panel(), plain, ["cost_of_equity"], FORMULAS[:1])
    row = table.iloc[0]
    assert (row["low"], row["high"]) == (0.08, 0.15)
    assert row["at_low_jpy_mn"] == pytest.approx(0.06745 * 55_230 + 32)
    assert row["central_jpy_mn"] == pytest.approx(0.08745 * 55_230 + 32)
    assert row["at_high_jpy_mn"] == pytest.approx(0.13745 * 55_230 + 32)


def test_every_cost_parameter_moves_the_cost() -> None:
    panel = make_panel(hot_share=(0.0, 0.02, 0.01, 0.05))
    table = one_at_a_time(panel, SCENARIO, formulas=FORMULAS)
    assert list(table["parameter"].unique()) == list(COST_PARAMETERS)
    moved = (table["at_low_jpy_mn"] - table["at_high_jpy_mn"]).abs()
    most = moved.groupby(table["parameter"], sort=False).max()
    assert (most > 1e-6).all(), most[most <= 1e-6]


def test_signs_of_prices() -> None:
    table = one_at_a_time(make_panel(), SCENARIO, formulas=FORMULAS).set_index(
        ["formula", "parameter"]
    )
    change = table["at_high_jpy_mn"] - table["at_low_jpy_mn"]
    for dearer in ("cost_of_equity", "running_cost_jpy_mn", "one_off_cost_jpy_mn"):
        assert (change.xs(dearer, level="parameter") > 0).all()
    for cheaper in ("reserve_yield", "insurable_share", "phase_in_years"):
        assert (change.xs(cheaper, level="parameter") < 0).all()


def test_variants_are_evaluations() -> None:
    panel = make_panel()
    table = variants(panel, SCENARIO, {"as is": {}, "cash": {"insurable_share": 0.0}}, FORMULAS)
    assert list(table["variant"]) == ["as is", "as is", "cash", "cash"]
    alone = evaluate(panel, SCENARIO.with_(insurable_share=0.0), FORMULAS).tables["industry"]
    np.testing.assert_allclose(table["cash_jpy_mn"][2:], alone["cash_jpy_mn"])
    assert (table["insured_jpy_mn"][2:] == 0).all()


def test_unfunded_and_negative_net_assets_by_hand() -> None:
    # 5 % of custody: 50,000, 5,000, 200, 30; nothing insured. Three years of net income bring
    # 42,000, 2,100, 210, 0: all but the third are left with a part that nothing may pay.
    changes: dict[str, dict[str, object]] = {
        "lock-up": {},
        "provision": {"treatment": "provision"},
        "earnings": {"retained_earnings_only": True},
    }
    table = variants(
        make_panel(), SCENARIO.with_(insurable_share=0.0), changes, FORMULAS[:1]
    ).set_index("variant")
    assert table["exchanges_unfunded"].to_dict() == {"lock-up": 0, "provision": 0, "earnings": 3}
    # Net assets 60,000, 8,000, 900, -100: the fourth is below zero already; charged in full none
    # of the others falls below (60,000 - 50,000, 8,000 - 5,000, 900 - 200).
    assert table["exchanges_negative_net_assets"].to_dict() == {
        "lock-up": 1,
        "provision": 1,
        "earnings": 1,
    }
    half = variants(make_panel(), SCENARIO, {"provision": {"treatment": "provision"}}, FORMULAS[1:])
    # 500,000, 50,000, 2,000 against 60,000, 8,000, 900, less than half of it insured: all below.
    assert half["exchanges_negative_net_assets"].item() == 4


def test_what_changes_the_panel_is_refused() -> None:
    with pytest.raises(InputError, match=r"hot_share_high.*another panel"):
        variants(make_panel(), SCENARIO, {"cold": {"hot_share_high": 0.0}}, FORMULAS)


def test_ranges_have_the_parameter_s_type() -> None:
    assert swept("phase_in_years") == (0, 10)
    assert isinstance(swept("phase_in_years")[1], int)
    with pytest.raises(InputError, match=r"horizon_years.*no swept range"):
        swept("horizon_years")
    with pytest.raises(InputError, match="nonsense"):
        swept("nonsense")

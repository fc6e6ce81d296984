"""What nobody publishes: bounds of the hot share, and what is called imputed."""

import numpy as np
import pytest

from analysis.market import FIELDS, build_panel
from analysis.market.complete import hot_share_ceiling
from analysis.scenario import scenario


def test_what_is_drawn_is_called_imputed() -> None:
    panel = build_panel(scenario())
    for name in FIELDS:
        drawn = np.ptp(panel[name], axis=0) > 0
        exact = panel.status[name].to_numpy() == "observed"
        assert not (drawn & exact).any(), name
    assert set(panel.status["liquid_assets"]) == {"imputed"}
    assert panel.status["spot_volume"].to_dict()["bitflyer"] == "imputed"
    assert panel.status["spot_volume"].to_dict()["custodiem"] == "derived"


def test_net_assets_bound_the_hot_share() -> None:
    # A firm with net assets of 1,000 can match 2 % of 50,000, not the 5 % that the order allows.
    bound = hot_share_ceiling(np.array([1_000.0, -5.0, 100.0]), np.array([50_000.0, 10.0, 0.0]))
    assert bound[0] == pytest.approx(0.02)
    assert bound[1] == 0
    assert np.isinf(bound[2])
    bounded = build_panel(scenario({"draws": 20}))
    free = build_panel(scenario({"draws": 20, "hot_share_within_net_assets": False}))
    zaif = bounded.exchanges.index("zaif")
    # Zaif 2025-09-30: net assets 1,088 over customer crypto 119,804.106
    assert bounded["hot_share"][:, zaif].max() <= 1_088 / 119_804.106
    assert free["hot_share"][:, zaif].max() > 0.04


def test_a_common_factor_widens_totals_and_leaves_means() -> None:
    apart = build_panel(scenario({"common_ignorance": 0.0}))["customer_crypto"].sum(axis=1)
    together = build_panel(scenario({"common_ignorance": 1.0}))["customer_crypto"].sum(axis=1)
    assert together.std() > 1.5 * apart.std()
    assert together.mean() == pytest.approx(apart.mean(), rel=0.01)


def test_liquid_assets_can_be_kept_within_net_assets() -> None:
    panel = build_panel(scenario({"draws": 20, "liquid_within_net_assets": True}))
    assert (panel["liquid_assets"] <= np.maximum(panel["net_assets"], 0) + 1e-9).all()

"""Tables on leaving: sums agree, bounds enclose, bands say what the figure does."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from panels import make_panel, share_of_custody

from analysis.impact.evaluate import Impact, evaluate
from analysis.impact.exit_rows import BANDS, LEFT, band
from analysis.scenario import Scenario


@cache
def _impact() -> Impact:
    formulas = [share_of_custody(share, name) for name, share in (("none", 0.0), ("some", 0.1))]
    return evaluate(make_panel(8, 0.3, ("customer_crypto",)), Scenario(), formulas)


def test_bands_by_hand() -> None:
    found = band(np.array([0.0, 0.0499, 0.05, 0.1999, 0.5, 0.8, 1.0]))
    assert list(found) == [
        "< 5 %", "< 5 %", "5-10 %", "10-20 %", "40-60 %", "> 80 %", "> 80 %",
    ]  # fmt: skip
    assert len(set(BANDS)) == len(BANDS)


def test_the_market_sums_the_exchanges() -> None:
    rows, market = _impact().tables["exits"], _impact().tables["market"].set_index("formula")
    sums = rows.groupby("formula")[["exit_probability", "forced_probability"]].sum()
    for formula in ("none", "some"):
        assert market.loc[formula, "expected_exits"] == pytest.approx(
            sums.loc[formula, "exit_probability"]
        )
        assert market.loc[formula, "forced_exits"] == pytest.approx(
            sums.loc[formula, "forced_probability"]
        )
        after = rows[rows["formula"] == formula]["exit_probability_after"].sum()
        assert market.loc[formula, "exits_after"] == pytest.approx(after)
    for inner in ("expected_exits", "exits_after"):
        assert (market[f"{inner}_low"] <= market[inner]).all()
        assert (market[inner] <= market[f"{inner}_high"]).all()
    # The number is spread more widely than what is expected of it.
    assert (market["number_low"] <= market["expected_exits_low"]).all()
    assert (market["expected_exits_high"] <= market["number_high"]).all()
    assert market["number_high"].max() <= 4
    assert (market["exits_after_fewest"] <= market["exits_after"]).all()
    assert (market["exits_after"] <= market["exits_after_most"]).all()


def test_who_has_left_already_has_no_figures_and_is_not_counted() -> None:
    panel = make_panel(4)
    names = (*panel.exchanges[:3], "custodiem")
    panel = replace(
        panel,
        exchanges=names,
        status=panel.status.set_axis(list(names)),
        method=panel.method.set_axis(list(names)),
    )
    tables = evaluate(panel, Scenario(), [share_of_custody(0.1)]).tables
    rows = tables["exits"].set_index("exchange")
    assert rows.loc["custodiem", "band"] == LEFT
    assert rows.loc["custodiem"].drop(["formula", "band"]).isna().all()
    assert rows.drop(index="custodiem").drop(columns=["buyer_profit_jpy_mn"]).notna().any().all()
    assert LEFT not in set(rows.drop(index="custodiem")["band"])
    expected = rows["exit_probability"].sum()
    assert tables["market"]["expected_exits"].item() == pytest.approx(expected)
    assert tables["market"]["number_high"].item() <= 3


def test_a_rule_that_asks_nothing_has_the_figures_without_one() -> None:
    rows = _impact().tables["exits"].query("formula == 'none'")
    assert (rows["exit_probability"] == rows["baseline_probability"]).all()
    assert (rows["added_probability"] == 0).all()
    market = _impact().tables["market"].set_index("formula").loc["none"]
    assert market["hhi_after"] == market["hhi_without"]
    assert market["offshore_share"] == market["offshore_share_without"]
    assert market["run_cost_jpy_mn"] == pytest.approx(market["run_cost_without_jpy_mn"])


def test_probabilities_lie_in_their_bounds_and_grow_with_the_rule() -> None:
    rows = _impact().tables["exits"]
    assert (rows["low"] <= rows["exit_probability"]).all()
    assert (rows["exit_probability"] <= rows["high"]).all()
    assert (rows["exit_probability"] >= rows["baseline_probability"]).all()
    assert rows["exit_probability"].between(0, 1).all()


def test_a_reserve_that_pays_shortens_runs() -> None:
    market = _impact().tables["market"].set_index("formula").loc["some"]
    assert 0 < market["run_cost_jpy_mn"] < market["run_cost_without_jpy_mn"]


def test_entry_counts_who_is_smaller_than_a_newcomer_must_be() -> None:
    table = _impact().tables["entry"]
    revenue = _impact().panel["operating_revenue"].mean(axis=0)
    for least, below in zip(
        table["newcomer_revenue_jpy_mn"], table["exchanges_below"], strict=True
    ):
        assert below == (revenue < least).sum()
    assert (table["exchanges_below"] >= table["exchanges_below_without"]).all()


def test_leavers_of_most_of_the_market_are_an_extrapolation() -> None:
    formulas = [share_of_custody(share, name) for name, share in (("none", 0.0), ("all", 5.0))]
    impact = evaluate(make_panel(8), Scenario(support_shift=-10.0), formulas)
    market = impact.tables["market"].set_index("formula")
    # Five times custody, and owners who never pay: nobody stays.
    assert market.loc["all", "volume_of_leavers_share"] == pytest.approx(1.0)
    assert market["extrapolation"].to_dict() == {"none": False, "all": True}
    volume = impact.panel["spot_volume"]
    left = ((~impact.market_after.stays[0]) * volume).sum(-1) / volume.sum(-1)
    assert market.loc["none", "volume_of_leavers_share"] == pytest.approx(left.mean())

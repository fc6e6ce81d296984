"""Rules elsewhere: which are about money, and how many outlived them."""

from __future__ import annotations

import pytest
from scipy.stats import binom

from analysis import data
from analysis.exits.experiments import experiments


def test_only_korea_in_2024_tests_a_reserve() -> None:
    table = experiments().query("resource_rule")
    assert set(table["jurisdiction"]) == {"Korea"}
    assert (table["date"].dt.year == 2024).all()
    counts = table[table["measure"] == "count"]["survived"]
    # 17 of 26 exchanges and 26 of 37 providers: 65 to 70 %.
    assert counts.to_dict() == pytest.approx(
        {"korea_2024_exchanges": 17 / 26, "korea_2024_registered": 26 / 37}
    )


def test_volume_that_survived_in_korea_by_hand() -> None:
    # All 21 markets without won traded 1.0 bn won a day of 2,900 bn: even if all of them had left,
    # 1 - 1.0 / 2,900 = 0.99966 stayed. No interval: a part of the market is no sample.
    row = experiments().loc["korea_2024_volume"]
    assert row["resource_rule"]
    assert row["survived"] == pytest.approx(1 - 1.0 / 2_900, abs=1e-5)
    assert row[["low", "high"]].isna().all()


def test_intervals_on_counts_are_exact() -> None:
    table = experiments()
    row = table.loc["japan_2018_deemed"]
    assert row["survived"] == pytest.approx(3 / 16)
    # At the low bound 3 or more survivors of 16 have a chance of 5 %.
    assert binom.sf(2, 16, row["low"]) == pytest.approx(0.05)
    assert binom.cdf(3, 16, row["high"]) == pytest.approx(0.05)


def test_purges_and_resource_rules_are_apart_and_leave_no_licence_out() -> None:
    table = experiments()
    purges, rules = table[table["licensing_purge"]], table[table["resource_rule"]]
    assert not set(purges.index) & set(rules.index)
    rest = set(data.read("market/exit_experiments")["experiment"]) - set(purges.index)
    # A stop of new licences is neither.
    assert rest - set(rules.index) == {"philippines_2025"}
    assert {"japan_2017_stayed", "japan_2018_deemed", "korea_2021_filed"} <= set(purges.index)


def test_a_wider_level_widens_the_interval() -> None:
    narrow, wide = experiments(0.5), experiments(0.99)
    counted = narrow["measure"] == "count"
    assert (wide.loc[counted, "low"] < narrow.loc[counted, "low"]).all()
    assert (wide.loc[counted, "high"] >= narrow.loc[counted, "high"]).all()

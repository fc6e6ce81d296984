"""Sales, experiments, published studies and reactions of customers: identities in the tables."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analysis import data


def test_derived_multiples_follow_from_their_cells() -> None:
    deals = data.read("market/acquisitions").set_index("deal")
    rated = deals.dropna(subset=["revenue_multiple"])
    assert set(rated.index) == {"coincheck_2018", "zaif_2021", "zaif_2025", "bitbank_2026"}
    value = rated["equity_jpy_mn"].fillna(rated["price_jpy_mn"])
    np.testing.assert_allclose(
        rated["revenue_multiple"], value / rated["revenue_jpy_mn"], rtol=0.005
    )
    stake = deals.dropna(subset=["price_jpy_mn", "stake", "equity_jpy_mn"])
    np.testing.assert_allclose(
        stake["equity_jpy_mn"], stake["price_jpy_mn"] / stake["stake"], rtol=0.001
    )


def test_the_part_of_zaif_bought_in_2021_is_counted_in_shares() -> None:
    # 3,100 shares for debt, 600 for cash and 3,715 bought, together for 3,700: 0.499 each; after
    # the deal 15,225 shares were 40.72 %.
    deal = data.read("market/acquisitions").set_index("deal").loc["zaif_2021"]
    shares = 15_225 / 0.4072
    assert deal["stake"] == pytest.approx((3_100 + 600 + 3_715) / shares, abs=1e-4)
    assert deal["equity_jpy_mn"] == pytest.approx(3_700 / 7_415 * shares, rel=1e-3)


def test_revenue_of_a_deal_is_that_of_the_statements() -> None:
    deals = data.read("market/acquisitions").dropna(subset=["revenue_year_end"])
    years = data.read("market/firm_years").set_index(["exchange", "fiscal_year_end"])
    keys = pd.MultiIndex.from_frame(deals[["exchange", "revenue_year_end"]])
    stated = years["operating_revenue_jpy_mn"].reindex(keys).to_numpy()
    np.testing.assert_array_equal(deals["revenue_jpy_mn"], stated)
    assert (deals["revenue_year_end"] < deals["announced_low"]).all()


def test_dates_of_deals_are_bounds_in_order() -> None:
    deals = data.read("market/acquisitions")
    assert (deals["announced_low"] <= deals["announced_high"]).all()
    closed = deals[deals["outcome"] == "closed"]
    assert (closed["closed_low"] <= closed["closed_high"]).all()
    assert deals.loc[deals["outcome"] != "closed", "closed_high"].isna().all()


def test_no_experiment_keeps_more_than_it_had() -> None:
    table = data.read("market/exit_experiments")
    assert (table["after"] <= table["before"]).all()
    volume = table[table["measure"] == "volume_share"]
    assert (volume["before"] == 1).all()
    counts = table[table["measure"] == "count"]
    assert (counts["before"] % 1 == 0).all()
    assert (counts["after"] % 1 == 0).all()


def test_fates_of_the_deemed_operators_add_up_in_both_tables() -> None:
    # 16 = 12 withdrawn + 1 refused + 3 registered: the table of experiments and the register.
    row = data.read("market/exit_experiments").set_index("experiment").loc["japan_2018_deemed"]
    assert row["before"] == row["after"] + row["withdrew"] + row["refused"] == 16
    spells = data.read("market/register")
    deemed = spells[(spells["status_class"] == "deemed") & (spells["operators"] == 1)]
    fates = deemed["exit_type"].value_counts()
    assert fates["application_withdrawn"] == row["withdrew"] == 12
    assert fates["refused"] == row["refused"] == 1
    assert fates["became_registered"] == row["after"] == 3


def test_log_effects_of_the_abstract_are_logs_of_its_ratios() -> None:
    table = data.read("market/published_survival").dropna(subset=["ratio"])
    np.testing.assert_allclose(np.exp(table["value"]), table["ratio"], rtol=2e-3)


def test_withdrawn_shares_come_with_their_event() -> None:
    table = data.read("market/demand_response")
    runs = table.dropna(subset=["share_withdrawn"])
    assert len(runs) == 5
    assert set(runs["topic"]) <= {"run", "proof_of_reserves"}
    # FTX Japan: USD 50 mn of 140.5 after 2022-11-10 to 2023-02-21.
    closed = runs[runs["event"].str.startswith("FTX Japan")].iloc[0]
    assert closed["share_withdrawn"] == pytest.approx(50 / 140.5, abs=0.005)
    assert closed["days_closed"] == (pd.Timestamp("2023-02-21") - pd.Timestamp("2022-11-10")).days

"""Tables of losses: each choice between sources, bounds in order, nothing lost on the way."""

from __future__ import annotations

import pandas as pd
import pytest

from analysis import data

INCIDENTS = data.read("losses/incidents").set_index("incident")
SHARES = data.read("losses/severity_shares").set_index("incident")


def test_bounds_are_in_order() -> None:
    assert (INCIDENTS["date_low"] <= INCIDENTS["date_high"]).all()
    known = INCIDENTS.dropna(subset=["loss_usd_low_mn", "loss_usd_mn"])
    assert len(known) > 30
    # Mt. Gox and others print rounded ends: half a per cent of slack.
    assert (known["loss_usd_low_mn"] <= known["loss_usd_mn"] * 1.005).all()
    assert (known["loss_usd_mn"] <= known["loss_usd_high_mn"] * 1.005).all()
    shares = SHARES.dropna(subset=["share_central"])
    assert not (shares["share_low"] > shares["share_central"]).any()
    assert not (shares["share_high"] < shares["share_central"]).any()


def test_duplicates_point_to_a_row_that_exists() -> None:
    repeated = INCIDENTS["duplicate_of"].dropna()
    assert repeated.to_dict() == {"btcturk_2026_01": "btcturk_2025_08"}
    assert set(repeated) <= set(INCIDENTS.index)


def test_operators_of_the_register_are_known_and_others_carry_no_standing() -> None:
    operators = set(data.read("market/operators")["exchange"])
    assert set(INCIDENTS["exchange"].dropna()) <= operators
    assert (INCIDENTS["exchange"].notna() == (INCIDENTS["register_status"] != "none")).all()


def test_firmness_of_shares() -> None:
    assert SHARES["firmness"].value_counts().to_dict() == {
        "firm": 20,
        "weak": 7,
        "bound": 5,
        "zero": 2,
    }
    bound = SHARES["firmness"] == "bound"
    assert (SHARES["share_central"].isna() == bound).all()
    assert SHARES.loc[bound, "share_high"].notna().all()
    assert (SHARES.loc[SHARES["firmness"] == "zero", "share_central"] == 0).all()


@pytest.mark.parametrize(
    ("incident", "loss", "held", "share"),
    [
        ("dmm_bitcoin_2024_05", 48_200, 96_200, 0.501),
        ("bybit_2025_02", 1_460, 16_900, 0.086),
        ("swissborg_2025_09", 41, 1_840, 0.022),
        ("coindcx_2025_07", 44.2, 728, 0.061),
        ("phemex_2025_01", 73.5, 461.2, 0.159),
        ("htx_2023_09", 7.9, 3_000, 0.0026),
        ("lykke_2024_06", 22.8, 68, 0.335),
    ],
)
def test_shares_are_the_loss_over_what_was_held(
    incident: str, loss: float, held: float, share: float
) -> None:
    sizes = data.read("losses/sizes")
    here = (sizes["incident"] == incident) & (sizes["measure"] == "customer_assets")
    assert held in set(sizes.loc[here, "value"])
    assert loss / held == pytest.approx(share, abs=6e-4)
    assert SHARES.loc[incident, "share_central"] == pytest.approx(share, abs=0.0021)


def test_bitpoint_share_is_the_hot_wallets_part_that_went() -> None:
    # Company, 2019-07-16: 13 % of customers' assets were in hot wallets; 3,020 went and 240 were
    # moved to cold wallets in time. 0.13 x 3,020 / 3,260 = 0.1204.
    row = SHARES.loc["bitpoint_japan_2019_07"]
    assert row["share_central"] == pytest.approx(0.13 * 3_020 / (3_020 + 240), abs=1e-3)
    assert (row["share_low"], row["share_high"]) == (0.1, 0.13)


def test_other_readings_are_of_rows_that_are_no_events() -> None:
    second = INCIDENTS["other_reading"].dropna()
    assert second.to_dict() == {
        "fcoin_2020_02": "operational",
        "zondacrypto_2026_04": "operational",
    }
    assert not set(INCIDENTS.loc[second.index, "loss_class"]) & {"hack", "operational"}


def test_upbit_2025_is_the_case_where_a_duty_met_a_loss() -> None:
    sizes = data.read("losses/sizes")
    held = (sizes["incident"] == "upbit_2025_11") & (sizes["measure"] == "reserve_held")
    reserve = sizes.loc[held, "value"].item()
    # Loss KRW 44.5 bn, of which customers' 38.6, against a statutory reserve of 47.1.
    assert reserve == pytest.approx(47.1)
    assert INCIDENTS.loc["upbit_2025_11", "customer_part"] == pytest.approx(38.6 / 44.5, abs=1e-4)


def test_outcomes_of_the_japanese_cases() -> None:
    outcomes = data.read("losses/outcomes").set_index("incident")
    assert outcomes.loc["coincheck_2018_01", "days_to_payment"] == 45  # 2018-01-26 to 03-12
    assert (pd.Timestamp("2018-03-12") - pd.Timestamp("2018-01-26")).days == 45
    assert outcomes.loc["dmm_bitcoin_2024_05", "money"] == "group"
    assert outcomes.loc["zaif_2018_09", "money"] == "acquirer"
    assert outcomes.loc["ftx_japan_2022_11", "money"] == "segregated_assets"
    closed = outcomes[outcomes["compensation"] == "none"]
    assert len(closed) == 10
    assert not closed["survival"].eq("open").any()


def test_every_event_has_a_wallet_reach_and_beyond_since_2018_is_short() -> None:
    since = INCIDENTS[(INCIDENTS["scope"] == "core") & (INCIDENTS["date_low"] >= "2018-01-01")]
    assert set(since.index[since["wallet_reach"] == "beyond"]) == {
        "coinsecure_2018_04",
        "trade_io_2018_10",
        "dmm_bitcoin_2024_05",
        "wazirx_2024_07",
        "bybit_2025_02",
        "swissborg_2025_09",
        "zondacrypto_2026_04",
    }


def test_collectors_that_disagree_are_both_kept() -> None:
    counts = data.read("losses/exposures")
    slowmist = counts[(counts["collector"] == "slowmist") & (counts["period_low"] == "2025-01-01")]
    assert slowmist["value"].tolist() == [12, 22]
    readings = counts[counts["measure"] == "population"].groupby("reading")["value"].agg(list)
    assert readings["narrow"] == [240, 70, 100, 160]
    assert readings["listed"] == [410, 210]

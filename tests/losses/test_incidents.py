"""Which losses are events: the rule on every row, its exceptions, and what it refuses."""

from __future__ import annotations

import pandas as pd
import pytest

from analysis import data
from analysis.errors import InputError
from analysis.losses.incidents import (
    COUNTED,
    OWN_MONEY,
    counted,
    doubtful,
    in_window,
    incidents,
    yearly_counts,
)

LISTED = incidents()


def reason(incident: str) -> str:
    return str(LISTED.set_index("incident").loc[incident, "reason"])


def test_nothing_is_dropped_and_every_row_has_a_reason() -> None:
    assert len(LISTED) == len(data.read("losses/incidents")) == 136
    assert LISTED["reason"].str.len().gt(5).all()
    assert (LISTED["included"] == (LISTED["reason"] == COUNTED)).all()
    assert LISTED["included"].sum() == 85


def test_the_rule_differs_from_the_collectors_where_it_says_so() -> None:
    core = LISTED["scope"] == "core"
    assert not (LISTED["included"] & ~core).any()
    differs = LISTED[core & ~LISTED["included"]]
    other = {"fcoin_2020_02", "zondacrypto_2026_04"}
    assert set(differs.loc[differs["reason"] != OWN_MONEY, "incident"]) == other
    assert set(doubtful(LISTED, "operational")["incident"]) == other
    assert doubtful(LISTED, "hack").empty
    assert set(differs["incident"]) - other == {
        "trade_io_2018_10",
        "bithumb_2019_03",
        "quoine_kk_2021_08",
        "kraken_2024_06",
        "coindcx_2025_07",
    }


@pytest.mark.parametrize(
    ("incident", "why"),
    [
        ("btcturk_2026_01", "repeats btcturk_2025_08"),
        ("nicehash_2017_12", "not an exchange but: mining"),
        ("ftx_2022_11", "fraud by the operator"),
        ("quadrigacx_2019_01", "fraud by the operator"),
        ("coinbase_2025_05", "data leaked, no coins lost from custody"),
        ("kraken_2019_06", "disorderly prices, no coins lost from custody"),
        ("ftx_japan_2022_11", "insolvency of the operator or its parent, no theft"),
        ("fcoin_2020_02", "insolvency of the operator or its parent, no theft"),
        ("zondacrypto_2026_04", "not settled whether a loss from custody or fraud by the operator"),
        ("binance_2018_03", "nothing was lost"),
        ("vircurex_2013", "neither an amount nor a share is known"),
        ("ftx_theft_2022_11", COUNTED),
        ("bithumb_2026_02", COUNTED),
        ("dmm_bitcoin_2024_05", COUNTED),
    ],
)
def test_reasons_of_known_cases(incident: str, why: str) -> None:
    assert reason(incident) == why


def test_liquid_is_two_losses_at_two_firms() -> None:
    # Final report of 2021-09-03: JPY 754 mn at the registered firm, its own; 10,050 at the
    # affiliate in Singapore, which is 91.35 mn dollars at 110 yen (10,050 / 110 = 91.36).
    rows = LISTED.set_index("incident")
    firm, affiliate = rows.loc["quoine_kk_2021_08"], rows.loc["liquid_2021_08"]
    assert (firm["loss_jpy_mn"], firm["customer_part"], firm["jurisdiction"]) == (754, 0, "japan")
    assert (affiliate["loss_jpy_mn"], affiliate["jurisdiction"]) == (10_050, "rest")
    assert not firm["included"]
    assert affiliate["included"]


def test_registered_operators_with_a_customer_loss_are_three_and_one_deemed() -> None:
    japan = counted(LISTED, jurisdictions=("japan",))
    by_status = japan.groupby("register_status")["exchange"].agg(set)
    assert by_status["registered"] == {"tech_bureau", "bitpoint", "dmm_bitcoin"}
    assert by_status["deemed"] == {"coincheck"}


def test_losses_of_japan_agree_with_the_record_of_the_market_room() -> None:
    here = LISTED[LISTED["exchange"].notna()].set_index("date_low")
    record = data.read("market/incident_record").set_index("occurred_on")
    ours = here.loc[record.index]
    pd.testing.assert_series_equal(ours["loss_jpy_mn"], record["loss_jpy_mn"], check_index=False)
    part = record["customer_loss_jpy_mn"] / record["loss_jpy_mn"]
    assert ours["customer_part"].tolist() == pytest.approx(part.tolist(), abs=1e-4)


def test_counts_of_a_year_by_hand() -> None:
    # 2019 outside Japan: Cryptopia, LocalBitcoins, Coinbin, DragonEx, CoinBene, Binance, Bitrue,
    # Upbit; Bithumb lost its own coins and BITPoint is Japanese. 2021: Liquid's affiliate, Bilaxy,
    # BitMart, AscendEX.
    abroad = counted(LISTED, loss_class="hack", jurisdictions=("korea", "rest"))
    assert yearly_counts(abroad, range(2018, 2026)).tolist() == [4, 8, 6, 4, 5, 8, 7, 9]
    assert set(counted(LISTED, loss_class="operational")["platform"]) == {"Bitomat", "Bithumb"}


def test_no_event_straddles_a_year_so_the_middle_decides_nothing() -> None:
    events = LISTED[LISTED["included"]]
    assert (events["date_low"].dt.year == events["date_high"].dt.year).all()
    assert events["occurred_on"].between(events["date_low"], events["date_high"]).all()
    year = in_window(events, pd.Timestamp("2012-01-01"), pd.Timestamp("2012-12-31"))
    assert "bitfloor_2012" in set(year["incident"])


def test_an_incident_without_a_date_is_refused() -> None:
    table = data.read("losses/incidents")
    table.loc[3, "date_low"] = pd.NaT
    with pytest.raises(InputError, match=r"row 5, incident 'bitomat_2011_08': no date; give"):
        incidents(table)
    table = data.read("losses/incidents")
    table.loc[3, "date_high"] = pd.Timestamp("2011-07-01")
    with pytest.raises(InputError, match="bitomat_2011_08': date_low is after date_high"):
        incidents(table)


def test_an_unknown_class_is_refused() -> None:
    with pytest.raises(InputError, match="'hacks'; allowed: hack or operational"):
        counted(LISTED, loss_class="hacks")

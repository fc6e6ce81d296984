"""Operators, statements, incidents: identities, bounds, and each choice between sources."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analysis import data

DAY = pd.Timestamp


def balance(exchange: str, as_of: str, measure: str) -> float:
    table = data.read("market/balances")
    here = (table["exchange"] == exchange) & (table["as_of"] == DAY(as_of))
    return float(table.loc[here & (table["measure"] == measure), "value"].item())


# Operators and register


def test_twenty_six_on_the_register_and_twenty_three_evaluated() -> None:
    operators = data.read("market/operators").set_index("exchange")
    assert operators["on_register_2026_06_30"].sum() == 26
    assert operators["in_panel"].sum() == 23
    left_out = operators[operators["on_register_2026_06_30"] & ~operators["in_panel"]]
    assert set(left_out.index) == {"money_partners", "coinbase_kk", "coinhub"}
    assert left_out["reason_excluded"].notna().all()
    assert not (operators["in_panel"] & ~operators["on_register_2026_06_30"]).any()


def test_every_evaluated_operator_has_a_statement_of_its_own() -> None:
    operators = data.read("market/operators")
    years = data.read("market/firm_years")
    own = set(years.loc[years["basis"] == "statutory", "exchange"])
    assert set(operators.loc[operators["in_panel"], "exchange"]) <= own


@pytest.mark.parametrize(
    ("day", "count"),
    [
        ("2017-09-29", 11),
        ("2017-12-26", 16),
        ("2019-05-01", 19),
        ("2023-08-31", 29),
        ("2024-08-20", 29),
        ("2025-02-06", 29),
        ("2025-09-07", 28),
        ("2026-06-30", 26),
    ],
)
def test_register_history_reproduces_reported_counts(day: str, count: int) -> None:
    counts = data.read("market/register_counts")
    reported = counts[(counts["date"] == DAY(day)) & (counts["count_of"] == "registered")]
    assert reported["count"].tolist() == [count]
    spells = data.read("market/register")
    spells = spells[spells["status_class"] == "registered"]
    entered = spells["entered_on"] <= DAY(day)
    gone_at_latest = spells["exit_high"] <= DAY(day)
    assert (entered & ~gone_at_latest).sum() == count


def test_xtheta_lives_on_under_another_bureau_s_number() -> None:
    # Kinki 3 ends on the day on which Kanto 31, today's Binance Japan, begins: a move, no exit.
    spells = data.read("market/register").set_index("exchange")
    moved = spells[spells["exit_type"] == "moved_bureau"]
    assert moved.index.tolist() == ["xtheta"]
    assert moved["exit_high"].item() == spells.loc["binance_japan", "entered_on"]
    assert moved["successor"].item() == "binance_japan"


def test_unknown_entries_lie_between_the_neighbours_of_the_missing_numbers() -> None:
    # Kanto 19 and 21 are on no row: after 18 (2019-11-27), before 22 (2020-09-08).
    operators = data.read("market/operators")
    kanto = operators["registration_no"].str.extract(r"Kanto (\d+)")[0].dropna().astype(int)
    assert set(range(1, 32)) - set(kanto) == {19, 21}
    spells = data.read("market/register")
    unknown = spells[spells["entered_on"].isna()]
    assert unknown["exchange"].tolist() == ["fxcoin", "coinage"]
    assert (unknown["entry_low"] == DAY("2019-11-27")).all()
    assert (unknown["entry_high"] == DAY("2020-09-08")).all()
    known = spells.dropna(subset=["entered_on"])
    assert (known["entry_low"] == known["entered_on"]).all()
    assert (known["entry_high"] == known["entered_on"]).all()


def test_register_and_operators_agree() -> None:
    operators = data.read("market/operators").set_index("exchange")
    spells = data.read("market/register")
    spells = spells[spells["status_class"] == "registered"].set_index("exchange")
    assert set(spells.index) == set(operators.index)
    still = spells["exit_high"].isna()
    assert (still == operators["on_register_2026_06_30"].reindex(still.index)).all()
    entered, registered = spells["entered_on"].align(operators["registered_on"])
    pd.testing.assert_series_equal(entered, registered, check_names=False)
    bounded = spells.dropna(subset=["exit_low", "exit_high"])
    assert (bounded["exit_low"] <= bounded["exit_high"]).all()


def test_dmm_bitcoin_was_registered_in_december_2017() -> None:
    # The list of March 2018 has 2017-12-01; a wiki page has January 2018.
    operators = data.read("market/operators").set_index("exchange")
    assert operators.loc["dmm_bitcoin", "registered_on"] == DAY("2017-12-01")


# Statements


def test_expenses_are_revenue_less_profit_and_marked_as_derived() -> None:
    years = data.read("market/firm_years")
    known = years.dropna(subset=["operating_expenses_jpy_mn"])
    gap = known["operating_revenue_jpy_mn"] - known["operating_profit_jpy_mn"]
    np.testing.assert_allclose(known["operating_expenses_jpy_mn"], gap, atol=0.5)
    marked = known["derived_fields"].fillna("").str.contains("operating_expenses_jpy_mn")
    # Coincheck's outlook of 2018 prints expenses of 8.9 bn itself.
    assert set(known.loc[~marked, "basis"]) == {"company_outlook"}


def test_assets_hold_net_assets_and_customers_crypto() -> None:
    years = data.read("market/firm_years")
    both = years.dropna(subset=["net_assets_jpy_mn", "total_assets_jpy_mn"])
    assert len(both) > 70
    assert (both["net_assets_jpy_mn"] <= both["total_assets_jpy_mn"]).all()
    balances = data.read("market/balances")
    held = balances[balances["measure"].isin(["customer_crypto", "customer_fiat", "own_crypto"])]
    wide = held.pivot_table(index=["exchange", "as_of"], columns="measure", values="value")
    totals = years.set_index(["exchange", "fiscal_year_end"])["total_assets_jpy_mn"]
    wide["total"] = totals.reindex(wide.index)
    at_year_end = wide.dropna(subset=["customer_crypto", "total"])
    assert len(at_year_end) == 18
    parts = at_year_end[["customer_crypto", "customer_fiat", "own_crypto"]].sum(axis=1)
    assert (parts <= at_year_end["total"] * 1.001).all()


def test_statutory_rows_and_group_figures_of_coincheck_are_kept_apart() -> None:
    years = data.read("market/firm_years")
    coincheck = years[years["exchange"] == "coincheck"].set_index("fiscal_year_end")
    assert (coincheck.loc["2022":"2025", "basis"] == "statutory").all()
    assert (coincheck.loc["2019":"2021", "basis"] == "ifrs_segment").all()
    assert coincheck.loc["2019":"2021", "net_income_jpy_mn"].isna().all()
    # Own crypto is what the group controls less what customers lent: 44,680 - 44,479 = 201.
    assert balance("coincheck", "2025-03-31", "own_crypto") == pytest.approx(44_680 - 44_479)
    assert balance("coincheck", "2025-03-31", "crypto_borrowed") == 44_479


def test_derived_yen_of_bitflyer_s_customers() -> None:
    for day, assets, crypto in [
        ("2025-12-31", 1_047_251, 969_199),
        ("2024-12-31", 1_178_804, 1_089_984),
    ]:
        assert balance("bitflyer", day, "customer_assets") == assets
        assert balance("bitflyer", day, "customer_crypto") == crypto
        assert balance("bitflyer", day, "customer_fiat") == assets - crypto


def test_own_crypto_above_net_assets_is_pointed_out() -> None:
    balances = data.read("market/balances")
    own = balances[balances["measure"] == "own_crypto"].set_index(["exchange", "as_of"])
    years = data.read("market/firm_years").set_index(["exchange", "fiscal_year_end"])
    net = years["net_assets_jpy_mn"].reindex(own.index)
    above = own[own["value"] > net]
    assert {"bittrade", "okcoin_japan", "gmo_coin", "bitbank"} <= set(
        above.index.get_level_values(0)
    )
    assert above["note"].str.contains("net assets").all()


def test_low_revenue_beside_smooth_expenses_is_a_trading_loss_not_a_misprint() -> None:
    # bitbank 94 in 2022, SBI VC Trade 473 and 313: expenses, which a misprint of revenue would
    # distort, run on without a break (at most doubling from year to year until 2024).
    years = data.read("market/firm_years").sort_values("fiscal_year_end")
    years = years[years["fiscal_year_end"] <= "2024-06-30"]
    for exchange in ("bitbank", "sbi_vc_trade"):
        expenses = years.loc[years["exchange"] == exchange, "operating_expenses_jpy_mn"]
        assert len(expenses) >= 2
        assert expenses.pct_change().dropna().between(-0.5, 1.0).all(), exchange


# Incidents, securities firms


def test_losses_count_for_the_registrant_that_bore_them() -> None:
    record = data.read("market/incident_record")
    counted = record[record["attributed"]].set_index("operator_at_loss")
    assert counted["exchange"].to_dict() == {
        "Coincheck (deemed operator)": "coincheck",
        "BITPoint Japan": "sbi_vc_trade",
        "QUOINE (Liquid)": "custodiem",
    }
    assert (record["customer_loss_jpy_mn"] <= record["loss_jpy_mn"]).all()
    # Final report of 2021-09-03: the registered firm lost JPY 754 mn of its own, customers nothing;
    # the 91 mn dollars usually quoted are the affiliate's.
    assert counted.loc["QUOINE (Liquid)", "loss_jpy_mn"] == 754
    assert counted.loc["QUOINE (Liquid)", "customer_loss_jpy_mn"] == 0


def test_two_to_forty_billion_is_not_a_balance_of_anyone() -> None:
    # The press range describes securities firms as a class; no row may pass it off as one firm's.
    reserves = data.read("market/securities_reserves")
    assert not reserves["firm"].str.contains("Nikkei|large|range", case=False).any()
    sbi = reserves[(reserves["firm"] == "SBI Securities") & (reserves["basis"] == "consolidated")]
    path = sbi.set_index("fiscal_year_end")["reserve_jpy_mn"].loc["2016":"2024"]
    assert path.tolist() == [10165, 8077, 8292, 8347, 8464, 10856, 12579, 13415, 18569]


def test_what_is_still_to_come_is_not_told_as_past() -> None:
    timeline = data.read("rules/timeline")
    assert not timeline.loc[timeline["date"] > "2026-11-22", "happened"].any()
    assert timeline.loc[timeline["date"] < "2026-11-22", "happened"].all()
    assert timeline["label"].str.len().max() <= 30

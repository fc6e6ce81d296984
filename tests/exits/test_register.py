"""Spells: what is an exit under which definition, and registers that are refused."""

from __future__ import annotations

import pandas as pd
import pytest
from registers import five, register

from analysis import data
from analysis.errors import InputError
from analysis.exits.register import KINDS, REGISTER_DAY, at_risk, exit_kinds, spells
from analysis.scenario import scenario

DAY = pd.Timestamp


def test_exits_of_registered_exchanges_by_name() -> None:
    found = spells("registration")
    left = found[found["event"] & (found["status_class"] == "registered")]
    # Group mergers (old SBI VC Trade, BITPoint) and Xtheta's move to another bureau are no exits.
    assert set(left["exchange"]) == {
        "dmm_bitcoin",
        "line_xenesis",
        "payward_asia",
        "tech_bureau",
        "fxcoin",
        "coinage",
    }
    assert not found["economic"].any()
    economic = spells("economic")
    more = economic[economic["economic"]]
    # Exia ran out of cash in 2022-11, was bought and traded on as Gate Japan: a change of owner.
    assert set(more["exchange"]) == {"custodiem", "coinbase_kk"}
    assert set(economic.loc[economic["event"] & ~economic["economic"], "firm"]) == set(
        found.loc[found["event"], "firm"]
    )


def test_business_can_end_before_the_registration() -> None:
    # Tech Bureau passed its business on in 2018-11-22, its number lapsed in 2020.
    legal, business = (
        spells(definition).set_index("exchange")["exit_high"]["tech_bureau"]
        for definition in ("registration", "economic")
    )
    assert str(business.date()) == "2018-11-22"
    assert legal.year == 2020


def test_a_business_that_never_opened_cannot_end() -> None:
    row = spells("registration").set_index("exchange").loc["money_partners"]
    assert not row["event"]
    assert row["exit_high"] == REGISTER_DAY
    assert "money_partners" not in set(spells("economic")["exchange"])
    operators = data.read("market/operators").set_index("exchange")
    assert "not started" in str(operators.loc["money_partners", "reason_excluded"])


def test_who_has_left_is_not_at_risk() -> None:
    names = ("custodiem", "gate_japan", "bitpoint", "money_partners", "sbi_vc_trade", "of_a_user")
    # Custodiem stopped on 2022-11-10 and kept its number; BITPoint was merged on 2026-04-01.
    assert at_risk(names, scenario({})).tolist() == [False, True, False, False, True, True]
    legal = scenario({"exit_definition": "registration"})
    assert at_risk(names, legal).tolist() == [True, True, False, True, True, True]
    earlier = scenario({"base_month": "2022-10"})
    assert at_risk(names, earlier).tolist() == [True, True, True, False, True, True]


def test_groups_of_unnamed_firms_become_rows() -> None:
    # 40 firms in business on 2017-04-01: 12 closed, 9 registered on the first day, 16 deemed; of
    # three nothing is known.
    deemed = spells("registration").query("status_class == 'deemed'")
    assert len(deemed) == 12 + 9 + 16
    assert deemed["event"].sum() == 12 + 13
    assert deemed["operator"].is_unique


def test_kinds_of_exit_count_every_exit_once() -> None:
    for definition, counts in (
        ("registration", {"closure": 2, "transfer": 2, "sale": 0, "refusal": 0, "unknown": 2}),
        ("economic", {"closure": 3, "transfer": 2, "sale": 1, "refusal": 0, "unknown": 2}),
    ):
        kinds = exit_kinds(spells(definition))
        assert kinds.to_dict() == counts
        assert tuple(kinds.index) == KINDS


def test_every_row_is_bounded_and_a_deemed_operator_becomes_the_same_firm() -> None:
    found = spells("economic")
    days = found[["entry_low", "entry_high", "exit_low", "exit_high"]]
    assert days.notna().all(axis=None)
    assert (found["exit_high"] <= REGISTER_DAY).all()
    coincheck = found[found["firm"] == "coincheck"].set_index("status_class")
    assert coincheck["exit_high"]["deemed"] == coincheck["entry_low"]["registered"]
    binance = found[found["firm"] == "binance_japan"]
    assert len(binance) == 2
    assert not binance["event"].any()


def test_no_events_are_refused() -> None:
    quiet = register({"operator": "A", "entry": "2018-01-01"})
    with pytest.raises(InputError, match="no exit under definition 'registration'; allowed: at"):
        spells("registration", quiet)
    merged = five().query("operator in ('C', 'E')")
    with pytest.raises(InputError, match="no exit"):
        spells("economic", merged)


def test_an_exit_before_its_entry_names_row_and_days() -> None:
    table = five()
    table.loc[1, ["exit_low", "exit_high"]] = DAY("2017-06-01")
    with pytest.raises(
        InputError, match=r"row 3, operator 'B' .entry_low 2018-01-01.*exit before entry"
    ):
        spells("registration", table)


def test_bounds_in_the_wrong_order_or_missing_are_refused() -> None:
    table = five()
    table.loc[0, "exit_low"] = DAY("2019-06-01")
    with pytest.raises(InputError, match=r"row 2, operator 'A'.*exit_low is after exit_high"):
        spells("registration", table)
    table = five()
    table.loc[3, "exit_high"] = pd.NaT
    with pytest.raises(InputError, match=r"row 5, operator 'D'.*exit_high blank.*bound is missing"):
        spells("registration", table)


def test_overlapping_spells_of_one_firm_are_refused() -> None:
    table = register(
        {
            "operator": "A deemed",
            "exchange": None,
            "status_class": "deemed",
            "entry": "2017-04-01",
            "exit": "2018-06-01",
            "exit_type": "became_registered",
            "successor": "a",
        },
        {"operator": "A", "entry": "2018-01-01", "exit": "2019-01-01", "exit_type": "voluntary"},
    )
    with pytest.raises(InputError, match="spells of 'a' overlap: 'A' entered by 2018-01-01"):
        spells("registration", table)
    table.loc[0, ["exit_low", "exit_high"]] = DAY("2018-01-01")
    assert spells("registration", table)["firm"].tolist() == ["a", "a"]


@pytest.mark.parametrize(
    ("column", "value", "hint"),
    [
        ("exit_type", "voluntery", "did you mean 'voluntary'"),
        ("exit_type", "insolvent", "allowed: voluntary"),
        ("economic_type", "xyz", "allowed: ended"),
    ],
)
def test_unknown_types_are_refused(column: str, value: str, hint: str) -> None:
    table = five()
    table.loc[3, column] = value
    with pytest.raises(InputError, match=f"row 5: {column} = '{value}' is unknown; {hint}"):
        spells("registration", table)


def test_an_unknown_definition_is_refused() -> None:
    with pytest.raises(InputError, match="'legal'; allowed: registration or economic"):
        spells("legal")


def test_every_operator_of_the_table_has_its_row() -> None:
    fields = data.read("market/register")
    assert len(spells("registration")) == fields["operators"].sum()
    # Money Partners never opened.
    assert len(spells("economic")) == fields["operators"].sum() - 1

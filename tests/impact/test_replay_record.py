"""What is known of operators on the day of a loss: data, the check at Upbit, bad input."""

from __future__ import annotations

from typing import Any

import pytest
from records import BITPOINT, DMM, ZAIF, table

from analysis import data
from analysis.errors import InputError
from analysis.impact.payment_record import payment_record
from analysis.impact.replay_record import record
from analysis.impact.upbit import upbit_check
from analysis.scenario import Scenario

BASE = Scenario()


def test_upbit_s_reserve_agrees_with_the_formula_on_a_separate_estimate() -> None:
    # 95,100 bn at all exchanges x 0.53 or 0.716 x 1.67 % hot x 5 % = 42.1 to 56.9 bn; 47.1 booked.
    check = {line["quantity"]: line for line in upbit_check(BASE).to_dict("records")}
    asked, booked = check["amount by the formula"], check["reserve booked"]
    assert asked["low"] == pytest.approx(0.05 * 0.0167 * 50_403, rel=1e-6)
    assert asked["high"] == pytest.approx(0.05 * 0.0167 * 68_091.6, rel=1e-6)
    assert asked["low"] < booked["value"] < booked["high"] < asked["high"]
    assert booked["value"] == 47.1
    # 47.1 / 44.5 covers the loss whole, 47.1 / 54 = 87 % of what was first feared.
    assert check["part of the loss covered by the reserve"]["value"] == 1
    fear = check["part of the first estimate covered by the reserve"]["value"]
    assert fear == pytest.approx(47.1 / 54)
    # The way back is circular: 47.1 / 5 % = 942 bn of hot custody, which gives 47.1 again.
    circle = check["hot custody implied by the reserve"]
    assert (circle["value"], circle["basis"]) == (pytest.approx(942), "circular")
    assert check["paid out of the reserve"]["value"] == 0


# Data


def test_every_row_says_how_it_was_converted_and_derived() -> None:
    rows = data.read("losses/replay")
    money = rows["unit"].str.endswith(" mn")
    foreign = money & ~rows["unit"].eq("JPY mn")
    assert (rows["jpy_per_unit"].notna() == money).all()
    assert (rows["rate_on"].notna() == foreign).all()
    assert (rows["derivation"].notna() | rows["status"].eq("observed")).all()
    listed = data.read("losses/incidents").set_index("incident")["date_low"]
    gap = (rows["incident"].map(listed) - rows["rate_on"])[foreign].dt.days
    assert gap.between(-30, 7).all()
    lost = rows.pivot_table(index="incident", columns="measure", values="value")
    assert (lost["customer_loss"] <= lost["loss"]).all()


def test_years_and_records_agree_with_the_register_and_the_list() -> None:
    known = record()
    years = dict(zip(known.incidents, known.value["years_registered"], strict=True))
    # 2017-12-01 to 2024-05-31 and 2017-09-29 to 2019-07-11.
    assert years[DMM] == pytest.approx(6.5, abs=0.01)
    assert years[BITPOINT] == pytest.approx(1.78, abs=0.01)
    record_of = data.read("market/incident_record").set_index("operator_at_loss")
    for operator, id in (("DMM Bitcoin", DMM), ("BITPoint Japan", BITPOINT), ("Tech Bureau", ZAIF)):
        loss = known.loss[known.incidents.index(id)]
        assert loss == record_of.loc[operator, "customer_loss_jpy_mn"]


def test_owners_paid_in_most_settled_cases() -> None:
    out = payment_record(BASE)
    lines = {line["reading"]: line for line in out.to_dict("records")}
    settled, japan = lines["settled"], lines["settled, Japan since 2014"]
    assert (settled["paid"], settled["events"]) == (31, 54)
    assert (japan["paid"], japan["events"]) == (4, 5)
    assert ((out["low"] < out["share"]) & (out["share"] < out["high"])).all()
    field = Scenario.model_json_schema()["properties"]["voluntary_payment"]
    large = lines["settled, a tenth of customers' assets or more"]
    assert (large["paid"], large["events"]) == (6, 14)
    assert field["default"] == pytest.approx(6 / 14, abs=0.005)
    assert field["swept"][0] <= large["low"]
    assert large["high"] <= field["swept"][1]
    small = lines["settled or promised, less than a tenth"]
    assert (small["paid"], small["events"]) == (12, 13)


# Bad input


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (
            [(DMM, "customer_loss", 900, None, None), (DMM, "customer_crypto", 800, None, None)],
            r"row 2, dmm_bitcoin_2024_05: customers' loss of 900 JPY mn is above the 800 held",
        ),
        ([("dmm", "customer_loss", 1, None, None)], r"row 2, dmm, customer_loss: no such loss"),
        ([(DMM, "loss", 1, None, None)], "no row customer_loss with a value"),
        (
            [(DMM, "customer_loss", 1, None, None), (DMM, "hot_share", 1.2, None, None)],
            r"row 3, .*hot_share: not a share",
        ),
        (
            [(DMM, "customer_loss", 1, None, None), (DMM, "customer_crypto", 5, 6, 7)],
            r"row 3, .*not in order; allowed: low <= value <= high",
        ),
        (
            [(DMM, "customer_loss", 1, None, None), (DMM, "customer_crypto", -5, None, None)],
            "below zero",
        ),
        (
            [(DMM, "customer_loss", 1, None, None), (DMM, "spot_volume", None, None, None)],
            "no value and no bound",
        ),
        ([(DMM, "customer_loss", 1, None, None)] * 2, "twice"),
    ],
)
def test_a_record_that_cannot_be_is_refused(rows: list[tuple[Any, ...]], message: str) -> None:
    with pytest.raises(InputError, match=message):
        record(table(*rows))

"""What is known of operators on the day of a loss: data, the check at Upbit, bad input."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from records import BITPOINT, DMM, ZAIF, table

from analysis import data
from analysis.errors import InputError
from analysis.impact.payment_record import IN_FULL, payment_record
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


def test_replay_and_severity_have_the_same_shares() -> None:
    # Where a firm share of all assets is listed, the loss over custody of the day is that share.
    known, shares = record(), data.read("losses/severity_shares").set_index("incident")
    custody = dict(zip(known.incidents, known.value["customer_crypto"], strict=True))
    lost = dict(zip(known.incidents, known.loss, strict=True))
    firm = shares[(shares["firmness"] == "firm") & shares["share_central"].notna()]
    both = [name for name in firm.index if name in custody and not np.isnan(custody[name])]
    assert {BITPOINT, DMM, "mt_gox_2014_02", "wazirx_2024_07"} <= set(both)
    for name in both:
        share = firm.loc[name, "share_central"]
        assert lost[name] / custody[name] == pytest.approx(share, rel=0.05), name
    # BITPoint: 2,060 / 0.12.
    assert custody[BITPOINT] == pytest.approx(2_060 / 0.12, abs=0.1)


def test_outcomes_follow_one_rule() -> None:
    out = data.read("losses/outcomes").set_index("incident")
    stated = out[out["paid_share"].notna()]
    full = stated["compensation"].isin(["full", "full_promised"])
    assert (full == (stated["paid_share"] >= IN_FULL)).all()
    assert (stated.loc[~full, "compensation"] == "partial").all()
    # Coincheck: 523 mn coins at 88.549 yen are 46,311 of 58,000, 0.798.
    coincheck = out.loc["coincheck_2018_01"]
    assert coincheck["paid_share"] == pytest.approx(523 * 88.549 / 58_000, abs=0.005)
    assert coincheck["compensation"] == "partial"
    # WazirX: 45 % lost, 85 % of all balances returned, so 30 of the 45 points.
    wazirx = out.loc["wazirx_2024_07", "paid_share"]
    assert wazirx == pytest.approx((0.85 - 0.55) / 0.45, abs=0.005)


def test_owners_paid_in_most_settled_cases() -> None:
    out = payment_record(BASE).set_index("reading")
    counts = {name: (row["paid"], row["events"]) for name, row in out.iterrows()}
    # Coincheck, Zaif, BITPoint, DMM Bitcoin and Mt. Gox: three in full.
    assert counts["settled, Japan since 2014"] == (3, 5)
    assert counts["settled"] == (30, 52)
    # In full: Bitomat, Bitfinex, BITPoint, KuCoin, GDAC, DMM Bitcoin. Not: Mt. Gox, Yapizon,
    # Youbit, Coincheck, BitGrail, Coinrail, Altsbit, Lykke, WazirX.
    tenth = "settled, a tenth of customers' assets or more"
    assert counts[tenth] == (6, 15)
    assert counts[f"{tenth}, three quarters are enough"] == (7, 15)
    assert counts["settled or promised, less than a tenth"] == (12, 13)
    assert ((out["low"] < out["share"]) & (out["share"] < out["high"])).all()
    field = Scenario.model_json_schema()["properties"]["voluntary_payment"]
    assert out.loc[tenth, "low"] <= field["default"] <= out.loc[tenth, "high"]
    assert field["swept"][0] <= out.loc[tenth, "low"]
    assert out.loc[tenth, "high"] <= field["swept"][1]


# Bad input


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (
            [(DMM, "customer_loss", 900, None, None), (DMM, "customer_crypto", 800, None, None)],
            r"row 2, .*customer_loss: customers' loss of 900 JPY mn is above the 800 held for them",
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


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"unit": "dollars"}, r"row 2, dmm_bitcoin_2024_05, customer_loss: unknown unit; allowed"),
        ({"unit": "share"}, "unknown unit"),
        ({"unit": None}, "unknown unit"),
        ({"unit": "USD mn", "jpy_per_unit": np.nan}, "no rate of the day; give jpy_per_unit"),
        ({"unit": "USD mn", "jpy_per_unit": 0.0}, "no rate of the day"),
        ({"jpy_per_unit": 157.1}, "no rate of the day; give jpy_per_unit, 1 for yen"),
        ({"measure": "customer_losses"}, "unknown measure; allowed: loss, customer_loss, "),
    ],
)
def test_money_needs_a_known_unit_and_a_rate(changed: dict[str, Any], message: str) -> None:
    rows = table((DMM, "customer_loss", 900, None, None))
    with pytest.raises(InputError, match=message):
        record(rows.assign(**changed))


def test_money_abroad_is_brought_to_yen_at_its_own_rate() -> None:
    rows = table((DMM, "customer_loss", 9, None, None)).assign(unit="NZD mn", jpy_per_unit=95.0)
    assert record(rows).loss.tolist() == [855]

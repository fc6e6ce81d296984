"""The parameters of the study: each explained, each inside its range, each refused when wrong."""

from typing import Any

import pytest

from analysis.errors import InputError
from analysis.scenario import Scenario, allowed, scenario

FIELDS = Scenario.model_json_schema()["properties"]


@pytest.mark.parametrize("name", FIELDS)
def test_every_parameter_says_what_it_is(name: str) -> None:
    field = FIELDS[name]
    assert field["description"]
    assert field["unit"]
    assert field["source"]
    assert allowed(name)


@pytest.mark.parametrize("name", [n for n in FIELDS if FIELDS[n]["kind"] == "assumption"])
def test_every_assumption_is_swept_around_its_default(name: str) -> None:
    low, high = FIELDS[name]["swept"]
    assert low <= FIELDS[name]["default"] <= high
    assert low < high


@pytest.mark.parametrize("name", [n for n in FIELDS if FIELDS[n]["swept"]])
def test_both_ends_of_a_swept_range_are_allowed(name: str) -> None:
    for end in FIELDS[name]["swept"]:
        value = int(end) if FIELDS[name].get("type") == "integer" else end
        pair = {"hot_share_low": "hot_share_high", "order_book_share_low": "order_book_share_high"}
        other = {pair[name]: 1.0} if name in pair else {}
        if name in {"hot_share_high", "order_book_share_high", "binance_flow_high"}:
            other = {name.replace("high", "low"): 0.0}
        if name == "binance_flow_low":
            other = {"binance_flow_high": 1.0}
        assert getattr(scenario({name: value, **other}), name) == value


@pytest.mark.parametrize(
    ("values", "complaint"),
    [
        ({"phase_in_year": 3}, "did you mean 'phase_in_years'"),
        ({"phase_in_years": "3"}, "phase_in_years = '3': .*allowed: 0 to 20"),
        ({"phase_in_years": 2.5}, "valid integer"),
        ({"phase_in_years": True}, "valid integer"),
        ({"insurable_share": 1.5}, "insurable_share = 1.5: .*allowed: 0 to 1"),
        ({"insurable_share": True}, "valid number"),
        ({"cost_of_equity": float("nan")}, "finite"),
        ({"cap_jpy_mn": float("inf")}, "cap_jpy_mn = inf"),
        ({"floor_jpy_mn": -1.0}, "allowed: 0 to"),
        ({"floor_jpy_mn": 10.0, "cap_jpy_mn": 5.0}, "floor_jpy_mn = 10 is above cap_jpy_mn = 5"),
        ({"base_month": "2026-13"}, "a month such as 2026-07"),
        ({"treatment": "expense"}, "lock_up or provision"),
        ({"rule_parameters": {"custody_share_korea.hot_rate": float("nan")}}, "rule_parameters"),
        ({"draws": 1}, "allowed: 2 to"),
    ],
)
def test_a_wrong_value_gets_one_clear_message(values: dict[str, Any], complaint: str) -> None:
    with pytest.raises(InputError, match=complaint) as refusal:
        scenario(values)
    assert "\n" not in str(refusal.value)


def test_a_changed_copy_is_checked_too() -> None:
    assert scenario().with_(phase_in_years=0).phase_in_years == 0
    with pytest.raises(InputError, match="phase_in_years"):
        scenario().with_(phase_in_years=-1)

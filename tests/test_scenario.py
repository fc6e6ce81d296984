"""The parameters of the study: each explained, each inside its range, each refused when wrong."""

from typing import Any

import pytest

from analysis.data import read
from analysis.errors import InputError
from analysis.market.custody import yen_prices
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
        # A range of two parameters is opened wide for either end.
        other: dict[str, float] = {}
        if name.endswith("_low") and name.replace("_low", "_high") in FIELDS:
            other = {name.replace("_low", "_high"): 1.0}
        if name.endswith("_high") and name.replace("_high", "_low") in FIELDS:
            other = {name.replace("_high", "_low"): 0.0}
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
        ({"price_shock": -0.8}, r"price_shock = -0.8: .*allowed: -0.74 to 9.1 .*2018-12"),
        ({"price_shock": 9.2}, r"price_shock = 9.2: .*allowed: -0.74 to 9.1 .*2018-01"),
        (
            {"benchmark_carried_low": 0.6, "benchmark_carried_high": 0.5},
            "benchmark_carried_low = 0.6 is above benchmark_carried_high = 0.5",
        ),
    ],
)
def test_a_wrong_value_gets_one_clear_message(values: dict[str, Any], complaint: str) -> None:
    with pytest.raises(InputError, match=complaint) as refusal:
        scenario(values)
    assert "\n" not in str(refusal.value)


def test_price_shocks_end_where_the_prices_have_been() -> None:
    bitcoin = yen_prices(read("market/prices_monthly"))["BTC"].dropna()
    year = bitcoin / bitcoin.shift(12) - 1
    # December 2018 over December 2017, and January 2018 over January 2017.
    assert (str(year.idxmin()), str(year.idxmax())) == ("2018-12", "2018-01")
    assert FIELDS["price_shock"]["minimum"] == pytest.approx(year.min(), abs=0.01)
    assert FIELDS["price_shock"]["maximum"] == pytest.approx(year.max(), abs=0.01)


def test_a_changed_copy_is_checked_too() -> None:
    assert scenario().with_(phase_in_years=0).phase_in_years == 0
    with pytest.raises(InputError, match="phase_in_years"):
        scenario().with_(phase_in_years=-1)

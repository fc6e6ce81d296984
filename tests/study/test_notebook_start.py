"""The parameters cell of a page: checked whole, whoever set it."""

from datetime import date
from typing import Any

import pytest

from analysis.errors import InputError
from analysis.scenario import Scenario
from analysis.study.notebook import start


def test_an_untouched_cell_is_the_baseline() -> None:
    assert start({"formula": "all", "panel": None, "_private": 1, "start": start}) == Scenario()


def test_any_parameter_may_be_set_whether_or_not_the_cell_lists_it() -> None:
    chosen = start({"formula": "own_funds_mica_2", "pass_through": 0.25, "In": [], "Out": {}})
    assert (chosen.formula, chosen.pass_through) == ("own_funds_mica_2", 0.25)


def test_a_mapping_may_come_as_text() -> None:
    chosen = start({"rule_parameters": '{"custody_share_korea.hot_rate": 0.08}'})
    assert chosen.rule_parameters == {"custody_share_korea.hot_rate": 0.08}


def test_a_mapping_may_be_nested_by_formula() -> None:
    for given in (
        {"custody_share_korea": {"hot_rate": 0.08}},
        {"custody_share_korea.hot_rate": 0.08},
    ):
        chosen = start({"rule_parameters": given})
        assert chosen.rule_parameters == {"custody_share_korea.hot_rate": 0.08}


@pytest.mark.parametrize(
    ("namespace", "complaint"),
    [
        ({"phase_in_year": 5}, "did you mean 'phase_in_years'"),
        ({"pannel": "x.csv"}, "did you mean 'panel'"),
        ({"phase_in_years": "5"}, "valid integer"),
        ({"insurable_share": (0, 1)}, "insurable_share"),
        ({"floor_jpy_mn": -1.0}, "allowed: 0 to"),
        ({"rule_parameters": "hot_rate: 0.08"}, "rule_parameters"),
        ({"panel": 5}, "path of a file"),
    ],
)
def test_a_wrong_cell_stops_the_page(namespace: dict[str, Any], complaint: str) -> None:
    with pytest.raises(InputError, match=complaint):
        start(namespace)


def test_a_date_is_not_taken_for_text() -> None:
    with pytest.raises(InputError, match="law_date"):
        start({"law_date": date(2026, 12, 1)})


def test_the_cell_may_be_run_again_beside_the_pages_own_variables() -> None:
    namespace: dict[str, Any] = {"draws": 10, "In": ["", "draws = 10", "start(globals())"]}
    start(namespace)
    namespace |= {"total": 5.0, "rows": ["a"], "draws": 20}
    namespace["In"] += ["draws = 20", "start(globals())"]
    assert start(namespace).draws == 20


def test_a_misspelt_name_is_found_when_the_cell_is_run_again() -> None:
    namespace: dict[str, Any] = {"draws": 10, "In": ["", "draws = 10", "start(globals())"]}
    start(namespace)
    namespace |= {"phase_in_year": 5}
    namespace["In"] += ["draws = 10\nphase_in_year = 5", "start(globals())"]
    with pytest.raises(InputError, match="did you mean 'phase_in_years'"):
        start(namespace)

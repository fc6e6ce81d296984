"""Parameters as people write them: typed by the scenario, refused with file, line and advice."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.errors import InputError
from analysis.scenario import Scenario, changed, scenario
from analysis.study.parameters import (
    base_name,
    from_file,
    from_pairs,
    from_text,
    parameters_table,
)


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("phase_in_years", "5", 5),
        ("cap_jpy_mn", "1e4", 10_000.0),
        ("insurable_share", "0", 0.0),
        ("include_other_duties", "true", True),
        ("include_other_duties", "No", False),
        ("formula", "custody_share_korea", "custody_share_korea"),
        ("law_date", "2026-01-31", "2026-01-31"),
        ("base_month", "2026-07", "2026-07"),
        ("formula_file", "none", None),
        ("formula_file", "my rule.yaml", "my rule.yaml"),
        ("rule_parameters", '{"a.rate": 0.5}', {"a.rate": 0.5}),
        ("rule_parameters.a.rate", "5", 5.0),
        # Text that is not of the type stays text, and the scenario says what is allowed.
        ("phase_in_years", "five", "five"),
        ("phase_in_years", "5.5", "5.5"),
        ("include_other_duties", "perhaps", "perhaps"),
    ],
)
def test_text_is_read_as_the_parameters_type(name: str, text: str, value: Any) -> None:
    read = from_text(name, text)
    assert read == value
    assert type(read) is type(value)


@given(st.floats(0, 1))
def test_a_share_survives_being_written_and_read(share: float) -> None:
    assert from_text("insurable_share", repr(share)) == share


def test_a_misspelt_name_gets_the_nearest() -> None:
    with pytest.raises(InputError, match="did you mean 'phase_in_years'"):
        from_pairs([("phase_in_year", "5")])


def test_a_panel_is_given_by_its_own_option() -> None:
    with pytest.raises(InputError, match="--panel FILE"):
        from_pairs([("panel", "x.csv")])


def test_a_name_given_twice_is_refused() -> None:
    with pytest.raises(InputError, match="given twice"):
        from_pairs([("draws", "5"), ("draws", "6")])


HOT, COLD = "custody_share_korea.hot_rate", "custody_share_korea.cold_rate"


@pytest.mark.parametrize(
    "pairs",
    [
        [(f"rule_parameters.{HOT}", "0.05"), (f"rule_parameters.{COLD}", "0")],
        [("rule_parameters", f'{{"{HOT}": 0.05}}'), (f"rule_parameters.{COLD}", "0")],
        [("rule_parameters", f'{{"{HOT}": 0.05, "{COLD}": 0}}')],
    ],
)
def test_parameters_of_formulas_are_joined(pairs: list[tuple[str, str]]) -> None:
    assert from_pairs(pairs) == {"rule_parameters": {HOT: 0.05, COLD: 0.0}}


def test_one_parameter_of_a_formula_is_put_on_those_of_a_file_and_the_whole_replaces_them() -> None:
    below = {"draws": 5, "rule_parameters": {HOT: 0.5, COLD: 0.5}}
    one = from_pairs([(f"rule_parameters.{HOT}", "0.05"), ("draws", "7")], below)
    assert one == {"draws": 7, "rule_parameters": {HOT: 0.05, COLD: 0.5}}
    whole = from_pairs([("rule_parameters", f'{{"{HOT}": 0.05}}')], below)
    assert whole == {"draws": 5, "rule_parameters": {HOT: 0.05}}


@pytest.mark.parametrize(
    "text",
    [
        f"rule_parameters.{HOT}: 0.1\nrule_parameters.{COLD}: 0\n",
        f"rule_parameters: {{{HOT}: 0.1, {COLD}: 0}}\n",
        "rule_parameters: {custody_share_korea: {hot_rate: 0.1, cold_rate: 0}}\n",
        f"rule_parameters:\n  custody_share_korea: {{hot_rate: 0.1}}\nrule_parameters.{COLD}: 0\n",
    ],
)
def test_a_file_may_spell_parameters_of_formulas_in_three_ways(tmp_path: Path, text: str) -> None:
    file = tmp_path / "s.yaml"
    file.write_text(text)
    assert from_file(file) == {"rule_parameters": {HOT: 0.1, COLD: 0}}


def test_a_wrong_parameter_of_a_formula_is_refused_with_the_form() -> None:
    with pytest.raises(InputError, match=f"rule_parameters.{HOT} is given twice"):
        from_pairs([("rule_parameters", f'{{"{HOT}": 1}}'), (f"rule_parameters.{HOT}", "1")])
    for name, text, told in (
        ("rule_parameters", "{hot_rate", "= '{hot_rate': .*valid dictionary"),
        ("rule_parameters", '{"hot_rate": 1}', "'hot_rate' names no formula"),
        (f"rule_parameters.{HOT}", "much", f"parameter rule_parameters.{HOT} = 'much': .*number"),
    ):
        with pytest.raises(InputError, match=f'{told}.*{{"{HOT}": 0.08}} or rule_parameters'):
            scenario(from_pairs([(name, text)]))


def test_a_file_keeps_dates_as_text_and_reads_exponents(tmp_path: Path) -> None:
    file = tmp_path / "s.yaml"
    file.write_text("law_date: 2026-12-01\ncap_jpy_mn: 5e4\nbase_month: 2026-06\nformula_file:\n")
    assert from_file(file) == {
        "law_date": "2026-12-01",
        "cap_jpy_mn": 50_000.0,
        "base_month": "2026-06",
        "formula_file": None,
    }


def test_json_and_an_empty_file_are_scenario_files_too(tmp_path: Path) -> None:
    file = tmp_path / "s.json"
    file.write_text('{"draws": 10, "rule_parameters": {"a.b": 1e-2}}')
    assert from_file(file) == {"draws": 10, "rule_parameters": {"a.b": 0.01}}
    file.write_text("# nothing changed\n")
    assert from_file(file) == {}


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (
            "draws: 10\nphase_in_year: 5\n",
            "line 2, phase_in_year: unknown parameter.*'phase_in_years'",
        ),
        (
            "draws: 10\ninsurable_share: 1.5\n",
            "line 2, insurable_share: .*insurable_share = 1.5.*0 to 1",
        ),
        ("draws: 10\ndraws: 20\n", "line 2, draws: is there twice"),
        ("cost_of_equity: .nan\n", "line 1, cost_of_equity: .*finite"),
        ("- draws\n", "line 1, .*lines like"),
        ("draws: [1\n", "line 2: "),
        (
            "draws: 9\nrule_parameters.a.rate: much\n",
            "line 2, rule_parameters.a.rate: parameter rule_parameters.a.rate = 'much'",
        ),
        ("draws: 9\nrule_parameters: 5\n", 'line 2, rule_parameters: .*, as {"custody_share'),
        ("draws: '10'\n", "line 1, draws: .*valid integer"),
        (
            "hot_share_low: 0.2\n",
            "line 1, hot_share_low: hot_share_low = 0.2 is above hot_share_high",
        ),
    ],
)
def test_a_file_is_refused_with_its_line(tmp_path: Path, text: str, complaint: str) -> None:
    file = tmp_path / "s.yaml"
    file.write_text(text)
    with pytest.raises(InputError, match=complaint) as refusal:
        from_file(file)
    assert str(file) in str(refusal.value)


def test_a_file_that_is_not_there_or_not_text_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="No such file"):
        from_file(tmp_path / "none.yaml")
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match="not UTF-8"):
        from_file(tmp_path / "binary")


def test_only_what_differs_is_given_to_a_page() -> None:
    assert changed(Scenario()) == {}
    slower = scenario({"draws": Scenario().draws, "phase_in_years": 5})
    assert changed(slower) == {"phase_in_years": 5}


def test_the_table_shows_every_parameter_or_those_wanted_and_the_changed() -> None:
    chosen = scenario({"phase_in_years": 5, "formula_file": "/home/someone/rule.yaml"})
    everything = parameters_table(chosen)
    assert list(everything["parameter"]) == list(Scenario.model_fields)
    some = parameters_table(chosen, ["seed"]).set_index("parameter")
    assert set(some.index) == {"seed", "phase_in_years", "formula_file"}
    assert some.loc["phase_in_years", "changed"] == "yes (was 3)"
    assert some.loc["formula_file", "value"] == "rule.yaml"
    assert some.loc["seed", "changed"] == ""
    with pytest.raises(InputError, match="did you mean 'draws'"):
        parameters_table(chosen, ["draw"])


def test_a_path_of_any_machine_is_cut_to_its_name() -> None:
    assert base_name("/a/b/c.csv") == "c.csv"
    assert base_name("C:\\a\\b.csv") == "b.csv"
    assert base_name("c.csv") == "c.csv"
    assert base_name(None) is None

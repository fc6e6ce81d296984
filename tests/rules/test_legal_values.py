"""The table of legal values says what the formulas compute with."""

from pathlib import Path

import pytest
from exposures import YEN

from analysis.rules import candidates
from analysis.rules.legal_values import ABSENT, legal_values
from analysis.scenario import scenario


def test_values_are_those_of_the_formulas() -> None:
    chosen = scenario()
    table = legal_values(chosen)
    formulas = {formula.id: formula for formula in candidates(chosen)}
    for row in table.itertuples():
        used = getattr(formulas[str(row.formula)], str(row.parameter))
        if row.text == ABSENT:
            assert used is None
        else:
            money = row.unit in {*YEN, "JPY", "JPY mn"}
            assert used == pytest.approx(row.value_jpy_mn if money else row.value)


def test_korea_in_the_words_of_a_reader() -> None:
    table = legal_values(scenario({"formula": "custody_share_korea"})).set_index("parameter")
    # KRW 3,000 mn x JPY 0.109099 = JPY 327.297 mn.
    assert table["text"].to_dict() == {
        "hot_rate": "5 %",
        "cold_rate": ABSENT,
        "threshold": ABSENT,
        "base": ABSENT,
        "floor_amount": "KRW 3,000 mn (JPY 327.3 mn)",
    }
    assert set(table["effective_on"]) == {"2024-07-19"}
    assert not table["changed"].any()


def test_an_override_is_marked_and_shown() -> None:
    given = {"formula": "k_factors_uk", "rule_parameters": {"k_factors_uk.minimum": 1_000_000.0}}
    table = legal_values(scenario(given)).set_index("parameter")
    # GBP 1 mn x JPY 212.248 = JPY 212.2 mn.
    assert table.loc["minimum", "text"] == "GBP 1 mn (JPY 212.2 mn)"
    assert table.index[table["changed"]].tolist() == ["minimum"]


def test_everything_but_an_assumption_has_an_address() -> None:
    table = legal_values(scenario())
    blank = table["address"] == ""
    assert blank.any()
    assert set(table.loc[blank, "confidence"]) == {"assumption"}


def test_a_users_file_is_in_the_table(tmp_path: Path) -> None:
    shipped = Path("data/rules/custody_share/korea.yaml").read_text(encoding="utf-8")
    own = tmp_path / "own.yaml"
    own.write_text(shipped.replace("preset: korea", "preset: own"), encoding="utf-8")
    table = legal_values(scenario({"formula_file": str(own), "formula": "custody_share_own"}))
    assert table["formula"].unique().tolist() == ["custody_share_own"]
    assert len(table) == 5

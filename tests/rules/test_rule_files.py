"""The law data: every shipped file, and what a wrong one is told."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from exposures import YEN, amount, formula, grid, one

from analysis.errors import InputError
from analysis.rules import candidates, load_formula, securities_reserve
from analysis.rules.law import rule_file
from analysis.rules.registry import FORMULAS, OTHER_RULES, parameter_names
from analysis.rules.selection import RULES
from analysis.scenario import Scenario, scenario

FILES = sorted(RULES.glob("*/*.yaml"))
KOREA = RULES / "custody_share" / "korea.yaml"


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_file_lies_where_its_names_say_and_has_the_parameters_of_its_formula(path: Path) -> None:
    preset = rule_file(path).preset
    assert (preset.formula, preset.preset) == (path.parent.name, path.stem)
    assert set(preset.parameters) == set(parameter_names(preset.formula))
    assert preset.checked
    assert preset.last_checked_on.startswith("2026-11")


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_values_lie_in_range_and_carry_a_reference_or_say_assumption(path: Path) -> None:
    for parameter in rule_file(path).preset.parameters.values():
        low, high = parameter.range
        for dated in parameter.values.values():
            assert dated.value is None or low <= dated.value <= high
            if dated.confidence == "assumption":
                assert dated.note
                continue
            assert dated.reference is not None
            assert re.fullmatch(r"https?://\S+", dated.reference.address)
            assert dated.reference.address.count("://") == 1
            assert dated.reference.pinpoint
            assert dated.reference.retrieved_on.startswith("2026-11")


def test_every_file_below_rules_is_read_as_a_rule() -> None:
    known = {*FORMULAS, *OTHER_RULES}
    assert {path.parent.name for path in FILES} == known
    assert len(FILES) == len(candidates(Scenario())) + 1  # article_175 is no candidate


def test_the_two_files_on_article_175_agree() -> None:
    law, copied = securities_reserve(Scenario()), formula("fiea_turnover")
    assert vars(copied)["accrual_bp"] == law.accrual_stocks
    assert vars(copied)["ceiling_bp"] == law.ceiling_stocks


def test_yaml_is_read_as_pyyaml_reads_it() -> None:
    """The reader with line numbers drops and changes nothing, dates apart, which stay text."""
    for path in FILES:
        plain = yaml.safe_load(path.read_text(encoding="utf-8"))
        lined = rule_file(path).marked.content
        assert yaml.safe_load(yaml.safe_dump(_as_text(plain))) == _as_text(lined)


def _as_text(node: object) -> object:
    if isinstance(node, dict):
        return {str(key): _as_text(value) for key, value in node.items()}
    if isinstance(node, list):
        return [_as_text(item) for item in node]
    return node if isinstance(node, int | float | None) else str(node)


def _edited(folder: Path, old: str, new: str, count: int = 1) -> tuple[Path, int]:
    """Korea's file with one edit, and the line of the edit."""
    text = KOREA.read_text(encoding="utf-8")
    assert old in text, old
    path = folder / "own.yaml"
    path.write_text(text.replace(old, new, count), encoding="utf-8")
    return path, text[: text.index(old)].count("\n") + 1


@pytest.mark.parametrize(
    ("old", "new", "line", "key", "message"),
    [
        (
            "  hot_rate:\n    label",
            "  hot_rate:\n    lable",
            1,
            "hot_rate.lable",
            "did you mean 'label'",
        ),
        ("currency: KRW", "currency: KRW\nspeed: 3", 1, "speed", "unknown or misplaced key"),
        ("value: 0.05", "value: 1.5", 0, "2024-07-19.value", "1.5 is outside its range 0 to 1"),
        (
            "value: 0.05",
            "value: five",
            0,
            "2024-07-19.value",
            "'five': Input should be a valid num",
        ),
        ("value: 0.05", "value: .nan", 0, "2024-07-19.value", "finite"),
        (", reference: *act}\n  cold", "}\n  cold", 0, "2024-07-19.reference", "missing; add it"),
        ("2024-07-19: {value: 0.05", "2024-7-19: {value: 0.05", 0, "2024-7-19", "YYYY-MM-DD"),
        ("2024-07-19: {value: 0.05", "2024-02-30: {value: 0.05", 0, "2024-02-30", "day of the cal"),
        ("address: https://", "address: ", 0, "reference.address", "must be one address"),
        ("address: ", "address: https://a.org, ", 0, "reference.address", "must be one address"),
        ("formula: custody_share", "formula: custody", 0, "formula", "mean 'custody_share'"),
        ("  base:", "  basis:", 0, "parameters.basis", "no such parameter; did you mean 'base'"),
        ("status: in force", "status: law", 0, "status", "'law' is not allowed"),
        ("jurisdiction: Korea\n", "", -1, "jurisdiction", "missing; add it"),
        ("unit: KRW", "unit: HKD", 0, "threshold.unit", "the file's currency is KRW"),
        ("range: [0, 1]", "range: [1, 0]", 0, "hot_rate.range", "1 is not below 0"),
        ("note: No free amount., ", "", 0, "2024-07-19.note", "says why"),
        (
            "status: in force",
            "status: in force\nstatus: proposed",
            1,
            "status",
            "is there twice, first in line 6",
        ),
        ("preset: korea", "preset: [korea", None, "", "not YAML"),
    ],
)
def test_a_wrong_file_is_told_file_line_and_key(
    tmp_path: Path, old: str, new: str, line: int | None, key: str, message: str
) -> None:
    path, at = _edited(tmp_path, old, new)
    with pytest.raises(InputError) as caught:
        load_formula(path, Scenario())
    told = str(caught.value)
    assert str(path) in told
    assert key in told
    assert message in told
    if line == -1:  # a key that is missing from the whole file
        assert ", line 1," in told
    elif line is not None:
        assert f", line {at + line}, " in told


def test_a_missing_parameter_is_told(tmp_path: Path) -> None:
    text = KOREA.read_text(encoding="utf-8")
    path = tmp_path / "own.yaml"
    path.write_text(text[: text.index("  floor_amount:")], encoding="utf-8")
    with pytest.raises(InputError, match=r"own\.yaml, line \d+, .*'floor_amount' .* is missing"):
        load_formula(path, Scenario())


@pytest.mark.parametrize("content", ["- a list", "", "just text", "a: \t- b", "\x00"])
def test_a_file_that_is_no_mapping_is_told(tmp_path: Path, content: str) -> None:
    path = tmp_path / "own.yaml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match=r"own\.yaml, line 1"):
        load_formula(path, Scenario())


def test_an_unreadable_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        load_formula(tmp_path / "none.yaml", Scenario())
    with pytest.raises(InputError, match="cannot be read"):
        load_formula(tmp_path, Scenario())
    path = tmp_path / "latin.yaml"
    path.write_bytes("title: Zürich".encode("latin-1"))
    with pytest.raises(InputError, match="cannot be read"):
        load_formula(path, Scenario())


def test_a_changed_file_is_read_again(tmp_path: Path) -> None:
    path, _ = _edited(tmp_path, "value: 0.05", "value: 0.06")
    assert load_formula(path, Scenario()).required(one()).item() == pytest.approx(2_400)
    path.write_text(path.read_text(encoding="utf-8").replace("0.06", "0.075"), encoding="utf-8")
    assert load_formula(path, Scenario()).required(one()).item() == pytest.approx(3_000)


def test_values_hold_from_their_date(tmp_path: Path) -> None:
    later = "2024-07-19: {value: 0.05, confidence: high, reference: *act}"
    added = f"{later}\n      2026-01-01: {{value: 0.1, confidence: low, reference: *act}}"
    path, _ = _edited(tmp_path, later, added)
    for day, due in (("2024-07-19", 2_000), ("2025-12-31", 2_000), ("2026-01-01", 4_000)):
        rule = load_formula(path, scenario({"law_date": day}))
        assert rule.required(one()).item() == pytest.approx(due)


def test_before_its_first_date_a_rule_in_force_has_no_value() -> None:
    with pytest.raises(InputError, match=r"korea\.yaml, line \d+, .*first holds from 2024-07-19"):
        formula("custody_share_korea", law_date="2024-07-18", formula="custody_share_korea")
    # What is not in force yet is a candidate all the same, at its first value.
    assert amount("k_factors_uk", one(operating_expenses=0), law_date="2024-07-18",
                  formula="k_factors_uk") == pytest.approx(400)  # fmt: skip


def test_the_currency_of_a_file_does_not_matter(tmp_path: Path) -> None:
    """Korea's rule rewritten in yen at the same rate gives the same amounts."""
    text = KOREA.read_text(encoding="utf-8").replace("currency: KRW", "currency: JPY")
    text = text.replace("unit: KRW", "unit: JPY").replace(
        "value: 3000000000", f"value: {3_000_000_000 * YEN['KRW']}"
    )
    path = tmp_path / "own.yaml"
    path.write_text(text, encoding="utf-8")
    yen, won = load_formula(path, Scenario()), formula("custody_share_korea")
    assert yen.required(grid()) == pytest.approx(won.required(grid()))


def test_money_is_converted_at_the_base_month() -> None:
    # KRW/JPY was 0.107466 or so at other month ends: only the rate may move the floor.
    july = amount("custody_share_korea", one(custody_hot=0))
    august = amount("custody_share_korea", one(custody_hot=0), base_month="2026-08")
    assert july == pytest.approx(327.297)
    assert august != july
    with pytest.raises(InputError, match=r"no rate of .* at base_month 2031-01 .* months with one"):
        formula("custody_share_korea", base_month="2031-01")

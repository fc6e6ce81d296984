"""Which candidates a scenario evaluates, and what its levers do to them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from exposures import amount, formula, grid, one

from analysis.errors import InputError
from analysis.rules import candidates, catalogue
from analysis.rules.selection import RULES
from analysis.scenario import Scenario, scenario

KOREA = RULES / "custody_share" / "korea.yaml"


def _ids(**parameters: object) -> list[str]:
    return [f.id for f in candidates(scenario(parameters))]


def test_ids_are_unique_and_follow_formula_and_preset() -> None:
    ids = _ids()
    assert len(ids) == len(set(ids)) == 22
    assert {"fiea_turnover", "size_custody_record", "custody_share_korea"} <= set(ids)


def test_filter() -> None:
    assert _ids(formula="k_factors_uk") == ["k_factors_uk"]
    # Order is that of the register, not of the request.
    assert _ids(formula="k_factors_uk, fiea_turnover") == ["fiea_turnover", "k_factors_uk"]


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"formula": "custody_share_corea"}, "did you mean 'custody_share_korea'"),
        ({"formula": "fiea_turnover,xyz"}, "unknown formula 'xyz'; known: fiea_turnover"),
        ({"formula": " , "}, "formula is empty"),
        ({"rule_parameters": {"korea.hot_rate": 0.1}}, "unknown formula 'korea'"),
        ({"rule_parameters": {"hot_rate": 0.1}}, "'hot_rate' names no formula"),
        ({"rule_parameters": {"custody_share_korea.hotrate": 0.1}}, "did you mean 'hot_rate'"),
        (
            {"rule_parameters": {"custody_share_korea.hot_rate": 1.1}},
            r"custody_share_korea.hot_rate = 1.1; allowed: 0 to 1 share .*korea\.yaml",
        ),
        ({"law_date": "2026-02-30"}, "not a day of the calendar"),
        ({"formula_file": "no_such.yaml"}, "no_such.yaml: cannot be read"),
        ({"formula_file": str(KOREA)}, "is a candidate already"),
        (
            {"formula_file": str(RULES / "article_175" / "securities_firms.yaml")},
            "cannot be a candidate; choose one of fiea_turnover",
        ),
    ],
)
def test_bad_choices_get_one_message(parameters: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        candidates(scenario(parameters))


def test_tiers_whose_anchors_cross_are_refused(tmp_path: Path) -> None:
    shipped = (RULES / "volume_tiers" / "press_range.yaml").read_text(encoding="utf-8")
    path = tmp_path / "crossed.yaml"
    path.write_text(
        shipped.replace("preset: press_range", "preset: crossed")
        .replace("value: 25000000\n", "value: 500000000\n")
        .replace("range: [1, 100000000]", "range: [1, 1000000000]"),
        encoding="utf-8",
    )
    given = {"formula_file": str(path), "formula": "volume_tiers_crossed"}
    with pytest.raises(InputError, match=r"low_volume = 5.* must be below high_volume = 5"):
        candidates(scenario(given))


def test_override_changes_the_amount_and_the_status() -> None:
    # 8 % x 40,000 hot.
    changed = {"custody_share_korea.hot_rate": 0.08}
    assert amount("custody_share_korea", one(), rule_parameters=changed) == pytest.approx(3_200)
    assert formula("custody_share_korea").status == "in force"
    assert formula("custody_share_korea", rule_parameters=changed).status == "scenario"
    # A clause that the law lacks is added in the unit of the file: KRW 100 bn x 0.109099.
    added = {"custody_share_korea.base": 1e11}
    assert amount("custody_share_korea", one(), rule_parameters=added) == pytest.approx(12_909.9)


def test_levers_apply_multiplier_then_floor_then_cap_and_keep_the_id() -> None:
    plain = formula("custody_share_korea").required(grid())
    changed = formula(
        "custody_share_korea", rate_multiplier=3.0, floor_jpy_mn=2_000.0, cap_jpy_mn=5_000.0
    )
    np.testing.assert_allclose(changed.required(grid()), np.clip(plain * 3, 2_000, 5_000))
    assert changed.id == "custody_share_korea"
    assert changed.status == "scenario"
    assert changed.title.endswith("times 3, at least 2,000 JPY mn, at most 5,000 JPY mn")


def test_neutral_levers_leave_the_formula_alone() -> None:
    neutral = formula("fiea_turnover", rate_multiplier=1.0, floor_jpy_mn=0.0, cap_jpy_mn=1e8)
    assert neutral == formula("fiea_turnover")
    assert neutral.status == "in force"


def test_a_users_file_takes_part(tmp_path: Path) -> None:
    path = tmp_path / "proposal.yaml"
    text = KOREA.read_text(encoding="utf-8").replace("preset: korea", "preset: proposal")
    path.write_text(text.replace("value: 0.05", "value: 0.2"), encoding="utf-8")
    parameters = {"formula_file": str(path), "formula": "custody_share_proposal"}
    (own,) = candidates(scenario(parameters))
    assert own.required(one()).item() == pytest.approx(8_000)  # 20 % x 40,000
    overridden = {**parameters, "rule_parameters": {"custody_share_proposal.hot_rate": 0.3}}
    (own,) = candidates(scenario(overridden))
    assert own.required(one()).item() == pytest.approx(12_000)


def test_catalogue_has_a_source_and_a_status_for_every_candidate() -> None:
    table = catalogue(Scenario())
    assert list(table["id"]) == _ids()
    assert list(table.columns) == [
        "id", "title", "formula", "jurisdiction", "status", "last_checked_on", "source_title",
        "source_address", "pinpoint", "currency", "n_parameters",
    ]  # fmt: skip
    assert table["source_address"].str.match(r"https?://").all()
    assert set(table["status"]) <= {"in force", "proposed", "scenario", "superseded"}
    assert (table["n_parameters"] > 0).all()
    assert not (table == "").to_numpy().any()

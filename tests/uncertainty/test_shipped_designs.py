"""The shipped designs: each reads, each point is a scenario, each answers for its part."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from analysis.data import DATA
from analysis.impact import evaluate
from analysis.market import build_panel
from analysis.rules import candidates
from analysis.rules.registry import FORMULAS
from analysis.rules.selection import rule_files
from analysis.scenario import ORDERED, Scenario, scenario
from analysis.uncertainty import read_design, scenario_of
from analysis.uncertainty.design_names import quantity, uncertain_names
from analysis.uncertainty.fitting import Sample

NOTEBOOKS = DATA.parent / "notebooks"
SHIPPED = {path.stem: path for path in sorted((NOTEBOOKS / "sweeps").glob("*.yaml"))}


@pytest.mark.parametrize("name", SHIPPED)
def test_every_point_is_a_scenario(name: str) -> None:
    design = read_design(SHIPPED[name])
    assert design.title
    assert design.question.endswith("?")
    assert 40 <= len(design) <= 50_000
    made = design.scenarios()
    for point in range(0, len(design), max(1, len(design) // 60)):
        assert scenario_of(design, point) == made[point]
    candidates(made[-1])
    for low, high in ORDERED:
        assert all(getattr(one, low) <= getattr(one, high) for one in made)


@pytest.mark.parametrize("name", SHIPPED)
def test_pages_to_read_are_pages(name: str) -> None:
    for page in read_design(SHIPPED[name]).pages:
        assert (NOTEBOOKS / f"{page}.ipynb").is_file()


@pytest.mark.parametrize("name", SHIPPED)
def test_a_design_says_why_its_ranges(name: str) -> None:
    text = SHIPPED[name].read_text(encoding="utf-8")
    assert any(line.strip().startswith("#") for line in text.splitlines())


def test_every_formula_has_a_calibration() -> None:
    for formula in FORMULAS:
        design = read_design(SHIPPED[f"calibration_{formula}"])
        calibrated = {name.split(".")[1] for name in design.levers if name.startswith("rule_")}
        assert len(calibrated) == 1
        assert calibrated.pop().startswith(formula)


@pytest.mark.parametrize(
    ("name", "point", "same_as"),
    [
        ("calibration_fiea_turnover", 100, "fiea_turnover"),
        ("calibration_size_custody_record", 172, "size_custody_record"),
    ],
)
def test_the_point_to_read_has_the_values_of_the_rule_file(
    name: str, point: int, same_as: str
) -> None:
    design = read_design(SHIPPED[name])
    assert design.marked == (point,)
    chosen = scenario_of(design, point)
    for key, value in chosen.rule_parameters.items():
        filed = quantity(f"rule_parameters.{key}", Scenario()).default
        assert value == pytest.approx(filed)
        assert key.startswith(same_as)


#: What nobody has enacted, or what none has: chosen or known, so not swept as unknown. Whatever
#: else a rule file calls an assumption is a fact that nobody publishes.
CHOSEN = {
    "size_custody_record": "announced without figures: each is for the authority to choose",
    "volume_tiers": "a claim or a range in the press: anchors are for the authority to choose",
    "pooled_fund": "a design of this study at insurers' level",
    "target_share": "size of a fund: for the authority to choose",
    "opening_balance": "no exchange holds such a reserve today",
}


def test_together_they_have_every_formula() -> None:
    both = [read_design(SHIPPED[name]).base for name in ("full_uncertainty", "loss_uncertainty")]
    shown = [formula.id for base in both for formula in candidates(scenario(base))]
    assert sorted(shown) == sorted(formula.id for formula in candidates(Scenario()))


@pytest.mark.parametrize("name", ["full_uncertainty", "loss_uncertainty"])
def test_a_design_on_uncertainty_varies_every_assumption_of_a_rule_that_is_a_fact(
    name: str,
) -> None:
    design = read_design(SHIPPED[name])
    assert "data sets and legal values held" in design.title
    base = scenario(design.base)
    files = rule_files(base)
    facts = {
        f"rule_parameters.{formula.id}.{parameter}"
        for formula in candidates(base)
        for parameter, entry in files[formula.id].preset.parameters.items()
        if any(value.confidence == "assumption" for value in entry.values.values())
        and not any(formula.id.startswith(key) or parameter == key for key in CHOSEN)
    }
    assert facts == {one for one in design.uncertainties if one.startswith("rule_")}
    # Each moves the formula that has it.
    for fact in facts:
        formula, _, parameter = fact.removeprefix("rule_parameters.").rpartition(".")
        alone = base.with_(draws=3, formula=formula)
        least = files[formula].preset.parameters[parameter].range[0]
        moved = alone.with_(rule_parameters={f"{formula}.{parameter}": least})
        before, after = (_industry(one)["present_value_jpy_mn"].iloc[0] for one in (alone, moved))
        assert after < 0.999 * before


def _industry(chosen: Scenario) -> pd.DataFrame:
    return evaluate(build_panel(chosen), chosen).tables["industry"]


@pytest.mark.parametrize("name", ["full_uncertainty", "loss_uncertainty"])
def test_a_design_on_uncertainty_leaves_out_only_what_cannot_move_the_industry(name: str) -> None:
    """At the base, and at a point where all that is varied stands elsewhere; each way."""
    design = read_design(SHIPPED[name])
    left_out = set(uncertain_names()) - set(design.uncertainties)
    assert len(left_out) > 30
    # Drawn from the record within every data set: not fixed, so not swept a second time.
    left_out.remove("beyond_hot")
    for base in (scenario(design.base), scenario_of(design, 100)):
        few = base.with_(draws=3)
        before = _industry(few)
        for end in ("low", "high"):
            ends = {one: getattr(quantity(one, few).swept, end) for one in left_out}
            assert len([one for one, value in ends.items() if value != getattr(few, one)]) > 15
            assert _industry(few.with_(**ends)).equals(before)


def _mean_and_deviation(printed: dict[str, Any]) -> tuple[float, float]:
    """Moments of a distribution as the record of a design states it; by scipy's functions."""
    low, high, shape = printed["low"], printed["high"], printed["distribution"]
    if "draws" in printed:
        one, other = (_peer(each) for each in printed["draws"])
        at = np.linspace(low, high, 20_001)
        below = (
            1 - one.sf(at) * other.sf(at)
            if shape.startswith("smaller")
            else one.cdf(at) * other.cdf(at)
        )
        mean = high - np.trapezoid(below, at)
        square = high**2 - np.trapezoid(2 * at * below, at)
        return float(mean), float(np.sqrt(square - mean**2))
    peer = _peer(printed)
    return float(peer.mean()), float(peer.std())


def _peer(printed: dict[str, Any]) -> Any:
    low, width = printed["low"], printed["high"] - printed["low"]
    match printed["distribution"]:
        case "uniform":
            return stats.uniform(low, width)
        case "log_uniform":
            return stats.loguniform(low, low + width)
        case "triangular":
            return stats.triang((printed["mode"] - low) / width, low, width)
    raise AssertionError(printed)


@pytest.mark.parametrize("name", ["full_uncertainty", "loss_uncertainty", "outcomes"])
def test_what_is_drawn_has_the_distribution_that_is_printed(name: str) -> None:
    design = read_design(SHIPPED[name])
    points = Sample.of(design.identity, design.points).independent(design.points)
    printed = design.identity["ranges"]
    assert set(printed) == set(design.uncertainties)
    for parameter, stated in printed.items():
        if stated["distribution"] == "choice":
            continue
        drawn = points[parameter]
        mean, deviation = _mean_and_deviation(stated)
        assert drawn.mean() == pytest.approx(mean, abs=3 * deviation / np.sqrt(len(drawn)))
        assert drawn.std() == pytest.approx(deviation, rel=0.25)
        assert drawn.between(stated["low"], stated["high"]).all()

"""The shipped designs: each reads, each point is a scenario, each answers for its part."""

from typing import Any

import numpy as np
import pytest
from scipy import stats

from analysis.data import DATA
from analysis.impact import evaluate
from analysis.market import build_panel
from analysis.rules import candidates
from analysis.rules.registry import FORMULAS
from analysis.scenario import ORDERED, Scenario, scenario
from analysis.uncertainty import read_design, scenario_of
from analysis.uncertainty.design_names import quantity, uncertain_names
from analysis.uncertainty.sensitivity import Sample

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


def test_full_uncertainty_leaves_out_only_what_cannot_move_the_industry() -> None:
    left_out = set(uncertain_names()) - set(read_design(SHIPPED["full_uncertainty"]).uncertainties)
    assert left_out.isdisjoint(read_design(SHIPPED["loss_uncertainty"]).uncertainties)
    assert len(left_out) > 30
    # Drawn from the record within every data set: not fixed, so not swept a second time.
    left_out.remove("beyond_hot")
    base = scenario({"draws": 3})
    ends: dict[str, float] = {}
    for name in left_out:
        swept = quantity(name, base).swept
        assert swept is not None
        ends[name] = swept.high if swept.high != getattr(base, name) else swept.low
    moved = base.with_(**ends)
    before = evaluate(build_panel(base), base).tables["industry"]
    after = evaluate(build_panel(moved), moved).tables["industry"]
    assert after.equals(before)


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

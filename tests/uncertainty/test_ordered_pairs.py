"""Parameters with an order, as a low and a high end: how designs draw them, and what that means."""

from pathlib import Path

import numpy as np
import pytest
from designs import design_of

from analysis.scenario import ORDERED, Scenario
from analysis.uncertainty import problem, scenario_of
from analysis.uncertainty.fitting import Sample
from analysis.uncertainty.samples import Plan
from analysis.uncertainty.sensitivity import indices


def test_every_uncertainty_one_at_a_time_is_a_scenario(tmp_path: Path) -> None:
    """Ranges that overlap their pair's baseline end there: 0.95 is above 0.9, say."""
    design = design_of(tmp_path, "uncertainties: {method: one_at_a_time, samples: 3, vary: all}")
    assert len(design) == 1 + 3 * len(design.uncertainties)
    assert design.points["order_book_share_low"].max() == Scenario().order_book_share_high
    for point in range(len(design)):
        scenario_of(design, point)


def test_pairs_are_drawn_in_order(tmp_path: Path) -> None:
    for method in ("latin_hypercube", "sobol", "morris"):
        design = design_of(tmp_path, f"uncertainties: {{method: {method}, samples: 64, vary: all}}")
        for low, high in ORDERED[:4]:
            assert (design.points[low] <= design.points[high]).all()
            # Each still reaches all of its range, not only its middle.
            for name in (low, high):
                chosen, values = design.ranges[name], design.points[name]
                width = chosen.high - chosen.low
                assert values.max() > chosen.high - 0.3 * width
                assert values.min() < chosen.low + 0.3 * width


def test_a_pair_has_the_distribution_of_two_draws_in_order(tmp_path: Path) -> None:
    """Smaller and larger of two draws from 0 to 1: means 1/3 and 2/3, variance 1/18 of each.

    Their correlation is 1/2 (David and Nagaraja 2003, Order Statistics, example 3.1).
    """
    pair = ["binance_flow_low", "binance_flow_high"]
    for method in ("latin_hypercube", "sobol"):
        names = ", ".join([*pair, "pass_through"])
        body = f"uncertainties: {{method: {method}, samples: 4096, vary: [{names}]}}"
        points = design_of(tmp_path, body).points
        drawn = points[points["sample"] % 4 == 0] if method == "sobol" else points
        assert drawn[pair].mean().tolist() == pytest.approx([1 / 3, 2 / 3], abs=0.01)
        assert drawn[pair].var().tolist() == pytest.approx([1 / 18, 1 / 18], rel=0.05)
        assert drawn[pair].corr().iloc[0, 1] == pytest.approx(0.5, abs=0.04)


def test_an_ordered_pair_is_one_unknown_to_sobol_and_morris(tmp_path: Path) -> None:
    pair = "binance_flow_low, binance_flow_high"
    for method in ("sobol", "morris"):
        design = design_of(
            tmp_path,
            f"uncertainties: {{method: {method}, samples: 8, vary: [{pair}, pass_through]}}",
        )
        together = "binance_flow_low_to_high"
        assert problem(design)["groups"] == [together, together, "pass_through"]
        assert len(design) == 8 * (3 if method == "morris" else 4)
        if method == "morris":
            steps = np.diff(Plan.of(design.identity["plan"]).unit().reshape(8, 3, 3), axis=1) != 0
            assert (steps[..., 0] == steps[..., 1]).all()
            assert (steps[..., 0] != steps[..., 2]).all()
    grouped = f"groups: {{flows: [{pair}]}}"
    own = design_of(
        tmp_path,
        f"uncertainties: {{method: sobol, samples: 8, vary: [{pair}, pass_through], {grouped}}}",
    )
    assert problem(own)["groups"] == ["flows", "flows", "pass_through"]


def test_the_index_of_an_ordered_pair_does_not_hang_on_which_is_drawn_first(
    tmp_path: Path,
) -> None:
    """Of low + high, and of pass_through with half their variance, the shares are known.

    low + high is the sum of two independent draws whatever their order: variance 1/6. Twice
    a uniform draw has 4/12 = 1/3, so that the pair explains 1/3 of their sum and the other 2/3.
    """
    design = design_of(
        tmp_path,
        "uncertainties: {method: sobol, samples: 1024, vary: [binance_flow_low, binance_flow_high,"
        " pass_through]}",
    )
    points = design.points
    answer = points["binance_flow_low"] + points["binance_flow_high"] + 2 * points["pass_through"]
    rows = points.assign(formula="one", answer=answer)
    found = indices(rows, "answer", Sample.of(design.identity, points))
    for kind in ("first", "total"):
        shares = found[found["index"] == kind].set_index("parameter")["value"]
        assert shares.to_dict() == pytest.approx(
            {"binance_flow_low_to_high": 1 / 3, "pass_through": 2 / 3}, abs=0.03
        )


def test_a_range_of_the_lever_bounds_its_uncertain_pair(tmp_path: Path) -> None:
    design = design_of(
        tmp_path,
        "levers: {vary: {floor_jpy_mn: [0, 2000]}}\n"
        "uncertainties: {method: latin_hypercube, samples: 9, vary: [cap_jpy_mn]}",
    )
    assert design.ranges["cap_jpy_mn"].low == 2000

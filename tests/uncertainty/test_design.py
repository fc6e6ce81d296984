"""Designs by hand: their points, their order, and the scenarios that they make."""

import json
import pickle
from pathlib import Path

import numpy as np
import pytest
from designs import design_of
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.errors import InputError
from analysis.scenario import Scenario
from analysis.uncertainty import problem, read_design, scenario_of, values_of
from analysis.uncertainty.samples import Plan

HOT = "rule_parameters.custody_share_korea.hot_rate"
MIXED = f"""
base:
  draws: 20
  formula: custody_share_korea, own_funds_mica_class2
  rule_parameters: {{own_funds_mica_class2.overheads_share: 0.5}}
levers:
  vary:
    floor_jpy_mn: [0, 500]
    {HOT}: [0.05, 0.1]
    treatment: {{}}
uncertainties:
  method: latin_hypercube
  samples: 16
  vary: all
  also:
    phase_in_years: {{}}
    population_reading: {{}}
    hot_share_within_net_assets: {{}}
    volume_shock: [-0.5, 0, 1]
    severity_multiplier: {{low: 1, high: 4, distribution: triangular, mode: 2}}
"""


def test_a_grid_by_hand(tmp_path: Path) -> None:
    design = design_of(
        tmp_path,
        "levers: {vary: {floor_jpy_mn: [0, 500], rate_multiplier: {from: 1, to: 4, steps: 3,"
        " scale: log}}}",
    )
    points = design.points
    assert points["floor_jpy_mn"].tolist() == [0, 0, 0, 500, 500, 500]
    assert points["rate_multiplier"].tolist() == [1, 2, 4, 1, 2, 4]
    assert points["levers"].tolist() == list(range(6))
    assert points["sample"].tolist() == [0] * 6
    assert (design.method, design.levers, design.uncertainties) == (
        "grid",
        ("floor_jpy_mn", "rate_multiplier"),
        (),
    )
    assert values_of(design, 4) == {"floor_jpy_mn": 500.0, "rate_multiplier": 2.0}


def test_a_whole_number_stays_one_where_all_else_is_not(tmp_path: Path) -> None:
    design = design_of(tmp_path, "levers: {vary: {floor_jpy_mn: [0.5], seed: [1, 2]}}")
    assert values_of(design, 1) == {"floor_jpy_mn": 0.5, "seed": 2}
    assert scenario_of(design, 1) == design.scenarios([1])[0]


def test_parameters_of_formulas_are_spelt_in_three_ways(tmp_path: Path) -> None:
    bases = (
        f"{HOT}: 0.1",
        "rule_parameters: {custody_share_korea.hot_rate: 0.1}",
        "rule_parameters: {custody_share_korea: {hot_rate: 0.1}}",
    )
    for base in bases:
        design = design_of(tmp_path, f"base: {{{base}}}\nlevers: {{vary: {{seed: [1]}}}}")
        assert design.base == {"rule_parameters": {"custody_share_korea.hot_rate": 0.1}}


def test_levers_meet_the_same_sample(tmp_path: Path) -> None:
    design = design_of(
        tmp_path,
        "levers: {vary: {insurable_share: [0, 0.5, 1]}}\n"
        "uncertainties: {method: latin_hypercube, samples: 8, vary: [cost_of_equity]}",
    )
    points = design.points
    assert len(points) == 24
    assert points["point"].tolist() == list(range(24))
    assert points["levers"].tolist() == [0] * 8 + [1] * 8 + [2] * 8
    assert points["sample"].tolist() == list(range(8)) * 3
    drawn = points["cost_of_equity"].to_numpy().reshape(3, 8)
    np.testing.assert_array_equal(drawn[0], drawn[2])


def test_one_at_a_time_leaves_others_at_the_base(tmp_path: Path) -> None:
    design = design_of(
        tmp_path,
        "base: {cost_of_equity: 0.12}\n"
        "uncertainties: {method: one_at_a_time, samples: 3,"
        " vary: [reserve_yield, pass_through, buyer_chance]}",
    )
    points = design.points
    assert len(points) == 1 + 3 * 3
    # The base first; triangular from 0 to 0.03 with its mode at 0.01255: the ends and the median.
    baseline = Scenario()
    others = points.loc[[0, 4, 5, 6, 7, 8, 9], "reserve_yield"]
    assert (others == baseline.reserve_yield).all()
    assert points.loc[[1, 3], "reserve_yield"].tolist() == [0.0, 0.03]
    assert points.loc[4:6, "pass_through"].tolist() == [0.0, 0.5, 1.0]
    # None stays None: drawn from the record, which is not a number.
    assert points.loc[:6, "buyer_chance"].tolist() == [None] * 7
    assert design.scenarios([0])[0] == baseline.with_(cost_of_equity=0.12)


def test_steps_of_a_grid_are_medians_of_parts_of_equal_probability(tmp_path: Path) -> None:
    """Four quarters of 0 to 1 have medians 1/8, 3/8, ...; each stands for its own quarter.

    Their variance, 5/64, falls short of that of the range, 1/12, by that within a quarter, 1/192;
    steps from end to end would have 5/36, two thirds more than the range.
    """
    grid = "uncertainties: {method: grid, samples: 4, vary: [pass_through, volume_semi_elasticity]}"
    design = design_of(tmp_path, grid)
    steps = design.points["pass_through"]
    assert sorted(steps.unique().tolist()) == [0.125, 0.375, 0.625, 0.875]
    assert steps.var(ddof=0) == pytest.approx(1 / 12 - 1 / 192)
    assert len(design) == 16
    # Steps that a design spaces itself keep their ends, and so do levers.
    spaced = (
        "levers: {vary: {insurable_share: {steps: 3}}}\n"
        "uncertainties: {method: grid, vary: {pass_through: {from: 0, to: 1, steps: 3}}}"
    )
    ends = design_of(tmp_path, spaced).points
    assert sorted(ends["pass_through"].unique()) == [0, 0.5, 1]
    assert sorted(ends["insurable_share"].unique()) == [0, 0.5, 1]


def test_a_list_and_a_zip_by_hand(tmp_path: Path) -> None:
    listed = design_of(
        tmp_path, "levers: {list: [{}, {floor_jpy_mn: 500}, {floor_jpy_mn: 9, seed: 65}]}"
    )
    assert listed.points["floor_jpy_mn"].tolist() == [0, 500, 9]
    assert listed.points["seed"].tolist() == [64, 64, 65]
    zipped = design_of(
        tmp_path,
        "uncertainties: {method: zip, vary: {price_shock: [-0.5, 0.5], volume_shock: [-0.2, 1]}}",
    )
    assert zipped.points[["price_shock", "volume_shock"]].to_numpy().tolist() == [
        [-0.5, -0.2],
        [0.5, 1.0],
    ]


def test_whole_numbers_stay_whole_and_readings_are_all_taken(tmp_path: Path) -> None:
    design = design_of(
        tmp_path,
        "levers: {vary: {phase_in_years: {from: 0, to: 3, steps: 7}, retained_earnings_only: {},"
        " trading_value_reading: {}}}",
    )
    assert design.points["phase_in_years"].unique().tolist() == [0, 1, 2, 3]
    assert design.points["phase_in_years"].dtype == np.int64
    assert len(design) == 4 * 2 * 3
    assert type(design.scenarios([0])[0].phase_in_years) is int
    assert type(design.scenarios([0])[0].retained_earnings_only) is bool


def test_fast_scenarios_equal_checked_ones(tmp_path: Path) -> None:
    design = design_of(tmp_path, MIXED)
    assert len(design) == 2 * 2 * 2 * 16
    made = design.scenarios()
    for point in range(0, len(design), 3):
        checked = scenario_of(design, point)
        assert made[point] == checked
        assert made[point].model_dump_json() == checked.model_dump_json()
        assert made[point].model_fields_set == checked.model_fields_set
        assert pickle.loads(pickle.dumps(made[point])) == checked
        assert Scenario().with_(**values_of(design, point)) == checked
    assert made[40].rule_parameters == {
        "own_funds_mica_class2.overheads_share": 0.5,
        "custody_share_korea.hot_rate": 0.1,
    }
    assert design.scenarios([7, 3]) == [made[7], made[3]]


def test_all_leaves_out_what_is_fixed_or_a_lever(tmp_path: Path) -> None:
    design = design_of(
        tmp_path,
        "base: {cost_of_equity: 0.1}\nlevers: {vary: {reserve_yield: [0, 0.02]}}\n"
        "uncertainties: {method: latin_hypercube, samples: 4, vary: all, except: [run_share],"
        " also: {pass_through: {low: 0.2, high: 0.4}}}",
    )
    assert not {"cost_of_equity", "reserve_yield", "run_share"} & set(design.uncertainties)
    assert design.points["pass_through"].between(0.2, 0.4).all()


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), method=st.sampled_from(["latin_hypercube", "sobol"]))
def test_the_same_file_gives_the_same_points(
    tmp_path_factory: pytest.TempPathFactory, seed: int, method: str
) -> None:
    body = (
        f"uncertainties: {{method: {method}, samples: 8, seed: {seed},"
        " vary: [pass_through, run_share, entry_cost_jpy_mn]}"
    )
    first = design_of(tmp_path_factory.mktemp("a"), body)
    again = design_of(tmp_path_factory.mktemp("b"), body)
    assert first.identity == again.identity
    for name in first.points:
        assert first.points[name].to_numpy().tobytes() == again.points[name].to_numpy().tobytes()


def test_identity_changes_with_any_value_and_not_with_the_place(tmp_path: Path) -> None:
    body = "uncertainties: {method: sobol, samples: 8, vary: {pass_through: {low: 0, high: %s}}}"
    first = design_of(tmp_path, body % 1).identity
    assert design_of(tmp_path, body % 0.9).identity["points"] != first["points"]
    assert str(tmp_path) not in str(first)
    assert Plan.of(first["plan"]).rows == first["n_points"] == 8 * 3


def test_replicates_are_seeds_in_order(tmp_path: Path) -> None:
    design = design_of(
        tmp_path,
        "base: {seed: 7}\nlevers: {vary: {draws: [10, 20]}}\n"
        "stop: {by: seed, batch: 2, most: 12, tolerance: {required_jpy_mn: 0.01}}",
    )
    assert design.points["seed"].tolist() == [*range(7, 19), *range(7, 19)]
    assert design.points["draws"].tolist() == [10] * 12 + [20] * 12
    assert (design.method, design.samples, design.seed) == ("seed", 12, 7)
    assert design.uncertainties == ("seed",)


def test_a_tolerance_is_a_number_or_absolute(tmp_path: Path) -> None:
    tolerance = "{required_jpy_mn: 0.01, npv_jpy_mn: {absolute: 50}}"
    design = design_of(tmp_path, f"stop: {{most: 12, tolerance: {tolerance}}}")
    assert design.identity["stop"] == {
        "by": "seed",
        "batch": 4,
        "most": 12,
        "tolerance": {"required_jpy_mn": 0.01, "npv_jpy_mn": {"absolute": 50.0}},
    }
    assert json.loads(json.dumps(design.identity)) == design.identity


def test_the_problem_is_the_unit_cube(tmp_path: Path) -> None:
    design = design_of(
        tmp_path,
        "uncertainties: {method: sobol, samples: 4, vary: [pass_through, run_share, nesting],"
        " groups: {answer: [run_share, nesting]}}",
    )
    assert problem(design) == {
        "num_vars": 3,
        "names": ["pass_through", "run_share", "nesting"],
        "bounds": [[0.0, 1.0]] * 3,
        "groups": ["pass_through", "answer", "answer"],
    }
    given_values = design_of(tmp_path, "levers: {vary: {seed: [1, 2]}}")
    with pytest.raises(InputError, match=r"draws no sample.*choose sobol or morris"):
        problem(given_values)


def test_a_point_that_is_not_there_is_refused(tmp_path: Path) -> None:
    design = design_of(tmp_path, "levers: {vary: {seed: [1, 2]}}")
    with pytest.raises(InputError, match="no point 2; allowed: 0 to 1"):
        scenario_of(design, 2)
    with pytest.raises(InputError, match="no point -1"):
        design.scenarios([-1])


def test_a_file_name_is_the_name(tmp_path: Path) -> None:
    assert read_design(Path("notebooks/sweeps/phase_in.yaml")).name == "phase_in"
    assert design_of(tmp_path, "levers: {vary: {seed: [1]}}").name == "own"

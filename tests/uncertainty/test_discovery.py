"""A planted box is found, nothing is found in noise, and the import leaves no trace."""

from __future__ import annotations

import subprocess
import sys
import warnings

import numpy as np
import pandas as pd
import pytest

from analysis.errors import InputError
from analysis.uncertainty.discovery import SIGNIFICANT, discover
from analysis.uncertainty.peeling import PEELS, noise_density, trajectory

NAMES = ("a", "b", "c", "kind")
NOISE = [f"p{place}" for place in range(12)]


def _rows(n: int = 1000, seed: int = 2) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    return pd.DataFrame(rng.random((n, 3)), columns=["a", "b", "c"]).assign(
        kind=np.where(rng.random(n) < 0.5, "x", "y")
    )


def test_a_planted_box_is_found() -> None:
    """Exits are 5 where a > 0.7 and b < 0.4, a mass of 0.12, and 1 elsewhere."""
    rows = _rows()
    inside = (rows["a"] > 0.7) & (rows["b"] < 0.4)
    found = discover(rows.assign(exits=np.where(inside, 5.0, 1.0)), NAMES, "exits", above=3)
    first = found[found["box"] == 1]
    limits = first.set_index("parameter").to_dict("index")
    assert set(limits) == {"a", "b"}
    assert limits["a"]["low"] == pytest.approx(0.7, abs=0.05)
    assert limits["b"]["high"] == pytest.approx(0.4, abs=0.05)
    assert np.isnan(limits["a"]["high"])
    assert (first["quasi_p"] < SIGNIFICANT).all()
    assert (first["density"] >= 0.8).all()
    assert (first["coverage"] > 0.9).all()
    assert first["mass"].iloc[0] == pytest.approx(inside.mean(), rel=0.25)
    assert first["mean"].iloc[0] == pytest.approx(1 + 4 * first["density"].iloc[0])
    assert first["reached"].all()


def test_a_condition_in_text_is_named() -> None:
    rows = _rows()
    happens = (rows["kind"] == "y") & (rows["c"] > 0.5)
    found = discover(rows.assign(exits=happens.astype(float)), NAMES, "exits", above=0.5)
    limits = found[found["box"] == 1].set_index("parameter")["limits"]
    assert limits["kind"] == "y"
    assert limits["c"].startswith("at least 0.5") or limits["c"].startswith("at least 0.49")


def test_two_planted_boxes_are_two_boxes() -> None:
    rows = _rows(1200)
    happens = (rows["a"] > 0.8) | (rows["b"] < 0.15)
    found = discover(rows.assign(exits=happens.astype(float)), NAMES, "exits", above=0.5)
    assert found["box"].nunique() >= 2
    surest = found[found["quasi_p"] < SIGNIFICANT].groupby("box")["parameter"].first()
    assert {surest[1], surest[2]} == {"a", "b"}
    assert found.groupby("box")["coverage"].first().sum() <= 1 + 1e-9


def test_a_box_is_measured_with_the_limits_that_are_told() -> None:
    """Density, coverage, points and mean again by hand from the limits of each parameter."""
    rows = _rows(400)
    rows["exits"] = 3 * rows["a"] + np.random.default_rng(5).standard_normal(400)
    limit = float(rows["exits"].quantile(0.75))
    one = discover(rows, NAMES, "exits", above=limit).query("box == 1")
    assert (one["quasi_p"] <= SIGNIFICANT).all()
    inside = np.ones(len(rows), dtype=bool)
    for name, low, high in zip(one["parameter"], one["low"], one["high"], strict=True):
        inside &= (rows[name] >= (low if np.isfinite(low) else -np.inf)).to_numpy()
        inside &= (rows[name] <= (high if np.isfinite(high) else np.inf)).to_numpy()
    cases = (rows["exits"] > limit).to_numpy()
    told = one.iloc[0]
    assert told["points"] == inside.sum()
    assert told["density"] == pytest.approx(cases[inside].mean())
    assert told["coverage"] == pytest.approx(cases[inside].sum() / cases.sum())
    assert told["mean"] == pytest.approx(rows.loc[inside, "exits"].mean())
    assert told["above_noise"]


def _noise(seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    return pd.DataFrame(rng.random((256, 12)), columns=NOISE).assign(exits=rng.standard_normal(256))


def test_in_noise_a_box_is_above_the_noise_about_as_often_as_it_says() -> None:
    """12 parameters, 256 points, a quarter of them cases: of 4 at most 1 (expected 0.2)."""
    above = 0
    for seed in range(4):
        rows = _noise(seed)
        found = discover(
            rows, NOISE, "exits", float(rows["exits"].quantile(0.75)), seed=seed, boxes=1
        )
        above += bool(found["above_noise"].any())
    assert above <= 1


def test_what_noise_reaches_is_far_above_the_share_of_cases() -> None:
    rows = _noise(1)
    cases = (rows["exits"] > rows["exits"].quantile(0.75)).to_numpy()
    reached = noise_density(rows.drop(columns="exits"), cases, points=25, least=13, seed=1)
    assert 0.6 < reached < 1.0
    assert noise_density(rows.drop(columns="exits"), cases, 256, 13, 1) == pytest.approx(0.25)


def test_an_edge_with_a_single_case_does_not_end_the_search() -> None:
    """128 points, cases where both are large, and one by the very edge of each: a twentieth is six
    points at most and holds a case at every edge soon.
    """
    rng = np.random.default_rng(3)
    rows = pd.DataFrame(rng.random((128, 4)), columns=["a", "b", "c", "d"])
    cases = (rows["a"] > 0.6) & (rows["b"] > 0.6)
    cases |= rows.index.isin(rows[["a", "b"]].idxmin())
    found = discover(rows.assign(exits=cases * 1.0), ["a", "b", "c", "d"], "exits", 0.5, boxes=1)
    assert set(found["parameter"]) == {"a", "b"}
    assert found["reached"].all()
    assert found["above_noise"].all()
    assert found["coverage"].iloc[0] > 0.7


@pytest.mark.parametrize("peel", PEELS)
def test_peeling_in_arrays_is_that_of_the_package(peel: float) -> None:
    rng = np.random.default_rng(5)
    rows = pd.DataFrame(rng.random((300, 3)), columns=["a", "b", "c"])
    rows["b"] = np.round(rows["b"] * 6) / 6
    rows["kind"] = rng.choice(["x", "y", "z"], 300).astype(object)
    cases = ((rows["kind"] == "x") & (rows["b"] > 0.5)).to_numpy() & (rng.random(300) < 0.8)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from ema_workbench.analysis import prim

        search = prim.Prim(rows, cases, threshold=1e-9, mass_min=0.05, peel_alpha=peel)
        way = search.find_box().peeling_trajectory
    numbers, codes = rows[["a", "b", "c"]].to_numpy(), pd.factorize(rows["kind"])[0][:, None]
    boxes = list(trajectory(numbers, codes, cases, least=15, peel=peel))
    assert len(boxes) > 3
    assert [len(box) for box in boxes] == way["n"].tolist()[: len(boxes)]
    assert [cases[box].mean() for box in boxes] == pytest.approx(way["density"][: len(boxes)])


def test_limits_are_written_without_exponents() -> None:
    rows = pd.DataFrame({"volume": np.linspace(0, 4e6, 400)})
    found = discover(rows.assign(exits=(rows["volume"] > 3e6) * 1.0), ["volume"], "exits", 0.5)
    assert found["limits"].iloc[0].startswith("at least 3,0")
    assert "e+" not in found["limits"].iloc[0]


def test_a_threshold_that_nothing_or_everything_passes_is_refused() -> None:
    rows = _rows(50).assign(exits=1.0)
    with pytest.raises(InputError, match=r"0 of 50 points.*move the threshold"):
        discover(rows, NAMES, "exits", above=3)
    with pytest.raises(InputError, match="50 of 50 points"):
        discover(rows, NAMES, "exits", above=0)


def test_the_import_is_late_and_leaves_threads_logging_and_processes_alone() -> None:
    """The package stays out until it is needed; then no thread, handler or start method is set."""
    program = """
import logging, multiprocessing, sys, threading, warnings
warnings.simplefilter("error")
import numpy as np, pandas as pd
from analysis.uncertainty.discovery import discover
assert not any(name.startswith("ema_workbench") for name in sys.modules)
before = threading.active_count(), list(logging.getLogger().handlers), logging.getLogger().level
rows = pd.DataFrame({"a": np.linspace(0, 1, 200)})
found = discover(rows.assign(exits=(rows["a"] > 0.6) * 1.0), ["a"], "exits", 0.5)
assert len(found)
assert "ema_workbench" in sys.modules
assert before == (threading.active_count(), logging.getLogger().handlers, logging.getLogger().level)
assert multiprocessing.get_start_method(allow_none=True) is None
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == done.stderr == ""

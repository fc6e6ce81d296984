"""A planted box is found, nothing is found in noise, and the import leaves no trace."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from analysis.errors import InputError
from analysis.uncertainty.discovery import SIGNIFICANT, discover

NAMES = ("a", "b", "c", "kind")


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
    rows = _rows(2000)
    happens = (rows["a"] > 0.8) | (rows["b"] < 0.15)
    found = discover(rows.assign(exits=happens.astype(float)), NAMES, "exits", above=0.5)
    assert found["box"].nunique() >= 2
    surest = found[found["quasi_p"] < SIGNIFICANT].groupby("box")["parameter"].first()
    assert {surest[1], surest[2]} == {"a", "b"}
    assert found.groupby("box")["coverage"].first().sum() <= 1 + 1e-9


def test_in_noise_no_box_is_dense_enough() -> None:
    rows = _rows()
    noise = np.random.default_rng(9).random(len(rows)) < 0.2
    found = discover(rows.assign(exits=noise.astype(float)), NAMES, "exits", above=0.5)
    assert not found["reached"].any()
    assert set(found["box"]) <= {1}


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

"""EMAworkbench on the same model: one call of `evaluate` for each point, the same numbers out."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats.qmc import LatinHypercube, scale

from analysis.impact import evaluate
from analysis.impact.stacked import STACKED
from analysis.market import build_panel
from analysis.market.panel import FloatArray
from analysis.scenario import Scenario, scenario

with warnings.catch_warnings():
    # It warns that it cannot use a cluster, which nobody asks of it here.
    warnings.simplefilter("ignore", UserWarning)
    import ema_workbench as ema

VARIED = tuple(name for name in STACKED if name not in ("cap_jpy_mn", "price_shock"))
"""Levers and prices that a point draws: all numbers of cost, funding and rules but the cap."""


def drawn_points(number: int, seed: int = 64) -> list[dict[str, float]]:
    """Latin hypercube over the swept ranges of `VARIED`."""
    properties = Scenario.model_json_schema()["properties"]
    low, high = np.array([properties[name]["swept"] for name in VARIED]).T
    unit = LatinHypercube(len(VARIED), rng=np.random.default_rng(seed)).random(number)
    return [dict(zip(VARIED, row, strict=True)) for row in scale(unit, low, high).tolist()]


def scenarios(points: Sequence[dict[str, float]], **fixed: Any) -> list[Scenario]:
    """Scenario of each point."""
    return [scenario({**fixed, **point}) for point in points]


def industry_of(fixed: dict[str, Any], **point: float) -> dict[str, FloatArray]:
    """The table of one point, as a function for another program to call: column by column."""
    one = scenario({**fixed, **point})
    table = evaluate(build_panel(one), one).tables["industry"].drop(columns="formula")
    return {str(name): table[name].to_numpy() for name in table}


def by_peer(
    points: Sequence[dict[str, float]], fixed: dict[str, Any], processes: int = 1
) -> pd.DataFrame:
    """The same points by EMAworkbench, in this process or in several.

    Returns
    -------
    DataFrame
        Rows point by formula, columns those of the table without its ids.
    """
    model = ema.Model("industry", function=_Model(fixed))
    model.uncertainties = [ema.RealParameter(name, -1e9, 1e9) for name in VARIED]
    columns = list(industry_of(fixed, **points[0]))
    model.outcomes = [ema.ArrayOutcome(name) for name in columns]
    runs = [ema.Scenario(str(place), **point) for place, point in enumerate(points)]
    evaluator = (
        ema.SequentialEvaluator(model)
        if processes == 1
        else ema.MultiprocessingEvaluator(model, n_processes=processes)
    )
    with evaluator:
        experiments, outcomes = evaluator.perform_experiments(scenarios=runs, log_progress=True)
    order = np.argsort(experiments["scenario"].astype(int).to_numpy(), kind="stable")
    return pd.DataFrame({name: np.asarray(outcomes[name])[order].ravel() for name in columns})


class _Model:
    """The function that the peer calls, with what all points share; other processes unpickle it."""

    __name__ = "industry"

    def __init__(self, fixed: dict[str, Any]) -> None:
        self._fixed = fixed

    def __call__(self, **point: float) -> dict[str, FloatArray]:
        return industry_of(self._fixed, **point)

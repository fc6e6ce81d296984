"""How much of what is not known about a measure each uncertain parameter explains.

An estimator belongs to a sample. Sobol' first and total indices need the blocks that a Sobol'
design runs, elementary effects need the trajectories of Morris, and an estimate from given data
needs points that are independent of each other: a Latin hypercube, a grid, or the two base samples
of a Sobol' design. Anything else is refused.

Notes
-----
Saltelli et al. 2010, Computer Physics Communications 181(2), 259-270 (Sobol' indices); Morris 1991,
Technometrics 33(2), 161-174, with Campolongo et al. 2007 (mean of absolute effects).
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import norm

from analysis.errors import InputError
from analysis.uncertainty.fitting import Sample
from analysis.uncertainty.given_data import between_share, bins, correlation_ratio, whole_grid
from analysis.uncertainty.samples import Plan

WHOLE_GRID = "whole_grid"
RESAMPLES = 200
LEVEL = 0.95
Rows = list[dict[str, Any]]


def indices(
    rows: pd.DataFrame,
    measure: str,
    sample: Sample,
    estimator: str | None = None,
    level: float = LEVEL,
) -> pd.DataFrame:
    """Sensitivity of a measure to each uncertain parameter, for one lever combination.

    Parameters
    ----------
    rows : rows of a table of one lever combination, joined with what was varied.
    estimator : {"sobol", "morris", "given_data"}, optional
        The first that fits by default.
    level : share of resamples between `low` and `high`, by normal approximation.

    Returns
    -------
    DataFrame
        `formula`, `estimator`, `parameter`, `index` (first and total; mu_star and sigma for
        morris), `value`, `low`, `high`, `points`. An index of a measure that does not vary is
        blank. `mu_star` and `sigma` are in the unit of the measure, per whole range of a parameter.
        Of a grid of which every combination has a figure the indices are exact, without sampling
        noise: `estimator` is then whole_grid, and the interval is blank.

    Raises
    ------
    InputError
        An estimator that does not fit the sample, or a sample with points missing.
    """
    chosen = sample.estimator(estimator)
    if len(rows["levers"].unique()) > 1:
        raise InputError("indices are of one lever combination; choose one with `part`")
    found: Rows = []
    for formula, own in rows.groupby("formula", sort=False):
        known = own[np.isfinite(own[measure])].sort_values("sample")
        if chosen != "given_data":
            _refuse_gaps(known, sample, chosen, measure, str(formula))
        parts = _ESTIMATORS[chosen](known, measure, sample, level)
        found += [{"formula": formula, "estimator": chosen, **one} for one in parts]
    return pd.DataFrame(found)


def _refuse_gaps(
    known: pd.DataFrame, sample: Sample, estimator: str, measure: str, formula: str
) -> None:
    lacking = sample.rows - len(known)
    if lacking:
        other = "; given_data needs no complete sample" if sample.method == "sobol" else ""
        raise InputError(
            f"estimator {estimator}: needs {measure} at all {sample.rows:,} points of each lever "
            f"combination; under {formula} {lacking:,} failed, are missing or have no figure; run "
            f"`study sweep` on the design again, it does what is missing{other}"
        )


def _sobol(known: pd.DataFrame, measure: str, sample: Sample, level: float) -> Rows:
    from SALib.analyze import sobol

    plan = _plan(sample)
    values = known[measure].to_numpy(dtype=float)
    names = _names(plan)
    if np.ptp(values) <= 1e-12 * np.abs(values).max():
        found = dict.fromkeys(("S1", "ST", "S1_conf", "ST_conf"), np.full(len(names), np.nan))
    else:
        with warnings.catch_warnings():
            # A resample may hit one value only; its index is then zero, as SALib says.
            warnings.filterwarnings("ignore", message="Constant values encountered")
            found = sobol.analyze(
                {**plan.problem},
                values,
                calc_second_order=plan.second_order,
                num_resamples=RESAMPLES,
                conf_level=level,
                seed=sample.seed + 1,  # a seed of 0 means none to SALib
            )
    return [
        _row(name, index, found[key][place], found[f"{key}_conf"][place], len(values))
        for index, key in (("first", "S1"), ("total", "ST"))
        for place, name in enumerate(names)
    ]


def _morris(known: pd.DataFrame, measure: str, sample: Sample, level: float) -> Rows:
    from SALib.analyze import morris

    plan = _plan(sample)
    found = morris.analyze(
        {**plan.problem},
        plan.unit(),
        known[measure].to_numpy(dtype=float),
        num_resamples=RESAMPLES,
        conf_level=level,
        num_levels=plan.levels,
        seed=sample.seed + 1,
    )
    names = list(found["names"])
    effect = zip(names, found["mu_star"], found["mu_star_conf"], strict=True)
    spread = zip(names, found["sigma"], strict=True)
    return [
        *(_row(name, "mu_star", value, half, len(known)) for name, value, half in effect),
        *(_row(name, "sigma", value, np.nan, len(known)) for name, value in spread),
    ]


def _given_data(known: pd.DataFrame, measure: str, sample: Sample, level: float) -> Rows:
    own = sample.independent(known)
    values = own[measure].to_numpy(dtype=float)
    if sample.method == "grid" and whole_grid(own, sample.names):
        return [
            {**_row(name, "first", share, np.nan, len(values)), "estimator": WHOLE_GRID}
            for name in sample.names
            for share in [between_share(values, pd.factorize(own[name])[0])]
        ]
    rng = np.random.default_rng(sample.seed)
    half = norm.ppf(0.5 + level / 2)
    found = []
    for name in sample.names:
        groups, number = bins(own[name])
        value, resampled = correlation_ratio(values, groups, number), np.empty(RESAMPLES)
        for step in range(RESAMPLES):
            drawn = rng.integers(len(values), size=len(values))
            resampled[step] = correlation_ratio(values[drawn], groups[drawn], number)
        found.append(_row(name, "first", value, half * resampled.std(ddof=1), len(values)))
    return found


def _row(name: str, index: str, value: float, half: float, points: int) -> dict[str, Any]:
    low, high = float(value) - float(half), float(value) + float(half)
    return {
        "parameter": name,
        "index": index,
        "value": float(value),
        "low": low,
        "high": high,
        "points": points,
    }


def _names(plan: Plan) -> Sequence[str]:
    """Parameters, or groups of them, in SALib's order."""
    return plan.names if plan.groups is None else list(dict.fromkeys(plan.groups))


def _plan(sample: Sample) -> Plan:
    if sample.plan is None:
        raise InputError(f"estimator {sample.method}: the design does not state its plan")
    return sample.plan


_ESTIMATORS: Mapping[str, Callable[[pd.DataFrame, str, Sample, float], Rows]] = {
    "sobol": _sobol,
    "morris": _morris,
    "given_data": _given_data,
}

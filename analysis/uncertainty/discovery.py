"""Under which conditions something happens: boxes in the space of uncertainties, found by PRIM.

Friedman and Fisher 1999, Statistics and Computing 9, 123-143 (patient rule induction); Bryant and
Lempert 2010, Technological Forecasting and Social Change 77(1), 34-49 (coverage, density and
quasi-p-values for scenario discovery); as ema_workbench carries it out (Kwakkel 2017).

Two things are added, since peeling always finds something. A limit that may be chance is taken off
before a box is measured, so that its numbers are those of the limits that are told. And a box is
held against the densest that the same peeling finds where the measure is shuffled: below that it
is no condition. Coverage and density are of the very points in which the box was found, and so
promise a little more than new points would keep.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import binom

from analysis.errors import InputError
from analysis.uncertainty.peeling import PEELS, BoolArray, noise_density

DENSITY = 0.8
"""Share of the points of a box in which the thing must happen."""
LEAST_MASS = 0.05
"""Smallest box, as a share of all points."""
BOXES = 3
SIGNIFICANT = 0.05
LEAST_CASES = 10
COLUMNS = (
    "box",
    "parameter",
    "low",
    "high",
    "limits",
    "quasi_p",
    "coverage",
    "density",
    "mass",
    "mean",
    "points",
    "reached",
    "noise",
    "above_noise",
)


def discover(
    rows: pd.DataFrame,
    names: Sequence[str],
    measure: str,
    above: float,
    density: float = DENSITY,
    boxes: int = BOXES,
    seed: int = 64,
) -> pd.DataFrame:
    """Boxes of conditions under which a measure is above a value.

    Of every box on the way of peeling, limits with a quasi-p above `SIGNIFICANT` are taken off,
    the least sure first. Among the boxes in which the share of cases then reaches `density`, the
    one with the largest product of coverage and density is taken; where none does, the densest,
    marked so.

    Parameters
    ----------
    rows : one formula and lever combination, one row per point, independently drawn.
    names : parameters in which boxes may be cut.
    above : points with a larger measure are the cases looked for.
    seed : of the shuffles.

    Returns
    -------
    DataFrame
        One row per box and limited parameter: `box` (from 1), `parameter`, `low` and `high` (blank
        where not limited), `limits` in words, `quasi_p` (probability of so dense a box if that
        limit were chance; the larger of two), `coverage` (share of all cases in the box),
        `density`, `mass` (share of points), `mean` of the measure, `points`, `reached`, `noise`
        (density that peeling reaches in shuffled points, in boxes of that size or larger) and
        `above_noise`. Coverage and mass of a later box are of all points, the rest is of those
        that earlier boxes left. Only a first box may be below the noise; empty where no limit is
        sure.

    Raises
    ------
    InputError
        Fewer than `LEAST_CASES` points are cases, or fewer are not.
    """
    known = rows[np.isfinite(rows[measure])].reset_index(drop=True)
    cases = (known[measure] > above).to_numpy()
    if min(cases.sum(), (~cases).sum()) < LEAST_CASES:
        raise InputError(
            f"{measure} above {above:g}: {cases.sum():,} of {len(cases):,} points; conditions can "
            f"be found where at least {LEAST_CASES} points are on each side; move the threshold"
        )
    varied = [name for name in names if len(known[name].unique()) > 1]
    conditions = known[varied].apply(_as_prim_reads)
    left, found = np.ones(len(known), dtype=bool), []
    for number in range(1, boxes + 1):
        box = _box(conditions[left], cases[left], density, len(known), seed)
        if box is None or (number > 1 and not (box["reached"] and box["above_noise"])):
            break
        inside = np.flatnonzero(left)[box.pop("inside")]
        about = {
            "box": number,
            "coverage": cases[inside].sum() / cases.sum(),
            "mass": len(inside) / len(known),
            "mean": float(known[measure].iloc[inside].mean()),
            "points": len(inside),
        }
        found += [about | box | limit for limit in _told(box.pop("limits"))]
        left[inside] = False
        if min(cases[left].sum(), (~cases[left]).sum()) < LEAST_CASES or not box["above_noise"]:
            break
    return pd.DataFrame(found, columns=list(COLUMNS))


@dataclass(frozen=True, eq=False)
class _Limit:
    """One end of a parameter, or some values of text: what it says and which points it keeps."""

    parameter: str
    side: str
    bound: Any
    inside: BoolArray


def _box(
    conditions: pd.DataFrame, cases: BoolArray, density: float, of: int, seed: int
) -> dict[str, Any] | None:
    """The best box among the points left, without limits that may be chance."""
    tried = [_pruned(limits, cases) for limits in _trajectory(conditions, cases, of)]
    sure = [(limits, _within(limits, len(cases))) for limits in tried if limits]
    if not sure:
        return None
    dense = [float(cases[inside].mean()) for _, inside in sure]
    scores = [
        (share >= density, share * cases[inside].sum() if share >= density else share)
        for share, (_, inside) in zip(dense, sure, strict=True)
    ]
    best = scores.index(max(scores))
    limits, inside = sure[best]
    least = math.ceil(LEAST_MASS * of)
    noise = noise_density(conditions, cases, int(inside.sum()), least, seed)
    return {
        "limits": list(zip(limits, _quasi_p(limits, cases), strict=True)),
        "inside": inside,
        "density": dense[best],
        "reached": dense[best] >= density,
        "noise": noise,
        "above_noise": dense[best] > noise,
    }


def _trajectory(conditions: pd.DataFrame, cases: BoolArray, of: int) -> list[list[_Limit]]:
    """Limits of every box on the way of one peeling and pasting for each size of peel."""
    with warnings.catch_warnings():
        # At import of parts not needed here, and of what the next pandas will change.
        warnings.simplefilter("ignore")
        from ema_workbench.analysis import prim

        # Any positive threshold splits what is 0 or 1; which box is dense enough is chosen later.
        least = LEAST_MASS * of / len(cases)
        left = conditions.reset_index(drop=True)
        found = []
        for peel in PEELS:
            algorithm = prim.Prim(left, cases, threshold=1e-9, mass_min=least, peel_alpha=peel)
            way = algorithm.find_box().box_lims
            found += [_limits(box, algorithm.box_init, conditions) for box in way]
    return found


def _limits(box: pd.DataFrame, whole: pd.DataFrame, conditions: pd.DataFrame) -> list[_Limit]:
    found = []
    for name in map(str, box):
        values, (low, high) = conditions[name].to_numpy(), box[name]
        if isinstance(low, set | frozenset):
            # What is text is limited to some of its values.
            if low != whole[name].iloc[0]:
                found.append(_Limit(name, "values", low, np.isin(values, list(low))))
            continue
        if low > whole[name].iloc[0]:
            found.append(_Limit(name, "low", float(low), values >= low))
        if high < whole[name].iloc[1]:
            found.append(_Limit(name, "high", float(high), values <= high))
    return found


def _within(limits: Sequence[_Limit], points: int) -> BoolArray:
    inside: BoolArray = np.ones(points, dtype=bool)
    for limit in limits:
        inside &= limit.inside
    return inside


def _quasi_p(limits: Sequence[_Limit], cases: BoolArray) -> list[float]:
    """Probability of as many cases in the box if it were a draw of the box without the limit."""
    inside = _within(limits, len(cases))
    told = []
    for limit in limits:
        wider = _within([other for other in limits if other is not limit], len(cases))
        told.append(float(binom.sf(cases[inside].sum() - 1, inside.sum(), cases[wider].mean())))
    return told


def _pruned(limits: list[_Limit], cases: BoolArray) -> list[_Limit]:
    """Limits that stay once the least sure is taken off, again and again."""
    while (chances := _quasi_p(limits, cases)) and max(chances) > SIGNIFICANT:
        worst = int(np.argmax(chances))
        limits = [*limits[:worst], *limits[worst + 1 :]]
    return limits


def _told(limits: Sequence[tuple[_Limit, float]]) -> list[dict[str, Any]]:
    """One row per limited parameter, the surest first."""
    found = []
    for name in dict.fromkeys(limit.parameter for limit, _ in limits):
        own = [(limit, chance) for limit, chance in limits if limit.parameter == name]
        ends = {limit.side: limit.bound for limit, _ in own}
        low, high = ends.get("low", np.nan), ends.get("high", np.nan)
        text = " or ".join(sorted(map(str, ends["values"]))) if "values" in ends else None
        chance = max(one for _, one in own)
        about = {"parameter": name, "quasi_p": chance, "low": low, "high": high}
        found.append(about | {"limits": text or _words(low, high)})
    return sorted(found, key=lambda row: row["quasi_p"])


def _words(low: float, high: float) -> str:
    if np.isnan(low):
        return f"at most {_figure(high)}"
    return f"at least {_figure(low)}" if np.isnan(high) else f"{_figure(low)} to {_figure(high)}"


def _figure(value: float) -> str:
    """Three digits, and thousands in full rather than with an exponent."""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def _as_prim_reads(values: pd.Series) -> pd.Series:
    """Numbers as floats, all else as text."""
    if pd.api.types.is_numeric_dtype(values) and values.dtype != bool:
        return values.astype(float)
    return values.astype(str).astype(object)

"""Under which conditions something happens: boxes in the space of uncertainties, found by PRIM.

Notes
-----
Friedman and Fisher 1999, Statistics and Computing 9, 123-143 (patient rule induction); Bryant and
Lempert 2010, Technological Forecasting and Social Change 77(1), 34-49 (coverage, density and
quasi-p-values for scenario discovery); as ema_workbench carries it out (Kwakkel 2017).
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from analysis.errors import InputError

if TYPE_CHECKING:
    from ema_workbench.analysis.prim import PrimBox

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
)


def discover(
    rows: pd.DataFrame,
    names: Sequence[str],
    measure: str,
    above: float,
    density: float = DENSITY,
    boxes: int = BOXES,
) -> pd.DataFrame:
    """Boxes of conditions under which a measure is above a value.

    Of every trajectory of peeling, among the boxes in which the share of such points reaches
    `density`, the one with the largest product of coverage and density is taken; where none does,
    the densest of the first trajectory alone, marked so.

    Parameters
    ----------
    rows : one formula and lever combination, one row per point, independently drawn.
    names : parameters in which boxes may be cut.
    above : points with a larger measure are the cases looked for.

    Returns
    -------
    DataFrame
        One row per box and limited parameter: `box` (from 1), `parameter`, `low` and `high` (blank
        where not limited), `limits` in words, `quasi_p` (probability of so dense a box if that
        limit were chance; the larger of two), `coverage` (share of all cases in the box),
        `density`, `mass` (share of points), `mean` of the measure, `points`, `reached`. Coverage
        and mass of a later box are of all points, density is of those that earlier boxes left.

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
    with warnings.catch_warnings():
        # At import of parts not needed here, and of what the next pandas will change.
        warnings.simplefilter("ignore")
        found = _found(conditions, cases, known[measure].to_numpy(), density, boxes)
    return pd.DataFrame(found, columns=list(COLUMNS))


def _found(
    conditions: pd.DataFrame, cases: np.ndarray, measured: np.ndarray, density: float, boxes: int
) -> list[dict[str, Any]]:
    from ema_workbench.analysis import prim

    # Any positive threshold splits what is 0 or 1; which box is dense enough is chosen below.
    algorithm = prim.Prim(conditions, cases, threshold=1e-9, mass_min=LEAST_MASS)
    found: list[dict[str, Any]] = []
    for number in range(1, boxes + 1):
        box = algorithm.find_box()
        chosen = None if box is None else _choice(box.peeling_trajectory, density)
        if box is None or chosen is None or (number > 1 and not chosen[1]):
            break
        box.select(chosen[0])
        limits = _limits(box, algorithm.box_init, conditions)
        if not limits:
            break
        inside = measured[box.yi]
        about = {
            "box": number,
            "coverage": float(box.coverage),
            "density": float(box.density),
            "mass": float(box.mass),
            "mean": float(inside.mean()),
            "points": len(inside),
            "reached": chosen[1],
        }
        found += [about | one for one in limits]
    return found


def _choice(trajectory: pd.DataFrame, density: float) -> tuple[int, bool] | None:
    """Place of the best box that is dense enough, or of the densest, and whether it is."""
    limited = trajectory[trajectory["res_dim"] > 0]
    dense = limited[limited["density"] >= density]
    if len(dense):
        return _place(dense["coverage"] * dense["density"]), True
    if not len(limited):
        return None
    return _place(limited["density"]), False


def _place(scores: pd.Series) -> int:
    """Place in the trajectory of the largest score, the first of several."""
    return int(scores.index.to_numpy()[int(np.argmax(scores.to_numpy()))])


def _limits(box: PrimBox, whole: pd.DataFrame, conditions: pd.DataFrame) -> list[dict[str, Any]]:
    """Limited parameters of the box that is selected, the surest first."""
    lims, chances = box.box_lims[box._cur_box], box.qp[box._cur_box]
    found = []
    for name, chance in chances.items():
        low, high = lims[name]
        told = [float(one) for one in chance if one >= 0]
        row: dict[str, Any] = {"parameter": name, "quasi_p": max(told, default=np.nan)}
        if isinstance(low, set | frozenset):
            # What is text is limited to some of its values.
            row |= {"low": np.nan, "high": np.nan, "limits": " or ".join(sorted(map(str, low)))}
        else:
            least = low if low > whole[name].iloc[0] else np.nan
            most = high if high < whole[name].iloc[1] else np.nan
            row |= {"low": least, "high": most, "limits": _words(least, most)}
        found.append(row)
    return sorted(found, key=lambda row: (row["quasi_p"], list(conditions).index(row["parameter"])))


def _words(low: float, high: float) -> str:
    if np.isnan(low):
        return f"at most {high:.3g}"
    return f"at least {low:.3g}" if np.isnan(high) else f"{low:.3g} to {high:.3g}"


def _as_prim_reads(values: pd.Series) -> pd.Series:
    """Numbers as floats, all else as text."""
    if pd.api.types.is_numeric_dtype(values) and values.dtype != bool:
        return values.astype(float)
    return values.astype(str).astype(object)

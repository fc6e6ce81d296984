"""Where a function of one input changes its sign: brackets on a coarse grid, then bisection."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np
from scipy.optimize import brentq

NEAR = 2e-3
"""Distance within which a crossing is found: relative on a logarithmic scale, else a tenth of it
of the bracket's upper end."""
Gap = Callable[[float], float]


def crossing(
    gap: Gap, bracket: tuple[float, float], ends: tuple[float, float], *, logarithmic: bool = False
) -> float:
    """Value in a bracket at which `gap` changes its sign (Brent 1973: bisection made faster).

    Parameters
    ----------
    bracket : ends of the input, first below second.
    ends : `gap` at both, of opposite sign.
    logarithmic : bisect in logs.
    """
    onto, back = (np.log, np.exp) if logarithmic else (np.asarray, np.asarray)
    known = {float(onto(end)): value for end, value in zip(bracket, ends, strict=True)}

    def at(place: float) -> float:
        return known[place] if place in known else gap(float(back(place)))

    return float(back(brentq(at, *known, xtol=_tolerance(bracket, logarithmic))))


def brackets(gaps: Sequence[float]) -> list[tuple[int, int]]:
    """Places (i, j) of neighbours of opposite sign; zeros and blanks between them are passed."""
    signs = [(place, np.sign(gap)) for place, gap in enumerate(gaps) if np.isfinite(gap) and gap]
    return [(i, j) for (i, left), (j, right) in pairwise(signs) if left != right]


def _tolerance(bracket: tuple[float, float], logarithmic: bool) -> float:
    return NEAR * (1.0 if logarithmic else 0.1 * max(map(abs, bracket)))

"""Where a yes-or-no question of one input turns, or a function of it changes its sign."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np
from scipy.optimize import brentq

NEAR = 2e-3
"""Distance within which a turning point is found: relative on a logarithmic scale, else a tenth of
it of the bracket's larger end."""
SECTIONS = 8
"""Parts into which a bracket is cut at a time: values that are asked together cost little more than
one, and of several turns between two ends the one next to the near end is found more often."""
Asked = Callable[[Sequence[float]], Sequence[bool]]
Gap = Callable[[float], float]


def first_true(asked: Asked, near: float, far: float, *, logarithmic: bool = False) -> float:
    """Value next to `near` at which the answer is true, to within a tolerance.

    The answer, not the size of a gap, is bisected: a step is found where it is, and a plateau on
    which a gap is zero is not taken for a turn in its midst.

    Parameters
    ----------
    asked : answers at some values; false at `near`, true at `far`, which may be below `near`.
    logarithmic : bisect in logs.
    """
    onto, back = (np.log, np.exp) if logarithmic else (np.asarray, np.asarray)
    tolerance = _tolerance((near, far), logarithmic)
    start, end = float(onto(near)), float(onto(far))
    value = far
    while abs(end - start) > tolerance:
        places = np.linspace(start, end, SECTIONS + 1)
        values = [float(one) for one in back(places[1:-1])]
        answers = [*asked(values), True]
        first = answers.index(True)
        start, end = float(places[first]), float(places[first + 1])
        value = [*values, value][first]
    return value


def turns(signs: Sequence[float]) -> int:
    """Changes of sign from value to value; zeros and blanks are passed."""
    known = [sign for sign in signs if np.isfinite(sign) and sign]
    return sum(one != other for one, other in pairwise(known))


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


def _tolerance(bracket: tuple[float, float], logarithmic: bool) -> float:
    return NEAR * (1.0 if logarithmic else 0.1 * max(map(abs, bracket)))

"""Where the answer to a yes-or-no question of one input turns: bisection on the answer alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np

NEAR = 2e-3
"""Distance within which a turning point is found: relative on a logarithmic scale, else a tenth of
it of the bracket's larger end."""
SECTIONS = 8
"""Parts into which a bracket is cut at a time: values that are asked together cost little more than
one, and of several turns between two ends the one next to the near end is found more often."""
Asked = Callable[[Sequence[float]], Sequence[bool]]


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
    tolerance = NEAR * (1.0 if logarithmic else 0.1 * max(abs(near), abs(far)))
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

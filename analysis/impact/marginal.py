"""The marginal firm: at which multiple of a formula each exchange leaves, or cannot fund it.

And at which multiple so many exchanges are expected to leave.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.impact.exits import Exits
from analysis.market.panel import FloatArray

MULTIPLES = 2.0 ** np.arange(-10, 13)
"""Multiples that are tried; a crossing between two is interpolated in logs."""
MORE_LIKELY = 0.5
"""By how much the probability of leaving must rise over that without the rule."""


@dataclass(frozen=True)
class Margin:
    """Multiples of each formula, (formula, exchange).

    NaN where none of those tried does it, 0 where the smallest does: any amount is too much.

    Attributes
    ----------
    leaves : from which the mean probability of leaving is higher by `MORE_LIKELY` than without.
    short : from which cash is lacking in half of the data sets.
    expected : exits expected at each of `MULTIPLES`, (multiple, formula).
    """

    leaves: FloatArray
    short: FloatArray
    expected: FloatArray

    def at(self, exits: float) -> FloatArray:
        """Multiple of each formula from which so many exits are expected, (formula,)."""
        return _crossing(self.expected, exits)


def margin(exits: Exits) -> Margin:
    """Multiples at which exchanges leave or run short, all exchanges facing the same multiple.

    An exchange that is likely to leave in any case, that has left already, or of which nothing is
    asked, never does.
    """
    impact, before = exits.impact, exits.baseline.mean(axis=-2)
    added, lacking = [], []
    for multiple in MULTIPLES:
        faced = exits.prospect(multiple * impact.required, impact.panel, exits.due)
        added.append(faced.leaving.mean(axis=-2) - before)
        lacking.append((faced.short > 0).mean(axis=-2))
    more = np.stack(added)
    expected = (more + before).sum(axis=-1)
    return Margin(_crossing(more, MORE_LIKELY), _crossing(np.stack(lacking), 0.5), expected)


def _crossing(rising: FloatArray, level: float) -> FloatArray:
    """Multiple at which an array (multiple, ...) first reaches a level; NaN if it does not."""
    reached = rising >= level
    after = np.argmax(reached, axis=0)
    before = np.maximum(after - 1, 0)
    low, high = (
        np.take_along_axis(rising, place[np.newaxis], axis=0)[0] for place in (before, after)
    )
    part = np.divide(level - low, high - low, out=np.ones_like(low), where=high > low)
    found = np.exp2(np.log2(MULTIPLES[before]) + part * (after - before))
    # Whatever is asked, it is too much.
    found = np.where(reached[0], 0.0, found)
    return np.where(reached.any(axis=0), found, np.nan)

"""Years in which every loss stops at the same known amount, on a grid of sums."""

from __future__ import annotations

from collections.abc import Sequence
from math import comb

import numpy as np

from analysis.market.panel import FloatArray


def take_repeats(
    table: FloatArray,
    side: float,
    step: FloatArray,
    stop: FloatArray,
    chances: Sequence[FloatArray],
) -> None:
    """Take from a density, in place, what is carried exactly beside it.

    Of k losses at the jump one is rounded up in every table, the others with the chance of that
    table.

    Parameters
    ----------
    table : density at 0, step, 2 step, ..., (node, *cells).
    side : chance with which all but one of the losses are rounded up.
    step, stop : JPY mn; the amount of the jump broadcasts against the step.
    chances : probability of 2, 3, ... losses that all stop there.
    """
    cell = np.arange(step.size)
    up = np.ceil(np.broadcast_to(stop, step.shape) / step).ravel()
    for k, chance_of_all in enumerate(chances, 2):
        whole = np.broadcast_to(chance_of_all, step.shape).ravel()
        numbers_up = range(k) if 0 < side < 1 else (round((k - 1) * side),)
        for ups in numbers_up:
            chance = comb(k - 1, ups) * side**ups * (1 - side) ** (k - 1 - ups)
            node = k * up - (k - 1 - ups)
            inside = node < len(table)
            place = node[inside].astype(np.intp) * step.size + cell[inside]
            table.reshape(-1)[place] -= chance * whole[inside]

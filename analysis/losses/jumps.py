"""Years in which every loss stops at the same known amount, on a grid of sums."""

from __future__ import annotations

from collections.abc import Sequence
from math import comb

import numpy as np

from analysis.market.panel import FloatArray


def take_repeats(
    tables: Sequence[FloatArray], step: FloatArray, stop: FloatArray, chances: Sequence[FloatArray]
) -> None:
    """Take from densities, in place, what is carried exactly beside them.

    Of k losses at the jump one is rounded up; the others are too in the first table, not in the
    second, and each with probability 1/2 in the third.

    Parameters
    ----------
    tables : three densities at 0, step, 2 step, ..., (node, *cells).
    step, stop : JPY mn; the amount of the jump broadcasts against the step.
    chances : probability of 2, 3, ... losses that all stop there.
    """
    cell = np.arange(step.size)
    up = np.ceil(np.broadcast_to(stop, step.shape) / step).ravel()
    for k, chance_of_all in enumerate(chances, 2):
        whole = np.broadcast_to(chance_of_all, step.shape).ravel()
        parts = [(0, k - 1, 1.0), (1, 0, 1.0)]
        parts += [(2, n, comb(k - 1, n) / 2 ** (k - 1)) for n in range(k)]
        for table, ups, chance in parts:
            node = k * up - (k - 1 - ups)
            inside = node < len(tables[table])
            place = node[inside].astype(np.intp) * step.size + cell[inside]
            tables[table].reshape(-1)[place] -= chance * whole[inside]

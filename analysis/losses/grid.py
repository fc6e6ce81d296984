"""A distribution function known at equal steps, between proved bounds, for many cells at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.fft import irfft, rfft

from analysis.market.panel import FloatArray

Places = NDArray[np.intp]

DAMPING = 1e8
"""Factor over one period of the transform: what is beyond comes back divided by it."""

NOISE = 4 / DAMPING
"""Error of a sum of probabilities over their total: what comes back, and rounding (1e-16) that the
damping has multiplied. Measured: two thirds of it at most.
"""


@dataclass(frozen=True)
class Grid:
    """An increasing function at 0, h, ..., steps h with h = span / steps.

    Attributes
    ----------
    span : JPY mn, shape of the cells.
    estimate : values at the nodes, (node, *cells).
    """

    span: FloatArray
    estimate: FloatArray

    @property
    def steps(self) -> int:
        """Number of steps from 0 to `span`."""
        return len(self.estimate) - 1

    def value(self, cell: Places, amount: FloatArray) -> FloatArray:
        """Estimate at `amount` in the cells numbered `cell` (flat), straight between nodes."""
        left, part = self.place(cell, amount)
        table = self.estimate.ravel()
        return table[left] * (1 - part) + table[left + self.span.size] * part

    def place(self, cell: Places, amount: FloatArray) -> tuple[Places, FloatArray]:
        """Flat index of the node below and the part of the step above it; `span` at most."""
        position = np.minimum(amount / self.span.ravel()[cell], 1.0) * self.steps
        left = np.minimum(position.astype(np.intp), self.steps - 1)
        return left * self.span.size + cell, position - left


@dataclass(frozen=True)
class Bracket(Grid):
    """The same between proved bounds.

    Attributes
    ----------
    low, high : bounds at the nodes, (node, *cells).
    """

    low: FloatArray
    high: FloatArray

    def bounds(self, cell: Places, amount: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Lower and upper bound at `amount`: that of the node below, that of the node above."""
        left, part = self.place(cell, amount)
        above = left + np.where(part > 0, self.span.size, 0)
        below = left + np.where(part < 1, 0, self.span.size)
        return self.low.ravel()[below], self.high.ravel()[above]


def nodes(span: FloatArray, steps: int) -> FloatArray:
    """h, 2 h, ..., `span`, shape (node, *cells)."""
    return np.arange(1, steps + 1).reshape(-1, *(1,) * span.ndim) * (span / steps)


def turned(below: FloatArray, length: int) -> tuple[NDArray[np.complex128], ...]:
    """Damped transforms of a loss rounded up and of the same loss rounded down.

    Rounded down it is one step less, so the second transform is the first, turned. Nothing above
    the last node matters for what happens below it.

    Parameters
    ----------
    below : distribution function at h, 2 h, ..., (node, *cells); losses are above 0.
    length : period of the transform, above the number of nodes.
    """
    mass = np.empty((len(below) + 1, *below.shape[1:]))
    mass[0] = 0.0
    mass[1] = below[0]
    np.subtract(below[1:], below[:-1], out=mass[2:])
    mass *= _damping(len(mass), length, below.ndim)
    up = rfft(mass, length, axis=0)
    turn = np.exp((np.log(DAMPING) + 2j * np.pi * np.arange(len(up))) / length)
    return up, up * turn.reshape(-1, *(1,) * (below.ndim - 1))


def density(transform: NDArray[np.complex128], steps: int, length: int) -> FloatArray:
    """Probability at 0, h, ..., steps h from a damped transform, (node, *cells)."""
    found = irfft(transform, length, axis=0, overwrite_x=True)[: steps + 1]
    found /= _damping(steps + 1, length, found.ndim)
    return np.asarray(found)


def accumulated(table: FloatArray) -> FloatArray:
    """Sums along the first axis, in place; row by row where rows are long, which is faster."""
    if table[0].size < len(table):
        return np.asarray(np.cumsum(table, axis=0, out=table))
    for row in range(1, len(table)):
        table[row] += table[row - 1]
    return table


def _damping(count: int, length: int, axes: int) -> FloatArray:
    return np.asarray(DAMPING ** (-np.arange(count) / length)).reshape(-1, *(1,) * (axes - 1))

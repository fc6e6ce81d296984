"""Grids of one distribution at several scales, so that small amounts have small steps."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Generic, TypeVar

import numpy as np

from analysis.losses.grid import Bracket, Grid, Places
from analysis.market.panel import FloatArray

RATIO = 4
Kind = TypeVar("Kind", bound=Grid)


@dataclass(frozen=True)
class Bands(Generic[Kind]):
    """Grids over spans that shrink by `RATIO`; number of steps a multiple of it.

    Attributes
    ----------
    grid : spans of shape (band, *cells), the widest first.
    mass : what the function reaches in the end, shape of the cells.
    whole : integral of mass less function over all amounts, which is known.
    """

    grid: Kind
    mass: FloatArray
    whole: FloatArray

    def cell(self, amount: FloatArray) -> Places:
        """Flat number of the narrowest band that holds each amount; shape (..., *cells)."""
        spans = self.grid.span
        scale = (np.log(spans[0]) - np.log(np.maximum(amount, 1e-300))) / np.log(RATIO)
        band = np.clip(scale, 0, len(spans) - 1).astype(np.intp)
        size = spans[0].size
        return np.asarray(band * size + np.arange(size).reshape(spans[0].shape))

    def excess(self, amount: FloatArray) -> FloatArray:
        """Integral of mass less function from `amount` on, JPY mn.

        By trapezoids, times what makes the integral from 0 on the one that is known.
        """
        left, part, step = self._place(amount)
        count = self.grid.span.size
        missing, beyond = self._missing.ravel(), self._beyond.ravel()
        right = missing[left + count]
        here = missing[left] * (1 - part) + right * part
        rest = beyond[left + count] + (1 - part) * step * (here + right) / 2
        return np.asarray(self._scale * rest)

    def _place(self, amount: FloatArray) -> tuple[Places, FloatArray, FloatArray]:
        """Node below, part of the step above it, and the step, JPY mn."""
        cell = self.cell(amount)
        left, part = self.grid.place(cell, amount)
        return left, part, self.grid.span.ravel()[cell] / self.grid.steps

    @cached_property
    def _missing(self) -> FloatArray:
        return np.maximum(self.mass - self.grid.estimate, 0.0)

    @cached_property
    def _beyond(self) -> FloatArray:
        """The same integral at the nodes, by trapezoids."""
        return self._summed((self._missing[1:] + self._missing[:-1]) / 2)

    @cached_property
    def _scale(self) -> FloatArray:
        """Known integral over that by trapezoids."""
        found = self._beyond[0, -1]
        return np.asarray(np.divide(self.whole, found, out=np.ones(found.shape), where=found > 0))

    def _summed(self, heights: FloatArray) -> FloatArray:
        """Integral from each node on of a function that is `heights` in each step.

        Each band ends where a wider one goes on.
        """
        parts = heights * (self.grid.span / self.grid.steps)
        beyond = np.zeros((len(heights) + 1, *heights.shape[1:]))
        beyond[:-1] = np.cumsum(parts[::-1], axis=0)[::-1]
        for band in range(1, len(self.grid.span)):
            beyond[:, band] += beyond[self.grid.steps // RATIO, band - 1]
        return beyond


class ProvedBands(Bands[Bracket]):
    """Bands between proved bounds."""

    def excess_bounds(self, amount: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Proved lower and upper bound of the integral that `excess` estimates.

        From the amount to the widest span, or what the part up to the amount leaves of the whole:
        whichever is closer.
        """
        left, part, step = self._place(amount)
        above, rest = left + self.grid.span.size, (1 - part) * step
        low, high = (
            beyond.ravel()[above] + rest * heights.ravel()[left]
            for heights, beyond in zip(self._heights, self._bounds_beyond, strict=True)
        )
        least, most = (beyond[0, -1] for beyond in self._bounds_beyond)
        return np.maximum(low, self.whole - (most - high)), np.minimum(
            high, self.whole - (least - low)
        )

    @cached_property
    def _heights(self) -> tuple[FloatArray, FloatArray]:
        """Least and most that mass less function is in each step.

        The function rises, so in a step it is at least its lower bound at the node before, and at
        most its upper bound at the node after.
        """
        least, most = self.mass - self.grid.high[1:], self.mass - self.grid.low[:-1]
        return np.maximum(least, 0.0), np.maximum(most, 0.0)

    @cached_property
    def _bounds_beyond(self) -> tuple[FloatArray, FloatArray]:
        least, most = self._heights
        return self._summed(least), self._summed(most)

"""Grids of one distribution at several scales, so that small amounts have small steps."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from analysis.losses.grid import Grid, Places
from analysis.market.panel import FloatArray

RATIO = 4


@dataclass(frozen=True)
class Bands:
    """Grids over spans that shrink by `RATIO`; number of steps a multiple of it.

    Attributes
    ----------
    grid : spans of shape (band, *cells), the widest first.
    mass : what the function reaches in the end, shape of the cells.
    """

    grid: Grid
    mass: FloatArray

    def cell(self, amount: FloatArray) -> Places:
        """Flat number of the narrowest band that holds each amount; shape (..., *cells)."""
        spans = self.grid.span
        scale = (np.log(spans[0]) - np.log(np.maximum(amount, 1e-300))) / np.log(RATIO)
        band = np.clip(scale, 0, len(spans) - 1).astype(np.intp)
        size = spans[0].size
        return np.asarray(band * size + np.arange(size).reshape(spans[0].shape))

    def excess(self, amount: FloatArray) -> FloatArray:
        """Integral of mass less function from `amount` to the widest span, JPY mn."""
        cell = self.cell(amount)
        left, part = self.grid.place(cell, amount)
        count = self.grid.span.size
        missing, beyond = self._missing.ravel(), self._beyond.ravel()
        right = missing[left + count]
        here = missing[left] * (1 - part) + right * part
        step = self.grid.span.ravel()[cell] / self.grid.steps
        return np.asarray(beyond[left + count] + (1 - part) * step * (here + right) / 2)

    @cached_property
    def _missing(self) -> FloatArray:
        return np.maximum(self.mass - self.grid.middle, 0.0)

    @cached_property
    def _beyond(self) -> FloatArray:
        """The same integral at the nodes, by trapezoids; each band ends where a wider one is."""
        step = self.grid.span / self.grid.steps
        parts = step * (self._missing[1:] + self._missing[:-1]) / 2
        beyond = np.zeros(self._missing.shape)
        beyond[:-1] = np.cumsum(parts[::-1], axis=0)[::-1]
        for band in range(1, len(self.grid.span)):
            beyond[:, band] += beyond[self.grid.steps // RATIO, band - 1]
        return beyond

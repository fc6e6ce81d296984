"""Means of a capped share, looked up instead of integrated: what protection asks for most often."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cached_property
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit, ndtr

from analysis.losses.capped_mean import REACH_OF_NORMAL
from analysis.losses.severity import Severity, ShareSeverity
from analysis.market.panel import FloatArray

STEP = 0.04
"""Standard deviations between nodes: relative error below 1e-6 for scales up to 4 (tested)."""
POINTS = 3  # of Gauss-Legendre within a step
EachSeverity = TypeVar("EachSeverity", bound=Severity)


class CappedMeans:
    """Mean of min(U, cap), logit U normal, by row of parameters and deviation of the cap.

    Between nodes a cubic goes through values and slopes, both exact: the slope in the deviation z
    of the cap u is P(Z > z) scale u (1 - u).

    Parameters
    ----------
    location, scale : of the logit; flattened, they are the rows.
    """

    def __init__(self, location: FloatArray, scale: FloatArray) -> None:
        self._location, self._scale = location.ravel(), scale.ravel()

    def at(self, row: NDArray[np.intp], deviation: FloatArray) -> FloatArray:
        """Means at deviations of the cap within 8.5, the last being the mean of U itself."""
        values, slopes = self._nodes
        rows = len(self._location)
        place = (np.clip(deviation, -REACH_OF_NORMAL, REACH_OF_NORMAL) + REACH_OF_NORMAL) / STEP
        node = np.minimum(place.astype(np.intp), len(values) // rows - 2)
        part = place - node
        left = node * rows + row
        start, end = values[left], values[left + rows]
        rest = 1 - part
        bend = slopes[left] * rest - slopes[left + rows] * part + (end - start) * (part - rest)
        return np.asarray(start * rest + end * part + part * rest * bend)

    @cached_property
    def _nodes(self) -> tuple[FloatArray, FloatArray]:
        """Values, and slopes times the step, at the nodes: flat, (node, row)."""
        deviation = np.linspace(-REACH_OF_NORMAL, REACH_OF_NORMAL, _count() + 1)[:, None]
        slope = self._slope(deviation)
        rise = np.zeros((_count(), len(self._location)))
        for point, weight in zip(*np.polynomial.legendre.leggauss(POINTS), strict=True):
            rise += weight / 2 * self._slope(deviation[:-1] + (1 + point) / 2 * STEP)
        first = expit(self._location + self._scale * deviation[:1])
        values = np.concatenate([first, first + np.cumsum(rise, axis=0)])
        return values.ravel(), slope.ravel()

    def _slope(self, deviation: FloatArray) -> FloatArray:
        share = expit(self._location + self._scale * deviation)
        return np.asarray(STEP * self._scale * ndtr(-deviation) * share * (1 - share))


@dataclass(frozen=True)
class TabulatedShare(ShareSeverity):
    """A `ShareSeverity` that looks its means up; its distribution function is the exact one.

    Attributes
    ----------
    means : table, one row for each pair of location and scale.
    row : place of each cell's parameters in it.
    """

    means: CappedMeans | None = None
    row: NDArray[np.intp] | None = None

    def _capped(self, share: FloatArray) -> FloatArray:
        if self.means is None or self.row is None:
            return super()._capped(share)
        cap = np.minimum(share / self.multiplier, 1.0)
        deviation = (logit(cap) - self.location) / self.scale
        # Below the first node the whole cap is lost, whatever the event.
        low = deviation < -REACH_OF_NORMAL
        mean = np.where(low, cap, self.means.at(self.row, np.asarray(deviation)))
        return np.asarray(self.multiplier * mean)


def tabulated(severity: EachSeverity) -> EachSeverity | TabulatedShare:
    """The same severity with a table of means, if it is one of shares; else as it is."""
    if not isinstance(severity, ShareSeverity) or isinstance(severity, TabulatedShare):
        return severity
    location, scale = np.broadcast_arrays(
        np.asarray(severity.location, dtype=float), np.asarray(severity.scale, dtype=float)
    )
    row = np.arange(location.size).reshape(location.shape)
    given = {field.name: getattr(severity, field.name) for field in fields(ShareSeverity)}
    return TabulatedShare(**given, means=CappedMeans(location, scale), row=row)


def _count() -> int:
    return round(2 * REACH_OF_NORMAL / STEP)

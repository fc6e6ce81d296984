"""A year's loss by the number of its events: the pieces of which `CompoundLoss` is put together."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Self

import numpy as np

from analysis.losses.grid import Bracket, Grid, Places
from analysis.losses.quantile_search import SINGLE_LOSSES
from analysis.market.panel import FloatArray

PER_BAND = 64
"""Share of `steps` that each band of amounts has, as a divisor: the default is 64. Bands are a
factor 4 apart, so a step is then a 16th of the amount or less."""
LEAST_HELD = 1e-6  # JPY mn, in place of nothing held


class EventPieces(ABC):
    """Years of no, one and several events, in each cell; JPY mn."""

    steps: int

    @property
    @abstractmethod
    def none(self) -> FloatArray:
        """Probability of no loss."""

    @property
    @abstractmethod
    def single(self) -> FloatArray:
        """Probability of one event."""

    @property
    @abstractmethod
    def several(self) -> FloatArray:
        """Probability of several events (less what `repeats` can reach)."""

    @property
    @abstractmethod
    def held(self) -> FloatArray:
        """Largest loss of one event, JPY mn."""

    @property
    @abstractmethod
    def most(self) -> int:
        """Number of events that a year exceeds with a probability that is neglected."""

    @property
    @abstractmethod
    def mean(self) -> FloatArray:
        """Expected loss of a year, JPY mn."""

    @property
    def band_steps(self) -> int:
        """Steps of each band of amounts."""
        return self.steps // PER_BAND

    @abstractmethod
    def one(self, amount: FloatArray) -> FloatArray:
        """Probability of one event with a loss of at most `amount`."""

    @abstractmethod
    def smooth(self, amount: FloatArray) -> FloatArray:
        """Chance that one event's loss is at most `amount` and not at a known jump."""

    @abstractmethod
    def one_excess(self, amount: FloatArray) -> FloatArray:
        """Mean of the loss above `amount` in years of one event (0 in others), JPY mn."""

    @property
    @abstractmethod
    def crowded(self) -> FloatArray:
        """Upper bound of what years of more than `most` events add to the mean loss, JPY mn."""

    @abstractmethod
    def estimate(self, span: FloatArray, steps: int) -> Grid:
        """H up to `span`, shape (..., *cells)."""

    @abstractmethod
    def bracket(self, span: FloatArray, steps: int) -> Bracket:
        """The same between proved bounds."""

    @abstractmethod
    def take(self, where: tuple[Places | None, ...]) -> Self:
        """The cells at the indices `where` of the cells' axes, on one new first axis."""

    def start(self, level: FloatArray) -> FloatArray:
        """Amount near the quantile at `level`, of the shape of the cells, JPY mn.

        That of one event where one alone decides, and the largest loss of a year elsewhere.
        """
        held = np.maximum(np.broadcast_to(self.held, level.shape), LEAST_HELD)
        losses = SINGLE_LOSSES.reshape(-1, *(1,) * level.ndim) * held
        place = (self.none + self.one(losses) < level).sum(axis=0)
        table = np.concatenate([losses, (self.most * held)[None]])
        return np.asarray(np.take_along_axis(table, place[None], axis=0)[0])

    def repeats(self, amount: FloatArray) -> FloatArray:
        """Probability that all of several losses stop at the same jump, with sum <= `amount`."""
        return np.zeros(np.shape(amount))

    def repeats_excess(self, amount: FloatArray) -> FloatArray:
        """Mean of the loss above `amount` in those years, JPY mn."""
        return np.zeros(np.shape(amount))

    def jump(self, amount: FloatArray) -> FloatArray:
        """Nearest amount at which the distribution function jumps, or `amount` itself."""
        return amount

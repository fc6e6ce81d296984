"""Quantiles of a year's loss, given only when their error is proved."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, Self

import numpy as np
from numpy.typing import NDArray

from analysis.errors import InputError
from analysis.losses.grid import Bracket, Places
from analysis.market.panel import FloatArray

FIRST_STEPS = 32
ROUNDS = 32
HALVINGS = 12
CLOSE, WIDER = 1.1, 4.0
"""Span of the next grid over the amount found, and over the span that was too short."""
FACTORS = (2, 4, 8, 12, 16, 24, 32, 48, 64)
MOST_CELLS = 0.6
SINGLE_LOSSES = 1.5 ** -np.arange(24.0)[::-1]  # shares of what is held, 1/11,000 to 1
NEAR = 1e-9
UNEVEN = 1.0137  # keeps a jump of the severity from falling on a node, where rounding decides

Flags = NDArray[np.bool_]


class Distribution(Protocol):
    """What the search needs of `CompoundLoss`; shapes and units are explained there."""

    steps: int

    @property
    def tolerance(self) -> float:
        """Relative error that is asked."""
        ...

    @property
    def accepted(self) -> float:
        """Relative error that will do where the most steps do not prove the one asked."""
        ...

    @property
    def none(self) -> FloatArray:
        """Probability of no loss."""
        ...

    @property
    def held(self) -> FloatArray:
        """Largest loss of one event."""
        ...

    @property
    def most(self) -> int:
        """Largest number of events."""
        ...

    def start(self, level: FloatArray) -> FloatArray:
        """Amount near the quantile."""
        ...

    def known(self, amount: FloatArray) -> FloatArray:
        """Exact part of the distribution function."""
        ...

    def bracket(self, span: FloatArray, steps: int) -> Bracket:
        """Bracket of the rest."""
        ...

    def jump(self, amount: FloatArray) -> FloatArray:
        """Nearest amount at which the distribution function jumps."""
        ...

    def take(self, where: tuple[Places | None, ...]) -> Self:
        """Some of the cells, on one axis."""
        ...


@dataclass(frozen=True)
class _Try:
    """Quantiles of some cells on one grid; `reached` where the grid goes far enough."""

    loss: Distribution
    level: FloatArray
    grid: Bracket
    amount: FloatArray
    reached: Flags

    def proved(self, tolerance: float) -> Flags:
        """Where the bracket puts the quantile within `tolerance` of the amount."""
        cell = np.arange(self.level.size)
        above, below = self.amount * (1 + tolerance), self.amount * (1 - tolerance)
        low = self.loss.known(above) + self.grid.bounds(cell, above)[0]
        high = self.loss.known(below) + self.grid.bounds(cell, below)[1]
        return np.asarray((low >= self.level) & (high <= self.level))

    def factor(self, open_: Flags, share: float, tolerance: float) -> int:
        """How many times as many steps prove a share of the cells: the bracket narrows with them.

        Steps for most cells first, more for the rest, is faster than the most for all.
        """
        for factor in FACTORS:
            if self.proved(tolerance * factor)[open_].mean() >= share:
                return factor
        return FACTORS[-1]


def search(loss: Distribution, level: FloatArray) -> FloatArray:
    """Quantiles, JPY mn, shape (level, *cells); the levels have that shape.

    A coarse grid comes first. Where the bracket does not prove the error, the grid is narrowed or
    widened to the amount found, and gets the number of steps that the width of the bracket calls
    for once it fits most cells; cells that are proved drop out.

    Raises
    ------
    InputError
        `loss.steps` are too few for the proof.
    """
    if level.ndim == 1:  # A single cell, which needs an axis to be taken along.
        return search(loss.take((None,)), level[:, None])[:, 0]
    found = np.zeros(level.shape)
    place = np.nonzero(level > loss.none)
    part, asked = loss.take(place[1:]), level[place]
    span, steps = UNEVEN * part.start(asked), min(FIRST_STEPS, loss.steps)
    for _ in range(ROUNDS):
        trial = _solve(part, asked, part.bracket(span, steps))
        found[place] = trial.amount
        open_ = ~trial.proved(part.tolerance)
        near = open_ & trial.reached & (trial.amount >= span / 2)
        if steps == loss.steps:
            open_ &= ~(near & trial.proved(part.accepted))
            near &= open_
            if near.any():
                raise _too_coarse(loss, trial.factor(near, 1.0, part.accepted), asked[near].max())
        if not open_.any():
            return found
        if 2 * near.sum() >= open_.sum():
            steps = min(steps * trial.factor(near, MOST_CELLS, part.tolerance), loss.steps)
        span = np.where(trial.reached, CLOSE * trial.amount, WIDER * span)[open_]
        place, asked = tuple(axis[open_] for axis in place), asked[open_]
        part = part.take((np.nonzero(open_)[0],))
    raise _too_coarse(loss, 2, asked.max())


def _too_coarse(loss: Distribution, factor: int, level: float) -> InputError:
    return InputError(
        f"steps = {loss.steps}: too coarse for the quantile at {level:g}, which would be uncertain "
        f"by more than {loss.accepted:.1%}; allowed here: {loss.steps * factor} and more; raise "
        "loss_steps, or ask for a lower level"
    )


def _solve(loss: Distribution, level: FloatArray, grid: Bracket) -> _Try:
    """Level crossed by the middle of the bracket: by halving, in the end by a straight line.

    Where the crossing is a jump whose place is known, the jump is the quantile.
    """
    cell = np.arange(level.size)

    def value(amount: FloatArray) -> FloatArray:
        return loss.known(amount) + grid.value(cell, amount)

    low, high = np.zeros(level.shape), grid.span
    at_low, at_high = loss.none, value(high)
    reached = at_high >= level
    for _ in range(HALVINGS):
        centre = (low + high) / 2
        at_centre = value(centre)
        up = at_centre < level
        low, at_low = np.where(up, centre, low), np.where(up, at_centre, at_low)
        high, at_high = np.where(up, high, centre), np.where(up, at_high, at_centre)
    rise = at_high - at_low
    part = np.divide(level - at_low, rise, out=np.ones(rise.shape), where=rise > 0)
    amount = low + np.clip(part, 0.0, 1.0) * (high - low)
    jump = loss.jump(amount)
    crossed = (jump >= low * (1 - NEAR)) & (jump <= high * (1 + NEAR))
    crossed &= (value(jump * (1 + NEAR)) >= level) & (value(jump * (1 - NEAR)) < level)
    return _Try(loss, level, grid, np.where(crossed, jump, amount), reached)

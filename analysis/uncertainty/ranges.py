"""How a parameter varies: its range and distribution, as a map from the unit interval.

Samplers work in the unit cube, so that any of them goes with any distribution, and an estimator
of sensitivity sees the cube that its sampler made.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from analysis.market.panel import FloatArray
from analysis.scenario.parameter import Shape


@dataclass(frozen=True)
class Range:
    """Values that an uncertain parameter may take, and how likely each is.

    Parameters
    ----------
    low, high : number
        Ends of the range, in the unit of the parameter.
    distribution : {"uniform", "log_uniform", "triangular", "choice"}
        Log-uniform: each factor as likely. Triangular: likeliest at `mode`. Choice: each of
        `choices` as likely as another, which states no belief but that none is left out.
    mode : number, optional
    integer : bool
        Rounded to whole numbers; a uniform range is widened by a half at each end for that, so
        that its ends are as likely as the rest.
    choices : tuple
    """

    low: float
    high: float
    distribution: Shape | str = "uniform"
    mode: float | None = None
    integer: bool = False
    choices: tuple[Any, ...] = ()

    def values(self, unit: FloatArray) -> np.ndarray:
        """Values at positions of the unit interval: the inverse of the distribution function."""
        if self.choices:
            place = np.minimum((unit * len(self.choices)).astype(int), len(self.choices) - 1)
            return np.asarray(np.array(self.choices, dtype=object)[place])
        if not self.integer:
            return np.clip(self._inverse(unit, self.low, self.high), self.low, self.high)
        half = 0.5 if self.distribution == "uniform" else 0.0
        smooth = self._inverse(unit, self.low - half, self.high + half)
        # The nearest whole number, halves upwards: numpy's own rounding prefers even ones.
        return np.clip(np.floor(smooth + 0.5), self.low, self.high).astype(np.int64)

    def _inverse(self, unit: FloatArray, low: float, high: float) -> FloatArray:
        if self.distribution == "log_uniform":
            return np.asarray(np.exp(np.log(low) + unit * (np.log(high) - np.log(low))))
        if self.distribution == "triangular" and self.mode is not None:
            rise, fall, whole = self.mode - low, high - self.mode, high - low
            return np.where(
                unit * whole < rise,
                low + np.sqrt(unit * whole * rise),
                high - np.sqrt((1 - unit) * whole * fall),
            )
        return np.asarray(low + unit * (high - low))

    def share_below(self, value: FloatArray) -> FloatArray:
        """Distribution function at `value`; of a range of numbers, not of choices."""
        at = np.clip(value, self.low, self.high)
        if self.distribution == "log_uniform":
            return np.asarray(np.log(at / self.low) / np.log(self.high / self.low))
        if self.distribution == "triangular" and self.mode is not None:
            rise, fall, whole = self.mode - self.low, self.high - self.mode, self.high - self.low
            left, right = (
                np.minimum(at, self.mode) - self.low,
                self.high - np.maximum(at, self.mode),
            )
            # A side of no width has no area, so what it is divided by does not matter.
            return np.where(
                at < self.mode,
                left**2 / (whole * rise or 1.0),
                1 - right**2 / (whole * fall or 1.0),
            )
        return np.asarray((at - self.low) / (self.high - self.low))

    def values_above(self, unit: FloatArray, least: FloatArray) -> FloatArray:
        """Values of the same distribution given that they are not below `least`.

        Monotone in `unit` for every `least` (Rosenblatt 1952): two parameters of which the first
        may not be above the second are so drawn from two independent coordinates.
        """
        below = self.share_below(least)
        return np.asarray(np.maximum(self.values(below + unit * (1 - below)), least))

    def as_dict(self) -> dict[str, Any]:
        """Plain values for a record."""
        if self.choices:
            return {"distribution": "choice", "choices": list(self.choices)}
        mode = {} if self.mode is None else {"mode": self.mode}
        return {"low": self.low, "high": self.high, "distribution": self.distribution, **mode}

"""How a parameter varies: its range and distribution, as a map from the unit interval.

Samplers work in the unit cube, so that any of them goes with any distribution, and an estimator
of sensitivity sees the cube that its sampler made.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

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
    order : {"", "smaller", "larger"}
        Of a pair that has an order: the smaller or the larger of two independent draws, one from
        this distribution and one from that of `other`.
    other : Range, optional
        The pair's other distribution.
    """

    low: float
    high: float
    distribution: Shape | str = "uniform"
    mode: float | None = None
    integer: bool = False
    choices: tuple[Any, ...] = ()
    order: Literal["", "smaller", "larger"] = ""
    other: Range | None = None

    def __str__(self) -> str:
        if self.choices:
            return " or ".join(map(str, self.choices))
        mode = "" if self.mode is None else f" at {self.mode:g}"
        return f"{self.low:g} to {self.high:g}, {self.distribution.replace('_', '-')}{mode}"

    def values(self, unit: FloatArray) -> np.ndarray:
        """Values at positions of the unit interval: the inverse of the distribution function.

        Of an ordered pair: the draw of this parameter, before the two are put in order.
        """
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

    def as_dict(self) -> dict[str, Any]:
        """Plain values for a record."""
        if self.choices:
            return {"distribution": "choice", "choices": list(self.choices)}
        mode = {} if self.mode is None else {"mode": self.mode}
        own = {"low": self.low, "high": self.high, "distribution": self.distribution, **mode}
        if self.other is None:
            return own
        shapes = dict.fromkeys(each.replace("_", "-") for each in self._shapes)
        told = f"{self.order} of two draws, {' and '.join(shapes)}"
        return {**own, "distribution": told, "draws": [own, self.other.as_dict()]}

    @property
    def _shapes(self) -> tuple[str, ...]:
        """Distributions of the two draws of an ordered pair, that of the first name first."""
        shapes = (self.distribution, self.other.distribution if self.other else "")
        return shapes if self.order == "smaller" else shapes[::-1]


def in_order(low: Range, high: Range) -> tuple[Range, Range]:
    """Ranges of two parameters of which the first is never above the second.

    The first is the smaller and the second the larger of two independent draws, one from each
    distribution: where both are the same, that is two such draws given that they are in order.
    Neither is drawn first, so that both are treated alike.
    """
    return replace(low, order="smaller", other=high), replace(high, order="larger", other=low)

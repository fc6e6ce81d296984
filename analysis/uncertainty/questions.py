"""What is asked of a parameter: over which values it moves, and which answer may turn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from analysis.errors import InputError
from analysis.market.panel import FloatArray
from analysis.scenario import Scenario
from analysis.uncertainty.design_names import quantity

STEPS = 9
SLACK = 1e-9
"""Rounding of a mean over data sets that does not keep it from having reached a level."""


@dataclass(frozen=True)
class Moved:
    """A parameter, its value in the base, and the steps in which its range is scanned."""

    name: str
    baseline: Any
    steps: tuple[Any, ...]
    logarithmic: bool = False
    whole: bool = False

    @classmethod
    def of(cls, name: str, base: Scenario, steps: int = STEPS) -> Moved:
        """Steps over the swept range, in logs where that is log-uniform, and the base itself.

        Raises
        ------
        InputError
            No such parameter, none that is a number, or one without a swept range.
        """
        known = quantity(name, base)
        if known.swept is None or isinstance(known.default, bool | str | None):
            raise InputError(
                f"{name} has no range to move over; choose a parameter in numbers "
                "with a swept range"
            )
        low, high, whole = known.swept.low, known.swept.high, known.kind == "integer"
        logarithmic = known.swept.distribution == "log_uniform" and low > 0
        spaced = (np.geomspace if logarithmic else np.linspace)(low, high, steps)
        values = {float(value) for value in (np.round(spaced) if whole else spaced)}
        values |= {float(known.default)}
        ordered = tuple((int if whole else float)(value) for value in sorted(values))
        return cls(name, known.default, ordered, logarithmic, whole)

    def distance(self, value: float) -> float:
        """How far a value is from the base, on the scale of the parameter."""
        if self.logarithmic and value > 0 and self.baseline > 0:
            return float(abs(np.log(value / self.baseline)))
        return float(abs(value - self.baseline))


@dataclass(frozen=True)
class Question:
    """What is asked of a parameter: where two formulas swap places, or a level is reached or lost.

    `second` is a formula, or None where the first is compared with a level. A level is reached by
    a value equal to it.
    """

    first: str
    second: str | None
    level: float = 0.0

    @property
    def formulas(self) -> tuple[str, ...]:
        """Formulas that are needed."""
        return (self.first,) if self.second is None else (self.first, self.second)

    def signs(self, answers: pd.DataFrame) -> FloatArray:
        """1 above or at a level, -1 below it; of two formulas 0 at a tie; NaN without a figure."""
        first = answers[self.first].to_numpy(dtype=float)
        if self.second is not None:
            return np.asarray(np.sign(first - answers[self.second].to_numpy(dtype=float)))
        least = self.level - SLACK * max(1.0, abs(self.level))
        return np.where(np.isnan(first), np.nan, np.where(first >= least, 1.0, -1.0))

    def __str__(self) -> str:
        return self.first if self.second is None else f"{self.first} against {self.second}"

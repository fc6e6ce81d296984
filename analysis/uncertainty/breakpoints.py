"""Smallest change of one parameter that swaps two formulas, or pushes a measure past a level.

The parameter is moved over its range in coarse steps first, all else at the base: so it is known
whether, and how often, the answer turns. The turning point nearest to the base is then bisected.
Two turns between neighbouring steps cancel out and are not seen.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from analysis.errors import InputError
from analysis.impact.crossing import brackets, crossing
from analysis.impact.many import evaluate_many
from analysis.scenario import Scenario
from analysis.uncertainty.design_names import RULE, quantity

STEPS = 9
Answers = Callable[[Sequence[Any], Sequence[str]], pd.DataFrame]
"""Measure at values of a parameter for some formulas: (value, formula)."""


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
    """What is asked of a parameter: where the difference of two answers changes its sign.

    `second` is a formula, or None where the first is compared with a level.
    """

    first: str
    second: str | None
    level: float = 0.0

    @property
    def formulas(self) -> tuple[str, ...]:
        """Formulas that are needed."""
        return (self.first,) if self.second is None else (self.first, self.second)

    def gaps(self, answers: pd.DataFrame) -> list[float]:
        """Difference at each value."""
        other = self.level if self.second is None else answers[self.second]
        return [float(gap) for gap in answers[self.first] - other]

    def __str__(self) -> str:
        return self.first if self.second is None else f"{self.first} against {self.second}"


def answers_of(
    base: Scenario, name: str, table: str, measure: str, panel: Path | None = None
) -> Answers:
    """Answers by evaluating the base with one parameter changed, as a sweep does."""

    def answers(values: Sequence[Any], formulas: Sequence[str]) -> pd.DataFrame:
        chosen = base.with_(formula=",".join(formulas)) if formulas else base
        changed = [chosen.with_(**_change(base, name, value)) for value in values]
        found = evaluate_many(changed, (table,), panel)[table]
        if measure not in found:
            raise InputError(f"table {table} has no column '{measure}'")
        wide = found.pivot_table(measure, "point", "formula", sort=False, dropna=False)
        return wide.set_axis(list(values), axis="index")

    return answers


def _change(base: Scenario, name: str, value: Any) -> Mapping[str, Any]:
    prefix = f"{RULE}."
    if not name.startswith(prefix):
        return {name: value}
    return {RULE: {**base.rule_parameters, name.removeprefix(prefix): value}}


def breakpoints(
    moved: Moved, questions: Sequence[Question], answers: Answers, scan: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Turning point nearest to the base for each question on one parameter.

    Parameters
    ----------
    scan : answers at `moved.steps`, if they are known already.

    Returns
    -------
    DataFrame
        One row per question: `question`, `parameter`, `baseline`, `low`, `high` (of the scan),
        `value` (blank if there is none), `change` (value less baseline), `turns` (changes of sign
        over the range), `found` in words.
    """
    needed = list(dict.fromkeys(name for one in questions for name in one.formulas))
    seen = answers(moved.steps, needed) if scan is None else scan
    return pd.DataFrame([_row(moved, one, answers, one.gaps(seen)) for one in questions])


def _row(moved: Moved, asked: Question, answers: Answers, gaps: list[float]) -> dict[str, Any]:
    turns = brackets(gaps)
    at_base = moved.steps.index(moved.baseline)
    before = [one for one in turns if one[1] <= at_base]
    after = [one for one in turns if one[0] >= at_base]
    across = [one for one in turns if one[0] < at_base < one[1]]
    # A level answer at the base itself: it turns there, and nowhere nearer.
    value = float(moved.baseline) if across else float("nan")
    if not across:
        nearest = [*before[-1:], *after[:1]]
        values = [_refined(moved, asked, answers, gaps, one) for one in nearest]
        value = min(values, key=moved.distance, default=float("nan"))
    low, high = moved.steps[0], moved.steps[-1]
    return {
        "question": str(asked),
        "parameter": moved.name,
        "baseline": moved.baseline,
        "low": low,
        "high": high,
        "value": value,
        "change": value - moved.baseline,
        "turns": len(turns),
        "found": f"{value:.3g}" if np.isfinite(value) else f"none from {low:g} to {high:g}",
    }


def _refined(
    moved: Moved, asked: Question, answers: Answers, gaps: list[float], ends: tuple[int, int]
) -> float:
    """Turning point between two steps; of whole numbers the one next to the base that differs."""
    start, end = (moved.steps[place] for place in ends)
    if not moved.whole:

        def gap(value: float) -> float:
            return asked.gaps(answers([value], asked.formulas))[0]

        known = (gaps[ends[0]], gaps[ends[1]])
        return crossing(gap, (start, end), known, logarithmic=moved.logarithmic)
    between = list(range(start, end + 1))
    signs = np.sign(asked.gaps(answers(between, asked.formulas)))
    if start >= moved.baseline:
        return float(between[int(np.argmax(signs == np.sign(gaps[ends[1]])))])
    return float(between[::-1][int(np.argmax(signs[::-1] == np.sign(gaps[ends[0]])))])


def smallest(
    base: Scenario,
    names: Sequence[str],
    table: str,
    measure: str,
    questions: Callable[[pd.Series], Sequence[Question]],
    panel: Path | None = None,
    steps: int = STEPS,
) -> pd.DataFrame:
    """Breakpoints of several parameters, the nearest to the base first by share of the range.

    Parameters
    ----------
    questions : what is asked, from the measure by formula at the base.

    Returns
    -------
    DataFrame
        As of `breakpoints`, with `share_of_range`: distance from the base over that between the
        ends of the scan, on the parameter's scale. A parameter that cannot move over its range
        alone (another one bounds it) has a row that says so.
    """
    parts = []
    for name in names:
        moved = Moved.of(name, base, steps)
        answers = answers_of(base, name, table, measure, panel)
        today = answers([moved.baseline], ()).iloc[0]
        asked = list(questions(today))
        try:
            found = breakpoints(moved, asked, answers)
        except InputError as refusal:
            none = replace(moved, steps=(moved.baseline,))
            found = breakpoints(none, asked, answers).assign(found=f"cannot move alone: {refusal}")
        whole = moved.distance(moved.steps[0]) + moved.distance(moved.steps[-1])
        shares = found["value"].map(moved.distance) / whole
        parts.append(found.assign(share_of_range=shares))
    found = pd.concat(parts, ignore_index=True)
    return found.sort_values("share_of_range", kind="stable", ignore_index=True)

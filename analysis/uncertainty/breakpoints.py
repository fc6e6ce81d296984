"""Smallest change of one parameter that swaps two formulas, or pushes a measure past a level.

The parameter is moved over its range in coarse steps first, all else at the base: so it is known
whether, and how often, the answer turns. The turning point nearest to the base is then bisected.
Two turns between neighbouring steps cancel out and are not seen.

Measures are means over data sets. One exchange more is one more in that mean: it may be several
exchanges each with a chance (`marginal` says which). Of many pairs that are tried some are near to
a turn by luck; `tried` says how many there were.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from math import comb
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from analysis.errors import InputError
from analysis.impact.crossing import first_true, turns
from analysis.impact.many import evaluate_many
from analysis.market.panel import FloatArray
from analysis.scenario import Scenario
from analysis.uncertainty.design_names import RULE
from analysis.uncertainty.questions import STEPS, Moved, Question

__all__ = ["Answers", "Moved", "Question", "answers_of", "breakpoints", "smallest", "tried"]

Answers = Callable[[Sequence[Any], Sequence[str]], pd.DataFrame]
"""Measure at values of a parameter for some formulas: (value, formula)."""


def answers_of(
    base: Scenario, name: str, table: str, measure: str, panel: Path | None = None
) -> Answers:
    """Answers by evaluating the base with one parameter changed, as a sweep does."""

    def answers(values: Sequence[Any], formulas: Sequence[str]) -> pd.DataFrame:
        chosen = base.with_(formula=",".join(formulas)) if formulas else base
        changed = [chosen.with_(**change(base, name, value)) for value in values]
        found = evaluate_many(changed, (table,), panel)[table]
        if measure not in found:
            raise InputError(f"table {table} has no column '{measure}'")
        wide = found.pivot_table(measure, "point", "formula", sort=False, dropna=False)
        return wide.set_axis(list(values), axis="index")

    return answers


def change(base: Scenario, name: str, value: Any) -> Mapping[str, Any]:
    """What gives a parameter a value; one of a formula beside those that are given already."""
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
        `value` (next to the base at which the answer is another; blank if there is none),
        `change` (value less baseline), `turns` (changes of the answer over the scan), `found` in
        words: also that the base, or values next to the turn, have no figure.
    """
    needed = list(dict.fromkeys(name for one in questions for name in one.formulas))
    seen = answers(moved.steps, needed) if scan is None else scan
    return pd.DataFrame([_row(moved, one, answers, one.signs(seen)) for one in questions])


def _row(moved: Moved, asked: Question, answers: Answers, signs: FloatArray) -> dict[str, Any]:
    value, found = _nearest(moved, asked, answers, signs)
    return {
        "question": str(asked),
        "parameter": moved.name,
        "baseline": moved.baseline,
        "low": moved.steps[0],
        "high": moved.steps[-1],
        "value": value,
        "change": value - moved.baseline,
        "turns": turns(list(signs)),
        "found": found,
    }


def _nearest(
    moved: Moved, asked: Question, answers: Answers, signs: FloatArray
) -> tuple[float, str]:
    """Turning point nearest to the base, and what there is to say of it."""
    at = moved.steps.index(moved.baseline)
    if np.isnan(signs[at]):
        return float("nan"), "blank at the base"
    sides = [side[np.abs(side) == 1][:1] for side in (signs[:at][::-1], signs[at + 1 :])]
    beside = np.unique(np.concatenate(sides))
    if signs[at] == 0 and len(beside) != 1:
        # A tie at the base itself: it turns there and nowhere nearer, if it turns at all.
        return float(moved.baseline) if len(beside) else float("nan"), "a tie at the base"
    other = -(signs[at] or beside[0])
    known = dict(zip(moved.steps, signs, strict=True))

    def is_other(values: Sequence[Any]) -> list[bool]:
        found = asked.signs(answers(values, asked.formulas))
        known.update(zip(values, found, strict=True))
        return [bool(one) for one in found == other]

    below, above = np.flatnonzero(signs[:at] == other), np.flatnonzero(signs[at:] == other) + at
    ends = [(int(i) + 1, int(i)) for i in below[-1:]] + [(int(i) - 1, int(i)) for i in above[:1]]
    values = [_refined(moved, is_other, moved.steps[i], moved.steps[j]) for i, j in ends]
    if not values:
        blank = int(np.isnan(signs).sum())
        without = f"; {blank} of {len(signs)} values have no figure" if blank else ""
        return float("nan"), f"none from {moved.steps[0]:g} to {moved.steps[-1]:g}{without}"
    value = min(values, key=moved.distance)
    down = value < moved.baseline
    before = min(v for v in known if v > value) if down else max(v for v in known if v < value)
    unclear = " at most; values next to it have no figure" if np.isnan(known[before]) else ""
    return value, f"{value:.3g}{unclear}"


def _refined(
    moved: Moved, is_other: Callable[[Sequence[Any]], list[bool]], near: Any, far: Any
) -> float:
    """Value next to the near one at which the answer is the other; a blank is not the other."""
    if moved.whole:
        between = list(range(near, far, 1 if far > near else -1))[1:]
        answers = [*(is_other(between) if between else []), True]
        return float([*between, far][answers.index(True)])
    return first_true(is_other, near, far, logarithmic=moved.logarithmic)


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
        ends of the scan, on the parameter's scale; and `pairs`, pairs of formulas that have a
        figure at the base, out of which the questions may be. A parameter that cannot move over
        its range alone (another one bounds it) has a row that says so. No row where nothing is
        asked, as of the order of a single formula.
    """
    parts = []
    for name in names:
        moved = Moved.of(name, base, steps)
        answers = answers_of(base, name, table, measure, panel)
        today = answers([moved.baseline], ()).iloc[0]
        asked = list(questions(today))
        if not asked:
            continue
        try:
            found = breakpoints(moved, asked, answers)
        except InputError as refusal:
            none = replace(moved, steps=(moved.baseline,))
            found = breakpoints(none, asked, answers).assign(found=f"cannot move alone: {refusal}")
        whole = moved.distance(moved.steps[0]) + moved.distance(moved.steps[-1])
        shares = found["value"].map(moved.distance) / whole
        parts.append(found.assign(share_of_range=shares, pairs=comb(int(today.count()), 2)))
    if not parts:
        return pd.DataFrame(columns=["question", "parameter", "value", "share_of_range", "pairs"])
    found = pd.concat(parts, ignore_index=True)
    return found.sort_values("share_of_range", kind="stable", ignore_index=True)


def tried(found: pd.DataFrame) -> str:
    """How much was looked at to find the nearest, in one sentence.

    Parameters
    ----------
    found : what `smallest` returns, or several such tables below each other.
    """
    questions = found["question"].drop_duplicates()
    swaps = int(questions.str.contains(" against ").sum())
    asked = [
        *([f"{swaps} of {found['pairs'].max():,} pairs of formulas"] if swaps else []),
        *([f"a level under {len(questions) - swaps} of them"] if swaps < len(questions) else []),
    ]
    return (
        f"{len(found)} searches: {' and '.join(asked)}, along {found['parameter'].nunique()} "
        f"parameters; {int(found['value'].notna().sum())} found a turn"
    )

"""Sentences of the page on a sweep that depend on what the numbers turn out to be."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from analysis.report.prose import say, share
from analysis.report.sweep_texts import listed
from analysis.report.sweeps import number, parameter_label, sentence

SAME = 1e-9
SHOWN = 3
ENOUGH = 256
"""Base samples of a Sobol' design from which intervals of its indices hold about what they say."""
SKEWED = 2.0
FEW = 0.01
ONE_SIDED = 2 / 3
"""Share of the points on one side of the base from which the reason is told."""


def at_cells(cells: pd.DataFrame, pair: Sequence[str], value: float) -> str:
    """Where in a map of two levers a value lies, at every cell that has it.

    Parameters
    ----------
    cells : what `uncertainty.response.surface` gives, one formula.
    """
    same = cells[np.isclose(cells["median"], value, rtol=SAME, atol=0)]
    for moved, held in (pair, pair[::-1]):
        whole = same[moved].nunique() == cells[moved].nunique()
        if len(same[held].unique()) == 1 and whole:
            return f"{listed(same[[held]].iloc[0])}, whatever the {parameter_label(moved)}"
    told = [listed(row) for _, row in same[list(pair)].iterrows()]
    more = f" and {len(told) - SHOWN} others" if len(told) > SHOWN else ""
    return "; also at ".join(told[:SHOWN]) + more


def beside_base(
    values: pd.Series,
    base: float,
    baseline: Mapping[str, Any],
    ranges: Mapping[str, Mapping[str, Any]],
) -> str:
    """How the points of a formula lie about its base, and which ranges lie to one side of theirs.

    Parameters
    ----------
    values : the measure at the points of a sample.
    base : the measure where nothing is varied.
    baseline, ranges : value of each parameter there, and the range that a design draws it from.
    """
    room = SAME * abs(base)
    above, below = (values > base + room).mean(), (values < base - room).mean()
    edges = [
        parameter_label(name)
        for name, drawn in ranges.items()
        if "low" in drawn and baseline[name] in (drawn["low"], drawn["high"])
    ]
    told = f"The base, {number(base)}, is exceeded at {share(above)} of the points and "
    told += f"not reached at {share(below)}."
    if edges and max(above, below) > ONE_SIDED:
        told += f" It stands at an end of the range of {', '.join(edges)}, which draws to one side."
    return told


def moves(name: str, line: pd.DataFrame) -> str:
    """How a median goes from the low to the high end of a parameter, with a turn on the way.

    Parameters
    ----------
    line : rows of one formula of `uncertainty.response.along`, with `at` in order.
    """
    first, last = line.iloc[0], line.iloc[-1]
    ends = sorted([first["median"], last["median"]])
    told = (
        f"from {number(first['median'])} at {number(first['at'])} to {number(last['median'])} at "
        f"{number(last['at'])}"
    )
    room = SAME * max(abs(float(end)) for end in ends)
    for row, word in (
        (line.iloc[int(line["median"].to_numpy().argmax())], "highest"),
        (line.iloc[int(line["median"].to_numpy().argmin())], "lowest"),
    ):
        beyond = row["median"] - ends[1] if word == "highest" else ends[0] - row["median"]
        if beyond > room:
            told += f", {word} at {number(row['at'])} with {number(row['median'])}"
    return f"Along *{parameter_label(name)}* the median moves most: {told}."


def of_indices(mine: pd.DataFrame, base_samples: int | None) -> list[str]:
    """What must be known to read the intervals of indices of one formula.

    Parameters
    ----------
    mine : what `uncertainty.sensitivity.indices` gives, one formula.
    base_samples : N of a Sobol' design whose own estimator was used, else none.
    """
    told = []
    if mine["estimator"].iloc[0] == "whole_grid":
        told.append(
            "Every combination of the grid was run: the indices are exact for these values, each "
            "as likely as the next, and have no sampling noise."
        )
    if base_samples is not None and base_samples < ENOUGH:
        told.append(
            f"With {base_samples:,} base samples the intervals cover too little: for a function "
            "whose indices are known (Ishigami), intervals of 95 % held some of them in only 76 to "
            f"91 % of repetitions at 32 base samples. `samples: {ENOUGH}` is enough there."
        )
    shares = mine["index"].isin(["first", "total"])
    ends = mine.loc[shares, ["value", "low", "high"]].to_numpy(dtype=float)
    if (ends < -SAME).any() or (ends > 1 + SAME).any():
        told.append(
            "No index is really below 0 or above 1; estimates and ends of intervals that are, are "
            "sampling noise."
        )
    return told


def skewness(values: pd.Series) -> float:
    """Third standardised moment."""
    apart = values.to_numpy(dtype=float) - values.mean()
    return float((apart**3).mean() / (apart**2).mean() ** 1.5) if np.ptp(apart) > 0 else 0.0


def skewed(values: pd.Series) -> bool:
    """Whether few points decide about a variance: all positive, skewness above `SKEWED`."""
    return bool(values.min() > 0 and skewness(values) > SKEWED)


def few_decide(values: pd.Series, what: str) -> str:
    """How much of a variance the largest values make."""
    apart = ((values - values.mean()) ** 2).sort_index()
    most = values.nlargest(max(1, round(FEW * len(values)))).index
    held = float(apart.loc[most].sum() / apart.sum())
    return (
        f"The {what} is skewed (skewness {skewness(values):.1f}): the largest {share(FEW, 1)} of "
        f"the points make {share(held)} of its variance, so that few points decide about these "
        "indices."
    )


def not_shown(what: str, why: object) -> None:
    """One line in place of a figure: why this sweep cannot show it, and which design would."""
    say(f"*{what}: not shown.* {sentence(str(why))}.")


def unturned(turned: pd.DataFrame, words: Callable[[str], str]) -> list[str]:
    """One sentence per set of parameters that turn none of some questions."""
    none = turned[turned["value"].isna()]
    moves = none.assign(move=none["parameter"].map(parameter_label) + " (" + none["found"] + ")")
    by_question = moves.groupby("question", sort=False)["move"].agg(", ".join)
    return [
        f"*{sentence('; '.join(words(str(one)) for one in same.index))}*: not by {move}."
        for move, same in by_question.groupby(by_question, sort=False)
    ]

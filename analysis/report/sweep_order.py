"""The order of the formulas over a sweep: its chart, and what can be said of it."""

from __future__ import annotations

from collections.abc import Mapping

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from analysis.report.prose import share
from analysis.report.sweeps import BLUE, GREY, parameter_label

TOLD = 3
"""Pairs of formulas that are named."""


def order_chart(places: pd.DataFrame, titles: Mapping[str, str], interval: float) -> Figure:
    """Place of each formula: median, interval of the points, and all points as a thin line.

    Parameters
    ----------
    places : what `uncertainty.order.places` gives.
    """
    tails = [0.0, (1 - interval) / 2, 0.5, (1 + interval) / 2, 1.0]
    ends = places.quantile(tails).T.set_axis(["least", "low", "median", "high", "most"], axis=1)
    ends = ends.assign(mean=places.mean()).sort_values(["median", "mean"], kind="stable")
    figure, axes = plt.subplots(figsize=(8.5, 0.27 * len(ends) + 1.1))
    row = np.arange(len(ends))
    axes.hlines(row, ends["least"], ends["most"], color=GREY, linewidth=1)
    axes.hlines(row, ends["low"], ends["high"], color=BLUE, linewidth=4, alpha=0.5)
    axes.plot(ends["median"], row, "o", color=BLUE, markersize=4.5)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_yticks(row, [titles.get(str(name), str(name)) for name in ends.index])
    axes.set(
        ylim=(len(ends) - 0.4, -0.6),
        xlim=(0.5, len(ends) + 0.5),
        xlabel="place among the formulas, 1 the smallest",
    )
    return figure


def order_said(pairs: pd.DataFrame, titles: Mapping[str, str]) -> str:
    """How many pairs keep their order, and which are closest to changing it evenly.

    Parameters
    ----------
    pairs : what `uncertainty.order.pairs` gives, at least one row.
    """
    equal = pairs["equal"] == 1
    turned = (pairs["above"] > 0) & (pairs["below"] > 0)
    kept = len(pairs) - int(equal.sum()) - int(turned.sum())
    told = (
        f"Of {_counted(len(pairs), 'pair', 'pairs')} of formulas {_counted(kept, 'has', 'have')} "
        "one order wherever they differ"
    )
    if equal.any():
        told += f", {_counted(equal.sum(), 'is', 'are')} equal at every point"
    if not turned.any():
        return f"{told}; none changes places."
    even = pairs[turned].assign(less=pairs[["above", "below"]].min(axis=1))
    even = even.sort_values("less", ascending=False, kind="stable").head(TOLD)
    named = [
        f"*{titles.get(first, first)}* above *{titles.get(second, second)}* at {share(above)} of "
        f"the points{_by(cause)}"
        for first, second, above, cause in zip(
            even["first"], even["second"], even["above"], even["decided_by"], strict=True
        )
    ]
    closest = "most evenly" if turned.sum() > len(named) else "these"
    change = _counted(turned.sum(), "changes", "change")
    return f"{told}, and {change} places, {closest}: {'; '.join(named)}."


def _counted(count: int, one: str, more: str) -> str:
    return f"{count:,} {one if count == 1 else more}"


def _by(cause: str) -> str:
    return f" (the {parameter_label(cause)} alone decides)" if cause else ""

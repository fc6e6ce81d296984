"""Charts of sweeps by parameter: tornadoes, indices with intervals, value of information."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from analysis.report.sweeps import BLUE, GREY, ORANGE, measure_label, number, parameter_label

_KINDS = {
    "first": "first: alone",
    "total": "total: with interactions",
    "mu_star": "mean size of the effect",
    "sigma": "spread of the effect (interactions, curvature)",
}
_UNITS = {
    "first": "share of the variance",
    "mu_star": "change of the measure over the parameter's whole range",
}


def tornado(bars: pd.DataFrame, measure: str, middle: str, most: int = 15) -> Figure:
    """Bars from the base to the measure at both ends of each parameter, pale where not sure.

    Parameters
    ----------
    bars : rows of one formula of `uncertainty.tornado.moved_alone` or `at_tails`.
    middle : what the line between them is.
    """
    shown = bars.sort_values("span", ascending=False, kind="stable").head(most)
    figure, axes = plt.subplots(figsize=(8.5, 0.36 * len(shown) + 1.3))
    place, base = np.arange(len(shown)), float(shown["base"].iloc[0])
    for end, colour, shift in (("low", BLUE, -0.17), ("high", ORANGE, 0.17)):
        reached = shown[f"at_{end}"].to_numpy(dtype=float)
        drawn = axes.barh(place + shift, reached - base, left=base, color=colour, height=0.32)
        drawn.set_label(f"{end} end of the parameter")
        for bar, sure in zip(drawn, shown["sure"], strict=True):
            bar.set_alpha(1.0 if sure else 0.3)
    axes.axvline(base, color="black", linewidth=1)
    ends = zip(shown["parameter"], shown["low"], shown["high"], strict=True)
    names = [
        f"{parameter_label(name)} ({number(low)} to {number(high)})" for name, low, high in ends
    ]
    axes.set_yticks(place, names)
    axes.set(ylim=(len(shown) - 0.4, -0.6), xlabel=f"{measure_label(measure)}; line: {middle}")
    axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2, frameon=False)
    return figure


def index_bars(found: pd.DataFrame, most: int = 15) -> Figure:
    """First and total indices of one formula, or mean and spread of effects, with intervals."""
    kinds = list(found["index"].unique())
    largest = found.groupby("parameter")["value"].max().sort_values(ascending=False)
    names = list(largest.head(most).index)
    figure, axes = plt.subplots(figsize=(8.5, 0.42 * len(names) + 1.3))
    step = 0.76 / len(kinds)
    for turn, (kind, colour) in enumerate(zip(kinds, (BLUE, ORANGE), strict=False)):
        one = found[found["index"] == kind].set_index("parameter").loc[names]
        place = np.arange(len(names)) - 0.38 + (turn + 0.5) * step
        axes.barh(place, one["value"], height=step, color=colour, label=_KINDS[kind])
        axes.hlines(place, one["low"], one["high"], color="black", linewidth=1)
    axes.axvline(0, color="black", linewidth=0.8)
    axes.set_yticks(np.arange(len(names)), [parameter_label(name) for name in names])
    drawn = "" if found["low"].isna().all() else "; lines: interval"
    axes.set(ylim=(len(names) - 0.4, -0.6), xlabel=_UNITS[kinds[0]] + drawn)
    axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2, frameon=False)
    return figure


def worth_bars(found: pd.DataFrame, unit: str, most: int = 15) -> Figure:
    """Value of information by parameter, with its interval; grey where it is not above noise."""
    shown = found.head(most)
    figure, axes = plt.subplots(figsize=(8.5, 0.36 * len(shown) + 1.2))
    place = np.arange(len(shown))
    axes.barh(place, shown["value"], color=np.where(shown["above_noise"], BLUE, GREY), height=0.62)
    axes.hlines(place, shown["low"], shown["high"], color="black", linewidth=1)
    axes.plot(shown["noise"], place, "|", color=ORANGE, markersize=13, markeredgewidth=2)
    axes.set_yticks(place, [parameter_label(name) for name in shown["parameter"]])
    axes.set(ylim=(len(shown) - 0.4, -0.6), xlabel=f"{unit}; orange: what noise alone reaches")
    return figure

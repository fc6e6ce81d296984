"""Charts that several pages share: dots with bounds by formula, and exchanges against formulas."""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.colors import Normalize
from matplotlib.figure import Figure

from analysis.market.panel import FloatArray

NOT_AVAILABLE = "#E8E8E8"
"""Background of a cell without a value."""


def dots_with_bounds(
    axes: Axes, middle: FloatArray, low: FloatArray, high: FloatArray, colour: str = "#0072B2"
) -> None:
    """Draw one dot with its bounds per row, first row at the top.

    A bound that is not positive cannot stand on a log scale; the caller sets the scale first.

    Parameters
    ----------
    middle, low, high : array (row,)
    """
    place = np.arange(len(middle))
    axes.hlines(place, low, high, color=colour, linewidth=3, alpha=0.35)
    axes.plot(middle, place, "o", color=colour, markersize=5)
    axes.set_ylim(len(middle) - 0.4, -0.6)


def exchange_grid(
    colours: pd.DataFrame,
    texts: pd.DataFrame,
    *,
    colour_label: str,
    cmap: str = "cividis",
    norm: Normalize | None = None,
) -> Figure:
    """Heat map with one row per exchange and one column per formula, each cell with its text.

    Parameters
    ----------
    colours : DataFrame
        Values behind the colours; NaN is grey.
    texts : DataFrame of str
        Same index and columns.
    colour_label : str
        What the colours mean, with the unit.
    """
    rows, columns = colours.shape
    figure, axes = plt.subplots(figsize=(3.4 + 0.42 * columns, 1.9 + 0.29 * rows))
    axes.set_facecolor(NOT_AVAILABLE)
    sns.heatmap(
        colours,
        annot=texts,
        fmt="",
        cmap=cmap,
        norm=norm,
        ax=axes,
        linewidths=0.4,
        annot_kws={"fontsize": 7},
        cbar_kws={"label": colour_label, "shrink": 0.6, "aspect": 30},
    )
    for row, column in np.argwhere(colours.isna().to_numpy()):
        text = texts.iloc[row, column]
        axes.text(column + 0.5, row + 0.5, text, ha="center", va="center", fontsize=7)
    axes.set(xlabel="", ylabel="")
    axes.set_xticklabels(colours.columns, rotation=40, ha="right", rotation_mode="anchor")
    axes.tick_params(labelsize=7.5)
    axes.set_yticklabels(colours.index, rotation=0)
    return figure


def spread(values: Sequence[float], gap: float) -> FloatArray:
    """Places for labels near `values`, at least `gap` apart and in the same order.

    Labels that would overlap are moved up and down around their common middle.

    Parameters
    ----------
    values : places wanted, in the units of `gap` (logs of values on a log scale).
    gap : smallest distance between two labels, not negative.
    """
    wanted = np.asarray(values, dtype=float)
    order = np.argsort(wanted, kind="stable")
    # Blocks of labels that touch, as (first place, labels, sum of first places wanted).
    blocks: list[tuple[float, int, float]] = []
    for value in wanted[order]:
        start, count, total = float(value), 1, float(value)
        while blocks and blocks[-1][0] + gap * blocks[-1][1] > start:
            before = blocks.pop()
            total = before[2] + total - count * gap * before[1]
            count += before[1]
            start = total / count
        blocks.append((start, count, total))
    result = np.empty_like(wanted)
    result[order] = [start + gap * step for start, count, _ in blocks for step in range(count)]
    return result

"""Charts that several pages share: dots with bounds by formula, and exchanges against formulas."""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm, Normalize
from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter, StrMethodFormatter
from numpy.typing import ArrayLike, NDArray

from analysis.market.panel import FloatArray

LABEL_POINTS = 10.5
"""Least distance between the middles of two line labels, points."""

LEAST = 0.01
"""Smallest value with a colour of its own on a log scale."""

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
    log: bool = False,
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
    norm : Normalize, optional
        Scale of the colours; from the smallest to the largest value by default.
    log : bool
        Whether the colours stand for logs; a value that is not positive is then grey.
    """
    if log:
        colours = colours.where(colours > 0)
        norm = _log_norm(colours.to_numpy(dtype=float))
    rows, columns = colours.shape
    figure, axes = plt.subplots(figsize=(3.3 + 0.42 * columns, 1.9 + 0.29 * rows))
    axes.set_facecolor(NOT_AVAILABLE)
    axes.grid(visible=False)
    values = colours.to_numpy(dtype=float)
    mesh = axes.pcolormesh(
        np.ma.masked_invalid(values), cmap=cmap, norm=norm, edgecolors="white", linewidth=0.4
    )
    inks = np.where(np.isnan(values), "black", readable_on(mesh.to_rgba(values)))
    for (row, column), ink in np.ndenumerate(inks):
        text = axes.text(
            column + 0.5,
            row + 0.5,
            str(texts.iloc[row, column]),
            ha="center",
            va="center",
            fontsize=7,
            color=str(ink),
        )
        text.set_in_layout(False)  # inside its cell; measuring hundreds of texts takes seconds
    axes.set_xticks(np.arange(columns) + 0.5, colours.columns, rotation=40)
    plt.setp(axes.get_xticklabels(), ha="right", rotation_mode="anchor")
    axes.set_yticks(np.arange(rows) + 0.5, colours.index)
    axes.set_ylim(rows, 0)
    axes.tick_params(labelsize=7.5)
    bar = figure.colorbar(mesh, ax=axes, label=colour_label, shrink=0.6, aspect=30)
    bar.ax.yaxis.set_major_formatter(StrMethodFormatter("{x:,.10g}"))
    bar.ax.yaxis.set_minor_formatter(NullFormatter())
    return figure


def _log_norm(values: FloatArray) -> LogNorm:
    """From the smallest value, at least `LEAST`, over at least a factor of ten."""
    known = values[np.isfinite(values)]
    low = max(float(known.min(initial=np.inf)), LEAST) if known.size else 1.0
    return LogNorm(low, max(float(known.max(initial=low)), 10 * low))


def readable_on(colours: ArrayLike) -> NDArray[np.str_]:
    """Black on light, white on dark: relative luminance of WCAG 2.1 above the even point.

    Parameters
    ----------
    colours : array (..., 4), red, green, blue and alpha between 0 and 1.
    """
    channels = np.asarray(colours, dtype=float)[..., :3]
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return np.where(linear @ (0.2126, 0.7152, 0.0722) > 0.179, "black", "white")


def label_lines(figure: Figure, axes: Axes, lines: pd.DataFrame, colours: Sequence[str]) -> None:
    """Write the name of each line to the right of the axes, none over another.

    Lines must end at the right limit, and limits and scale must be final.

    Parameters
    ----------
    lines : DataFrame
        One column per line, named as its label; last row at the right limit.
    colours : sequence of str
        One per column, for the leaders between line and name.
    """
    figure.draw_without_rendering()  # settles the height in which labels are spread
    across = axes.get_yaxis_transform()
    ends = axes.transData.transform([(axes.get_xlim()[1], value) for value in lines.iloc[-1]])
    places = spread(list(ends[:, 1]), LABEL_POINTS * figure.dpi / 72)
    heights = axes.transAxes.inverted().transform([(0.0, place) for place in places])[:, 1]
    for name, value, height, colour in zip(lines, lines.iloc[-1], heights, colours, strict=True):
        axes.annotate(
            str(name),
            xy=(1.0, value),
            xycoords=across,
            xytext=(1.04, height),
            textcoords="axes fraction",
            fontsize=7.5,
            va="center",
            annotation_clip=False,
            arrowprops={
                "arrowstyle": "-",
                "color": colour,
                "linewidth": 0.8,
                "relpos": (0, 0.5),
                "shrinkA": 0,
                "shrinkB": 0,
            },
        )


def distinct(lines: pd.DataFrame) -> pd.DataFrame:
    """Columns that hold the same numbers drawn once, the label saying how many more there are."""
    same = lines.apply(lambda column: " ".join(f"{value:.9g}" for value in column))
    first, number = ~same.duplicated(), same.map(same.value_counts())
    labels = [f"{name} (+{more - 1})" if more > 1 else str(name) for name, more in number.items()]
    return lines.set_axis(labels, axis="columns").loc[:, first.to_numpy()]


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

"""A timeline in lanes: dated events with short labels that do not cover one another."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis.market.panel import FloatArray
from analysis.report.points import text_width

SIZE = 7.5  # points, of the labels
GAP = 6.0  # points between a dot and its label
ROW = 0.19  # inches
MARGIN = 0.14  # left part of the width that carries the names of the lanes
# Without the pink and the yellow, which are too pale for a dot on white.
_COLOURS = [colour for n, colour in enumerate(sns.color_palette("colorblind")) if n not in (6, 8)]


def timeline(
    events: pd.DataFrame,
    lanes: Sequence[str],
    spans: Sequence[tuple[str, str]],
    width: float = 10.0,
) -> Figure:
    """Dated events in lanes, one panel per span of time, each with its own scale.

    A label stands right of its dot, or left of it where it would leave the picture. What has not
    happened yet is a ring. Events of a lane that would cover one another take further rows.

    Parameters
    ----------
    events : DataFrame
        Columns date (YYYY, YYYY-MM or YYYY-MM-DD), label, category, happened.
    lanes : sequence of str
        Categories from the top down; a lane without an event in a span is left out.
    spans : sequence of (str, str)
        First day of each panel and the day after its last.
    width : float
        Inches.
    """
    dated = events.assign(day=days(events["date"]))
    panels = [
        placed(dated[(dated["day"] >= first) & (dated["day"] < end)], lanes, (first, end), width)
        for first, end in spans
    ]
    heights = [1 + panel["row"].max() for panel in panels]
    figure, grid = plt.subplots(
        len(spans), 1, height_ratios=heights, figsize=(width, ROW * (sum(heights) + 4 * len(spans)))
    )
    figure.subplots_adjust(left=MARGIN, right=1.0, hspace=6 / sum(heights))
    colours = dict(zip(lanes, itertools.cycle(_COLOURS), strict=False))
    for axes, panel, span in zip(np.atleast_1d(grid), panels, spans, strict=True):
        here = set(panel["category"])
        _draw(axes, panel, {lane: colours[lane] for lane in lanes if lane in here})
        axes.set_xlim(*pd.to_datetime(list(span)))
    return figure


def days(dates: pd.Series) -> pd.Series:
    """First day of dates written as YYYY, YYYY-MM or YYYY-MM-DD."""
    return pd.to_datetime(dates.astype(str).str.slice(0, 10) + dates.str.len().map(_REST))


_REST = {4: "-01-01", 7: "-01", 10: ""}


def placed(
    events: pd.DataFrame, lanes: Sequence[str], span: tuple[str, str], width: float
) -> pd.DataFrame:
    """Events of one panel with the row of each and whether its label stands on the left.

    Returns
    -------
    DataFrame
        `events` by lane and day, with columns row, leftward, and start and end (days since 1970
        that dot and label take up).
    """
    low, high = _number(pd.Series(pd.to_datetime(list(span))))
    per_point = (high - low) / (width * 72 * (1 - MARGIN))
    dot, parts, first = GAP * per_point, [], 0
    for lane in lanes:
        mine = events[events["category"] == lane].sort_values("day").copy()
        day = _number(mine["day"])
        long = np.array([text_width(label, SIZE) for label in mine["label"]]) * per_point
        leftward = day + dot + long > high
        start = np.where(leftward, day - dot - long, day - dot)
        end = np.where(leftward, day + dot, day + 2 * dot + long)
        rows = [first + row for row in stacked(start.tolist(), end.tolist())]
        mine = mine.assign(leftward=leftward, start=start, end=end, row=rows)
        first = max(rows, default=first - 1) + 1
        parts.append(mine)
    return pd.concat(parts)


def stacked(starts: Sequence[float], ends: Sequence[float]) -> list[int]:
    """Lowest free row of each interval, so that no two intervals of a row overlap.

    Examples
    --------
    >>> stacked([0.0, 1.0, 5.0], [4.0, 3.0, 6.0])
    [0, 1, 0]
    """
    rows: list[list[tuple[float, float]]] = []
    chosen = []
    for start, end in zip(starts, ends, strict=True):
        free = (all(e <= start or end <= s for s, e in row) for row in rows)
        row = next((number for number, is_free in enumerate(free) if is_free), len(rows))
        if row == len(rows):
            rows.append([])
        rows[row].append((start, end))
        chosen.append(row)
    return chosen


def _number(day: pd.Series) -> FloatArray:
    """Days since 1970, as matplotlib counts them, shape (event,)."""
    return np.asarray((day - pd.Timestamp(0)) / pd.Timedelta(days=1), dtype=np.float64)


def _draw(axes: Axes, panel: pd.DataFrame, colours: dict[str, tuple[float, float, float]]) -> None:
    for number, (lane, colour) in enumerate(colours.items()):
        mine = panel[panel["category"] == lane]
        top, bottom = mine["row"].min() - 0.5, mine["row"].max() + 0.5
        axes.axhspan(top, bottom, color="0.94" if number % 2 else "white", zorder=0)
        axes.text(
            -0.01,
            (top + bottom) / 2,
            lane,
            transform=axes.get_yaxis_transform(),
            ha="right",
            va="center",
            fontsize=8.5,
            fontweight="bold",
        )
        for happened, face in ((True, colour), (False, "white")):
            dots = mine[mine["happened"] == happened]
            axes.plot(
                dots["day"], dots["row"], "o", color=colour, markerfacecolor=face, markersize=5
            )
        for label, day, row, leftward in mine[["label", "day", "row", "leftward"]].to_numpy():
            axes.annotate(
                label,
                (day, row),
                xytext=(-GAP if leftward else GAP, 0),
                textcoords="offset points",
                ha="right" if leftward else "left",
                va="center_baseline",
                fontsize=SIZE,
            )
    axes.set(ylim=(panel["row"].max() + 0.5, -0.5), yticks=[])
    axes.grid(axis="y", visible=False)

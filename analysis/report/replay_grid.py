"""Heat map of past losses and formulas: what share each would have paid, and how sure that is."""

from __future__ import annotations

from collections.abc import Mapping

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from analysis.impact.replay_summary import NOTHING, known
from analysis.report.charts import NOT_AVAILABLE, readable_on

NO_LOSS, UNKNOWN = "–", "?"
HEAD = 0.75
"""Inches above the cells for the names of the losses."""


def replay_grid(
    replayed: pd.DataFrame,
    rows: Mapping[str, str],
    columns: Mapping[str, str],
    *,
    width: float,
    bounds: bool,
) -> Figure:
    """One row per formula and one column per loss, each cell with the per cent paid at once.

    A cell has the colour of the central figure, or, hatched, of the lower bound where only bounds
    are known. Grey: not known (?), or customers lost nothing (–).

    Parameters
    ----------
    replayed : DataFrame
        From `analysis.impact.replay.replay`.
    rows, columns : mapping
        Label by formula and by incident, in the order to show.
    width : of a cell, inches.
    bounds : whether bounds are written beside a central figure; without, they are rounded to fit.
    """
    size = (4.4 + width * len(columns), HEAD + 0.24 * max(len(rows), 5))
    figure, axes = plt.subplots(figsize=size)
    axes.set(facecolor=NOT_AVAILABLE)
    axes.grid(visible=False)
    told = dict(replayed.set_index(["formula", "incident"]).iterrows())
    order = [[told[formula, incident] for incident in columns] for formula in rows]
    texts = np.array([[cell_text(row, bounds=bounds) for row in line] for line in order])
    silent = np.isin(texts, [NO_LOSS, UNKNOWN])
    shares = [
        [row.fillna({"paid_share": row["low"]})["paid_share"] for row in line] for line in order
    ]
    values = np.ma.masked_where(silent, 100 * np.array(shares, dtype=float))
    mesh = axes.pcolormesh(
        values, cmap="cividis", vmin=0, vmax=100, edgecolors="white", linewidth=0.4
    )
    fills = mesh.to_rgba(values)
    for (place, column), text in np.ndenumerate(texts):
        fill, quiet = fills[place, column], bool(silent[place, column])
        hatched = np.isnan(order[place][column]["paid_share"]) and "–" in text and not quiet
        ink = "black" if quiet else str(readable_on(fill))
        _write(axes, (column, place), str(text), ink, tuple(fill) if hatched else None)
    _dress(axes, list(rows.values()), list(columns.values()))
    figure.colorbar(mesh, ax=axes, label="% paid at once\n(hatched: at least)", aspect=30)
    return figure


def _dress(axes: Axes, rows: list[str], columns: list[str]) -> None:
    """Names at the left and on top, first row at the top, no frame."""
    axes.set_ylim(len(rows), 0)
    axes.xaxis.tick_top()
    axes.set_xticks(np.arange(len(columns)) + 0.5, columns)
    axes.set_yticks(np.arange(len(rows)) + 0.5, rows)
    axes.tick_params(labelsize=7.5, length=0)
    for edge in axes.spines.values():
        edge.set_visible(False)


def cell_text(row: pd.Series, *, bounds: bool) -> str:
    """Per cent paid: a number, a number with bounds, bounds alone, or a sign for none.

    Examples
    --------
    >>> row = pd.Series({"loss_jpy_mn": 5.0, "paid_share": 0.066, "low": 0.02, "high": 0.5})
    >>> cell_text(row, bounds=True), cell_text(row.replace(0.066, np.nan), bounds=False)
    ('6.6 (2.0–50)', '2–50')
    """
    if row["loss_jpy_mn"] == 0:
        return NO_LOSS
    number = _number if bounds else _whole
    between = f"{number(row['low'])}–{number(row['high'])}"
    if np.isnan(row["paid_share"]):
        same = row["high"] - row["low"] < NOTHING
        return (_number(row["low"]) if same else between) if known(row) else UNKNOWN
    apart = row["high"] - row["low"] >= NOTHING and bounds
    return _number(row["paid_share"]) + (f" ({between})" if apart else "")


def _number(share: float) -> str:
    per_cent = 100 * share
    return f"{per_cent:.1f}" if 0.05 <= per_cent < 9.95 else f"{per_cent:.0f}"


def _whole(share: float) -> str:
    return "<1" if 0.0005 <= share < 0.005 else f"{100 * share:.0f}"


def _write(
    axes: Axes,
    corner: tuple[int, int],
    text: str,
    ink: str,
    hatched: tuple[float, ...] | None,
) -> None:
    """Text of a cell; stripes and a plain field behind the text where it is hatched."""
    column, place = corner
    label = axes.text(
        column + 0.5, place + 0.5, text, ha="center", va="center", fontsize=7, color=ink
    )
    label.set_in_layout(False)  # inside its cell; measuring hundreds of texts takes seconds
    if hatched is None:
        return
    stripes = Rectangle(corner, 1, 1, fill=False, edgecolor=ink, lw=0, hatch="//////", alpha=0.45)
    axes.add_patch(stripes).set_in_layout(False)
    label.set_bbox({"facecolor": hatched, "edgecolor": "none", "pad": 0.8})
